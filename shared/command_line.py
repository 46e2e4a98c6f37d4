"""What the command lines of both programs have in common. Imports neither Qt nor Redis."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shared.errors import (
    EXIT_BAD_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_REFUSED,
    BadInput,
    Problem,
    SiaranError,
)
from shared.instance import Outcome
from shared.paths import default_data_dir
from shared.private import private_place
from shared.settings import TABLE, Loaded, Program, Settings, demand
from shared.sources import Sources

Result = TypeVar("Result")
FULL = {errno.ENOSPC, errno.EFBIG}
"""What the system says of a file that takes no more."""
NOT_ON_A_COMMAND_LINE = (
    "A password has no place in --redis-url, where every user of this PC could read it; "
    "put it into a password_file or the variable SIARAN_PASSWORD."
)


def readable(argv: Sequence[str] | None) -> list[str]:
    """The command line, read as UTF-8 where the locale took it for something less.

    With PYTHONUTF8=0 and LANG=C an é arrives as two halves of nothing. What is no UTF-8 at all,
    such as the name of an old file, stays as it is.
    """
    return [_as_utf8(one) for one in (sys.argv[1:] if argv is None else argv)]


def _as_utf8(argument: str) -> str:
    try:
        argument.encode()
        return argument
    except UnicodeEncodeError:
        with contextlib.suppress(UnicodeError):
            return os.fsencode(argument).decode()
        return argument


def sources_of(arguments: argparse.Namespace, program: Program) -> Sources:
    """The sources of settings of this PC, with those given in *arguments* as the command line's.

    Raises:
        BadInput: the address has a password in it.
    """
    given = {name: value for name, value in vars(arguments).items() if name in TABLE}
    if _has_password(str(given.get("redis_url", ""))):
        raise BadInput([Problem("redis_url", NOT_ON_A_COMMAND_LINE)])
    return Sources.of_this_pc(program, given)


def _has_password(address: str) -> bool:
    try:
        return bool(urlsplit(address).password)
    except ValueError:  # no address at all, which is said elsewhere
        return False


def data_dir(loaded: Loaded, program: Program) -> Path:
    """The folder for the program's data, which is private where the setting names a shared one."""
    configured = loaded.settings.data_dir
    usual = default_data_dir(program)
    return private_place(Path(configured).expanduser(), usual) if configured else usual


def settings_for(program: str, loaded: Loaded, *used: str) -> Settings:
    """Return the settings for a command that uses those named; say what is wrong with others.

    Raises:
        BadInput: one that is used is wrong.
    """
    settings = demand(loaded, *used)
    say_problems(program, loaded.problems)
    return settings


def say_problems(program: str, problems: Sequence[Problem]) -> None:
    """Say on standard error what is wrong with settings that do not stop this command."""
    for problem in problems:
        sys.stderr.write(f"{program}: {problem.sentence}\n")


def tell_outcome(program: str, what: str, outcome: Outcome) -> int:
    """Say what became of ending the *what* (tray, console) of all sessions.

    Raises:
        SiaranError: some have not ended.
    """
    for sentence in outcome.skipped:
        sys.stderr.write(f"{program}: {sentence}\n")
    if outcome.left:
        those = f"1 {what} does" if outcome.left == 1 else f"{outcome.left} {what}s do"
        raise SiaranError(f"{those} not end.", "End what is left in the task manager.")
    if not outcome.asked:
        sys.stderr.write(f"{program}: no {what} was running.\n")
    return EXIT_OK


def run_command(program: str, work: Callable[[], int]) -> int:
    """Run *work*; what it cannot do becomes one sentence on standard error and an exit code."""
    ready_streams()
    _obey_ctrl_break()
    try:
        code = _code_of(work)
        sys.stdout.flush()  # here, where a reader that has gone is no error
        return code
    except BadInput as error:
        say_problems(program, error.problems)
        return EXIT_BAD_INPUT
    except SiaranError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has stopped
        _give_up_output()
        return EXIT_OK
    except OSError as error:
        if error.errno not in FULL:
            raise
        _give_up_output()
        sys.stderr.write(f"{program}: The output cannot be written: {error.strerror}.\n")
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _obey_ctrl_break() -> None:
    """Take Ctrl+Break for Ctrl+C: otherwise Windows ends the process in the middle of anything.

    It is all that another program can send to one that it has started in a process group.
    """
    if sys.platform == "win32":
        import signal

        signal.signal(signal.SIGBREAK, lambda *_: signal.raise_signal(signal.SIGINT))


def _code_of(work: Callable[[], int]) -> int:
    try:
        return work()
    except SystemExit as end:  # of argparse, after --help or a wrong option
        return end.code if isinstance(end.code, int) else EXIT_OK


def _give_up_output() -> None:
    """Drop what is buffered: nobody reads it, and flushing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run *work* to its end. Imports asyncio, a third of the time of ``--version``, only now."""
    import asyncio

    return asyncio.run(work)


def ready_streams() -> None:
    """Make standard output and error print whatever comes, in any locale, closed or not.

    A till's script may well run with LANG=C, or with no output at all, as programs without a
    console have on Windows. What the encoding lacks becomes a question mark.

    On Windows a file or a pipe gets UTF-8: Python would write the ANSI code page, which lacks most
    letters and is not what a console reads either. A console takes every letter in any code page.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8", errors="replace")  # noqa: SIM115
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):  # not what a test puts there
            by_locale = sys.platform != "win32" or stream.isatty()
            stream.reconfigure(encoding=None if by_locale else "utf-8", errors="replace")


def print_json(value: Any) -> None:
    """Write *value* as one JSON document, readable in any locale."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
