"""``siaran-console send``, ``recall`` and ``replace``."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from admin_app.command_tools import Result, demand_message, over_a_link
from admin_app.draft import Draft, problems_of
from admin_app.moments import Moment
from admin_app.recalling import draft_in_place_of
from admin_app.send_options import PROGRAM
from admin_app.sending import Sender, Sent
from admin_app.waiting import wait_for
from shared.bus import ConsoleBus, ConsoleLink
from shared.command_line import print_json, run_async
from shared.errors import EXIT_NOT_YET, EXIT_OK, BadInput, Problem, RedisUnreachable
from shared.model import ALL_CHANNELS, Ack, Format, Level, Message
from shared.phrases import phrase
from shared.receipts import Counts, Stage


def send(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Send one message and, if asked to, wait for the PCs.

    Raises:
        BadInput: it cannot be sent.
        SiaranError: Redis refused, or cannot be reached.
    """
    _demand_utf8(arguments)
    begun = Draft(
        channels=[ALL_CHANNELS] if arguments.all else list(dict.fromkeys(arguments.channel)),
        ack=Ack.PC,
    )
    typed = _typed(begun, arguments)
    _demand(typed)
    draft: Draft | None = None

    async def act(link: ConsoleLink) -> Sent:
        nonlocal draft  # the same one however often the connection is lost
        if draft is None:
            draft = _timed(typed, arguments, await sender.now_ms(link))
        return await sender.send(link, draft)

    return _tell(arguments, bus, run_async(_surely(bus, act, lambda: draft is not None)))


def replace(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Put another message in the place of one that was sent.

    Raises:
        BadInput: there is no such message, or the new one cannot be sent.
        SiaranError: Redis refused, or cannot be reached.
    """
    _demand_utf8(arguments)
    draft: Draft | None = None

    async def act(link: ConsoleLink) -> Sent:
        nonlocal draft
        if draft is None:
            message = await demand_message(link, arguments.id)
            now = await sender.now_ms(link)
            typed = _typed(draft_in_place_of(message, now), arguments)
            _demand(typed)
            draft = _timed(typed, arguments, now)
        return await sender.send(link, draft)

    return _tell(arguments, bus, run_async(_surely(bus, act, lambda: draft is not None)))


def recall(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Take one message back.

    Raises:
        BadInput: there is no such message, or it cannot be taken back.
        SiaranError: Redis refused, or cannot be reached.
    """
    order: Message | None = None

    async def act(link: ConsoleLink) -> Counts:
        nonlocal order
        message = await demand_message(link, arguments.id)
        if order is None:
            order = sender.recall_of(message, await sender.now_ms(link))
        await sender.publish(link, order)
        [counts] = await link.counts([message])
        return counts

    counts = run_async(_surely(bus, act, lambda: order is not None))
    if arguments.json:
        assert order is not None
        print_json({"id": order.recalls, "recall": order.id})
    else:
        seen = f"{counts.displayed} PC{'' if counts.displayed == 1 else 's'} had displayed it"
        sys.stdout.write(f"Recalled; {seen}, {counts.acknowledged} of them acknowledged.\n")
    return EXIT_OK


async def _surely(
    bus: ConsoleBus, act: Callable[[ConsoleLink], Awaitable[Result]], begun: Callable[[], bool]
) -> Result:
    """Do *act* over a link of *bus*; if Redis is lost after it has *begun*, nobody knows the end.

    Raises:
        SiaranError: Redis cannot be reached, refused, or was lost too often.
    """
    try:
        return await over_a_link(bus, act)
    except RedisUnreachable as error:
        if not begun():
            raise
        words = phrase("Redis did not confirm the message, so it is not known whether it was sent.")
        raise RedisUnreachable(error.address, words, error.sentence) from error


def _typed(begun: Draft, arguments: argparse.Namespace) -> Draft:
    """*begun* with everything that the command line says, but the times."""
    changes: dict[str, Any] = {}
    if arguments.title is not None:
        changes["title"] = arguments.title
    if arguments.message is not None:
        changes["body"] = _message_text(arguments.message)
    if getattr(arguments, "drill", False):
        changes["drill"] = True
    if arguments.reply is not None:
        changes["replies"] = arguments.reply
    for name, kind in (("level", Level), ("ack", Ack), ("format", Format)):
        value = getattr(arguments, name)
        if value is not None:
            changes[name] = kind(value)
    return msgspec.structs.replace(begun, **changes)


def _timed(draft: Draft, arguments: argparse.Namespace, now_ms: int) -> Draft:
    """*draft* with its times; how long it stays counts from when it is shown."""
    show: Moment | None = arguments.show_at
    expires: Moment | None = arguments.expires
    show_at = draft.show_at if show is None else show.after(now_ms)
    begins = max(now_ms, show_at or 0)
    expires_at = draft.expires_at if expires is None else expires.after(begins)
    return msgspec.structs.replace(draft, show_at=show_at, expires_at=expires_at)


def _demand(draft: Draft) -> None:
    problems = problems_of(draft)
    if problems:
        raise BadInput(problems)


def _tell(arguments: argparse.Namespace, bus: ConsoleBus, sent: Sent) -> int:
    if arguments.wait:
        return _wait(arguments, bus, sent)
    if arguments.json:
        print_json(_as_json(sent, None))
    else:
        all_of_them = sent.message.channels == [ALL_CHANNELS]
        names = "all channels" if all_of_them else ", ".join(sent.message.channels)
        connected = f" {sent.connected} PC{'' if sent.connected == 1 else 's'} connected now."
        known = sent.connected is not None
        sys.stdout.write(f"Sent to {names}.{connected if known else ''}\n")
    return EXIT_OK


def _wait(arguments: argparse.Namespace, bus: ConsoleBus, sent: Sent) -> int:
    stage = Stage(arguments.wait)
    wanted = None if arguments.count == "all" else arguments.count
    waited = run_async(wait_for(bus, sent.message, stage, wanted, arguments.timeout))
    counts = waited.counts
    if waited.error is not None:  # no failure of the command: who runs it again would send twice
        sys.stderr.write(f"{PROGRAM}: {waited.error}\n")
    if arguments.json:
        print_json(_as_json(sent, counts))
    else:
        sys.stdout.write(f"Sent {sent.message.id}: {_progress(sent, counts)}.\n")
    return EXIT_OK if waited.done else EXIT_NOT_YET


def _progress(sent: Sent, counts: Counts) -> str:
    by_outlet = sent.message.ack is Ack.OUTLET
    stages = [one for one in Stage if one is not Stage.ACKNOWLEDGED or not by_outlet]
    expected = sent.expected if counts.expected is None else counts.expected
    words = ", ".join(f"{counts.of(one)} {one}" for one in stages)
    words += "" if expected is None else f" of {expected} expected"
    if by_outlet:
        done, whole = counts.share(Stage.ACKNOWLEDGED, sent.message.ack)
        words += f"; acknowledged in {done} of {max(whole, sent.asked or 0)} outlets"
    return words


def _as_json(sent: Sent, counts: Counts | None) -> dict[str, Any]:
    message = sent.message
    return {
        "id": message.id,
        "channels": message.channels,
        "show_at": message.show_at,
        "expires_at": message.expires_at,
        "replaces": message.replaces,
        "connected": sent.connected,
        "expected": sent.expected,
        "received": counts and counts.received,
        "displayed": counts and counts.displayed,
        "ack": message.ack.value,
        "acknowledged": counts and counts.share(Stage.ACKNOWLEDGED, message.ack)[0],
        "asked": sent.asked,
    }


def _message_text(given: str) -> str:
    """The text itself, or with ``-`` all of standard input.

    That is UTF-8, or UTF-16 with its mark, as Windows PowerShell's ``>`` writes files.
    """
    if given != "-":
        return given
    raw = b"" if sys.stdin is None else sys.stdin.buffer.read()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if marked else "utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput([Problem("body", "The message on standard input is not UTF-8.")]) from None


def _demand_utf8(arguments: argparse.Namespace) -> None:
    """Refuse what would lose characters on its way."""
    texts = {"title": [arguments.title or ""], "message": [arguments.message or ""]}
    texts["reply"] = arguments.reply or []
    for field, given in texts.items():
        if any("\ud800" <= one <= "\udfff" for text in given for one in text):
            raise BadInput([Problem(field, f"The {field} on the command line is not UTF-8.")])
