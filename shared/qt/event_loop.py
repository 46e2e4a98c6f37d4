"""asyncio on Qt's loop (qasync), without its needless wake-ups.

qasync 0.28 leaves the Qt timer of a cancelled ``call_later`` running until it rings for nothing.
Every ``asyncio.timeout`` that was not needed is such a timer, so an idle tray woke twice as often
as it had something to do. Here a cancelled handle takes its timer with it. What else it needs to be
quiet on Windows is in ``windows_loop``. Both are to be offered to qasync: ``packaging/upstream``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimerEvent

os.environ.setdefault("QT_API", "pyside6")  # qasync looks for PyQt first
import qasync


def _system_loop() -> Any:
    if sys.platform == "win32":
        from shared.qt.windows_loop import PatientLoop

        return PatientLoop
    return qasync.QEventLoop


SystemLoop: Any = _system_loop()


class _Later(asyncio.TimerHandle):
    """A callback that waits for its time, and knows its Qt timer."""

    number = 0


class _Timers(QObject):
    """One Qt timer for each handle that waits (in place of qasync's ``_SimpleTimer``)."""

    def __init__(self) -> None:
        super().__init__()
        self._handles: dict[int, asyncio.Handle] = {}
        self._stopped = False

    def add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Run *handle* in *delay* seconds."""
        number = self.startTimer(int(max(0.0, delay) * 1000))
        self._handles[number] = handle
        if isinstance(handle, _Later):
            handle.number = number
        return handle

    def forget(self, number: int) -> asyncio.Handle | None:
        """Stop the timer *number*; return what it would have run, None if it has rung."""
        handle = self._handles.pop(number, None)
        if handle is not None:  # Qt may have given a number away again
            self.killTimer(number)
        return handle

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run the handle whose turn it is."""
        handle = self.forget(event.timerId())
        if handle is not None and not self._stopped and not handle.cancelled():
            handle._run()

    def stop(self) -> None:
        """Run nothing any more."""
        self._stopped = True

    def set_debug(self, enabled: bool) -> None:  # qasync's signature
        """Nothing to do: qasync would time every callback."""


class EventLoop(SystemLoop):  # type: ignore[misc]  # qasync is not typed
    """The event loop of both programs and of the tests."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._timer = _Timers()

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run *callback* in *delay* seconds; cancelled, it wakes nobody."""
        if delay <= 0:
            return super().call_later(0, callback, *args, context=context)  # type: ignore[no-any-return]
        handle = _Later(self.time() + delay, callback, args, self, context)
        return self._timer.add_callback(handle, delay)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Called by ``asyncio.TimerHandle.cancel``."""
        if isinstance(handle, _Later):
            self._timer.forget(handle.number)
