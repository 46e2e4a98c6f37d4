"""The inbox: every message this PC has, and how far each log was processed. SQLite.

One rule makes "nothing lost, nothing twice" hold on this side: messages and the cursors that
account for them move in one transaction, before anything is painted. A crash at any point leaves
either both or neither, and what is missing is read again from the log. ``synchronous=FULL`` makes
an acknowledgement survive a power cut; commits are batched by the caller.

A damaged database is set aside and begun anew (``tray_client.salvage``); the logs fill it again.
Opening does not look everywhere, so damage that is met later leaves a mark beside the file.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from shared.errors import StorageError
from shared.model import StreamId
from shared.phrases import phrase
from shared.private import create_folder, open_private
from shared.receipts import Receipt
from tray_client import pruning, salvage
from tray_client.claims import Claim
from tray_client.orders import apply
from tray_client.records import (
    COLUMNS,
    Arrived,
    InboxMessage,
    State,
    UnreadableRow,
    from_row,
)
from tray_client.schema import NewerSchema, migrate, version_of

FILE_NAME = "inbox.db"
_WAITING = "state IN ('received', 'displayed')"


class Refused(NamedTuple):
    """Something of a log that was refused for a reason that lies in this PC.

    ``before``: the entry before the first such; ``rules``: fingerprint of the rules that did it.
    """

    before: StreamId
    rules: str


class InboxDamaged(StorageError):
    """The database is no database any more; opening the inbox anew repairs that."""


class Inbox:
    """The open inbox of one user on this PC. ``rebuilt``: it was damaged, and begins anew."""

    def __init__(self, folder: Path) -> None:
        """Open or create the inbox in *folder*.

        Raises:
            StorageError: the folder or the database cannot be used.
        """
        self._place = folder / FILE_NAME
        self.suspect = salvage.Suspicion(self._place)
        self.rebuilt = False
        try:
            self._open()
        except InboxDamaged:
            with self._storage_errors():
                damaged = salvage.set_aside(self._place)
                self.suspect.drop()
            self._open()
            with self._storage_errors():
                salvage.rescue(damaged, self._db)
            self.rebuilt = True

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # --- what the session moves ---

    def cursor(self, channel: str) -> StreamId | None:
        """The last processed entry of *channel*'s log, None before the first reading."""
        return self._cursors.get(channel)

    def begins_at(self, channel: str, otherwise: int) -> int:
        """What was due before, in ms, is older than this endpoint and not for it.

        The first question fixes *otherwise* for good: a crash in the first reading must not move
        it.
        """
        if channel not in self._beginnings:
            with self._transaction():
                self._db.execute("INSERT INTO beginnings VALUES (?, ?)", (channel, otherwise))
            self._beginnings[channel] = otherwise
        return self._beginnings[channel]

    def store(
        self,
        arrived: Iterable[Arrived],
        cursors: Mapping[str, StreamId] | None = None,
        refused: Mapping[str, Refused] = MappingProxyType({}),
    ) -> list[InboxMessage]:
        """Keep what arrived and what was *refused* here, and move cursors, in one transaction.

        Returns each message that changed, as it is now: the new ones, and those that head office
        recalled, replaced or asked for again.

        Raises:
            StorageError: nothing was changed.
        """
        moved = cursors or {}
        earlier = {
            channel: one._replace(rules=self._refused.get(channel, one).rules)
            for channel, one in refused.items()
            if channel not in self._refused or one.before < self._refused[channel].before
        }
        with self._transaction():
            changed = [message for one in arrived for message in apply(self._db, one)]
            self._db.executemany(
                "INSERT INTO cursors VALUES (?, ?) ON CONFLICT DO UPDATE SET id = excluded.id",
                [(channel, str(position)) for channel, position in moved.items()],
            )
            self._db.executemany(
                "INSERT INTO refused VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET before = excluded.before",
                [(channel, str(one.before), one.rules) for channel, one in earlier.items()],
            )
        self._cursors |= moved
        self._refused |= earlier
        return changed

    def refused_by_other(self, rules: str) -> list[str]:
        """Channels in which something was refused here when other *rules* were in force."""
        return sorted(name for name, one in self._refused.items() if one.rules != rules)

    def go_back(self, channel: str) -> bool:
        """Set the cursor back to before what was refused here; say whether it moved."""
        before, cursor = self._refused[channel].before, self._cursors.get(channel)
        moves = cursor is not None and before < cursor
        with self._transaction():
            if moves:
                self._db.execute(
                    "UPDATE cursors SET id = ? WHERE channel = ?", (str(before), channel)
                )
            self._db.execute("DELETE FROM refused WHERE channel = ?", (channel,))
        if moves:
            self._cursors[channel] = before
        del self._refused[channel]
        return moves

    def follow(self, channels: Sequence[str]) -> None:
        """Forget the channels that are not followed any more; to a rebuilt inbox none is new."""
        gone = (set(self._cursors) | set(self._beginnings) | set(self._refused)) - set(channels)
        with self._transaction():
            for table in ("cursors", "beginnings", "refused"):
                self._db.executemany(
                    f"DELETE FROM {table} WHERE channel = ?", [(channel,) for channel in gone]
                )
        for channel in gone:
            self._cursors.pop(channel, None)
            self._beginnings.pop(channel, None)
            self._refused.pop(channel, None)
        if self.rebuilt:
            for channel in channels:
                self.begins_at(channel, 0)

    def mark_displayed(self, message_id: str, at: int) -> None:
        """Note that the message was painted, the first time it is."""
        self._advance(message_id, State.DISPLAYED, "displayed_at", at, (State.RECEIVED,))

    def mark_acknowledged(self, message_id: str, at: int, by: str = "", reply: str = "") -> None:
        """Note that a person (*by*) acknowledged the message, the first time one does."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET state = 'acknowledged', acknowledged_at = ?,"
                " acknowledged_by = ?, reply = ?, answered_by = '', answered_user = ''"
                f" WHERE id = ? AND {_WAITING}",
                (at, by, reply, message_id),
            )

    def mark_told(self, message_id: str, at: int, claim: Claim) -> None:
        """Note that another session of this PC acknowledged the message, as it told itself."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET state = 'acknowledged', acknowledged_at = ?, told_at = ?,"
                " acknowledged_by = ?, answered_by = ?, answered_user = ?, reply = ?"
                f" WHERE id = ? AND {_WAITING}",
                (at, at, claim.user, claim.by, claim.user, claim.reply, message_id),
            )

    def note_told(self, message_id: str, at: int) -> None:
        """Note when another session acknowledged a message that waits here all the same."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET told_at = ? WHERE id = ? AND told_at = 0", (at, message_id)
            )

    def mark_answered(self, message_id: str, claim: Claim) -> None:
        """Note that the message was answered elsewhere and asks nobody here any more."""
        changes = "answered_by = ?, answered_user = ?, reply = ?"
        self._settle(message_id, State.ANSWERED, changes, claim.by, claim.user, claim.reply)

    def note_claim(self, message_id: str, claim: Claim) -> None:
        """Note who is said to have answered a message that waits here all the same; the first."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET answered_by = ?, answered_user = ?, reply = ?"
                f" WHERE id = ? AND answered_by = '' AND {_WAITING}",
                (claim.by, claim.user, claim.reply, message_id),
            )

    def mark_closed(self, message_id: str) -> None:
        """Note that a person closed a message that asks for no acknowledgement."""
        self._settle(message_id, State.CLOSED, "snoozed_until = 0")

    def snooze(self, message_id: str, until: int, total_ms: int) -> None:
        """Put a waiting message off until then; *total_ms* is for how long in all by now."""
        self.snooze_all(until, {message_id: total_ms})

    def snooze_all(self, until: int, totals_ms: Mapping[str, int]) -> None:
        """Put those of some messages off that wait, in one transaction."""
        with self._transaction():
            self._db.executemany(
                "UPDATE messages SET snoozed_until = ?, snoozed_ms = ?"
                f" WHERE id = ? AND {_WAITING}",
                [(until, total, name) for name, total in totals_ms.items()],
            )

    def expire(self, now_ms: int) -> list[str]:
        """Note that what has expired by *now_ms* will not be opened any more; return its ids."""
        with self._transaction():
            return pruning.expire(self._db, now_ms)

    def time_went_back(self, now_ms: int, begins_at: int) -> list[str]:
        """Undo what a clock has done that was ahead: *now_ms* is the time.

        What has not expired by it waits again. A channel that begins in the future was first read
        meanwhile: it begins at *begins_at*, and its log is to be read again. Return those channels.
        """
        with self._transaction():
            pruning.revive(self._db, now_ms)
            late = [name for name, at in self._beginnings.items() if at > now_ms]
            self._db.executemany(
                "UPDATE beginnings SET at = ? WHERE channel = ?",
                [(begins_at, name) for name in late],
            )
            self._db.executemany(
                "DELETE FROM cursors WHERE channel = ?", [(name,) for name in late]
            )
        for name in late:
            self._beginnings[name] = begins_at
            self._cursors.pop(name, None)
        return late

    def outlive_jump(self, jump: pruning.Jump, life_ms: int) -> None:
        """Let messages live as long as they were meant to (``pruning.outlive_jump``)."""
        with self._transaction():
            pruning.outlive_jump(self._db, jump, life_ms)

    def report_again(self, now_ms: int) -> None:
        """Have the receipts of everything told again that has not expired by *now_ms*."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET reported = '' WHERE reported <> '-' AND expires_at > ?",
                (now_ms,),
            )

    def prune(self, now_ms: int, firm_ms: int) -> list[InboxMessage]:
        """Keep the inbox small (``tray_client.pruning``); return what was given up unanswered."""
        with self._transaction():
            pruning.expire(self._db, now_ms)  # silent ones, too
            given_up, later = pruning.prune(self._db, now_ms, firm_ms)
            begins = {
                channel: max(at, self._beginnings[channel])
                for channel, at in later.items()
                if channel in self._beginnings
            }
            self._db.executemany(
                "UPDATE beginnings SET at = ? WHERE channel = ?",
                [(at, channel) for channel, at in begins.items()],
            )
        self._beginnings |= begins
        return given_up

    def unreported(self, count: int) -> list[Receipt]:
        """The oldest *count* receipts that Redis does not have yet."""
        return self._receipts("reported <> state ORDER BY number LIMIT ?", count)

    def reported_since(self, since_ms: int, count: int) -> list[Receipt]:
        """The newest *count* receipts of what happened since then that Redis had confirmed."""
        happened = "max(received_at, coalesce(displayed_at, 0), coalesce(acknowledged_at, 0))"
        return self._receipts(
            f"reported = state AND {happened} >= ? ORDER BY number DESC LIMIT ?", since_ms, count
        )

    def receipt(self, message_id: str) -> Receipt | None:
        """What this PC has to report of one message; None if nobody is to be told of it."""
        return next(iter(self._receipts("id = ?", message_id)), None)

    def newest_reported(self, count: int) -> list[str]:
        """Ids of the newest *count* messages that Redis has a receipt of."""
        query = (
            "SELECT id FROM messages WHERE reported NOT IN ('-', '') ORDER BY number DESC LIMIT ?"
        )
        with self._storage_errors():
            return [row[0] for row in self._db.execute(query, (count,))]

    def _receipts(self, clause: str, *values: int | str) -> list[Receipt]:
        query = (
            "SELECT id, sent_at, received_at, displayed_at, acknowledged_at, acknowledged_by,"
            " CASE WHEN state IN ('expired', 'recalled') THEN state ELSE '' END,"
            " CASE WHEN acknowledged_at IS NULL THEN '' ELSE reply END, '',"
            " max(sent_at, coalesce(show_at, 0)), reported FROM messages"
            f" WHERE reported <> '-' AND {clause}"
        )
        with self._storage_errors():
            return [Receipt(*row) for row in self._db.execute(query, values)]

    def mark_reported(self, receipts: Iterable[Receipt]) -> None:
        """Note that Redis has *receipts*; what happened to the messages since stays to be told."""
        with self._transaction():
            self._db.executemany(
                "UPDATE messages SET reported = state WHERE id = ? AND displayed_at IS ?"
                " AND acknowledged_at IS ? AND (? OR state NOT IN ('expired', 'recalled'))",
                [
                    (one.message_id, one.displayed_at, one.acknowledged_at, bool(one.closed))
                    for one in receipts
                ],
            )

    # --- what others read ---

    def has(self, message_id: str) -> bool:
        """Whether the message was ever stored here."""
        return self._value("SELECT 1 FROM messages WHERE id = ?", message_id) is not None

    def get(self, message_id: str) -> InboxMessage | None:
        """One message, whatever has become of it."""
        with self._storage_errors():
            return next(iter(_select(self._db, "WHERE id = ?", message_id)), None)

    def waiting(self) -> list[InboxMessage]:
        """Messages that still ask for a person, oldest first."""
        with self._storage_errors():
            return _select(self._db, f"WHERE {_WAITING} ORDER BY number")

    def fact(self, name: str) -> str | None:
        """A small thing that has to outlive the program."""
        value = self._value("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, value),
            )

    # --- inside ---

    def _open(self) -> None:
        with self._storage_errors():
            create_folder(self._place.parent)
            if self.suspect:
                raise UnreadableRow
            with suppress(FileExistsError):  # SQLite gives -wal and -shm the mode of the database
                os.close(open_private(self._place, os.O_RDWR | os.O_CREAT | os.O_EXCL))
            db = sqlite3.connect(self._place, isolation_level=None, timeout=5)
            try:
                self._set_up(db)
            except BaseException:
                db.close()
                raise
            self._db = db

    def _set_up(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        try:
            migrate(db)
        except NewerSchema:
            raise _newer(self._place) from None
        self._cursors = _load_cursors(db)
        self._refused = _load_refused(db)
        self._beginnings: dict[str, int] = dict(db.execute("SELECT channel, at FROM beginnings"))
        _select(db, f"WHERE {_WAITING}")

    def _value(self, query: str, argument: str) -> Any:
        with self._storage_errors():
            row = self._db.execute(query, (argument,)).fetchone()
        return None if row is None else row[0]

    def _advance(
        self, message_id: str, state: State, column: str, at: int, before: tuple[State, ...]
    ) -> None:
        marks = ", ".join("?" * len(before))
        query = f"UPDATE messages SET state = ?, {column} = ? WHERE id = ? AND state IN ({marks})"
        with self._transaction():
            self._db.execute(query, (state, at, message_id, *before))

    def _settle(self, message_id: str, state: State, changes: str, *values: str) -> None:
        """End a message that head office need not be told of again."""
        with self._transaction():
            self._db.execute(
                f"UPDATE messages SET {changes}, state = ?,"
                " reported = CASE reported WHEN state THEN ? ELSE reported END"
                f" WHERE id = ? AND {_WAITING}",
                (*values, state.value, state.value, message_id),
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
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
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, UnreadableRow) as error:
            failure = storage_error(self._place, error)
            if isinstance(failure, InboxDamaged):
                self.suspect.note()
            raise failure from error


def read_messages(folder: Path) -> list[InboxMessage]:
    """Read all messages of the inbox in *folder*, newest last, beside a running tray.

    Raises:
        StorageError: there is an inbox, but it cannot be read.
    """
    place = folder / FILE_NAME
    if not place.exists():
        return []
    try:
        with closing(connect_to_read(place)) as db:
            version_of(db)
            return _select(db, "ORDER BY number")
    except NewerSchema:
        raise _newer(place) from None
    except (sqlite3.Error, UnreadableRow) as error:
        raise storage_error(place, error) from error


def connect_to_read(place: Path) -> sqlite3.Connection:
    """Open the database *place* for reading, and wait up to 5 s for who writes.

    ``Path.as_uri`` would make a host of a share's server, and of Windows' mark of a long path;
    SQLite takes shares with an empty host (sqlite.org/uri.html), and no mark.

    Raises:
        sqlite3.Error: there is none, or it cannot be opened.
    """
    path = str(place.absolute())
    if sys.platform == "win32":
        for mark, without in (("\\\\?\\UNC\\", "\\\\"), ("\\\\?\\", "")):
            if path.startswith(mark):
                path = without + path[len(mark) :]
        path = path.replace("\\", "/")
    rooted = path if path.startswith("/") else f"/{path}"
    address = f"file://{quote(os.fsencode(rooted))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=5)


def storage_error(place: Path, error: Exception) -> StorageError:
    """The sentence for a database or folder that refuses."""
    if isinstance(error, UnreadableRow) or salvage.is_damage(error):
        return InboxDamaged(
            phrase("The inbox {place} is damaged.", place=place),
            phrase("It is rebuilt at the next start."),
        )
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        phrase("The inbox {place} cannot be used: {reason}.", place=place, reason=reason),
        phrase("Make room on the disk, or let this user write to the folder."),
    )


def _newer(place: Path) -> StorageError:
    return StorageError(
        phrase("The inbox {place} was written by a newer Siaran.", place=place),
        phrase("Install the newer version again, or choose another data_dir."),
    )


def _select(db: sqlite3.Connection, clause: str, *values: str) -> list[InboxMessage]:
    query = f"SELECT {COLUMNS} FROM messages {clause}"
    return [from_row(row) for row in db.execute(query, values)]


def _load_cursors(db: sqlite3.Connection) -> dict[str, StreamId]:
    rows = db.execute("SELECT channel, id FROM cursors")
    try:
        return {channel: StreamId.parse(position) for channel, position in rows}
    except ValueError as error:
        raise UnreadableRow from error


def _load_refused(db: sqlite3.Connection) -> dict[str, Refused]:
    rows = db.execute("SELECT channel, before, rules FROM refused")
    try:
        return {channel: Refused(StreamId.parse(before), rules) for channel, before, rules in rows}
    except ValueError as error:
        raise UnreadableRow from error
