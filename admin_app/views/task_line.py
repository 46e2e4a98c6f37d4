"""What the form is being used for, when it is not a new message."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from shared.qt import theme
from shared.qt.layouts import paint_soft_ground
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
        """A soft ground, so that it is seen."""
        del event
        paint_soft_ground(self)
