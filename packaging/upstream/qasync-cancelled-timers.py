"""qasync 0.28: a cancelled call_later() leaves its Qt timer running until it rings for nothing.

python qasync-cancelled-timers.py        # needs qasync and PySide6; no screen

Exit status 1: the fault is there.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import sys

os.environ.setdefault("QT_API", "pyside6")

import PySide6
import qasync
from PySide6.QtCore import QCoreApplication, QEvent, QObject

COUNT, TIMEOUT_S, PAUSE_S = 100, 0.5, 1.0


class TimerEvents(QObject):
    """Counts the timer events of what it filters."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let everything pass."""
        self.count += event.type() == QEvent.Type.Timer
        return False


async def rung_while_asleep(events: TimerEvents) -> int:
    """Sleep; return how many timer events there were meanwhile."""
    await asyncio.sleep(0)
    before = events.count
    await asyncio.sleep(PAUSE_S)
    return events.count - before


async def measure() -> tuple[int, int]:
    """Return the timer events of one sleep, and of one after timeouts that were not needed."""
    events = TimerEvents()
    asyncio.get_running_loop()._timer.installEventFilter(events)  # type: ignore[attr-defined]
    usual = await rung_while_asleep(events)
    for _ in range(COUNT):
        async with asyncio.timeout(TIMEOUT_S):  # noqa: ASYNC100
            pass
    return usual, await rung_while_asleep(events)


def main() -> int:
    """Run it."""
    versions = f"qasync {importlib.metadata.version('qasync')}, PySide6 {PySide6.__version__}"
    print(f"{versions}, Python {sys.version.split()[0]}, {sys.platform}")
    with qasync.QEventLoop(QCoreApplication([])) as loop:
        usual, after = loop.run_until_complete(measure())
    print(f"timer events in a sleep of {PAUSE_S} s: {usual}")
    print(f"the same after {COUNT} timeouts of {TIMEOUT_S} s that were not needed: {after}")
    return int(after - usual > COUNT / 2)


if __name__ == "__main__":
    sys.exit(main())
