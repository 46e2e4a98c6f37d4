"""Which message is on the screen, and when that changes. Pure: the time is an argument.

The highest level comes first, then the oldest. Nothing leaves the queue but by an answer or by
expiring, so a popup that had to give way to a louder one is back when its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from tray_client.records import InboxMessage


class PopupQueue:
    """Messages that want a popup."""

    def __init__(self) -> None:
        self._waiting: dict[str, InboxMessage] = {}
        self._answered = 0

    def add(self, messages: Iterable[InboxMessage]) -> None:
        """Queue those of *messages* that want a popup; one that is queued already stays once."""
        for message in messages:
            if message.wants_popup:
                self._waiting.setdefault(message.id, message)

    def answer(self, message_id: str) -> None:
        """Take a message out because a person answered it."""
        if self._waiting.pop(message_id, None) is not None:
            self._answered += 1
        if not self._waiting:
            self._answered = 0

    def expire(self, now_ms: int) -> list[InboxMessage]:
        """Take out what has expired and return it."""
        gone = [message for message in self._waiting.values() if message.expires_at <= now_ms]
        for message in gone:
            del self._waiting[message.id]
        if not self._waiting:
            self._answered = 0
        return gone

    def head(self, now_ms: int) -> InboxMessage | None:
        """The message whose turn it is."""
        first = min(self._due(now_ms), key=_turn, default=None)
        if first is None:
            self._answered = 0
        return first

    def place(self, now_ms: int) -> tuple[int, int]:
        """The head's place and the total, counted since the queue was last empty: ``(2, 5)``."""
        return self._answered + 1, self._answered + self.count(now_ms)

    def count(self, now_ms: int) -> int:
        """How many wait for an answer now; those for later do not count yet."""
        return len(self._due(now_ms))

    def next_change(self, now_ms: int) -> int | None:
        """When, in ms, the next message becomes due or expires; None: nothing is waiting."""
        times = [
            at
            for message in self._waiting.values()
            for at in (message.opens_at, message.expires_at)
            if at > now_ms
        ]
        return min(times, default=None)

    def _due(self, now_ms: int) -> list[InboxMessage]:
        return [message for message in self._waiting.values() if message.opens_at <= now_ms]

    def __len__(self) -> int:
        return len(self._waiting)


def _turn(message: InboxMessage) -> tuple[int, int, int]:
    return -message.level.rank, message.due_at, message.number
