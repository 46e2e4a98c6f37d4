"""The tray program itself, with somebody at the till who writes down what the screen shows.

Takes a folder and then the tray's command line. In the folder: ``plan.json`` (a ``Plan``);
``report``, one line an event, ``<what> <id> <monotonic ns>``; and ``hold``: while that file is
there, nobody presses OK.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from tests.children import KILL

POLL_MS = 10
TICK_MS = 5
LATE_MS = 10
"""A tick this much behind its time is reported."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to go wrong inside the tray.

    ``kill_at``: a step (``storing``, ``stored``, ``painted``, ``clicked``, ``answered``) at which
    the process kills itself when ``kill_after`` messages have come so far. ``clock_ms``: how far
    the PC's clock is off. ``try_folder_s``: when a folder that refused is tried again.
    ``ticking``: report when the GUI thread is late.
    """

    kill_at: str = ""
    kill_after: int = 1
    clock_ms: int = 0
    try_folder_s: float = 30.0
    ticking: bool = False


class Report:
    """The file of events; every line is there before the next step is taken."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._file = os.open(folder / "report", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._plan = plan
        self._count = 0

    def write(self, what: str, about: str = "-") -> None:
        """Add one line."""
        os.write(self._file, f"{what} {about} {time.monotonic_ns()}\n".encode())

    def moment(self, name: str, messages: int = 1) -> None:
        """So many messages are at this step; die here if the plan says so."""
        if name == self._plan.kill_at:
            self._count += messages
            if self._count >= self._plan.kill_after:
                os.kill(os.getpid(), KILL)


def main() -> int:
    """Run the tray until it is asked to end."""
    folder, *arguments = sys.argv[1:]
    plan = msgspec.json.decode((Path(folder) / "plan.json").read_bytes(), type=Plan)
    _shift_clock(plan.clock_ms)
    report = Report(Path(folder), plan)
    _watch_steps(report)
    return _run(arguments, Path(folder), plan, report)


def _shift_clock(by_ms: int) -> None:
    """Set the PC's clock wrong, before any other module has seen it."""
    wall_ns, wall = time.time_ns, time.time
    time.time_ns = lambda: wall_ns() + by_ms * 1_000_000
    time.time = lambda: wall() + by_ms / 1000


def _watch_steps(report: Report) -> None:
    """Report the steps of a message's life, and die between two of them if that is planned."""
    from tray_client.desk import Desk
    from tray_client.inbox import Inbox

    store, answer = Inbox.store, Desk.answer

    def stored(inbox: Inbox, arrived: list[Any], *rest: Any) -> Any:
        report.moment("storing", len(arrived))
        new = store(inbox, arrived, *rest)
        report.moment("stored", len(new))
        return new

    def answered(desk: Desk, message_id: str, *rest: Any) -> Any:
        report.moment("clicked")
        result = answer(desk, message_id, *rest)
        report.write("answered", message_id)
        report.moment("answered")
        return result

    _replace(Inbox, "store", stored)
    _replace(Desk, "answer", answered)


def _replace(where: object, name: str, new: object) -> None:
    setattr(where, name, new)


def _run(arguments: list[str], folder: Path, plan: Plan, report: Report) -> int:
    from shared.command_line import data_dir, sources_of
    from shared.errors import StorageError
    from shared.instance import Instance, claim
    from shared.qt.runner import QuitRequest
    from shared.settings import Program
    from tray_client import lives
    from tray_client.app import TrayApp
    from tray_client.options import parser

    _replace(lives, "TrayApp", partial(TrayApp, guard_ms=0))
    _replace(lives, "TRY_FOLDER_AGAIN_S", plan.try_folder_s)
    loaded = sources_of(parser().parse_args(arguments), Program.TRAY).load()
    data = data_dir(loaded, Program.TRAY)

    def started(app: TrayApp, _quit: QuitRequest) -> None:
        report.write("started")
        app.session.status_changed.connect(lambda status: report.write("link", status.state.value))
        app.presenter.on_painted = partial(_painted, folder, report)
        if plan.ticking:
            _tick(app, report)

    instance: Instance | None = None
    with contextlib.suppress(StorageError):  # the program, too, goes on and tries again
        instance = claim(data)
    return lives.run_tray(loaded, data, instance, os.environ, started=started)


def _painted(folder: Path, report: Report, popup: Any) -> None:
    from PySide6.QtCore import QTimer

    report.write("painted", popup.content.id)
    report.moment("painted")
    QTimer.singleShot(0, popup, lambda: _answer(folder, popup))


def _answer(folder: Path, popup: Any) -> None:
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest

    if popup.guarded or (folder / "hold").exists():
        QTimer.singleShot(POLL_MS, popup, lambda: _answer(folder, popup))
    else:
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)


def _tick(app: Any, report: Report) -> None:
    """Report each time the GUI thread was busy for longer than it should."""
    from PySide6.QtCore import QElapsedTimer, Qt, QTimer

    timer, since = QTimer(app.presenter), QElapsedTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def tick() -> None:
        late = since.restart() - TICK_MS
        if late >= LATE_MS:
            report.write("late", str(late))

    since.start()
    timer.timeout.connect(tick)
    timer.start(TICK_MS)


if __name__ == "__main__":
    sys.exit(main())
