"""The waiting thread of Windows' loop, with a completion port that is a queue."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from shared.qt import windows_loop
from shared.qt.windows_loop import LONGEST_WAIT_S, WAKING, Poller
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


class OverlappedPort:
    """Waits as qasync does, over a queue that reports completions as CPython does.

    ``GetQueuedCompletionStatus`` in Modules/overlapped.c raises when the OVERLAPPED is NULL.
    """

    def __init__(self) -> None:
        self.posted: queue.Queue[tuple[int, int, int]] = queue.Queue()
        self.interesting = {4096: "read", 8192: "written"}
        self.failures = 0
        self._events: list[Any] = []

    def post(self, transferred: int, key: int, overlapped: int) -> None:
        self.posted.put((transferred, key, overlapped))

    def wake(self) -> None:
        self.post(*WAKING)

    def select(self, timeout: float | None = None) -> list[Any]:
        if not self._events:
            self._poll(timeout)
        events, self._events = self._events, []
        return events

    def _poll(self, timeout: float | None) -> None:
        while (status := self._status(timeout)) is not None:
            timeout = 0
            if (event := self.interesting.get(status[2])) is not None:
                self._events.append(event)

    def _status(self, timeout: float | None) -> tuple[int, int, int] | None:
        try:
            status = self.posted.get(timeout=timeout) if timeout else self.posted.get_nowait()
        except queue.Empty:
            return None
        if status[2] == 0:
            self.failures += 1
            raise OSError(22, "The operation completed successfully", None, 0)
        return status


async def test_a_completion_without_an_overlapped_does_not_end_the_thread(
    qapp: QApplication,
) -> None:
    port = OverlappedPort()
    arrived: list[Any] = []
    poller = Poller(port, arrived.extend)
    poller.start()
    port.post(0, 0, 4096)
    port.post(0, 0, 0)  # anything in the process may post this
    port.post(0, 7, 0)
    port.post(0, 0, 8192)
    await until(lambda: arrived == ["read", "written"])
    assert port.failures == 2
    poller.stop()


async def test_the_waking_is_no_failure_and_belongs_to_nothing(qapp: QApplication) -> None:
    port = OverlappedPort()
    arrived: list[Any] = []
    poller = Poller(port, arrived.extend)
    poller.start()
    poller.stop()
    assert (port.failures, arrived) == (0, [])


async def test_a_port_that_is_broken_for_good_is_not_asked_without_a_pause(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows_loop, "FAILURES_IN_A_ROW", 2)

    class Broken(Port):
        def select(self, timeout: float | None = None) -> list[Any]:
            self.waits.append(timeout)
            raise OSError(22, "The handle is invalid", None, 6)

    port = Broken()
    poller = Poller(port, lambda events: None)
    poller.start()
    await until(lambda: len(port.waits) == 3)
    poller.stop()  # at once, not after the pause
    assert len(port.waits) <= 4
