"""Thousands of connections without a login: what the page for IT has against them, tried.

Redis counts a connection before it asks who it is, so whoever reaches its port can take all that
there are. The shipped lines for nftables are loaded in a network namespace in which a Redis runs;
the PCs are addresses on this end of a cable to it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.integration.attacks.guarded import SHIPPED
from tests.integration.fault_links import Wire, laid
from tests.redis_server import RedisServer, fitting, server_program

RULES = SHIPPED / "nftables.conf"
PORT = 6379
MOST = 64
"""Connections that the rules allow to one address."""
BURST = 100
CLIENTS = 150
"""What this Redis has instead of 30,000."""
ATTACK = 300
NUMBERS = itertools.count(20)
"""Of cables: a network that was removed may be there for a moment longer."""


class Cable(Wire):
    """A cable to the server's network; two PCs are at this end of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.there = self._there
        self.another = f"{self.host.rpartition('.')[0]}.{200 + number}"

    def make(self) -> None:
        """Lay it, and give this end the other PC's address."""
        super().make()
        for words in (
            ("addr", "add", f"{self.another}/32", "dev", self._near),
            ("-n", self._space, "route", "add", f"{self.another}/32", "dev", self._far),
        ):
            subprocess.run(["ip", *words], check=True, capture_output=True)


class FarRedis(RedisServer):
    """A server behind a cable, with the shipped configuration and few connections."""

    def __init__(self, folder: Path, host: str, inside: tuple[str, ...], users: Path) -> None:
        super().__init__(folder)
        self.host, self.port = host, PORT
        text = fitting((SHIPPED / "redis.conf").read_text(encoding="utf-8"))
        text = text.replace("/etc/siaran-redis/users.acl", str(users))
        self._file = folder / "redis.conf"
        self._file.write_text(f"{text}\ndir {folder}\nmaxclients {CLIENTS}\n", encoding="utf-8")
        self._inside = inside

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        program = server_program()
        assert program is not None
        command = [*self._inside, program, str(self._file), *options]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()

    def command(self, *arguments: str | bytes) -> bytes:
        """Ask it something without a login."""
        assert arguments == ("PING",)
        with socket.create_connection((self.host, PORT), timeout=5) as client:
            return asked(client)


def asked(client: socket.socket) -> bytes:
    """What Redis answers to a PING."""
    client.sendall(b"PING\r\n")
    return client.recv(100)


@pytest.fixture
def far(tmp_path: Path, accounts: Path) -> Iterator[tuple[FarRedis, Cable]]:
    """A server at the other end of a cable."""
    if shutil.which("nft") is None or os.geteuid() != 0:
        pytest.skip("no nft, or not root: the lines for nftables are NOT TESTED")
    wire = Cable(next(NUMBERS))
    with laid(wire) as there:
        if not there:
            pytest.skip("no network namespaces here: the lines for nftables are NOT TESTED")
        server = FarRedis(tmp_path, wire.there, wire.inside, accounts / "users.acl")
        server.start()
        try:
            yield server, wire
        finally:
            server.stop()


def load_rules(wire: Cable) -> None:
    """As the page says, twice: loading them again is the same."""
    for _ in range(2):
        subprocess.run([*wire.inside, "nft", "-f", str(RULES)], check=True, capture_output=True)


def attack(server: FarRedis, stack: ExitStack) -> list[socket.socket]:
    """Open connections until twenty were refused, and keep those that Redis has taken."""
    taken: list[socket.socket] = []
    refused = 0
    while refused < 20 and len(taken) < ATTACK:
        client = socket.socket()
        client.settimeout(0.3)
        try:
            client.connect((server.host, PORT))
            good = asked(client).startswith(b"-NOAUTH")
        except OSError:
            good = False
        if good:
            taken.append(stack.enter_context(client))
        else:
            client.close()
            refused += 1
    return taken


def ask_from(address: str, server: FarRedis) -> bytes:
    """What another PC is answered."""
    with socket.create_connection((server.host, PORT), 5, (address, 0)) as client:
        return asked(client)


def test_without_the_rules_one_pc_takes_every_connection(far: tuple[FarRedis, Cable]) -> None:
    server, wire = far
    with ExitStack() as stack:
        assert len(attack(server, stack)) == CLIENTS
        with suppress(OSError):
            assert b"max number of clients" in ask_from(wire.another, server)


def test_with_the_rules_it_takes_64_and_every_other_pc_gets_in(far: tuple[FarRedis, Cable]) -> None:
    server, wire = far
    load_rules(wire)
    with ExitStack() as stack:
        assert len(attack(server, stack)) == MOST
        assert ask_from(wire.another, server).startswith(b"-NOAUTH")
    until = time.monotonic() + 20
    while True:  # when it has let go, it gets in again
        with suppress(OSError):
            assert server.command("PING").startswith(b"-NOAUTH")
            break
        assert time.monotonic() < until
        time.sleep(0.2)


def test_with_the_rules_a_pc_cannot_come_and_go_all_the_time(far: tuple[FarRedis, Cable]) -> None:
    server, wire = far
    load_rules(wire)
    begun, came = time.monotonic(), 0
    for _ in range(ATTACK):
        client = socket.socket()
        client.settimeout(0.02)
        with suppress(OSError):
            client.connect((server.host, PORT))
            came += 1
        client.close()
    took = time.monotonic() - begun
    assert BURST // 2 < came < BURST + 20 * (took + 2)
    assert ask_from(wire.another, server).startswith(b"-NOAUTH")
