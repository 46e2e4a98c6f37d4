"""One small square per outlet: are all shops reachable? Answers in a second for a thousand.

The squares stand in the order of the outlets' names, so a shop has its place; they shrink until all
fit, down to a least size, and then scroll. Painted here and not by an item view, which would ask
Python for each of 10,000 cells.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from admin_app.outlets import OutletRow, Standing
from admin_app.views.standings import square_pixmap, standing_name
from shared.qt import theme
from shared.qt.text import plain_tooltip
from shared.qt.words import moment
from shared.text import safe_line

SIZES = (20, 16, 13, 11, 9)
"""Widths of a square in device-independent pixels; below the last its mark cannot be seen."""


class OutletGrid(QAbstractScrollArea):
    """The squares. Arrow keys walk over them; a click or Enter asks for the outlet."""

    outlet_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[OutletRow] = ()
        self._size = SIZES[0]
        self._current = 0
        self._most_height = 200
        self._pictures: dict[tuple[Standing, int, float, bool], QPixmap] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setAccessibleName(self.tr("All outlets, one square each"))
        self._fit()

    def set_rows(self, rows: Sequence[OutletRow]) -> None:
        """Show *rows*; the keyboard stays at its outlet."""
        at = self._rows[self._current].outlet if self._current < len(self._rows) else ""
        self._rows = rows
        places = (place for place, row in enumerate(rows) if row.outlet == at)
        self._current = next(places, 0)
        self._fit()
        self._tell()
        self.viewport().update()

    def set_most_height(self, height: int) -> None:
        """Never be higher than *height* device-independent pixels."""
        if height != self._most_height:
            self._most_height = height
            self._fit()

    def current(self) -> OutletRow | None:
        """The outlet where the keyboard is."""
        return self._rows[self._current] if self._current < len(self._rows) else None

    def place_of(self, number: int) -> QRect:
        """Where the square of outlet *number* is in the viewport."""
        row, column = divmod(number, self._columns())
        step = self._step()
        top = row * step - self.verticalScrollBar().value()
        return QRect(column * step, top, self._size, self._size)

    def outlet_at(self, place: QPoint) -> int | None:
        """The number of the outlet whose square is at *place* in the viewport."""
        step = self._step()
        column = place.x() // step
        number = (place.y() + self.verticalScrollBar().value()) // step * self._columns() + column
        inside = 0 <= column < self._columns() and 0 <= number < len(self._rows)
        return number if inside else None

    # --- Qt ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the squares that can be seen."""
        painter = QPainter(self.viewport())
        step, columns = self._step(), self._columns()
        above = (event.rect().top() + self.verticalScrollBar().value()) // step
        below = (event.rect().bottom() + self.verticalScrollBar().value()) // step + 1
        pictures = {standing: self._picture(standing) for standing in Standing}
        offset = self.verticalScrollBar().value()
        for number in range(above * columns, min(below * columns, len(self._rows))):
            row, column = divmod(number, columns)
            picture = pictures[self._rows[number].standing]
            painter.drawPixmap(column * step, row * step - offset, picture)
        if self.hasFocus() and self._rows:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 2))
            painter.drawRect(self.place_of(self._current).adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size of the squares anew."""
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no more."""
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what a square is when the mouse rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.outlet_at(event.pos())
            if number is None:
                QToolTip.hideText()
            else:
                words = plain_tooltip(describe_outlet(self._rows[number]))
                QToolTip.showText(event.globalPos(), words, self.viewport(), self.place_of(number))
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the outlet that was clicked."""
        number = self.outlet_at(event.position().toPoint())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(number)
            self.outlet_wanted.emit(self._rows[number].outlet)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, Home and End; ask with Enter or Space."""
        columns, last = self._columns(), len(self._rows) - 1
        steps = {
            Qt.Key.Key_Left: self._current - 1,
            Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Up: self._current - columns,
            Qt.Key.Key_Down: self._current + columns,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in steps:
            if 0 <= steps[key] <= last:
                self._go_to(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._rows:
            self.outlet_wanted.emit(self._rows[self._current].outlet)
        else:
            super().keyPressEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint anew what has moved."""
        del dx, dy
        self.viewport().update()

    # --- inside ---

    def _go_to(self, number: int) -> None:
        self._current = number
        place = self.place_of(number)
        bar = self.verticalScrollBar()
        if place.top() < 0:
            bar.setValue(bar.value() + place.top())
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + place.bottom() - self.viewport().height() + 1)
        self._tell()
        self.viewport().update()

    def _tell(self) -> None:
        """What a screen reader says: the outlet where the keyboard is."""
        row = self.current()
        self.setAccessibleDescription("" if row is None else describe_outlet(row))

    def _step(self) -> int:
        return self._size + max(2, self._size // 5)

    def _columns(self) -> int:
        return max(1, (self.viewport().width() + self._step() - self._size) // self._step())

    def _height(self) -> int:
        return -(-len(self._rows) // self._columns()) * self._step()

    def _fit(self) -> None:
        for self._size in SIZES:  # the last one stays if none fits
            if self._height() <= self._most_height:
                break
        needed = self._height()
        whole_rows = max(1, min(needed, self._most_height) // self._step())
        self.setFixedHeight(whole_rows * self._step())
        bar = self.verticalScrollBar()
        bar.setPageStep(self.height())
        bar.setSingleStep(self._step())
        bar.setRange(0, max(0, needed - self.height()))

    def _picture(self, standing: Standing) -> QPixmap:
        wanted = (standing, self._size, self.devicePixelRatioF(), theme.is_dark())
        if wanted not in self._pictures:
            self._pictures[wanted] = square_pixmap(standing, self._size, wanted[2])
        return self._pictures[wanted]


def describe_outlet(row: OutletRow) -> str:
    """``JKT-014 Kemang: silent, 0 of 3 PCs connected, last seen 09:12``, in two lines."""
    name = safe_line(f"{row.outlet} {row.name}")
    words = f"{name}: {standing_name(row.standing)}"
    if not row.seen_at:
        return words
    template = QCoreApplication.translate(
        "outlets", "{connected} of {pcs} PCs connected, last seen {time}"
    )
    seen = moment(row.seen_at)
    return f"{words}\n{template.format(connected=row.connected, pcs=row.pcs, time=seen)}"
