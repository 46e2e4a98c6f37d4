"""This PC's time zone: by its IANA name where that is what the system goes by, else its offset."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzlocal

from admin_app.zones import local_zone, name_of, wall_time, zone_named
from tests.conftest import LogGuard

WINTER = 1_795_500_000_000
"""24 November 2026."""
SetZone = Callable[[str], None]


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Jakarta", "Asia/Jakarta"),
        ("UTC", "UTC"),
    ],
)
def test_the_zone_has_the_name_that_the_system_gives_it(
    set_zone: SetZone, system: str, name: str
) -> None:
    set_zone(system)
    assert name_of(local_zone(WINTER)) == name


@pytest.mark.parametrize(
    ("system", "hours"), [("WIB-7", 7), ("EST5EDT,M3.2.0,M11.1.0", -5), ("GMT0BST", 0), (":/x", 0)]
)
def test_rules_and_files_without_a_name_leave_the_offset(
    set_zone: SetZone, system: str, hours: int
) -> None:
    """tzlocal passes them over, and reads the system's files, which do not count here."""
    set_zone(system)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zone = local_zone(WINTER)
    assert wall_time(WINTER, zone).utcoffset() == timedelta(hours=hours)
    assert name_of(zone) in ("", "Etc/UTC")


@pytest.mark.parametrize(
    "error",
    [KeyError("conflicting"), ValueError("x"), OSError("x"), AttributeError("x"), TypeError("x")],
)
def test_a_system_that_tells_no_zone_leaves_the_offset(
    set_zone: SetZone, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails() -> ZoneInfo:
        warnings.warn("no time zone is configured", stacklevel=1)
        raise error

    set_zone("Asia/Jakarta")
    monkeypatch.setattr(tzlocal, "reload_localzone", fails)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zone = local_zone(WINTER)
    assert (name_of(zone), wall_time(WINTER, zone).utcoffset()) == ("", timedelta(hours=7))


def test_a_zone_that_is_another_than_the_system_s_is_not_believed(
    set_zone: SetZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have the same time in winter."""
    set_zone("Europe/London")
    monkeypatch.setattr(tzlocal, "reload_localzone", lambda: ZoneInfo("Africa/Abidjan"))
    assert name_of(local_zone(WINTER)) == ""


def test_every_name_that_iana_has_is_looked_up() -> None:
    names = {name for name in available_timezones() if name != "localtime"}
    assert [name for name in names if zone_named(name) is None] == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../../etc/passwd",
        "Europe/../../../../etc/passwd",
        "Europe",
        "Europe/",
        "Europe/Berlin\n",
        "Europe/Berlin\0",
        "A" * 100_000,
        "CON",
        "COM1",
        "localtime",
        "Ä/Ö",
        "posixrules",
        "right/Europe/Berlin",
        "tzdata.zi",
        "\ud800",
    ],
)
def test_no_other_name_is(name: str, log_guard: LogGuard, tmp_path: Path) -> None:
    log_guard.expect("is not known here")
    zone_named.cache_clear()
    assert zone_named(name) is None


def test_times_beyond_what_c_libraries_know_have_a_wall_time() -> None:
    assert wall_time(199_999_999_999_999, ZoneInfo("Europe/Berlin")).year == 8307
    assert wall_time(0, UTC) == datetime(1970, 1, 1, tzinfo=UTC)
