"""The report of one message: who is in it, how it stays live, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from admin_app.report_rows import OutletRow, Progress, Row
from admin_app.reports import Report
from shared.bus import EndpointReport, ReceiptPage, SeenPage
from shared.documents import Entries
from shared.errors import LinkLost, NotPermitted, SiaranError
from shared.model import DAY_MS, HOUR_MS, Ack, Message
from shared.outlets import ExpectedOutlet
from shared.receipts import Counts, Receipt, Stage
from tests.conftest import until
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer
from tests.fakes import make_message as message

NOW = 1_800_000_000_000


class CountingLink(FakeConsoleLink):
    """Counts what is asked of it."""

    asked = 0
    pages = 0
    set_back: set[str] = set()  # noqa: RUF012
    more: dict[str, int] = {}  # noqa: RUF012
    garbage: list[str] = []  # noqa: RUF012
    nobody_seen = False

    async def counts(self, messages: object) -> list[Counts]:
        self.asked += 1
        return await super().counts(messages)  # type: ignore[arg-type]

    async def receipts(self, message_id: str, position: int) -> ReceiptPage:
        self.pages += 1
        page = await super().receipts(message_id, position)
        page.unreadable += self.garbage
        return page

    async def seen(self, channel: str, position: int) -> SeenPage:
        page = SeenPage({}, 0) if self.nobody_seen else await super().seen(channel, position)
        seen = {name: 0 if name in self.set_back else at for name, at in page.seen.items()}
        return SeenPage({**seen, **self.more}, page.position)


class Office:
    """One message, and the endpoints that tell of it."""

    def __init__(self) -> None:
        self.server = FakeServer(now_ms=NOW)
        self.link = CountingLink(self.server, FakeConsoleBus(self.server))
        self.message = message(sent_at=NOW)
        self.lost: SiaranError | None = None

    def there(
        self,
        name: str,
        seen_at: int = NOW,
        first_at: int = NOW - DAY_MS,
        channel: str = "Channel 1",
    ) -> None:
        """An endpoint that follows *channel*."""
        outlet, _, pc = name.partition("/")
        self.server.first_seen[name] = first_at
        self.server.reports.append(
            EndpointReport(
                outlet=outlet,
                pc=pc,
                channels=[channel],
                version="",
                system="",
                instance="",
                machine="",
                started_at=first_at,
                seen_at=max(seen_at, first_at) if first_at > NOW else seen_at,
            )
        )

    def tell(
        self, name: str, displayed: int | None = None, acknowledged: int | None = None
    ) -> None:
        """A receipt, in place of an earlier one of the same endpoint, which is registered."""
        if name not in {one.endpoint for one in self.server.reports}:
            self.there(name, channel="Another channel")
        self.invent(name, displayed, acknowledged)

    def contradict(self, name: str, acknowledged: int | None = None) -> None:
        """An endpoint's own word."""
        word = Receipt(self.message.id, NOW, NOW, NOW + 5, acknowledged, "sari", endpoint=name)
        if acknowledged is None:
            word = replace(word, os_user="")
        self.server.contradictions[(name, self.message.id)] = word

    def invent(
        self, name: str, displayed: int | None = None, acknowledged: int | None = None
    ) -> None:
        """A receipt of whoever."""
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


async def test_a_pc_that_says_otherwise_is_contradicted_and_has_not_acknowledged(
    office: Office,
) -> None:
    for name in ("A/1", "A/2", "A/3"):
        office.there(name)
        office.tell(name, NOW + 5, NOW + 9)
    office.contradict("A/1")
    office.contradict("A/2", NOW + 9)  # what it says is what is there
    office.contradict("X/9")  # has nothing to contradict
    report = office.report()
    await report.read(office.link)
    row = report.rows["A/1"]
    assert (row.progress, row.pending, row.acknowledged_at) == (Progress.CONTRADICTED, True, None)
    assert row.claim is not None
    assert (row.claim.acknowledged_at, row.claim.os_user) == (NOW + 9, "sari")
    assert {name for name, row in report.rows.items() if row.claim} == {"A/1"}
    assert [one.endpoint for one in report.unacknowledged()] == ["A/1"]
    assert report.figures.doubts.contradicted == 1
    assert report.figures.counts.acknowledged == 2
    assert report.outlets()[0].acknowledged == 2


async def test_an_entry_that_is_none_is_contradicted_by_the_pc_s_own_word(
    office: Office,
) -> None:
    office.server.whole = True
    for name in ("A/1", "A/2"):
        office.there(name)
        office.tell(name, NOW + 5, NOW + 9)
    report = office.report()
    async with live(report):
        await until(lambda: report.figures.counts.acknowledged == 2)
        office.server.lost_counts[office.message.id] = office.server.counts(office.message.id)
        told = office.server.told[office.message.id]
        told[:] = [one for one in told if one.endpoint != "A/1"]
        office.link.garbage = ["A/1"]
        office.contradict("A/1", NOW + 9)
        report._stale = True  # as once a minute
        await until(lambda: report.figures.doubts.contradicted == 1)
        assert report.rows["A/1"].progress is Progress.CONTRADICTED
        assert report.figures.doubts.counters is None


async def test_another_answer_by_its_own_word_is_none_either(office: Office) -> None:
    office.message = message(sent_at=NOW, ack=Ack.OUTLET)
    office.there("A/1")
    office.there("A/2")
    office.tell("A/1", NOW + 5, NOW + 9)
    office.tell("A/2", NOW + 5)
    office.contradict("A/1", NOW + 7)
    report = office.report()
    await report.read(office.link)
    assert report.rows["A/1"].pending
    assert report.rows["A/2"].pending
    assert (report.figures.counts.outlets, report.silent) == (0, 1)


async def test_endpoints_that_nobody_knows_stand_apart_and_do_not_count(office: Office) -> None:
    office.there("A/1")
    office.there("A/2")
    office.server.outlets = [
        ExpectedOutlet(outlet="B", channels=["Channel 1"]),
        ExpectedOutlet(outlet="C", pcs=["1"], channels=["Channel 1"]),
    ]
    for name in ("A/1", "B/7", "C/1"):
        office.tell(name, NOW + 5, NOW + 9)
    office.server.reports = [one for one in office.server.reports if one.outlet == "A"]
    for number in range(7):
        office.invent(f"A/fake-{number}", NOW + 1, NOW + 2)
    office.invent("C/2", NOW + 1, NOW + 2)
    report = office.report()
    await report.read(office.link)
    assert sorted(row.endpoint for row in report.known()) == ["A/1", "A/2", "B/7", "C/1"]
    assert len(report.strangers()) == 8
    counts = report.figures.counts
    assert (counts.received, counts.displayed, counts.acknowledged) == (3, 3, 3)
    assert report.figures.doubts.strangers == 8
    assert [row.endpoint for row in report.unacknowledged()] == ["A/2"]
    assert sum(one.acknowledged for one in report.outlets()) == 3
    assert sum(counts.reach[Stage.ACKNOWLEDGED].values()) == 3


async def test_an_invented_pc_answers_for_no_outlet(office: Office) -> None:
    office.message = message(sent_at=NOW, ack=Ack.OUTLET)
    office.there("A/1")
    office.tell("A/1", NOW + 5)
    office.invent("A/fake", NOW + 1, NOW + 2)
    report = office.report()
    await report.read(office.link)
    assert report.rows["A/1"].progress is Progress.DISPLAYED
    assert report.silent == 1


async def test_who_registers_is_known_from_then_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.reports.EXPECTED_AGAIN_S", 0.01)
    office.there("A/1")
    office.invent("B/1", NOW + 1, NOW + 2)
    report = office.report()
    async with live(report):
        await until(lambda: report.figures.doubts.strangers == 1)
        office.there("B/1")
        await until(lambda: report.figures.doubts.strangers == 0)
        assert report.figures.counts.acknowledged == 1


async def test_of_too_many_that_nobody_knows_there_is_only_how_many(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.evidence.MAX_STRANGERS", 5)
    for number in range(20):
        office.invent(f"X/{number}", NOW + 1, NOW + 2)
    office.there("Z/1")
    office.tell("Z/1", NOW + 5, NOW + 9)
    report = office.report()
    await report.read(office.link)
    assert len(report.strangers()) == 5
    assert report.figures.doubts.strangers == 20
    assert report.figures.counts.acknowledged == 1


@pytest.mark.parametrize("spoilt", [0, 3, 999])
async def test_where_the_counters_say_otherwise_the_receipts_count(
    office: Office, spoilt: int
) -> None:
    office.server.whole = True
    for name in ("A/1", "A/2"):
        office.there(name)
    office.tell("A/1", NOW + 5, NOW + 9)
    office.server.lost_counts[office.message.id] = Counts(2, received=spoilt, acknowledged=spoilt)
    report = office.report()
    await report.read(office.link)
    counters = report.figures.doubts.counters
    assert counters is not None
    assert counters.acknowledged == spoilt
    assert (report.figures.counts.expected, report.figures.counts.acknowledged) == (2, 1)
    assert report.missing == 0
    assert report.rows["A/2"].progress is Progress.WAITING


async def test_outlets_that_were_counted_and_have_not_answered_do_not_count(
    office: Office,
) -> None:
    office.server.whole = True
    office.message = message(sent_at=NOW, ack=Ack.OUTLET)
    office.there("A/1")
    office.tell("A/1", NOW + 5)
    office.server.lost_counts[office.message.id] = Counts(
        1, received=1, displayed=1, outlets=400, places=500
    )
    report = office.report()
    await report.read(office.link)
    assert report.figures.doubts.counters is not None
    assert report.figures.share(Stage.ACKNOWLEDGED) == (0, 500)


async def test_where_nobody_may_read_the_registry_everybody_counts(office: Office) -> None:
    office.there("A/1")
    office.invent("B/1", NOW + 5, NOW + 9)

    async def refuse() -> Entries[EndpointReport]:
        raise NotPermitted(ADDRESS, "No.")

    office.link.endpoints = refuse  # type: ignore[method-assign]
    office.link.more = {"A/1": NOW}
    office.link.nobody_seen = True
    report = office.report()
    await report.read(office.link)
    assert {row.endpoint for row in report.known()} == {"A/1", "B/1"}
    assert not report.figures.doubts


async def test_counters_that_move_while_it_reads_are_not_wrong(office: Office) -> None:
    office.server.whole = True
    for number in range(10):
        office.tell(f"A/{number}", NOW + 5)
    for number in range(10, 40):
        office.there(f"A/{number}")
    report = office.report()
    wrong: list[object] = []
    report.figures_changed.connect(lambda now: wrong.append(now.doubts.counters))
    async with live(report):
        await until(lambda: report.complete)
        for number in range(10, 40):
            office.tell(f"A/{number}", NOW + 5, NOW + 6)
            await asyncio.sleep(0.002)
        await until(lambda: report.figures.counts.received == 40)
        await until(lambda: len(report.rows) == 40)
    assert set(wrong) == {None}


async def test_who_was_put_back_in_the_sets_is_expected_by_the_registry(office: Office) -> None:
    office.there("A/1", seen_at=NOW - DAY_MS)
    office.there("A/2", seen_at=NOW - DAY_MS)
    office.link.set_back = {"A/1"}
    office.server.first_seen["A/2"] = NOW + HOUR_MS
    report = office.report()
    await report.read(office.link)
    assert set(report.rows) == {"A/1", "A/2"}
    assert report.rows["A/1"].seen_at == NOW - DAY_MS


async def test_a_name_in_the_sets_alone_is_nobody(office: Office) -> None:
    office.there("A/1")
    office.link.more = {"B/1": NOW}
    report = office.report()
    await report.read(office.link)
    assert set(report.rows) == {"A/1"}


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
