"""Recurring messages, sent ahead as ordinary scheduled ones. Pure; without Qt.

A series needs no server of its own and no console that runs at the time: some console, whichever is
open, sends every occurrence within a horizon as a message with ``show_at``, and the outlets open it
by themselves. Two consoles that do so at once make one message of it, since its id follows from the
series and the time.

Times of day are those of the zone the series was made in, through every change of its clocks
(RFC 5545, 3.3.5 and 3.3.10): a time that a day does not have, as clocks go forward, comes as much
later as they go; one that it has twice comes the first time. A series whose zone is not known here,
and one of an earlier version, which names none, goes by its offset from UTC.

Earlier consoles know the offset alone. So the ids of messages follow from the time by the offset,
whichever time they are shown: beside such a console, too, an occurrence is one message, an hour off
for half the year if that console was the first to send it.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated

import msgspec

from admin_app.draft import Every
from admin_app.templates import Template
from admin_app.zones import wall_time, zone_named
from shared.errors import Problem
from shared.model import DAY_MS, HOUR_MS, Level
from shared.phrases import phrase

MINUTE_MS = 60_000
AHEAD_OF_RETENTION_MS = HOUR_MS
"""``show_at`` may lie at most the retention ahead; so much is left for a clock that is off, or a
quarter of a short retention."""
Moment = Annotated[int, msgspec.Meta(ge=0, lt=200_000_000_000_000)]
"""A time in ms that every calendar knows: until the year 8307."""


class Gone(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that was sent ahead, or is just being sent by some console, and holds no more."""

    id: str
    channels: list[str]
    expires_at: Moment
    level: Level = Level.NORMAL


class Series(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent, and when. ``begins_at`` and ``ends_at`` are ms by Redis' clock."""

    content: Template
    every: Every
    at: str
    """``HH:MM``."""
    days: list[int] = msgspec.field(default_factory=list)
    """Of ``week``: 1 is Monday, 7 Sunday (ISO 8601)."""
    day: int = 1
    """Of ``month``: 1 to 31; a shorter month has it on its last day."""
    offset_minutes: Annotated[int, msgspec.Meta(gt=-24 * 60, lt=24 * 60)] = 0
    """East of UTC, of the first occurrence. The ids of messages follow from it."""
    zone: str = ""
    """The IANA name of the zone it was made in; empty where only the offset is known."""
    begins_at: Moment = 0
    ends_at: Moment | None = None
    lives_minutes: Annotated[int, msgspec.Meta(le=1_000_000)] = 24 * 60
    """How long an occurrence may be opened."""
    drill: bool = False
    taken_back: dict[int, int] = msgspec.field(default_factory=dict)
    """How often what was sent ahead for a time (``nominal_time``) has been recalled: a recalled
    message never opens, so what is sent for that time again has to be another one."""
    gone: list[Gone] = msgspec.field(default_factory=list)
    """What has to be recalled. It stands here before the first recall leaves, so that whoever sends
    the series ahead next does what a console that was cut off has left undone."""


def problems_of(series: Series) -> list[Problem]:
    """Everything that keeps *series* from being saved, besides its content."""
    found = []
    if _clock(series.at) is None:
        found.append(Problem("at", phrase("Write the time like 09:00.")))
    if series.every is Every.WEEK and not series.days:
        found.append(Problem("days", phrase("Choose at least one day of the week.")))
    if not all(1 <= day <= 7 for day in series.days):
        found.append(Problem("days", phrase("Days of the week are numbered 1 to 7.")))
    if not 1 <= series.day <= 31:
        found.append(Problem("day", phrase("Choose a day from 1 to 31.")))
    if not 1 <= series.lives_minutes <= 7 * 24 * 60:
        found.append(Problem("lives_minutes", phrase("A message may stay for 1 minute to 7 days.")))
    if not series.content.channels:
        found.append(Problem("channels", phrase("Choose a channel.")))
    return found


def zone_of(series: Series) -> tzinfo:
    """Return the zone that *series* goes by: its offset, if it names none that is known here."""
    named = zone_named(series.zone) if series.zone else None
    return timezone(timedelta(minutes=series.offset_minutes)) if named is None else named


def occurrences(series: Series, after_ms: int, until_ms: int) -> Iterator[int]:
    """Yield the times, in ms, later than *after_ms* and not later than *until_ms*.

    Where a zone leaves a day out (Samoa had no 30 December 2011), its time and that of the next day
    are one moment, which comes once.
    """
    clock = _clock(series.at)
    if clock is None:
        return
    first, last = max(after_ms + 1, series.begins_at), until_ms
    if series.ends_at is not None:
        last = min(last, series.ends_at)
    zone, before = zone_of(series), None
    day = wall_time(first, zone).date() - timedelta(days=2)
    while True:
        at = round(datetime.combine(day, clock, zone).timestamp() * 1000)
        if at > last:
            return
        if _recurs(series, day) and at != before:
            before = at
            if at >= first:
                yield at
        day += timedelta(days=1)


def nominal_time(series: Series, at_ms: int) -> int:
    """Return the time, in ms, at which *series* would come by its offset alone in place of *at_ms*.

    Less than half a day away, or, where a zone has left out a day, so many whole days that times
    stay apart.
    """
    clock = _clock(series.at)
    if clock is None or not series.zone:
        return at_ms
    base = (clock.hour * 60 + clock.minute - series.offset_minutes) * MINUTE_MS
    return base + round((at_ms - base) / DAY_MS) * DAY_MS


def covered_until(now_ms: int, retention_ms: int) -> int:
    """The horizon, in ms: as far ahead as outlets keep what is not due yet."""
    return now_ms + retention_ms - min(AHEAD_OF_RETENTION_MS, retention_ms // 4)


def has_ended(series: Series, now_ms: int) -> bool:
    """Whether nothing of *series* comes any more."""
    return series.ends_at is not None and series.ends_at <= now_ms


def occurrence_id(series_id: str, series: Series, at_ms: int) -> str:
    """The message id of one occurrence: a UUIDv7 that follows from what is sent and when.

    Whichever console sends it, and however often, it is one message. A series that was changed
    has other ids: what it had sent ahead has to be recalled.
    """
    at_ms = nominal_time(series, at_ms)
    what: list[object] = [series_id, series.content, series.lives_minutes, at_ms]
    again = series.taken_back.get(at_ms)
    if again is not None:
        what.append(again)
    if series.drill:
        what.append("drill")
    return _derived_id(at_ms, what)


def recall_id(gone: Gone) -> str:
    """The message id of the recall of *gone*: whoever sends it, and however often, it is one."""
    return _derived_id(gone.expires_at, ["recall", gone.id])


def _derived_id(at_ms: int, what: list[object]) -> str:
    drawn = int.from_bytes(hashlib.sha256(msgspec.json.encode(what)).digest(), "big")
    value = (at_ms & (2**48 - 1)) << 80 | 7 << 76 | (drawn >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | (drawn & (2**62 - 1))
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def expires_at(series: Series, at_ms: int) -> int:
    """When an occurrence is not opened any more, in ms."""
    return at_ms + series.lives_minutes * MINUTE_MS


def _recurs(series: Series, day: date) -> bool:
    if series.every is Every.WEEKDAY:
        return day.isoweekday() <= 5
    if series.every is Every.WEEK:
        return day.isoweekday() in series.days
    if series.every is Every.MONTH:
        return day.day == min(series.day, calendar.monthrange(day.year, day.month)[1])
    return True


def _clock(text: str) -> time | None:
    hours, separator, minutes = text.partition(":")
    if not (separator and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        return None
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        return None
