"""Who is there: PCs and outlets, from the registry and the imported list."""

from __future__ import annotations

import pytest

from admin_app.outlets import Standing, compare, natural_key, overview, overview_steps, without
from shared.bus import ChannelInfo, EndpointReport
from shared.documents import Entries
from shared.outlets import ExpectedOutlet, OutletList

NOW = 1_800_000_000_000
SINCE = NOW - 120_000


def report(name: str, seen_at: int = NOW, *, left: bool = False) -> EndpointReport:
    """What *name* (outlet/pc) said last."""
    outlet, _, pc = name.partition("/")
    return EndpointReport(
        outlet=outlet,
        pc=pc,
        channels=["Channel 1"],
        version="1",
        system="test",
        instance=name,
        machine=name,
        started_at=NOW,
        seen_at=seen_at,
        left=left,
    )


LISTED = [
    ExpectedOutlet(outlet="A", name="Kemang", pcs=["1", "2"], channels=["Channel 1"]),
    ExpectedOutlet(outlet="B"),
    ExpectedOutlet(outlet="C"),
]
SEEN = [
    report("C/x"),
    report("A/1"),
    report("D/off", left=True),
    report("E/1"),
    report("E/10", SINCE - 1),
    report("E/2", SINCE),
    report("F/quiet", SINCE - 1),
    report("F/off", left=True),
]


def test_pcs_and_outlets_stand_as_they_do() -> None:
    seen = overview(SEEN, LISTED, SINCE)
    assert {row.key: row.standing.value for row in seen.pcs} == {
        "A/1": "connected",
        "A/2": "never",
        "B/": "never",
        "C/x": "connected",
        "D/off": "off",
        "E/1": "connected",
        "E/2": "connected",
        "E/10": "silent",
        "F/off": "off",
        "F/quiet": "silent",
    }
    assert [(one.outlet, one.standing.value, one.connected, one.pcs) for one in seen.outlets] == [
        ("A", "partly", 1, 2),
        ("B", "never", 0, 1),
        ("C", "connected", 1, 1),
        ("D", "off", 0, 1),
        ("E", "partly", 2, 3),
        ("F", "silent", 0, 2),
    ]
    assert [row.key for row in seen.pcs if row.listed] == ["A/1", "A/2", "B/", "C/x"]
    assert seen.counts()[Standing.PARTLY] == 2
    assert seen.pcs[0].name == "Kemang"


def test_the_work_is_done_in_steps() -> None:
    many = Entries([report(f"A/{number}") for number in range(1200)])
    *steps, last = overview_steps(many, OutletList([]), SINCE, NOW)
    assert steps == [None] * len(steps)
    assert len(steps) >= 3
    assert last is not None
    assert len(last.pcs) == 1200


def test_names_are_sorted_as_people_count() -> None:
    names = ["JKT-10", "jkt-2", "BDG-1", "JKT-2b", "", "2", "10"]
    assert sorted(names, key=natural_key) == ["", "2", "10", "BDG-1", "jkt-2", "JKT-2b", "JKT-10"]


def test_the_order_of_100_000_invented_names_stays_cheap() -> None:
    """With 50 numbers in each, a report of them kept the window from everything for 1 s a time."""
    assert len(natural_key("9a" * 50)) < 100 + 8 * 12
    assert natural_key("a2" * 8) < natural_key("a10" * 8)


def test_a_new_list_says_what_it_changes() -> None:
    fresh = [
        ExpectedOutlet(outlet="A", channels=["Channel 1", "Chanel 2"]),
        ExpectedOutlet(outlet="N", channels=["Old"]),
    ]
    offered = [ChannelInfo("Channel 1", "x"), ChannelInfo("Old", "Old", retired=True)]
    change = compare(LISTED, fresh, offered)
    assert (change.total, change.new, change.gone) == (2, 1, 2)
    assert change.strange == ["Chanel 2", "Old"]


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["A/2"], [("A", ["1"]), ("B", []), ("C", [])]),
        (["A/1", "A/2"], [("B", []), ("C", [])]),
        (["B/", "C/x"], [("A", ["1", "2"])]),
        (["D/off"], None),
    ],
)
def test_what_is_removed_leaves_the_list_too(
    keys: list[str], left: list[tuple[str, list[str]]] | None
) -> None:
    rows = [row for row in overview(SEEN, LISTED, SINCE).pcs if row.key in keys]
    kept = without(LISTED, rows)
    assert (None if kept is None else [(one.outlet, one.pcs) for one in kept]) == left
