"""The list of sent messages as a Qt model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from shared.model import Message
from shared.qt.message_rows import ROW_ROLE, MessageRow
from shared.qt.words import channel_names, level_name, moment

Index = QModelIndex | QPersistentModelIndex


class SentModel(QAbstractListModel):
    """Messages, newest first, each once."""

    def __init__(self) -> None:
        super().__init__()
        self._messages: list[Message] = []
        self._labels: Mapping[str, str] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """How many there are."""
        return 0 if parent.isValid() else len(self._messages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What its row shows, and what a screen reader says of it."""
        if not index.isValid():
            return None
        message = self._messages[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return message.title
        if role == ROW_ROLE:
            details = f"{level_name(message.level)} · {describe(message, self._labels)}"
            return MessageRow(message.level, message.title, details)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (
                f"{level_name(message.level)}: {message.title}, {describe(message, self._labels)}"
            )
        return None

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """Call channels by these names."""
        self._labels = labels
        if self._messages:
            self.dataChanged.emit(self.index(0), self.index(len(self._messages) - 1))

    def replace(self, messages: Sequence[Message]) -> None:
        """Take over *messages*, which are oldest first, beside those sent from here."""
        merged = {message.id: message for message in self._messages}
        merged |= {message.id: message for message in messages}
        self.beginResetModel()
        self._messages = sorted(merged.values(), key=lambda one: (-one.sent_at, one.id))
        self.endResetModel()

    def add(self, message: Message) -> None:
        """Put a message that was sent just now on top."""
        if any(known.id == message.id for known in self._messages):
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._messages.insert(0, message)
        self.endInsertRows()


def describe(message: Message, labels: Mapping[str, str]) -> str:
    """Where and when: ``Channel 1, 09:12``."""
    return f"{channel_names(message.channels, labels)} · {moment(message.sent_at)}"
