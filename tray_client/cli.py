"""The tray's command line. Only starting the program itself imports Qt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shared.command_line import (
    EXIT_CODES,
    add_common_options,
    add_setting_options,
    data_dir,
    print_json,
    run_command,
    sources_of,
)
from shared.errors import EXIT_OK, EXIT_REFUSED, AlreadyRunning, SiaranError
from shared.instance import Command, claim, is_running, tell
from shared.settings import Loaded, Program, demand

PROGRAM = "siaran-tray"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = parse(argv)
    return run_command(PROGRAM, lambda: _dispatch(arguments))


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    return _parser().parse_args(argv)


def _loaded(arguments: argparse.Namespace) -> Loaded:
    return sources_of(arguments, Program.TRAY).load()


def _dispatch(arguments: argparse.Namespace) -> int:
    if arguments.quit:
        return _quit(arguments)
    if arguments.command == "inbox":
        return _inbox(arguments)
    if arguments.command == "status":
        return _status(arguments)
    return _start(arguments)


def _start(arguments: argparse.Namespace) -> int:
    sources = sources_of(arguments, Program.TRAY)
    loaded = sources.load()
    folder = data_dir(loaded, Program.TRAY)
    try:
        instance = claim(folder)
    except AlreadyRunning as error:
        tell(folder, Command.SHOW)
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return error.exit_code
    try:
        from tray_client.app import run_tray

        return run_tray(loaded, folder, instance, os.environ, reload=sources.load)
    finally:
        instance.release()


def _quit(arguments: argparse.Namespace) -> int:
    try:
        was_running = tell(data_dir(_loaded(arguments), Program.TRAY), Command.QUIT)
    except TimeoutError:
        raise SiaranError("The running tray does not end.", "End it in the task manager.") from None
    if not was_running:
        sys.stderr.write(f"{PROGRAM}: no tray was running.\n")
    return EXIT_OK


def _inbox(arguments: argparse.Namespace) -> int:
    from tray_client.inbox import read_messages

    loaded = _loaded(arguments)
    demand(loaded)
    messages = read_messages(data_dir(loaded, Program.TRAY))
    if arguments.json:
        print_json([_as_json(message) for message in messages])
    else:
        for message in messages:
            sys.stdout.write(_as_line(message) + "\n")
    return EXIT_OK


def _status(arguments: argparse.Namespace) -> int:
    from msgspec.structs import asdict as as_dict

    from tray_client.status_file import read

    folder = data_dir(_loaded(arguments), Program.TRAY)
    status = read(folder, running=is_running(folder))
    if arguments.json:
        print_json(as_dict(status))
        return EXIT_OK if status.running else EXIT_REFUSED
    if not status.running:
        sys.stdout.write("No tray is running here.\n")
        return EXIT_REFUSED
    sys.stdout.write(f"{status.endpoint}: {status.state} {status.address}\n")
    for line in (status.error, "Another PC uses the same name." if status.rival else None):
        if line:
            sys.stdout.write(f"  {line}\n")
    for problem in status.problems:
        sys.stdout.write(f"  {problem}\n")
    sys.stdout.write(f"  {status.waiting} waiting for an answer\n")
    return EXIT_OK


def _as_json(message: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(message).items() if name != "number"}


def _as_line(message: Any) -> str:
    from datetime import datetime

    from shared.text import safe_line

    try:
        at = f"{datetime.fromtimestamp(message.sent_at / 1000).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # an unsigned message may claim any time
        at = "at no known time"
    head = f"{at:<16}  {message.level:<9}  {message.state:<12}"
    return f"{head}  {safe_line(message.channel)}: {safe_line(message.title)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Shows head office's messages on this PC as soon as they are sent.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quit", action="store_true", help="end the running tray, wait until it has ended"
    )
    parser.add_argument(
        "--channel",
        dest="channels",
        action="extend",
        nargs="+",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="channel to follow besides All channels; may be given several times",
    )
    add_setting_options(parser, ("outlet", "pc", "theme"))
    _add_shared(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    status = commands.add_parser(
        "status",
        help="say how the running tray stands with Redis",
        description="Says how the tray of this data folder stands. Ends with 4 if none runs.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    status.add_argument("--json", action="store_true", help='print {"running", "state", …}')
    _add_shared(status)
    inbox = commands.add_parser(
        "inbox",
        help="list the messages this PC has, newest last",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    inbox.add_argument("--json", action="store_true", help="print a JSON list")
    _add_shared(inbox)
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    add_setting_options(parser, ("data_dir",))
    add_common_options(parser, PROGRAM)
