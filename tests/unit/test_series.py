"""Recurring messages: their times, and that each is one message whoever sends it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.draft import Every
from admin_app.series import Series, occurrence_id, occurrences, problems_of
from admin_app.templates import Template
from shared.model import DAY_MS, UUID7

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
