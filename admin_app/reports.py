"""The report of one message: the figures at a fixed price, the list of PCs page by page.

While a report is open it asks once a second for the counters, which cost the same for 10 endpoints
or 10,000. Only when they have moved does it read on in the list, at most ``PAGES`` pages a second,
until the list has caught up. Closed (its ``run`` cancelled), it costs nothing.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from admin_app.audience import seen_pages
from admin_app.reach import Reach, reach_of
from shared.bus import ConsoleLink, ReceiptPage
from shared.clock import wall_ms
from shared.documents import MAX_ENTRIES
from shared.errors import InternalError, NotPermitted, SiaranError
from shared.model import Ack, Message
from shared.outlets import expected_to_show
from shared.receipts import RECEIPT_DAYS_MS, Counts, Receipt, Stage
from shared.signals import Signal

log = logging.getLogger(__name__)

TICK_S = 1.0
PAGES = 8
"""Pages of receipts read in one tick, so that 10,000 endpoints are up to date within 6 s."""
EXPECTED_AGAIN_S = 60.0
"""How often the last heartbeats of those who have nothing yet are read."""


class Progress(enum.StrEnum):
    """How a message stands with one endpoint."""

    WAITING = "waiting"
    """Expected, but nothing was heard."""
    RECEIVED = "received"
    DISPLAYED = "displayed"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    """Another PC of its outlet has acknowledged, and one of each was asked to."""
    EXPIRED = "expired"
    RECALLED = "recalled"
    UNREADABLE = "unreadable"
    """Something else was written in place of what it had told."""


_CLOSED = frozenset({Progress.EXPIRED.value, Progress.RECALLED.value})


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint in the report. Times are ms by Redis' clock; None: not yet, or not known."""

    endpoint: str
    received_at: int | None = None
    displayed_at: int | None = None
    acknowledged_at: int | None = None
    os_user: str = ""
    """Who acknowledged, as the PC knows them."""
    closed: str = ""
    reply: str = ""
    """The short answer that was chosen; empty: just OK."""
    seen_at: int | None = None
    """Its last heartbeat."""
    answered_by: str = ""
    """The endpoint that has acknowledged for its outlet, where one of each is asked to."""
    unreadable: bool = False
    """Whether what is in the place of its receipt is none."""

    @property
    def outlet(self) -> str:
        """The shop it stands in."""
        return self.endpoint.partition("/")[0]

    @property
    def pc(self) -> str:
        """Its name in the shop."""
        return self.endpoint.partition("/")[2]

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        if self.acknowledged_at is not None:
            return Progress.ACKNOWLEDGED
        if self.answered_by:
            return Progress.ANSWERED
        if self.closed in _CLOSED:
            return Progress(self.closed)
        if self.received_at is None:
            return Progress.UNREADABLE if self.unreadable else Progress.WAITING
        return Progress.RECEIVED if self.displayed_at is None else Progress.DISPLAYED

    @property
    def pending(self) -> bool:
        """Whether nobody has acknowledged it, here or for the outlet, nor taken it back."""
        return (
            self.acknowledged_at is None
            and not self.answered_by
            and self.closed != Progress.RECALLED.value
        )


@dataclass(frozen=True, slots=True)
class OutletRow:
    """One outlet in the report: how many of its PCs have come how far, and who answered first."""

    outlet: str
    expected: int
    received: int
    displayed: int
    acknowledged: int
    first_at: int | None
    first_by: str
    pending: bool
    """Whether a PC of it is: with one answer for the outlet, none is."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of a message."""

    counts: Counts
    ack: Ack = Ack.PC

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
        self._names_lost = 0
        self._stale = True
        self._moved = False

    async def run(self) -> None:
        """Keep it up to date until cancelled."""
        clock = asyncio.get_running_loop().time
        expected_at = float("-inf")
        while True:
            try:
                link = self._link()
                await self._count(link)
                await self._catch_up(link, None if not self.complete else PAGES)
                if clock() - expected_at >= EXPECTED_AGAIN_S:
                    await self._read_expected(link)
                    expected_at = clock()
                self.complete, self.read_at = True, wall_ms()
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
        await self._catch_up(link, None)
        await self._read_expected(link)
        self.complete = True

    def outlets(self) -> list[OutletRow]:
        """The rows summed up by outlet, in the order of their names."""
        return by_outlet(self.rows.values())

    @property
    def missing(self) -> int:
        """How many receipts were counted that Redis has no more: they expired unreduced, or were
        evicted. Who has not acknowledged is not known then, only how many."""
        if not self.complete or self._stale or self.figures.counts.reduced:
            return 0
        return max(0, self.figures.counts.received - self._received())

    @property
    def unreadable(self) -> int:
        """How many entries are no receipts, or no names of those who did not answer."""
        return len(self._unreadable) + self._names_lost

    @property
    def silent(self) -> int:
        """How many have not acknowledged: PCs, or outlets where one PC of each is asked to."""
        return count_silent(self.rows.values(), by_outlet=self.figures.by_outlet)

    def unacknowledged(self) -> list[Row]:
        """Who has not acknowledged; of a message that does not ask for it, who has not shown it."""
        if self.message.ack is Ack.NONE:
            return [row for row in self.rows.values() if row.displayed_at is None]
        return [row for row in self.rows.values() if row.pending]

    async def _count(self, link: ConsoleLink) -> None:
        [counts] = await link.counts([self.message])
        if counts != self.figures.counts:
            moved = _stages(counts) != _stages(self.figures.counts)
            self._stale, self._moved = self._stale or moved, self._moved or moved
            self.figures = Figures(counts, self.message.ack)
            self.figures_changed.emit(self.figures)

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
            page = await link.receipts(self.message.id, self._position)
            self._note_unreadable(page)
            self._take(_row(one) for one in page.receipts)
            self._position = page.position
            if self._position == 0:
                self._stale = self._moved
            pages = None if pages is None else pages - 1
            await asyncio.sleep(0)

    async def _read_expected(self, link: ConsoleLink) -> None:
        """Add who was expected but has told nothing, and everybody's last heartbeat."""
        if self.figures.counts.reduced:
            names = await link.silent(self.message.id)
            self._names_lost = names.unreadable
            self._take(Row(name) for name in names)
            self.unreadable_changed.emit(self.unreadable)
            return
        if self.figures.counts.received > self._received():
            return  # those missing would look as if they had never got it
        due_at = self.message.due_at()
        since = self._expected_since(self.message.sent_at)
        there: set[str] = set()
        async for seen in seen_pages(link, self.message.channels):
            new = [name for name, at in seen.items() if name not in self.rows and at >= since]
            firsts = dict(zip(new, await link.first_seen(new), strict=True))
            late = {name for name, at in firsts.items() if at and at > due_at}
            fresh = [name for name in seen if name in self.rows or name in firsts.keys() - late]
            self._take(
                replace(self.rows.get(name, Row(name)), seen_at=seen[name]) for name in fresh
            )
            there.update(fresh)
            await asyncio.sleep(0)
        listed = (await link.expected_outlets()).outlets
        never = expected_to_show(listed, self.message.channels, there | self.rows.keys())
        self._take(Row(name) for name in never - self.rows.keys())
        if self.figures.counts.expected is None and self.message.channels:
            await self._note_expected(link)

    async def _note_expected(self, link: ConsoleLink) -> None:
        """Who sent it did not say how many were expected: killed just then, or another program."""
        outlets = {row.outlet for row in self.rows.values()}
        by_outlet = len(outlets) if self.message.ack is Ack.OUTLET else 0
        until = self.message.due_at() + RECEIPT_DAYS_MS
        with suppress(NotPermitted):
            await link.note_sent(self.message, len(self.rows), until, by_outlet)
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
            self.rows_changed.emit(list(changed.values()))

    def _completed(self, read: Row) -> Row:
        """What was read, with what is known from elsewhere."""
        known = self.rows.get(read.endpoint)
        seen_at = known.seen_at if known and read.seen_at is None else read.seen_at
        by = "" if read.acknowledged_at is not None else self._answers.get(read.outlet, "")
        spoilt = read.received_at is None and read.endpoint in self._unreadable
        if (seen_at, by, spoilt) == (read.seen_at, read.answered_by, read.unreadable):
            return read
        return replace(read, seen_at=seen_at, answered_by=by, unreadable=spoilt)

    def _answer(self, row: Row) -> dict[str, Row]:
        """If *row* is the first of its outlet to acknowledge: the others, as they are now."""
        if self.message.ack is not Ack.OUTLET:
            return {}
        others = self._outlets.setdefault(row.outlet, set())
        others.add(row.endpoint)
        if row.acknowledged_at is None or row.outlet in self._answers:
            return {}
        self._answers[row.outlet] = row.endpoint
        changed = {
            name: replace(self.rows[name], answered_by=row.endpoint)
            for name in others
            if self.rows[name].acknowledged_at is None
        }
        self.rows |= changed
        return changed

    def _set_trouble(self, trouble: SiaranError | None) -> None:
        if str(trouble) != str(self.trouble):
            self.trouble = trouble
            self.trouble_changed.emit(trouble)


def count_silent(rows: Iterable[Row], *, by_outlet: bool) -> int:
    """How many of *rows* have not acknowledged, or of their outlets."""
    silent = [row for row in rows if row.pending]
    return len({row.outlet for row in silent}) if by_outlet else len(silent)


def by_outlet(rows: Iterable[Row]) -> list[OutletRow]:
    """Sum *rows* up by outlet, in the order of their names."""
    outlets: dict[str, list[Row]] = {}
    for row in rows:
        outlets.setdefault(row.outlet, []).append(row)
    return [_outlet_row(name, outlets[name]) for name in sorted(outlets)]


def _outlet_row(name: str, rows: Sequence[Row]) -> OutletRow:
    answers = [(row.acknowledged_at, row.endpoint) for row in rows if row.acknowledged_at]
    first_at, first_by = min(answers, default=(None, ""))
    return OutletRow(
        name,
        expected=len(rows),
        received=sum(row.received_at is not None for row in rows),
        displayed=sum(row.displayed_at is not None for row in rows),
        acknowledged=len(answers),
        first_at=first_at,
        first_by=first_by,
        pending=any(row.pending for row in rows),
    )


def _stages(counts: Counts) -> tuple[int, ...]:
    """What moves when a receipt comes."""
    stages = (counts.received, counts.displayed, counts.acknowledged, counts.outlets)
    return (*stages, counts.expired, counts.recalled)


def _row(receipt: Receipt) -> Row:
    return Row(
        receipt.endpoint,
        receipt.received_at or None,
        receipt.displayed_at,
        receipt.acknowledged_at,
        receipt.os_user,
        receipt.closed,
        receipt.reply,
    )
