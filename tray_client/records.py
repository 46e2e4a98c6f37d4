"""What the tray knows of one message, as values."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.model import ALL_CHANNELS, Ack, Format, Level, Message


class State(enum.StrEnum):
    """How far a message has come on this PC."""

    RECEIVED = "received"
    DISPLAYED = "displayed"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    ANSWERED = "answered"
    """Answered elsewhere, as Redis has it: by another PC for the outlet, or in this PC's name."""
    CLOSED = "closed"
    """A person has closed what asks for no acknowledgement."""
    RECALLED = "recalled"
    """Head office has taken it back, or put another in its place (``closed_by``)."""


SETTLED_STATES = (State.ACKNOWLEDGED, State.ANSWERED, State.CLOSED, State.RECALLED)
"""States in which nobody need do anything any more."""
WAITING_STATES = (State.RECEIVED, State.DISPLAYED)
"""States in which a message still asks for a person."""


class Proof(enum.StrEnum):
    """What is known of who sent a message, as the inbox keeps it."""

    UNKNOWN = ""
    """An earlier version stored it, which did not say."""
    SIGNED = "signed"
    """A key that is trusted here has signed it."""
    UNCHECKED = "unchecked"
    """It has a signature, but no key is trusted here."""
    UNSIGNED = "unsigned"
    """It has none, and no key is trusted here, so that nothing speaks against it."""
    UNVERIFIED = "unverified"
    """Keys are trusted here and none has signed it, or it is plain text."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """An accepted message on its way into the inbox. Times are ms by Redis' clock."""

    message: Message
    channel: str
    verified: bool
    received_at: int
    expires_at: int
    expired: bool = False
    """Whether it was over when it came."""
    reportable: bool = True
    """Whether head office wants a receipt; plain text on a channel has no sender to tell."""
    proof: Proof = Proof.UNKNOWN


@dataclass(frozen=True, slots=True)
class Recall:
    """Head office takes the message *target* back. ``by``: what says so, a recall or another
    message that takes its place. It holds for a message of ``channels`` only, and if it is not
    ``verified`` only for one that is not, either.
    """

    target: str
    by: str
    channels: tuple[str, ...]
    sent_at: int
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Reminder:
    """Head office asks again for an answer to the message *target* of ``channels``."""

    target: str
    channels: tuple[str, ...]
    sent_at: int
    verified: bool = True


Order = Recall | Reminder
Arrived = NewMessage | Recall | Reminder
"""What moves the inbox."""


def covers(channels: Iterable[str], others: Iterable[str]) -> bool:
    """Whether who may speak on *channels* may change what was sent to *others*."""
    names = set(channels)
    return ALL_CHANNELS in names or set(others) <= names


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as the inbox has it. Times are ms by Redis' clock.

    ``number`` counts arrivals on this PC. ``verified``: nothing speaks against its sender, as far
    as this PC can tell; ``proof`` says why, and whether it can. ``replaces``: the earlier message
    that this one takes the place of. ``reply``: the short answer that was chosen, here or
    elsewhere; ``answered_by``: the endpoint that is said to have answered elsewhere,
    ``answered_user`` its account: until somebody answers here, too, both say no more than what
    Redis claims. ``told_at``: when another session of this PC acknowledged it, as that session
    itself said; 0: none has. ``closed_by``: the recall, or the message that replaces this one.
    ``snoozed_ms``: for how long in all it was put off. ``reminded_at``: when head office last
    asked again, 0 for never.
    """

    number: int
    id: str
    channel: str
    title: str
    body: str
    level: Level
    sender: str
    sent_at: int
    show_at: int | None
    expires_at: int
    verified: bool
    state: State
    received_at: int
    displayed_at: int | None
    acknowledged_at: int | None
    format: Format = Format.PLAIN
    ack: Ack = Ack.PC
    replies: tuple[str, ...] = ()
    replaces: str | None = None
    reply: str = ""
    answered_by: str = ""
    closed_by: str = ""
    snoozed_until: int = 0
    snoozed_ms: int = 0
    reminded_at: int = 0
    answered_user: str = ""
    told_at: int = 0
    proof: Proof = Proof.UNKNOWN

    @property
    def opens_at(self) -> int:
        """When it may be opened; always, if no time was set (this PC's clock may be a bit slow)."""
        return max(self.show_at or 0, self.snoozed_until)

    @property
    def due_at(self) -> int:
        """What its age is counted from."""
        return max(self.sent_at, self.show_at or 0)

    @property
    def wants_popup(self) -> bool:
        """Whether it is to be opened by itself; silent ones only wait in the inbox."""
        return self.level is not Level.SILENT and self.state in WAITING_STATES


COLUMNS = ", ".join(InboxMessage.__dataclass_fields__)
"""The inbox' columns in the order of the fields."""


class UnreadableRow(Exception):
    """A row of the inbox holds what no program wrote there."""


def from_row(row: tuple[Any, ...]) -> InboxMessage:
    """One row with ``COLUMNS``.

    Raises:
        UnreadableRow: it holds what no program wrote there.
    """
    values = dict(zip(InboxMessage.__dataclass_fields__, row, strict=True))
    values["verified"] = bool(values["verified"])
    try:
        values["replies"] = msgspec.json.decode(values["replies"], type=tuple[str, ...])
        return msgspec.convert(values, InboxMessage)
    except (msgspec.DecodeError, TypeError, UnicodeDecodeError) as error:
        raise UnreadableRow from error
