"""Where the command sockets of trays lie on Unix, so that an upgrade finds those of all users.

Each user has a private folder: ``$XDG_RUNTIME_DIR/siaran``, or ``<tmp>/siaran-<uid>`` where there
is no such variable, or ``<tmp>/siaran-<uid>-<something>`` where somebody else has taken that name.
Everybody may write to ``<tmp>``, and root walks these folders: so one counts only if it is a real
folder of the user in its name that nobody else can write.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shared.errors import StorageError
from shared.phrases import phrase

assert sys.platform != "win32"  # tells the type checker, too

RUN_USER = Path("/run/user")
_NAME = "siaran"
_SUFFIX = ".sock"
_MAX_SOCKET_PATH = 100
"""Bytes; the system's own limit is 107 (unix(7))."""
_MAX_PER_USER = 64


def own_socket(data_dir: Path) -> Path:
    """Where the instance that uses *data_dir* listens; creates the folder.

    Raises:
        StorageError: none of this user's folders can be used.
    """
    usual = _folders(os.getuid())
    for folder in (*usual, *_others_in_tmp(os.getuid())):
        path = folder / _file_name(data_dir)
        if len(os.fsencode(path)) <= _MAX_SOCKET_PATH and _make_private(folder):
            return path
    try:
        return Path(tempfile.mkdtemp(prefix=f"{_NAME}-{os.getuid()}-")) / _file_name(data_dir)
    except OSError:
        raise StorageError(
            phrase(
                "The folder {parent} cannot be used; it has to belong to this user alone.",
                parent=usual[-1],
            ),
            phrase("Remove it, or set XDG_RUNTIME_DIR."),
        ) from None


def sockets_of(data_dir: Path) -> list[tuple[Path, int]]:
    """Where an instance that uses *data_dir* may listen, each with the user it has to belong to.

    The caller may be root or without the variables of the session.
    """
    users = list(dict.fromkeys([os.getuid(), data_dir.stat().st_uid]))
    name = _file_name(data_dir)
    return [
        (folder / name, uid)
        for uid in users
        for folder in dict.fromkeys(
            [*_folders(uid), RUN_USER / str(uid) / _NAME, *_others_in_tmp(uid)]
        )
        if is_private(folder, uid)
    ]


def user_folders(run_user: Path, tmp: Path) -> Iterator[tuple[Path, int]]:
    """Every folder in which a user's sockets may be, with that user."""
    for parent, prefix, below in ((run_user, "", _NAME), (tmp, f"{_NAME}-", "")):
        for entry in sorted(parent.iterdir()) if parent.is_dir() else ():
            user = entry.name.removeprefix(prefix)
            if not below:  # a name may have been taken already, and then has an end
                user = user.partition("-")[0]
            if entry.name.startswith(prefix) and user.isascii() and user.isdigit():
                yield entry / below, int(user)


def sockets_in(folder: Path, uid: int) -> list[Path]:
    """The sockets in a user's folder; none where it cannot be trusted.

    Raises:
        PermissionError: the caller may not look into it.
    """
    try:
        folder.lstat()
        if not is_private(folder, uid):
            return []
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if _is_socket(entry)]
        return sorted(found)[:_MAX_PER_USER]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_socket(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(_SUFFIX) and stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)


def peer_of(connection: socket.socket) -> tuple[int, int]:
    """Process and user on the other side of a Unix socket, as the kernel says (SO_PEERCRED).

    Raises:
        OSError: the connection is gone.
    """
    size = struct.calcsize("3i")
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid, uid, _ = struct.unpack("3i", found)
    return pid, uid


def is_private(folder: Path, uid: int) -> bool:
    """Whether *folder* is a real folder, no link, that only *uid* can write."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == uid and not info.st_mode & 0o022


def _folders(uid: int) -> list[Path]:
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    found = [Path(tempfile.gettempdir()) / f"{_NAME}-{uid}"]
    if runtime.is_absolute() and is_private(runtime, uid):
        found.insert(0, runtime / _NAME)
    return found


def _others_in_tmp(uid: int) -> list[Path]:
    """Folders that a user had to make because somebody else has taken the usual name."""
    found = Path(tempfile.gettempdir()).glob(f"{_NAME}-{uid}-*")
    return sorted(folder for folder in found if is_private(folder, uid))


def _make_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if is_private(folder, os.getuid()):
            folder.chmod(0o700)
            return True
    except OSError:
        pass
    return False


def _file_name(data_dir: Path) -> str:
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()
    return f"{digest[:16]}{_SUFFIX}"
