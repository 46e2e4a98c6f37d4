"""Sending the occurrences of a series ahead, and taking them back when it changes.

A console may be cut off at any moment, and others send ahead meanwhile. So a series says what has
to be recalled before the first recall leaves; recalls, like occurrences, have ids that follow from
what they are about; and what another console may be sending just now, from what it had read before,
is recalled as well: outlets remember a recall of what they have not got yet.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime

import msgspec

from admin_app.draft import TOO_SHORT, Draft, Every, timing_problems_of
from admin_app.draft import problems_of as problems_of_draft
from admin_app.sending import Sender
from admin_app.series import (
    MINUTE_MS,
    Gone,
    Series,
    covered_until,
    expires_at,
    has_ended,
    nominal_time,
    occurrence_id,
    occurrences,
    problems_of,
    recall_id,
)
from admin_app.shelf import Stored, put, read_shelf, remove
from admin_app.templates import Template
from admin_app.zones import name_of
from shared.bus import ConsoleLink, Shelf
from shared.codec import WireError
from shared.documents import MAX_SHARED, Entries, decode_document
from shared.errors import BadInput, ChangedMeanwhile, Problem, SiaranError
from shared.model import DAY_MS, HOUR_MS, PROTOCOL_VERSION, Kind, Message, new_message_id

log = logging.getLogger(__name__)

StoredSeries = Stored[Series]
USUAL_LIFE_MS = 24 * HOUR_MS
MOST_AHEAD_MS = 90 * DAY_MS
"""No console can have sent farther ahead: the longest retention that can be set."""
RHYTHM = ("at", "days", "day", "offset_minutes", "zone", "ends_at")


async def read_series(link: ConsoleLink) -> Entries[StoredSeries]:
    """Every series, by the title of its messages."""
    found = await read_shelf(link, Shelf.SERIES, Series)
    found.sort(key=lambda one: one.content.content.title.casefold())
    return found


async def save_series(link: ConsoleLink, sender: Sender, one: StoredSeries) -> StoredSeries:
    """Write *one*, new or changed, and send it ahead; what it had sent before is taken back.

    Raises:
        BadInput: it cannot be used.
        ChangedMeanwhile: another console was quicker; nothing was sent or taken back.
    """
    return await save(link, sender, await prepared(link, sender, one))


async def prepared(link: ConsoleLink, sender: Sender, one: StoredSeries) -> StoredSeries:
    """*one* as it is to be saved: it knows what of its messages has to be recalled.

    A new one that has an id was perhaps written before, and the reply lost.

    Raises:
        BadInput: it cannot be used.
    """
    now = await sender.now_ms(link)
    first = draft_of(one.id, one.content, now)
    problems = [
        *problems_of(one.content),
        *problems_of_draft(first),
        *timing_problems_of(first, now, sender.retention_ms),
    ]
    if problems:
        raise BadInput(problems)
    one = await _as_stored(link, one)
    before = _before(one)
    content = one.content
    if before is not None:
        times = await _gone(link, one.id, before, content, now, sender.retention_ms)
        content = _taking_back(one.id, content, before, times, now)
    return Stored(one.id or new_message_id(), content, one.stored)


async def save(link: ConsoleLink, sender: Sender, one: StoredSeries) -> StoredSeries:
    """Write *one*, which was prepared, and send it ahead. Doing it again is harmless.

    Raises:
        ChangedMeanwhile: another console was quicker; nothing was sent or taken back.
    """
    saved = await put(link, Shelf.SERIES, one)
    try:
        await send_ahead(link, sender, saved, await sender.now_ms(link))
    except SiaranError as error:
        if one.stored is None and not error.transient:  # no other console is to send it, either
            with suppress(SiaranError):
                await end(link, sender, await ended(link, sender, saved))
        raise
    return saved


async def delete_series(link: ConsoleLink, sender: Sender, one: StoredSeries) -> None:
    """Delete *one*, and take back what it has sent ahead.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    await end(link, sender, await ended(link, sender, one))


async def ended(link: ConsoleLink, sender: Sender, one: StoredSeries) -> StoredSeries:
    """*one* without any more messages: it knows what has to be recalled."""
    one, now = await _as_stored(link, one), await sender.now_ms(link)
    before = one.content if one.stored is None else _before(one) or one.content
    content = msgspec.structs.replace(before, ends_at=now)
    times = await _gone(link, one.id, before, content, now, sender.retention_ms)
    return Stored(one.id, _taking_back(one.id, content, before, times, now), one.stored)


async def end(link: ConsoleLink, sender: Sender, one: StoredSeries) -> None:
    """Write *one*, which has ended, recall what it had sent, and delete it. Again is harmless.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    if one.stored is None:
        return
    try:
        saved = await put(link, Shelf.SERIES, one)
    except ChangedMeanwhile:
        if one.id in await link.documents(Shelf.SERIES):
            raise
        return  # whoever has deleted it did so in this order
    await _take_back(link, sender, saved.content, await sender.now_ms(link))
    await remove(link, Shelf.SERIES, saved)


async def send_ahead(link: ConsoleLink, sender: Sender, one: StoredSeries, now_ms: int) -> int:
    """Send every occurrence within the horizon that Redis does not have; return how many.

    What of it has to be recalled is recalled first; one that has ended is deleted then.
    """
    await _take_back(link, sender, one.content, now_ms)
    if has_ended(one.content, now_ms):
        with suppress(ChangedMeanwhile):
            await remove(link, Shelf.SERIES, one)
        return 0
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
        drill=series.drill,
    )


def series_of(
    draft: Draft,
    every: Every,
    first: datetime,
    *,
    life_ms: int = USUAL_LIFE_MS,
) -> Series:
    """The series that begins with *draft* at *first*, in whose zone it stays.

    What is not said to expire lives *life_ms*.

    If it changes another one, and *first* is one of its times, then it keeps its rhythm: what comes
    on the 31st is seen on 28 February, and comes on 31 March. One of an earlier version, which has
    an offset alone, gets the zone if that has the same offset then.

    Raises:
        BadInput: it would expire before it is shown.
    """
    before = _decoded(draft.series_before)
    first = first.replace(second=0, microsecond=0)
    first_ms = round(first.timestamp() * 1000)
    life = life_ms if draft.expires_at is None else draft.expires_at - first_ms
    if life < MINUTE_MS:
        raise BadInput([Problem("expires_at", TOO_SHORT)])
    zone = first.utcoffset()
    series = Series(
        content=Template.of(draft, draft.title),
        every=every,
        at=f"{first:%H:%M}",
        days=[first.isoweekday()] if every is Every.WEEK else [],
        day=first.day if every is Every.MONTH else 1,
        offset_minutes=round(zone.total_seconds() / 60) if zone is not None else 0,
        zone=name_of(first.tzinfo),
        begins_at=min(first_ms, round(first.replace(fold=0).timestamp() * 1000)),
        lives_minutes=life // MINUTE_MS,
        drill=draft.drill,
    )
    if before is None or before.every is not every:
        return series
    if first_ms not in occurrences(before, first_ms - 1, first_ms):
        return series
    rhythm = {name: getattr(before, name) for name in RHYTHM}
    if series.offset_minutes == before.offset_minutes:
        rhythm["zone"] = before.zone or series.zone
    return msgspec.structs.replace(series, **rhythm)


def opened_series(draft: Draft) -> StoredSeries:
    """The series that *draft* was to change, as it was opened, or that it has perhaps begun."""
    begun = Series(content=Template.of(draft, draft.title), every=Every.DAY, at="00:00")
    before = _decoded(draft.series_before)
    return StoredSeries(draft.series, before or begun, draft.series_before)


def _before(one: StoredSeries) -> Series | None:
    """What *one* was when it was opened; None for a new one, or if only its bytes are known."""
    return _decoded(one.stored)


def _decoded(raw: bytes | None) -> Series | None:
    try:
        return decode_document(raw, Series, MAX_SHARED)
    except WireError:
        return None


async def _as_stored(link: ConsoleLink, one: StoredSeries) -> StoredSeries:
    """*one* with what Redis has of it, if nobody has read that yet."""
    if one.stored is not None or not one.id:
        return one
    return Stored(one.id, one.content, (await link.documents(Shelf.SERIES)).get(one.id))


async def _gone(
    link: ConsoleLink,
    series_id: str,
    before: Series,
    after: Series,
    now_ms: int,
    retention_ms: int,
) -> list[int]:
    """The times for which *before* has sent what *after* does not.

    Within the horizon some console may be sending it just now. Beyond it only one with another
    retention has, and that one without gaps.
    """
    sure, most = covered_until(now_ms, retention_ms) + HOUR_MS, now_ms + MOST_AHEAD_MS
    after = msgspec.structs.replace(after, taken_back=before.taken_back)
    stays = {occurrence_id(series_id, after, at): at for at in occurrences(after, now_ms, most)}
    gone = []
    for at in occurrences(before, now_ms, most):
        name = occurrence_id(series_id, before, at)
        if at > sure and not await link.log_ids(name):
            break
        if stays.get(name) != at:
            gone.append(at)
    return gone


def _taking_back(
    series_id: str, after: Series, before: Series, times: list[int], now_ms: int
) -> Series:
    """*after*, which knows of everything that was or is now taken back; what is over is dropped."""
    taken = {at: count for at, count in before.taken_back.items() if at > now_ms - DAY_MS}
    names = [nominal_time(before, at) for at in times]
    taken |= {at: taken.get(at, 0) + 1 for at in names}
    drafts = [draft_of(series_id, before, at) for at in times]
    gone = [one for one in before.gone if one.expires_at > now_ms]
    gone += [Gone(one.id, one.channels, one.expires_at or 0, one.level) for one in drafts]
    return msgspec.structs.replace(after, taken_back=taken, gone=gone)


async def _take_back(link: ConsoleLink, sender: Sender, series: Series, now_ms: int) -> None:
    """Recall what has to be, once: also what Redis does not have, as it may be on its way."""
    for gone in series.gone:
        name = recall_id(gone)
        if gone.expires_at <= now_ms or await link.log_ids(name):
            continue
        message = Message(
            v=PROTOCOL_VERSION,
            id=gone.id,
            kind=Kind.MESSAGE,
            channels=gone.channels,
            sent_at=now_ms,
            level=gone.level,
            expires_at=gone.expires_at,
        )
        order = sender.recall_of(message, now_ms)
        await sender.publish(link, msgspec.structs.replace(order, id=name))
