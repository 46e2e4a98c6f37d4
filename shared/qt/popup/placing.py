"""Where popups go: which screen, where on it, and how large. Pure geometry but for ``screens_for``.

All figures are device-independent pixels, so monitors with different scaling need no special care.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QCursor, QGuiApplication, QScreen

from shared.model import Level
from shared.qt import theme
from shared.qt.popup.guard import GUARD_MS
from shared.settings import PopupPosition, PopupScreens

WIDTH = 520
"""Device-independent pixels."""
SCREEN_SHARE = 0.8
"""The most of a screen's width and height that a popup takes."""
READING_WIDTH = 900
"""The widest column of text on a popup that fills the screen."""


@dataclass(frozen=True, slots=True)
class PopupRules:
    """What IT has decided about popups."""

    screens: PopupScreens = PopupScreens.EVERY
    position: PopupPosition = PopupPosition.CENTRE
    fullscreen: bool = False
    """Whether an emergency fills its screens."""
    guard_ms: int = GUARD_MS


def largest(room: QRect) -> QSize:
    """The size that a popup may have in *room*."""
    width = min(WIDTH, int(room.width() * SCREEN_SHARE))
    return QSize(width, int(room.height() * SCREEN_SHARE))


def placed(size: QSize, room: QRect, position: PopupPosition) -> QRect:
    """Where in *room* a popup of *size* goes; never outside, as far as it fits."""
    frame = QRect(QPoint(0, 0), size)
    frame.moveCenter(room.center())
    if position in (PopupPosition.TOP, PopupPosition.TOP_RIGHT):
        frame.moveTop(room.top() + theme.EDGE)
    if position in (PopupPosition.BOTTOM, PopupPosition.BOTTOM_RIGHT):
        frame.moveBottom(room.bottom() - theme.EDGE)
    if position in (PopupPosition.TOP_RIGHT, PopupPosition.BOTTOM_RIGHT):
        frame.moveRight(room.right() - theme.EDGE)
    return inside(frame, room)


def inside(frame: QRect, room: QRect) -> QRect:
    """*frame* moved into *room*; if it is too large, its upper left corner is what can be seen."""
    left = max(room.left(), min(frame.left(), room.right() - frame.width() + 1))
    top = max(room.top(), min(frame.top(), room.bottom() - frame.height() + 1))
    return QRect(QPoint(left, top), frame.size())


def screens_for(level: Level, rule: PopupScreens) -> list[QScreen]:
    """The screens that show a message of *level*: the one with the popup first, then mirrors.

    Only an emergency is shown on more than one, and only where IT has not kept the others free: a
    till's second screen often faces the customer.
    """
    primary = QGuiApplication.primaryScreen()
    if rule is PopupScreens.PRIMARY:
        return [primary]
    first = QGuiApplication.screenAt(QCursor.pos()) or primary
    if level is not Level.EMERGENCY or rule is PopupScreens.POINTER:
        return [first]
    others = [screen for screen in QGuiApplication.screens() if screen is not first]
    return [first, *others]
