"""The messages of the archive as a Qt list that loads as one scrolls and never blocks the window.

The list reads one page at a time, each between two events of the window. Loading, searching and
refreshing are the same walk: it goes down from a place, and what a page holds is merged into the
rows of that stretch. So a refresh changes only rows that differ, and a row that stays keeps its
selection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from shared.errors import StorageError
from shared.qt.message_rows import ROW_ROLE, MessageRow
from shared.qt.words import channel_name, level_name, localized, moment
from shared.text import safe_line
from tray_client.archive import BOTTOM, PAGE, TOP, Archive, Entry, Key, Query
from tray_client.records import State

Index = QModelIndex | QPersistentModelIndex


class InboxModel(QAbstractListModel):
    """The messages that a query finds, newest first.

    ``settled``: what was asked for is there. ``failed``: the inbox cannot be read, and why.
    """

    settled = Signal()
    failed = Signal(str)

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self._archive = archive
        self._query = Query()
        self._entries: list[Entry] = []
        self._place = self._reached = TOP
        self._wanted = PAGE
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._go_on)

    @property
    def query(self) -> Query:
        """What is listed."""
        return self._query

    @property
    def busy(self) -> bool:
        """Whether more is being looked for."""
        wanting = self._reached > BOTTOM and len(self._entries) < self._wanted
        return self._place > self._reached or wanting

    def set_query(self, query: Query) -> None:
        """List what *query* finds."""
        self.beginResetModel()
        self._query = query
        self._entries = []
        self._place = self._reached = TOP
        self._wanted = PAGE
        self.endResetModel()
        self._step()

    def refresh(self) -> None:
        """Bring the rows up to date with the inbox, from the newest down."""
        self._place = TOP
        self._step()

    def entry(self, index: Index) -> Entry:
        """The message in a row."""
        return self._entries[index.row()]

    def index_of(self, message_id: str) -> QModelIndex:
        """Where a message is; an invalid index if it is not loaded."""
        rows = (row for row, entry in enumerate(self._entries) if entry.id == message_id)
        row = next(rows, None)
        return QModelIndex() if row is None else self.index(row)

    # --- Qt ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many are loaded."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What its row shows, and what a screen reader says of it."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ROW_ROLE:
            return row_of(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return safe_line(entry.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = row_of(entry)
            return f"{row.title}, {row.details}, {row.time}, {row.state}"
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Whether older ones are left."""
        return not parent.isValid() and self._reached > BOTTOM

    def fetchMore(self, parent: Index) -> None:
        """Load one page more, soon: a view asks for it in the middle of an insertion, too."""
        del parent
        self._wanted = len(self._entries) + PAGE
        self._soon.start(0)

    # --- inside ---

    def _go_on(self) -> None:
        if self.busy:  # a refresh may have read what was asked for
            self._step()

    def _step(self) -> None:
        """Read one page; the next one after the window's other events."""
        try:
            page = self._archive.page(self._query, self._place)
        except StorageError as error:
            self._place = self._reached = BOTTOM
            self.failed.emit(localized(error))
            return
        after, self._place = self._place, page.end
        self._reached = min(self._reached, page.end)
        self._merge(after, page.end, page.entries)
        if self.busy:
            self._soon.start(0)
        else:
            self.settled.emit()

    def _merge(self, after: Key, end: Key, fresh: Sequence[Entry]) -> None:
        """Make the rows between *after* and *end* those that are in *fresh*."""
        first, last = (
            bisect_right(self._entries, _falling(key), key=lambda entry: _falling(entry.key))
            for key in (after, end)
        )
        if self._entries[first:last] == fresh:
            return
        there = {entry.key: entry for entry in fresh}
        gone = [row for row in range(first, last) if self._entries[row].key not in there]
        for start, stop in reversed(list(_runs(gone))):
            self._remove(start, stop)
        self._update(first, last - len(gone), there)
        known = {entry.key for entry in self._entries[first : last - len(gone)]}
        new = [first + place for place, entry in enumerate(fresh) if entry.key not in known]
        for start, stop in _runs(new):
            self._insert(start, fresh[start - first : stop - first])

    def _remove(self, start: int, stop: int) -> None:
        self.beginRemoveRows(QModelIndex(), start, stop - 1)
        del self._entries[start:stop]
        self.endRemoveRows()

    def _insert(self, start: int, entries: Sequence[Entry]) -> None:
        self.beginInsertRows(QModelIndex(), start, start + len(entries) - 1)
        self._entries[start:start] = entries
        self.endInsertRows()

    def _update(self, first: int, last: int, there: dict[Key, Entry]) -> None:
        for row in range(first, last):
            now = there[self._entries[row].key]
            if now != self._entries[row]:
                self._entries[row] = now
                self.dataChanged.emit(self.index(row), self.index(row))


def row_of(entry: Entry) -> MessageRow:
    """What the list says of a message, in the person's language."""
    where = (level_name(entry.level), safe_line(entry.sender), channel_name(entry.channel))
    return MessageRow(
        level=entry.level,
        title=safe_line(entry.title),
        details=" · ".join(part for part in where if part),
        time=moment(entry.due_at),
        state=state_name(entry.state),
        bold=entry.waits,
    )


def state_name(state: State) -> str:
    """How far a message has come, in a word or two."""
    names = {
        State.RECEIVED: QCoreApplication.translate("states", "New"),
        State.DISPLAYED: QCoreApplication.translate("states", "Not acknowledged"),
        State.ACKNOWLEDGED: QCoreApplication.translate("states", "Acknowledged"),
        State.EXPIRED: QCoreApplication.translate("states", "Expired"),
        State.ANSWERED: QCoreApplication.translate("states", "Answered elsewhere"),
        State.CLOSED: QCoreApplication.translate("states", "Read"),
        State.RECALLED: QCoreApplication.translate("states", "Recalled"),
    }
    return names.get(state, state.value.capitalize())


def _falling(key: Key) -> tuple[int, int]:
    return -key.due_at, -key.number


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring numbers of *rows*, which rise, as (start, stop)."""
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place] != rows[place - 1] + 1:
            yield rows[start], rows[place - 1] + 1
            start = place
