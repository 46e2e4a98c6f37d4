"""A quiet line at the foot of the window while something about the server is not right.

Anybody can send, no PC can tell who did, or PCs cannot report.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import ElidedLabel


class SafetyLine(QWidget):
    """Hidden while messages are signed and the server asks everybody for a login."""

    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unsigned = self.open = self.full = False
        self._sign = QLabel(self)
        self.words = ElidedLabel("", self)
        self.help = QPushButton(self.tr("What to do …"), self)
        self.help.clicked.connect(self.help_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.EDGE, theme.UNIT // 2, theme.EDGE, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._sign)
        row.addWidget(self.words, 1)
        row.addWidget(self.help)
        self.show_state(unsigned=False, is_open=False)

    def show_state(self, *, unsigned: bool, is_open: bool, is_full: bool = False) -> None:
        """Say what is not right: messages are not signed, the server lets everybody in, or its
        memory is full, which goes first.
        """
        self.unsigned, self.open, self.full = unsigned, is_open, is_full
        sentence = ""
        if is_full:
            sentence = self.tr("The server's memory is full: messages go out, PCs cannot report.")
        elif unsigned and is_open:
            sentence = self.tr("Messages are not signed, and the server lets everybody in.")
        elif unsigned:
            sentence = self.tr("Messages are not signed: PCs cannot tell who sent them.")
        elif is_open:
            sentence = self.tr("The server lets everybody in, without a password.")
        self.words.set_line(sentence)
        self._sign.setPixmap(pixmap("weak", theme.quiet_colour(), 16, self.devicePixelRatioF()))
        theme.set_text_colour(self.words, theme.quiet_colour())
        self.setVisible(bool(sentence))
