"""Old receipts become totals and names; what has gone accuses nobody."""

from __future__ import annotations

import asyncio

import pytest

from admin_app.chores import reduce_receipts
from admin_app.reducing import reduce_old
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from shared.model import DAY_MS, Message
from shared.receipts import Counts, Receipt
from shared.settings import Settings
from tests.conftest import until
from tests.fakes import FakeConsoleBus, FakeConsoleLink, FakeServer, clock_of, envelope_of
from tests.fakes import make_message as message

NOW = 1_800_000_000_000


class Office:
    """A server in which messages of some days wait."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.link = FakeConsoleLink(self.server, FakeConsoleBus(self.server))

    def sent(self, days_ago: float, **changes: object) -> Message:
        """A message of then, acknowledged on one of two endpoints."""
        self.server.now_ms = NOW - int(days_ago * DAY_MS)
        one = message(sent_at=self.server.now_ms, **changes)
        self.server.append("Channel 1", envelope_of(one))
        self.server.now_ms = NOW
        self.server.told[one.id] = [
            Receipt(one.id, NOW, NOW, NOW, at, endpoint=name)
            for name, at in (("A/1", NOW), ("A/2", None))
        ]
        return one

    async def reduce(self, days: int = 7) -> int:
        """As a console does."""
        return await reduce_old(
            self.link,
            ["Channel 1"],
            lambda at: at - 7 * DAY_MS,
            now_ms=await self.link.time_ms(),
            receipts_ms=days * DAY_MS,
            retention_ms=7 * DAY_MS,
        )


async def test_what_is_over_is_reduced_once_and_what_is_not_stays() -> None:
    office = Office()
    old, fresh = office.sent(7.5), office.sent(6.5)
    assert await office.reduce() == 1
    assert office.server.silent == {old.id: ["A/2"]}
    assert office.server.told.keys() == {fresh.id}
    assert await office.reduce() == 0


async def test_a_message_shown_later_keeps_its_receipts_longer() -> None:
    office = Office()
    office.sent(8, show_at=NOW - 2 * DAY_MS)
    assert await office.reduce() == 0


@pytest.mark.parametrize(("until", "reduced"), [(NOW - 1, 1), (NOW, 1), (NOW + 1, 0)])
async def test_the_console_that_sent_it_says_how_long(until: int, reduced: int) -> None:
    office = Office()
    one = office.sent(8)
    office.server.until[one.id] = until
    assert await office.reduce(days=30) == reduced


async def test_what_redis_has_lost_is_not_written_down() -> None:
    office = Office()
    one = office.sent(8)
    office.server.lost_counts[one.id] = Counts(2, received=3, acknowledged=1)
    assert await office.reduce() == 0
    assert office.server.silent == {}


async def test_a_console_that_runs_does_it_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin_app.chores.REDUCE_FIRST_S", 0.01)
    office = Office()
    old = office.sent(7.5)
    session = ConsoleSession(FakeConsoleBus(office.server), Sender(Settings()))
    task = asyncio.create_task(session.run())
    await until(lambda: office.server.silent)
    task.cancel()
    await asyncio.wait([task])
    assert office.server.silent == {old.id: ["A/2"]}


async def test_receipts_are_reduced_soon_after_a_doubt_of_redis_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, reduced = Office(), asyncio.Event()
    sender = Sender(Settings(), clock=clock_of(office.server))
    await sender.now_ms(office.link)
    office.server.wrong_by = 100 * DAY_MS
    await sender.now_ms(office.link)
    assert sender.clock.in_doubt

    async def note(*_: object) -> None:
        reduced.set()

    monkeypatch.setattr(sender, "reduce_old", note)
    monkeypatch.setattr("admin_app.chores.REDUCE_FIRST_S", 0.0)
    monkeypatch.setattr("admin_app.chores.DOUBT_S", 0.01)
    chore = asyncio.create_task(reduce_receipts(office.link, sender, list))
    await asyncio.sleep(0.05)
    assert not reduced.is_set()
    office.server.wrong_by = 0
    await sender.now_ms(office.link)  # the console's link does so every few seconds
    await until(reduced.is_set, 10)
    chore.cancel()
    await asyncio.wait([chore])
