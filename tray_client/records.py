"""What the tray knows of one message, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.model import Level, Message


class State(enum.StrEnum):
    """How far a message has come on this PC."""

    RECEIVED = "received"
    DISPLAYED = "displayed"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"


WAITING_STATES = (State.RECEIVED, State.DISPLAYED)
"""States in which a message still asks for a person."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """An accepted message on its way into the inbox. Times are ms by Redis' clock."""

    message: Message
    channel: str
    verified: bool
    received_at: int
    expires_at: int
    reportable: bool = True
    """Whether head office wants a receipt; plain text on a channel has no sender to tell."""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as the inbox has it. Times are ms by Redis' clock.

    ``number`` counts arrivals on this PC. ``verified`` is False for text that did not come as an
    envelope: anybody may have published it.
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

    @property
    def opens_at(self) -> int:
        """When it may be opened; always, if no time was set (this PC's clock may be a bit slow)."""
        return self.show_at or 0

    @property
    def due_at(self) -> int:
        """What its age is counted from."""
        return max(self.sent_at, self.opens_at)

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
        return msgspec.convert(values, InboxMessage)
    except msgspec.ValidationError as error:
        raise UnreadableRow from error
