"""The console's command line. Only starting the window imports Qt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from admin_app.options import PROGRAM, parser
from shared.command_line import (
    data_dir,
    print_json,
    readable,
    run_async,
    run_command,
    settings_for,
    sources_of,
    tell_outcome,
)
from shared.errors import (
    EXIT_BAD_INPUT,
    EXIT_OK,
    EXIT_REFUSED,
    BadInput,
    Problem,
    SiaranError,
)
from shared.instance import quit_consoles
from shared.settings import CONNECTION, Program, Settings, Strictest

if TYPE_CHECKING:
    from admin_app.checkup import Seen
    from shared.bus import ChannelInfo
    from shared.documents import Entries
    from shared.redis_bus import RedisConsoleBus
    from shared.signing import Signer

COUNTING = (*CONNECTION, "heartbeat_seconds", "retention_hours", "receipt_days")
"""Settings that commands use which say how many PCs there are."""
SENDING = (*COUNTING, "sender", "signing_key_file")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    return run_command(PROGRAM, lambda: _dispatch(parser().parse_args(readable(argv))))


def _dispatch(arguments: argparse.Namespace) -> int:
    if getattr(arguments, "quit", False) or getattr(arguments, "all_sessions", False):
        return _quit(both=arguments.quit and arguments.all_sessions)
    commands = {
        "send": _send,
        "recall": _send,
        "replace": _send,
        "report": _report,
        "remind": _send,
        "history": _history,
        "endpoints": _endpoints,
        "check": _check,
        "repair": _repair,
        "channels": _channels,
        "keygen": _keygen,
    }
    return commands.get(arguments.command, _window)(arguments)


def _quit(*, both: bool) -> int:
    """For Windows' installer. Reads no settings: those of SYSTEM are not the consoles'."""
    if not both:
        raise BadInput([Problem("quit", "--quit and --all-sessions go together.")])
    return tell_outcome(PROGRAM, "console", quit_consoles())


def _window(arguments: argparse.Namespace) -> int:
    from admin_app.app import run_console

    sources = sources_of(arguments, Program.CONSOLE)
    return run_console(sources, data_dir(sources.load(), Program.CONSOLE), os.environ)


def _settings(arguments: argparse.Namespace, *used: str) -> Settings:
    return settings_for(PROGRAM, sources_of(arguments, Program.CONSOLE).load(), *used)


def _send(arguments: argparse.Namespace) -> int:
    from admin_app import report_command, send_command
    from admin_app.clock_file import keep_clock, load_clock
    from admin_app.sending import Sender

    loaded = sources_of(arguments, Program.CONSOLE).load()
    settings = settings_for(PROGRAM, loaded, *SENDING)
    folder = data_dir(loaded, Program.CONSOLE)
    commands = {
        "send": send_command.send,
        "recall": send_command.recall,
        "replace": send_command.replace,
        "remind": report_command.remind,
    }
    sender = Sender(settings, _signer(settings), clock=load_clock(folder))
    if getattr(arguments, "trust_clock", False):
        sender.clock.trust_redis()
    try:
        return commands[arguments.command](arguments, _bus(settings), sender)
    finally:
        keep_clock(folder, sender.clock)


def _report(arguments: argparse.Namespace) -> int:
    from admin_app.report_command import report
    from admin_app.sending import Sender

    settings = _settings(arguments, *COUNTING)
    return report(arguments, _bus(settings), Sender(settings))


def _history(arguments: argparse.Namespace) -> int:
    from admin_app.history_command import history

    settings = _settings(arguments, *CONNECTION)
    return history(arguments, _bus(settings))


def _endpoints(arguments: argparse.Namespace) -> int:
    from admin_app.endpoints_command import endpoints
    from admin_app.sending import Sender

    settings = _settings(arguments, *COUNTING)
    return endpoints(arguments, _bus(settings), Sender(settings))


def _check(arguments: argparse.Namespace) -> int:
    from admin_app import checkup

    loaded = sources_of(arguments, Program.CONSOLE).load()
    findings = checkup.of_settings(loaded.problems)
    code = EXIT_BAD_INPUT if findings else EXIT_OK
    try:
        if refusal := loaded.refusal(Strictest.NO_CONNECTION):
            raise refusal
        _signer(loaded.settings)
        address, seen = run_async(_look(loaded.settings))
        findings += checkup.of_server(loaded.settings, address, seen)
    except SiaranError as error:
        findings.append(checkup.of_failure(error))
        code = code or error.exit_code
    if code == EXIT_OK and any(one.grade is checkup.Grade.BAD for one in findings):
        code = EXIT_REFUSED
    if arguments.json:
        print_json({"ok": code == EXIT_OK, "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            sys.stdout.write(f"{one.grade.value:<5} {one.topic:<12} {one.sentence}\n")
    return code


async def _look(settings: Settings) -> tuple[str, Seen]:
    from admin_app.checkup import seen_behind

    bus = _bus(settings)
    async with bus.open() as link:
        return bus.address, await seen_behind(link)


def _repair(arguments: argparse.Namespace) -> int:
    from admin_app.repair_command import repair
    from shared.keys import Keys
    from shared.model import HOUR_MS

    settings = _settings(arguments)
    retention_ms = settings.retention_hours * HOUR_MS
    return repair(arguments, _bus(settings), Keys(settings.namespace), retention_ms)


def _channels(arguments: argparse.Namespace) -> int:
    from admin_app.command_tools import say_unreadable
    from admin_app.unreadable import Unreadable

    settings = _settings(arguments, *CONNECTION)
    channels = run_async(_change_channels(settings, arguments))
    if arguments.json:
        print_json(
            [{"name": one.name, "label": one.label, "retired": one.retired} for one in channels]
        )
    else:
        for info in channels:
            label = "" if info.label == info.name else f"  ({info.label})"
            sys.stdout.write(f"{info.name}{label}{'  retired' if info.retired else ''}\n")
    say_unreadable(Unreadable(channels=channels.unreadable))
    return EXIT_OK


async def _change_channels(
    settings: Settings, arguments: argparse.Namespace
) -> Entries[ChannelInfo]:
    from admin_app.channels import added, change, relabelled, retired, with_defaults
    from shared.documents import Entries

    async with _bus(settings).open() as link:
        if arguments.add:
            return await change(link, lambda now: added(now, arguments.add))
        if arguments.retire:
            return await change(link, lambda now: retired(now, arguments.retire))
        if arguments.rename:
            return await change(link, lambda now: relabelled(now, *arguments.rename))
        stored = await link.channels()
        return Entries(with_defaults(stored), unreadable=stored.unreadable)


def _keygen(arguments: argparse.Namespace) -> int:
    from shared.signing_key import create_key_file

    path = Path(arguments.out).expanduser()
    public = create_key_file(path, arguments.key_id)
    if arguments.json:
        print_json({"key_id": arguments.key_id, "public": public, "file": str(path)})
        return EXIT_OK
    sys.stdout.write(
        f"The private key is in {path}; only you can read it.\n"
        f"Let this console sign with it:    signing_key_file = '{path}'\n"
        "Let trays trust it (siaran.toml, or the same in a policy):\n\n"
        f'[trusted_keys."{arguments.key_id}"]\npublic = "{public}"\n'
    )
    return EXIT_OK


def _bus(settings: Settings) -> RedisConsoleBus:
    from shared.keys import Keys
    from shared.redis_bus import RedisConsoleBus, address_from

    return RedisConsoleBus(address_from(settings, os.environ), Keys(settings.namespace))


def _signer(settings: Settings) -> Signer | None:
    if not settings.signing_key_file:
        return None
    from shared.signing_key import signer_of

    return signer_of(settings)
