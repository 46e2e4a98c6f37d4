"""The registry and the list of expected outlets, with the console's own account."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from admin_app.draft import Draft
from admin_app.reports import Report
from admin_app.sending import Sender
from shared.bus import EndpointReport
from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.model import Endpoint
from shared.outlets import ExpectedOutlet, OutletList
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.redis_bus.client import connected_client
from shared.redis_bus.console_link import RedisConsoleLink
from shared.settings import Settings
from tests.conftest import LogGuard
from tests.integration.test_acl import guarded  # noqa: F401  # a fixture
from tests.redis_server import RedisServer

KEYS = Keys()
NOW = 1_800_000_000_000
OUTLETS = [
    ExpectedOutlet(outlet="JKT-001", name="Kemang", pcs=["a"], channels=["Channel 1"]),
    ExpectedOutlet(outlet="BDG-002"),
]


def account(server: RedisServer, name: str) -> RedisAddress:
    """One of the accounts in ``users.acl``."""
    return RedisAddress(port=server.port, username=name, password=f"CHANGE-{name}")


@asynccontextmanager
async def console(server: RedisServer) -> AsyncIterator[RedisConsoleLink]:
    """A console's link."""
    async with RedisConsoleBus(account(server, "console"), KEYS).open() as link:
        yield link


def report(pc: str, *channels: str) -> EndpointReport:
    """What the tray of JKT-001/*pc* says."""
    return EndpointReport(
        outlet="JKT-001",
        pc=pc,
        channels=list(channels),
        version="1",
        system="test",
        instance=pc,
        machine=pc,
        started_at=NOW,
        seen_at=NOW,
        refused=3,
    )


async def beat(server: RedisServer, *reports: EndpointReport) -> None:
    """Register endpoints, as their own account."""
    bus = RedisTrayBus(account(server, "outlet"), KEYS)
    async with bus.open(["*"], Endpoint("JKT-001", "a")) as link:
        for one in reports:
            await link.heartbeat(one)


async def test_every_console_sees_the_list_that_one_has_written(
    guarded: RedisServer,  # noqa: F811
) -> None:
    async with console(guarded) as link, console(guarded) as other:
        assert await other.expected_outlets() == OutletList([], "")
        await link.write_expected_outlets("", OUTLETS)
        theirs = await other.expected_outlets()
        assert theirs.outlets == OUTLETS
        await other.write_expected_outlets(theirs.stamp, [])
        assert (await link.expected_outlets()).outlets == []


async def test_who_comes_second_overwrites_nothing_and_may_repeat_what_is_done(
    guarded: RedisServer,  # noqa: F811
) -> None:
    async with console(guarded) as link, console(guarded) as other:
        await link.write_expected_outlets("", OUTLETS)
        await link.write_expected_outlets("", OUTLETS)  # the reply was lost
        with pytest.raises(ChangedMeanwhile):
            await other.write_expected_outlets("", OUTLETS[:1])
        read = await other.expected_outlets()
        assert read.outlets == OUTLETS
        await link.write_expected_outlets(read.stamp, [])
        with pytest.raises(ChangedMeanwhile):
            await other.write_expected_outlets(read.stamp, OUTLETS[:1])
        assert (await other.expected_outlets()).outlets == []


async def test_what_is_no_list_counts_as_none(
    guarded: RedisServer,  # noqa: F811
    log_guard: LogGuard,
) -> None:
    log_guard.expect("list of outlets in Redis cannot be read")
    async with console(guarded) as link:
        await link._client.execute_command("SET", KEYS.outlets, b"\xff{")
        read = await link.expected_outlets()
        assert read.outlets == []
        with pytest.raises(ChangedMeanwhile):
            await link.write_expected_outlets("", OUTLETS)
        await link.write_expected_outlets(read.stamp, OUTLETS)


async def test_a_forgotten_endpoint_is_gone_everywhere_and_a_living_one_comes_back(
    guarded: RedisServer,  # noqa: F811
) -> None:
    a, b = report("a", "Channel 1"), report("b", "Channel 1", "Channel 2")
    await beat(guarded, a, b)
    async with console(guarded) as link:
        assert {one.endpoint: one.refused for one in await link.endpoints()} == {
            "JKT-001/a": 3,
            "JKT-001/b": 3,
        }
        await link.forget_endpoints([b])
        assert [one.endpoint for one in await link.endpoints()] == ["JKT-001/a"]
        assert set((await link.seen("*", 0)).seen) == {"JKT-001/a"}
        assert set((await link.seen("Channel 1", 0)).seen) == {"JKT-001/a"}
        assert (await link.seen("Channel 2", 0)).seen == {}
        await beat(guarded, b)
        assert len(await link.endpoints()) == 2


async def test_a_registry_of_many_is_read_whole(guarded: RedisServer) -> None:  # noqa: F811
    many = [report(f"pc-{number}") for number in range(2000)]
    await beat(guarded, *many)
    async with console(guarded) as link:
        found = await link.endpoints()
    assert sorted(one.pc for one in found) == sorted(one.pc for one in many)
    assert msgspec.structs.replace(many[0], seen_at=NOW) in found


@pytest.mark.parametrize("score", ["+inf", "-inf", "1e300", "-1"])
async def test_a_score_that_is_no_time_keeps_nobody_from_sending(
    guarded: RedisServer,  # noqa: F811
    score: str,
) -> None:
    """Any outlet's account may write one; the message had left, and the console failed of it."""
    await beat(guarded, report("a", "Channel 1"))
    async with connected_client(account(guarded, "outlet")) as outlet:
        for name in ("siaran:seen", "siaran:seen:Channel%201", "siaran:first"):
            await outlet.execute_command("ZADD", name, score, "JKT-001/x")
    sender = Sender(Settings())
    async with console(guarded) as link:
        draft = Draft(channels=["Channel 1", "Channel 2"], title="T", body="B")
        sent = await sender.send(link, draft)
        assert sent.expected is not None
        found = Report(sent.message, lambda: link, sender.expected_since)
        await found.read(link)
        assert set(found.rows) <= {"JKT-001/a"}
        assert await link.first_seen(["JKT-001/x"]) == [None]


@pytest.mark.parametrize("field", ["seen_at", "started_at", "refused"])
async def test_a_report_with_a_number_that_no_window_takes_is_none(
    guarded: RedisServer,  # noqa: F811
    field: str,
) -> None:
    await beat(guarded, report("a"))
    async with connected_client(account(guarded, "outlet")) as outlet:
        wild = msgspec.to_builtins(report("x")) | {field: 10**30}
        await outlet.execute_command("HSET", KEYS.endpoints, "JKT-001/x", json.dumps(wild))
    async with console(guarded) as link:
        assert [one.endpoint for one in await link.endpoints()] == ["JKT-001/a"]
