"""Text and a long table on paper: a PDF or a printer, any size, the same content.

QTextDocument breaks lines and pages, and repeats the table's header. It lays a table out as a
whole, which takes 3 s for 10,000 rows, and painting a page looks through all of it. So the rows
come in documents of a page each. All are laid out before the first is painted, because each page
says how many there are. Both are done in short steps in the thread of the windows,
not in another one: that one would hold Python's lock as long, and could collect garbage that
belongs to a window (``shared.qt.garbage``).

Lengths are pixels of 96 an inch, as QTextDocument takes them; fonts are in points.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QLocale, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from shared.qt import theme

INK, QUIET, RULE = QColor("#111111"), QColor(theme.QUIET[0]), QColor("#C9CED6")
BODY, TABLE, SMALL = 9.75, 9.0, 8.25
"""Font sizes in points."""
MARGIN_MM = 16.0
FOOTER = 28.0
PADDING, RULE_WIDTH = 2.0, 0.75
FIRST_ROWS = 60
"""Rows that are laid out to learn how many a page has."""
SPARE_ROWS = 6
"""Rows beyond those of the page before, of which the first shows where a page ends."""
SMALLEST_MM = 90
"""Of either side: on labels and receipts no table has room."""
PDF_END = b"%%EOF\n"
LETTER_COUNTRIES = frozenset(
    ("US", "CA", "MX", "PH", "PR", "CL", "CO", "VE", "CR", "GT", "NI", "PA", "SV", "BZ")
)
"""Where paper is Letter (CLDR, *territoryInfo*, ``paperSize``)."""


class PaperTooSmall(Exception):
    """The chosen paper has no room for a report."""


class Content(Protocol):
    """What is to be on paper: something on top, and perhaps a table."""

    @property
    def title(self) -> str:
        """The name of the document."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of the table; none: there is no table."""

    @property
    def count(self) -> int:
        """How many rows it has."""

    def write_top(self, cursor: QTextCursor, width: float) -> None:
        """Write what stands above the table, where lines are *width* wide."""

    def cells(self, row: int) -> Sequence[str]:
        """The texts of one row; the first is 0."""

    def footer(self, page: int, count: int) -> tuple[str, str]:
        """What stands below a page, on the left and on the right; the first is 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. *share*: per cent of the width."""

    name: str
    share: int


class Sheets:
    """The pages of *content* as they come out of *device*.

    Raises:
        PaperTooSmall: it is.
    """

    def __init__(self, content: Content, device: QPagedPaintDevice) -> None:
        _set_margins(device)
        self._content = content
        self._device = device
        self._scale = device.logicalDpiY() / 96
        paper = device.pageLayout().paintRectPixels(device.logicalDpiY())
        self._size = QSizeF(paper.width(), paper.height() - FOOTER * self._scale)
        self._pages: list[tuple[_Part, int]] = []

    @property
    def count(self) -> int:
        """How many pages there are, once they are laid out."""
        return len(self._pages)

    def lay_out(self) -> Iterator[None]:
        """Find out what stands on which page, some of them with each step."""
        begin, rows, top = 0, FIRST_ROWS, True
        while top or begin < self._content.count:
            end = min(begin + rows, self._content.count)
            part = _Part(self._content, self._device, self._size, range(begin, end), top=top)
            yield
            if part.taken == end - begin < self._content.count - begin:
                rows *= 2  # its last page may have room for more
                continue
            self._pages += [(part, page) for page in range(part.pages)]
            begin, top, rows = begin + part.taken, False, part.taken + SPARE_ROWS

    def paint(self, numbers: Iterable[int] | None = None) -> Iterator[None]:
        """Paint all pages, or those of *numbers* (the first is 0), one with each step.

        Raises:
            OSError: the printer or the file does not take them.
        """
        painter = QPainter()
        if not painter.begin(self._device):
            raise _refused()
        try:
            for place, number in enumerate(range(self.count) if numbers is None else numbers):
                if place and not self._device.newPage():
                    raise _refused()
                self._paint_page(painter, number)
                yield
        finally:
            painter.end()

    # --- inside ---

    def _paint_page(self, painter: QPainter, number: int) -> None:
        part, page = self._pages[number]
        part.paint(painter, page)
        painter.setFont(font(SMALL))
        painter.setPen(QUIET)
        line = QRectF(0, self._size.height(), self._size.width(), FOOTER * self._scale)
        bottom = Qt.AlignmentFlag.AlignBottom
        left, right = self._content.footer(number + 1, self.count)
        painter.drawText(line, bottom | Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(line, bottom | Qt.AlignmentFlag.AlignRight, right)


class _Part:
    """One document: some *rows*, and if *top*, before them what stands above the table.

    It ends with the first page on which rows do: a row that runs over its end is laid out again in
    the next document, since QTextDocument would divide it.
    """

    def __init__(
        self, content: Content, device: QPagedPaintDevice, size: QSizeF, rows: range, *, top: bool
    ) -> None:
        self._size = size
        self._scale = device.logicalDpiY() / 96
        self._document = _empty_document(device, size)
        self._layout = self._document.documentLayout()
        self._table: QTextTable | None = None
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if top:
            content.write_top(cursor, size.width() / self._scale)
        if rows:
            self._table = _insert_rows(cursor, content, rows)
        cursor.endEditBlock()  # which lays it out
        self.taken = 0
        """How many of the rows stand on its pages."""
        self.pages = self._document.pageCount()
        self._end = self.pages * size.height()
        if self._table is not None:
            self._end_with(self._table)

    def paint(self, painter: QPainter, page: int) -> None:
        """Paint one page; the first is 0."""
        area = QRectF(0, page * self._size.height(), self._size.width(), self._size.height())
        area.setBottom(min(area.bottom(), self._end))
        painter.save()
        painter.translate(0, -page * self._size.height())
        self._document.drawContents(painter, area)
        painter.restore()

    # --- inside ---

    def _end_with(self, table: QTextTable) -> None:
        """End it with the last row that is whole on the page on which the first one is."""
        heading = self._document.findBlock(table.firstPosition() - 1)
        if self._page_at(self._layout.blockBoundingRect(heading).top()) != self._page_of(1):
            self._break_before(heading)
        self.pages = self._page_of(1) + 1
        self.taken = table.rows() - 1
        while self._page_of(self.taken) >= self.pages:
            self.taken -= 1
        self._end = self._bottom_of(self.taken) + (PADDING + RULE_WIDTH) * self._scale

    def _break_before(self, block: QTextBlock) -> None:
        """A heading does not stay behind when its list goes to the next page."""
        look = block.blockFormat()
        look.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
        QTextCursor(block).setBlockFormat(look)

    def _page_of(self, row: int) -> int:
        """The page on which *row* ends; 0 is the header."""
        return self._page_at(self._bottom_of(row) - 1)

    def _page_at(self, y: float) -> int:
        return int(y // self._size.height())

    def _bottom_of(self, row: int) -> float:
        assert self._table is not None
        cells = (self._table.cellAt(row, column) for column in range(self._table.columns()))
        blocks = (cell.lastCursorPosition().block() for cell in cells)
        return max(self._layout.blockBoundingRect(block).bottom() for block in blocks)


def write_pdf(content: Content, path: Path, paper: QPageSize.PageSizeId) -> Iterator[None]:
    """Write *content* as PDF to *path*, some of it with each step.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("wb"):
        pass  # QPdfWriter only says that it failed, not why
    writer = QPdfWriter(str(path))
    writer.setTitle(content.title)
    writer.setCreator("Siaran")
    writer.setPageSize(QPageSize(paper))
    sheets = Sheets(content, writer)
    yield from sheets.lay_out()
    with suppress(OSError):  # which does not say why, either
        yield from sheets.paint()
    _require_whole(path)


def usual_paper() -> QPageSize.PageSizeId:
    """The paper of the country that this PC is set to."""
    country = QLocale.territoryToCode(QLocale.system().territory())
    return QPageSize.PageSizeId.Letter if country in LETTER_COUNTRIES else QPageSize.PageSizeId.A4


def font(size: float, *, bold: bool = False) -> QFont:
    """The program's font, *size* points large."""
    found = QFont(QGuiApplication.font())
    found.setPointSizeF(size)
    found.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return found


def ink(size: float, colour: QColor = INK, *, bold: bool = False) -> QTextCharFormat:
    """How text looks; plain text stays plain, since nothing here reads HTML."""
    found = QTextCharFormat()
    found.setFont(font(size, bold=bold))
    found.setForeground(colour)
    return found


def _empty_document(device: QPagedPaintDevice, size: QSizeF) -> QTextDocument:
    """With pages of *size* pixels of *device*; a word that is longer than a line is divided."""
    document = QTextDocument()
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(font(BODY))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(option)
    document.documentLayout().setPaintDevice(device)
    document.setPageSize(size)
    return document


def table_format(shares: Sequence[int], padding: float) -> QTextTableFormat:
    """A table as wide as the page, without lines of its own."""
    found = QTextTableFormat()
    percent = QTextLength.Type.PercentageLength
    found.setWidth(QTextLength(percent, 100))
    found.setColumnWidthConstraints([QTextLength(percent, share) for share in shares])
    found.setBorder(0)
    found.setCellSpacing(0)
    found.setCellPadding(padding)
    return found


def _insert_rows(cursor: QTextCursor, content: Content, rows: range) -> QTextTable:
    columns = content.columns
    look = table_format([column.share for column in columns], PADDING)
    look.setHeaderRowCount(1)
    table = cursor.insertTable(1 + len(rows), len(columns), look)
    _fill(table, 0, [column.name for column in columns], ink(SMALL, QUIET, bold=True), QUIET)
    plain = ink(TABLE)
    for place, row in enumerate(rows, 1):
        _fill(table, place, content.cells(row), plain, RULE)
    return table


def _fill(
    table: QTextTable, row: int, texts: Sequence[str], look: QTextCharFormat, rule: QColor
) -> None:
    lined = QTextTableCellFormat()
    lined.setBottomBorder(RULE_WIDTH)
    lined.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    lined.setBottomBorderBrush(rule)
    lined.setLeftPadding(0)
    for column, text in enumerate(texts):
        cell = table.cellAt(row, column)
        cell.setFormat(lined)
        cell.firstCursorPosition().insertText(text, look)


def _set_margins(device: QPagedPaintDevice) -> None:
    """Ours, or the printer's own where those are wider.

    Raises:
        PaperTooSmall: nothing would be left.
    """
    layout = device.pageLayout()
    layout.setUnits(QPageLayout.Unit.Millimeter)
    full, least = layout.fullRect(), layout.minimumMargins()
    if min(full.width(), full.height()) < SMALLEST_MM:
        raise PaperTooSmall
    layout.setMargins(
        QMarginsF(
            max(MARGIN_MM, least.left()),
            max(MARGIN_MM, least.top()),
            max(MARGIN_MM, least.right()),
            max(MARGIN_MM, least.bottom()),
        )
    )
    device.setPageLayout(layout)


def _require_whole(path: Path) -> None:
    """A writer whose disk was full says nothing, and leaves half a file.

    Raises:
        OSError: that is so.
    """
    with path.open("rb+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(PDF_END)))
        if file.read() == PDF_END:
            return
        file.write(bytes(1 << 16))  # which says why
    raise _refused()


def _refused() -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO))
