"""What an endpoint reports about a message. ``redis_bus.receipts`` carries it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.model import DAY_MS

RECEIPT_DAYS_MS = 7 * DAY_MS
"""How long Redis keeps the receipts of a message, counted from when it was to be shown."""


COUNTS_MS = 90 * DAY_MS
"""How long the counters stay."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many endpoints have come how far with one message; ``expected`` None: nobody knows."""

    expected: int | None = None
    received: int = 0
    displayed: int = 0
    acknowledged: int = 0
    outlets: int = 0
    expired: int = 0
    recalled: int = 0


COUNTED = tuple(Counts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far one message has come on one endpoint. Times are ms by Redis' clock.

    ``sent_at``, or ``show_at`` if that is later, is what the receipts' keeping is counted from.

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
