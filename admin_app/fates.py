"""What has become of messages by head office's own later orders: recalled, or replaced.

The orders stand in the same logs as what they are about, and later, so whoever reads a log
backwards meets them first. They are taken from there, not from the counters, which any outlet may
write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.model import ALL_CHANNELS, Kind, Message


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a message still stands. ``recalled_at``: ms by Redis' clock; None: it was not."""

    recalled_at: int | None = None
    replaced_by: Message | None = None
    """What took its place last."""

    @property
    def over(self) -> bool:
        """Whether no PC shows it any more."""
        return self.recalled_at is not None or self.replaced_by is not None


STANDS = Fate()


class Fates:
    """The orders that were met so far, by the message that each is about."""

    def __init__(self) -> None:
        self._orders: dict[str, dict[str, Message]] = {}

    def note(self, orders: Iterable[Message]) -> set[str]:
        """Keep *orders*; return the ids of the messages that one of them is new for."""
        changed: set[str] = set()
        for order in orders:
            about = named_by(order)
            if about and order.id not in self._orders.setdefault(about, {}):
                self._orders[about][order.id] = order
                changed.add(about)
        return changed

    def of(self, message: Message) -> Fate:
        """What became of *message*."""
        orders = [one for one in self._orders.get(message.id, {}).values() if _holds(one, message)]
        if not orders:
            return STANDS
        recalls = [one.sent_at for one in orders if one.kind is Kind.RECALL]
        others = [one for one in orders if one.kind is Kind.MESSAGE]
        return Fate(
            min(recalls, default=None),
            max(others, key=lambda one: (one.sent_at, one.id), default=None),
        )


def named_by(order: Message) -> str:
    """The id of the message that *order* takes back or replaces; empty if it is no such order."""
    if order.kind is Kind.RECALL:
        return order.recalls or ""
    return (order.replaces or "") if order.kind is Kind.MESSAGE else ""


def may_be_order(envelope: bytes) -> bool:
    """Whether it is worth decoding *envelope* for the sake of an order in it."""
    return b"recalls" in envelope or b"replaces" in envelope


def _holds(order: Message, message: Message) -> bool:
    """Whether *order* goes to all who have *message* (``shared/PROTOCOL.md``, section 2)."""
    return order.channels == [ALL_CHANNELS] or set(message.channels) <= set(order.channels)
