"""Widgets for foreign text. None of them ever interprets markup or loads anything.

They say phrases of code without Qt in the person's language.

QLabel and QMessageBox guess: ``x <b> y`` becomes HTML, and ``<img src=//host/share>`` makes Windows
send the user's password hash to that host.
"""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QTextEdit, QWidget

from shared.qt.words import localized
from shared.text import safe_line, safe_text

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As ``html.escape`` does, which would load a table of 2,231 names of characters."""
_LONG_WORD = re.compile(r"(\S{16})(?=\S{8})")


class PlainLabel(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show *text*."""
        super().setText(localized(text))


class WrappedLabel(PlainLabel):
    """A plain label of as many lines as it needs."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


class ElidedLabel(PlainLabel):
    """One line that ends in … where it does not fit, with the whole text as its tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        self._whole = ""
        super().__init__("", parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_line(text)

    def set_line(self, text: str) -> None:
        """Show *text*; control characters and line breaks are taken out."""
        self._whole = safe_line(localized(text))
        self.setAccessibleName(self._whole)
        self._fit()

    def whole(self) -> str:
        """The text before it was cut."""
        return self._whole

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(plain_tooltip(self._whole) if shown != self._whole else "")


class ReadOnlyText(QTextEdit):
    """Text to read, select and copy; it scrolls, and can load nothing at all."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.document().setDocumentMargin(0)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show *text* as plain text."""
        self.setPlainText(safe_text(localized(text)))

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Refuse every image, style sheet or other thing a document could ask for."""
        del kind, name

    def height_for(self, width: int) -> int:
        """Pixels the whole text needs at *width*."""
        document = self.document().clone()
        try:
            document.setDefaultFont(self.font())
            document.setTextWidth(width)
            return int(document.size().height()) + 1
        finally:
            document.deleteLater()


def breakable(text: str) -> str:
    """*text* for a label that wraps: a label breaks at spaces only, and cuts off longer words."""
    return _LONG_WORD.sub("\\1\u200b", text)


def plain_tooltip(text: str) -> str:
    """*text* for a tooltip, which has no setting for its format and would guess."""
    return f"<span>{safe_text(localized(text)).translate(_MARKUP)}</span>".replace("\n", "<br>")
