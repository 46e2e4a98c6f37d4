"""What the inbox window reads: newest first, page by page. Read-only, and no Qt.

A page looks at ``PAGE`` messages at most, whatever is searched for, so that a caller in the GUI
thread is never held up: a search through 10,000 messages is a hundred short readings, not a long
one. A page begins where another ended (a key, not an offset), so what arrives or goes meanwhile
neither repeats nor hides a message.

Words are looked for as people write them, in capitals or not, which SQLite's LIKE knows for ASCII
only and a full-text index only for words from their beginning; so Python compares. Messages that
open later stay unseen here, too.
"""

from __future__ import annotations

import enum
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from shared.model import ALL_CHANNELS, Ack, Format, Level
from tray_client.inbox import FILE_NAME, connect_to_read, storage_error
from tray_client.records import SETTLED_STATES, WAITING_STATES, Proof, State

PAGE = 100
"""Messages that one reading looks at."""

DUE = "max(sent_at, coalesce(show_at, 0))"
"""As the index ``messages_by_time`` of the schema has it: another wording would not use it."""

_COLUMNS = (
    f"{DUE}, number, id, channel, title, level, sender, verified, state, acknowledged_at, proof"
)
_VISIBLE = "coalesce(show_at, 0) <= ?"
_WAITING = ", ".join(f"'{state.value}'" for state in WAITING_STATES)
_SETTLED = ", ".join(f"'{state.value}'" for state in SETTLED_STATES)


class Key(NamedTuple):
    """A message's place in the list. Greater keys come first."""

    due_at: int
    number: int


TOP = Key(2**63 - 1, 2**63 - 1)
BOTTOM = Key(-1, -1)
"""Before the first and after the last message there can be."""


class Filter(enum.StrEnum):
    """Which messages are listed, as far as it is no level that is chosen."""

    ALL = "all"
    UNREAD = "unread"
    UNACKNOWLEDGED = "unacknowledged"


_CONDITIONS = {
    Filter.ALL: "",
    Filter.UNREAD: f" AND state IN ({_WAITING})",
    Filter.UNACKNOWLEDGED: f" AND state NOT IN ({_SETTLED})",
} | {level: f" AND level = '{level.value}'" for level in Level}

Choice = Filter | Level


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. ``all_channels``: what people call the channel ``*``."""

    text: str = ""
    choice: Choice = Filter.ALL
    all_channels: str = ALL_CHANNELS


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the list, without its text. Times are ms by Redis' clock."""

    due_at: int
    number: int
    id: str
    channel: str
    title: str
    level: Level
    sender: str
    verified: bool
    state: State
    acknowledged_at: int | None
    proof: Proof = Proof.UNKNOWN

    @property
    def key(self) -> Key:
        """Its place in the list."""
        return Key(self.due_at, self.number)

    @property
    def waits(self) -> bool:
        """Whether it still asks for an answer; that is what *unread* means here."""
        return self.state in WAITING_STATES


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its whole text, and what was answered.

    ``replies`` may be chosen, ``reply`` was; ``answered_by``: the endpoint that is said to have
    answered elsewhere, ``answered_user`` its account. ``replaced``: another message has taken its
    place.
    """

    entry: Entry
    body: str
    format: Format = Format.PLAIN
    ack: Ack = Ack.PC
    replies: tuple[str, ...] = ()
    reply: str = ""
    answered_by: str = ""
    answered_user: str = ""
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, newest first, and where the next page begins: ``BOTTOM`` if nowhere."""

    entries: list[Entry]
    end: Key


class Archive:
    """The inbox as something to look through. *now_ms* is Redis' clock."""

    def __init__(self, db: sqlite3.Connection, now_ms: Callable[[], int]) -> None:
        """Read through *db*, which stays the caller's."""
        self._db = db
        self._now_ms = now_ms

    @classmethod
    def open(cls, folder: Path, now_ms: Callable[[], int]) -> Archive:
        """Read the inbox in *folder* beside the program that writes it; ``close`` it after use.

        Raises:
            StorageError: there is none, or it cannot be opened.
        """
        place = folder / FILE_NAME
        try:
            return cls(connect_to_read(place), now_ms)
        except sqlite3.Error as error:
            raise storage_error(place, error) from error

    def close(self) -> None:
        """Close the connection of an archive that was opened with ``open``."""
        self._db.close()

    def page(self, query: Query, after: Key = TOP) -> Page:
        """Look at the ``PAGE`` messages of the choice after *after*; return those with all words.

        Raises:
            StorageError: the inbox cannot be read.
        """
        words = _folded(query.text).split()
        text = "body" if words else "''"
        sql = (
            f"SELECT {_COLUMNS}, {text} FROM messages"
            f" WHERE {_VISIBLE}{_CONDITIONS[query.choice]} AND {DUE} <= ?"
            f" AND ({DUE}, number) < (?, ?) ORDER BY {DUE} DESC, number DESC LIMIT {PAGE}"
        )
        with self._read() as db:
            rows = db.execute(sql, (self._now_ms(), after.due_at, *after)).fetchall()
            found = [_entry(row) for row in rows if _has(words, row, query.all_channels)]
        return Page(found, Key(*rows[-1][:2]) if len(rows) == PAGE else BOTTOM)

    def counts(self) -> dict[Choice, int]:
        """How many messages each choice has.

        Raises:
            StorageError: the inbox cannot be read.
        """
        kinds = f"SELECT level, state, count(*) FROM messages WHERE {_VISIBLE} GROUP BY 1, 2"
        result: dict[Choice, int] = dict.fromkeys((*Filter, *Level), 0)
        with self._read() as db:
            for level, state, number in db.execute(kinds, (self._now_ms(),)):
                for choice in _choices(Level(level), State(state)):
                    result[choice] += number
        return result

    def letter(self, message_id: str) -> Letter | None:
        """The whole message; None where there is none, or none yet.

        Raises:
            StorageError: the inbox cannot be read.
        """
        answered = "format, ack, replies, reply, answered_by, answered_user"
        replaced = "EXISTS (SELECT 1 FROM messages AS other WHERE other.id = messages.closed_by)"
        sql = (
            f"SELECT {_COLUMNS}, body, {answered}, {replaced} FROM messages"
            f" WHERE id = ? AND {_VISIBLE}"
        )
        with self._read() as db:
            row = db.execute(sql, (message_id, self._now_ms())).fetchone()
            return None if row is None else _letter(row)

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._db
        except (sqlite3.Error, ValueError) as error:  # ValueError: no level or state of ours
            raise storage_error(self._place(), error) from error

    def _place(self) -> Path:
        try:
            return Path(self._db.execute("PRAGMA database_list").fetchone()[2])
        except sqlite3.Error:
            return Path(FILE_NAME)


def _choices(level: Level, state: State) -> Iterator[Choice]:
    yield from (Filter.ALL, level)
    if state in WAITING_STATES:
        yield Filter.UNREAD
    if state not in SETTLED_STATES:
        yield Filter.UNACKNOWLEDGED


def _has(words: list[str], row: tuple[Any, ...], all_channels: str) -> bool:
    """Whether every word occurs in title, body, sender or the channel's name."""
    if not words:
        return True
    _due, _number, _id, channel, title, _level, sender, *_rest, body = row
    name = all_channels if channel == ALL_CHANNELS else channel
    text = _folded("\n".join((title, sender, name, body)))
    return all(word in text for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold())


def _entry(row: tuple[Any, ...]) -> Entry:
    due, number, id_, channel, title, level, sender, verified, state, acknowledged, proof, _ = row
    return Entry(
        due_at=due,
        number=number,
        id=id_,
        channel=channel,
        title=title,
        level=Level(level),
        sender=sender,
        verified=bool(verified),
        state=State(state),
        acknowledged_at=acknowledged,
        proof=Proof(proof),
    )


def _letter(row: tuple[Any, ...]) -> Letter:
    *_entry_part, text_format, ack, replies, reply, answered_by, answered_user, replaced = row
    return Letter(
        _entry(row[:-7]),
        row[-8],
        Format(text_format),
        Ack(ack),
        msgspec.json.decode(replies, type=tuple[str, ...]),
        reply,
        answered_by,
        answered_user,
        bool(replaced),
    )
