"""Links that fail without a word from a socket: proxies that stall or cut, packets that vanish."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from shared.tasks import first_of
from tests import linux_side

NOBODY = "02:00:00:00:00:99"
"""An address that no network card here has: what is sent to it is lost."""


class Proxy:
    """Forwards connections to a server of this machine, until it is told otherwise."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._flows.set()
        for writer in self._writers:
            writer.transport.abort()
        if self._serving:  # asyncio logs those that are cancelled at the end of the test
            await asyncio.wait(self._serving)

    def stall(self) -> None:
        """Pass on nothing any more, in either direction; connections stay open."""
        self._flows.clear()

    def flow(self) -> None:
        """Pass on everything again, also what was held back."""
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me is not None
        self._serving.add(me)
        try:
            await self._forward(reader, writer)
        finally:
            self._serving.discard(me)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(sock=await self._far_socket())
            ends = {writer, far_writer}
            self._writers |= ends
            both = (self._pump(reader, far_writer, ask=True), self._pump(far_reader, writer))
            await first_of(*both)
            for end in ends:
                end.close()
            self._writers -= ends

    async def _far_socket(self) -> socket.socket:
        """A connection to the server, with little room for what nobody has read yet."""
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        far.setblocking(False)
        await asyncio.get_running_loop().sock_connect(far, ("127.0.0.1", self._target))
        return far

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, ask: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._flows.wait()
                passed = self.asked(data) if ask else self.answered(data)
                if not ask:
                    await self.passed(data)
                writer.write(passed)
                await writer.drain()
                if len(passed) < len(data):
                    return

    async def passed(self, data: bytes) -> None:
        """Take the time that *data* takes."""

    def asked(self, data: bytes) -> bytes:
        """What of a client's *data* is passed on; if it is not all, the connection is cut."""
        return data

    def answered(self, data: bytes) -> bytes:
        """The same for the server's answers."""
        return data


class SlowProxy(Proxy):
    """A line of *bytes_per_s* to the PC, which all its connections share; hardly anything waits."""

    def __init__(self, port: int, bytes_per_s: int) -> None:
        super().__init__(port)
        self._rate = bytes_per_s
        self._free_at = 0.0

    async def passed(self, data: bytes) -> None:
        """Wait until the line has passed *data* on."""
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + len(data) / self._rate
        await asyncio.sleep(self._free_at - loop.time())


class CuttingProxy(Proxy):
    """Cuts the connection on which the first message is published: once.

    *asked* bytes of the request or *answered* bytes of its reply pass; None: all.
    """

    def __init__(self, port: int, *, asked: int | None = None, answered: int | None = None) -> None:
        super().__init__(port)
        self._let_ask, self._let_answer = asked, answered
        self._publishing = False
        self.cuts = 0

    def asked(self, data: bytes) -> bytes:
        """Find the request to publish."""
        if b"EVAL" not in data or self.cuts:
            return data
        self._publishing = True
        return data if self._let_ask is None else self._cut(data, self._let_ask)

    def answered(self, data: bytes) -> bytes:
        """Cut its reply."""
        if not self._publishing or self._let_answer is None or self.cuts:
            return data
        return self._cut(data, self._let_answer)

    def _cut(self, data: bytes, passed: int) -> bytes:
        self.cuts += 1
        assert passed < len(data)
        return data[:passed]


class Wire:
    """A cable to a PC in a network of its own. ``host``: the address of this end.

    Names and addresses are of this process, for another may run the same tests beside it.
    """

    def __init__(self, number: int) -> None:
        run = os.getpid()
        self._space = f"siaran-{run}-{number}"
        self._near, self._far = f"sn{run}-{number}", f"sf{run}-{number}"
        net = f"10.{200 + run // 256 % 50}.{run % 256}"
        self.host, self._there = f"{net}.{4 * number + 1}", f"{net}.{4 * number + 2}"
        self.inside = ("ip", "netns", "exec", self._space)

    def stall(self) -> None:
        """Lose everything in both directions, without a word to anybody."""
        self._send_astray(self._there, self._near)
        self._send_astray(self.host, self._far, "-n", self._space)

    def flow(self) -> None:
        """Lose nothing any more."""
        _ip("neigh", "del", self._there, "dev", self._near)
        _ip("-n", self._space, "neigh", "del", self.host, "dev", self._far)

    def give_up_soon(self) -> None:
        """Let the PC's TCP give up a connection after seconds, not after a quarter of an hour."""
        write = "echo 3 > /proc/sys/net/ipv4/tcp_retries2"
        subprocess.run([*self.inside, "sh", "-c", write], check=True, capture_output=True)

    def make(self) -> None:
        """Lay the cable.

        Raises:
            CalledProcessError: this account may not.
        """
        _ip("netns", "add", self._space)
        peer = ("type", "veth", "peer", "name", self._far, "netns", self._space)
        _ip("link", "add", self._near, *peer)
        _ip("addr", "add", f"{self.host}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        _ip("-n", self._space, "addr", "add", f"{self._there}/30", "dev", self._far)
        _ip("-n", self._space, "link", "set", self._far, "up")

    def remove(self) -> None:
        """Take it away, as far as it was laid."""
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self._space)

    def _send_astray(self, address: str, card: str, *where: str) -> None:
        _ip(*where, "neigh", "replace", address, "lladdr", NOBODY, "dev", card, "nud", "permanent")


class PulledWire(Wire):
    """Fails by being pulled out at our end; the PC's card sees that."""

    def stall(self) -> None:
        """Take the cable out."""
        _ip("link", "set", self._near, "down")

    def flow(self) -> None:
        """Put it in again."""
        _ip("link", "set", self._near, "up")


class Loopback:
    """An address of loopback whose packets can be lost: for a PC that is no network of its own.

    So Windows' Python under Wine has it, whose sockets are Linux': the packet filter of the Linux
    side drops what comes to or from ``host``, and neither end hears of that.
    """

    inside: tuple[str, ...] = ()

    def __init__(self, number: int) -> None:
        middle = (64 + secrets.randbelow(64), secrets.randbelow(256))
        self.host = f"127.{middle[0]}.{middle[1]}.{number}"
        self._table = f"siaran-{self.host.replace('.', '-')}"

    def stall(self) -> None:
        """Lose everything in both directions, without a word to anybody."""
        for end in ("daddr", "saddr"):
            self._nft("add", "rule", "ip", self._table, "lost", "ip", end, self.host, "drop")

    def flow(self) -> None:
        """Lose nothing any more."""
        self._nft("flush", "chain", "ip", self._table, "lost")

    def make(self) -> None:
        """Make the table of rules, which is empty.

        Raises:
            CalledProcessError: this account may not.
        """
        hook = "{ type filter hook input priority 0; }"
        self._nft("add", "table", "ip", self._table)
        self._nft("add", "chain", "ip", self._table, "lost", hook)

    def remove(self) -> None:
        """Take it away, as far as it was made."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._nft("delete", "table", "ip", self._table)

    def _nft(self, *words: str) -> None:
        linux_side.run(["nft", *words]).check_returncode()


Cable = Wire | Loopback


@contextmanager
def laid(wire: Cable) -> Iterator[bool]:
    """Lay *wire* for the length of a ``with``; False where this account may not."""
    if not _can_make(wire):
        yield False
        return
    try:
        yield _could_make(wire)
    finally:
        wire.remove()


def _can_make(wire: Cable) -> bool:
    if isinstance(wire, Loopback):
        return linux_side.which("nft") is not None
    if sys.platform == "win32":
        return False
    return shutil.which("ip") is not None and os.geteuid() == 0


def _could_make(wire: Cable) -> bool:
    try:
        wire.make()
    except subprocess.CalledProcessError:
        return False
    return True


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
