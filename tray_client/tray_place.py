"""Where the tray program can be seen: an icon beside the clock, or a small window.

At log-on the panel may come later than we do, and some desktops have none. So the icon is made
when there is a place for it (Qt decides once and for all, as soon as it is made, how it is shown),
and that is looked for again, ever more rarely: a till without a panel must not wake up for it six
times a minute for ever. Until then a small window says what the icon would. When Windows' Explorer
starts anew, Qt itself puts the icon back.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from tray_client.small_window import SmallWindow

AT_START_MS = 300
"""Until the first look, which asks a session bus: a popup that waits is opened before."""
FIRST_LOOK_MS = 1_000
"""Until the second look; each wait is twice as long as the one before."""
LONGEST_MS = 300_000
WINDOW_AFTER = 3
"""So many looks without success, 7 s in all, and the window opens."""


class TrayPlace(QObject):
    """Shows picture and words wherever they can be seen. ``clicked``: somebody wants to look."""

    clicked = Signal()

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self._menu = menu
        self._looks = 0
        self.picture = QIcon()
        self.words = ""
        self.icon: QSystemTrayIcon | None = None
        self.window: SmallWindow | None = None
        self._search = QTimer(self)
        self._search.setSingleShot(True)
        self._search.timeout.connect(self.look)

    def say(self, picture: QIcon, words: str) -> None:
        """Show how things are."""
        self.picture, self.words = picture, words
        if self.icon is not None:
            self.icon.setIcon(picture)
            self.icon.setToolTip(words)
        if self.window is not None:
            self.window.say(picture, words)

    def look_soon(self) -> None:
        """Look for the first time, in a moment."""
        self._search.start(AT_START_MS)

    def look(self) -> None:
        """Show the icon as soon as there is a place for it."""
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._show_icon()
            return
        if self._looks == WINDOW_AFTER:
            self._show_window()
        self._search.start(min(FIRST_LOOK_MS << min(self._looks, 20), LONGEST_MS))
        self._looks += 1

    def hide(self) -> None:
        """Take everything away."""
        self._search.stop()
        if self.icon is not None:
            self.icon.hide()
        self._hide_window()

    def _show_icon(self) -> None:
        self._hide_window()
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self.say(self.picture, self.words)
        self.icon.show()

    def _show_window(self) -> None:
        self.window = SmallWindow(self._menu)
        self.window.open_wanted.connect(self.clicked)
        self.say(self.picture, self.words)
        self.window.present()

    def _hide_window(self) -> None:
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.clicked.emit()
