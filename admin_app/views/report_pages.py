"""A report on paper: what was sent, how far it came, how fast, and who has not acknowledged.

Painted in pixels of 96 an inch with fonts of that size, so that a page is the same on every screen
and printer. The first page has everything; those who have not acknowledged go on over more.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextLayout,
)

from admin_app.report_rows import Row
from admin_app.reports import Figures
from admin_app.views.curves import Curves
from admin_app.views.reach_chart import reach_sentence
from admin_app.views.report_tables import order_of, progress_name
from shared.clock import wall_ms
from shared.model import Ack, Message
from shared.qt import theme
from shared.qt.words import channel_names, level_name, localized, moment, number
from shared.receipts import Stage
from shared.text import safe_line, safe_text

DPI = 96
PAGE = QRectF(0, 0, 794, 1123)
"""A4 in pixels of 96 an inch."""
MARGIN = 60
TITLE, BODY, SMALL, NUMBER = 20, 13, 11, 26
"""Font sizes in pixels."""
LINE = 17
COLUMNS = 3
INK, QUIET = QColor("#111111"), QColor(theme.QUIET[0])
PDF_END = b"%%EOF\n"
MOST_LINES = 10
"""Lines of the message's text; the rest of a longer one is left out."""


class ReportPages:
    """The pages of one report, painted on anything that can be painted on."""

    def __init__(
        self,
        message: Message,
        labels: Mapping[str, str],
        figures: Figures,
        pending: Sequence[Row],
        fate: str = "",
    ) -> None:
        self._message = message
        self._fate = fate
        self._labels = labels
        self._figures = figures
        self._pending = _names(pending, by_outlet=message.ack is Ack.OUTLET)
        self._at = moment(wall_ms(), zone=True, date=True)
        self._text = _lines(safe_text(message.body), PAGE.width() - 2 * MARGIN)
        self._doubts = _lines(localized(figures.doubts.sentence), PAGE.width() - 2 * MARGIN)
        self._asks = message.ack is not Ack.NONE
        first = self._rows_below(self._list_top()) if self._asks else 0
        self._cuts = [0, first * COLUMNS]
        while self._asks and self._cuts[-1] < len(self._pending):
            self._cuts.append(self._cuts[-1] + self._rows_below(MARGIN + 2 * LINE) * COLUMNS)

    @property
    def count(self) -> int:
        """How many pages there are."""
        return max(1, len(self._cuts) - 1)

    def write(self, path: Path) -> Iterator[None]:
        """Write them as PDF to *path*, one with each step.

        Raises:
            OSError: the file cannot be written.
        """
        with path.open("wb"):
            pass  # QPdfWriter only says that it failed, not why
        writer = QPdfWriter(str(path))
        writer.setTitle(safe_line(self._message.title))
        writer.setCreator("Siaran")
        writer.setResolution(DPI)
        layout = QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF()
        )
        writer.setPageLayout(layout)
        painter = QPainter(writer)
        try:
            for page in range(self.count):
                if page:
                    writer.newPage()
                self.paint(painter, page)
                yield
        finally:
            painter.end()
        _demand_whole(path)

    def paint(self, painter: QPainter, page: int) -> None:
        """Paint one page; the first is 0."""
        painter.fillRect(PAGE, QColor("white"))
        top = float(MARGIN)
        if page == 0:
            self._paint_heading(painter)
            self._paint_figures(painter)
            self._paint_chart(painter)
            self._paint_doubts(painter)
            top = self._list_top()
        if self._asks:
            self._paint_list(painter, page, top)
        self._paint_footer(painter, page)

    # --- inside ---

    def _paint_heading(self, painter: QPainter) -> None:
        message = self._message
        wide = PAGE.width() - 2 * MARGIN
        title = _elided(safe_line(message.title), _font(TITLE, bold=True), wide)
        _write(painter, QRectF(MARGIN, MARGIN, wide, 28), title, _font(TITLE, bold=True))
        parts = (
            self._fate,
            level_name(message.level),
            channel_names(message.channels, self._labels),
            safe_line(message.sender),
            moment(message.sent_at, zone=True, date=True),
        )
        details = _elided(" · ".join(part for part in parts if part), _font(SMALL), wide)
        _write(painter, QRectF(MARGIN, MARGIN + 30, wide, LINE), details, _font(SMALL), QUIET)
        for place, line in enumerate(self._text):
            box = QRectF(MARGIN, MARGIN + 60 + place * LINE, wide, LINE)
            _write(painter, box, line, _font(BODY))

    def _figures_top(self) -> float:
        return MARGIN + 60 + len(self._text) * LINE + 24

    def _paint_figures(self, painter: QPainter) -> None:
        figures = self._figures
        shares = [
            (figures.share(Stage.RECEIVED), self._say("PCs received it")),
            (figures.share(Stage.DISPLAYED), self._say("PCs showed it")),
        ]
        if self._asks:
            words = "outlets acknowledged it" if figures.by_outlet else "PCs acknowledged it"
            shares.append((figures.share(Stage.ACKNOWLEDGED), self._say(words)))
        wide = (PAGE.width() - 2 * MARGIN) / 3
        for place, ((count, whole), words) in enumerate(shares):
            left, top = MARGIN + place * wide, self._figures_top()
            large = number(count)
            _write(painter, QRectF(left, top, wide, 34), large, _font(NUMBER))
            gone = QFontMetricsF(_font(NUMBER)).horizontalAdvance(large) + 6
            of = QCoreApplication.translate("paper", "of {whole}").format(whole=number(whole))
            _write(painter, QRectF(left + gone, top + 12, wide, LINE), of, _font(SMALL), QUIET)
            _write(painter, QRectF(left, top + 34, wide, LINE), words, _font(SMALL), QUIET)

    def _say(self, words: str) -> str:
        return {
            "PCs received it": QCoreApplication.translate("paper", "PCs received it"),
            "PCs showed it": QCoreApplication.translate("paper", "PCs showed it"),
            "PCs acknowledged it": QCoreApplication.translate("paper", "PCs acknowledged it"),
            "outlets acknowledged it": QCoreApplication.translate(
                "paper", "outlets acknowledged it"
            ),
        }[words]

    def _paint_chart(self, painter: QPainter) -> None:
        figures, top = self._figures, self._figures_top() + 72
        stages = [one for one in Stage if self._asks or one is not Stage.ACKNOWLEDGED]
        reaches = [figures.reach(stage) for stage in stages]
        wide = PAGE.width() - 2 * MARGIN
        words = reach_sentence(reaches, figures.counts.displayed)
        _write(painter, QRectF(MARGIN, top, wide, LINE), words, _font(BODY))
        curves = Curves(reaches, _font(SMALL), dark=False, ground=QColor("white"))
        curves.paint(painter, QRectF(MARGIN, top + 26, wide, 190))

    def _list_top(self) -> float:
        return self._figures_top() + 72 + 26 + 190 + 28 + len(self._doubts) * LINE

    def _paint_doubts(self, painter: QPainter) -> None:
        """What somebody has spoiled of the receipts, above the list."""
        top, wide = self._figures_top() + 72 + 26 + 190 + 16, PAGE.width() - 2 * MARGIN
        for place, line in enumerate(self._doubts):
            _write(painter, QRectF(MARGIN, top + place * LINE, wide, LINE), line, _font(SMALL))

    def _rows_below(self, top: float) -> int:
        """Lines of a column that fit between the heading of a list at *top* and the footer."""
        return max(1, int((PAGE.height() - MARGIN - 2 * LINE - top - 2 * LINE) // LINE))

    def _paint_list(self, painter: QPainter, page: int, top: float) -> None:
        """The endpoints of this page, down one column and then the next."""
        total, wide = len(self._pending), PAGE.width() - 2 * MARGIN
        heading = QCoreApplication.translate("paper", "Everybody has acknowledged it.")
        if total:
            heading = QCoreApplication.translate("paper", "Not acknowledged: %Ln PC(s)", "", total)
            if self._figures.by_outlet:
                heading = QCoreApplication.translate(
                    "paper", "Not acknowledged: %Ln outlet(s)", "", total
                )
        _write(painter, QRectF(MARGIN, top, wide, LINE), heading, _font(BODY, bold=True))
        rows = self._pending[self._cuts[page] : self._cuts[page + 1]]
        down = -(-len(rows) // COLUMNS)
        font = _font(SMALL)
        for place, words in enumerate(rows):
            column, line = divmod(place, max(1, down))
            box = QRectF(
                MARGIN + column * wide / COLUMNS,
                top + (1.5 + line) * LINE,
                wide / COLUMNS - 12,
                LINE,
            )
            _write(painter, box, _elided(words, font, box.width()), font)

    def _paint_footer(self, painter: QPainter, page: int) -> None:
        words = QCoreApplication.translate(
            "paper", "Siaran · as of {time} · page {page} of {count}"
        )
        words = words.format(time=self._at, page=number(page + 1), count=number(self.count))
        box = QRectF(MARGIN, PAGE.height() - MARGIN - LINE, PAGE.width() - 2 * MARGIN, LINE)
        _write(painter, box, words, _font(SMALL), QUIET)


def _names(pending: Sequence[Row], *, by_outlet: bool) -> list[str]:
    """Who has not acknowledged, and how far it came there: on the PC that it came farthest on."""
    farthest: dict[str, Row] = {}
    for row in sorted(pending, key=lambda row: order_of(row.endpoint)):
        name = row.outlet if by_outlet else row.endpoint.rstrip("/")
        best = farthest.setdefault(name, row)
        if (row.displayed_at or 0, row.received_at or 0) > (
            best.displayed_at or 0,
            best.received_at or 0,
        ):
            farthest[name] = row
    return [
        f"{safe_line(name)}, {progress_name(row.progress).lower()}"
        for name, row in farthest.items()
    ]


def _demand_whole(path: Path) -> None:
    """A writer whose disk was full says nothing, and leaves half a file.

    Raises:
        OSError: that is so.
    """
    with path.open("rb+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(PDF_END)))
        if file.read() == PDF_END:
            return
        file.write(b"\n")  # which says why
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _lines(text: str, width: float) -> list[str]:
    """*text* broken into lines of at most *width*, but not many."""
    found: list[str] = []
    for paragraph in text.splitlines():
        layout = QTextLayout(paragraph, _font(BODY))
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            found.append(paragraph[line.textStart() : line.textStart() + line.textLength()])
        layout.endLayout()
        if len(found) > MOST_LINES:
            return [*found[: MOST_LINES - 1], f"{found[MOST_LINES - 1].rstrip()} …"]
    return found


def _font(size: int, *, bold: bool = False) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def _elided(text: str, font: QFont, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def _write(painter: QPainter, box: QRectF, text: str, font: QFont, colour: QColor = INK) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)
