"""How trays of different users on one PC tell each other of answers, on Linux.

The folders of users are closed to each other, so each tray listens at an abstract socket (unix(7)),
whose name says the user: it takes no file, goes with the process, and its random end cannot be
taken before. Everybody on the PC may connect; the kernel says who did (SO_PEERCRED), and the
receiver believes only a user whom the system knows to be logged on here at a screen. A sender makes
sure by the kernel, too, that the name does not lie. What is told closes nothing urgent (which the
receiver decides): another user of the PC may well be the one who must not.

Nothing here waits for a peer: connections are few and short, and when many come at once, the ear is
closed for a second. Whoever floods it keeps others from being heard, and messages stay open.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from shared.instance.answered import MAX_BYTES, LocalAnswer, Told, decode, encode

assert sys.platform != "win32"  # tells the type checker, too

from shared.instance.runtime import peer_of  # noqa: E402

NAMES = Path("/proc/net/unix")
_PREFIX = "siaran-answers-"
_KIND = socket.SOCK_SEQPACKET
MAX_OPEN = 8
"""Connections at once."""
MAX_A_SECOND = 32
"""Connections after which the ear is closed for a second."""
_PATIENCE_S = 1.0
MAX_EARS = 64
"""Trays of others that one answer is told to."""
_CONNECT_S = 0.5


class Ear:
    """Hears what trays of other users tell; *heard* is called in the running event loop.

    ``place``: the address that it listens at.

    Raises:
        OSError: this system has no such sockets.
    """

    def __init__(self, heard: Callable[[Told], None]) -> None:
        self._heard = heard
        self._open: dict[socket.socket, asyncio.TimerHandle] = {}
        self._begun, self._count = 0.0, 0
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self.place = f"\0{_PREFIX}{os.getuid()}-{os.urandom(8).hex()}"
        self._server = socket.socket(socket.AF_UNIX, _KIND)
        try:
            self._server.bind(self.place)
            self._server.listen(MAX_OPEN)
        except OSError:
            self._server.close()
            raise
        self._server.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Hear nothing more. Safe to call twice."""
        if not self._loop.is_closed():
            if self._server.fileno() >= 0:
                self._loop.remove_reader(self._server.fileno())
            for peer in list(self._open):
                self._drop(peer)
        if self._pause is not None:
            self._pause.cancel()
        self._server.close()

    def _listen(self) -> None:
        self._pause = None
        self._loop.add_reader(self._server.fileno(), self._accept)

    def _accept(self) -> None:
        now = self._loop.time()
        if now - self._begun > _PATIENCE_S:
            self._begun, self._count = now, 0
        self._count += 1
        if self._count > MAX_A_SECOND or len(self._open) >= MAX_OPEN:
            self._loop.remove_reader(self._server.fileno())
            self._pause = self._loop.call_later(_PATIENCE_S, self._listen)
            return
        with suppress(OSError):
            peer, _ = self._server.accept()
            peer.setblocking(False)
            self._open[peer] = self._loop.call_later(_PATIENCE_S, self._drop, peer)
            self._loop.add_reader(peer.fileno(), self._read, peer)

    def _read(self, peer: socket.socket) -> None:
        data, uid = b"", os.getuid()
        with suppress(OSError):
            data = peer.recv(MAX_BYTES + 1)
            _, uid = peer_of(peer)
        self._drop(peer)
        answer = decode(data)
        # Trays of the same user have a way of their own, which nobody else can close.
        if answer is not None and uid != os.getuid():
            self._heard(Told(answer, uid))

    def _drop(self, peer: socket.socket) -> None:
        timer = self._open.pop(peer, None)
        if timer is not None:
            timer.cancel()
            self._loop.remove_reader(peer.fileno())
            peer.close()


def tell_neighbours(answer: LocalAnswer) -> None:
    """Tell the trays of other users, each of which has half a second to take it."""
    data = encode(answer)
    for name, uid in ears():
        with suppress(OSError), socket.socket(socket.AF_UNIX, _KIND) as client:
            client.settimeout(_CONNECT_S)
            client.connect(name)
            if peer_of(client)[1] == uid:
                client.sendall(data)


def ears() -> list[tuple[str, int]]:
    """Where trays of other users listen, as far as the names say it."""
    try:
        lines = NAMES.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: dict[str, int] = {}
    for line in lines:
        place = line.rpartition(" ")[2]
        user = place.removeprefix(f"@{_PREFIX}").partition("-")[0]
        named = place.startswith(f"@{_PREFIX}") and user.isascii() and user.isdigit()
        if named and len(user) <= 10 and int(user) != os.getuid():
            found[f"\0{place[1:]}"] = int(user)
    return list(found.items())[:MAX_EARS]
