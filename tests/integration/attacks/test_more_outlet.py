"""What else an outlet's password can be turned to: holding Redis up, and stuffing head office."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.keys import Keys
from shared.redis_bus import receipt_reader
from tests.integration.attacks.guarded import CHANNEL, Raw, Site, emergency_arrives
from tests.integration.pair import connected

KEYS = Keys()
BLOB = b"x" * 1_000_000
LONGEST_S = 0.5
"""How long Redis may serve nobody."""


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
        with longest_silence(site) as took:
            seen = await console.outlets()
            assert [row.key for row in seen.pcs] == ["JKT-001/till-1"]
            assert seen.unreadable.registry == 150
            await console.counts([message])
            report = console.report(message)
            await report.read(console._connected_link())
            assert took() < LONGEST_S
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
        recount = receipt_reader._recount

        async def counted(client: object, keys: Keys, message: object) -> None:
            anew.append(message.id)  # type: ignore[attr-defined]
            await recount(client, keys, message)  # type: ignore[arg-type]

        monkeypatch.setattr(receipt_reader, "_recount", counted)
        with site.raw() as raw:
            for message in messages:
                raw.say("HSET", KEYS.receipt_counts(message.id), "lost", 1)
        await console.counts(messages)
        assert len(anew) == 3
        for _ in range(4):  # the others come in their turn
            await console.counts(messages)
        assert set(anew) == {message.id for message in messages}
