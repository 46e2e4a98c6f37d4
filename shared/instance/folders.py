"""The folder that an instance keeps its data in: one of its own for each login session.

Data are per user. Somebody who is logged in twice on one PC (by remote desktop, say) needs a tray
on each screen, and two trays must not use one inbox: the first takes the folder itself, the next
ones ``session-2``, ``session-3`` and so on in it. Each has an inbox of its own, and they tell each
other what was answered (``answered``). A lock on a file says which are taken; the system frees it
with the process, however that ends. In the file stands which session it is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from shared import held_files
from shared.errors import AlreadyRunning, StorageError
from shared.phrases import phrase
from shared.private import LOCK_NAME, make_private, open_private

MOST = 64
"""Sessions of one user on one PC; ours."""
UNKNOWN = "-"
"""Session of an instance that could not tell: nobody else may use the folders beside it."""
_WRITTEN_WITHIN_S = 0.5
_POLL_S = 0.02


class Folder:
    """A folder that is ours until released."""

    def __init__(self, path: Path, lock: IO[str]) -> None:
        self.path = path
        self._lock = lock

    @property
    def released(self) -> bool:
        """Whether it was given away."""
        return self._lock.closed

    def release(self) -> None:
        """Give it away. Safe to call twice."""
        if not self._lock.closed:
            _write(self._lock, "")
            self._lock.close()


def take(data_dir: Path, session: str) -> Folder:
    """Take the first folder that no other session uses; *session* is empty where nobody knows.

    Raises:
        AlreadyRunning: an instance of this session has one, or of an unknown one.
        StorageError: the folder cannot be used.
    """
    mine = session or UNKNOWN
    for path in _folders(data_dir):
        lock = _open(path)
        if _try_lock(lock):
            _write(lock, mine)
            return Folder(path, lock)
        holder = _holder(lock)
        lock.close()
        if mine == UNKNOWN or holder in (mine, UNKNOWN, ""):
            break
    raise AlreadyRunning(phrase("Siaran is already running here."))


def find(data_dir: Path, session: str) -> Path | None:
    """The folder of the instance of *session*, or else of any that runs; None: none does."""
    running = {
        path: holder for path in _folders(data_dir) if (holder := holder_of(path)) is not None
    }
    own = (path for path, holder in running.items() if holder == session)
    return next(own, next(iter(running), None))


def others(data_dir: Path, own: Path) -> list[Path]:
    """The folders that other sessions of this user use now, or have used.

    Their locks are left alone: a session that is just starting would take that for an instance.
    """
    return [path for path in _folders(data_dir) if path != own and path.is_dir()]


def noted_session(path: Path) -> str:
    """The session that this folder was last noted for, whether its instance runs or not."""
    try:
        return held_files.read_bytes(path / LOCK_NAME).decode().strip()
    except (OSError, ValueError):
        return ""


def holder_of(path: Path) -> str | None:
    """The session of the instance that uses exactly this folder; None: none does."""
    try:
        with held_files.patiently(partial((path / LOCK_NAME).open, encoding="utf-8")) as lock:
            return None if _try_lock(lock) else lock.read().strip()
    except OSError:
        return None


def _folders(data_dir: Path) -> Iterator[Path]:
    yield data_dir
    for number in range(2, MOST + 1):
        yield data_dir / f"session-{number}"


def _open(path: Path) -> IO[str]:
    try:
        make_private(path)
        return open(path / LOCK_NAME, "a+", encoding="utf-8", opener=open_private)
    except OSError as error:
        raise StorageError(
            phrase(
                "The folder {data_dir} cannot be used: {reason}.",
                data_dir=path,
                reason=error.strerror,
            ),
            phrase("Choose another data_dir, or let this user write to it."),
        ) from error


def _write(lock: IO[str], session: str) -> None:
    """Note the *session*; where the disk is full, nothing is there, and counts as unknown."""
    try:
        lock.truncate(0)
        lock.write(session)
        lock.flush()
    except OSError:
        pass


def _holder(lock: IO[str]) -> str:
    """Who has the lock; whoever has just taken it writes at once."""
    deadline = time.monotonic() + _WRITTEN_WITHIN_S
    while True:
        lock.seek(0)
        if (holder := lock.read().strip()) or time.monotonic() > deadline:
            return holder
        time.sleep(_POLL_S)


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # bytes that are locked cannot be read, so one is that nobody ever writes

    def _try_lock(lock: IO[str]) -> bool:
        lock.seek(_FAR)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            lock.seek(0)
        return True

else:
    import fcntl

    def _try_lock(lock: IO[str]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
