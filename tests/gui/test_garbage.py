"""Garbage with a running timer must not be destroyed outside the GUI thread."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from shared.qt.garbage import GuiThreadCollector
from tests.conftest import until


class Knot(QObject):
    """A cycle that only the collector can undo, with a timer that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self
        self.timer = QTimer(self)
        self.timer.start(1)


async def test_garbage_waits_for_the_gui_thread(qapp: QApplication) -> None:
    collector = GuiThreadCollector(every_ms=10_000)
    try:
        knot = Knot()
        gone = weakref.ref(knot)
        del knot

        def allocate() -> None:
            keep = [[] for _ in range(20_000)]  # type: list[list[int]]
            assert keep

        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
        assert gone() is not None
        collector.collect()
        assert gone() is None
    finally:
        collector.stop()
    assert gc.isenabled()


async def test_it_collects_by_itself(qapp: QApplication) -> None:
    collector = GuiThreadCollector(every_ms=5)
    try:
        gone = weakref.ref(Knot())
        await until(lambda: gone() is None)
    finally:
        collector.stop()
