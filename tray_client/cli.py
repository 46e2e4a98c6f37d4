"""The tray's command line. Only starting the program itself imports Qt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from shared.command_line import (
    data_dir,
    print_json,
    readable,
    run_command,
    say_problems,
    settings_for,
    sources_of,
    tell_outcome,
)
from shared.errors import (
    EXIT_OK,
    EXIT_REFUSED,
    AlreadyRunning,
    BadInput,
    Problem,
    SiaranError,
    StorageError,
)
from shared.instance import Command, Instance, claim, folder_of, is_running, quit_all, tell
from shared.settings import Loaded, Program
from tray_client.options import PROGRAM, parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    return run_command(PROGRAM, lambda: _dispatch(parser().parse_args(readable(argv))))


def _loaded(arguments: argparse.Namespace) -> Loaded:
    return sources_of(arguments, Program.TRAY).load()


def _dispatch(arguments: argparse.Namespace) -> int:
    if arguments.all_sessions:
        return _quit_all(demanded=arguments.quit)
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
        instance: Instance | None = claim(folder)
    except AlreadyRunning as error:
        if arguments.background:
            return EXIT_OK
        with suppress(TimeoutError):  # it hangs; that is no reason for a second one
            tell(folder, Command.SHOW)
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return error.exit_code
    except StorageError as error:  # said by the icon, too, and tried again
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        instance = None
    from tray_client.lives import run_tray

    return run_tray(loaded, folder, instance, os.environ, reload=sources.load)


def _quit(arguments: argparse.Namespace) -> int:
    loaded = _loaded(arguments)
    say_problems(PROGRAM, loaded.problems)
    try:
        was_running = tell(data_dir(loaded, Program.TRAY), Command.QUIT)
    except TimeoutError:
        raise SiaranError("The running tray does not end.", "End it in the task manager.") from None
    if not was_running:
        sys.stderr.write(f"{PROGRAM}: no tray was running.\n")
    return EXIT_OK


def _quit_all(*, demanded: bool) -> int:
    """For installers. Reads no settings: those of root or SYSTEM are not the trays'."""
    if not demanded:
        raise BadInput([Problem("all_sessions", "--all-sessions goes with --quit.")])
    return tell_outcome(PROGRAM, "tray", quit_all())


def _inbox(arguments: argparse.Namespace) -> int:
    from tray_client.inbox import read_messages

    loaded = _loaded(arguments)
    settings_for(PROGRAM, loaded, "data_dir")
    messages = read_messages(folder_of(data_dir(loaded, Program.TRAY)))
    if arguments.json:
        print_json([_as_json(message) for message in messages])
    else:
        for message in messages:
            sys.stdout.write(_as_line(message) + "\n")
    return EXIT_OK


def _status(arguments: argparse.Namespace) -> int:
    from msgspec.structs import asdict as as_dict

    from tray_client.status_file import read

    loaded = _loaded(arguments)
    folder = data_dir(loaded, Program.TRAY)
    status = read(folder_of(folder), running=is_running(folder))
    unsaid = [one for one in loaded.problems if str(one.sentence) not in status.problems]
    say_problems(PROGRAM, unsaid)
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
    if status.quiet_until:
        sys.stdout.write(f"  Do not disturb until {_when(status.quiet_until)}\n")
    return EXIT_OK


def _as_json(message: Any) -> dict[str, Any]:
    inner = ("number", "snoozed_ms")
    return {name: value for name, value in asdict(message).items() if name not in inner}


def _as_line(message: Any) -> str:
    from shared.text import safe_line

    head = f"{_when(message.sent_at):<16}  {message.level:<9}  {message.state:<12}"
    return f"{head}  {safe_line(message.channel)}: {safe_line(message.title)}"


def _when(at_ms: int) -> str:
    from datetime import datetime

    try:
        return f"{datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # an unsigned message may claim any time
        return "at no known time"
