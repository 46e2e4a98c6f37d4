"""What head office does to messages that were sent: recall, replacement, reminder. SQL, no more.

An order holds for a message only if it went to all of the message's channels: whoever may speak on
one channel may not take away what another one was told. Nor may one whom no key vouches for change
what a key vouches for, where both are shown. A recall whose message is not here is
remembered, since logs are read one after the other; the youngest ``MAX_REMEMBERED`` are kept, first
of those that a key vouches for, so that nobody can fill the disk with recalls of nothing, nor hide
one of head office behind his own.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import NamedTuple

import msgspec

from tray_client.records import (
    COLUMNS,
    WAITING_STATES,
    Arrived,
    InboxMessage,
    NewMessage,
    Recall,
    Reminder,
    State,
    covers,
    from_row,
)

log = logging.getLogger(__name__)

MAX_REMEMBERED = 1000
"""Recalls that are kept for messages not seen yet."""
_CHANNELS = msgspec.json.Decoder(list[str])

_INSERT = (
    "INSERT OR IGNORE INTO messages (id, channel, channels, title, body, format, level, ack,"
    " replies, replaces, sender, sent_at, show_at, expires_at, verified, state, closed_by,"
    f" received_at, reported, proof) VALUES ({', '.join('?' * 20)}) RETURNING {COLUMNS}"
)


def apply(db: sqlite3.Connection, arrived: Arrived) -> list[InboxMessage]:
    """Do what arrived, in the caller's transaction; return each message that changed, as it is."""
    if isinstance(arrived, Recall):
        return _recall(db, arrived)
    if isinstance(arrived, Reminder):
        return _remind(db, arrived)
    return _insert(db, arrived)


def _insert(db: sqlite3.Connection, new: NewMessage) -> list[InboxMessage]:
    row = db.execute(_INSERT, _values(new, _recalled_by(db, new))).fetchone()
    if row is None:
        return []
    message = new.message
    if message.replaces is None or message.replaces == message.id:
        return [from_row(row)]
    channels = tuple(message.channels)
    recall = Recall(message.replaces, message.id, channels, message.sent_at, new.verified)
    return [*_recall(db, recall), from_row(row)]


def _values(new: NewMessage, recalled_by: str) -> tuple[object, ...]:
    message = new.message
    state = State.EXPIRED if new.expired else State.RECEIVED
    return (
        message.id,
        new.channel,
        msgspec.json.encode(message.channels).decode(),
        message.title,
        message.body,
        message.format.value,
        message.level.value,
        message.ack.value,
        msgspec.json.encode(message.replies).decode(),
        message.replaces,
        message.sender,
        message.sent_at,
        message.show_at,
        new.expires_at,
        new.verified,
        (State.RECALLED if recalled_by else state).value,
        recalled_by,
        new.received_at,
        "" if new.reportable else "-",
        new.proof.value,
    )


def _recalled_by(db: sqlite3.Connection, new: NewMessage) -> str:
    """What took *new* back before it came; empty for nothing."""
    query = (
        "SELECT closed_by, channels FROM recalls WHERE target = ? AND verified >= ? ORDER BY number"
    )
    for closed_by, channels in db.execute(query, (new.message.id, new.verified)):
        if covers(_CHANNELS.decode(channels), new.message.channels):
            return str(closed_by)
    return ""


def _recall(db: sqlite3.Connection, recall: Recall) -> list[InboxMessage]:
    target = _target(db, recall.target)
    if target is None:
        _remember(db, recall)
        return []
    if not _may_change(target, recall):
        return []
    return _update(db, recall.target, "state = ?, closed_by = ?", State.RECALLED.value, recall.by)


def _remind(db: sqlite3.Connection, reminder: Reminder) -> list[InboxMessage]:
    """Ask again, once for each reminder; one that comes with what it reminds of changes nothing."""
    target = _target(db, reminder.target)
    if target is None or not _may_change(target, reminder):
        return []
    if target.reminded_at >= reminder.sent_at:
        return []
    changes = "reminded_at = ?, snoozed_until = 0"
    return _update(db, reminder.target, changes, reminder.sent_at)


class _Target(NamedTuple):
    """What is asked about the message that an order names."""

    state: str
    channels: str
    verified: int
    reminded_at: int


def _target(db: sqlite3.Connection, message_id: str) -> _Target | None:
    query = f"SELECT {', '.join(_Target._fields)} FROM messages WHERE id = ?"
    row = db.execute(query, (message_id,)).fetchone()
    return None if row is None else _Target(*row)


def _may_change(target: _Target, order: Recall | Reminder) -> bool:
    if not covers(order.channels, _CHANNELS.decode(target.channels)):
        log.warning("refused: an order about %s did not go to its channels", order.target)
        return False
    if target.verified and not order.verified:
        log.warning("refused: an order about %s that no key vouches for", order.target)
        return False
    return target.state in WAITING_STATES


def _update(
    db: sqlite3.Connection, message_id: str, changes: str, *values: object
) -> list[InboxMessage]:
    query = f"UPDATE messages SET {changes} WHERE id = ? RETURNING {COLUMNS}"
    return [from_row(row) for row in db.execute(query, (*values, message_id))]


def _remember(db: sqlite3.Connection, recall: Recall) -> None:
    channels = msgspec.json.encode(recall.channels).decode()
    db.execute(
        "INSERT INTO recalls (target, closed_by, channels, verified) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (target, closed_by) DO UPDATE"
        " SET verified = excluded.verified, channels = excluded.channels"
        " WHERE excluded.verified > verified",
        (recall.target, recall.by, channels, recall.verified),
    )
    [(count,)] = db.execute("SELECT count(*) FROM recalls").fetchall()
    db.execute(
        "DELETE FROM recalls WHERE number IN"
        " (SELECT number FROM recalls ORDER BY verified, number LIMIT ?)",
        (max(0, count - MAX_REMEMBERED),),
    )
