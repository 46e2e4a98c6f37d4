"""Receipts, registry and expected PCs in the hands of an account that every cashier knows.

It can remove and shorten nothing. It can overwrite, and a report of head office tells the truth.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from admin_app.report_rows import Progress
from admin_app.reports import Report
from admin_app.session import ConsoleSession
from shared.keys import Keys
from shared.model import Level, Message
from tests.conftest import LogGuard, until, until_await
from tests.integration.attacks.guarded import (
    CHANNEL,
    EMERGENCY,
    OUTLET,
    Raw,
    Site,
    Who,
    emergency_arrives,
    is_refused,
)
from tests.integration.pair import acknowledge, connected, open_popup
from tests.redis_server import is_redis_6
from tray_client.app import TrayApp

KEYS = Keys()
HERE = f"{OUTLET}/till-1"
HEARTBEAT_S = 5.0
CONTRADICTS = "somebody else wrote a receipt in this PC's name"


@asynccontextmanager
async def pair(site: Site) -> AsyncIterator[tuple[TrayApp, ConsoleSession]]:
    """A tray that hears the other sessions of its PC (there are none), and a console."""
    async with site.tray(heartbeat_seconds=int(HEARTBEAT_S)) as tray, site.console() as console:
        tray.session.hears_others(True)
        await connected(tray)
        await until_await(lambda: registered(console))
        yield tray, console


async def registered(console: ConsoleSession) -> bool:
    """Whether the tray has had its first heartbeat."""
    return bool((await console.outlets()).pcs)


async def send(console: ConsoleSession) -> Message:
    """Send one that stays on the screen."""
    draft = Draft(channels=[CHANNEL], title=EMERGENCY, body="Now.", level=Level.EMERGENCY)
    return (await console.send(draft)).message


@asynccontextmanager
async def open_report(console: ConsoleSession, message: Message) -> AsyncIterator[Report]:
    """The report as somebody has it open."""
    report = console.report(message)
    task = asyncio.create_task(report.run())
    try:
        yield report
    finally:
        task.cancel()
        await asyncio.wait([task])


@contextmanager
def operator(site: Site) -> Iterator[Raw]:
    """Whoever may see what keys there are."""
    with site.raw("operator") as raw:
        yield raw


# --- what cannot be done --------------------------------------------------------------------------


@pytest.mark.parametrize("who", [Who.OUTLET, Who.OWN])
async def test_an_outlet_can_remove_and_shorten_nothing(
    qapp: QApplication, guarded_site: Site, who: Who
) -> None:
    site = guarded_site
    async with pair(site) as (tray, console):
        message = await send(console)
        await until(lambda: not tray.inbox.unreported(1))
        await until_await(lambda: noted(console, message))
        receipts, counters = KEYS.receipts(message.id), KEYS.receipt_counts(message.id)
        until_key, facts = KEYS.receipt_until(message.id), KEYS.receipt_facts(message.id)
        sets = (KEYS.seen, KEYS.first_seen, KEYS.seen_on(CHANNEL))
        everything = (receipts, counters, until_key, facts, KEYS.endpoints, *sets)
        before = lives(site, everything)
        with site.raw(who) as raw:
            for key in everything:
                for command in removing(key):
                    assert is_refused(raw.say(*command)), command
            for key in (receipts, counters, KEYS.endpoints):
                assert is_refused(raw.say("HDEL", key, HERE)), key
            for key in sets:
                for words in (("ZREM", HERE), ("ZREMRANGEBYSCORE", "-inf", "+inf"), ("ZPOPMIN",)):
                    assert is_refused(raw.say(words[0], key, *words[1:])), (key, words)
            assert is_refused(raw.say("HSET", facts, "expected", "0")) or is_redis_6()
            assert is_refused(raw.say("SET", until_key, "1"))
            assert not isinstance(raw.say("HSET", until_key, "x", "y"), int)
        after = lives(site, everything)
        for key, left in before.items():
            assert left - after[key] < 60_000, key
        assert await acknowledge(tray) == EMERGENCY
        await emergency_arrives(console, tray)


async def noted(console: ConsoleSession, message: Message) -> bool:
    """Whether the console has made the hashes."""
    return (await console.counts([message]))[0].noted


def removing(key: str) -> Iterator[tuple[str | int, ...]]:
    """Every way to end a key, or to have it end earlier."""
    yield from ((name, key) for name in ("DEL", "UNLINK", "GETDEL", "PERSIST"))
    yield ("MOVE", key, 1)
    yield from ((name, key, 1) for name in ("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"))
    yield from ((name, key, "siaran:rcpt:{x}") for name in ("RENAME", "RENAMENX", "COPY"))
    yield ("RENAME", "siaran:rcpt:{x}", key)
    yield ("GETEX", key, "PX", 1)
    yield ("RESTORE", key, 1, "x", "REPLACE")


def lives(site: Site, keys: tuple[str, ...]) -> dict[str, int]:
    """How long each key has to live, in ms; it has to be there."""
    found: dict[str, int] = {}
    with operator(site) as raw:
        for key in keys:
            left = raw.say("PTTL", key)
            assert isinstance(left, int)
            assert left != -2, key
            found[key] = left
    return found


# --- what is overwritten --------------------------------------------------------------------------


def forged(at: int, user: str = "nobody") -> str:
    """A receipt that says that somebody has acknowledged."""
    return json.dumps({"r": at, "d": at, "a": at, "u": user, "y": ""})


async def test_a_receipt_in_another_pc_s_name_is_contradicted_within_two_heartbeats(
    qapp: QApplication, site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect(CONTRADICTS)
    async with pair(site) as (tray, console):
        message = await send(console)
        await until(lambda: not tray.inbox.unreported(1))
        async with open_report(console, message) as report:
            await until(lambda: report.complete)
            with site.raw() as raw:
                entry = forged(message.sent_at + 3000)
                assert raw.say("HSET", KEYS.receipts(message.id), HERE, entry) == 0
                raw.say("HSET", KEYS.receipt_counts(message.id), "acknowledged", 1)
            begun = time.monotonic()
            await until(lambda: report.figures.doubts.contradicted == 1)
            assert time.monotonic() - begun < 2 * HEARTBEAT_S + 5
            row = report.rows[HERE]
            assert (row.progress, row.pending) == (Progress.CONTRADICTED, True)
            assert row.claim is not None
            assert (row.claim.os_user, row.acknowledged_at) == ("nobody", None)
            assert report.figures.counts.acknowledged == 0
            assert report.silent == 1
            assert await acknowledge(tray) == EMERGENCY  # which is told as well
            await until(lambda: report.rows[HERE].acknowledged_at is not None)
            assert report.rows[HERE].progress is Progress.CONTRADICTED
        await emergency_arrives(console, tray)


async def test_a_true_receipt_that_was_overwritten_is_contradicted(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect(CONTRADICTS)
    site = guarded_site
    async with pair(site) as (tray, console):
        message = await send(console)
        assert await acknowledge(tray) == EMERGENCY
        await until(lambda: not tray.inbox.unreported(1))
        async with open_report(console, message) as report:
            await until(lambda: report.figures.counts.acknowledged == 1)
            with site.raw() as raw:
                raw.say("HSET", KEYS.receipts(message.id), HERE, '{"r":1}')
            await until(lambda: report.figures.doubts.contradicted == 1)
            row = report.rows[HERE]
            assert row.acknowledged_at is not None
            assert row.claim is not None
            assert row.claim.acknowledged_at is None


async def test_five_hundred_invented_pcs_change_no_figure(
    qapp: QApplication, site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect(CONTRADICTS)
    async with pair(site) as (tray, console):
        message = await send(console)
        await until(lambda: not tray.inbox.unreported(1))
        receipts, counters = KEYS.receipts(message.id), KEYS.receipt_counts(message.id)
        at = message.sent_at + 100
        with site.raw() as raw:
            for number in range(500):
                raw.send("HSET", receipts, f"{OUTLET}/fake-{number}", forged(at))
            for number in range(500):
                assert raw.reply() == 1, number
            figures = ("received", 501, "displayed", 501, "acknowledged", 500, "outlets", 1)
            raw.say("HSET", counters, *figures, "expected", 502, "reduced", 1, "until", 1)
        async with open_report(console, message) as report:
            await until(lambda: report.complete and report.figures.doubts.strangers == 500)
            assert {row.endpoint for row in report.known()} == {HERE}
            counts = report.figures.counts
            assert (counts.expected, counts.received, counts.acknowledged) == (1, 1, 0)
            assert (report.silent, report.missing) == (1, 0)
            assert report.figures.doubts.counters is None  # they fit the receipts
            with site.raw() as raw:
                raw.say("HSET", counters, "acknowledged", 509)
            await until(lambda: report.figures.doubts.counters is not None)
            assert report.figures.counts.acknowledged == 0
            assert await acknowledge(tray) == EMERGENCY
            await until(lambda: report.figures.counts.acknowledged == 1)
        await emergency_arrives(console, tray)


# --- floods ---------------------------------------------------------------------------------------


async def test_a_small_flood_of_one_message_s_receipts_leaves_its_report_usable(
    qapp: QApplication, guarded_site: Site
) -> None:
    site = guarded_site
    async with pair(site) as (tray, console):
        message = await send(console)
        assert await acknowledge(tray) == EMERGENCY
        await until(lambda: not tray.inbox.unreported(1))
        receipts, counters = KEYS.receipts(message.id), KEYS.receipt_counts(message.id)
        entry, large = forged(message.sent_at + 100), "x" * 500_000
        with site.raw() as raw:
            sent = 0
            for number in range(20_000):
                raw.send("HSET", receipts, f"X{number // 10}/{number}", entry)
                sent += 1
                if number % 1000 == 0:
                    raw.send("HSET", receipts, f"Y/{number}", large)
                    raw.send("HSET", receipts, f"Z/{large}{number}", "1")
                    raw.send("HSET", counters, f"name-{number}{large}", large)
                    raw.send("HSET", counters, f"junk-{number}", large)
                    sent += 4
                while sent > 500:
                    raw.reply()
                    sent -= 1
            for number in range(3000):
                raw.send("HSET", counters, f"a:{number + 400}", 7)
                sent += 1
            for _ in range(sent):
                raw.reply()
        begun = time.monotonic()
        async with open_report(console, message) as report:
            await until(lambda: report.complete, within_s=20)
            took = time.monotonic() - begun
            assert took < 15, took
            await until(lambda: report.figures.doubts.strangers == 20_000)
            assert report.rows[HERE].progress is Progress.ACKNOWLEDGED
            assert len(report.rows) < 6000
            assert report.unreadable >= 40
            counts = report.figures.counts
            assert (counts.expected, counts.received, counts.acknowledged) == (1, 1, 1)
        [listed] = await console.counts([message])
        assert listed.acknowledged == 1
        await emergency_arrives(console, tray)


# --- who is expected ------------------------------------------------------------------------------


async def test_a_pc_that_was_put_back_in_the_sets_is_expected_all_the_same(
    qapp: QApplication, guarded_site: Site
) -> None:
    site = guarded_site
    async with site.console() as console:
        async with pair(site):
            pass  # off from now on: no heartbeat mends anything
        with site.raw() as raw:
            for key in (KEYS.seen, KEYS.seen_on(CHANNEL)):
                assert raw.say("ZADD", key, 0, HERE) == 0
            assert raw.say("ZADD", KEYS.first_seen, 9_000_000_000_000, HERE) == 0
            assert raw.say("ZADD", KEYS.seen_on(CHANNEL), 9_000_000_000_000_000, "Q/1") == 1
        message = await send(console)
        assert (await console.counts([message]))[0].expected == 1
        async with open_report(console, message) as report:
            await until(lambda: report.complete)
            assert {row.endpoint: row.progress for row in report.rows.values()} == {
                HERE: Progress.WAITING
            }


# --- honest sessions ------------------------------------------------------------------------------


@pytest.mark.parametrize("other_user", [None, "budi"])
async def test_two_sessions_of_one_pc_do_not_contradict_each_other(
    qapp: QApplication, guarded_site: Site, other_user: str | None
) -> None:
    """Sari answers, and of an emergency Budi too; each tells the other, as trays of one PC do."""
    site = guarded_site
    async with pair(site) as (sari, console):
        async with site.tray("budi", heartbeat_seconds=int(HEARTBEAT_S)) as budi:
            for one, another in ((sari, budi), (budi, sari)):
                one.session.hears_others(True)
                tell = partial(another.session.learn_here, other_user=other_user)
                one.session.answered_here.connect(tell)
            await connected(budi)
            message = await send(console)
            await until(lambda: open_popup(sari) and open_popup(budi))
            assert await acknowledge(sari) == EMERGENCY
            if other_user:
                assert await acknowledge(budi) == EMERGENCY
            await until(lambda: open_popup(budi) is None)
            looks = [0, 0]
            for number, tray in enumerate((sari, budi)):
                count_looks(tray, looks, number)
            await until(lambda: min(looks) >= 4)
        with site.raw("console") as raw:
            found = raw.say("HGETALL", KEYS.receipts(message.id))
        assert isinstance(found, list)
        assert f"!{HERE}".encode() not in found
        async with open_report(console, message) as report:
            await until(lambda: report.complete)
            assert report.rows[HERE].progress is Progress.ACKNOWLEDGED
            assert not report.figures.doubts


def count_looks(tray: TrayApp, looks: list[int], number: int) -> None:
    """Count the heartbeats with which *tray* looks at its receipts."""
    witness = tray.session._witness
    look = witness.to_look_at

    def counted() -> list[str]:
        looks[number] += 1
        return look()

    witness.to_look_at = counted  # type: ignore[method-assign]
