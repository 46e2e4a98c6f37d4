"""The Markdown that a message may use, as a document. No HTML is ever made or read.

Spans become character formats one by one, so there is nothing that a document could load, and an
address can only be what ``shared.markdown`` has let through.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QToolTip, QWidget

from shared.markdown import Block, BlockKind, Span, link_host, parse
from shared.model import Format
from shared.qt import theme
from shared.qt.text import ReadOnlyText, plain_tooltip

_HEADING_SIZES = {1: 1.3, 2: 1.15, 3: 1.0}
"""Times the size of the text around it."""
_INDENT = 2 * theme.UNIT


class MessageText(ReadOnlyText):
    """A message's text, plain or with the safe part of Markdown. Links open only on a click."""

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._pressed = ""
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)

    def show_text(self, text: str, kind: Format = Format.PLAIN) -> None:
        """Show *text*."""
        if kind is Format.MARKDOWN:
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
        else:
            super().keyPressEvent(event)

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
        if link_host(address) is not None:
            self.link_clicked.emit(address)


def open_link(address: str) -> None:
    """Hand an https address to the system's browser; anything else is ignored."""
    if link_host(address) is not None:
        QDesktopServices.openUrl(QUrl(address))


def fill(document: QTextDocument, text: str, font: QFont, palette: QPalette) -> None:
    """Make *document* show *text*, which is Markdown."""
    document.clear()
    cursor = QTextCursor(document)
    link = palette.color(QPalette.ColorRole.Link)
    for number, block in enumerate(parse(text)):
        if number:
            cursor.insertBlock()
        cursor.setBlockFormat(_block_format(block))
        base = _base_format(block, font)
        cursor.setBlockCharFormat(base)
        for piece, form in _pieces(block, base):
            if form.isAnchor():
                form.setForeground(link)
            cursor.insertText(piece, form)


def _pieces(block: Block, base: QTextCharFormat) -> list[tuple[str, QTextCharFormat]]:
    pieces = [(span.text, _char_format(span, base)) for span in block.spans]
    if block.kind is BlockKind.BULLET:
        pieces.insert(0, ("•\t", base))
    elif block.kind is BlockKind.NUMBER:
        pieces.insert(0, (f"{block.number}.\t", base))
    return pieces


def _block_format(block: Block) -> QTextBlockFormat:
    form = QTextBlockFormat()
    if block.kind is BlockKind.HEADING:
        form.setHeadingLevel(block.depth)
        form.setTopMargin(theme.UNIT)
    elif block.kind in (BlockKind.BULLET, BlockKind.NUMBER):
        hang = _INDENT + (theme.UNIT if block.kind is BlockKind.NUMBER else 0)
        form.setLeftMargin(block.depth * _INDENT + hang)
        form.setTextIndent(-hang)
        form.setTabPositions([_tab(hang)])
    return form


def _tab(position: float) -> QTextOption.Tab:
    return QTextOption.Tab(position, QTextOption.TabType.LeftTab)


def _base_format(block: Block, font: QFont) -> QTextCharFormat:
    form = QTextCharFormat()
    if block.kind is BlockKind.HEADING:
        form.setFontPointSize(_points(font) * _HEADING_SIZES[block.depth])
        form.setFontWeight(QFont.Weight.DemiBold)
    return form


def _points(font: QFont) -> float:
    return font.pointSizeF() if font.pointSizeF() > 0 else font.pixelSize() * 0.75


def _char_format(span: Span, base: QTextCharFormat) -> QTextCharFormat:
    form = QTextCharFormat(base)
    if span.bold:
        form.setFontWeight(QFont.Weight.Bold)
    if span.link:
        form.setAnchor(True)
        form.setAnchorHref(span.link)
        form.setFontUnderline(True)
    return form
