"""One large number, the rest of its sentence, and a thin bar: ``12 of 15 showed it``."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from shared.qt import theme
from shared.qt.words import number

BAR = 4


class Figure(QWidget):
    """Painted by itself, so that a number that changes ten times a second lays out nothing."""

    def __init__(self, colours: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = colours
        self._number = ""
        self._whole = self._short = ""
        self._caption = ""
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, count: int, whole: int, caption: str, sentence: str) -> None:
        """Show *count* large, *whole* beside it, *caption* below, and all of it as *sentence*."""
        beside = self.tr("of {whole}").format(whole=number(whole))
        now = (number(count), beside, caption, count / whole if whole else 0.0)
        if now != (self._number, self._whole, self._caption, self._share):
            self._number, self._whole, self._caption, self._share = now
            self._short = f"/ {number(whole)}"
            self.setAccessibleName(sentence)
            self.setToolTip(sentence)
            self.update()

    def sizeHint(self) -> QSize:
        """The number, a line of small text, and the bar."""
        large, small = self._metrics()
        return QSize(140, large.height() + small.height() + BAR + theme.UNIT)

    def minimumSizeHint(self) -> QSize:
        """As high as that, and rather narrow."""
        return QSize(90, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint number, caption and bar."""
        del event
        painter = QPainter(self)
        large, small = self._metrics()
        painter.setFont(theme.scaled_font(self, theme.NUMBER))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRect(0, 0, self.width(), large.height()), 0, self._number)
        painter.setFont(theme.scaled_font(self, theme.SMALL))
        painter.setPen(theme.quiet_colour())
        left = large.horizontalAdvance(self._number) + theme.UNIT // 2
        whole = self._whole
        if small.horizontalAdvance(whole) > self.width() - left:
            whole = self._short
        painter.drawText(left, large.ascent(), whole)
        caption = small.elidedText(self._caption, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRect(0, large.height(), self.width(), small.height()), 0, caption)
        self._paint_bar(painter, large.height() + small.height() + theme.UNIT // 2)

    def _paint_bar(self, painter: QPainter, top: int) -> None:
        ground = theme.quiet_colour()
        ground.setAlpha(60)
        painter.fillRect(0, top, self.width(), BAR, ground)
        width = round(self.width() * min(self._share, 1.0))
        if 0 < self._share < 1:
            width = min(max(1, width), self.width() - 2)
        painter.fillRect(0, top, width, BAR, theme.pick(self._colours))

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        return (
            QFontMetrics(theme.scaled_font(self, theme.NUMBER)),
            QFontMetrics(theme.scaled_font(self, theme.SMALL)),
        )
