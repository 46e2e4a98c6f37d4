"""What floods: the answers channel of an outlet, and logs full of long garbage.

One neighbour may cost only itself. Lines to the PC are slow here, as they are to shops.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.bus import EndpointReport, LinkState, LinkStatus, Trouble
from shared.codec import MAX_ENVELOPE
from shared.keys import Keys
from shared.model import DAY_MS, Endpoint, Level, new_message_id
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from tests import children
from tests.conftest import LogGuard, until
from tests.fakes import envelope_of, make_message
from tests.integration.attacks.guarded import (
    OUTLET,
    Site,
    Who,
    emergency_arrives,
    encoded,
    is_refused,
)
from tests.integration.fault_links import Proxy, SlowProxy
from tests.integration.pair import acknowledge, connected, open_popup, running_tray
from tests.redis_server import RedisServer, is_redis_6
from tray_client.app import TrayApp

ROOT = Path(__file__).resolve().parents[3]
LINE = 1_000_000
"""Bytes per second: 8 Mbit/s."""
BELL = f"{{siaran}}:ans:{OUTLET}"
LOG = "{siaran}:log:Channel%201"
LONG = 1_000_000
GARBAGE = b"{" + b"x" * 150_000
KEYS = Keys()


def tray_behind(
    site: Site, proxy: Proxy, **settings: object
) -> AbstractAsyncContextManager[TrayApp]:
    """A tray whose line is *proxy*."""
    port = proxy.url.rpartition(":")[2]
    url = site.url("outlet").replace(f":{site.server.port}", f":{port}")
    settings = {"trusted_keys": site.trusted, **settings}
    return running_tray(url, site.folder / "tray", outlet=OUTLET, guard_ms=0, **settings)


@asynccontextmanager
async def flood(site: Site, topic: str) -> AsyncIterator[None]:
    """Publish as much as Redis takes on *topic*, with the attacker's account."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
    if site.accounts is not None:
        writer.write(encoded("AUTH", site.who, site.password(site.who)))
        assert await reader.readline() == b"+OK\r\n"

    async def publish() -> None:
        command = encoded("PUBLISH", topic, b"x" * LONG)
        while True:
            writer.write(command)
            await writer.drain()
            reply = await reader.readline()
            assert reply.startswith(b":"), reply

    task = asyncio.create_task(publish())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        writer.close()


def states(tray: TrayApp) -> list[LinkState]:
    """Every state that the link of *tray* comes to from now on."""
    seen: list[LinkState] = []

    def note(status: LinkStatus) -> None:
        seen.append(status.state)

    tray.session.status_changed.connect(note)
    return seen


def reported(site: Site) -> list[str]:
    """The troubles that the tray's heartbeat tells."""
    with site.raw("console") as raw:
        match raw.say("HSCAN", "siaran:endpoints", 0):
            case [_, [_, bytes(report)]]:
                return msgspec.json.decode(report, type=EndpointReport).troubles
    return []


# --- the answers channel ---


def may_ring(site: Site) -> bool:
    """Whether the attacker may publish answers; with the accounts for 6.2 no outlet may."""
    with site.raw() as raw:
        return not is_refused(raw.say("PUBLISH", BELL, "x"))


async def test_a_flood_of_answers_cuts_a_tray_off_twice_and_then_never_again(
    qapp: QApplication, site: Site, log_guard: LogGuard
) -> None:
    if not may_ring(site):
        assert site.who is Who.CONSOLE or is_redis_6()
        return
    log_guard.expect("reconnecting|cut off twice")
    async with (
        site.console() as console,
        SlowProxy(site.server.port, 4 * LINE) as proxy,
        tray_behind(site, proxy, heartbeat_seconds=5) as tray,
    ):
        await connected(tray)
        seen = states(tray)
        async with flood(site, BELL):
            await until(lambda: any("cut off twice" in line for line in log_guard.lines))
            await until(lambda: Trouble.NO_ANSWERS in tray.session.troubles.codes())
            await connected(tray)
            seen.clear()
            await emergency_arrives(console, tray)
            assert seen == []
        await until(lambda: Trouble.NO_ANSWERS in reported(site))


@contextmanager
def ringing(site: Site, message_id: str) -> Iterator[None]:
    """A process rings for *message_id* as fast as Redis takes it, with the outlets' account."""
    module, port = "tests.integration.attacks.flood_program", str(site.server.port)
    login = ("outlet", site.password("outlet"))
    process = subprocess.Popen(
        [children.python(), "-m", module, port, BELL, *login],
        cwd=ROOT,
        env=children.environment(),
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        process.stdin.write(message_id.encode())
        process.stdin.close()
        yield
        assert process.poll() is None, "it has ended by itself"
    finally:
        process.kill()
        process.wait()


async def test_a_flood_of_bells_for_what_waits_is_left_behind_and_emergencies_arrive_meanwhile(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    if not may_ring(guarded_site):
        assert is_redis_6()
        return
    log_guard.expect("reconnecting|cut off twice")
    async with guarded_site.tray() as tray, guarded_site.console() as console:
        await connected(tray)
        waiting = await console.send(Draft(channels=["Channel 1"], title="Waits", body="Body"))
        await until(lambda: open_popup(tray))
        with ringing(guarded_site, waiting.message.id):
            await emergency_arrives(console, tray, within_s=10, stays_s=0.2)
            await until(lambda: Trouble.NO_ANSWERS in tray.session.troubles.codes())
            await connected(tray)
            await emergency_arrives(console, tray, stays_s=0.2)


async def test_an_outlets_own_account_floods_nobody_elses_answers(guarded_site: Site) -> None:
    with guarded_site.raw(Who.OWN) as raw:
        assert is_refused(raw.say("PUBLISH", "{siaran}:ans:JKT-002", "x"))


def tray_bus(server: RedisServer) -> RedisTrayBus:
    """As a tray has it as long as it runs."""
    return RedisTrayBus(RedisAddress(port=server.port), KEYS)


async def hears_answers(bus: RedisTrayBus, server: RedisServer, *fault: str) -> bool:
    """Open a link, let *fault* end it, and say whether it heard answers."""
    async with bus.open(["*"], Endpoint(OUTLET, "till-1")) as link:
        heard = link.hears_answers
        arrivals = asyncio.ensure_future(anext(link.arrivals()))
        if fault:
            server.command(*fault)
        else:
            server.stop()
            server.start()
            await until(lambda: server.command("PING") == b"+PONG\r\n")  # it loads its data
        await asyncio.wait([arrivals])
        arrivals.exception()
    return heard


async def test_two_cuts_of_the_listening_connection_alone_are_too_many(
    redis_server: RedisServer, log_guard: LogGuard
) -> None:
    log_guard.expect("cut off twice")
    bus, kill = tray_bus(redis_server), ("CLIENT", "KILL", "TYPE", "pubsub")
    heard = [await hears_answers(bus, redis_server, *kill) for _ in range(3)]
    assert heard == [True, True, False]
    assert await hears_answers(tray_bus(redis_server), redis_server, *kill)  # the next start


async def test_a_server_that_starts_again_costs_no_answers(redis_server: RedisServer) -> None:
    bus = tray_bus(redis_server)
    assert [await hears_answers(bus, redis_server) for _ in range(4)] == [True] * 4


async def test_a_pong_behind_a_long_publication_on_a_slow_line_is_waited_for(
    qapp: QApplication, guarded_site: Site
) -> None:
    site = guarded_site
    async with SlowProxy(site.server.port, LINE // 6) as proxy, tray_behind(site, proxy) as tray:
        await connected(tray)
        seen = states(tray)
        with site.raw("outlet") as raw:
            raw.say("PUBLISH", BELL, b"x" * LONG)  # takes 6 s, a deadline is 4.5 s
        tray.session.reconnect_now()  # asks for a sign of life
        line_is_free = asyncio.get_running_loop().time() + LONG / (LINE // 6)
        await until(lambda: asyncio.get_running_loop().time() > line_is_free + 1)
        assert seen == []


# --- catching up ---


async def test_long_garbage_on_a_slow_line_is_read_past_and_the_emergency_behind_it_shown(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("skipped something|read the whole log")
    site = guarded_site
    with site.raw("console") as raw:
        for _ in range(60):  # 9 MB: fifty of them take 7.5 s, half as much again as a deadline
            raw.say("XADD", LOG, "*", "e", GARBAGE, "p", "0-0")
    async with site.console() as console, SlowProxy(site.server.port, LINE) as proxy:
        draft = Draft(channels=["Channel 1"], title="Out", body="Now.", level=Level.EMERGENCY)
        await console.send(draft)
        async with tray_behind(site, proxy) as tray:
            seen = states(tray)
            assert await acknowledge(tray) == "Out"
            assert seen in ([], [LinkState.CONNECTED])


async def test_of_a_log_that_is_too_long_for_one_answer_nothing_is_lost(
    qapp: QApplication, open_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("skipped something|read the whole log")
    titles = [f"Message {number}" for number in range(4)]
    with open_site.raw() as raw:
        now = time.time_ns() // 1_000_000
        for title in titles:
            good = envelope_of(make_message(title=title, sent_at=now, level="important"))
            raw.say("XADD", LOG, "*", "e", good, "p", "0-0")
            for _ in range(12):
                raw.say("XADD", LOG, "*", "e", b"{" + b"x" * LONG, "p", "0-0")
    async with open_site.tray(trusted_keys={}) as tray:
        assert [await acknowledge(tray) for _ in titles] == titles


def huge(size_mb: int) -> list[str | bytes]:
    """Fields of an entry that is so long."""
    return [word for number in range(size_mb) for word in (f"f{number}", b"x" * LONG)]


async def test_of_a_log_whose_first_and_last_entries_are_huge_nothing_is_lost(
    qapp: QApplication, open_site: Site, log_guard: LogGuard
) -> None:
    """Redis tells them with the last id of every reading."""
    log_guard.expect("skipped something|read the whole log|reconnecting")
    async with open_site.console() as console:
        with open_site.raw() as raw:
            raw.say("XADD", LOG, "*", *huge(20))
            draft = Draft(channels=["Channel 1"], title="Out", body="Now.", level=Level.EMERGENCY)
            sent = (await console.send(draft)).message
            raw.say("XADD", LOG, "*", *huge(20))
        async with open_site.tray() as tray:
            assert await acknowledge(tray) == "Out"
            await connected(tray)
            await emergency_arrives(console, tray, stays_s=0.2)
        assert sent.id in [one.id for one in await console.history().more(10)]


async def test_an_entry_that_no_answer_can_have_is_read_past_and_sending_goes_on(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("skipped something|read the whole log")
    async with guarded_site.console() as console:
        with guarded_site.raw("console") as raw:
            raw.say("XADD", LOG, "*", *huge(70))
        async with guarded_site.tray(heartbeat_seconds=5) as tray:
            await connected(tray)
            seen = states(tray)
            await emergency_arrives(console, tray, stays_s=0.2)
            titles = [one.title for one in await console.history().more(10)]
            assert titles == ["Leave the building"]
            await emergency_arrives(console, tray, stays_s=6)  # longer than a heartbeat
            assert seen == []
            assert reported(guarded_site) == []


async def test_where_the_script_is_not_known_such_an_entry_costs_only_its_log(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    """Redis ends whoever reads it: the answer is longer than its limit."""
    log_guard.expect("reconnecting|cannot be read|lacks a permission")
    async with guarded_site.console() as console:
        with guarded_site.raw("console") as raw:
            raw.say("XADD", LOG, "*", *huge(70))
        with guarded_site.raw("operator") as raw:
            assert raw.say("SCRIPT", "FLUSH") == b"OK"
        async with guarded_site.tray(heartbeat_seconds=5) as tray:
            await connected(tray)
            await emergency_arrives(console, tray, stays_s=0.2)
            await emergency_arrives(console, tray, channel="*", stays_s=0.2)
            await until(lambda: Trouble.UNREADABLE_LOG in reported(guarded_site))
            seen = states(tray)
            await emergency_arrives(console, tray, stays_s=6)  # longer than a heartbeat
            assert seen == []


# --- what one command may bring ---


async def test_the_longest_message_passes_to_64_channels(guarded_site: Site) -> None:
    """With the least that Redis allows for one command."""
    bus = RedisConsoleBus(RedisAddress.from_url(guarded_site.url("console")), KEYS)
    channels = [f"Channel {number}" for number in range(64)]
    async with bus.open() as link:
        published = await link.publish(
            new_message_id(), channels, b"{" + b"x" * (MAX_ENVELOPE - 1), DAY_MS
        )
    assert len(published.ids) == 64
    with guarded_site.raw("console") as raw:
        # Its beginning is enough: Redis answers, and hangs up on whoever sends the rest.
        raw.socket.sendall(encoded("PUBLISH", "{siaran}:all", b"x" * ((1 << 20) + 1))[:100])
        assert isinstance(raw.reply(), Exception)
