"""Publications that head office has not made: whatever a frame says, the next emergency is shown.

Each is tried on a tray that trusts head office's key, and on one that trusts everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from shared.codec import encode_envelope, encode_payload
from shared.model import new_message_id
from tests.conftest import LogGuard
from tests.fakes import make_message
from tests.integration.attacks.guarded import (
    Site,
    emergency_arrives,
    encoded,
    is_refused,
    painted,
    send_emergency,
)
from tests.integration.attacks.test_log_entries import ALL, LARGEST, LOG, last_id
from tests.integration.pair import connected

TOPIC = "{siaran}:ch:Channel%201"
TOPICS = (TOPIC, "{siaran}:all")
FAR = f"{LARGEST}-{LARGEST}"

Frames = Callable[[Site, int], Iterator[bytes]]
"""Given the time (ms), what to publish on every channel."""


def genuine(site: Site) -> bytes:
    """What head office sent last, as it stands in the log."""
    with site.raw("console") as raw:
        rows = raw.say("XREVRANGE", LOG, "+", "-", "COUNT", "1")
    assert isinstance(rows, list)
    assert isinstance(rows[0], list)
    fields = rows[0][1]
    assert isinstance(fields, list)
    envelope = fields[fields.index(b"e") + 1]
    assert isinstance(envelope, bytes)
    return envelope


def from_the_end(site: Site, now: int) -> Iterator[bytes]:
    """Next in line, and the largest id there is."""
    message = make_message(title="Forged", sent_at=now, channels=["Channel 1"])
    for envelope in (genuine(site), encode_envelope(encode_payload(message)), b"{}"):
        for log in (LOG, ALL):
            yield f"{last_id(site, log)} {FAR} ".encode() + envelope
            yield f"{last_id(site, log)} {LARGEST}-0 ".encode() + envelope
        yield f"{FAR} {FAR} ".encode() + envelope
        yield f"{last_id(site, LOG)} {2**63}-0 ".encode() + envelope


def copies(site: Site, now: int) -> Iterator[bytes]:
    """The last emergency again and again, with any id."""
    envelope = genuine(site)
    for number in range(200):
        yield f"{last_id(site, LOG)} {now + number}-0 ".encode() + envelope
        yield f"0-0 {number}-{number} ".encode() + envelope


def nonsense(_site: Site, now: int) -> Iterator[bytes]:
    """Ids that are none, and no envelope at all."""
    for ids in ("0-0 18446744073709551616-0", "1 2", "-1--1 0-0", "0-0 0-0", "9-9 " * 5000):
        yield f"{ids} {{}}".encode()
    yield f"0-0 {now}-0 {{".encode() + b'"payload":' + b"[" * 50_000
    yield b"\x00\xff\xfe" * 100
    yield b""


def sizes(_site: Site, now: int) -> Iterator[bytes]:
    """As large as Redis lets them be."""
    for _ in range(10):
        yield f"0-0 {now}-0 {{".encode() + b"x" * 1_000_000


def recalls(site: Site, now: int) -> Iterator[bytes]:
    """Take back what was not sent yet, by nobody's key, and as many as fit."""
    for _ in range(1200):
        gone = make_message(sent_at=now, kind="recall", recalls=new_message_id(now))
        yield f"0-0 {now}-0 ".encode() + encode_envelope(encode_payload(gone))


FRAMES: dict[str, Frames] = {
    "largest ids": from_the_end,
    "copies": copies,
    "nonsense": nonsense,
    "sizes": sizes,
    "recalls": recalls,
}


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
async def test_emergencies_arrive_where_the_tray_heard_it_and_after_its_next_start(
    qapp: QApplication, writer_site: Site, log_guard: LogGuard, frames: Frames, signed: bool
) -> None:
    log_guard.expect("skipped something on|read the whole log again|log of ")
    log_guard.expect("reconnecting: ")  # cut off for what it had not read yet
    async with writer_site.console(signed=signed) as console:
        async with writer_site.tray(trusts=signed) as tray:
            await connected(tray)
            await emergency_arrives(console, tray, stays_s=0)
            with writer_site.raw() as raw:
                requests = [
                    encoded("PUBLISH", topic, frame)
                    for frame in frames(writer_site, tray.clock.now_ms())
                    for topic in TOPICS
                ]
                for request in requests:
                    raw.socket.sendall(request)
                assert all(isinstance(raw.reply(), int) for _ in requests)
            await emergency_arrives(console, tray, stays_s=0.3)
            await emergency_arrives(console, tray, channel="*", stays_s=0)
        missed, begun = await send_emergency(console), time.monotonic()
        async with writer_site.tray(trusts=signed) as tray:
            await painted(tray, missed, begun)


async def test_nobody_at_a_till_speaks_on_a_channel(qapp: QApplication, outlet_site: Site) -> None:
    async with outlet_site.tray() as tray, outlet_site.console() as console:
        await connected(tray)
        with outlet_site.raw() as raw:
            for topic in TOPICS:
                assert is_refused(raw.say("PUBLISH", topic, "0-0 1-1 {}"))
        await emergency_arrives(console, tray)
