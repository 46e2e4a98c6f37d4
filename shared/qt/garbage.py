"""Cyclic garbage is collected in the GUI thread only.

Python collects in whichever thread happens to allocate. A widget with a running timer that is
destroyed in another thread leaves Qt a timer of an object that is gone, and the next time it fires
the program crashes (seen as a segmentation fault in ``QTimerInfoList::activateTimers``). On Windows
one other thread runs Python for as long as the program does, *completions* of ``windows_loop``. So
there the automatic collection is off, and this does it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 30_000
"""Garbage of half a minute is small even in a burst; each round is a wake-up."""
FULL_EVERY = 10
"""Every how many rounds the old objects are looked through, too."""


class GuiThreadCollector(QObject):
    """Takes over from Python's automatic collection while it lives."""

    def __init__(self, parent: QObject | None = None, *, every_ms: int = EVERY_MS) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self.collect)
        gc.disable()
        self._timer.start()

    def collect(self) -> None:
        """Do one round now."""
        self._rounds += 1
        gc.collect(2 if self._rounds % FULL_EVERY == 0 else 1)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
