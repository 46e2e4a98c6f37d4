"""The Markdown that a message may use, as a document. No HTML is ever made or read.

Spans become character formats one by one, so there is nothing that a document could load, and an
address can only be what ``shared.markdown`` has let through.
"""

from __future__ import annotations

from PySide6.QtGui import (
    QFont,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from shared.markdown import Block, BlockKind, Span, parse
from shared.qt import theme

_HEADING_SIZES = {1: 1.3, 2: 1.15, 3: 1.0}
"""Times the size of the text around it."""
_INDENT = 2 * theme.UNIT


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
