"""A table of rows to read, sort and choose from, with a hint while it is empty."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from admin_app.views.table_model import TableModel
from shared.qt import theme
from shared.qt.layouts import paint_hint, soften_selection

ICON = 16


class RowsTable(QTableView):
    """Shows a ``TableModel``. Rows are chosen as a whole; a click on a header sorts."""

    open_wanted = Signal()
    selection_changed = Signal()

    def __init__(self, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._hint = ""
        self._fitting = False
        self.by_hand = False
        """Whether somebody has made a column wider or narrower, and so wants it to stay."""
        self.setModel(model)
        self._set_up()
        self._set_sizes()
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.selectionModel().selectionChanged.connect(self.selection_changed)
        self.activated.connect(self.open_wanted)
        self.horizontalHeader().sectionResized.connect(self._note_dragging)

    def set_hint(self, text: str) -> None:
        """Say *text* while there is no row."""
        if text != self._hint:
            self._hint = text
            self.setAccessibleDescription(text)
            self.viewport().update()

    def chosen(self) -> list[object]:
        """The rows that are chosen."""
        return [self._model.row_at(index) for index in self.selectionModel().selectedRows()]

    def choose(self, rows: range) -> None:
        """Choose *rows* and bring them into sight."""
        self.clearSelection()
        if not rows:
            return
        flag = QItemSelectionModel.SelectionFlag
        first = self._model.index(rows.start, 0)
        self.setCurrentIndex(first)
        for row in rows:
            index = self._model.index(row, 0)
            self.selectionModel().select(index, flag.Select | flag.Rows)
        self.scrollTo(self._model.index(rows.stop - 1, 0))
        self.scrollTo(first)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hint while there is nothing else."""
        super().paintEvent(event)
        if self._model.rowCount() == 0 and self._hint:
            paint_hint(self, self._hint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column has the rest, but never less than its usual texts or its header."""
        super().resizeEvent(event)
        header = self.horizontalHeader()
        for place, column in enumerate(self._model.columns):
            if column.grows:
                if not self.by_hand:
                    rest = header.length() - header.sectionSize(place)
                    most = max(self._usual_width(place), self.viewport().width() - rest)
                    self._set_width(place, most)
                return
        last = header.count() - 1
        needed = header.sectionSizeHint(last)
        header.setStretchLastSection(
            self.viewport().width() - header.sectionPosition(last) > needed
        )
        if not header.stretchLastSection():
            header.resizeSection(last, needed)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's font and colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            soften_selection(self)
        if event.type() == QEvent.Type.FontChange:
            self._set_sizes()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the first and the last row."""
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self._model.rowCount() - 1}
        row = ends.get(Qt.Key(event.key()))
        if row is None or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        else:
            self.setCurrentIndex(self._model.index(row, 0))

    def keyboardSearch(self, search: str) -> None:
        """Typing into the table finds nothing; there is a field for that."""

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        soften_selection(self)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _set_sizes(self) -> None:
        """Rows as high as a line and some room; columns as wide as their usual texts.

        Measuring the texts themselves would ask the model for a thousand rows.
        """
        metrics = self.fontMetrics()
        height = metrics.height() + theme.UNIT + 4
        down = self.verticalHeader()
        down.setMinimumSectionSize(height)
        down.setDefaultSectionSize(height)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep(height)
        grows = any(column.grows for column in self._model.columns)
        self.horizontalHeader().setStretchLastSection(not grows)
        for place in range(len(self._model.columns) - (not grows)):  # the last has the rest
            self._set_width(place, self._usual_width(place))

    def _set_width(self, place: int, width: int) -> None:
        before, self._fitting = self._fitting, True
        self.setColumnWidth(place, width)
        self._fitting = before

    def _note_dragging(self) -> None:
        self.by_hand = self.by_hand or not self._fitting

    def _usual_width(self, place: int) -> int:
        column = self._model.columns[place]
        room = self.fontMetrics().averageCharWidth() * column.width + theme.GROUP
        room += ICON + 4 if column.icon else 0
        return max(room, self.horizontalHeader().sectionSizeHint(place))
