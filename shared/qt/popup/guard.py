"""Keeps a window from taking what was meant for another.

A popup appears while somebody types, scans or is about to tap "Pay". For its first second, counted
from its first paint, it lets every click through to the window beneath and answers nothing; the
same when what it says has changed. It never accepts the keyboard, not even when it is clicked,
until somebody asks for that by hotkey or menu; then the second begins anew, or the Enter that ends
a scan would answer. When another window takes the keyboard back, it refuses it again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QVariantAnimation, Signal
from PySide6.QtWidgets import QWidget

GUARD_MS = 1000
"""How long a new popup can be neither clicked nor answered."""


class InputGuard(QObject):
    """The guard of one window. ``opened``: from now on it can be answered."""

    opened = Signal()
    closed = Signal()
    share_changed = Signal(float)
    """How much of the time is gone, from 0 to 1."""

    def __init__(self, window: QWidget, guard_ms: int = GUARD_MS) -> None:
        super().__init__(window)
        self._window = window
        self.is_open = False
        self._time = QVariantAnimation(self)
        self._time.setStartValue(0.0)
        self._time.setEndValue(1.0)
        self._time.setDuration(guard_ms)
        self._time.valueChanged.connect(self._tell_share)
        self._time.finished.connect(self._open)
        window.installEventFilter(self)

    def close(self) -> None:
        """Let everything through and answer nothing until ``start``."""
        self._time.stop()
        self.is_open = False
        self._set_flag(Qt.WindowType.WindowTransparentForInput, on=True)
        self.closed.emit()

    def start(self) -> None:
        """Begin the second (anew)."""
        self.close()
        self._time.start()

    def end(self) -> None:
        """The window goes: let everything through, and look at its events no more.

        Python may collect this object before Qt has deleted the window.
        """
        self.close()
        self._window.removeEventFilter(self)

    def accept_keyboard(self, accept: bool) -> None:
        """Whether the window may have the keyboard."""
        self._set_flag(Qt.WindowType.WindowDoesNotAcceptFocus, on=not accept)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refuse the keyboard again once another window has it."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self.accept_keyboard(accept=False)
        return super().eventFilter(watched, event)

    def _tell_share(self, share: object) -> None:
        self.share_changed.emit(share)

    def _open(self) -> None:
        self._set_flag(Qt.WindowType.WindowTransparentForInput, on=False)
        self.is_open = True
        self.share_changed.emit(0.0)
        self.opened.emit()

    def _set_flag(self, flag: Qt.WindowType, *, on: bool) -> None:
        """On the native window alone: the widget's own flags would hide it to change them."""
        self._window.winId()  # makes the native window, which carries the flag
        handle = self._window.windowHandle()
        if handle is not None and bool(handle.flags() & flag) is not on:
            handle.setFlag(flag, on)
