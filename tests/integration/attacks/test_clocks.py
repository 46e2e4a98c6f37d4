"""A Redis whose clock jumps: nothing is lost, an emergency comes at once, and Send asks first."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.errors import EXIT_OK, EXIT_REFUSED, ClockInDoubt
from shared.keys import Keys
from shared.model import DAY_MS, HOUR_MS
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Settings
from tests import linux_side
from tests.conftest import LogGuard, until
from tests.integration.attacks.conftest import running_site
from tests.integration.attacks.guarded import (
    CHANNEL,
    ShippedRedis,
    Site,
    Who,
    emergency_arrives,
    painted,
    send_emergency,
)
from tests.integration.pair import acknowledge, connected, open_popup, running_tray
from tests.integration.test_command_line import run
from tests.integration.test_sentinel import SentinelServer, Watched
from tests.redis_server import RedisServer

LIBRARY = "faketime/libfaketime.so.1"
HEARTBEAT_S = 10
"""The shortest that can be set."""


class Clock:
    """The clock of one server, which the test sets (libfaketime)."""

    def __init__(self, file: Path, library: str) -> None:
        self._file = file
        self.environ = {
            # libc goes before jemalloc, which asks for the time before libfaketime is ready.
            "LD_PRELOAD": f"{library}:libc.so.6",
            "FAKETIME_TIMESTAMP_FILE": linux_side.linux_path(file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        self.ahead(0)

    def ahead(self, ms: int) -> None:
        """Let it be so far ahead of the time; below 0: behind."""
        beside = self._file.with_suffix(".new")
        beside.write_bytes(b"%+d\n" % (ms // 1000))
        beside.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that servers of this test go by."""
    found = linux_side.run(["sh", "-c", f"echo /usr/lib/*/{LIBRARY}"]).stdout.strip()
    if "*" in found:
        if os.environ.get("CI"):
            pytest.fail("CI needs faketime")
        pytest.skip("NO faketime: NOT TESTED")
    clock = Clock(tmp_path / "clock", found.split()[0])
    monkeypatch.setattr(ShippedRedis, "environ", clock.environ)
    return clock


@pytest.fixture
def timed_site(clock: Clock, tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server with accounts and that clock."""
    yield from running_site(Who.CONSOLE, tmp_path, accounts)


@pytest.mark.parametrize("jump", [100 * DAY_MS, -5 * HOUR_MS], ids=["100 days", "-5 hours"])
async def test_redis_clock_jumps_and_comes_back(
    qapp: QApplication, timed_site: Site, clock: Clock, log_guard: LogGuard, jump: int
) -> None:
    log_guard.expect("Redis' clock|skipped something")
    urgent = Draft(channels=[CHANNEL], title="Before", body="It waits.")
    async with timed_site.console() as console:
        async with timed_site.tray(heartbeat_seconds=HEARTBEAT_S) as tray:
            await connected(tray)
            await console.send(urgent)
            await until(lambda: open_popup(tray))
            clock.ahead(jump)
            await until(lambda: console.clock_doubt)
            with pytest.raises(ClockInDoubt, match="server's clock says"):
                await console.send(Draft(channels=[CHANNEL], title="Refused", body="x"))
            await emergency_arrives(console, tray, despite_clock=True, stays_s=0)
            await until(lambda: tray.clock.in_doubt)
            await emergency_arrives(console, tray, despite_clock=True, stays_s=0.3)
            missed = Draft(channels=[CHANNEL], title="Missed", body="Sent while it was off.")
        await console.send(missed, despite_clock=True)
        clock.ahead(0)
        await until(lambda: console.clock_doubt is None)
        async with timed_site.tray(heartbeat_seconds=HEARTBEAT_S) as tray:
            await connected(tray)
            assert not tray.clock.in_doubt
            assert {await acknowledge(tray), await acknowledge(tray)} == {"Before", "Missed"}
            await emergency_arrives(console, tray, stays_s=0)
            assert tray.session.waiting() == 0


async def test_a_master_with_another_clock_takes_over(
    qapp: QApplication, redis_server: RedisServer, clock: Clock, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock|reconnecting: ")
    folders = [tmp_path / name for name in ("replica", "sentinel")]
    for folder in folders:
        folder.mkdir()
    clock.ahead(-5 * HOUR_MS)
    replica = RedisServer(folders[0], "--replicaof", "127.0.0.1", str(redis_server.port))
    replica.environ = clock.environ
    servers = Watched(redis_server, replica, SentinelServer(folders[1], redis_server.port))
    replica.start()
    servers.sentinel.start()
    try:
        await until(servers.in_step)
        bus = RedisConsoleBus(RedisAddress.from_url(servers.url), Keys())
        console = ConsoleSession(bus, Sender(Settings()))
        task = asyncio.create_task(console.run())
        async with running_tray(servers.url, tmp_path / "tray", outlet="JKT-001") as tray:
            await connected(tray)
            await until(lambda: console.status.state is LinkState.CONNECTED)
            await emergency_arrives(console, tray, stays_s=0)
            redis_server.stop("SIGKILL")
            await until(lambda: console.clock_doubt)
            await until(lambda: tray.clock.in_doubt)
            await emergency_arrives(console, tray, despite_clock=True, stays_s=0)
            assert tray.session.waiting() == 0
        task.cancel()
        await asyncio.wait([task])
    finally:
        for server in (servers.sentinel, replica):
            server.stop()


async def test_a_tray_that_was_off_shows_what_is_sent_while_redis_is_wrong_and_after(
    qapp: QApplication, timed_site: Site, clock: Clock, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock|skipped something")
    async with timed_site.console() as console:
        async with timed_site.tray() as tray:
            await connected(tray)
        clock.ahead(100 * DAY_MS)
        await until(lambda: console.clock_doubt)
        async with timed_site.tray() as tray:
            await connected(tray)
            await emergency_arrives(console, tray, despite_clock=True, stays_s=0)
        clock.ahead(0)
        await until(lambda: console.clock_doubt is None)
        for name in ("tray", "new"):
            async with timed_site.tray(name) as tray:
                await connected(tray)
                await painted(tray, await send_emergency(console), time.monotonic())


async def test_a_command_refuses_to_send_unless_it_is_told_to_trust_the_clock(
    timed_site: Site, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", timed_site.password("console"))
    where = ("--redis-url", timed_site.server.url, "--data-dir", str(tmp_path / "console"))
    message = ("--channel", CHANNEL, "--title", "T", "--message", "x", "--json")

    async def send(*options: str) -> tuple[int, str]:
        done = await asyncio.to_thread(run, "admin_app", "send", *message, *where, *options)
        return done.returncode, done.stderr.decode()

    assert await send() == (EXIT_OK, "")
    clock.ahead(100 * DAY_MS)
    code, words = await send()
    assert code == EXIT_REFUSED
    assert "server's clock says" in words
    assert (await send("--trust-clock"))[0] == EXIT_OK
    kept = json.loads((tmp_path / "console" / "clock.json").read_text(encoding="utf-8"))
    assert kept["offset"] > 99 * DAY_MS
    clock.ahead(0)
    assert (await send())[0] == EXIT_OK, "this PC's clock agrees"


async def test_a_reminder_by_a_command_trims_no_log_by_a_clock_that_is_ahead(
    timed_site: Site, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", timed_site.password("console"))
    where = ("--redis-url", timed_site.server.url, "--data-dir", str(tmp_path / "console"))
    message = ("--channel", CHANNEL, "--title", "T", "--message", "x", "--json")

    async def command(*words: str) -> dict[str, str]:
        done = await asyncio.to_thread(run, "admin_app", *words, *where)
        assert done.returncode == EXIT_OK, done.stderr.decode()
        return dict(json.loads(done.stdout))

    log = Keys("siaran").log(CHANNEL)
    ten_days_ago = int(time.time() * 1000) - 10 * DAY_MS
    with timed_site.raw("console") as raw:
        raw.say("XADD", log, f"{ten_days_ago}-0", "e", "", "p", "0-0")
        sent = (await command("send", *message))["id"]
        clock.ahead(6 * DAY_MS)  # by that what is older than eight days is too old for its log
        await command("remind", sent, "--json")
        rows = raw.say("XREVRANGE", log, "+", "-")
    assert isinstance(rows, list)
    assert len(rows) == 3
