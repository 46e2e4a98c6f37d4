"""What else an outlet's password can be turned to: holding Redis up, and stuffing head office."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from admin_app.outlets import Standing
from admin_app.session import ConsoleSession
from shared.keys import Keys
from shared.outlets import ExpectedOutlet
from shared.redis_bus import receipts
from tests.conftest import LogGuard, until, until_await
from tests.integration.attacks.guarded import CHANNEL, OUTLET, Raw, Site, emergency_arrives
from tests.integration.pair import connected

KEYS = Keys()
HERE = f"{OUTLET}/till-1"
BLOB = b"x" * 1_000_000
LONGEST_S = 0.5
"""How long Redis may serve nobody."""
TIMES = 3
"""A machine that is busy elsewhere delays one reading; long entries would delay each."""


@contextmanager
def longest_silence(site: Site) -> Iterator[Callable[[], float]]:
    """Ask Redis for a PONG all the time; what is yielded gives how long one took at most (s)."""
    longest, over = [0.0], threading.Event()

    def ask() -> None:
        with site.raw("console") as raw:
            while not over.wait(0.002):
                begun = time.monotonic()
                raw.say("PING")
                longest[0] = max(longest[0], time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield lambda: longest[0]
    finally:
        over.set()
        thread.join()


def stuff(raw: Raw, key: str, number: int) -> None:
    """Write a megabyte into each of *number* fields."""
    for field in range(number):
        assert raw.say("HSET", key, f"XXX-{field}/x", BLOB) in (0, 1)


async def test_reading_what_is_long_holds_nobody_up(qapp: QApplication, outlet_site: Site) -> None:
    """A page of such entries took Redis 4 s, in which it did nothing else."""
    site = outlet_site
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        draft = Draft(channels=[CHANNEL], title="Price change", body="From 10:00.")
        message = (await console.send(draft)).message
        with site.raw() as raw:
            for key in (KEYS.endpoints, KEYS.receipts(message.id), KEYS.receipt_counts(message.id)):
                stuff(raw, key, 150)
            raw.say("HSET", KEYS.receipt_counts(message.id), "lost", 1)
        silences = []
        for _ in range(TIMES):
            with longest_silence(site) as took:
                seen = await console.outlets()
                await console.counts([message])
                report = console.report(message)
                await report.read(console._connected_link())
                silences.append(took())
            assert [row.key for row in seen.pcs] == ["JKT-001/till-1"]
            assert seen.unreadable.registry == 150
        assert min(silences) < LONGEST_S
        assert [row.endpoint for row in report.known()] == ["JKT-001/till-1"]
        await emergency_arrives(console, tray)


async def test_counters_that_are_lost_again_and_again_hold_nobody_up(
    qapp: QApplication, guarded_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = guarded_site
    anew: list[str] = []
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        messages = []
        for number in range(12):
            draft = Draft(channels=[CHANNEL], title=f"{number}", body="From 10:00.")
            messages.append((await console.send(draft)).message)
        recount = receipts._recount

        async def counted(client: object, keys: Keys, message: object) -> None:
            anew.append(message.id)  # type: ignore[attr-defined]
            await recount(client, keys, message)  # type: ignore[arg-type]

        monkeypatch.setattr(receipts, "_recount", counted)
        with site.raw() as raw:
            for message in messages:
                raw.say("HSET", KEYS.receipt_counts(message.id), "lost", 1)
        await console.counts(messages)
        assert len(anew) == 3
        for _ in range(4):  # the others come in their turn
            await console.counts(messages)
        assert set(anew) == {message.id for message in messages}


async def test_stuffed_reports_neither_fill_a_console_nor_hide_a_pc(
    qapp: QApplication, outlet_site: Site, log_guard: LogGuard
) -> None:
    """A report of 32 KB with thousands of channels took 0.4 MB in a console, each."""
    log_guard.expect("another PC uses the name")
    site = outlet_site
    async with site.tray(heartbeat_seconds=5) as tray, site.console() as console:
        await connected(tray)
        await until_await(partial(is_there, console))
        with site.raw() as raw:
            own = json.loads(registered(raw))
            bad: list[dict[str, str | list[str]]] = [
                {"channels": [f"{number:02}" for number in range(257)]},
                {"channels": ["*"]},
                {"channels": ["a\u202eb"]},
                {"outlet": "JKT-001\n", "pc": "x"},
                {"outlet": "\u202eJKT-002"},
                {"outlet": "J" * 101},
            ]
            for number, change in enumerate(bad):
                report = own | {"pc": f"{number}"} | change
                name = f"{report['outlet']}/{report['pc']}"
                assert raw.say("HSET", KEYS.endpoints, name, json.dumps(report)) == 1
            texts = dict.fromkeys(("version", "system", "instance", "machine"), "z" * 7000)
            long = json.dumps({**own, "pc": "long", **texts, "rival": "z" * 2000})
            assert raw.say("HSET", KEYS.endpoints, f"{OUTLET}/long", long) == 1
            # What a tray finds in its own name it tells on as its rival's.
            before = {**own, "machine": "another", "instance": "z" * 32_000}
            raw.say("HSET", KEYS.endpoints, HERE, json.dumps(before))
        await until_await(partial(has_rival, console), within_s=12)
        seen = await console.outlets()
        assert seen.unreadable.registry == len(bad)
        assert {row.key for row in seen.pcs} == {HERE, f"{OUTLET}/long"}
        for row in seen.pcs:
            assert len(msgspec.json.encode(row.report)) < 1000
        await emergency_arrives(console, tray, stays_s=0.2)


async def test_a_pc_does_not_leave_the_set_of_all_by_what_stood_in_its_name(
    qapp: QApplication, guarded_site: Site
) -> None:
    """A report that names all channels made the next heartbeat take its PC out of their set."""
    site = guarded_site
    async with site.tray(heartbeat_seconds=5) as tray, site.console() as console:
        await connected(tray)
        await until_await(partial(is_there, console))
        with site.raw() as raw:
            own = json.loads(registered(raw))
            raw.say("HSET", KEYS.endpoints, HERE, json.dumps({**own, "channels": ["*"]}))
            await until(lambda: json.loads(registered(raw))["channels"] == own["channels"])
        now = await console.time_ms()
        assert await console._connected_link().connected(["*"], now - 60_000) == 1


async def is_there(console: ConsoleSession) -> bool:
    """Whether the tray has had its first heartbeat."""
    return bool((await console.outlets()).pcs)


async def has_rival(console: ConsoleSession) -> bool:
    """Whether the tray says that another PC uses its name."""
    return any(
        row.report and row.report.rival for row in (await console.outlets()).pcs if row.key == HERE
    )


def registered(raw: Raw) -> str:
    """The tray's entry in the registry."""
    found = raw.say("HGET", KEYS.endpoints, HERE)
    assert isinstance(found, bytes)
    return found.decode()


async def test_a_heartbeat_of_the_future_keeps_no_pc_connected_for_ever(
    qapp: QApplication, outlet_site: Site
) -> None:
    site = outlet_site
    async with site.console() as console:
        async with site.tray() as tray:
            await connected(tray)
            await until_await(partial(is_there, console))
        with site.raw() as raw:
            report = {**json.loads(registered(raw)), "left": False, "seen_at": 2**53 - 1}
            raw.say("HSET", KEYS.endpoints, HERE, json.dumps(report))
            for key in (KEYS.seen, KEYS.seen_on(CHANNEL)):
                assert raw.say("ZADD", key, 2**53 - 1, HERE) == 0
        [row] = (await console.outlets()).pcs
        assert row.standing is Standing.SILENT
        for channels in (["*"], [CHANNEL], [CHANNEL, "Channel 2"]):
            assert await console.count_connected(channels) == 0
            audience = await console.audience(channels)
            assert audience is not None
            assert (audience.expected, audience.connected) == (1, 0)
        assert (await console.followers())[CHANNEL].connected == 0


@pytest.mark.parametrize("listed", [True, False])
async def test_what_remains_a_pc_that_is_off_is_expected_for_sure_only_if_it_is_listed(
    qapp: QApplication, guarded_site: Site, listed: bool
) -> None:
    site = guarded_site
    async with site.console() as console:
        async with site.tray() as tray:
            await connected(tray)
            await until_await(partial(is_there, console))
        if listed:
            one = ExpectedOutlet(outlet=OUTLET, pcs=["till-1"], channels=[CHANNEL])
            await console.write_outlets((await console.outlets()).listed, [one])
        with site.raw() as raw:
            report = {**json.loads(registered(raw)), "channels": [], "seen_at": 1, "started_at": 1}
            raw.say("HSET", KEYS.endpoints, HERE, json.dumps(report))
            for key in (KEYS.seen, KEYS.seen_on(CHANNEL)):
                assert raw.say("ZADD", key, 0, HERE) == 0
        draft = Draft(channels=[CHANNEL], title="Price change", body="From 10:00.")
        message = (await console.send(draft)).message
        report_of = console.report(message)
        await report_of.read(console._connected_link())
        assert [row.endpoint for row in report_of.known()] == ([HERE] if listed else [])
