"""Old receipts are reduced to totals and the names of those who did not acknowledge.

Redis takes receipts of a message for ``receipt_days`` and keeps them three days longer. Whichever
console runs in these days does this; the counters, and with them the reach curve, stay either way.
If none does, who did not acknowledge is lost.

On its way the console also gives receipts an end that have none: outlets may set no expiry, and
whoever sent the message was cut off before it did, or is of an earlier version.

Two consoles may do it at once: both write the same. Nothing is written unless as many receipts were
read as were counted, so a console that came when the other had let them go cannot accuse anybody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from admin_app.history import History, Wanted
from admin_app.reports import Report
from shared.bus import ConsoleLink
from shared.model import Message
from shared.receipts import GRACE_MS, RECEIPT_DAYS_MS, Counts

log = logging.getLogger(__name__)

PAGE = 50


async def reduce_old(
    link: ConsoleLink,
    channels: Sequence[str],
    expected_since: Callable[[int], int],
    *,
    now_ms: int,
    receipts_ms: int,
    retention_ms: int,
) -> int:
    """Reduce the receipts of every message whose time is over; return how many there were.

    Receipts of the others that nobody has given an end get one.

    A message whose log entry is gone cannot be found any more and keeps its receipts until they
    expire.

    Raises:
        SiaranError: Redis refused, or was lost; the next time goes on.
    """
    longest = max(receipts_ms, RECEIPT_DAYS_MS)
    wanted = Wanted(since_ms=now_ms - longest - retention_ms - GRACE_MS)
    history, done = History(lambda: link, channels, wanted, orders=False), 0
    while not history.at_end:
        messages = await history.more(PAGE, looks=1)
        counts = await link.counts(messages)
        endless: list[Message] = []
        for message, known in zip(messages, counts, strict=True):
            if _is_over(message, known, now_ms):
                done += await _reduce(link, message, expected_since, now_ms)
            elif known.entries and not known.noted:
                endless.append(message)
        if endless:
            await link.mend_receipts(endless, receipts_ms)
    if done:
        log.info("receipts of %d messages reduced to totals", done)
    return done


def _is_over(message: Message, counts: Counts, now: int) -> bool:
    until = counts.until or message.due_at() + RECEIPT_DAYS_MS
    there = counts.received or counts.entries
    return bool(there) and not counts.reduced and until <= now


async def _reduce(
    link: ConsoleLink, message: Message, expected_since: Callable[[int], int], now: int
) -> bool:
    report = Report(message, lambda: link, expected_since)
    await report.read(link)
    if report.missing:
        return False
    await link.reduce(message, [row.endpoint for row in report.unacknowledged()], now)
    return True
