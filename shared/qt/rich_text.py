"""A message's text, with links that lead only where a person has seen that they lead.

What Markdown takes is loaded with the first message that has some: most have none.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QToolTip, QWidget

from shared.model import Format
from shared.qt.text import ReadOnlyText, plain_tooltip


class MessageText(ReadOnlyText):
    """A message's text, plain or with the safe part of Markdown. Links open only on a click.

    ``copied`` carries the selected text after it was copied by a key.
    """

    link_clicked = Signal(str)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._pressed = ""
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)

    def show_text(self, text: str, kind: Format = Format.PLAIN) -> None:
        """Show *text*."""
        if kind is Format.MARKDOWN:
            from shared.qt.markdown_document import fill

            fill(self.document(), text, self.font(), self.palette())
            self.moveCursor(QTextCursor.MoveOperation.Start)
        else:
            self.document().clear()
            self.setCurrentCharFormat(QTextCharFormat())  # or it looks, and leads, as the last did
            self.set_text(text)

    # --- Qt ---

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which link was pressed."""
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = self.anchorAt(event.position().toPoint()) if left else ""
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the link that was pressed and released without selecting anything."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, ""
        released = self.anchorAt(event.position().toPoint())
        if pressed and released == pressed and not self.textCursor().hasSelection():
            self._open(pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over links."""
        super().mouseMoveEvent(event)
        over = self.anchorAt(event.position().toPoint())
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the link that the text cursor is in."""
        address = self.textCursor().charFormat().anchorHref()
        if address and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(address)
            return
        super().keyPressEvent(event)
        chosen = self.textCursor().selection().toPlainText()
        if chosen and event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit(chosen)

    def event(self, event: QEvent) -> bool:
        """Say the whole address before anybody clicks."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            inside = self.viewport().mapFrom(self, event.pos())
            self._say_address(event.globalPos(), self.anchorAt(inside))
            return True
        return super().event(event)

    # --- inside ---

    def _say_address(self, at: QPoint, address: str) -> None:
        QToolTip.showText(at, plain_tooltip(address) if address else "", self)

    def _open(self, address: str) -> None:
        if _is_link(address):
            self.link_clicked.emit(address)


def open_link(address: str) -> None:
    """Hand an https address to the system's browser; anything else is ignored."""
    if _is_link(address):
        QDesktopServices.openUrl(QUrl(address))


def _is_link(address: str) -> bool:
    from shared.markdown import link_host

    return link_host(address) is not None
