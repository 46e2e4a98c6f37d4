"""Single instance on Unix: a lock on a file decides (``folders``), a socket carries commands.

The lock cannot be left behind by a crash, as a pid file or a socket can. The socket is there as
soon as the lock is held, so a command to an instance that is still starting waits for it.

By the same socket the trays of one user's sessions tell each other what was answered, whom the
kernel names as this user (SO_PEERCRED) and nobody else. Trays of other users cannot reach it; for
them there is ``unix_neighbours``, on Linux.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import StorageError
from shared.instance import POLL_S, Command, Outcome, still_there
from shared.instance.folders import Folder, find, holder_of, others, take
from shared.phrases import phrase
from shared.private import LOCK_NAME, OTHERS

assert sys.platform != "win32"  # tells the type checker, too

from shared.instance.runtime import RUN_USER, own_socket, peer_of, sockets_of  # noqa: E402
from shared.instance.unix_sessions import quit_found  # noqa: E402

if TYPE_CHECKING:  # 50 ms that ``status`` and ``--quit`` need not wait for
    import asyncio

    from shared.instance.answered import LocalAnswer, Told
    from shared.instance.unix_neighbours import Ear

log = logging.getLogger(__name__)

_MAX_COMMAND = 1024
_TELL_S = 1.0
"""How long one session may take to be told; they are asked one after the other."""


class UnixInstance:
    """Holds the lock; takes commands from the socket once asked to listen."""

    def __init__(self, data_dir: Path, own: Folder, path: Path, server: socket.socket) -> None:
        self.folder = own.path
        self._data_dir = data_dir
        self._own = own
        self._path = path
        self._server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ear: Ear | None = None
        self.hears_others = False

    def listen(self, obey: Callable[[Command], None], heard: Callable[[Told], None]) -> None:
        """See ``Instance``; instead of an earlier one."""
        import asyncio

        self._stop_listening()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._server.fileno(), self._accept, obey, heard)
        self._ear = _ear(heard)
        self.hears_others = self._ear is not None

    def is_alone(self) -> bool:
        """See ``Instance``: not known, but they can tell this one (``hears_others``)."""
        return False

    def tell_others(self, answer: LocalAnswer) -> None:
        """See ``Instance``."""
        from shared.instance.answered import encode
        from shared.instance.unix_neighbours import tell_neighbours

        for folder in others(self._data_dir, self.folder):
            _tell_session(folder, encode(answer))
        if sys.platform == "linux":
            tell_neighbours(answer)

    def release(self) -> None:
        """Stop listening and give the right away. Safe to call twice."""
        self._stop_listening()
        if not self._own.released:
            self._path.unlink(missing_ok=True)
        self._server.close()
        self._own.release()

    def _stop_listening(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._server.fileno())
        self._loop = None
        if self._ear is not None:
            self._ear.close()
            self._ear = None

    def _accept(self, obey: Callable[[Command], None], heard: Callable[[Told], None]) -> None:
        try:
            peer, _ = self._server.accept()
        except BlockingIOError:
            return
        with peer:
            peer.settimeout(1)
            try:
                data = peer.recv(_MAX_COMMAND)
                told = _told(peer, data)
                if told is None:
                    command = Command(data.decode("ascii").strip())
                    peer.sendall(b"ok\n")
            except (OSError, ValueError):
                return
        if told is None:
            obey(command)
        else:
            heard(told)


def claim(data_dir: Path) -> UnixInstance:
    """See ``shared.instance.claim``."""
    _free_lock(data_dir)
    own = take(data_dir, screen())
    try:
        path = own_socket(own.path)
        return UnixInstance(data_dir, own, path, _bind(path))
    except StorageError:
        own.release()
        raise


def _free_lock(data_dir: Path) -> None:
    """Take away locks that older versions left open to others, who could hold them for ever.

    One that an instance of ours holds stays: it listens.
    """
    for lock in (data_dir / LOCK_NAME, *data_dir.glob(f"session-*/{LOCK_NAME}")):
        try:
            info = lock.lstat()
            if info.st_uid == os.getuid() and info.st_mode & OTHERS and not _listens(lock.parent):
                lock.unlink()
        except OSError:
            continue


def folder_of(data_dir: Path) -> Path | None:
    """See ``shared.instance.folder_of``; None: no instance runs."""
    return find(data_dir, screen())


def tell(data_dir: Path, command: Command, timeout_s: float) -> bool:
    """See ``shared.instance.tell``."""
    folder = folder_of(data_dir)
    if folder is None:
        return False
    deadline = time.monotonic() + timeout_s
    if not _send(folder, command, deadline):
        return False
    if command is Command.QUIT and still_there(
        [lambda: holder_of(folder) is None], deadline - time.monotonic()
    ):
        raise TimeoutError
    return True


def is_running(data_dir: Path) -> bool:
    """See ``shared.instance.is_running``."""
    return folder_of(data_dir) is not None


def quit_all(timeout_s: float) -> Outcome:
    """See ``shared.instance.quit_all``."""
    return quit_found(RUN_USER, Path(tempfile.gettempdir()), timeout_s)


def obey_quit(ask: Callable[[], None]) -> Callable[[], None]:
    """See ``shared.instance.obey_quit``; here a signal does it (``shared.qt.runner``)."""
    del ask
    return lambda: None


def quit_consoles(timeout_s: float) -> Outcome:
    """See ``shared.instance.quit_consoles``."""
    del timeout_s
    return Outcome(0, 0)


def _bind(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)  # left behind by a crash: the lock is ours
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(8)
        server.setblocking(False)
    except OSError as error:
        server.close()
        raise StorageError(
            phrase("The socket {path} cannot be used: {reason}.", path=path, reason=error.strerror)
        ) from error
    return server


def _ear(heard: Callable[[Told], None]) -> Ear | None:
    """The way by which trays of other users are heard; None where there is none."""
    if sys.platform != "linux":
        return None
    from shared.instance.unix_neighbours import Ear

    try:
        return Ear(heard)
    except OSError as error:
        log.info("trays of other users cannot be heard: %s", error)
        return None


def _told(peer: socket.socket, data: bytes) -> Told | None:
    """What another session of this user told; None if it is no answer, or from somebody else.

    Raises:
        OSError: the connection is gone.
    """
    from shared.instance.answered import Told, decode

    answer = decode(data)
    if answer is None or peer_of(peer)[1] != os.getuid():
        return None
    return Told(answer)


def _tell_session(folder: Path, data: bytes) -> None:
    """Leave *data* with the tray that uses *folder*, even if it does not look at it now."""
    for path, uid in sockets_of(folder):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_TELL_S)
            try:
                client.connect(str(path))
                if uid == peer_of(client)[1] == os.getuid():
                    client.sendall(data)
                    return
            except OSError:  # not this one, or it has just ended
                continue


def _send(data_dir: Path, command: Command, deadline: float) -> bool:
    """Send; False when the instance went away by itself."""
    while True:
        for path, _ in sockets_of(data_dir):
            try:
                return _ask(path, command, deadline)
            except OSError:  # not this one, or not yet
                continue
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL_S)


def _listens(data_dir: Path) -> bool:
    """Whether an instance that uses *data_dir* can be talked to."""
    for path, _ in sockets_of(data_dir):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            try:
                client.connect(str(path))
            except OSError:
                continue
            return True
    return False


def _ask(path: Path, command: Command, deadline: float) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(max(0.1, deadline - time.monotonic()))
        client.connect(str(path))
        client.sendall(command.encode())
        return client.recv(8) == b"ok\n"


def screen() -> str:
    """Where popups would be seen: what tells the sessions of one user apart; empty: nowhere.

    XDG_SESSION_ID does not: what a desktop starts by systemd has none.
    """
    host, colon, number = os.environ.get("DISPLAY", "").rpartition(":")
    if colon:
        return f"{host}:{number.partition('.')[0]}"
    return os.environ.get("WAYLAND_DISPLAY", "")
