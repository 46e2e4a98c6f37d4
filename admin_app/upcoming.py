"""What was sent and waits for its time: scheduled messages that nobody has taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from admin_app.fates import Fates, may_be_order
from admin_app.history import AT_ONCE, message_in
from shared.bus import ConsoleLink, LogRange
from shared.model import ALL_CHANNELS, Kind, Message, StreamId

SLACK_MS = 600_000
"""How far ``sent_at`` may be from the time in the log's id (``PROTOCOL.md``, section 2)."""


async def read_upcoming(
    link: ConsoleLink, channels: Sequence[str], since_ms: int, now_ms: int
) -> list[Message]:
    """Messages sent since *since_ms* and due after *now_ms*, the next first.

    Nothing that waits was sent longer ago than the retention: so far ahead, and no farther, a
    message may be scheduled.

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    found: dict[str, Message] = {}
    fates = Fates()
    for channel in dict.fromkeys([ALL_CHANNELS, *channels]):
        async for message in _since(link, channel, since_ms - SLACK_MS):
            fates.note([message])
            if message.kind is Kind.MESSAGE and (message.show_at or 0) > now_ms:
                found[message.id] = message
    waiting = [message for message in found.values() if not fates.of(message).over]
    return sorted(waiting, key=lambda message: (message.show_at or 0, message.id))


async def _since(link: ConsoleLink, channel: str, since_ms: int) -> AsyncIterator[Message]:
    before: StreamId | None = None
    while True:
        [entries] = await link.read_logs([LogRange(channel, AT_ONCE, before)])
        for entry in entries:
            if entry.id.ms < since_ms:
                return
            if not (b"show_at" in entry.envelope or may_be_order(entry.envelope)):
                continue  # most messages are neither, and decoding takes the time
            message = message_in(entry)
            if message is not None:
                yield message
        if len(entries) < AT_ONCE:
            return
        before = entries[-1].id
        await asyncio.sleep(0)
