"""Folders and files that only their user may read: messages, drafts, logs, locks.

Everything is private from its first byte: a folder has mode 700, a file 600, and no file of ours is
reached by a link. What older versions left open to others is mended at start. On Windows the access
list of the profile does this; here only folders are made.

The setting ``data_dir`` may name a folder that others use, too (``/tmp``, a home, a share). Its
mode is not ours to change; the data then lie in a folder of their own in it, ``siaran-<uid>``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

LOCK_NAME = "instance.lock"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
OTHERS = 0o077

NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0)


def open_private(path: str | Path, flags: int) -> int:
    """Open *path* for ``open(…, opener=open_private)``; a new file is private at once.

    Raises:
        OSError: it cannot be opened, or is a link.
    """
    return os.open(path, flags | NO_LINKS, PRIVATE_FILE)


def write_private(path: Path, content: bytes) -> None:
    """Put *content* in the place of *path*, all or nothing.

    Raises:
        OSError: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    with open(beside, "wb", opener=open_private) as file:  # Path has no opener
        file.write(content)
    beside.replace(path)


def private_place(folder: Path, usual: Path) -> Path:
    """Where data belong if *folder* is configured; creates nothing.

    That is *folder* itself if it is ours or is still to be made; a private folder in it if others
    use it, too; and *usual* if somebody else has taken that one's name.
    """
    if sys.platform == "win32":
        return folder
    from shared import private_unix

    return private_unix.private_place(folder, usual)


def make_private(folder: Path) -> None:
    """Create *folder*, or mend it and what lies in it under our names.

    Raises:
        OSError: it cannot be used.
    """
    if sys.platform == "win32":
        folder.mkdir(parents=True, exist_ok=True)
        return
    from shared import private_unix

    private_unix.make_private(folder)
