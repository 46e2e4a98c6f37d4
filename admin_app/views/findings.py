"""What a look at the server found, line by line, each with a sign for how good it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from admin_app.checkup import Finding, Grade
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import WrappedLabel
from shared.qt.words import localized

SIGN = 18
_SIGNS = {
    Grade.GOOD: ("check", theme.GOOD),
    Grade.WEAK: ("weak", theme.WARNING),
    Grade.BAD: ("error", theme.BAD),
}


class FindingsList(QWidget):
    """Signs and sentences; empty until something was looked at."""

    filled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.UNIT)
        self._grid.setVerticalSpacing(theme.UNIT)
        self._grid.setColumnStretch(1, 1)
        self.sentences: list[str] = []

    def show_waiting(self, sentence: str) -> None:
        """Say that the answer is on its way."""
        self._clear()
        self._add("link-waiting", theme.WARNING, sentence)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Replace what is shown; the worst comes first."""
        self._clear()
        worst_first = sorted(findings, key=lambda one: -list(Grade).index(one.grade))
        for finding in worst_first:
            name, colours = _SIGNS[finding.grade]
            self._add(name, colours, finding.sentence)
        self.filled.emit()

    def _add(self, name: str, colours: tuple[str, str], sentence: str) -> None:
        sentence = localized(sentence)
        row = len(self.sentences)
        sign = QLabel(self)
        sign.setPixmap(pixmap(name, theme.pick(colours), SIGN, self.devicePixelRatioF()))
        label = WrappedLabel(sentence, self)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignTop)
        self.sentences.append(sentence)
        sign.show()
        label.show()

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.sentences = []
