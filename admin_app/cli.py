"""The console's command line. Only starting the window imports Qt."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.command_line import (
    EXIT_CODES,
    add_common_options,
    add_setting_options,
    data_dir,
    print_json,
    run_command,
    sources_of,
)
from shared.errors import EXIT_OK, BadInput, LinkLost, Problem
from shared.model import ALL_CHANNELS, Level
from shared.settings import Program, Settings, demand

if TYPE_CHECKING:
    from admin_app.draft import Draft
    from admin_app.sending import Sent

PROGRAM = "siaran-console"
TRIES = 3
"""Attempts of ``send`` when the connection is lost in the middle; the message id stays."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = _parser().parse_args(argv)
    work = {"send": _send}.get(arguments.command, _window)
    return run_command(PROGRAM, lambda: work(arguments))


def _window(arguments: argparse.Namespace) -> int:
    from admin_app.app import run_console

    loaded = sources_of(arguments, Program.CONSOLE).load()
    return run_console(loaded, data_dir(loaded, Program.CONSOLE), os.environ)


def _send(arguments: argparse.Namespace) -> int:
    from admin_app.draft import Draft, problems_of

    settings = demand(sources_of(arguments, Program.CONSOLE).load())
    draft = Draft(
        channels=[ALL_CHANNELS] if arguments.all else list(dict.fromkeys(arguments.channel)),
        title=arguments.title,
        body=_message_text(arguments.message),
        level=Level(arguments.level),
    )
    problems = problems_of(draft)
    if problems:
        raise BadInput(problems)
    sent = asyncio.run(_publish(settings, draft))
    if arguments.json:
        message = sent.message
        print_json({"id": message.id, "channels": message.channels, "connected": sent.connected})
    else:
        names = "all channels" if arguments.all else ", ".join(sent.message.channels)
        connected = f"{sent.connected} PC{'' if sent.connected == 1 else 's'} connected now."
        sys.stdout.write(f"Sent to {names}. {connected}\n")
    return EXIT_OK


async def _publish(settings: Settings, draft: Draft) -> Sent:
    from admin_app.sending import Sender
    from shared.keys import Keys
    from shared.redis_bus import RedisConsoleBus, address_from

    bus = RedisConsoleBus(address_from(settings, os.environ), Keys(settings.namespace))
    sender = Sender(settings)
    for attempt in range(1, TRIES + 1):
        try:
            async with bus.open() as link:
                return await sender.send(link, draft)
        except LinkLost:
            if attempt == TRIES:
                raise
            await asyncio.sleep(attempt)
    raise AssertionError("the last attempt returns or raises")


def _message_text(given: str) -> str:
    """The text itself, or with ``-`` all of standard input (UTF-8)."""
    if given != "-":
        return given
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").rstrip("\n")
    except UnicodeDecodeError:
        raise BadInput([Problem("body", "The message on standard input is not UTF-8.")]) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Sends a message to outlets. Without a command, opens the window.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_shared(parser)
    add_setting_options(parser, ("theme",))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_send(commands)
    return parser


def _add_send(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    send = commands.add_parser(
        "send",
        help="send one message and wait until Redis has it",
        description="Sends one message and waits until Redis has stored it. "
        "PCs that are off show it when they come back.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = send.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--channel", action="extend", nargs="+", metavar="NAME", help="channel; several are fine"
    )
    where.add_argument("--all", action="store_true", help="send to all channels")
    send.add_argument("--title", required=True, help="title, at most 200 characters")
    send.add_argument(
        "--message", required=True, help="text, at most 8000 characters; - reads standard input"
    )
    send.add_argument(
        "--level",
        choices=[level.value for level in Level],
        default=Level.NORMAL.value,
        help="how loudly it asks for attention (default: normal)",
    )
    send.add_argument("--json", action="store_true", help='print {"id", "channels", "connected"}')
    add_setting_options(send, ("sender",))
    _add_shared(send)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    add_setting_options(parser, ("data_dir",))
    add_common_options(parser, PROGRAM)
