"""The inbox: every message this PC has, and how far each log was processed. SQLite.

One rule makes "nothing lost, nothing twice" hold on this side: messages and the cursors that
account for them move in one transaction, before anything is painted. A crash at any point leaves
either both or neither, and what is missing is read again from the log. ``synchronous=FULL`` makes
an acknowledgement survive a power cut; commits are batched by the caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from shared.errors import StorageError
from shared.model import Level, StreamId
from tray_client.records import WAITING_STATES, InboxMessage, NewMessage, State

FILE_NAME = "inbox.db"
MIGRATIONS = (
    """
    CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        channel TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        level TEXT NOT NULL,
        sender TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        show_at INTEGER,
        expires_at INTEGER NOT NULL,
        verified INTEGER NOT NULL,
        state TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        displayed_at INTEGER,
        acknowledged_at INTEGER
    );
    CREATE INDEX messages_waiting ON messages (state) WHERE state IN ('received', 'displayed');
    CREATE TABLE cursors (channel TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
)
"""One script for each version of the schema; ``PRAGMA user_version`` counts those applied."""

_COLUMNS = ", ".join(InboxMessage.__dataclass_fields__)


class Inbox:
    """The open inbox of one user on this PC."""

    def __init__(self, folder: Path) -> None:
        """Open or create the inbox in *folder*.

        Raises:
            StorageError: the folder or the database cannot be used.
        """
        self._place = folder / FILE_NAME
        with self._storage_errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._place, isolation_level=None, timeout=5)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._migrate()
            self._cursors = self._load_cursors()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # --- what the session moves ---

    def cursor(self, channel: str) -> StreamId | None:
        """The last processed entry of *channel*'s log, None before the first reading."""
        return self._cursors.get(channel)

    def store(
        self, arrived: Iterable[NewMessage], cursors: Mapping[str, StreamId] | None = None
    ) -> list[InboxMessage]:
        """Keep new messages and move cursors, in one transaction; return those that were new.

        Raises:
            StorageError: nothing was changed.
        """
        moved = cursors or {}
        with self._transaction():
            new = [message for one in arrived if (message := self._insert(one)) is not None]
            self._db.executemany(
                "INSERT INTO cursors VALUES (?, ?) ON CONFLICT DO UPDATE SET id = excluded.id",
                [(channel, str(position)) for channel, position in moved.items()],
            )
        self._cursors |= moved
        return new

    def keep_cursors_of(self, channels: Iterable[str]) -> None:
        """Drop the cursors of channels that are not followed any more."""
        gone = set(self._cursors) - set(channels)
        with self._transaction():
            self._db.executemany("DELETE FROM cursors WHERE channel = ?", [(c,) for c in gone])
        for channel in gone:
            del self._cursors[channel]

    def mark_displayed(self, message_id: str, at: int) -> None:
        """Note that the message was painted, the first time it is."""
        self._advance(message_id, State.DISPLAYED, "displayed_at", at, (State.RECEIVED,))

    def mark_acknowledged(self, message_id: str, at: int) -> None:
        """Note that a person acknowledged the message, the first time one does."""
        self._advance(message_id, State.ACKNOWLEDGED, "acknowledged_at", at, WAITING_STATES)

    def mark_expired(self, message_ids: Iterable[str]) -> None:
        """Note that messages will not be opened any more."""
        with self._transaction():
            self._db.executemany(
                "UPDATE messages SET state = 'expired' WHERE id = ? "
                "AND state IN ('received', 'displayed')",
                [(one,) for one in message_ids],
            )

    # --- what others read ---

    def has(self, message_id: str) -> bool:
        """Whether the message was ever stored here."""
        row = self._db.execute("SELECT 1 FROM messages WHERE id = ?", (message_id,)).fetchone()
        return row is not None

    def waiting(self) -> list[InboxMessage]:
        """Messages that still ask for a person, oldest first."""
        return _select(self._db, "WHERE state IN ('received', 'displayed') ORDER BY number")

    def fact(self, name: str) -> str | None:
        """A small thing that has to outlive the program."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, value),
            )

    # --- inside ---

    def _migrate(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StorageError(
                f"The inbox {self._place} was written by a newer Siaran.",
                "Install the newer version again, or choose another data_dir.",
            )
        for number in range(version, len(MIGRATIONS)):
            steps = f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
            self._db.executescript(steps)

    def _load_cursors(self) -> dict[str, StreamId]:
        rows = self._db.execute("SELECT channel, id FROM cursors")
        return {channel: StreamId.parse(position) for channel, position in rows}

    def _insert(self, new: NewMessage) -> InboxMessage | None:
        message = new.message
        row = self._db.execute(
            "INSERT OR IGNORE INTO messages (id, channel, title, body, level, sender, sent_at,"
            " show_at, expires_at, verified, state, received_at)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
            (
                message.id,
                new.channel,
                message.title,
                message.body,
                message.level.value,
                message.sender,
                message.sent_at,
                message.show_at,
                new.expires_at,
                new.verified,
                State.RECEIVED.value,
                new.received_at,
            ),
        ).fetchone()
        return None if row is None else _from_row(row)

    def _advance(
        self, message_id: str, state: State, column: str, at: int, before: tuple[State, ...]
    ) -> None:
        marks = ", ".join("?" * len(before))
        query = f"UPDATE messages SET state = ?, {column} = ? WHERE id = ? AND state IN ({marks})"
        with self._transaction():
            self._db.execute(query, (state, at, message_id, *before))

    @contextmanager
    def _transaction(self) -> Any:
        with self._storage_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _storage_errors(self) -> Any:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            raise storage_error(self._place, error) from error


def read_messages(folder: Path) -> list[InboxMessage]:
    """Read all messages of the inbox in *folder*, newest last, beside a running tray.

    Raises:
        StorageError: there is an inbox, but it cannot be read.
    """
    place = folder / FILE_NAME
    if not place.exists():
        return []
    try:
        with closing(
            sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        ) as db:
            return _select(db, "ORDER BY number")
    except sqlite3.Error as error:
        raise storage_error(place, error) from error


def storage_error(place: Path, error: Exception) -> StorageError:
    """The sentence for a database or folder that refuses."""
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        f"The inbox {place} cannot be used: {reason}.",
        "Make room on the disk, or let this user write to the folder.",
    )


def _select(db: sqlite3.Connection, clause: str) -> list[InboxMessage]:
    query = f"SELECT {_COLUMNS} FROM messages {clause}"
    return [_from_row(row) for row in db.execute(query)]


def _from_row(row: tuple[Any, ...]) -> InboxMessage:
    values = dict(zip(InboxMessage.__dataclass_fields__, row, strict=True))
    values["level"] = Level(values["level"])
    values["state"] = State(values["state"])
    values["verified"] = bool(values["verified"])
    return InboxMessage(**values)
