"""What was sent: level, title, channel and time of each message, newest first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from admin_app.models import DETAILS_ROLE, MESSAGE_ROLE, SentModel
from shared.model import Message
from shared.qt import theme
from shared.qt.icons import icon
from shared.text import safe_line

STRIPE = 4
ICON = 20


class SentDelegate(QStyledItemDelegate):
    """Paints one row: stripe and icon of the level, title, and where and when below it."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Two lines of text and a unit above and below."""
        del index
        metrics = QFontMetrics(option.font)  # type: ignore[attr-defined]
        return QSize(200, 2 * metrics.height() + 2 * theme.UNIT + 4)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the row."""
        message: Message = index.data(MESSAGE_ROLE)
        row: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        self._paint_background(painter, option)
        colour = theme.level_colour(message.level)
        painter.fillRect(QRect(row.left(), row.top() + 2, STRIPE, row.height() - 4), colour)
        sign = QRect(row.left() + STRIPE + theme.GROUP, 0, ICON, ICON)
        sign.moveTop(row.center().y() - ICON // 2)
        icon(theme.LEVELS[message.level].icon, colour).paint(painter, sign)
        text = row.adjusted(STRIPE + 2 * theme.GROUP + ICON, theme.UNIT, -theme.GROUP, -theme.UNIT)
        self._paint_text(painter, option, message.title, index.data(DETAILS_ROLE), text)
        painter.restore()

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        palette: QPalette = option.palette  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected:
            shade = palette.color(QPalette.ColorRole.Highlight)
            shade.setAlpha(48)
            painter.fillRect(option.rect, shade)  # type: ignore[attr-defined]

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        title: str,
        details: str,
        area: QRect,
    ) -> None:
        palette: QPalette = option.palette  # type: ignore[attr-defined]
        widget: QWidget = option.widget  # type: ignore[attr-defined]
        half = area.height() // 2
        top, bottom = area.adjusted(0, 0, 0, -half), area.adjusted(0, half, 0, 0)
        ink = palette.color(QPalette.ColorRole.Text)
        _line(painter, top, title, theme.scaled_font(widget, theme.BODY, bold=True), ink)
        small = theme.scaled_font(widget, theme.SMALL)
        _line(painter, bottom, details, small, theme.quiet_colour())


def _line(painter: QPainter, area: QRect, text: str, font: QFont, colour: QColor) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    cut = metrics.elidedText(safe_line(text), Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, cut)


class SentList(QListView):
    """The list, with a hint while it is empty."""

    def __init__(self, model: SentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(SentDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setAccessibleName(self.tr("Sent messages"))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what will appear here while there is nothing."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(theme.quiet_colour())
            painter.drawText(
                self.viewport().rect().adjusted(theme.EDGE, 0, -theme.EDGE, 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.tr(
                    "What you send appears here. Write a title and a message, then press Send."
                ),
            )
