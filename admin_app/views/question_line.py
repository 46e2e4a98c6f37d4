"""A question asked in the window itself, where a box would stand in the way."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from shared.qt import theme
from shared.qt.layouts import paint_soft_ground
from shared.qt.text import ReadOnlyText, WrappedLabel

MOST_LINES = 6
"""Lines of details that are seen at once; the rest scrolls."""


class QuestionLine(QWidget):
    """Hidden until it asks. Escape, or another question, answers no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: asyncio.Future[bool] | None = None
        self.sentence = WrappedLabel("", self)
        self.details = ReadOnlyText("", self)
        self.yes = QPushButton(self)
        self.no = QPushButton(self)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(self.sentence, 1)
        for button in (self.yes, self.no):
            button.setAutoDefault(True)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GROUP, theme.UNIT, theme.UNIT, theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addLayout(row)
        column.addWidget(self.details)
        self.yes.clicked.connect(lambda: self._settle(yes=True))
        self.no.clicked.connect(lambda: self._settle(yes=False))
        self.hide()

    async def ask(self, sentence: str, yes: str, no: str, details: str = "") -> bool:
        """Ask *sentence* and wait for the answer."""
        self._settle(yes=False)
        self._answer = answer = asyncio.get_running_loop().create_future()
        self.show_question(sentence, yes, no, details)
        before = self.window().focusWidget()
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)
        try:
            return bool(await answer)
        finally:
            if self._answer in (answer, None):
                if before is not None and self.isAncestorOf(self.window().focusWidget() or before):
                    before.setFocus(Qt.FocusReason.OtherFocusReason)
                self.hide()

    def show_question(self, sentence: str, yes: str, no: str, details: str = "") -> None:
        """Be seen with *sentence*, two buttons, and *details* that scroll."""
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.yes.setText(yes)
        self.no.setText(no)
        self.details.set_text(details)
        self.details.setVisible(bool(details))
        lines = min(details.count("\n") + 1, MOST_LINES)
        self.details.setFixedHeight(lines * self.fontMetrics().lineSpacing())
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is no; Enter presses the button that has the keyboard."""
        if event.key() == Qt.Key.Key_Escape:
            self._settle(yes=False)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A soft ground, so that it is seen."""
        del event
        paint_soft_ground(self)

    def _settle(self, *, yes: bool) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(yes)
