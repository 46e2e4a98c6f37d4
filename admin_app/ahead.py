"""Sending the occurrences of a series ahead, and taking them back when it changes."""

from __future__ import annotations

import logging
from datetime import datetime

import msgspec

from admin_app.draft import Draft, to_message
from admin_app.draft import problems_of as problems_of_draft
from admin_app.sending import Sender
from admin_app.series import (
    MINUTE_MS,
    Every,
    Series,
    covered_until,
    expires_at,
    occurrence_id,
    occurrences,
    problems_of,
)
from admin_app.shelf import Stored, put, read_shelf, remove
from admin_app.templates import Template
from shared.bus import ConsoleLink, Shelf
from shared.errors import BadInput
from shared.model import HOUR_MS, Message

log = logging.getLogger(__name__)

StoredSeries = Stored[Series]
USUAL_LIFE_MS = 24 * HOUR_MS


async def read_series(link: ConsoleLink) -> list[StoredSeries]:
    """Every series, by the title of its messages."""
    found = await read_shelf(link, Shelf.SERIES, Series)
    return sorted(found, key=lambda one: one.content.content.title.casefold())


async def save_series(link: ConsoleLink, sender: Sender, one: StoredSeries) -> StoredSeries:
    """Write *one*, new or changed, and send it ahead; what it had sent before is taken back.

    Raises:
        BadInput: it cannot be used.
        ChangedMeanwhile: another console was quicker; nothing was sent or taken back.
    """
    now = await link.time_ms()
    problems = [
        *problems_of(one.content),
        *problems_of_draft(draft_of(one.id, one.content, now)),
    ]
    if problems:
        raise BadInput(problems)
    before = _before(one)
    gone = [] if before is None else _gone(one.id, before, one.content, now, sender.retention_ms)
    if before is not None:
        one = Stored(one.id, _taking_back(one.content, before, gone, now), one.stored)
    saved = await put(link, Shelf.SERIES, one)
    if before is not None:
        await _take_back(link, sender, Stored(one.id, before), gone, now)
    await send_ahead(link, sender, saved, now)
    return saved


async def delete_series(link: ConsoleLink, sender: Sender, one: StoredSeries) -> None:
    """Delete *one*, and take back what it has sent ahead.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    await remove(link, Shelf.SERIES, one)
    now = await link.time_ms()
    times = occurrences(one.content, now, covered_until(now, sender.retention_ms))
    await _take_back(link, sender, one, list(times), now)


async def send_ahead(link: ConsoleLink, sender: Sender, one: StoredSeries, now_ms: int) -> int:
    """Send every occurrence within the horizon that Redis does not have; return how many."""
    until = covered_until(now_ms, sender.retention_ms)
    count = 0
    for at in occurrences(one.content, now_ms, until):
        draft = draft_of(one.id, one.content, at)
        if await link.log_ids(draft.id):
            continue
        await sender.send(link, draft)
        count += 1
    if count:
        log.info("sent ahead %d of the series %s", count, one.id)
    return count


def ids_ahead(one: StoredSeries, now_ms: int, retention_ms: int) -> list[str]:
    """Message ids of the occurrences within the horizon."""
    until = covered_until(now_ms, retention_ms)
    times = occurrences(one.content, now_ms, until)
    return [occurrence_id(one.id, one.content, at) for at in times]


def draft_of(series_id: str, series: Series, at_ms: int) -> Draft:
    """The message of one occurrence."""
    return series.content.draft(
        id=occurrence_id(series_id, series, at_ms),
        show_at=at_ms,
        expires_at=expires_at(series, at_ms),
    )


def series_of(draft: Draft, every: Every, first: datetime) -> Series:
    """The series that begins with *draft* at *first*, which knows its zone."""
    first_ms = round(first.timestamp() * 1000)
    life = USUAL_LIFE_MS if draft.expires_at is None else draft.expires_at - first_ms
    zone = first.utcoffset()
    return Series(
        content=Template.of(draft, draft.title),
        every=every,
        at=f"{first:%H:%M}",
        days=[first.isoweekday()] if every is Every.WEEK else [],
        day=first.day if every is Every.MONTH else 1,
        offset_minutes=round(zone.total_seconds() / 60) if zone is not None else 0,
        begins_at=first_ms,
        lives_minutes=max(1, life // MINUTE_MS),
    )


def _before(one: StoredSeries) -> Series | None:
    """What *one* was when it was opened; None for a new one, or if only its bytes are known."""
    try:
        return msgspec.json.decode(one.stored or b"", type=Series)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _gone(
    series_id: str, before: Series, after: Series, now_ms: int, retention_ms: int
) -> list[int]:
    """The times for which *before* has sent what *after* does not."""
    until = covered_until(now_ms, retention_ms)
    after = msgspec.structs.replace(after, taken_back=before.taken_back)
    stays = {occurrence_id(series_id, after, at) for at in occurrences(after, now_ms, until)}
    times = occurrences(before, now_ms, until)
    return [at for at in times if occurrence_id(series_id, before, at) not in stays]


def _taking_back(after: Series, before: Series, gone: list[int], now_ms: int) -> Series:
    """*after*, which knows of everything that was or is now taken back; what is over is dropped."""
    taken = {at: count for at, count in before.taken_back.items() if at > now_ms}
    taken |= {at: taken.get(at, 0) + 1 for at in gone}
    return msgspec.structs.replace(after, taken_back=taken)


async def _take_back(
    link: ConsoleLink, sender: Sender, one: StoredSeries, times: list[int], now_ms: int
) -> None:
    for at in times:
        message = _message(one, at, now_ms)
        if await link.log_ids(message.id):
            await sender.publish(link, sender.recall_of(message, now_ms))


def _message(one: StoredSeries, at_ms: int, now_ms: int) -> Message:
    return to_message(draft_of(one.id, one.content, at_ms), "", now_ms)
