"""What a popup is to the system: which kind of window, and what a screen reader says of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QWidget

from shared.text import safe_text

FLAGS = (
    Qt.WindowType.Dialog
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
"""Without the system's frame: the band is what it can be moved by."""


def on_x11() -> bool:
    """Whether an X server shows the windows.

    There no window manager may touch a popup. A manager puts a frame of its own around a window
    before it can know that clicks are to pass, and that frame takes them (openbox 3.6 never learns
    it); and Qt asks for the keyboard for every modal window (``QXcbWindow::show``).
    """
    return QGuiApplication.platformName() == "xcb"


def window_flags() -> Qt.WindowType:
    """The kind of window that a popup is here."""
    return FLAGS | Qt.WindowType.X11BypassWindowManagerHint if on_x11() else FLAGS


def announce(window: QWidget, words: str) -> None:
    """Let a screen reader say *words* now, although *window* has no focus."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(window, safe_text(words))
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
