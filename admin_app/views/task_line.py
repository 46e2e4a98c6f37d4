"""What the form is being used for, when it is not a new message."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from shared.qt import theme
from shared.qt.text import WrappedLabel


class TaskLine(QWidget):
    """Hidden for a new message. ``dropped``: the admin would rather write one."""

    dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = WrappedLabel("", self)
        self.drop = QPushButton(self.tr("Write a new message instead"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GROUP, theme.UNIT, theme.UNIT, theme.UNIT)
        row.setSpacing(theme.UNIT)
        row.addWidget(self.words, 1)
        row.addWidget(self.drop)
        self.drop.clicked.connect(self.dropped)
        self.hide()

    def say(self, words: str) -> None:
        """Show *words*; nothing for an ordinary new message."""
        self.words.setText(words)
        self.setVisible(bool(words))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A soft ground with a bar at the left, so that it is seen."""
        del event
        painter = QPainter(self)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.fillRect(0, 0, 3, self.height(), accent)
        accent.setAlpha(28)
        painter.fillRect(self.rect(), accent)
