"""Nothing lost, nothing twice, when the link or the server fails in the middle of a stream."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from admin_app.draft import Draft
from tests.conftest import LogGuard
from tests.integration import faults
from tests.integration.fault_links import CuttingProxy
from tests.integration.fault_tools import running_console, send
from tests.integration.faults import Fault, Size, whole
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]
CONSOLE_RECONNECTS = "reconnecting: "


@pytest.mark.parametrize(
    "fault", [faults.connection_killed, faults.scripts_flushed, faults.output_buffer_overflows]
)
async def test_a_link_that_is_cut_loses_nothing(
    fault: Fault, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(CONSOLE_RECONNECTS)
    whole(await faults.run(fault, tmp_path / "stage", Size()))


async def test_a_server_that_is_killed_and_starts_again_loses_nothing(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(CONSOLE_RECONNECTS)
    always = faults.APPEND_ALWAYS
    whole(await faults.run(faults.redis_killed, tmp_path / "stage", Size(), redis=always))


async def test_a_publication_cut_at_any_byte_is_one_message_after_the_retry(
    redis_server: RedisServer, log_guard: LogGuard
) -> None:
    """The reply is lost from each of its bytes on, or the request from some of its bytes on."""
    log_guard.expect(CONSOLE_RECONNECTS)
    async with running_console(redis_server.url) as console:
        await send(console, Draft(title="Loads the script", body="Body"))
    reply = len(b"*2\r\n:0\r\n$15\r\n1700000000000-0\r\n")
    proxies = [CuttingProxy(redis_server.port, answered=passed) for passed in range(reply)]
    proxies += [CuttingProxy(redis_server.port, asked=passed) for passed in range(0, 300, 30)]

    async def one(proxy: CuttingProxy) -> str:
        async with proxy, running_console(proxy.url) as console:
            sent = await send(console, Draft(title="Once", body="Body"))
            assert proxy.cuts == 1
            return sent

    ids = await asyncio.gather(*map(one, proxies))
    logged = redis_server.command("XRANGE", "{siaran}:log-all", "-", "+")
    assert [logged.count(f'\\"id\\":\\"{one}\\"'.encode()) for one in ids] == [1] * len(ids)
    length = redis_server.command("XLEN", "{siaran}:log-all")
    assert length == b":%d\r\n" % (1 + len(ids))
