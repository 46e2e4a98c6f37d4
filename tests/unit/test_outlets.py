"""Who is expected to show a message, with the imported list of outlets."""

from __future__ import annotations

import pytest

from shared.outlets import ExpectedOutlet, expected_to_show, merged

LISTED = [
    ExpectedOutlet(outlet="JKT-001", pcs=["till-1", "till-2"], channels=["Channel 1"]),
    ExpectedOutlet(outlet="BDG-002", channels=["Channel 2"]),
    ExpectedOutlet(outlet="SBY-003"),
]


@pytest.mark.parametrize(
    ("channels", "seen", "expected"),
    [
        (["Channel 1"], [], ["JKT-001/till-1", "JKT-001/till-2"]),
        (["Channel 1"], ["JKT-001/till-1"], ["JKT-001/till-1", "JKT-001/till-2"]),
        (["Channel 2"], [], ["BDG-002/"]),
        (["Channel 2"], ["BDG-002/kasir"], ["BDG-002/kasir"]),
        (["Channel 3"], ["DPS-009/x"], ["DPS-009/x"]),
        (["*"], [], ["BDG-002/", "JKT-001/till-1", "JKT-001/till-2", "SBY-003/"]),
        (["*"], ["SBY-003/a", "SBY-003/b"], None),
    ],
)
def test_who_is_listed_is_expected_until_seen_and_counted_once(
    channels: list[str], seen: list[str], expected: list[str] | None
) -> None:
    names = expected_to_show(LISTED, channels, seen)
    if expected is None:
        expected = ["BDG-002/", "JKT-001/till-1", "JKT-001/till-2", "SBY-003/a", "SBY-003/b"]
    assert sorted(names) == expected


def test_several_lines_of_one_outlet_become_one() -> None:
    lines = [
        ExpectedOutlet(outlet="A", pcs=["1"], channels=["x"]),
        ExpectedOutlet(outlet="B"),
        ExpectedOutlet(outlet="A", name="Shop", pcs=["2", "1"], channels=["x", "y"]),
    ]
    assert merged(lines) == [
        ExpectedOutlet(outlet="A", name="Shop", pcs=["1", "2"], channels=["x", "y"]),
        ExpectedOutlet(outlet="B"),
    ]
