"""The lines of a report: one an endpoint, or summed up by outlet."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.receipts import Receipt


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
    CONTRADICTED = "contradicted"
    """Its receipt is not its own, as it says itself: somebody else has written it."""


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
    claim: Receipt | None = None
    """What stands in its name although it says otherwise; all else is by its own word then."""
    known: bool = True
    """Whether it is registered or in the list of outlets: anybody can invent one that is not."""

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
        if self.claim is not None:
            return Progress.CONTRADICTED
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
        """Whether nobody has acknowledged it, here or for the outlet, nor taken it back.

        What is contradicted is no acknowledgement, whichever of the two versions is one.
        """
        return (
            (self.acknowledged_at is None or self.claim is not None)
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


def row_of(receipt: Receipt) -> Row:
    """The row of what *receipt* says."""
    return Row(
        receipt.endpoint,
        receipt.received_at or None,
        receipt.displayed_at,
        receipt.acknowledged_at,
        receipt.os_user,
        receipt.closed,
        receipt.reply,
    )


def in_order(rows: Iterable[Row]) -> list[Row]:
    """*rows* by outlet and PC; those that nobody knows after the others."""
    return sorted(rows, key=lambda row: (not row.known, row.outlet, row.pc))


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
    answers = [
        (row.acknowledged_at, row.endpoint)
        for row in rows
        if row.acknowledged_at and row.claim is None
    ]
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
