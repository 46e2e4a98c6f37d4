"""One instance of a program per data folder and login session, and a way to talk to it.

Knows no Qt: ``--quit`` has to work without loading it (an upgrade runs it, and must not wait).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.instance.answered import LocalAnswer, Told

POLL_S = 0.05


class Command(StrEnum):
    """What another start of the program may ask of the running one."""

    QUIT = "quit"
    SHOW = "show"


class Instance(Protocol):
    """The right to be the only one, while it is held.

    ``folder``: where its data belong. ``hears_others``: whether, once it listens, the trays of all
    other sessions of this PC can tell it of answers.
    """

    folder: Path
    hears_others: bool

    def listen(self, obey: Callable[[Command], None], heard: Callable[[Told], None]) -> None:
        """Call *obey* for each command, in the running event loop.

        *heard* is called with what other trays of this PC tell of answers.
        """

    def is_alone(self) -> bool:
        """Whether no other session of this PC has a tray now; False where that is not known."""

    def tell_others(self, answer: LocalAnswer) -> None:
        """Tell the other trays of this PC; takes some seconds if they hang, and raises nothing."""

    def release(self) -> None:
        """Stop listening and give the right away. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of asking the trays of all sessions to end."""

    asked: int
    left: int
    """How many of them had not ended in time."""
    skipped: tuple[str, ...] = ()
    """A sentence for each user or session that is out of the caller's reach."""


def claim(data_dir: Path) -> Instance:
    """Become the only instance of this login session that uses *data_dir*.

    While another session of the same user does, ``folder`` is one of its own below it.

    Raises:
        AlreadyRunning: another one of this session does.
        StorageError: the folder cannot be used.
    """
    return _backend().claim(data_dir)


def tell(data_dir: Path, command: Command, *, timeout_s: float = 10.0) -> bool:
    """Send *command* to the instance that uses *data_dir*; for QUIT wait until it has ended.

    That is the one of this login session; on Unix, if it has none, of another one of the user.

    Returns False when there is none.

    Raises:
        TimeoutError: it did not obey in time.
    """
    return _backend().tell(data_dir, command, timeout_s)


def is_running(data_dir: Path) -> bool:
    """Whether an instance uses *data_dir* now."""
    return _backend().is_running(data_dir)


def folder_of(data_dir: Path) -> Path:
    """Where the instance that uses *data_dir* keeps its data; *data_dir* itself if none runs."""
    return _backend().folder_of(data_dir) or data_dir


def quit_all(*, timeout_s: float = 30.0) -> Outcome:
    """End the trays of every session that the caller may reach, and wait until they have ended."""
    return _backend().quit_all(timeout_s)


def obey_quit(ask: Callable[[], None]) -> Callable[[], None]:
    """Call *ask* in the running event loop when an installer ends all consoles (on Windows).

    Returns what ends the waiting for it.
    """
    return _backend().obey_quit(ask)


def quit_consoles(*, timeout_s: float = 30.0) -> Outcome:
    """End the consoles of every session that the caller may reach, and wait; on Windows only."""
    return _backend().quit_consoles(timeout_s)


def still_there(ended: Sequence[Callable[[], bool]], timeout_s: float) -> int:
    """Wait until all of *ended* say yes; return how many still do not after *timeout_s*."""
    deadline = time.monotonic() + timeout_s
    while left := [one for one in ended if not one()]:
        if time.monotonic() > deadline:
            break
        ended = left
        time.sleep(POLL_S)
    return len(left)


class _Backend(Protocol):
    def claim(self, data_dir: Path) -> Instance: ...

    def tell(self, data_dir: Path, command: Command, timeout_s: float) -> bool: ...

    def is_running(self, data_dir: Path) -> bool: ...

    def folder_of(self, data_dir: Path) -> Path | None: ...

    def quit_all(self, timeout_s: float) -> Outcome: ...

    def obey_quit(self, ask: Callable[[], None]) -> Callable[[], None]: ...

    def quit_consoles(self, timeout_s: float) -> Outcome: ...


def _backend() -> _Backend:
    if sys.platform == "win32":
        from shared.instance import windows

        return windows
    from shared.instance import unix

    return unix
