"""Several sessions of one PC: an answer in one of them reaches the others, also without Redis.

Real trays, each in a session of its own. That other users are logged on says a stand-in for logind;
that somebody is another user says the kernel.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import structs
from redis import Redis

if sys.platform != "linux":
    pytest.skip("sessions are displays only there", allow_module_level=True)

from admin_app.draft import Draft
from admin_app.session import ConsoleSession
from shared.keys import Keys
from shared.model import Ack, Level, new_message_id
from tests.conftest import LogGuard, until
from tests.integration.buses import FakeLogind, MessageBus
from tests.integration.fault_tools import TrayProcess, running_console, send
from tests.redis_server import RedisServer
from tray_client.inbox import read_messages
from tray_client.records import InboxMessage, State

pytestmark = pytest.mark.redis
ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
WITHIN_S = 10.0
BUDI = ("JKT-001/till-1", "budi", "Ya")
CONSOLE_RECONNECTS = "reconnecting: "
NEIGHBOUR = """
import os, sys
from shared.instance.answered import LocalAnswer
from shared.instance.unix_neighbours import tell_neighbours
os.setuid(int(sys.argv[1]))  # who may not be able to read the modules
tell_neighbours(LocalAnswer(sys.argv[2], int(sys.argv[3]), "Ya"))
"""
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@asynccontextmanager
async def two_sessions(
    server: RedisServer, short: Path, heartbeat_s: int = 60
) -> AsyncIterator[list[TrayProcess]]:
    """Two trays of one user, who is logged in twice; nobody presses OK."""
    trays = []
    for display in (":71", ":72"):
        environ = {"DISPLAY": display, "TMPDIR": str(short), "XDG_RUNTIME_DIR": ""}
        place = short / display.strip(":")
        tray = TrayProcess(
            server.url, place, data=short / "data", environ=environ, heartbeat_s=heartbeat_s
        )
        trays.append(tray)
        await tray.start()
    try:
        with trays[0].left_alone(), trays[1].left_alone():
            yield trays
        for tray in trays:
            await tray.stop()
    finally:
        for tray in trays:
            tray.kill()


def stored(folder: Path, message_id: str) -> InboxMessage | None:
    """A message as an inbox has it."""
    return next((one for one in read_messages(folder) if one.id == message_id), None)


def state(folder: Path, message_id: str) -> State | None:
    """How far it has come there."""
    found = stored(folder, message_id)
    return None if found is None else found.state


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
async def test_an_answer_in_one_session_closes_the_other_without_redis(
    redis_server: RedisServer, short: Path, log_guard: LogGuard, level: Level
) -> None:
    log_guard.expect(CONSOLE_RECONNECTS)
    folders = [short / "data", short / "data" / "session-2"]
    async with two_sessions(redis_server, short) as trays:
        async with running_console(redis_server.url) as console:
            draft = Draft(channels=["Channel 1"], title="Fire", body="Now.", level=level)
            sent = await send(console, draft)
            await until(lambda: all(sent in tray.screen.painted_at() for tray in trays))
            redis_server.stop()
        (short / "71" / "spot" / "hold").unlink()
        await until(lambda: sent in trays[0].screen.answered())
        await until(lambda: state(folders[1], sent) is State.ACKNOWLEDGED, WITHIN_S)
        (short / "71" / "spot" / "hold").touch()
        first, second = (stored(folder, sent) for folder in folders)
        assert first is not None
        assert second is not None
        assert second.acknowledged_at == second.told_at == first.acknowledged_at
        assert second.answered_by == "JKT-001/till-1"
        assert sent not in trays[1].screen.answered(), "nobody pressed anything there"
        redis_server.start()


async def test_what_another_session_told_is_not_contradicted_and_a_forgery_is(
    redis_server: RedisServer, short: Path
) -> None:
    keys, here = Keys(), "JKT-001/till-1"
    async with (
        two_sessions(redis_server, short, heartbeat_s=5) as trays,
        running_console(redis_server.url) as console,
    ):
        with Redis(port=redis_server.port, decode_responses=True) as redis:
            draft = Draft(channels=["Channel 1"], title="Fire", body="x", level=Level.URGENT)
            honest = await send(console, draft)
            await until(lambda: all(honest in tray.screen.painted_at() for tray in trays))
            await heartbeats(redis, 2)
            (short / "71" / "spot" / "hold").unlink()
            await until(lambda: state(short / "data" / "session-2", honest) is State.ACKNOWLEDGED)
            (short / "71" / "spot" / "hold").touch()
            forged = await send(console, structs.replace(draft, id=new_message_id()))
            await until(lambda: all(forged in tray.screen.painted_at() for tray in trays))
            await heartbeats(redis, 2)
            entry = json.loads(redis.hget(keys.receipts(forged), here) or "{}")
            redis.hset(keys.receipts(forged), here, json.dumps({**entry, "a": entry["r"] + 1}))
            await until(lambda: redis.hget(keys.receipts(forged), f"!{here}"))
            assert redis.hget(keys.receipts(honest), f"!{here}") is None
        assert state(short / "data", forged) is State.DISPLAYED


async def heartbeats(redis: Redis, number: int) -> None:
    """Wait until both trays have written so many heartbeats."""
    seen: set[float | None] = set()

    def enough() -> bool:
        seen.add(redis.zscore("siaran:seen", "JKT-001/till-1"))
        return len(seen) > 2 * number

    await until(enough)


def told(folder: Path, message_id: str) -> tuple[str, str, str]:
    """Who is said to have answered a message, and what."""
    found = stored(folder, message_id)
    assert found is not None
    return found.answered_by, found.answered_user, found.reply


async def ask_for_answer(console: ConsoleSession, level: Level) -> str:
    """Send a message that one PC of the outlet is to answer."""
    draft = Draft(
        channels=["Channel 1"],
        title="Stok",
        body="Masih ada?",
        level=level,
        ack=Ack.OUTLET,
        replies=["Ya"],
    )
    return await send(console, draft)


async def as_nobody(message_id: str, at: int) -> None:
    """Another user's tray tells of an answer."""
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NEIGHBOUR, str(NOBODY), message_id, str(at)), cwd=ROOT
    )
    assert await done.wait() == 0


@as_root
@needs_bus
@pytest.mark.parametrize("logged_on", [True, False])
async def test_another_user_s_answer_closes_what_is_quiet_if_he_is_logged_on(
    redis_server: RedisServer, short: Path, logged_on: bool
) -> None:
    bus = MessageBus(short)
    bus.start()
    logind = FakeLogind()
    logind.users = {NOBODY: "budi"} if logged_on else {1: "daemon"}
    environ = {"TMPDIR": str(short), "DBUS_SYSTEM_BUS_ADDRESS": bus.address, "DISPLAY": ":71"}
    tray = TrayProcess(redis_server.url, short / "tray", environ=environ)
    try:
        async with logind.on(bus) as service, running_console(redis_server.url) as console:
            await tray.start()
            with tray.left_alone():
                quiet = await ask_for_answer(console, Level.IMPORTANT)
                loud = await ask_for_answer(console, Level.URGENT)
                await until(lambda: loud in tray.screen.painted_at())
                for message_id in (quiet, loud):
                    found = stored(tray.data, message_id)
                    assert found is not None
                    await as_nobody(message_id, found.received_at + 1)
                await until(lambda: "GetUser" in service.calls)
                if logged_on:
                    await until(lambda: state(tray.data, quiet) is State.ACKNOWLEDGED, WITHIN_S)
                    await until(lambda: told(tray.data, loud) == told(tray.data, quiet) == BUDI)
                assert state(tray.data, loud) is State.DISPLAYED
            await until(lambda: loud in tray.screen.answered())
            await until(lambda: state(tray.data, loud) is State.ACKNOWLEDGED)
            if not logged_on:  # it had to be asked here, after the loud one
                await until(lambda: quiet in tray.screen.answered())
                assert told(tray.data, loud) == told(tray.data, quiet) == ("", "", "")
            await tray.stop()
    finally:
        tray.kill()
        bus.stop()
