"""Who a PC is: names from patterns, ids that belong to one machine, rivals."""

from __future__ import annotations

import pytest

from shared.errors import Problem
from shared.identity import endpoint_of, instance_id, machine_id, os_user
from shared.settings import Settings

PATTERN = r"(?P<outlet>[A-Z]+-[0-9]+)-(?P<pc>.+)"


@pytest.mark.parametrize(
    ("settings", "host", "expected"),
    [
        (Settings(), "host", "host/host"),
        (Settings(outlet="JKT-1"), "host", "JKT-1/host"),
        (Settings(outlet_pattern=PATTERN), "JKT-014-till2", "JKT-014/till2"),
        (Settings(outlet_pattern=PATTERN, pc="left"), "JKT-014-till2", "JKT-014/left"),
        (Settings(outlet_pattern=PATTERN, outlet="X"), "JKT-014-till2", "X/till2"),
        (Settings(outlet_pattern=r"(?P<outlet>.+)"), "SHOP", "SHOP/SHOP"),
        (Settings(), "a/b", "a-b/a-b"),
    ],
)
def test_names_come_from_settings_then_pattern_then_host(
    settings: Settings, host: str, expected: str
) -> None:
    problems: list[Problem] = []
    assert str(endpoint_of(settings, host, problems)) == expected
    assert problems == []


def test_a_pattern_that_does_not_fit_is_said_and_the_host_name_serves() -> None:
    problems: list[Problem] = []
    assert str(endpoint_of(Settings(outlet_pattern=PATTERN), "laptop", problems)) == "laptop/laptop"
    assert "does not fit this PC's name, 'laptop'" in problems[0].sentence


def test_an_instance_id_stays_on_its_machine_and_a_clone_draws_its_own() -> None:
    facts: dict[str, str] = {}
    first = instance_id(facts.get, facts.__setitem__, "machine one")
    assert instance_id(facts.get, facts.__setitem__, "machine one") == first
    clone = dict(facts)
    second = instance_id(clone.get, clone.__setitem__, "machine two")
    assert second != first
    assert instance_id(clone.get, clone.__setitem__, "machine two") == second


def test_the_machine_s_fingerprint_is_stable_and_short() -> None:
    assert machine_id() == machine_id()
    assert len(machine_id()) == 16


def test_a_login_name_that_is_no_text_can_be_stored_and_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "sari\udcff")
    assert os_user().encode() == b"sari"
