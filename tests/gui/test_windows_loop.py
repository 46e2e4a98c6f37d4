"""The waiting thread of Windows' loop, with a completion port that is a queue."""

from __future__ import annotations

import queue
import threading
from typing import Any

from PySide6.QtWidgets import QApplication

from shared.qt.windows_loop import LONGEST_WAIT_S, Poller
from tests.conftest import until


class Port:
    """Stands for the completion port: what is put in comes out, and so does a waking."""

    def __init__(self) -> None:
        self.completions: queue.Queue[list[Any]] = queue.Queue()
        self.waits: list[float | None] = []

    def select(self, timeout: float | None = None) -> list[Any]:
        self.waits.append(timeout)
        try:
            return self.completions.get(timeout=timeout)
        except queue.Empty:
            return []

    def wake(self) -> None:
        self.completions.put([])


async def test_completions_arrive_in_the_gui_thread(qapp: QApplication) -> None:
    port = Port()
    arrived: list[tuple[list[Any], threading.Thread]] = []
    poller = Poller(port, lambda events: arrived.append((events, threading.current_thread())))
    poller.start()
    port.completions.put(["first"])
    port.completions.put(["second"])
    await until(lambda: len(arrived) == 2)
    poller.stop()
    assert [events for events, _ in arrived] == [["first"], ["second"]]
    assert {thread for _, thread in arrived} == {threading.main_thread()}


async def test_it_waits_long_and_stops_at_once(qapp: QApplication) -> None:
    port = Port()
    poller = Poller(port, lambda events: None)
    for _ in range(2):  # a loop may run again
        poller.start()
        await until(lambda: port.waits)
        poller.stop()  # without the waking it would hang for LONGEST_WAIT_S
        poller.stop()
        assert set(port.waits) == {LONGEST_WAIT_S}
        assert port.completions.empty() or port.completions.get() == []
        port.waits.clear()


async def test_a_stop_before_the_thread_has_begun_is_not_missed(qapp: QApplication) -> None:
    for _ in range(50):
        poller = Poller(Port(), lambda events: None)
        poller.start()
        poller.stop()
