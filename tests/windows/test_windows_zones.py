"""The PC's time zone by Windows' names: each that tzlocal knows, and what leaves the offset.

The clock decides whether a name is believed. Wine's own follows Linux, whatever the registry says,
so nearly all names stand for another zone than the clock's there, and leave the offset.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

if sys.platform != "win32":
    pytest.skip("names of time zones as Windows has them", allow_module_level=True)

import winreg

from tzlocal.windows_tz import win_tz

from admin_app import zones
from admin_app.zones import local_zone, name_of, wall_time
from tests.windows.registry import HKLM

PLACE = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
KEY_NAME, NO_SUMMER = "TimeZoneKeyName", "DynamicDaylightTimeDisabled"
NOW = 1_795_500_000_000
"""24 November 2026."""
Row = tuple[object, int]


class Zone:
    """What the registry says of the PC's zone."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def get(self, name: str) -> Row | None:
        """One value with its type."""
        try:
            return winreg.QueryValueEx(self._key, name)
        except FileNotFoundError:
            return None

    def put(self, name: str, row: Row | None) -> None:
        """Set one value, or remove it."""
        if row is not None:
            winreg.SetValueEx(self._key, name, 0, row[1], row[0])
        elif self.get(name) is not None:
            winreg.DeleteValue(self._key, name)

    def name(self, text: str) -> None:
        """Let the PC's zone be the one that Windows calls *text*."""
        self.put(KEY_NAME, (text, winreg.REG_SZ))


@pytest.fixture
def zone() -> Iterator[Zone]:
    """The PC's zone, as it was after the test."""
    try:
        key = winreg.OpenKey(HKLM, PLACE, 0, winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY)
    except PermissionError:
        pytest.skip("needs the rights of an administrator: the zone of the whole PC")
    with key:
        found = Zone(key)
        before = {name: found.get(name) for name in (KEY_NAME, NO_SUMMER)}
        yield found
        for name, row in before.items():
            found.put(name, row)


def offset_of_this_pc(at_ms: int = NOW) -> timedelta | None:
    """What the clock of this PC is ahead of UTC."""
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone().utcoffset()
    )


def is_offset(found: tzinfo) -> bool:
    """Whether *found* has no name, and the offset of this PC."""
    return not name_of(found) and wall_time(NOW, found).utcoffset() == offset_of_this_pc()


def agrees(iana: str) -> bool:
    """Whether this PC's clock goes by *iana* through the year from now."""
    quarters = (NOW + count * 91 * 86_400_000 for count in range(4))
    return all(
        wall_time(at, ZoneInfo(iana)).utcoffset() == offset_of_this_pc(at) for at in quarters
    )


def test_each_of_windows_names_is_the_iana_zone_where_the_clock_goes_by_it(zone: Zone) -> None:
    assert len(win_tz) > 130
    for windows, iana in win_tz.items():
        zone.name(windows)
        named = zones._named_by_system()
        assert named is not None, windows
        assert named.key == iana
        found = local_zone(NOW)
        assert name_of(found) == iana if agrees(iana) else is_offset(found), windows


@pytest.mark.parametrize(
    "name", ["", "Nowhere Standard Time", "tzres.dll,-322", "x" * 4000, "\ud800"]
)
def test_a_name_that_nobody_knows_leaves_the_offset(zone: Zone, name: str) -> None:
    zone.name(name)
    assert is_offset(local_zone(NOW))


@pytest.mark.parametrize(
    "row", [None, (b"\1\2", winreg.REG_BINARY), (5, winreg.REG_DWORD), (None, winreg.REG_NONE)]
)
def test_a_name_that_is_missing_or_no_text_leaves_the_offset(zone: Zone, row: Row | None) -> None:
    zone.put(KEY_NAME, row)
    assert is_offset(local_zone(NOW))


@pytest.mark.parametrize("windows", ["W. Europe Standard Time", "GMT Standard Time", "UTC"])
def test_without_summer_time_the_zone_is_one_that_has_none(zone: Zone, windows: str) -> None:
    zone.name(windows)
    zone.put(NO_SUMMER, (1, winreg.REG_DWORD))
    found = local_zone(NOW)
    assert wall_time(NOW, found).utcoffset() == offset_of_this_pc()
    assert name_of(found) in ("", "Etc/UTC") or name_of(found).startswith("Etc/GMT")
