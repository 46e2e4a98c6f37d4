"""How many connections a link has, and that none of them is replaced behind its back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from shared.bus import EndpointReport, LogEntry, LogRange
from shared.errors import LinkLost
from shared.keys import Keys
from shared.model import Endpoint
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.redis_bus.tray_link import RedisTrayLink
from tests.conftest import until
from tests.redis_server import RedisServer

KEYS = Keys()
TILL = Endpoint("JKT-014", "till-1")
REPORT = EndpointReport(
    outlet="JKT-001",
    pc="till-1",
    channels=["East"],
    version="1",
    system="test",
    instance="i",
    machine="m",
    started_at=1,
    seen_at=1,
)


def clients(server: RedisServer) -> list[str]:
    """What Redis says of everybody's connections but the one that asks."""
    lines = server.command("CLIENT", "LIST").decode().splitlines()
    return [line for line in lines if " cmd=" in line and "cmd=client|list" not in line]


def subscribed(server: RedisServer) -> list[str]:
    """Those of them that are subscribed."""
    return [line for line in clients(server) if " sub=0 " not in line]


def kill_commands(server: RedisServer) -> None:
    """End all connections that are not subscribed."""
    assert server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == b":1\r\n"


async def stuck(server: RedisServer, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start *work*, which writes, and wait until Redis has its command but does not answer."""
    server.command("CLIENT", "PAUSE", "60000", "WRITE")
    task = asyncio.create_task(work)
    await until(lambda: any(" flags=b " in line for line in clients(server)))
    return task


@asynccontextmanager
async def tray(server: RedisServer) -> AsyncIterator[RedisTrayLink]:
    """A tray's link."""
    async with RedisTrayBus(RedisAddress(port=server.port), KEYS).open(["*", "East"], TILL) as link:
        yield link


async def test_a_tray_has_two_connections_whatever_it_does(redis_server: RedisServer) -> None:
    async with tray(redis_server) as link:
        arrivals = link.arrivals()
        async with RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as console:
            await console.publish("id-1", ["*", "East"], b"{}", 60_000)
            await asyncio.gather(console.time_ms(), console.connected(["*", "East"], 0))
            live: list[object] = []
            while len(live) < 2:
                live += await anext(arrivals)
            assert all(isinstance(one, LogEntry) for one in live)
            for _ in range(3):
                await asyncio.gather(
                    link.heartbeat(REPORT),
                    link.time_ms(),
                    link.last_ids(["*", "East"]),
                    *(link.read_log(channel, None, 10) for channel in ("*", "East")),
                )
            assert len(clients(redis_server)) == 3, "two of the tray, one of the console"
        await until(lambda: len(clients(redis_server)) == 2)
        assert len(subscribed(redis_server)) == 1
    await until(lambda: not clients(redis_server))


async def test_a_killed_command_connection_ends_the_link(redis_server: RedisServer) -> None:
    async with tray(redis_server) as link:
        await link.heartbeat(REPORT)
        kill_commands(redis_server)
        for _ in range(3):
            with pytest.raises(LinkLost):
                await link.heartbeat(REPORT)
            with pytest.raises(LinkLost):
                await link.time_ms()
        assert clients(redis_server) == subscribed(redis_server), "nothing took its place"


async def test_all_who_wait_for_a_connection_that_dies_hear_of_it(
    redis_server: RedisServer,
) -> None:
    async with tray(redis_server) as link:
        first = await stuck(redis_server, link.heartbeat(REPORT))
        others = [asyncio.create_task(link.time_ms()) for _ in range(4)]
        kill_commands(redis_server)
        for task in (first, *others):
            with pytest.raises(LinkLost):
                await task
        assert clients(redis_server) == subscribed(redis_server)


async def test_a_tray_says_goodbye_although_a_command_was_cancelled(
    redis_server: RedisServer,
) -> None:
    async with tray(redis_server) as link:
        heartbeat = await stuck(redis_server, link.heartbeat(REPORT))
        heartbeat.cancel()
        with pytest.raises(asyncio.CancelledError):
            await heartbeat
        redis_server.command("CLIENT", "UNPAUSE")
        await link.leave(msgspec.structs.replace(REPORT, left=True))
        await until(lambda: len(clients(redis_server)) == 2)
    assert b'"left":true' in redis_server.command("HVALS", KEYS.endpoints)


async def test_who_asks_first_is_served_first(redis_server: RedisServer) -> None:
    async with RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as link:

        async def send(number: int) -> None:
            for _ in range(3):
                await link.time_ms()
            await link.publish(f"id-{number}", ["East"], b"%d" % number, 60_000)

        await asyncio.gather(*map(send, range(20)))
        [entries] = await link.read_logs([LogRange("East", 20)])
        assert [entry.envelope for entry in reversed(entries)] == [b"%d" % one for one in range(20)]
