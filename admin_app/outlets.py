"""Who is there of all outlets, from the registry and the list that head office has imported.

Pure but for one thing: whoever watches 10,000 PCs in a window asks for them in steps, between which
the window lives.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from admin_app.audience import AHEAD_MS
from admin_app.unreadable import Unreadable
from shared.bus import ChannelInfo, EndpointReport
from shared.documents import Entries
from shared.model import MAX_MS
from shared.outlets import ExpectedOutlet, OutletList

STEP = 250
"""PCs looked at between two breaths of the window: some 3 ms."""
MOST_NUMBERS = 8
"""Numbers of a name that are sorted as such; whoever invents 100,000 PCs could give each many."""


class Standing(enum.Enum):
    """How a PC or an outlet stands, from good to bad. ``PARTLY`` is for outlets alone."""

    CONNECTED = "connected"
    PARTLY = "partly"
    OFF = "off"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class PcRow:
    """One PC: seen, expected, or both. ``report`` None: expected, but never seen."""

    key: str
    outlet: str
    pc: str
    name: str
    standing: Standing
    channels: tuple[str, ...]
    listed: bool
    order: str
    report: EndpointReport | None = None

    @property
    def seen_at(self) -> int:
        """Its last heartbeat in ms; 0: never."""
        return self.report.seen_at if self.report else 0


@dataclass(frozen=True, slots=True)
class OutletRow:
    """One outlet and how its PCs stand."""

    outlet: str
    name: str
    standing: Standing
    pcs: int
    connected: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All PCs and outlets, in the order of their names."""

    pcs: list[PcRow] = field(default_factory=list)
    outlets: list[OutletRow] = field(default_factory=list)
    listed: OutletList = field(default_factory=lambda: OutletList([]))
    at_ms: int = 0
    """When it was so, by Redis' clock."""
    unreadable: Unreadable = field(default_factory=Unreadable)
    """What of it could not be read."""
    full: bool = False
    """Redis' memory is full, so this is how PCs stood when they last could report."""

    def counts(self) -> Mapping[Standing, int]:
        """How many outlets stand how."""
        return Counter(one.standing for one in self.outlets)


def overview_steps(
    reports: Entries[EndpointReport],
    listed: OutletList,
    since_ms: int,
    at_ms: int,
) -> Iterator[Overview | None]:
    """Look at everybody; yields None between the steps, and the overview at the end.

    Connected is who had a heartbeat since *since_ms*, and not after *at_ms*: now (0: not known).
    """
    connected = since_ms, (at_ms or MAX_MS) + AHEAD_MS
    by_outlet = {one.outlet: one for one in listed.outlets}
    found: dict[str, PcRow] = {}
    for number, report in enumerate(reports, 1):
        found[report.endpoint] = _seen(report, by_outlet.get(report.outlet), connected)
        if number % STEP == 0:
            yield None
    there = {row.outlet for row in found.values()}
    for number, one in enumerate(listed.outlets, 1):
        for row in _never_seen(one, someone=one.outlet in there):
            found.setdefault(row.key, row)
        if number % STEP == 0:
            yield None
    pcs = sorted(found.values(), key=lambda row: row.order)
    yield None
    outlets: list[OutletRow] = []
    for number, group in enumerate(_by_outlet(pcs), 1):
        outlets.append(_outlet(group))
        if number % STEP == 0:
            yield None
    left_out = Unreadable(registry=reports.unreadable, outlets=listed.unreadable, cut=reports.cut)
    yield Overview(pcs, outlets, listed, at_ms, left_out)


def overview(
    reports: Sequence[EndpointReport],
    listed: Sequence[ExpectedOutlet] | OutletList,
    since_ms: int,
    at_ms: int = 0,
) -> Overview:
    """Look at everybody at once."""
    entries = reports if isinstance(reports, Entries) else Entries(reports)
    outlets = listed if isinstance(listed, OutletList) else OutletList(list(listed))
    steps = overview_steps(entries, outlets, since_ms, at_ms)
    return next(one for one in steps if one is not None)


def natural_key(text: str) -> str:
    """Sort ``JKT-2`` before ``JKT-10``, and small letters with capitals."""
    return _NUMBER.sub(_padded, text.casefold(), count=MOST_NUMBERS)


_NUMBER = re.compile(r"[0-9]+")


def _padded(found: re.Match[str]) -> str:
    return found[0].zfill(12)


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a new list would change."""

    total: int
    new: int
    gone: int
    strange: list[str]
    """Channels that it names and nobody offers."""


def compare(
    now: Sequence[ExpectedOutlet], fresh: Sequence[ExpectedOutlet], offered: Sequence[ChannelInfo]
) -> ListChange:
    """Say what changes when *fresh* takes the place of *now*."""
    before, after = {one.outlet for one in now}, {one.outlet for one in fresh}
    known = {info.name for info in offered if not info.retired}
    named = {name for one in fresh for name in one.channels}
    return ListChange(len(after), len(after - before), len(before - after), sorted(named - known))


def without(listed: Sequence[ExpectedOutlet], rows: Sequence[PcRow]) -> list[ExpectedOutlet] | None:
    """The list without *rows*; None if nothing of them is in it.

    An outlet goes when its last listed PC does, or when it was listed without any.
    """
    gone: dict[str, set[str]] = {}
    for row in rows:
        if row.listed:
            gone.setdefault(row.outlet, set()).add(row.pc)
    kept: list[ExpectedOutlet] = []
    for one in listed:
        if one.outlet not in gone:
            kept.append(one)
        elif left := [pc for pc in one.pcs if pc not in gone[one.outlet]]:
            kept.append(
                ExpectedOutlet(outlet=one.outlet, name=one.name, pcs=left, channels=one.channels)
            )
    return kept if gone else None


def _seen(
    report: EndpointReport, listed: ExpectedOutlet | None, connected: tuple[int, int]
) -> PcRow:
    if report.left:
        standing = Standing.OFF
    else:
        is_fresh = connected[0] <= report.seen_at <= connected[1]
        standing = Standing.CONNECTED if is_fresh else Standing.SILENT
    return PcRow(
        key=report.endpoint,
        outlet=report.outlet,
        pc=report.pc,
        name=listed.name if listed else "",
        standing=standing,
        channels=tuple(report.channels),
        listed=listed is not None and (not listed.pcs or report.pc in listed.pcs),
        order=natural_key(f"{report.outlet}\0{report.pc}"),
        report=report,
    )


def _never_seen(one: ExpectedOutlet, *, someone: bool) -> Iterator[PcRow]:
    """Rows of what is listed; *someone* of an outlet without listed PCs is enough."""
    for pc in one.pcs or ([] if someone else [""]):
        yield PcRow(
            key=f"{one.outlet}/{pc}",
            outlet=one.outlet,
            pc=pc,
            name=one.name,
            standing=Standing.NEVER,
            channels=tuple(one.channels),
            listed=True,
            order=natural_key(f"{one.outlet}\0{pc}"),
        )


def _by_outlet(pcs: Sequence[PcRow]) -> Iterator[list[PcRow]]:
    groups: dict[str, list[PcRow]] = {}
    for row in pcs:
        groups.setdefault(row.outlet, []).append(row)
    yield from groups.values()


def _outlet(pcs: Sequence[PcRow]) -> OutletRow:
    standings = Counter(row.standing for row in pcs)
    connected = standings[Standing.CONNECTED]
    if connected == len(pcs):
        standing = Standing.CONNECTED
    elif connected:
        standing = Standing.PARTLY
    elif standings[Standing.SILENT]:
        standing = Standing.SILENT
    else:
        standing = Standing.OFF if standings[Standing.OFF] else Standing.NEVER
    seen_at = max(row.seen_at for row in pcs)
    return OutletRow(pcs[0].outlet, pcs[0].name, standing, len(pcs), connected, seen_at)
