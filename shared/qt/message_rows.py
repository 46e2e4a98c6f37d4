"""A list of messages: level, title, where and when, and how far each has come.

The same rows in the console and in the tray. A list keeps its place: what is inserted or removed
above the visible part does not move it, and nothing is chosen but by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from shared.model import Level
from shared.qt import theme
from shared.qt.icons import icon
from shared.qt.layouts import paint_hint
from shared.text import safe_line

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Under this role a model has the ``MessageRow`` to paint."""

STRIPE = 4
ICON = 20
BAR, BAR_WIDTH = 4, 56


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What one row says; ``time`` and ``state`` stand at its right end."""

    level: Level
    title: str
    details: str
    time: str = ""
    state: str = ""
    bold: bool = True
    share: float | None = None
    """How much of it is done, 0 to 1: a thin bar behind ``state``; None: no bar."""
    over: bool = False
    """It stands no more: the title is struck through. ``details`` has to say why."""


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
            # The table has filled the row with the accent itself, on which no level can be read.
            painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
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
        if row.share is not None:
            bottom = _bar(painter, bottom, row.share)
        bottom = _end(painter, bottom, row.state, small, ink if row.bold else quiet)
        title = theme.scaled_font(widget, theme.BODY, bold=row.bold)
        title.setStrikeOut(row.over)
        _line(painter, top, row.title, title, quiet if row.over else ink)
        _line(painter, bottom, row.details, small, quiet)


def _end(painter: QPainter, area: QRect, text: str, font: QFont, colour: QColor) -> QRect:
    """Write *text* at the right end of *area*; return what is left of it."""
    if not text:
        return area
    width = min(QFontMetrics(font).horizontalAdvance(text) + 1, area.width() // 2)
    _line(painter, area.adjusted(area.width() - width, 0, 0, 0), text, font, colour)
    return area.adjusted(0, 0, -width - theme.UNIT, 0)


def _bar(painter: QPainter, area: QRect, share: float) -> QRect:
    """Paint a bar at the right end of *area*; return what is left of it."""
    whole = QRect(area.right() - BAR_WIDTH, area.center().y() - BAR // 2, BAR_WIDTH, BAR)
    ground = theme.quiet_colour()
    ground.setAlpha(60)
    painter.fillRect(whole, ground)
    # A pixel is seen as soon as anybody has it, and the last one only when all have.
    width = round(share * BAR_WIDTH)
    if 0 < share < 1:
        width = min(max(1, width), BAR_WIDTH - 1)
    whole.setWidth(width)
    painter.fillRect(whole, theme.pick(theme.GOOD))
    return area.adjusted(0, 0, -BAR_WIDTH - theme.UNIT, 0)


def _line(painter: QPainter, area: QRect, text: str, font: QFont, colour: QColor) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    cut = metrics.elidedText(safe_line(text), Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, cut)


class MessageList(QTableView):
    """The list, with a hint while it is empty.

    A table of one column: QListView asks the model for every row again after each insertion, which
    takes 60 ms with 10,000 rows; QTableView only counts them.
    """

    def __init__(self, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self._set_up()
        self.setItemDelegate(MessageDelegate(self))
        self.setModel(model)
        self._set_row_height()
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
            paint_hint(self, self._hint)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_row_height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down begin with the row where the keyboard is, if none is chosen."""
        step = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if step and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.start_index())
        else:
            super().keyPressEvent(event)

    def moveCursor(
        self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and the last row, not along the one column."""
        if action == QTableView.CursorAction.MoveHome:
            return self.model().index(0, 0)
        if action == QTableView.CursorAction.MoveEnd:
            return self.model().index(self.model().rowCount() - 1, 0)
        return super().moveCursor(action, modifiers)

    def start_index(self) -> QModelIndex:
        """The row that the keyboard goes to when none is chosen; invalid if there is none."""
        now = self.currentIndex()
        return now if now.isValid() else self.model().index(0, 0)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Stay where the person has scrolled to."""
        place = self.verticalScrollBar().value()
        super().rowsInserted(parent, start, end)
        self._keep_place(place, start, end - start + 1)

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Choose no other row in place of the chosen one."""
        mode = self.selectionMode()
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        super().rowsAboutToBeRemoved(parent, start, end)
        self.setSelectionMode(mode)

    def keyboardSearch(self, search: str) -> None:
        """Typing into the list finds nothing: a scanner may be doing it."""

    def _set_up(self) -> None:
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verticalHeader().hide()
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)

    def _set_row_height(self) -> None:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        height = self.itemDelegate().sizeHint(option, QModelIndex()).height()
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep(height // 2)

    def _rows_removed(self, parent: QModelIndex, start: int, end: int) -> None:
        del parent
        self._keep_place(self.verticalScrollBar().value(), start, start - end - 1)

    def _keep_place(self, place: int, start: int, rows: int) -> None:
        """Scroll along with *rows* more above a visible part that began at *place*."""
        height = self.verticalHeader().defaultSectionSize()
        if place > 0 and start * height <= place:
            self.updateGeometries()
            self.verticalScrollBar().setValue(place + rows * height)
