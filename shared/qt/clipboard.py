"""Text for the clipboard, also while another program of the PC holds it open.

On Windows one program at a time has the clipboard: clipboard histories, remote desktops and
password managers open it for moments. Qt tries for 0.3 s, then the copy is lost without a word. So
what was not taken is tried again for some seconds, and if that fails, too, it is said.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

AGAIN_MS = 500
TRIES = 4


class Copier(QObject):
    """Copies one text at a time; the last one counts. ``failed``: the clipboard was not free."""

    failed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._text = ""
        self._left = 0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._set)

    def copy(self, text: str) -> None:
        """Put *text* on the clipboard."""
        self._text, self._left = text, TRIES
        self._set()

    def ensure(self, text: str) -> None:
        """Put *text* there if Qt, which was asked just now, could not."""
        self._text, self._left = text, TRIES
        self._look()

    def _set(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._look()

    def _look(self) -> None:
        # Elsewhere the system takes what it is given, and Wayland does not say whose it is.
        if sys.platform != "win32" or QGuiApplication.clipboard().ownsClipboard():
            self._again.stop()
            return
        self._left -= 1
        if self._left > 0:
            self._again.start()
        else:
            self._again.stop()
            self.failed.emit()
