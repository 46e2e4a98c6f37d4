"""The list of sent messages as a Qt model that is filled as one scrolls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QDateTime,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from admin_app.fates import Fate, Fates
from admin_app.views.fate_words import fate_in_short, opening_in_short, replaces_in_short
from shared.model import Message
from shared.qt.message_rows import ROW_ROLE, MessageRow
from shared.qt.words import channel_names, level_name, number, short_moment
from shared.receipts import Counts

Index = QModelIndex | QPersistentModelIndex


class SentModel(QAbstractListModel):
    """Messages, newest first, each once, as far as they were loaded.

    ``more_wanted``: somebody has come near the end. ``complete``: there is no more.
    """

    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.complete = False
        self._messages: list[Message] = []
        self._serials: dict[str, int] = {}
        self._first = 0
        self._counts: dict[str, Counts] = {}
        self._labels: Mapping[str, str] = {}
        self._fates = Fates()

    # --- for the controller ---

    def clear(self) -> None:
        """Begin anew with none."""
        self.beginResetModel()
        self.complete = False
        self._messages = []
        self._serials = {}
        self._first = 0
        self.endResetModel()

    def append(self, messages: Sequence[Message]) -> None:
        """Add older messages, newest first."""
        new = self._new(messages)
        begin = self._first + len(self._messages)
        self._serials.update((one.id, begin + place) for place, one in enumerate(new))
        self._insert(len(self._messages), new)
        self._repaint_successors(new)

    def prepend(self, messages: Sequence[Message]) -> None:
        """Add what was sent meanwhile, newest first."""
        new = self._new(messages)
        self._first -= len(new)
        self._serials.update((one.id, self._first + place) for place, one in enumerate(new))
        self._insert(0, new)

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """Call channels by these names."""
        if labels != self._labels:
            self._labels = labels
            self._repaint(0, len(self._messages))

    def set_counts(self, counts: Mapping[str, Counts]) -> None:
        """Show how far messages have come, by their ids."""
        for message_id, now in counts.items():
            if self._counts.get(message_id) != now:
                self._counts[message_id] = now
                row = self.row_of(message_id)
                if row is not None:
                    self._repaint(row, row + 1)

    def note_orders(self, orders: Sequence[Message]) -> set[str]:
        """Show what recalls and replacements have made of messages; return which they change."""
        changed = self._fates.note(orders)
        for message_id in changed:
            row = self.row_of(message_id)
            if row is not None:
                self._repaint(row, row + 1)
        return changed

    def fate(self, message: Message) -> Fate:
        """Whether *message* was recalled or replaced, as far as is known."""
        return self._fates.of(message)

    def find(self, message_id: str) -> Message | None:
        """The message with this id, if it is loaded."""
        row = self.row_of(message_id)
        return None if row is None else self._messages[row]

    def message(self, row: int) -> Message:
        """The message in *row*."""
        return self._messages[row]

    def row_of(self, message_id: str) -> int | None:
        """Where a message is; None if it is not loaded."""
        serial = self._serials.get(message_id)
        return None if serial is None else serial - self._first

    def counts(self, message_id: str) -> Counts | None:
        """How far a message had come when it was last asked for."""
        return self._counts.get(message_id)

    # --- Qt ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """How many are loaded."""
        return 0 if parent.isValid() else len(self._messages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What its row shows, and what a screen reader says of it."""
        if not index.isValid():
            return None
        message = self._messages[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return message.title
        if role == ROW_ROLE:
            return self._row(message)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self._row(message)
            parts = (level_name(message.level), row.title, row.details, row.time, row.state)
            return ", ".join(part for part in parts if part)
        return None

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        """Whether older ones are left."""
        return not parent.isValid() and not self.complete

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        """Ask for them; they come later."""
        del parent
        self.more_wanted.emit()

    # --- inside ---

    def _row(self, message: Message) -> MessageRow:
        counts = self._counts.get(message.id)
        share, state = None, ""
        if counts is not None:
            done, whole = counts.answered(message.ack)
            share = done / whole if whole else 0.0
            words = QCoreApplication.translate("sent", "{done} of {whole}")
            state = words.format(done=number(done), whole=number(whole))
        fate = self._fates.of(message)
        replaces = ""
        if message.replaces:
            original = self.find(message.replaces)
            replaces = replaces_in_short(original.title if original is not None else "")
        now = QDateTime.currentMSecsSinceEpoch()
        opening = opening_in_short(message, now) if not fate.over else ""
        if message.show_at is not None and message.show_at > now:
            share, state = None, ""  # nobody can have answered it
        where = channel_names(message.channels, self._labels)
        return MessageRow(
            message.level,
            message.title,
            " · ".join(part for part in (fate_in_short(fate), opening, replaces, where) if part),
            time=short_moment(message.sent_at),
            state=state,
            share=share,
            over=fate.over,
        )

    def _repaint_successors(self, found: Sequence[Message]) -> None:
        """Rows that can name now what they have replaced."""
        for one in found:
            successor = self._fates.of(one).replaced_by
            row = self.row_of(successor.id) if successor is not None else None
            if row is not None:
                self._repaint(row, row + 1)

    def _new(self, messages: Sequence[Message]) -> list[Message]:
        """Those that are not there yet, each once."""
        fresh = {one.id: one for one in messages if one.id not in self._serials}
        return list(fresh.values())

    def _insert(self, place: int, new: Sequence[Message]) -> None:
        if new:
            self.beginInsertRows(QModelIndex(), place, place + len(new) - 1)
            self._messages[place:place] = new
            self.endInsertRows()

    def _repaint(self, start: int, stop: int) -> None:
        if stop > start:
            self.dataChanged.emit(self.index(start), self.index(stop - 1))
