"""Redis behind Sentinel: the master dies, another takes over, nothing is lost or shown twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from redis.exceptions import RedisError

from shared.errors import LinkLost
from shared.redis_bus import RedisAddress
from shared.redis_bus.client import connected_client, demand_confirmed, demand_master, located
from tests.conftest import LogGuard, until, until_await
from tests.integration.pair import (
    acknowledge,
    connected,
    fill_in,
    press_send,
    running_console,
    running_tray,
    shown,
)
from tests.linux_side import linux_path
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis
SERVICE = "hq"


@dataclass
class Watched:
    """A master with a replica, and a Sentinel that watches them."""

    master: RedisServer
    replica: RedisServer
    sentinel: RedisServer

    @property
    def url(self) -> str:
        """How the programs are told of it."""
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/{SERVICE}"

    def in_step(self) -> bool:
        """Whether the replica has what the master has, and Sentinel knows it."""
        link = self.replica.command("INFO", "replication")
        known = self.sentinel.command("SENTINEL", "REPLICAS", SERVICE)
        return b"master_link_status:up" in link and str(self.replica.port).encode() in known


@pytest.fixture
def watched(redis_server: RedisServer, tmp_path: Path) -> Iterator[Watched]:
    """A master, a replica and a Sentinel."""
    folders = [tmp_path / "replica", tmp_path / "sentinel"]
    for folder in folders:
        folder.mkdir()
    replica = RedisServer(folders[0], "--replicaof", "127.0.0.1", str(redis_server.port))
    sentinel = SentinelServer(folders[1], redis_server.port)
    replica.start()
    sentinel.start()
    try:
        yield Watched(redis_server, replica, sentinel)
    finally:
        for server in (sentinel, replica):
            server.stop()


class SentinelServer(RedisServer):
    """The same program, watching."""

    def __init__(self, folder: Path, master: int) -> None:
        super().__init__(folder)
        self._file = folder / "sentinel.conf"
        self._file.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {linux_path(folder)}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {master} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 600\n"
            f"sentinel failover-timeout {SERVICE} 3000\n",
            encoding="utf-8",
        )

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        self._run(self._file, "--sentinel")


async def test_both_programs_follow_the_master_when_it_dies(
    qapp: QApplication, watched: Watched, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    await until(watched.in_step)
    async with (
        running_tray(watched.url, tmp_path / "tray") as tray,
        running_console(watched.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        assert console.window.link.words.whole().startswith(f"Connected to {SERVICE} (")
        fill_in(console, "Channel 1", "Before", "Body")
        await press_send(console)
        assert await acknowledge(tray) == "Before"
        watched.master.stop("SIGKILL")
        fill_in(console, "Channel 1", "Meanwhile", "Body")
        await until(lambda: located_port(watched) == watched.replica.port)
        await connected(console)
        await press_send(console)
        await until(lambda: console.window.form.notice.text().startswith("Sent"))
        assert await acknowledge(tray) == "Meanwhile"
        assert shown(tmp_path / "tray") == ["Before", "Meanwhile"]


async def test_what_the_old_master_confirms_during_a_failover_does_not_count(
    watched: Watched,
) -> None:
    await until(watched.in_step)
    behind = RedisAddress.from_url(watched.url)
    address = await located(behind)
    assert address.port == watched.master.port
    async with connected_client(address) as client:
        await demand_master(client, address)
        await client.execute_command("INCR", "x")
        await demand_confirmed(client, address, behind)
        confirmed = 1
        watched.sentinel.command("SENTINEL", "FAILOVER", SERVICE)

        async def refused() -> bool:
            nonlocal confirmed
            try:
                count = await client.execute_command("INCR", "x")
                await demand_confirmed(client, address, behind)
            except (LinkLost, RedisError, OSError):
                return True
            confirmed = count
            return False

        await until_await(refused)
    await until(lambda: located_port(watched) == watched.replica.port)
    kept = int(watched.replica.command("GET", "x").split(b"\r\n")[1])
    assert kept >= confirmed


def located_port(watched: Watched) -> int:
    """Where Sentinel says that the master is."""
    answer = watched.sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
    return int(answer.split(b"\r\n")[-2])
