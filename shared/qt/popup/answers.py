"""The popup's buttons: replies, "Later" and OK, in as many rows as they need.

"Later" gives way to the times that can be chosen: a menu would take the keyboard for as long as it
is open. Each is large enough for a finger. None is a default button: Enter presses only the button
that has the keyboard, and not when it is the end of a bar code, which types faster than anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from shared.qt import theme
from shared.qt.popup.content import PopupContent
from shared.qt.text import plain_tooltip
from shared.text import safe_line

SCAN_GAP_S = 0.15
"""Keys that follow one another faster than this are a scanner's (a fast typist needs 60 ms between
two letters, but nobody presses Enter on a button right after a letter)."""
FOCUS = 3
"""Pixels of the line around the button that the keyboard is at."""
LEAST_WIDTH = 2 * theme.TOUCH

_PRESSES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class AnswerButton(QPushButton):
    """A button that a finger can hit and that no accident presses."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self.setAutoDefault(False)
        self.setMinimumSize(QSize(LEAST_WIDTH, theme.TOUCH))
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Show *words* as they are: an ampersand is no sign for a key."""
        self._words = safe_line(words)
        self.setAccessibleName(self._words)
        self.fit(None)

    def fit(self, width: int | None) -> None:
        """Take as many lines as *width* asks for; None: one."""
        lines = [self._words] if width is None else self._lines(width - 4 * theme.UNIT)
        self.setText("\n".join(lines).replace("&", "&&"))
        self.setToolTip("" if "…" not in lines[-1] else plain_tooltip(self._words))

    def _lines(self, width: int) -> list[str]:
        metrics = self.fontMetrics()
        lines = [""]
        for word in self._words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show where the keyboard is, and the edge that some styles leave out in high contrast."""
        super().paintEvent(event)
        strong, focus = theme.is_high_contrast(), self.hasFocus()
        if strong or focus:
            palette = self.palette()
            colour = palette.buttonText().color() if strong else palette.highlight().color()
            painter = QPainter(self)
            painter.setPen(QPen(colour, FOCUS if focus else 1))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

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
        self._answers: list[AnswerButton] = []
        self._offered: list[AnswerButton] = []
        self.replies: list[AnswerButton] = []
        self.times: list[AnswerButton] = []
        self.ok = AnswerButton(self.tr("OK"), self)
        self.ok.clicked.connect(self.confirmed)
        self.later = AnswerButton(self.tr("Later"), self)
        self.later.clicked.connect(self._offer_times)
        self.back = AnswerButton(self.tr("Back"), self)
        self.back.clicked.connect(self._offer_answers)
        self.action = AnswerButton("", self)
        self.action.clicked.connect(self.acted)
        self._scans = ScanFilter(self)
        self._edge = theme.EDGE

    def set_edge(self, edge: int) -> None:
        """Leave *edge* pixels free on either side."""
        self._edge = edge

    def show_content(self, content: PopupContent, scale: float = 1.0) -> None:
        """Offer what *content* allows, in letters *scale* times as large as usual."""
        for old in (*self.replies, *self.times):
            old.hide()
            old.deleteLater()
        self.replies = [self._reply(words) for words in content.replies]
        self.times = [self._time(minutes) for minutes in content.later]
        self.action.set_words(content.action)
        self.ok.set_words(self.tr("Close") if content.answered else self.tr("OK"))
        self._answers = [*self.replies]
        self._answers += [self.action] if content.action else []
        self._answers += [self.later] if content.later else []
        self._answers += [self.ok]
        for button in (*self._answers, *self.times, self.back):
            button.installEventFilter(self._scans)
            button.setMinimumHeight(round(theme.TOUCH * (1 + scale) / 2))
            button.setFont(theme.scaled_font(button, scale))
        self._show(self._answers)

    def allow(self, allowed: bool) -> None:
        """Whether anything can be pressed."""
        for button in (*self._answers, *self.times, self.back):
            button.setEnabled(allowed)

    def buttons(self) -> list[AnswerButton]:
        """Those that are offered, in reading order."""
        return self._offered

    def height_for(self, width: int) -> int:
        """Pixels that the buttons need at *width*, the times of "Later" too."""
        return max(
            self._arrange(buttons, width, move=False)
            for buttons in (self._answers, [*self.times, self.back])
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the buttons in the new width."""
        super().resizeEvent(event)
        self._arrange(self._offered, self.width(), move=True)

    def relayout(self) -> None:
        """Arrange the buttons although the width is the same."""
        self._arrange(self._offered, self.width(), move=True)

    def _reply(self, words: str) -> AnswerButton:
        button = AnswerButton(words, self)
        button.clicked.connect(lambda: self.replied.emit(words))
        return button

    def _time(self, minutes: int) -> AnswerButton:
        hours, rest = divmod(minutes, 60)
        words = self.tr("In {minutes} min").format(minutes=minutes)
        if not rest:
            words = self.tr("In %n hour(s)", "", hours)
        button = AnswerButton(words, self)
        button.clicked.connect(lambda: self.postponed.emit(minutes))
        return button

    def _offer_times(self) -> None:
        self._show([*self.times, self.back])
        self.times[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_answers(self) -> None:
        self._show(self._answers)
        self.later.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, buttons: list[AnswerButton]) -> None:
        """Offer *buttons*; Tab goes through them in the order in which people read."""
        self._offered = buttons
        for button in (*self._answers, *self.times, self.back, self.action, self.later):
            button.setVisible(button in buttons)
        for button in buttons:
            button.raise_()  # screen readers go through widgets from the lowest to the highest
        for before, after in pairwise(buttons):
            QWidget.setTabOrder(before, after)
        self.relayout()

    def _arrange(self, buttons: Sequence[AnswerButton], width: int, *, move: bool) -> int:
        """Fill rows from the last button up, each flush right, so that OK keeps its corner."""
        room = width - 2 * self._edge
        rows: list[list[AnswerButton]] = [[]]
        used = 0
        for button in buttons:
            button.fit(None)
            button.fit(room if _wanted(button) > room else None)
            wide = min(_wanted(button), room)
            if rows[-1] and used + theme.UNIT + wide > room:
                rows.append([])
                used = 0
            used += wide + (theme.UNIT if rows[-1] else 0)
            rows[-1].append(button)
        every = [button for row in rows for button in row]
        high = max(
            theme.TOUCH,
            *(max(one.sizeHint().height(), one.minimumHeight()) for one in every),
        )
        for number, row in enumerate(rows):
            if move:
                self._set_row(
                    row, theme.UNIT + number * (high + theme.UNIT), width - self._edge, room, high
                )
        return len(rows) * (high + theme.UNIT) + theme.EDGE

    def _set_row(
        self, row: Sequence[AnswerButton], top: int, right: int, room: int, high: int
    ) -> None:
        for button in reversed(row):
            wide = min(_wanted(button), room)
            button.setGeometry(QRect(right - wide, top, wide, high))
            right -= wide + theme.UNIT


def _wanted(button: AnswerButton) -> int:
    return max(button.sizeHint().width() + 2 * theme.UNIT, LEAST_WIDTH)
