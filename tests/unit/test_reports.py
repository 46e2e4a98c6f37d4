"""The report of one message: who is in it, how it stays live, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from admin_app.reports import OutletRow, Progress, Report, Row
from shared.bus import EndpointReport, ReceiptPage
from shared.errors import LinkLost, SiaranError
from shared.model import DAY_MS, HOUR_MS, Ack, Message
from shared.outlets import ExpectedOutlet
from shared.receipts import Counts, Receipt
from tests.conftest import until
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer
from tests.fakes import make_message as message

NOW = 1_800_000_000_000


class CountingLink(FakeConsoleLink):
    """Counts what is asked of it."""

    asked = 0
    pages = 0

    async def counts(self, messages: object) -> list[Counts]:
        self.asked += 1
        return await super().counts(messages)  # type: ignore[arg-type]

    async def receipts(self, message_id: str, position: int) -> ReceiptPage:
        self.pages += 1
        return await super().receipts(message_id, position)


class Office:
    """One message, and the endpoints that tell of it."""

    def __init__(self) -> None:
        self.server = FakeServer(now_ms=NOW)
        self.link = CountingLink(self.server, FakeConsoleBus(self.server))
        self.message = message(sent_at=NOW)
        self.lost: SiaranError | None = None

    def there(self, name: str, seen_at: int = NOW, first_at: int = NOW - DAY_MS) -> None:
        """An endpoint that follows Channel 1."""
        outlet, _, pc = name.partition("/")
        self.server.first_seen[name] = first_at
        self.server.reports.append(
            EndpointReport(
                outlet=outlet,
                pc=pc,
                channels=["Channel 1"],
                version="",
                system="",
                instance="",
                machine="",
                started_at=0,
                seen_at=seen_at,
            )
        )

    def tell(
        self, name: str, displayed: int | None = None, acknowledged: int | None = None
    ) -> None:
        """A receipt, in place of an earlier one of the same endpoint."""
        told = self.server.told.setdefault(self.message.id, [])
        told[:] = [one for one in told if one.endpoint != name]
        told.append(
            Receipt(self.message.id, NOW, NOW, displayed, acknowledged, "sari", endpoint=name)
        )

    def report(self, one: Message | None = None) -> Report:
        return Report(one or self.message, self._link, lambda at: at - 7 * DAY_MS)

    def _link(self) -> CountingLink:
        if self.lost is not None:
            raise self.lost
        return self.link


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("admin_app.reports.TICK_S", 0.01)
    return Office()


@asynccontextmanager
async def live(report: Report) -> AsyncIterator[Report]:
    """A report that is open."""
    task = asyncio.create_task(report.run())
    try:
        yield report
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_who_has_not_told_anything_is_in_it_if_expected(office: Office) -> None:
    office.there("A/1")
    office.there("A/2")
    office.there("B/1", seen_at=NOW - 8 * DAY_MS)
    office.there("C/1", first_at=NOW + HOUR_MS)
    office.tell("A/1", NOW + 5, NOW + 9)
    office.tell("D/1")
    report = office.report()
    await report.read(office.link)
    assert {name: row.progress for name, row in report.rows.items()} == {
        "A/1": Progress.ACKNOWLEDGED,
        "A/2": Progress.WAITING,
        "D/1": Progress.RECEIVED,
    }
    assert report.rows["A/2"].seen_at == NOW
    assert {row.endpoint for row in report.unacknowledged()} == {"A/2", "D/1"}


async def test_outlets_of_the_imported_list_are_in_it_until_they_tell(office: Office) -> None:
    office.server.outlets = [
        ExpectedOutlet(outlet="A", channels=["Channel 1"]),
        ExpectedOutlet(outlet="B", pcs=["1", "2"], channels=["Channel 1"]),
        ExpectedOutlet(outlet="C", channels=["Channel 2"]),
    ]
    office.tell("B/1")
    report = office.report()
    await report.read(office.link)
    assert sorted(report.rows) == ["A/", "B/1", "B/2"]


async def test_how_many_are_expected_is_noted_if_the_sender_did_not(office: Office) -> None:
    for name in ("A/1", "A/2", "B/1"):
        office.there(name)
    office.message = message(sent_at=NOW, ack=Ack.OUTLET)
    report = office.report()
    await report.read(office.link)
    assert (report.figures.counts.expected, report.figures.counts.places) == (3, 2)
    office.there("C/1")
    again = office.report()
    await again.read(office.link)
    assert again.figures.counts.expected == 3


async def test_it_stays_live_and_says_what_changed(office: Office) -> None:
    for number in range(10):
        office.tell(f"A/{number}")
    changed: list[Row] = []
    figures: list[int] = []
    report = office.report()
    report.rows_changed.connect(changed.extend)
    report.figures_changed.connect(lambda now: figures.append(now.counts.acknowledged))
    async with live(report):
        await until(lambda: report.complete)
        assert len(changed) == 10
        changed.clear()
        office.tell("A/3", NOW + 1, NOW + 2)
        await until(lambda: changed)
        assert [row.endpoint for row in changed] == ["A/3"]
        assert figures[-1] == 1


async def test_when_nothing_happens_only_the_counters_are_asked_for(office: Office) -> None:
    for number in range(30):
        office.tell(f"A/{number}")
    report = office.report()
    async with live(report):
        await until(lambda: report.complete)
        pages, asked = office.link.pages, office.link.asked
        await until(lambda: office.link.asked >= asked + 5)
        assert office.link.pages == pages


async def test_closed_it_costs_nothing(office: Office) -> None:
    report = office.report()
    async with live(report):
        await until(lambda: report.complete)
    asked = office.link.asked
    await asyncio.sleep(0.05)
    assert office.link.asked == asked


async def test_a_lost_link_is_said_and_healed(office: Office) -> None:
    office.tell("A/1")
    troubles: list[SiaranError | None] = []
    report = office.report()
    report.trouble_changed.connect(troubles.append)
    office.lost = LinkLost(ADDRESS, "The connection was lost.")
    async with live(report):
        await until(lambda: troubles)
        assert not report.complete
        office.lost = None
        await until(lambda: report.complete)
    assert [str(one) for one in troubles] == ["The connection was lost.", "None"]
    assert set(report.rows) == {"A/1"}


async def test_after_reduction_the_totals_and_who_did_not_answer_are_left(office: Office) -> None:
    office.there("A/1")
    office.there("B/1")
    await office.link.reduce(office.message, ["B/1"], NOW)
    report = office.report()
    await report.read(office.link)
    assert set(report.rows) == {"B/1"}


async def test_receipts_that_redis_has_lost_make_nobody_guilty(office: Office) -> None:
    office.there("A/1")
    office.there("A/2")
    office.server.lost_counts[office.message.id] = Counts(2, received=2, acknowledged=2)
    report = office.report()
    await report.read(office.link)
    assert report.rows == {}
    assert report.missing == 2


async def test_where_one_pc_of_each_outlet_is_asked_the_others_need_not_answer(
    office: Office,
) -> None:
    office.message = message(sent_at=NOW, ack=Ack.OUTLET)
    for name in ("A/1", "A/2", "B/1"):
        office.there(name)
    office.tell("A/1", NOW + 5)
    office.tell("C/1", NOW + 5)
    report = office.report()
    changed: list[Row] = []
    report.rows_changed.connect(changed.extend)
    async with live(report):
        await until(lambda: report.complete)
        assert {row.endpoint for row in report.unacknowledged()} == {"A/1", "A/2", "B/1", "C/1"}
        changed.clear()
        office.tell("A/1", NOW + 5, NOW + 9)
        await until(lambda: changed)
        assert sorted(row.endpoint for row in changed) == ["A/1", "A/2"]
        assert report.rows["A/2"].progress is Progress.ANSWERED
        assert {row.endpoint for row in report.unacknowledged()} == {"B/1", "C/1"}
        office.tell("A/3", NOW + 8)
        await until(lambda: "A/3" in report.rows)
        assert report.rows["A/3"].answered_by == "A/1"


async def test_who_has_not_shown_what_nobody_is_asked_to_acknowledge(office: Office) -> None:
    office.message = message(sent_at=NOW, ack=Ack.NONE)
    office.tell("A/1")
    office.tell("A/2", NOW + 5)
    report = office.report()
    await report.read(office.link)
    assert [row.endpoint for row in report.unacknowledged()] == ["A/1"]


async def test_one_of_unknown_name_goes_when_somebody_of_its_outlet_comes(office: Office) -> None:
    office.server.outlets = [ExpectedOutlet(outlet="A", channels=["Channel 1"])]
    report = office.report()
    async with live(report):
        await until(lambda: "A/" in report.rows)
        office.tell("A/7")
        await until(lambda: set(report.rows) == {"A/7"})


async def test_outlets_are_summed_up(office: Office) -> None:
    office.tell("B/1", NOW + 5, NOW + 30)
    office.tell("A/1", NOW + 5, NOW + 20)
    office.tell("A/2", NOW + 6, NOW + 10)
    office.tell("A/3")
    report = office.report()
    await report.read(office.link)
    assert report.outlets() == [
        OutletRow("A", 3, 3, 2, 2, NOW + 10, "A/2", pending=True),
        OutletRow("B", 1, 1, 1, 1, NOW + 30, "B/1", pending=False),
    ]
