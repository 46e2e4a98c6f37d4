"""Entries that head office has not written: no id and no size makes a tray deaf or sending fail."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.codec import encode_envelope, encode_payload
from shared.model import DAY_MS, Level
from shared.signing import Signer
from tests.conftest import LogGuard, until
from tests.fakes import make_message
from tests.integration.attacks.guarded import (
    CHANNEL,
    Raw,
    Reply,
    Site,
    emergency_arrives,
    is_open,
    is_refused,
    painted,
    send_emergency,
)
from tests.integration.pair import acknowledge, connected

LOG = "{siaran}:log:Channel%201"
ALL = "{siaran}:log-all"
LARGEST = 2**64 - 1
THIEF = Signer("hq", bytes(range(32)), "siaran")
"""Has the right name and another key."""

Attack = Callable[[Raw, int], Reply]
"""Given a connection and the time (ms); returns the reply to what was decisive."""


def with_id(*parts: int) -> Attack:
    """One entry with this id, in both logs."""
    name = "-".join(map(str, parts))

    def attack(raw: Raw, _now: int) -> Reply:
        raw.say("XADD", ALL, name, "e", "{}", "p", "0-0")
        return raw.say("XADD", LOG, name, "e", "{}", "p", "0-0")

    return attack


def from_tomorrow(raw: Raw, now: int) -> Reply:
    """Ids that are only ahead; with what nobody can read."""
    for days in (1, 30, 3650):
        reply = raw.say("XADD", LOG, f"{now + days * DAY_MS}-0", "e", "{}", "p", "0-0")
    return reply


def forged(raw: Raw, now: int) -> Reply:
    """An emergency that somebody else signed, one that nobody signed, and a recall of both."""
    message = make_message(title="Forged", sent_at=now, level=Level.EMERGENCY)
    payload = encode_payload(message)
    raw.say("XADD", LOG, "*", "e", encode_envelope(payload, [THIEF.sign(payload)]), "p", "0-0")
    return raw.say("XADD", LOG, "*", "e", encode_envelope(payload), "p", "0-0")


def garbage(raw: Raw, _now: int) -> Reply:
    """Thousands of entries without sense, so that there are many pages."""
    for number in range(2000):
        raw.send("XADD", LOG, "*", "x", b"\xff" * (number % 50), "p", "nonsense")
    return [raw.reply() for _ in range(2000)][-1]


def many_fields(raw: Raw, _now: int) -> Reply:
    """One entry with 20,000 fields of its own."""
    fields = [str(number) for number in range(40_000)]
    return raw.say("XADD", LOG, "*", *fields)


def huge(raw: Raw, _now: int) -> Reply:
    """As large as Redis takes it, forty times."""
    for _ in range(40):
        reply = raw.say("XADD", LOG, "*", "e", b"{" * 1_000_000, "p", "0-0")
    return reply


def last_id_alone(raw: Raw, _now: int) -> Reply:
    """The largest last id, in a log that holds no such entry."""
    raw.say("XADD", LOG, f"{LARGEST}-{LARGEST}", "e", "{}", "p", "0-0")
    return raw.say("XADD", LOG, "MAXLEN", "0", "*", "e", "{}", "p", "0-0")


def last_id(site: Site, log: str) -> str:
    """Where a tray's cursor is that has read everything."""
    with site.raw("console") as raw:
        info = raw.say("XINFO", "STREAM", log)
    if not isinstance(info, list):
        return "0-0"
    found = info[info.index(b"last-generated-id") + 1]
    assert isinstance(found, bytes)
    return found.decode()


def deleted_again(raw: Raw, _now: int) -> Reply:
    """The largest id of an entry that was deleted, below which later servers set none back."""
    raw.say("XADD", LOG, f"{LARGEST}-{LARGEST}", "e", "{}", "p", "0-0")
    return raw.say("XDEL", LOG, f"{LARGEST}-{LARGEST}")


ATTACKS: dict[str, Attack] = {
    "largest id": with_id(LARGEST, LARGEST),
    "largest time": with_id(LARGEST, 0),
    "2^63": with_id(2**63, 0),
    "below 2^63": with_id(2**63 - 1, LARGEST),
    "from tomorrow": from_tomorrow,
    "forged": forged,
    "garbage": garbage,
    "many fields": many_fields,
    "huge": huge,
    "largest last id of an empty log": last_id_alone,
    "largest id that was deleted": deleted_again,
}
CASES = [pytest.param(attack, id=name) for name, attack in ATTACKS.items()]


@pytest.mark.parametrize("attack", CASES)
async def test_emergencies_arrive_where_the_tray_was_there_was_off_and_is_new(
    qapp: QApplication, writer_site: Site, log_guard: LogGuard, attack: Attack
) -> None:
    log_guard.expect("skipped something on|read the whole log again|log of ")
    async with writer_site.console() as console:
        async with writer_site.tray() as tray:
            await connected(tray)
            with writer_site.raw() as raw:
                attack(raw, tray.clock.now_ms())
            await emergency_arrives(console, tray, stays_s=0.3)
            await emergency_arrives(console, tray, channel="*", stays_s=0)
            await until(lambda: str(tray.inbox.cursor(CHANNEL)) == last_id(writer_site, LOG))
        missed = await send_emergency(console)
        begun = time.monotonic()
        async with writer_site.tray() as tray:
            await painted(tray, missed, begun)
        async with writer_site.tray("new") as tray:
            await connected(tray)
            await painted(tray, missed, begun)
            await emergency_arrives(console, tray, stays_s=0)


async def test_nobody_at_a_till_writes_a_log(
    qapp: QApplication, outlet_site: Site, log_guard: LogGuard
) -> None:
    async with outlet_site.tray() as tray, outlet_site.console() as console:
        await connected(tray)
        with outlet_site.raw() as raw:
            for name, attack in ATTACKS.items():
                assert is_refused(attack(raw, tray.clock.now_ms())), name
        await emergency_arrives(console, tray)


async def test_what_was_sent_before_is_not_sent_again_by_copying_it(
    qapp: QApplication, writer_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("read the whole log again")
    async with writer_site.tray() as tray, writer_site.console() as console:
        await connected(tray)
        draft = Draft(channels=[CHANNEL], title="Once", body="Body", level=Level.URGENT)
        sent = (await console.send(draft)).message
        await until(lambda: is_open(tray, sent.id))
        assert await acknowledge(tray) == "Once"
        with writer_site.raw() as raw:
            rows = raw.say("XREVRANGE", LOG, "+", "-")
            assert isinstance(rows, list)
            assert isinstance(rows[0], list)
            fields = rows[0][1]
            assert isinstance(fields, list)
            words = [field for field in fields if isinstance(field, bytes)]
            for _ in range(20):
                assert isinstance(raw.say("XADD", LOG, "*", *words), bytes)
        await emergency_arrives(console, tray)
        assert tray.session.waiting() == 0
