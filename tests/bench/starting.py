"""One start of one program, timed from within: ``starting.py console|tray URL FOLDER BEGAN``.

Prints a JSON object, phase to ms. Phases are in the order in which the programs have them. What
only the measurement needs (pytest, for the pair's helpers) is imported between two phases.
"""

from __future__ import annotations

import time

ARRIVED = time.perf_counter()

import asyncio  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

GROUPS = {
    "import the standard library": ("argparse", "logging.handlers", "sqlite3", "ssl", "platform"),
    "import Qt": ("PySide6.QtWidgets", "qasync"),
    "import the bus": ("shared.redis_bus.tray_link",),
}


class Laps:
    """A stopwatch with named laps."""

    def __init__(self, began: float) -> None:
        self.times: dict[str, float] = {}
        self._last = began

    def lap(self, what: str, at: float | None = None) -> None:
        """End the phase *what*, now or *at* a time of the same clock."""
        now = time.perf_counter() if at is None else at
        self.times[what] = (now - self._last) * 1000
        self._last = now

    def skip(self) -> None:
        """Leave out what passed since the last lap."""
        self._last = time.perf_counter()


def start(program: str, url: str, folder: Path, laps: Laps) -> None:
    """Import and start *program* as its composition root does."""
    laps.lap("interpreter", ARRIVED)
    for what, names in GROUPS.items():
        for name in names:
            importlib.import_module(name)
        laps.lap(what)
    importlib.import_module("admin_app.app" if program == "console" else "tray_client.app")
    laps.lap("import our own, msgspec, ...")
    pair = importlib.import_module("tests.integration.pair")
    from PySide6.QtCore import qInstallMessageHandler

    from shared.qt.runner import make_application, run

    # The offscreen platform says for each popup that it cannot raise windows.
    qInstallMessageHandler(lambda *_: None)
    laps.skip()
    app = make_application("Siaran", "siaran-bench")
    laps.lap("QApplication")
    phases = _console if program == "console" else _tray

    async def main(_quit: object) -> int:
        await phases(pair, url, folder, laps)
        return 0

    run(app, main)


async def _console(pair: Any, url: str, folder: Path, laps: Laps) -> None:
    async with pair.running_console(url, folder) as console:
        painted = _first_paint(console.window)
        await painted.wait()
        laps.lap("window painted")
        await _connected(console)
        laps.lap("connected")


async def _tray(pair: Any, url: str, folder: Path, laps: Laps) -> None:
    async with pair.running_tray(url, folder) as tray:
        laps.lap("tray and inbox made")
        popup = asyncio.Event()
        tray.presenter.on_painted = lambda _popup: popup.set()
        await _connected(tray)
        laps.lap("connected")
        await popup.wait()
        laps.lap("first popup painted")


async def _connected(app: Any) -> None:
    from shared.bus import LinkState

    there = asyncio.Event()
    app.session.status_changed.connect(
        lambda status: there.set() if status.state is LinkState.CONNECTED else None
    )
    if app.session.status.state is not LinkState.CONNECTED:
        await there.wait()


def _first_paint(window: Any) -> asyncio.Event:
    from PySide6.QtCore import QEvent, QObject

    painted = asyncio.Event()

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.set()
            return False

    window.installEventFilter(Watch(window))
    return painted


if __name__ == "__main__":
    name, url, folder, began = sys.argv[1:]
    stopwatch = Laps(float(began))
    start(name, url, Path(folder), stopwatch)
    print(json.dumps(stopwatch.times))
