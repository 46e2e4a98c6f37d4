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
    saved = await put(link, Shelf.SERIES, one)
    before = _before(one)
    if before is not None and before != saved.content:
        kept = set(ids_ahead(saved, now, sender.retention_ms))
        await _take_back(link, sender, Stored(one.id, before), now, kept)
    await send_ahead(link, sender, saved, now)
    return saved


async def delete_series(link: ConsoleLink, sender: Sender, one: StoredSeries) -> None:
    """Delete *one*, and take back what it has sent ahead.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    await remove(link, Shelf.SERIES, one)
    await _take_back(link, sender, one, await link.time_ms(), set())


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
    if one.stored is None:
        return None
    return msgspec.json.decode(one.stored, type=Series)


async def _take_back(
    link: ConsoleLink, sender: Sender, one: StoredSeries, now_ms: int, kept: set[str]
) -> None:
    for at in occurrences(one.content, now_ms, covered_until(now_ms, sender.retention_ms)):
        message = _message(one, at, now_ms)
        if message.id not in kept and await link.log_ids(message.id):
            await sender.publish(link, sender.recall_of(message, now_ms))


def _message(one: StoredSeries, at_ms: int, now_ms: int) -> Message:
    return to_message(draft_of(one.id, one.content, at_ms), "", now_ms)
