"""asyncio on Qt's loop without polling, for Windows.

qasync 0.28 waits for Windows' completed input and output in a thread, 10 ms at a time, so that it
notices when it has to stop: 100 wake-ups a second for as long as the program runs, on every PC.
Here the thread waits a minute, and is woken by a completion of its own when it has to stop.

``_overlapped.GetQueuedCompletionStatus`` raises ``OSError`` for every completion whose OVERLAPPED
is NULL, with the thread's last error code, also when that is none (``WinError 0``). So the waking
names an OVERLAPPED that does not exist, and an ``OSError`` does not end the thread: anything in the
process can post a completion to the port.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 60.0
"""After each wait the proactor forgets what no longer interests anybody."""
FAILURES_IN_A_ROW = 10
PAUSE_S = 1.0
"""After so many waits that failed at once, each further one is preceded by a pause: a port that
is broken for good must not take a whole processor."""

WAKING = (0, 0, 1)
"""Bytes, key and OVERLAPPED of the completion that only wakes. The proactor drops a completion of
key 0 whose OVERLAPPED it does not know, and no OVERLAPPED lies at address 1; Windows takes the
address as it is and never follows it."""

Events = list[Any]


class Proactor(Protocol):
    """Windows' completion port, as far as the waiting thread uses it."""

    def select(self, timeout: float | None = None) -> Events:
        """Wait up to *timeout* seconds; return what was completed."""

    def wake(self) -> None:
        """End the wait, from another thread."""


class Poller(QObject):
    """Waits in a thread of its own, and gives what was completed to the thread it lives in."""

    _completed = Signal(list)

    def __init__(self, proactor: Proactor, deliver: Callable[[Events], None]) -> None:
        super().__init__()
        self._proactor = proactor
        self._deliver = deliver
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._completed.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to wait."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._wait, name="completions", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop waiting, at once. Safe to call twice."""
        if self._thread is not None:
            self._stopping.set()  # before the waking, or it would begin to wait again
            self._proactor.wake()
            self._thread.join()
            self._thread = None

    def _wait(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                events = self._proactor.select(LONGEST_WAIT_S)
            except OSError as error:
                log.debug("a completion that belongs to nothing: %s", error)
                failures += 1
                if failures > FAILURES_IN_A_ROW:
                    self._stopping.wait(PAUSE_S)
                continue
            failures = 0
            if events:
                self._completed.emit(events)

    def _pass_on(self, events: Events) -> None:
        self._deliver(events)


if sys.platform == "win32":
    import _overlapped  # type: ignore[import-not-found]

    import qasync
    from PySide6.QtCore import QWinEventNotifier  # type: ignore[attr-defined]
    from qasync import _windows
    from shiboken6 import VoidPtr

    class _PatientProactor(_windows._IocpProactor):  # type: ignore[misc]
        """qasync's, which may be used from two threads; and it can be woken."""

        def wake(self) -> None:
            """See ``Proactor.wake``."""
            _overlapped.PostQueuedCompletionStatus(self._iocp, *WAKING)

    class _ProactorLoop(_windows._ProactorEventLoop):  # type: ignore[misc]
        def __init__(self) -> None:
            proactor = _PatientProactor()
            # Past qasync's, which makes a proactor and a poller of its own.
            asyncio.ProactorEventLoop.__init__(self, proactor)
            self._poller = Poller(proactor, self._process_events)

        def _before_run_forever(self) -> None:
            self._poller.start()

        def _after_run_forever(self) -> None:
            self._poller.stop()

    class PatientLoop(qasync._QEventLoop, _ProactorLoop):  # type: ignore[misc]
        """qasync's loop for Windows, patient."""

        def __init__(self, app: QCoreApplication) -> None:
            super().__init__(app)  # type: ignore[call-arg]

        def watch_event(self, handle: int, act: Callable[[], None]) -> Callable[[], None]:
            """Call *act* whenever Windows' event *handle* is set, as ``add_reader`` does.

            Returns what ends that; call it before the handle is closed. The waiting is done by a
            thread of Windows', which runs no Python.
            """
            # Neither an int nor a slot with arguments: PySide takes the handle as a pointer, and
            # never calls a slot that wants one.
            notifier = QWinEventNotifier(VoidPtr(handle), QCoreApplication.instance())

            def fired() -> None:
                act()

            def end() -> None:
                notifier.setEnabled(False)
                notifier.deleteLater()  # it may be what is calling

            notifier.activated.connect(fired)
            return end
