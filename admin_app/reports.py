"""The report of one message: the figures at a fixed price, the list of PCs page by page.

While a report is open it asks once a second for the counters, which cost the same for 10 endpoints
or 10,000. Only when they have moved does it read on in the list, at most ``PAGES`` pages a second,
until the list has caught up. Closed (its ``run`` cancelled), it costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from admin_app.audience import seen_pages
from admin_app.evidence import NO_DOUBTS, Doubts, ReceiptBook, counts_of
from admin_app.reach import Reach, reach_of
from admin_app.report_rows import OutletRow, Row, by_outlet, count_silent
from shared.bus import ConsoleLink, ReceiptPage
from shared.clock import wall_ms
from shared.documents import MAX_ENTRIES, Entries
from shared.errors import InternalError, NotPermitted, SiaranError
from shared.model import ALL_CHANNELS, Ack, Message
from shared.outlets import expected_to_show
from shared.receipts import RECEIPT_DAYS_MS, Counts, Stage
from shared.signals import Signal

log = logging.getLogger(__name__)

TICK_S = 1.0
PAGES = 8
"""Pages of receipts read in one tick, so that 10,000 endpoints are up to date within 6 s."""
EXPECTED_AGAIN_S = 60.0
"""How often the last heartbeats of those who have nothing yet are read, and all receipts."""
WORDS_AGAIN_S = 10.0
"""How often all receipts are read while some are contradicted: the PCs' words may change."""
STEP = 500
"""Endpoints of the registry that are looked at at once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of a message."""

    counts: Counts
    ack: Ack = Ack.PC
    doubts: Doubts = NO_DOUBTS
    """What somebody has spoiled; the counts are those of the receipts then, not the counters."""

    @property
    def whole(self) -> int:
        """How many PCs were expected, or came if those are more."""
        return self.counts.whole

    @property
    def by_outlet(self) -> bool:
        """Whether it is outlets that acknowledge, each once."""
        return self.ack is Ack.OUTLET

    def share(self, stage: Stage) -> tuple[int, int]:
        """How many have reached *stage*, of how many: PCs, or outlets that acknowledge."""
        return self.counts.share(stage, self.ack)

    def reach(self, stage: Stage) -> Reach:
        """Its curve over time."""
        return reach_of(self.counts, stage, self.ack)


class Report:
    """One message, live while ``run`` runs. *link* gives the link, or raises why there is none.

    ``complete``: whether every endpoint has been read once. ``figures_changed`` and
    ``rows_changed`` bring what is new (rows in batches of some hundred at most);
    ``trouble_changed`` why nothing comes, None when it does again; ``unreadable_changed`` how many
    entries are no receipts.
    """

    def __init__(
        self,
        message: Message,
        link: Callable[[], ConsoleLink],
        expected_since: Callable[[int], int],
    ) -> None:
        self.message = message
        self.figures = Figures(Counts(), message.ack)
        self.rows: dict[str, Row] = {}
        self.complete = False
        self.trouble: SiaranError | None = None
        """Why it is not up to date; None: it is."""
        self.read_at = 0
        """When it last was, by this PC's clock in ms; 0: never."""
        self.figures_changed: Signal[[Figures]] = Signal()
        self.rows_changed: Signal[[list[Row]]] = Signal()
        self.trouble_changed: Signal[[SiaranError | None]] = Signal()
        self.unreadable_changed: Signal[[int]] = Signal()
        self._link = link
        self._expected_since = expected_since
        self._over: ConsoleLink | None = None
        self._position = 0
        self._answers: dict[str, str] = {}
        self._outlets: dict[str, set[str]] = {}
        self._unreadable: set[str] = set()
        self._book = ReceiptBook(message)
        self._counters = Counts()
        self._began = Counts()
        self._rows_read = 0
        self._summed: tuple[Doubts, Counts, int] | None = None
        self._before: Counts | None = None
        self._spoilt = False
        self._names_lost = 0
        self._stale = True
        self._moved = False

    async def run(self) -> None:
        """Keep it up to date until cancelled."""
        clock = asyncio.get_running_loop().time
        expected_at = read_at = float("-inf")
        while True:
            try:
                link = self._link()
                await self._count(link)
                again = clock() - expected_at >= EXPECTED_AGAIN_S
                if again:
                    await self._read_known(link)
                if again or (
                    self.figures.doubts.contradicted and clock() - read_at >= WORDS_AGAIN_S
                ):
                    self._stale, read_at = True, clock()  # what is overwritten moves no counter
                await self._catch_up(link, None if not self.complete else PAGES)
                if again:
                    await self._read_expected(link)
                    expected_at = clock()
                self.complete, self.read_at = True, wall_ms()
                self._sum_up()
                self._set_trouble(None)
            except SiaranError as error:
                self._set_trouble(error)
            except Exception as error:
                log.exception("a report cannot be read")
                self._set_trouble(InternalError(error))
            await asyncio.sleep(TICK_S)

    async def read(self, link: ConsoleLink) -> None:
        """Read everything once.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        await self._count(link)
        await self._read_known(link)
        await self._catch_up(link, None)
        await self._read_expected(link)
        self.complete = True
        await self._count(link)

    def outlets(self) -> list[OutletRow]:
        """The rows summed up by outlet, in the order of their names."""
        return by_outlet(self.known())

    def known(self) -> list[Row]:
        """The rows of endpoints that head office knows."""
        return [row for row in self.rows.values() if row.known]

    def strangers(self) -> list[Row]:
        """The rows of endpoints that nobody knows, which do not count."""
        return [row for row in self.rows.values() if not row.known]

    @property
    def missing(self) -> int:
        """How many receipts were counted that Redis has no more: they expired unreduced, or were
        evicted. Who has not acknowledged is not known then, only how many."""
        if not self.complete or self._stale or self._counters.reduced:
            return 0
        return self._lost()

    def _lost(self) -> int:
        """As many receipts as were counted and are not there; none if Redis has lost none."""
        return 0 if self._book.whole else max(0, self._counters.received - self._received())

    @property
    def unreadable(self) -> int:
        """How many entries are no receipts, or no names of those who did not answer."""
        return len(self._unreadable) + self._names_lost + self._book.overlong

    @property
    def silent(self) -> int:
        """How many have not acknowledged: PCs, or outlets where one PC of each is asked to."""
        return count_silent(self.known(), by_outlet=self.figures.by_outlet)

    def unacknowledged(self) -> list[Row]:
        """Who has not acknowledged; of a message that does not ask for it, who has not shown it."""
        if self.message.ack is Ack.NONE:
            return [row for row in self.known() if row.displayed_at is None]
        return [row for row in self.known() if row.pending]

    async def _count(self, link: ConsoleLink) -> None:
        [counts] = await link.counts([self.message])
        if self._before is not None:  # what was read lies between the two
            self._spoilt = not self._book.agrees(self._before, counts)
            self._before = None
        moved = _stages(counts) != _stages(self._counters)
        self._stale, self._moved = self._stale or moved, self._moved or moved
        self._counters = counts
        self._sum_up()

    def _sum_up(self) -> None:
        """Say what is counted, if it is something else by now."""
        rows = self.rows.values()
        doubts = Doubts(
            sum(row.claim is not None and row.known for row in rows),
            sum(not row.known for row in rows) + self._book.left_out,
            self._counters if self._spoilt else None,
        )
        counts = self._counters
        if doubts and self.complete and not counts.reduced:
            state = (doubts, counts, self._rows_read)
            if state == self._summed:  # summing up 10,000 rows takes 50 ms
                return
            self._summed = state
            counts = counts_of(rows, counts, self.message)
        figures = Figures(counts, self.message.ack, doubts)
        if figures != self.figures:
            self.figures = figures
            self.figures_changed.emit(figures)

    async def _catch_up(self, link: ConsoleLink, pages: int | None) -> None:
        """Read on in the receipts; a reading that began before the counters moved is repeated.

        So is one that began over another link: a server that was restarted has them in another
        order, and a place in the old one would pass over some.
        """
        if link is not self._over:
            self._over, self._position, self._stale = link, 0, True
        while self._stale and pages != 0:
            if self._position == 0:
                self._moved = False
                self._book.begin()
                self._began = self._counters
            page = await link.receipts(self.message.id, self._position)
            self._note_unreadable(page)
            self._take(self._book.row(name) for name in self._book.note(page))
            self._position = page.position
            if self._position == 0:
                self._stale = self._moved
                self._before = self._began
            pages = None if pages is None else pages - 1
            await asyncio.sleep(0)

    async def _read_known(self, link: ConsoleLink) -> None:
        """Read who is registered and who is listed: others do not count."""
        try:
            registry = await link.endpoints()
        except NotPermitted:  # of whom nobody may ask nobody is a stranger
            registry = Entries(cut=True)
        self._book.learn(registry, (await link.expected_outlets()).outlets)
        changed = [row for row in self.rows.values() if row.known != self._book.knows(row.endpoint)]
        self._take(replace(row, known=not row.known) for row in changed)

    async def _read_expected(self, link: ConsoleLink) -> None:
        """Add who was expected but has told nothing, and everybody's last heartbeat."""
        if self._counters.reduced:
            names = await link.silent(self.message.id)
            self._names_lost = names.unreadable
            self._take(Row(name) for name in names)
            self.unreadable_changed.emit(self.unreadable)
            return
        if self._lost():
            return  # those missing would look as if they had never got it
        since = self._expected_since(self.message.sent_at)
        there: set[str] = set()
        async for seen in self._seen(link):
            new = [name for name, at in seen.items() if name not in self.rows and at >= since]
            late = await self._late(link, new)
            fresh = [name for name in seen if name in self.rows or name in set(new) - late]
            self._take(
                replace(self.rows.get(name, Row(name)), seen_at=seen[name]) for name in fresh
            )
            there.update(fresh)
            await asyncio.sleep(0)
        listed = (await link.expected_outlets()).outlets
        never = expected_to_show(listed, self.message.channels, there | self.rows.keys())
        self._take(Row(name) for name in never - self.rows.keys())
        noted = self._counters.expected is not None and self._counters.noted
        if not noted and self.message.channels:
            await self._note_expected(link)

    async def _seen(self, link: ConsoleLink) -> AsyncIterator[dict[str, int]]:
        """Endpoints of its channels that are known, with their last heartbeat, some at a time.

        By the registry too: any outlet's account can put anybody back in the sets.
        """
        async for seen in seen_pages(link, self.message.channels):
            yield {
                name: max(at, self._heartbeat_of(name))
                for name, at in seen.items()
                if self._book.knows(name)
            }
        channels = set(self.message.channels)
        follow = [
            name
            for name, report in self._book.registry.items()
            if ALL_CHANNELS in channels or not channels.isdisjoint(report.channels)
        ]
        for number in range(0, len(follow), STEP):
            yield {name: self._heartbeat_of(name) for name in follow[number : number + STEP]}

    def _heartbeat_of(self, endpoint: str) -> int:
        report = self._book.registry.get(endpoint)
        return report.seen_at if report else 0

    async def _late(self, link: ConsoleLink, endpoints: Sequence[str]) -> set[str]:
        """Those of *endpoints* that were not there yet when it was due.

        Of one whose tray ran or was seen before, the first heartbeat was set later by somebody.
        """
        due_at = self.message.due_at()
        late: set[str] = set()
        for name, at in zip(endpoints, await link.first_seen(endpoints), strict=True):
            report = self._book.registry.get(name)
            was_there = report is not None and min(report.started_at, report.seen_at) <= due_at
            if at and at > due_at and not was_there:
                late.add(name)
        return late

    async def _note_expected(self, link: ConsoleLink) -> None:
        """Who sent it did not say how many were expected: killed just then, or another program."""
        rows = self.known()
        outlets = {row.outlet for row in rows}
        by_outlet = len(outlets) if self.message.ack is Ack.OUTLET else 0
        until = self.message.due_at() + RECEIPT_DAYS_MS
        with suppress(NotPermitted):
            if self._counters.expected is None:
                await link.note_sent(self.message, len(rows), until, by_outlet)
            else:
                await link.mend_receipts([self.message], RECEIPT_DAYS_MS)
            await self._count(link)

    def _received(self) -> int:
        """How many have an entry, whatever is in it."""
        rows = sum(row.received_at is not None for row in self.rows.values())
        return rows + len(self._unreadable)

    def _note_unreadable(self, page: ReceiptPage) -> None:
        """Keep whose entries are no receipts; one that was written anew is one again."""
        before = len(self._unreadable)
        self._unreadable -= {one.endpoint for one in page.receipts}
        self._unreadable.update(page.unreadable[: MAX_ENTRIES - len(self._unreadable)])
        known = [name for name in page.unreadable if name in self.rows]
        self._take(Row(name) for name in known)
        if len(self._unreadable) != before:
            self.unreadable_changed.emit(self.unreadable)

    def _take(self, rows: Iterable[Row]) -> None:
        changed: dict[str, Row] = {}
        for read in rows:
            row = self._completed(read)
            if row.pc:  # no longer is one of its outlet expected whose name nobody knows
                self.rows.pop(f"{row.outlet}/", None)
            if row != self.rows.get(row.endpoint):
                self.rows[row.endpoint] = changed[row.endpoint] = row
                changed |= self._answer(row)
        if changed:
            self._rows_read += 1
            self.rows_changed.emit(list(changed.values()))

    def _completed(self, read: Row) -> Row:
        """What was read, with what is known from elsewhere."""
        known = self.rows.get(read.endpoint)
        seen_at = known.seen_at if known and read.seen_at is None else read.seen_at
        answered = read.acknowledged_at is not None and read.claim is None
        by = "" if answered else self._answers.get(read.outlet, "")
        spoilt = read.received_at is None and read.endpoint in self._unreadable
        if (seen_at, by, spoilt) == (read.seen_at, read.answered_by, read.unreadable):
            return read
        return replace(read, seen_at=seen_at, answered_by=by, unreadable=spoilt)

    def _answer(self, row: Row) -> dict[str, Row]:
        """If *row* is the first of its outlet to acknowledge: the others, as they are now."""
        if self.message.ack is not Ack.OUTLET or not row.known:
            return {}
        others = self._outlets.setdefault(row.outlet, set())
        others.add(row.endpoint)
        answered = row.acknowledged_at is not None and row.claim is None
        if not answered or row.outlet in self._answers:
            return {}
        self._answers[row.outlet] = row.endpoint
        changed = {
            name: replace(self.rows[name], answered_by=row.endpoint)
            for name in others
            if self.rows[name].acknowledged_at is None or self.rows[name].claim
        }
        self.rows |= changed
        return changed

    def _set_trouble(self, trouble: SiaranError | None) -> None:
        if str(trouble) != str(self.trouble):
            self.trouble = trouble
            self.trouble_changed.emit(trouble)


def _stages(counts: Counts) -> tuple[int, ...]:
    """What moves when a receipt comes."""
    stages = (counts.received, counts.displayed, counts.acknowledged, counts.outlets)
    return (*stages, counts.expired, counts.recalled, counts.entries)
