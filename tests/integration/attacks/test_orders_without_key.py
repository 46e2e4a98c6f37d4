"""Recalls, replacements and reminders that head office has not given.

With a trusted key they change nothing. Without one, whoever may write a log or speak on a channel
gives orders like head office: that remains, and ``packaging/SECURITY.md`` says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from shared.codec import encode_envelope, encode_payload
from shared.model import Kind, Level, Message
from shared.signing import Signer
from tests.conftest import LogGuard, until
from tests.fakes import make_message
from tests.integration.attacks.guarded import (
    EMERGENCY,
    STAYS_S,
    Site,
    emergency_arrives,
    is_open,
    painted,
    send_emergency,
)
from tests.integration.pair import acknowledge, connected, open_popup

LOG = "{siaran}:log:Channel%201"
TOPIC = "{siaran}:ch:Channel%201"
THIEF = Signer("hq", bytes(range(32)), "siaran")

Order = Callable[[str, int], Message]
"""Given the message that it is about, and the time (ms)."""


def recall(about: str, now: int) -> Message:
    """Take it back."""
    return make_message(kind=Kind.RECALL, recalls=about, sent_at=now, title="", body="")


def replacement(about: str, now: int) -> Message:
    """Put something harmless in its place."""
    return make_message(replaces=about, sent_at=now, title="All is well", level=Level.SILENT)


ORDERS: dict[str, Order] = {"recall": recall, "replacement": replacement}


def give(site: Site, order: Message, *, by_log: bool, key: Signer | None) -> None:
    """Send *order* with the attacker's account."""
    payload = encode_payload(order)
    envelope = encode_envelope(payload, [key.sign(payload)] if key else [])
    with site.raw() as raw:
        if by_log:
            assert isinstance(raw.say("XADD", LOG, "*", "e", envelope, "p", "0-0"), bytes)
            raw.say("PUBLISH", TOPIC, f"1-1 {order.sent_at}-9 ".encode() + envelope)
        else:
            raw.say("PUBLISH", TOPIC, f"0-0 {order.sent_at}-0 ".encode() + envelope)


@pytest.mark.parametrize("key", [None, THIEF], ids=["unsigned", "another key"])
@pytest.mark.parametrize("by_log", [False, True], ids=["frame", "log"])
async def test_with_a_trusted_key_the_emergency_stays(
    qapp: QApplication, writer_site: Site, log_guard: LogGuard, by_log: bool, key: Signer | None
) -> None:
    log_guard.expect("skipped something|read the whole log again")
    async with writer_site.console() as console:
        async with writer_site.tray() as tray:
            await connected(tray)
            begun = time.monotonic()
            message_id = await send_emergency(console)
            await painted(tray, message_id, begun)
            for order in ORDERS.values():
                give(writer_site, order(message_id, tray.clock.now_ms()), by_log=by_log, key=key)
            stays_until = time.monotonic() + STAYS_S
            await until(lambda: any("skipped" in line for line in log_guard.lines))
            await until(lambda: not is_open(tray, message_id) or time.monotonic() > stays_until)
            assert is_open(tray, message_id)
        async with writer_site.tray() as tray:  # also when its PC is started anew
            await painted(tray, message_id, time.monotonic())
            assert await acknowledge(tray) == EMERGENCY
            await emergency_arrives(console, tray, stays_s=0)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_what_remains_without_a_key_an_order_is_obeyed_and_the_next_emergency_arrives(
    qapp: QApplication, writer_site: Site, order: Order, log_guard: LogGuard
) -> None:
    log_guard.expect("read the whole log again")
    async with writer_site.tray(trusts=False) as tray, writer_site.console(signed=False) as console:
        await connected(tray)
        begun = time.monotonic()
        message_id = await send_emergency(console)
        await painted(tray, message_id, begun)
        given = order(message_id, tray.clock.now_ms())
        give(writer_site, given, by_log=True, key=None)
        await until(lambda: not is_open(tray, message_id))
        assert open_popup(tray) is None
        await emergency_arrives(console, tray)
