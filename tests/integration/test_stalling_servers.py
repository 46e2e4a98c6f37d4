"""Servers that leave a connection hanging, by the system's sockets: what both windows say of it.

Each stands at the address of a real server, which takes over in the end.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.bus import LinkState
from shared.redis_bus.connection import CONNECT_TIMEOUT_S
from tests.conftest import LogGuard, until
from tests.integration.pair import connected, running_console, running_tray
from tests.redis_server import RedisServer

LONGEST_PAUSE_S = 1.0
"""How long a window may not react; the machine may be busy."""
SLACK_S = 5.0
NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Close with RST."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def sends_half_a_reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"+O")
    await writer.drain()
    await reader.read()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    link = writer.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


async def resets_at_once(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    link = writer.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


SERVERS: dict[str, tuple[Serve, str]] = {
    "says nothing": (says_nothing, "does not answer in time"),
    "sends half a reply": (sends_half_a_reply, "does not answer in time"),
    "resets": (resets, "hung up without an answer"),
    "resets at once": (resets_at_once, "hung up without an answer"),
}


@asynccontextmanager
async def standing_in(server: RedisServer, serve: Serve) -> AsyncIterator[None]:
    """Another one at the address of *server*, which is back afterwards."""
    server.stop()
    open_links: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_links.add(writer)
        try:
            await serve(reader, writer)
        except OSError:  # a program has let go of it
            pass
        finally:
            writer.close()

    stand_in = await asyncio.start_server(answer, "127.0.0.1", server.port)
    try:
        yield
    finally:
        stand_in.close()
        for link in open_links:
            link.close()
        server.start()


@asynccontextmanager
async def responsive() -> AsyncIterator[None]:
    """The windows' loop may not stand still meanwhile."""
    loop = asyncio.get_running_loop()
    pauses = [0.0]

    async def tick() -> None:
        last = loop.time()
        while True:
            await asyncio.sleep(0.05)
            pauses.append(loop.time() - last)
            last = loop.time()

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticking.cancel()
    assert max(pauses) < LONGEST_PAUSE_S


@pytest.mark.parametrize("kind", SERVERS)
async def test_it_is_said_in_time_and_does_not_hold_up_the_windows(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard, kind: str
) -> None:
    log_guard.expect("reconnecting")
    serve, words = SERVERS[kind]
    loop = asyncio.get_running_loop()
    async with (
        running_tray(redis_server.url, tmp_path / "tray") as tray,
        running_console(redis_server.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        async with standing_in(redis_server, serve), responsive():
            began = loop.time()
            for app in (tray, console):
                await until(lambda app=app: words in str(app.session.status.error))  # type: ignore[misc]
            # One of the first attempts, each of which may take so long.
            assert loop.time() - began < 2 * CONNECT_TIMEOUT_S + SLACK_S
            await until(lambda: words in console.window.link.words.whole())
            assert tray.session.status.state is LinkState.RECONNECTING
        await connected(tray, console)


async def test_a_name_that_nobody_has_is_said_in_time_and_does_not_hold_up_the_windows(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting")
    url = "redis://hq-redis.invalid:6379"
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with (
        responsive(),
        running_tray(url, tmp_path / "tray") as tray,
        running_console(url, tmp_path / "console") as console,
    ):
        await until(lambda: tray.session.status.error and console.session.status.error)
        assert loop.time() - began < CONNECT_TIMEOUT_S + SLACK_S
        assert "hq-redis.invalid" in console.window.link.words.whole()
        assert "hq-redis.invalid" in str(tray.session.status.error)
