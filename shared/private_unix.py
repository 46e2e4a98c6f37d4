"""Which folders of a Unix are ours alone, and closing to others what older versions left open."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.private import (
    LOCK_NAME,
    MOVED,
    NO_LINKS,
    ONLY_OURS,
    OTHERS,
    OURS,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    set_aside,
)

assert sys.platform != "win32"  # tells the type checker, too

log = logging.getLogger(__name__)

WRITABLE = 0o022


def private_place(folder: Path, usual: Path) -> Path:
    """See ``shared.private.private_place``."""
    own = folder / f"siaran-{os.getuid()}"
    if _is_mine(own):
        return own
    try:
        info = folder.stat()
    except OSError:
        return folder
    if not stat.S_ISDIR(info.st_mode) or not info.st_mode & OTHERS or _is_ours(folder, info):
        return folder
    can_be_made = not os.path.lexists(own) and os.access(folder, os.W_OK | os.X_OK)
    return own if can_be_made else usual


def make_private(folder: Path) -> None:
    """See ``shared.private.make_private``."""
    new = not folder.exists()
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    info = folder.stat()
    if info.st_mode & OTHERS and info.st_uid == os.getuid():
        folder.chmod(PRIVATE_FOLDER)
    if new and folder.name == f"siaran-{os.getuid()}":
        _move_in(folder)
    _mend(folder)


def _is_mine(folder: Path) -> bool:
    """Whether *folder* is a real folder of this user, no link."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid()


def _is_ours(folder: Path, info: os.stat_result) -> bool:
    """Whether *folder* is there for this user's data alone, so that its mode may be changed."""
    me = os.getuid()
    if info.st_uid != me or folder.resolve() in (Path.home().resolve(), Path("/")):
        return False
    names = {entry.name: entry.stat(follow_symlinks=False).st_uid for entry in _entries(folder)}
    if info.st_mode & WRITABLE and (not names or set(names.values()) != {me}):
        return False
    ours_alone = all(map(OURS.fullmatch, names))
    return ours_alone and (not names or any(map(ONLY_OURS.fullmatch, names)))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries


def _mend(folder: Path, *, every: bool = False) -> None:
    """Close to others what lies in *folder* under our names, or *every* file.

    The lock is left to whoever knows whether it is held.
    """
    owners = {os.getuid(), 0, folder.stat().st_uid}
    for entry in list(_entries(folder)):
        if not (every or OURS.fullmatch(entry.name)):
            continue
        info = entry.stat(follow_symlinks=False)
        if info.st_uid not in owners:
            set_aside(Path(entry.path))
        elif entry.name == LOCK_NAME:
            continue
        elif stat.S_ISDIR(info.st_mode):
            _close_folder(Path(entry.path))
        elif stat.S_ISREG(info.st_mode) and info.st_mode & OTHERS:
            _close_file(Path(entry.path))


def _close_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.chmod(PRIVATE_FOLDER)
        _mend(folder, every=folder.name == "logs")


def _close_file(path: Path) -> None:
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_LINKS)
        try:
            os.fchmod(file, PRIVATE_FILE)
        finally:
            os.close(file)


def _move_in(folder: Path) -> None:
    """Take what an older version of ours kept in the folder around *folder*."""
    for entry in list(_entries(folder.parent)):
        info = entry.stat(follow_symlinks=False)
        ours = info.st_uid == os.getuid() and not info.st_mode & WRITABLE and info.st_nlink == 1
        if re.fullmatch(MOVED, entry.name) and ours and stat.S_ISREG(info.st_mode):
            with contextlib.suppress(OSError):
                Path(entry.path).replace(folder / entry.name)
