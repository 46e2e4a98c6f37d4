"""A damaged database: recognised, set aside, and whatever can still be read of it kept.

What is rescued are the messages, above all which of them were acknowledged, so that nobody is shown
them again. The cursors are not: what they would account for may be what was lost, so the logs are
read from their beginnings. One damaged file is kept for whoever wants to look at it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from shared import held_files
from shared.private import open_private
from tray_client.records import COLUMNS, UnreadableRow, from_row

log = logging.getLogger(__name__)

DAMAGED = ".damaged"
SUSPECT = ".suspect"
_WAL_PARTS = ("-wal", "-shm")


class Suspicion:
    """The mark beside a database in which damage was met; true while it is there."""

    def __init__(self, place: Path) -> None:
        self._mark = place.with_name(place.name + SUSPECT)

    def note(self) -> None:
        """Leave the mark, if the folder takes one."""
        with contextlib.suppress(OSError):
            os.close(open_private(self._mark, os.O_WRONLY | os.O_CREAT))

    def drop(self) -> None:
        """The database is set aside.

        Raises:
            OSError: the mark cannot be removed.
        """
        held_files.patiently(lambda: self._mark.unlink(missing_ok=True))

    def __bool__(self) -> bool:
        return self._mark.exists()


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
            held_files.replace(source, aside.with_name(aside.name + part))
    log.error("the inbox was damaged; it is set aside as %s and rebuilt from the logs", aside)
    return aside


def rescue(damaged: Path, db: sqlite3.Connection) -> None:
    """Copy messages from *damaged* into *db* until nothing more can be read.

    It may be of an older version: the columns that it lacks get their defaults.
    """
    count = 0
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as old:
        columns = ", ".join(sorted(_columns(old) & _columns(db)))
        marks = ", ".join("?" * len(columns.split(", ")))
        insert = f"INSERT OR IGNORE INTO messages ({columns}) VALUES ({marks}) RETURNING {COLUMNS}"
        for row in old.execute(f"SELECT {columns} FROM messages"):
            count += _keep(db, insert, row)
    log.info("%d messages were read from the damaged inbox", count)


def _keep(db: sqlite3.Connection, insert: str, row: tuple[object, ...]) -> bool:
    db.execute("SAVEPOINT message")
    try:
        for kept in db.execute(insert, row).fetchall():
            from_row(kept)
    except (sqlite3.Error, UnreadableRow):
        db.execute("ROLLBACK TO message")
        return False
    finally:
        db.execute("RELEASE message")
    return True


def _columns(db: sqlite3.Connection) -> set[str]:
    return {str(row[1]) for row in db.execute("PRAGMA table_info(messages)")}
