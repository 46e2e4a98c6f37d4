"""The inbox' tables, and how they came to be: one script for each version of the schema.

``PRAGMA user_version`` counts the scripts that were applied. A script never changes once released;
a data folder from any older version is brought up to date when it is opened.
"""

from __future__ import annotations

import sqlite3

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
    # When this endpoint began to follow a channel: what was due before is not for it. Those that
    # followed already keep everything.
    """
    CREATE TABLE beginnings (channel TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO beginnings SELECT channel, 0 FROM cursors;
    """,
    # The state that Redis has a receipt of; '-': nobody is to be told (plain text on a channel, and
    # what an earlier version stored).
    """
    ALTER TABLE messages ADD COLUMN reported TEXT NOT NULL DEFAULT '-';
    ALTER TABLE messages ADD COLUMN acknowledged_by TEXT NOT NULL DEFAULT '';
    CREATE INDEX messages_unreported ON messages (number)
        WHERE reported <> '-' AND reported <> state;
    """,
    # The order of the inbox window (``tray_client.archive``): with it, a page or a count of 10,000
    # messages takes about 1 ms, else 20 to 150.
    """
    CREATE INDEX messages_by_time
        ON messages (max(sent_at, coalesce(show_at, 0)), number, level, state, show_at);
    """,
    # Answers, reminders, and what head office takes back. ``channels`` (JSON) are all of a message;
    # of older ones only the first is known. ``recalls`` remembers those whose message is not here.
    """
    ALTER TABLE messages ADD COLUMN channels TEXT NOT NULL DEFAULT '[]';
    UPDATE messages SET channels = json_array(channel);
    ALTER TABLE messages ADD COLUMN format TEXT NOT NULL DEFAULT 'plain';
    ALTER TABLE messages ADD COLUMN ack TEXT NOT NULL DEFAULT 'pc';
    ALTER TABLE messages ADD COLUMN replies TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE messages ADD COLUMN replaces TEXT;
    ALTER TABLE messages ADD COLUMN reply TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN snoozed_until INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN snoozed_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN reminded_at INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE recalls (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        target TEXT NOT NULL,
        closed_by TEXT NOT NULL,
        channels TEXT NOT NULL,
        UNIQUE (target, closed_by)
    );
    """,
    # Whether something speaks for whoever recalled.
    """
    ALTER TABLE recalls ADD COLUMN verified INTEGER NOT NULL DEFAULT 1;
    """,
    # What expires next, without reading the texts of all that waits.
    """
    CREATE INDEX messages_expiring ON messages (expires_at)
        WHERE state IN ('received', 'displayed');
    """,
    # Which account is said to have answered elsewhere, and when another session of this PC did.
    """
    ALTER TABLE messages ADD COLUMN answered_user TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
    """,
    # What has expired comes back when a clock that was wrong is mended; what was given up for want
    # of room does not.
    """
    ALTER TABLE messages ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
    """,
    # By how much an urgent message's end was put off, in ms, because time has jumped.
    """
    ALTER TABLE messages ADD COLUMN shifted_ms INTEGER NOT NULL DEFAULT 0;
    """,
    # The log entry before the first one that was refused for a reason that lies in this PC, and the
    # rules by which it was: when these have changed, the log is read again from there.
    """
    CREATE TABLE refused (
        channel TEXT PRIMARY KEY, before TEXT NOT NULL, rules TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    # What is known of who sent a message: of those that are here already, nobody has noted it.
    """
    ALTER TABLE messages ADD COLUMN proof TEXT NOT NULL DEFAULT '';
    """,
)


class NewerSchema(Exception):
    """The database was written by a newer program."""


def migrate(db: sqlite3.Connection) -> None:
    """Bring *db* up to date, in one transaction: a first start waits for the disk once.

    Raises:
        NewerSchema: it is ahead of this program.
    """
    steps = MIGRATIONS[version_of(db) :]
    if steps:
        version = f"PRAGMA user_version = {len(MIGRATIONS)};"
        db.executescript(f"BEGIN; {''.join(steps)} {version} COMMIT;")


def version_of(db: sqlite3.Connection) -> int:
    """The schema's version.

    Raises:
        NewerSchema: it is ahead of this program.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise NewerSchema
    return version
