"""A list of messages: level, title, where and when, and how far each has come.

The same rows in the console and in the tray. A list keeps its place: what is inserted or removed
above the visible part does not move it, and nothing is chosen but by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from shared.model import Level
from shared.qt import theme
from shared.qt.icons import icon
from shared.text import safe_line

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Under this role a model has the ``MessageRow`` to paint."""

STRIPE = 4
ICON = 20


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What one row says; ``time`` and ``state`` stand at its right end."""

    level: Level
    title: str
    details: str
    time: str = ""
    state: str = ""
    bold: bool = True


class MessageDelegate(QStyledItemDelegate):
    """Paints one row: stripe and icon of the level, and two lines of text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines of text and a unit above and below."""
        del index
        metrics = QFontMetrics(option.font)  # type: ignore[attr-defined]
        return QSize(200, 2 * metrics.height() + 2 * theme.UNIT + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row."""
        row: MessageRow = index.data(ROW_ROLE)
        area: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        self._paint_background(painter, option)
        colour = theme.level_colour(row.level)
        painter.fillRect(QRect(area.left(), area.top() + 2, STRIPE, area.height() - 4), colour)
        sign = QRect(area.left() + STRIPE + theme.GROUP, 0, ICON, ICON)
        sign.moveTop(area.center().y() - ICON // 2)
        icon(theme.LEVELS[row.level].icon, colour).paint(painter, sign)
        text = area.adjusted(STRIPE + 2 * theme.GROUP + ICON, theme.UNIT, -theme.GROUP, -theme.UNIT)
        self._paint_text(painter, option, row, text)
        painter.restore()

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        palette: QPalette = option.palette  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        area: QRect = option.rect  # type: ignore[attr-defined]
        accent = palette.color(QPalette.ColorRole.Highlight)
        if state & QStyle.StateFlag.State_Selected:
            shade = QColor(accent)
            shade.setAlpha(48)
            painter.fillRect(area, shade)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(accent)
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, row: MessageRow, area: QRect
    ) -> None:
        palette: QPalette = option.palette  # type: ignore[attr-defined]
        widget: QWidget = option.widget  # type: ignore[attr-defined]
        half = area.height() // 2
        top, bottom = area.adjusted(0, 0, 0, -half), area.adjusted(0, half, 0, 0)
        ink, quiet = palette.color(QPalette.ColorRole.Text), theme.quiet_colour()
        small = theme.scaled_font(widget, theme.SMALL)
        top = _end(painter, top, row.time, small, quiet)
        bottom = _end(painter, bottom, row.state, small, ink if row.bold else quiet)
        title = theme.scaled_font(widget, theme.BODY, bold=row.bold)
        _line(painter, top, row.title, title, ink)
        _line(painter, bottom, row.details, small, quiet)


def _end(painter: QPainter, area: QRect, text: str, font: QFont, colour: QColor) -> QRect:
    """Write *text* at the right end of *area*; return what is left of it."""
    if not text:
        return area
    width = min(QFontMetrics(font).horizontalAdvance(text) + 1, area.width() // 2)
    _line(painter, area.adjusted(area.width() - width, 0, 0, 0), text, font, colour)
    return area.adjusted(0, 0, -width - theme.UNIT, 0)


def _line(painter: QPainter, area: QRect, text: str, font: QFont, colour: QColor) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    cut = metrics.elidedText(safe_line(text), Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, cut)


class MessageList(QListView):
    """The list, with a hint while it is empty."""

    def __init__(self, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setItemDelegate(MessageDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(model)
        model.rowsRemoved.connect(self._rows_removed)

    def set_hint(self, text: str) -> None:
        """Say *text* while there is no row."""
        self._hint = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hint while there is nothing else."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(theme.quiet_colour())
            painter.drawText(
                self.viewport().rect().adjusted(theme.EDGE, 0, -theme.EDGE, 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._hint,
            )

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Stay where the person has scrolled to."""
        place = self.verticalScrollBar().value()
        super().rowsInserted(parent, start, end)
        self._keep_place(place, start, end - start + 1)

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Choose no other row in place of the chosen one."""
        mode = self.selectionMode()
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        super().rowsAboutToBeRemoved(parent, start, end)
        self.setSelectionMode(mode)

    def keyboardSearch(self, search: str) -> None:
        """Typing into the list finds nothing: a scanner may be doing it."""

    def _rows_removed(self, parent: QModelIndex, start: int, end: int) -> None:
        del parent
        self._keep_place(self.verticalScrollBar().value(), start, start - end - 1)

    def _keep_place(self, place: int, start: int, rows: int) -> None:
        """Scroll along with *rows* more above a visible part that began at *place*."""
        height = self.sizeHintForRow(0)
        if place > 0 and height > 0 and start * height <= place:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(place + rows * height)
