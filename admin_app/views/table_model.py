"""Tables of thousands of rows that change while somebody looks at them.

A model holds plain values, sorts and filters them itself, and takes over a whole new state at once.
What is the same afterwards keeps its place: rows are known by a key, so a selection and the
scrolled place survive, and where nothing moved only values are painted anew. Qt's own proxy would
call Python for every comparison: half a second for 10,000 rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from shared.qt.text import plain_tooltip
from shared.text import safe_line

Index = QModelIndex | QPersistentModelIndex
_MORE = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole)
"""Where more of a cell is said: to a pointer, and to a screen reader."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, shows, and sorts by (values that can be compared)."""

    title: str
    text: Callable[[Any], str]
    sort: Callable[[Any], Any]
    width: int
    """Characters that it has room for."""
    icon: Callable[[Any], QIcon] | None = None
    tooltip: Callable[[Any], str] | None = None
    grows: bool = False
    """Whether it has the room that the others leave; by default the last one does."""


class TableModel(QAbstractTableModel):
    """The rows that a filter and a search let through, in the order of one column."""

    def __init__(
        self,
        columns: Sequence[Column],
        words: Callable[[Any], str],
        key: Callable[[Any], str] = attrgetter("key"),
    ) -> None:
        """*words*: the text of a row in which a search looks; *key*: a name that no other has."""
        super().__init__()
        self._key = key
        self.columns = list(columns)
        self._words = words
        self._all: Sequence[Any] = ()
        self._shown: list[Any] = []
        self._keep: Callable[[Any], bool] | None = None
        self._search: list[str] = []
        self._sorted_by = 0
        self._falling = False

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Take over *rows*, which are in the order of the first column."""
        self._all = rows
        self._arrange()

    def set_filter(self, keep: Callable[[Any], bool] | None, search: str) -> None:
        """Show only rows that *keep* accepts and that have every word of *search*."""
        self._keep = keep
        self._search = safe_line(search).casefold().split()
        self._arrange()

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._all)

    @property
    def shown(self) -> Sequence[Any]:
        """The rows that are shown, in their order."""
        return self._shown

    def row_at(self, index: Index) -> Any:
        """The row of *index*."""
        return self._shown[index.row()]

    # --- Qt ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """What a column is called."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return safe_line(column.text(row))
        if role == Qt.ItemDataRole.DecorationRole and column.icon is not None:
            return column.icon(row)
        if column.tooltip is None or role not in _MORE:
            return None
        text = column.tooltip(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(text) if text else None
        return text

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in the order of *column*."""
        self._sorted_by = max(column, 0)
        self._falling = order == Qt.SortOrder.DescendingOrder
        self._arrange()

    # --- inside ---

    def _arrange(self) -> None:
        """Find what is to be shown, and show it with as little movement as possible."""
        rows = [row for row in self._all if self._is_wanted(row)]
        if self._sorted_by or self._falling:
            rows.sort(key=self.columns[self._sorted_by].sort, reverse=self._falling)
        before = list(map(self._key, self._shown))
        if before == list(map(self._key, rows)):
            self._shown = rows
            if rows:
                self.dataChanged.emit(
                    self.index(0, 0), self.index(len(rows) - 1, len(self.columns) - 1)
                )
        else:
            self._replace(before, rows)

    def _replace(self, before: list[str], rows: list[Any]) -> None:
        self.layoutAboutToBeChanged.emit()
        self._shown = rows
        old = self.persistentIndexList()
        if old:
            place = {self._key(row): number for number, row in enumerate(rows)}
            new = [self._moved(index, place.get(before[index.row()])) for index in old]
            self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _moved(self, index: QModelIndex, row: int | None) -> QModelIndex:
        return QModelIndex() if row is None else self.index(row, index.column())

    def _is_wanted(self, row: Any) -> bool:
        if self._keep is not None and not self._keep(row):
            return False
        if not self._search:
            return True
        words = self._words(row).casefold()
        return all(word in words for word in self._search)
