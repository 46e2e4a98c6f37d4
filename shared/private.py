"""Folders and files that only their user may read: messages, drafts, logs, locks.

Everything is private from its first byte: on Linux a folder has mode 700, a file 600; on Windows
both have an access list of their own, which nothing is inherited into. No file of ours is reached
by a link. What older versions left open to others is mended at start.

The setting ``data_dir`` may name a folder that others use, too (``/tmp``, a home, a share). Its
rights are not ours to change; the data then lie in a folder of their own in it, ``siaran-<uid>`` or
``siaran-<SID>``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
import sys
from pathlib import Path

from shared import held_files

log = logging.getLogger(__name__)

LOCK_NAME = "instance.lock"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
OTHERS = 0o077

NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0)
SET_ASIDE = ".foreign"
"""What another user left under a name of ours is renamed to end so."""

MOVED = r"inbox\.db.*|draft(-aside)?\..*|window\.json.*|clock\.json.*"
OURS = re.compile(
    rf"instance\.lock|{MOVED}|status\.json.*|\.?redis-password.*|logs|session-\d+|siaran-\d+"
    r"|siaran-S-[\d-]+"
)
"""Names that lie in a folder of data."""
ONLY_OURS = re.compile(rf"instance\.lock|{MOVED}")
"""Names that no other program gives a file."""


def open_private(path: str | Path, flags: int) -> int:
    """Open *path* for ``open(…, opener=open_private)``; a new file is private at once.

    Raises:
        OSError: it cannot be opened, or is a link.
    """
    if sys.platform == "win32":
        from shared import private_windows

        return private_windows.open_private(Path(path), flags)
    return os.open(path, flags | NO_LINKS, PRIVATE_FILE)


def write_private(path: Path, content: bytes) -> None:
    """Put *content* in the place of *path*, all or nothing.

    Raises:
        OSError: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    with open(beside, "wb", opener=open_private) as file:  # Path has no opener
        file.write(content)
    held_files.replace(beside, path)


def private_place(folder: Path, usual: Path) -> Path:
    """Where data belong if *folder* is configured; creates nothing.

    That is *folder* itself if it is ours or is still to be made; a private folder in it if others
    use it, too; and *usual* if somebody else has taken that one's name.
    """
    if sys.platform == "win32":
        from shared import private_windows

        return private_windows.private_place(folder, usual)
    from shared import private_unix

    return private_unix.private_place(folder, usual)


def make_private(folder: Path) -> None:
    """Create *folder*, or mend it and what lies in it under our names.

    Raises:
        OSError: it cannot be used.
    """
    if sys.platform == "win32":
        from shared import private_windows

        private_windows.make_private(folder)
        return
    from shared import private_unix

    private_unix.make_private(folder)


def create_folder(folder: Path) -> None:
    """Create *folder*, private, if there is none; one that is there stays as it is.

    Raises:
        OSError: it cannot be created.
    """
    if sys.platform == "win32":
        from shared import private_windows

        private_windows.create_folder(folder)
        return
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def set_aside(path: Path) -> None:
    """Rename what another user left, so that it is neither used nor lost."""
    log.warning("%s belongs to another user and is set aside", path)
    with contextlib.suppress(OSError):
        held_files.replace(path, path.with_name(path.name + SET_ASIDE))


def is_open_to_others(path: Path) -> bool:
    """Whether other users than its owner, and those who rule the PC, have any right to *path*.

    Raises:
        OSError: it cannot be asked.
    """
    if sys.platform == "win32":
        from shared import private_windows

        return private_windows.is_open_to_others(path)
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
