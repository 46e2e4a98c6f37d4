"""``siaran-console report`` and ``remind``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from admin_app.command_tools import (
    answers_json,
    demand_message,
    fate_json,
    fate_words,
    over_a_link,
    span,
    when,
)
from admin_app.export import ENCODING, to_csv
from admin_app.fates import Fate
from admin_app.history import read_fate
from admin_app.reach import SHARES
from admin_app.report_rows import Row, in_order, row_of
from admin_app.reports import Report
from admin_app.sending import Sender
from admin_app.unreadable import Unreadable
from shared.bus import ConsoleBus, ConsoleLink
from shared.command_line import print_json, run_async
from shared.errors import EXIT_OK, BadInput, Problem, StorageError
from shared.model import Ack, Message
from shared.phrases import phrase
from shared.receipts import Receipt, Stage
from shared.text import safe_line

SHARE_WORDS = {share: f"{share:.0%}".replace("%", " %") for share in SHARES}


def report(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Print how far one message has come, with every endpoint.

    Raises:
        BadInput: there is no such message.
        SiaranError: Redis refused or cannot be reached, or the file cannot be written.
    """

    async def read(link: ConsoleLink) -> tuple[Report, Fate]:
        message = await demand_message(link, arguments.id)
        found = Report(message, lambda: link, sender.expected_since)
        await found.read(link)
        return found, await read_fate(link, message)

    found, fate = run_async(over_a_link(bus, read))
    if arguments.csv:
        _write_csv(Path(arguments.csv), found)
    if arguments.json:
        print_json(_as_json(found, fate))
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(found, fate))
    return EXIT_OK


def remind(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Ask again those who have not acknowledged a message.

    Raises:
        BadInput: there is no such message, or nobody can be reminded of it.
        SiaranError: Redis refused, or cannot be reached.
    """
    reminder: Message | None = None

    async def send(link: ConsoleLink) -> str:
        nonlocal reminder  # the same one however often the connection is lost
        message = await demand_message(link, arguments.id)
        if reminder is None:
            _demand_standing(await read_fate(link, message))
            reminder = sender.reminder_of(message, await sender.now_ms(link))
        await sender.remind(link, reminder)
        [counts] = await link.counts([message])
        done, whole = counts.share(Stage.ACKNOWLEDGED, message.ack)
        what = "outlets" if message.ack is Ack.OUTLET else "PCs"
        return f"{whole - done} of {whole} {what}"

    missing = run_async(over_a_link(bus, send))
    if arguments.json:
        assert reminder is not None
        print_json({"id": reminder.reminds, "reminder": reminder.id})
    else:
        sys.stdout.write(f"Reminded; {missing} had not acknowledged it.\n")
    return EXIT_OK


def _demand_standing(fate: Fate) -> None:
    """Nobody is asked again about what head office has taken back."""
    if fate.over:
        sentence = phrase("This message was recalled or replaced, so no PC would show it again.")
        raise BadInput([Problem("id", sentence)])


def _write_csv(path: Path, found: Report) -> None:
    try:
        path.expanduser().write_text(to_csv(found.rows.values()), encoding=ENCODING, newline="")
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            phrase("{path} cannot be written: {reason}.", path=path, reason=reason)
        ) from error


def _as_json(found: Report, fate: Fate) -> dict[str, Any]:
    counts = found.figures.counts
    return {
        "id": found.message.id,
        "expected": counts.expected,
        "received": counts.received,
        "displayed": counts.displayed,
        **answers_json(found.message.ack, counts),
        "expired": counts.expired,
        "recalled": counts.recalled,
        "unreadable": found.unreadable,
        "contradicted": found.figures.doubts.contradicted,
        "unknown": found.figures.doubts.strangers,
        "counters": _counters_json(found),
        "reminded_at": counts.reminded or None,
        **fate_json(found.message, fate),
        "endpoints": [_row_json(row) for row in in_order(found.rows.values())],
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "endpoint": row.endpoint,
        "state": row.progress.value,
        "received_at": row.received_at,
        "displayed_at": row.displayed_at,
        "acknowledged_at": row.acknowledged_at,
        "os_user": row.os_user,
        "reply": row.reply,
        "seen_at": row.seen_at,
        "known": row.known,
        "claimed": None
        if row.claim is None
        else {
            "state": row_of(row.claim).progress.value,
            "displayed_at": row.claim.displayed_at,
            "acknowledged_at": row.claim.acknowledged_at,
            "os_user": row.claim.os_user,
            "reply": row.claim.reply,
        },
    }


def _counters_json(found: Report) -> dict[str, int] | None:
    """What the counters say, where they are wrong."""
    counters = found.figures.doubts.counters
    return None if counters is None else {stage.value: counters.of(stage) for stage in Stage}


def _lines(found: Report, fate: Fate) -> Iterator[str]:
    message, figures = found.message, found.figures
    if message.title:
        yield safe_line(message.title)
    yield f"Sent {when(message.sent_at)}"
    for said in fate_words(message, fate):
        yield said.capitalize()
    for stage in Stage:
        reach = figures.reach(stage)
        times = [(share, reach.time_to(share)) for share in SHARES]
        done, whole = figures.share(stage)
        unit = " outlets" if figures.by_outlet and stage is Stage.ACKNOWLEDGED else ""
        spans = [f"{SHARE_WORDS[share]} in {span(at)}" for share, at in times if at is not None]
        yield (
            f"{stage.value.capitalize():<13} {done} of {whole}{unit}"
            f"{': ' if spans else ''}{', '.join(spans)}"
        )
    if figures.counts.reminded:
        yield f"Reminded {when(figures.counts.reminded)}"
    if left_out := Unreadable(receipts=found.unreadable).sentence:
        yield left_out
    if doubts := figures.doubts.sentence:
        yield doubts
    strangers = False
    for row in in_order(found.rows.values()):
        if not row.known and not strangers:
            strangers = True
            yield "Not known (neither registered nor in the list of outlets):"
        at = row.acknowledged_at or row.displayed_at or row.received_at
        words = (safe_line(row.os_user), safe_line(row.reply))
        extra = "".join(f"  {word}" for word in words if word)
        yield f"{safe_line(row.endpoint):<24} {row.progress:<13} {when(at)}{extra}"
        if row.claim is not None:
            yield f"  {_claim_words(row.claim)}"


def _claim_words(claim: Receipt) -> str:
    """What stands in the name of a PC that says otherwise."""
    if claim.acknowledged_at is None:
        return f"in its name: {safe_line(claim.closed) or 'not acknowledged'}"
    words = (when(claim.acknowledged_at), safe_line(claim.os_user), safe_line(claim.reply))
    return "  ".join(("in its name: acknowledged", *filter(None, words)))
