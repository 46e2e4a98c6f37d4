"""Nothing lost, nothing twice, with fifty trays on one Redis that loses all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import LogGuard, until
from tests.integration.fault_tools import running_console, stream
from tests.integration.quiet_till import tills
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis
TRAYS = 50


async def test_fifty_trays_that_are_cut_off_at_once_each_show_each_message_once(
    redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    async with (
        tills(redis_server.url, tmp_path, TRAYS) as trays,
        running_console(redis_server.url) as console,
    ):
        await until(lambda: all(tray.connected for tray in trays))
        ids = await stream(console, 20, 50)
        redis_server.command("CLIENT", "KILL", "TYPE", "pubsub")
        ids += await stream(console, 20, 50)
        await until(lambda: all(len(tray.shown) >= len(ids) for tray in trays))
        ids += await stream(console, 1, 1)
        await until(lambda: all(ids[-1] in tray.shown for tray in trays))
    assert [tray.shown for tray in trays if sorted(tray.shown) != sorted(ids)] == []
