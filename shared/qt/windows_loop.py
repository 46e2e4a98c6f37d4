"""asyncio on Qt's loop without polling, for Windows.

qasync 0.28 waits for Windows' completed input and output in a thread, 10 ms at a time, so that it
notices when it has to stop: 100 wake-ups a second for as long as the program runs, on every PC.
Here the thread waits a minute, and is woken by a completion of its own when it has to stop.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

LONGEST_WAIT_S = 60.0
"""After each wait the proactor forgets what no longer interests anybody."""

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
        self._stopping = False
        self._completed.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to wait."""
        self._stopping = False
        self._thread = threading.Thread(target=self._wait, name="completions", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop waiting, at once. Safe to call twice."""
        if self._thread is not None:
            self._stopping = True  # before the waking, or it would begin to wait again
            self._proactor.wake()
            self._thread.join()
            self._thread = None

    def _wait(self) -> None:
        while not self._stopping:
            if events := self._proactor.select(LONGEST_WAIT_S):
                self._completed.emit(events)

    def _pass_on(self, events: Events) -> None:
        self._deliver(events)


if sys.platform == "win32":
    import _overlapped  # type: ignore[import-not-found]

    import qasync
    from qasync import _windows

    class _PatientProactor(_windows._IocpProactor):  # type: ignore[misc]
        """qasync's, which may be used from two threads; and it can be woken."""

        def wake(self) -> None:
            """See ``Proactor.wake``: a completion that belongs to nothing."""
            _overlapped.PostQueuedCompletionStatus(self._iocp, 0, 0, 0)

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
