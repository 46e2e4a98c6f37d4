"""Recurring messages: their times, and that each is one message whoever sends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock_time
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.draft import Every
from admin_app.series import Series, nominal_time, occurrence_id, occurrences, problems_of, zone_of
from admin_app.templates import Template
from admin_app.zones import wall_time, zone_named
from shared.model import DAY_MS, UUID7
from tests.conftest import LogGuard

WIB = timezone(timedelta(hours=7))
CONTENT = Template(name="Opening", title="Good morning", body="Count the till.", channels=["*"])


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=WIB).timestamp() * 1000)


def series(every: Every, **fields: object) -> Series:
    values = {"content": CONTENT, "every": every, "at": "09:00", "offset_minutes": 420}
    return Series(**{**values, **fields})  # type: ignore[arg-type]


def times(one: Series, after: str, until: str) -> list[str]:
    found = occurrences(one, ms(after), ms(until))
    return [datetime.fromtimestamp(at / 1000, WIB).strftime("%a %d %H:%M") for at in found]


def test_a_daily_one_comes_every_day_after_the_given_time_and_up_to_the_last() -> None:
    found = times(series(Every.DAY), "2026-11-24T09:00", "2026-11-27T09:00")
    assert found == ["Wed 25 09:00", "Thu 26 09:00", "Fri 27 09:00"]


def test_weekdays_leave_saturday_and_sunday_out() -> None:
    found = times(series(Every.WEEKDAY), "2026-11-26T10:00", "2026-12-01T10:00")
    assert found == ["Fri 27 09:00", "Mon 30 09:00", "Tue 01 09:00"]


def test_a_weekly_one_comes_on_its_days() -> None:
    found = times(series(Every.WEEK, days=[7, 1]), "2026-11-24T00:00", "2026-12-01T00:00")
    assert found == ["Sun 29 09:00", "Mon 30 09:00"]


def test_a_monthly_one_on_the_31st_comes_on_the_last_day_of_a_shorter_month() -> None:
    found = times(series(Every.MONTH, day=31), "2027-01-01T00:00", "2027-05-01T00:00")
    assert found == ["Sun 31 09:00", "Sun 28 09:00", "Wed 31 09:00", "Fri 30 09:00"]


def test_it_begins_and_ends_when_it_is_told() -> None:
    one = series(Every.DAY, begins_at=ms("2026-11-25T09:00"), ends_at=ms("2026-11-26T08:59"))
    assert times(one, "2026-11-01T00:00", "2026-12-31T00:00") == ["Wed 25 09:00"]


def test_the_zone_is_the_one_it_was_made_in() -> None:
    east = series(Every.DAY, offset_minutes=9 * 60)
    assert times(east, "2026-11-24T00:00", "2026-11-24T23:00") == ["Tue 24 07:00"]


def test_an_occurrence_is_one_message_whoever_sends_it_and_another_when_it_says_another() -> None:
    one, at = series(Every.DAY), ms("2026-11-25T09:00")
    name = occurrence_id("a", one, at)
    assert UUID7.fullmatch(name)
    assert name == occurrence_id("a", one, at)
    changed = msgspec.structs.replace(one, content=msgspec.structs.replace(CONTENT, title="Hello"))
    others = {
        occurrence_id("b", one, at),
        occurrence_id("a", changed, at),
        occurrence_id("a", one, at + DAY_MS),
    }
    assert len(others | {name}) == 4


@pytest.mark.parametrize(
    ("field", "one"),
    [
        ("at", series(Every.DAY, at="25:00")),
        ("at", series(Every.DAY, at="9")),
        ("days", series(Every.WEEK)),
        ("days", series(Every.WEEK, days=[0])),
        ("day", series(Every.MONTH, day=32)),
        ("lives_minutes", series(Every.DAY, lives_minutes=0)),
        ("channels", series(Every.DAY, content=Template(name="x", body="x"))),
    ],
)
def test_what_is_wrong_is_named(field: str, one: Series) -> None:
    assert field in [problem.field for problem in problems_of(one)]


@given(
    every=st.sampled_from(Every),
    days=st.lists(st.integers(1, 7), min_size=1),
    day=st.integers(1, 31),
    at=st.times(),
    offset=st.integers(-12 * 60, 14 * 60),
    after=st.integers(0, 4_000_000_000_000),
    span=st.integers(0, 40),
    cut=st.integers(0, 40),
)
def test_asking_in_two_parts_gives_the_same_as_asking_at_once(
    every: Every,
    days: list[int],
    day: int,
    at: object,
    offset: int,
    after: int,
    span: int,
    cut: int,
) -> None:
    one = series(every, days=days, day=day, at=f"{at:%H:%M}", offset_minutes=offset)
    until, middle = after + span * DAY_MS, after + min(cut, span) * DAY_MS
    whole = list(occurrences(one, after, until))
    parts = [*occurrences(one, after, middle), *occurrences(one, middle, until)]
    assert whole == parts == sorted(set(whole))
    assert all(after < moment <= until for moment in whole)


# --- zones whose clocks change ---


def zoned(zone: str, at: str, every: Every = Every.DAY, **fields: object) -> Series:
    """A series of *zone*, made when that had its offset of 1 January 2026."""
    offset = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    minutes = round(offset.total_seconds() / 60)
    return series(every, at=at, zone=zone, offset_minutes=minutes, **fields)


def found_on(one: Series, first: date, days: int) -> list[int]:
    """Its times from midnight of *first* to the midnight after so many *days*."""
    zone = zone_of(one)
    begin, end = (
        round(datetime.combine(day, clock_time(), zone).timestamp() * 1000) - 1
        for day in (first, first + timedelta(days=days))
    )
    return list(occurrences(one, begin, end))


def walls(one: Series, first: str, days: int) -> list[str]:
    """The same as its own clocks and UTC's show them."""
    return [
        f"{wall_time(at, zone_of(one)):%d %H:%M} = {wall_time(at, UTC):%d %H:%M}"
        for at in found_on(one, date.fromisoformat(first), days)
    ]


@pytest.mark.parametrize(
    ("zone", "at", "first", "days", "found"),
    [
        (
            "Europe/Berlin",
            "09:00",
            "2026-03-28",
            3,
            ["28 09:00 = 28 08:00", "29 09:00 = 29 07:00", "30 09:00 = 30 07:00"],
        ),
        (  # the clocks go from 2:00 to 3:00
            "Europe/Berlin",
            "02:30",
            "2026-03-28",
            3,
            ["28 02:30 = 28 01:30", "29 03:30 = 29 01:30", "30 02:30 = 30 00:30"],
        ),
        (  # and from 3:00 back to 2:00
            "Europe/Berlin",
            "02:30",
            "2026-10-24",
            3,
            ["24 02:30 = 24 00:30", "25 02:30 = 25 00:30", "26 02:30 = 26 01:30"],
        ),
        ("America/New_York", "02:15", "2026-03-08", 1, ["08 03:15 = 08 07:15"]),
        ("America/New_York", "01:15", "2026-11-01", 1, ["01 01:15 = 01 05:15"]),
        (  # by half an hour
            "Australia/Lord_Howe",
            "02:10",
            "2026-10-03",
            3,
            ["03 02:10 = 02 15:40", "04 02:40 = 03 15:40", "05 02:10 = 04 15:10"],
        ),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-04",
            3,
            ["04 01:45 = 03 14:45", "05 01:45 = 04 14:45", "06 01:45 = 05 15:15"],
        ),
        ("Asia/Jakarta", "09:00", "2026-03-28", 2, ["28 09:00 = 28 02:00", "29 09:00 = 29 02:00"]),
        (  # it had no 30 December
            "Pacific/Apia",
            "09:00",
            "2011-12-29",
            4,
            ["29 09:00 = 29 19:00", "31 09:00 = 30 19:00", "01 09:00 = 31 19:00"],
        ),
        (  # at midnight
            "America/Sao_Paulo",
            "00:30",
            "2018-11-03",
            3,
            ["03 00:30 = 03 03:30", "04 01:30 = 04 03:30", "05 00:30 = 05 02:30"],
        ),
    ],
)
def test_a_time_of_day_stays_the_same_as_clocks_change(
    zone: str, at: str, first: str, days: int, found: list[str]
) -> None:
    assert walls(zoned(zone, at), first, days) == found


def test_a_day_of_the_week_that_a_zone_left_out_comes_as_the_day_after() -> None:
    weekly = zoned("Pacific/Apia", "09:00", Every.WEEK, days=[5])
    assert walls(weekly, "2011-12-23", 14) == ["23 09:00 = 23 19:00", "31 09:00 = 30 19:00"]
    monthly = zoned("Pacific/Apia", "09:00", Every.MONTH, day=30)
    assert walls(monthly, "2011-12-01", 31) == ["31 09:00 = 30 19:00"]


@given(
    zone=st.sampled_from(sorted(name for name in available_timezones() if zone_named(name))),
    at=st.times(),
    first=st.dates(date(1970, 1, 3), date(2060, 1, 1)),
    days=st.integers(1, 400),
)
def test_every_day_of_every_zone_has_one_message_at_its_time(
    zone: str, at: clock_time, first: date, days: int
) -> None:
    one, at = zoned(zone, f"{at:%H:%M}"), at.replace(second=0, microsecond=0)
    found = found_on(one, first, days)
    assert all(earlier < later for earlier, later in pairwise(found))
    assert len({occurrence_id("a", one, moment) for moment in found}) == len(found)
    asked = [datetime.combine(first + timedelta(days=n), at) for n in range(days)]
    there = [wall for wall in asked if exists(wall, ZoneInfo(zone))]
    seen = [wall_time(moment, zone_of(one)).replace(tzinfo=None) for moment in found]
    assert [wall for wall in seen if wall in there] == there
    late = [wall for wall in seen if wall not in there]
    assert len(late) <= len(asked) - len(there)
    assert all(
        any(timedelta(0) < wall - gap < timedelta(days=1) for gap in asked if gap not in there)
        for wall in late
    )


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in *zone* ever show *wall*."""
    seen = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return seen.replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Olympus_Mons",
        "../../etc/passwd",
        "Europe",
        "x" * 100_000,
        "A\0",
        "right/Europe/Berlin",
    ],
)
def test_a_zone_that_is_not_known_here_leaves_the_offset(zone: str, log_guard: LogGuard) -> None:
    log_guard.expect("is not known here")
    zone_named.cache_clear()
    found = times(series(Every.DAY, zone=zone), "2026-11-24T00:00", "2026-11-24T23:00")
    assert found == ["Tue 24 09:00"]


def test_an_id_is_the_one_that_a_console_makes_which_knows_the_offset_alone() -> None:
    one = zoned("Europe/Berlin", "09:00")
    plain = msgspec.structs.replace(one, zone="")
    begin = ms("2026-03-25T00:00")
    until = begin + 300 * DAY_MS
    ours, theirs = list(occurrences(one, begin, until)), list(occurrences(plain, begin, until))
    assert [nominal_time(one, at) for at in ours] == theirs != ours
    assert [occurrence_id("a", one, at) for at in ours] == [
        occurrence_id("a", plain, at) for at in theirs
    ]
