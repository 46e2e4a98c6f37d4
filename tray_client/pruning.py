"""Keeping the inbox small whatever arrives: by age, and by number. SQL, no more.

A message that is deleted must not be shown as a new one when its log is read again. What is old has
expired, and what has expired is not opened; where a flood makes younger ones go, their channels
begin later for this endpoint from then on (``beginnings``, as for a new one).

If more wait for an answer than may be kept, the oldest of the quietest level are given up as
expired, which head office is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from shared.model import DAY_MS, SHORT_LIVED_MS, Level
from tray_client.records import COLUMNS, WAITING_STATES, InboxMessage, from_row

KEEP_MS = 90 * DAY_MS
"""How long people can look up what is over."""
MAX_MESSAGES = 10_000
"""As many messages are kept; of the longest ones these are some 300 MB."""
EVERY = 200
"""After so many new messages it is time for a pass."""
AT_ONCE = 2 * EVERY
"""Messages that one pass deletes, and gives up, at most: more than come between two passes."""
_WAITING = f"state IN ({', '.join(repr(state.value) for state in WAITING_STATES)})"
_DUE = "max(sent_at, coalesce(show_at, 0))"
"""As the index ``messages_by_time`` has it, which spares reading the texts, and so nearly all."""
_RANK = "CASE level " + " ".join(f"WHEN '{one}' THEN {one.rank}" for one in Level) + " END"


def expire(db: sqlite3.Connection, now_ms: int) -> list[str]:
    """Note that what has expired by *now_ms* will not be opened any more; return its ids."""
    query = f"UPDATE messages SET state = 'expired' WHERE {_WAITING} AND expires_at <= ?"
    return [row[0] for row in db.execute(f"{query} RETURNING id", (now_ms,))]


def revive(db: sqlite3.Connection, now_ms: int) -> int:
    """Undo the end of what has not expired by *now_ms*: a clock was wrong. Return how many."""
    return db.execute(
        "UPDATE messages SET state = CASE WHEN displayed_at IS NULL THEN 'received'"
        " ELSE 'displayed' END WHERE state = 'expired' AND NOT given_up AND expires_at > ?",
        (now_ms,),
    ).rowcount


class Jump(NamedTuple):
    """A jump of the time that is believed."""

    era: tuple[int, int]
    """From when to when the time was believed that turns out to be wrong, in ms of that time."""
    by_ms: int
    is_known: bool = True
    """Whether all that came in that time came by it; else an earlier run has believed it, or the
    PC's clock was set meanwhile."""


def outlive_jump(db: sqlite3.Connection, jump: Jump, life_ms: int) -> int:
    """Let messages live as long as they were meant to although time jumps; return how many.

    What was sent in the *jump*'s era ends so much later, or earlier. So does what has met jumps
    before; where the era is not known, at most as far as these jumps have taken it, since a PC's
    clock that was set may be years away. And so does what has expired by the wrong time, or it
    would wait again when that time turns out to be wrong.
    Only what expires by its level, or else *life_ms* after it was due: for the others somebody has
    said until when.
    """
    lives = " ".join(
        f"WHEN '{level.value}' THEN {min(life, life_ms)}" for level, life in SHORT_LIVED_MS.items()
    )
    came_in_era = "received_at BETWEEN ?2 AND ?3 AND sent_at BETWEEN ?2 - 600000 AND ?3"
    back = "max(min(shifted_ms + ?1, max(shifted_ms, 0)), min(shifted_ms, 0)) - shifted_ms"
    by = "?1" if jump.is_known else f"CASE WHEN {came_in_era} THEN ?1 ELSE {back} END"
    return db.execute(
        f"UPDATE messages SET expires_at = expires_at + ({by}), shifted_ms = shifted_ms + ({by})"
        f" WHERE ({_WAITING} OR (state = 'expired' AND NOT given_up))"
        f" AND (shifted_ms <> 0 OR ({came_in_era}))"
        f" AND expires_at - shifted_ms - {_DUE} = CASE level {lives} ELSE {life_ms} END",
        (jump.by_ms, *jump.era),
    ).rowcount


def prune(
    db: sqlite3.Connection, now_ms: int, firm_ms: int
) -> tuple[list[InboxMessage], dict[str, int]]:
    """Delete what is too old or too much, in the caller's transaction.

    Age goes by *firm_ms*, the time that nothing has doubted for long (0: there is none, and nothing
    is too old): what a wrong clock has deleted would not come back. Returns the messages that were
    given up unanswered, and when channels begin from now on (ms).
    """
    since = firm_ms - KEEP_MS
    db.execute(
        f"DELETE FROM messages WHERE number IN (SELECT number FROM messages WHERE NOT {_WAITING}"
        f" AND {_DUE} < ? AND max(expires_at, received_at) < ? LIMIT ?)",
        (since, since, AT_ONCE),
    )
    excess = _count(db) - MAX_MESSAGES
    if excess <= 0:
        return [], {}
    wanted = min(excess, AT_ONCE)
    deleted = _delete(db, wanted)
    later = _later(
        # What was due later was recalled, or answered before its time: its channels are not to be
        # deaf until then.
        (channels, min(due_at + 1, now_ms))
        for channels, due_at, end in deleted
        if end > now_ms
    )
    return _give_up(db, wanted - len(deleted)), later


def _count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM messages").fetchone()[0])


def _delete(db: sqlite3.Connection, number: int) -> list[tuple[str, int, int]]:
    """Delete the *number* oldest that are over: their channels, when they were due, and expired."""
    return db.execute(
        "DELETE FROM messages WHERE number IN (SELECT number FROM messages INDEXED BY"
        f" messages_by_time WHERE NOT {_WAITING} ORDER BY number LIMIT ?)"
        f" RETURNING channels, {_DUE}, expires_at",
        (number,),
    ).fetchall()


def _later(deleted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """When the channels of *deleted* begin from now on, so that none of it comes again."""
    beginnings: dict[str, int] = {}
    for channels, at in deleted:
        for channel in msgspec.json.decode(channels, type=list[str]):
            beginnings[channel] = max(beginnings.get(channel, 0), at)
    return beginnings


def _give_up(db: sqlite3.Connection, number: int) -> list[InboxMessage]:
    """End the *number* oldest of the quietest that wait; the next pass deletes them."""
    if number <= 0:
        return []
    rows = db.execute(
        "UPDATE messages SET state = 'expired', given_up = 1 WHERE number IN"
        " (SELECT number FROM messages"
        f" INDEXED BY messages_by_time WHERE {_WAITING} ORDER BY {_RANK}, number LIMIT ?)"
        f" RETURNING {COLUMNS}",
        (number,),
    ).fetchall()
    return [from_row(row) for row in rows]
