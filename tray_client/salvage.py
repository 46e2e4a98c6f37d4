"""A damaged database: recognised, set aside, and whatever can still be read of it kept.

What is rescued are the messages, above all which of them were acknowledged, so that nobody is shown
them again. The cursors are not: what they would account for may be what was lost, so the logs are
read from their beginnings. One damaged file is kept for whoever wants to look at it.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from tray_client.records import COLUMNS, InboxMessage, UnreadableRow, from_row

log = logging.getLogger(__name__)

DAMAGED = ".damaged"
_WAL_PARTS = ("-wal", "-shm")


def is_damage(error: BaseException) -> bool:
    """Whether *error* means that the file is no sound database, rather than a disk that refuses."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    return (code & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(place: Path) -> Path:
    """Rename the database *place* with all its parts, and return its new name.

    Raises:
        OSError: it cannot be renamed.
    """
    aside = place.with_name(place.name + DAMAGED)
    for part in ("", *_WAL_PARTS):
        source = place.with_name(place.name + part)
        if source.exists():
            source.replace(aside.with_name(aside.name + part))
    log.error("the inbox was damaged; it is set aside as %s and rebuilt from the logs", aside)
    return aside


def rescue(damaged: Path, db: sqlite3.Connection) -> None:
    """Copy messages from *damaged* into *db* until nothing more can be read."""
    marks = ", ".join("?" * len(InboxMessage.__dataclass_fields__))
    insert = f"INSERT OR IGNORE INTO messages ({COLUMNS}) VALUES ({marks})"
    count = 0
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as old:
        for row in old.execute(f"SELECT {COLUMNS} FROM messages"):
            with contextlib.suppress(sqlite3.Error, UnreadableRow):
                from_row(row)
                count += db.execute(insert, row).rowcount
    log.info("%d messages were read from the damaged inbox", count)
