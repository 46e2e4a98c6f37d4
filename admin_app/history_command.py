"""``siaran-console history``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import Any

from admin_app.channels import sent_to
from admin_app.command_tools import answers_json, fate_json, fate_words, over_a_link, when
from admin_app.fates import Fate, Fates
from admin_app.history import History, Wanted
from shared.bus import ConsoleBus, ConsoleLink
from shared.command_line import print_json, run_async
from shared.errors import EXIT_OK, BadInput, Problem
from shared.model import ALL_CHANNELS, Level, Message
from shared.phrases import phrase
from shared.receipts import Counts
from shared.text import safe_line

AT_ONCE = 100
"""Counters asked for in one round trip."""


def history(arguments: argparse.Namespace, bus: ConsoleBus) -> int:
    """Print what was sent, newest first.

    Raises:
        BadInput: a time cannot be read.
        SiaranError: Redis refused, or cannot be reached.
    """
    wanted = _wanted(arguments)

    async def read(link: ConsoleLink) -> list[tuple[Message, Counts, Fate]]:
        found, fates = History(lambda: link, await sent_to(link), wanted), Fates()
        messages = await found.more(arguments.count)
        fates.note(found.take_orders())
        counts: list[Counts] = []
        for number in range(0, len(messages), AT_ONCE):
            counts += await link.counts(messages[number : number + AT_ONCE])
        return list(zip(messages, counts, map(fates.of, messages), strict=True))

    rows = run_async(over_a_link(bus, read))
    if arguments.json:
        print_json([_as_json(*row) for row in rows])
    else:
        for row in rows:
            sys.stdout.write(_as_line(*row) + "\n")
    return EXIT_OK


def _wanted(arguments: argparse.Namespace) -> Wanted:
    channels = {ALL_CHANNELS} if arguments.all else set(arguments.channel or ())
    return Wanted(
        channels=frozenset(channels),
        levels=frozenset(map(Level, arguments.level or ())),
        since_ms=_time("since", arguments.since),
        until_ms=_time("until", arguments.until),
        text=arguments.search or "",
    )


def _time(field: str, text: str | None) -> int | None:
    """A day or a moment, in this PC's time zone unless it names one."""
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        sentence = phrase("{text} is no time such as 2026-11-24 or 2026-11-24T08:00.", text=text)
        raise BadInput([Problem(field, sentence)]) from None


def _as_json(message: Message, counts: Counts, fate: Fate) -> dict[str, Any]:
    return {
        "id": message.id,
        "channels": message.channels,
        "title": message.title,
        "level": message.level.value,
        "sender": message.sender,
        "sent_at": message.sent_at,
        "drill": message.drill,
        "expected": counts.expected,
        "received": counts.received,
        "displayed": counts.displayed,
        **answers_json(message.ack, counts),
        **fate_json(message, fate),
    }


def _as_line(message: Message, counts: Counts, fate: Fate) -> str:
    where = ", ".join("all channels" if name == ALL_CHANNELS else name for name in message.channels)
    done, whole = counts.answered(message.ack)
    return (
        f"{message.id}  {when(message.sent_at)}  {message.level:<9}  "
        f"{done}/{whole}  {safe_line(where)}: {safe_line(message.title)}"
        f"{''.join(f'  ({words})' for words in fate_words(message, fate))}"
    )
