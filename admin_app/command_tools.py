"""What the commands about sent messages have in common."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from admin_app.channels import sent_to
from admin_app.fates import Fate
from admin_app.history import find_message
from admin_app.unreadable import Unreadable
from shared.bus import ConsoleBus, ConsoleLink
from shared.errors import BadInput, LinkLost, Problem, RedisUnreachable
from shared.model import PROTOCOL_VERSION, UUID7, Ack, Kind, Message
from shared.phrases import phrase
from shared.receipts import Counts, Stage

Result = TypeVar("Result")
TRIES = 3
"""Attempts of a command when the connection is lost in the middle; message ids stay."""


async def over_a_link(bus: ConsoleBus, act: Callable[[ConsoleLink], Awaitable[Result]]) -> Result:
    """Do *act* over a link of *bus*; over a new one if it is lost. Doing it twice has to be fine.

    A server that is lost is seldom back at once: then opening the next link may fail, too.

    Raises:
        SiaranError: Redis cannot be reached, refused, or was lost too often.
    """
    lost = False
    for attempt in range(1, TRIES + 1):
        try:
            async with bus.open() as link:
                return await act(link)
        except RedisUnreachable as error:
            lost = lost or isinstance(error, LinkLost)
            if attempt == TRIES or not (lost and error.transient):
                raise
            await asyncio.sleep(attempt)
    raise AssertionError("the last attempt returns or raises")


def say_unreadable(left_out: Unreadable) -> None:
    """Say what of Redis' data is missing in what was printed, where no script reads it."""
    if left_out.sentence:
        sys.stderr.write(f"{left_out.sentence}\n")


async def demand_message(link: ConsoleLink, message_id: str) -> Message:
    """The message with this id; of one whose text is gone only the id, if there are counters.

    Raises:
        BadInput: Redis knows of no such message.
    """
    wanted = message_id.strip().lower()
    if not UUID7.fullmatch(wanted):
        raise BadInput([Problem("id", phrase("{id} is no message id.", id=message_id[:60]))])
    found = await find_message(link, await sent_to(link), wanted)
    if found is not None:
        return found
    shell = Message(
        v=PROTOCOL_VERSION,
        id=wanted,
        kind=Kind.MESSAGE,
        channels=[],
        sent_at=int(wanted.replace("-", "")[:12], 16),
    )
    [counts] = await link.counts([shell])
    if counts.expected is None and not counts.received:
        raise BadInput([Problem("id", phrase("Redis knows no message {id}.", id=wanted))])
    return shell


def answers_json(ack: Ack, counts: Counts) -> dict[str, Any]:
    """Who is asked to acknowledge, and how many have, of how many, as ``--json`` has it."""
    return {
        "ack": ack.value,
        "acknowledged": counts.share(Stage.ACKNOWLEDGED, ack)[0],
        "asked": counts.asked(ack),
    }


def fate_json(message: Message, fate: Fate) -> dict[str, Any]:
    """What became of *message*, and what it replaces, as ``--json`` has it."""
    return {
        "recalled_at": fate.recalled_at,
        "replaced_by": fate.replaced_by.id if fate.replaced_by is not None else None,
        "replaces": message.replaces,
    }


def fate_words(message: Message, fate: Fate) -> list[str]:
    """The same for people; empty if there is nothing to say."""
    found = []
    if fate.recalled_at is not None:
        found.append(f"recalled {when(fate.recalled_at)}")
    if fate.replaced_by is not None:
        found.append(f"replaced {when(fate.replaced_by.sent_at)} by {fate.replaced_by.id}")
    if message.replaces:
        found.append(f"replaces {message.replaces}")
    return found


def when(at_ms: int | None) -> str:
    """``2026-11-24 19:40:03`` in this PC's time zone; ``-`` for never."""
    if at_ms is None:
        return "-"
    try:
        return f"{datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):  # a message may claim any time
        return "at no known time"


def span(ms: int) -> str:
    """``1.2 s``, ``14 min``, ``3.5 h``."""
    if ms < 120_000:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 60_000:.0f} min" if ms < 7_200_000 else f"{ms / 3_600_000:.1f} h"
