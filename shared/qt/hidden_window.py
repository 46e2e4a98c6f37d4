"""A window of Qt's that is never shown, to hear what Windows says to every top-level window.

Message-only windows get no broadcasts. A window of this kind is told of power and sessions, and of
the session's end, which Qt makes the application's Quit; a tray has no other one at rest. Its
messages come to ``nativeEvent``, posted or sent, each once. A filter of the application would see
the posted ones twice, and all others, too.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from PySide6.QtGui import QWindow

_WM_CLOSE = 0x0010


class HiddenWindow(QWindow):
    """See ``shared.system_events.Window``."""

    def __init__(self, heard: Callable[[int, int], None]) -> None:
        super().__init__()
        self._heard = heard
        self.create()
        self.number = int(self.winId())

    def nativeEvent(self, _kind: Any, message: Any) -> Any:
        """Pass on the message's number and wParam."""
        found = wintypes.MSG.from_address(int(message))
        if found.message == _WM_CLOSE:  # taskkill sends it to every window: it means the others
            return True, 0
        self._heard(found.message, found.wParam)
        return False, 0

    def let_go(self) -> None:
        """Destroy it."""
        self.destroy()
        self.deleteLater()
