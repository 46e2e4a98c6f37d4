"""The popup's buttons: replies, "Later" and OK, in as many rows as they need.

Each is large enough for a finger. None is a default button: Enter presses only the button that has
the keyboard, and not when it is the end of a bar code, which types faster than anybody can.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from shared.qt import theme
from shared.text import safe_line
from tray_client.popup.content import PopupContent

SCAN_GAP_S = 0.15
"""Keys that follow one another faster than this are a scanner's (a fast typist needs 60 ms between
two letters, but nobody presses Enter on a button right after a letter)."""
LEAST_WIDTH = 2 * theme.TOUCH

_PRESSES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class AnswerButton(QPushButton):
    """A button that a finger can hit and that no accident presses."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setMinimumSize(QSize(LEAST_WIDTH, theme.TOUCH))
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Show *words* as they are: an ampersand is no sign for a key."""
        line = safe_line(words)
        self.setText(line.replace("&", "&&"))
        self.setAccessibleName(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it like the space bar; a key that is held down presses nothing."""
        if event.isAutoRepeat():
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.animateClick()
        else:
            super().keyPressEvent(event)


class ScanFilter(QObject):
    """Takes Enter and Space away that come as part of a bar code."""

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._last = -SCAN_GAP_S

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow a press that follows another key too fast."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        now = self._clock()
        fast, self._last = now - self._last < SCAN_GAP_S, now
        return fast and event.key() in _PRESSES


class Answers(QWidget):
    """The buttons. Signals say what was pressed; whether it counts is for the popup to decide."""

    confirmed = Signal()
    replied = Signal(str)
    postponed = Signal(int)
    acted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.replies: list[AnswerButton] = []
        self.ok = AnswerButton(self.tr("OK"), self)
        self.ok.clicked.connect(self.confirmed)
        self.later = AnswerButton(self.tr("Later"), self)
        self.later.setMenu(QMenu(self.later))
        self.action = AnswerButton("", self)
        self.action.clicked.connect(self.acted)
        self._scans = ScanFilter(self)

    def show_content(self, content: PopupContent) -> None:
        """Offer what *content* allows."""
        for old in self.replies:
            old.hide()
            old.deleteLater()
        self.replies = [self._reply(words) for words in content.replies]
        self.action.set_words(content.action)
        self.action.setVisible(bool(content.action))
        self._fill_menu(content.later)
        self.later.setVisible(bool(content.later))
        self._order()
        self.updateGeometry()

    def allow(self, allowed: bool) -> None:
        """Whether anything can be pressed."""
        if not allowed:
            self.later.menu().hide()
        for button in self.buttons():
            button.setEnabled(allowed)

    def buttons(self) -> list[AnswerButton]:
        """Those that are offered, in reading order."""
        every = (*self.replies, self.action, self.later, self.ok)
        return [button for button in every if not button.isHidden()]

    def height_for(self, width: int) -> int:
        """Pixels that the buttons need at *width*."""
        return self._arrange(width, move=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the buttons in the new width."""
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)

    def relayout(self) -> None:
        """Arrange the buttons although the width is the same."""
        self._arrange(self.width(), move=True)

    def _reply(self, words: str) -> AnswerButton:
        button = AnswerButton(words, self)
        button.clicked.connect(lambda: self.replied.emit(words))
        button.show()
        return button

    def _fill_menu(self, minutes: Sequence[int]) -> None:
        menu = self.later.menu()
        menu.clear()
        for count in minutes:
            choice = menu.addAction(self.tr("In %Ln minute(s)", "", count))
            choice.triggered.connect(lambda _=False, count=count: self.postponed.emit(count))

    def _order(self) -> None:
        """Tab goes the way people read; scans press none of them."""
        for button in self.buttons():
            button.installEventFilter(self._scans)
        for before, after in zip(self.buttons(), self.buttons()[1:], strict=False):
            QWidget.setTabOrder(before, after)

    def _arrange(self, width: int, *, move: bool) -> int:
        """Fill rows from the last button up, each flush right, so that OK keeps its corner."""
        room = width - 2 * theme.EDGE
        rows: list[list[AnswerButton]] = [[]]
        used = 0
        for button in self.buttons():
            wide = _width(button, room)
            if rows[-1] and used + theme.UNIT + wide > room:
                rows.append([])
                used = 0
            used += wide + (theme.UNIT if rows[-1] else 0)
            rows[-1].append(button)
        high = max((button.sizeHint().height() for row in rows for button in row), default=0)
        high = max(high, theme.TOUCH)
        for number, row in enumerate(rows):
            if move:
                self._set_row(row, number * (high + theme.UNIT), width - theme.EDGE, room, high)
        return len(rows) * (high + theme.UNIT) - theme.UNIT + theme.EDGE

    def _set_row(
        self, row: Sequence[AnswerButton], top: int, right: int, room: int, high: int
    ) -> None:
        for button in reversed(row):
            wide = _width(button, room)
            button.setGeometry(QRect(right - wide, top, wide, high))
            right -= wide + theme.UNIT


def _width(button: AnswerButton, room: int) -> int:
    wanted = max(button.sizeHint().width() + 2 * theme.UNIT, LEAST_WIDTH)
    return min(wanted, room)
