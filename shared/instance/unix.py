"""Single instance on Unix: a lock on a file decides, a socket carries commands.

The lock cannot be left behind by a crash, as a pid file or a socket can.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from shared.errors import AlreadyRunning, StorageError
from shared.instance import Command

assert sys.platform != "win32"  # tells the type checker, too

_LOCK_NAME = "instance.lock"
_MAX_COMMAND = 32
_POLL_S = 0.05
_MAX_SOCKET_PATH = 100


class UnixInstance:
    """Holds the lock; listens on the socket once asked to."""

    def __init__(self, lock: IO[str], socket_path: Path) -> None:
        self._lock = lock
        self._path = socket_path
        self._server: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, obey: Callable[[Command], None]) -> None:
        """Call *obey* for each command, in the running event loop; instead of an earlier one."""
        self._stop_listening()
        self._path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(str(self._path))
        self._path.chmod(0o600)
        server.listen(8)
        server.setblocking(False)
        self._server, self._loop = server, asyncio.get_running_loop()
        self._loop.add_reader(server.fileno(), self._accept, obey)

    def release(self) -> None:
        """Stop listening and give the right away. Safe to call twice."""
        self._stop_listening()
        self._lock.close()

    def _stop_listening(self) -> None:
        if self._server is not None and self._loop is not None:
            self._loop.remove_reader(self._server.fileno())
            self._server.close()
            self._server = None
            self._path.unlink(missing_ok=True)

    def _accept(self, obey: Callable[[Command], None]) -> None:
        assert self._server is not None
        try:
            peer, _ = self._server.accept()
        except BlockingIOError:
            return
        with peer:
            peer.settimeout(1)
            try:
                word = peer.recv(_MAX_COMMAND).decode("ascii").strip()
                command = Command(word)
                peer.sendall(b"ok\n")
            except (OSError, ValueError):
                return
        obey(command)


def claim(data_dir: Path) -> UnixInstance:
    """See ``shared.instance.claim``."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / _LOCK_NAME).open("w", encoding="ascii")
    except OSError as error:
        raise StorageError(
            f"The folder {data_dir} cannot be used: {error.strerror}.",
            "Choose another data_dir, or let this user write to it.",
        ) from error
    if not _try_lock(lock):
        lock.close()
        raise AlreadyRunning("Siaran is already running here.")
    return UnixInstance(lock, _socket_path(data_dir))


def tell(data_dir: Path, command: Command, timeout_s: float) -> bool:
    """See ``shared.instance.tell``."""
    if not is_running(data_dir):
        return False
    deadline = time.monotonic() + timeout_s
    if not _send(_socket_path(data_dir), command, deadline):
        return False
    while command is Command.QUIT and is_running(data_dir):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_POLL_S)
    return True


def _send(path: Path, command: Command, deadline: float) -> bool:
    """Send, waiting for an instance that is still starting; False when it went away by itself."""
    while True:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(max(0.1, deadline - time.monotonic()))
                client.connect(str(path))
                client.sendall(command.encode())
                return client.recv(8) == b"ok\n"
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(_POLL_S)


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_running(data_dir: Path) -> bool:
    """See ``shared.instance.is_running``."""
    try:
        with (data_dir / _LOCK_NAME).open("r", encoding="ascii") as lock:
            return not _try_lock(lock)
    except OSError:
        return False


def _socket_path(data_dir: Path) -> Path:
    """In the data folder, or under a short name: socket paths have 107 bytes at most (unix(7))."""
    path = data_dir.resolve() / "instance.sock"
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
        return path
    folder = Path(tempfile.gettempdir()) / f"siaran-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StorageError(f"The folder {folder} belongs to somebody else.", "Remove it.")
    return folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.sock"
