"""A report on paper: what was sent, how far it came, how fast, and who has not acknowledged.

Everything is inserted as plain text: what outlets wrote is never read as HTML. The curves are drawn
as lines, not as a picture, so that a printer shows them as sharp as letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPyTextObject,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from admin_app.reach import Reach
from admin_app.report_rows import Row
from admin_app.reports import Figures
from admin_app.views.curves import Curves
from admin_app.views.paper import BODY, QUIET, SMALL, Column, font, ink, table_format
from admin_app.views.reach_chart import reach_sentence
from admin_app.views.report_tables import order_of, progress_name
from shared.clock import wall_ms
from shared.model import Ack, Message
from shared.qt.words import channel_names, exact_moment, level_name, localized, moment, number
from shared.receipts import Stage
from shared.text import safe_line, safe_text

TITLE, NUMBER = 15.0, 19.5
"""Font sizes in points."""
CHART_HEIGHT = 190.0
LONGEST = 200
"""Characters of a name: anybody may register one."""
_CHART = QTextFormat.FormatType.UserFormat + 1
_OBJECT = "\ufffc"
"""The character that stands for a drawing in a text."""
_LINE = "\u2028"
"""A new line in the same paragraph."""


class ReportPages:
    """What is on the pages of one report: ``paper.Content``."""

    def __init__(
        self,
        message: Message,
        labels: Mapping[str, str],
        figures: Figures,
        pending: Sequence[Row],
        fate: str = "",
    ) -> None:
        self._message = message
        self._labels = labels
        self._figures = figures
        self._fate = fate
        self._asks = message.ack is not Ack.NONE
        self._by_outlet = message.ack is Ack.OUTLET
        self._rows = _listed(pending, by_outlet=self._by_outlet) if self._asks else []
        self._at = moment(wall_ms(), zone=True, date=True)
        self.title = safe_line(message.title)
        self.count = len(self._rows)
        self.columns = _columns(by_outlet=self._by_outlet)
        self._chart = _Chart(self._curves())

    def write_top(self, cursor: QTextCursor, width: float) -> None:
        """Write everything but the list."""
        cursor.insertText(self.title, ink(TITLE, bold=True))
        _paragraph(cursor, self._details(), ink(SMALL, QUIET), above=2)
        body = safe_text(self._message.body).replace("\n", _LINE)
        _paragraph(cursor, body, ink(BODY), above=12)
        self._write_figures(cursor)
        words = reach_sentence(self._reaches(), self._figures.counts.displayed)
        _paragraph(cursor, words, ink(BODY), above=16)
        self._chart.insert(cursor, width)
        if doubts := localized(self._figures.doubts.sentence):
            _paragraph(cursor, doubts, ink(SMALL), above=6)
        if self._asks:
            _paragraph(cursor, self._heading(), ink(BODY, bold=True), above=14, below=4)

    def cells(self, row: int) -> list[str]:
        """The outlet, the PC unless outlets are asked, how far it came, and its last heartbeat."""
        one = self._rows[row]
        name = [one.outlet] if self._by_outlet else [one.outlet, one.pc or "-"]
        since = one.displayed_at or one.received_at
        state = progress_name(one.progress)
        if since and one.claim is None:
            state = f"{state} · {exact_moment(since, self._message.sent_at)}"
        seen = moment(one.seen_at) if one.seen_at else "-"
        return [*(safe_line(part, LONGEST) for part in name), state, seen]

    def footer(self, page: int, count: int) -> tuple[str, str]:
        """Of when it is, and which page."""
        left = QCoreApplication.translate("paper", "Siaran · as of {time}").format(time=self._at)
        right = QCoreApplication.translate("paper", "Page {page} of {count}")
        return left, right.format(page=number(page), count=number(count))

    # --- inside ---

    def _details(self) -> str:
        message = self._message
        parts = (
            self._fate,
            level_name(message.level),
            channel_names(message.channels, self._labels),
            safe_line(message.sender),
            moment(message.sent_at, zone=True, date=True),
        )
        return " · ".join(part for part in parts if part)

    def _write_figures(self, cursor: QTextCursor) -> None:
        figures = self._figures
        shares = [
            (Stage.RECEIVED, QCoreApplication.translate("paper", "PCs received it")),
            (Stage.DISPLAYED, QCoreApplication.translate("paper", "PCs showed it")),
        ]
        if self._asks:
            words = QCoreApplication.translate("paper", "PCs acknowledged it")
            if figures.by_outlet:
                words = QCoreApplication.translate("paper", "outlets acknowledged it")
            shares.append((Stage.ACKNOWLEDGED, words))
        look = table_format([33, 33, 34], 0)
        look.setTopMargin(16)
        table = cursor.insertTable(1, 3, look)
        for place, (stage, words) in enumerate(shares):
            count, whole = figures.share(stage)
            of = QCoreApplication.translate("paper", "of {whole}").format(whole=number(whole))
            cell = table.cellAt(0, place).firstCursorPosition()
            cell.insertText(number(count), ink(NUMBER))
            cell.insertText(f"  {of}", ink(SMALL, QUIET))
            _paragraph(cell, words, ink(SMALL, QUIET))
        cursor.movePosition(QTextCursor.MoveOperation.End)

    def _reaches(self) -> list[Reach]:
        stages = [one for one in Stage if self._asks or one is not Stage.ACKNOWLEDGED]
        return [self._figures.reach(stage) for stage in stages]

    def _curves(self) -> Curves:
        pixels = font(SMALL)
        pixels.setPixelSize(11)
        return Curves(self._reaches(), pixels, dark=False, ground=QColor("white"))

    def _heading(self) -> str:
        if not self.count:
            return QCoreApplication.translate("paper", "Everybody has acknowledged it.")
        if self._by_outlet:
            return QCoreApplication.translate(
                "paper", "Not acknowledged: %Ln outlet(s)", "", self.count
            )
        return QCoreApplication.translate("paper", "Not acknowledged: %Ln PC(s)", "", self.count)


class _Chart(QPyTextObject):
    """The curves, as a character of the text that is as wide as the page."""

    def __init__(self, curves: Curves) -> None:
        super().__init__()
        self._curves = curves
        self._wide = 0.0

    def insert(self, cursor: QTextCursor, width: float) -> None:
        """Insert it as a paragraph that is *width* wide."""
        self._wide = width
        cursor.document().documentLayout().registerHandler(_CHART, self)
        look = QTextCharFormat()
        look.setObjectType(_CHART)
        _paragraph(cursor, _OBJECT, look, above=6)

    def intrinsicSize(self, doc: QTextDocument, position: int, look: QTextFormat) -> QSizeF:
        """Its size on the device."""
        del position, look
        return QSizeF(self._wide, CHART_HEIGHT) * _scale(doc)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        position: int,
        look: QTextFormat,
    ) -> None:
        """Draw it as the window does, only larger by the device's resolution."""
        del position, look
        painter.save()
        painter.translate(rect.topLeft())
        painter.scale(_scale(doc), _scale(doc))
        self._curves.paint(painter, QRectF(0, 0, self._wide, CHART_HEIGHT))
        painter.restore()


def _scale(document: QTextDocument) -> float:
    return document.documentLayout().paintDevice().logicalDpiY() / 96


def _paragraph(
    cursor: QTextCursor, text: str, look: QTextCharFormat, *, above: float = 0, below: float = 0
) -> None:
    block = QTextBlockFormat()
    block.setTopMargin(above)
    block.setBottomMargin(below)
    cursor.insertBlock(block, look)
    cursor.insertText(text, look)


def _columns(*, by_outlet: bool) -> list[Column]:
    outlet = QCoreApplication.translate("report", "Outlet")
    state = QCoreApplication.translate("report", "State")
    seen = QCoreApplication.translate("report", "PC last seen")
    if by_outlet:
        return [Column(outlet, 44), Column(state, 34), Column(seen, 22)]
    pc = QCoreApplication.translate("report", "PC")
    return [Column(outlet, 28), Column(pc, 18), Column(state, 34), Column(seen, 20)]


def _listed(pending: Sequence[Row], *, by_outlet: bool) -> list[Row]:
    """Who has not acknowledged, in order; of an outlet the PC that it came farthest on."""
    rows = sorted(pending, key=lambda row: order_of(row.endpoint))
    if not by_outlet:
        return rows
    farthest: dict[str, Row] = {}
    for row in rows:
        best = farthest.setdefault(row.outlet, row)
        if _how_far(row) > _how_far(best):
            farthest[row.outlet] = row
    return list(farthest.values())


def _how_far(row: Row) -> tuple[int, int]:
    return row.displayed_at or 0, row.received_at or 0
