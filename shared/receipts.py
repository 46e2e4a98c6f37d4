"""What an endpoint reports about a message. ``redis_bus.receipts`` carries it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.model import DAY_MS, Ack

RECEIPT_DAYS_MS = 7 * DAY_MS
"""How long receipts of a message are taken, counted from when it was to be shown, unless the
console that sent it said otherwise (setting ``receipt_days``)."""

GRACE_MS = 3 * DAY_MS
"""How much longer Redis keeps them, for a console that comes and notes who did not answer."""

COUNTS_MS = 90 * DAY_MS
"""How long the counters stay."""

BUCKETS_PER_OCTAVE = 8
"""How finely the counters know *when*: to a twelfth of the time that had passed."""
FIRST_BUCKET_MS = 100
"""Whatever is faster counts as this."""


class Stage(enum.StrEnum):
    """How far a message has come on an endpoint."""

    RECEIVED = "received"
    DISPLAYED = "displayed"
    ACKNOWLEDGED = "acknowledged"


Buckets = Mapping[int, int]
"""Endpoints that reached a stage, by bucket: ``b`` is 2^(b/8) to 2^((b+1)/8) ms after the message
was sent, or, of what people see, due (``show_at``)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many endpoints have come how far with one message; ``expected`` None: nobody knows.

    ``expected``, ``places``, ``until``, ``reminded`` and ``reduced`` are what consoles have noted;
    the others stand where any outlet may write.
    """

    expected: int | None = None
    received: int = 0
    displayed: int = 0
    acknowledged: int = 0
    outlets: int = 0
    expired: int = 0
    recalled: int = 0
    places: int = 0
    """Outlets that were expected to answer, of a message that asks one PC of each; else 0."""
    until: int = 0
    """Until when receipts are taken, in ms; 0: nobody has said it."""
    reminded: int = 0
    """When people were last reminded of it, in ms; 0: never."""
    reduced: int = 0
    """When the receipts were reduced to these counters and a list of who did not answer, in ms."""
    reach: Mapping[Stage, Buckets] = field(default_factory=dict)
    outlet_reach: Buckets = field(default_factory=dict)
    """When each outlet acknowledged it first."""
    entries: int = 0
    """Fields that the receipts have, of whatever kind."""
    noted: bool = False
    """Whether a console has given receipts and counters their end."""

    @property
    def whole(self) -> int:
        """What counts are shares of: who was expected, or whoever came if those are more."""
        return max(self.expected or 0, self.received)

    def answered(self, ack: Ack) -> tuple[int, int]:
        """How many have done what the message asks, of how many: PCs, or outlets if it asks those.

        Of a message that asks for nothing: how many have shown it.
        """
        if ack is Ack.OUTLET:
            return self.outlets, max(self.places, self.outlets)
        return self.displayed if ack is Ack.NONE else self.acknowledged, self.whole

    def of(self, stage: Stage) -> int:
        """How many endpoints have reached *stage*."""
        return int(getattr(self, stage.value))

    def share(self, stage: Stage, ack: Ack) -> tuple[int, int]:
        """How many have reached *stage*, of how many: endpoints, or where one of each outlet is
        asked to acknowledge, outlets that have."""
        if stage is Stage.ACKNOWLEDGED and ack is Ack.OUTLET:
            return self.answered(ack)
        return self.of(stage), self.whole

    def asked(self, ack: Ack) -> int | None:
        """How many are asked to acknowledge: PCs, or outlets; None: nobody knows."""
        if ack is Ack.NONE:
            return 0
        return self.places if ack is Ack.OUTLET and self.expected is not None else self.expected


COUNTED = tuple(
    name
    for name in Counts.__dataclass_fields__
    if name not in ("reach", "outlet_reach", "entries", "noted")
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far one message has come on one endpoint. Times are ms by Redis' clock.

    Each time is that of the first session of the PC that got so far. ``closed`` says how a message
    ended that nobody acknowledged: ``expired`` or ``recalled``. A recalled one with
    ``displayed_at`` was taken off the screen; without, nobody here has seen it.
    """

    message_id: str
    sent_at: int
    received_at: int
    displayed_at: int | None = None
    acknowledged_at: int | None = None
    os_user: str = ""
    closed: str = ""
    reply: str = ""
    """The short answer that was chosen with the acknowledgement; empty: just OK."""
    endpoint: str = ""
    """Whose it is, where receipts are read; who writes one is known."""
    due_at: int = 0
    """When it was to be shown; ``sent_at`` if that is later."""
    confirmed: str = ""
    """The state that Redis is known to have counted before. Matters only if it lost the rest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Redis knows of a message's answers, as one endpoint needs it.

    ``here_at``: when this PC acknowledged it, in whichever session; ``outlet_by``: the endpoint
    that answered first for the outlet. Each with the reply that was chosen, if one was.
    """

    message_id: str
    here_at: int | None = None
    here_user: str = ""
    outlet_by: str = ""
    outlet_at: int | None = None
    here_reply: str = ""
    outlet_user: str = ""
    outlet_reply: str = ""
    entry: Receipt | None = field(default=None, compare=False)
    """What Redis has in this endpoint's name, whoever wrote it; None: nothing."""
    contradiction: Receipt | None = field(default=None, compare=False)
    """What stands beside it as this endpoint's own word; None: nothing."""


def speaks_against(truth: Receipt, entry: Receipt) -> bool:
    """Whether an endpoint's own word *truth* and its *entry* differ in what somebody has done.

    When it was received and displayed is that of whichever session was first, and says nothing, but
    that it was does.
    """
    if not entry.received_at or (truth.displayed_at and not entry.displayed_at):
        return True
    if truth.acknowledged_at is None and entry.acknowledged_at is None:
        return truth.closed != entry.closed
    return answer_of(truth) != answer_of(entry)


def answer_of(receipt: Receipt) -> tuple[int | None, str, str]:
    """When somebody acknowledged, who, and with which reply; what a receipt has room for."""
    return receipt.acknowledged_at, receipt.os_user[:MAX_USER], receipt.reply


MAX_USER = 100
"""Characters of an account's name; ours."""
