"""Which message is on the screen, and when that changes. Pure: the time is an argument.

The highest level comes first, then the oldest. Nothing leaves the queue but by an answer or by
expiring, so a popup that had to give way to a louder one is back when its turn comes.

After an absence, more than three quiet ones are folded into a digest: one popup that says how many
were missed and leads to the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.model import Level
from tray_client.records import InboxMessage, State

FOLD_ABOVE = 3
"""As many messages below *important* still come one by one after an absence."""
DIGEST_ID = "digest"


@dataclass(frozen=True, slots=True)
class Digest:
    """One popup for the messages that were missed. ``oldest_at`` is ms by Redis' clock."""

    count: int
    oldest_at: int
    id: str = DIGEST_ID
    level: Level = Level.NORMAL


class PopupQueue:
    """Messages that want a popup."""

    def __init__(self) -> None:
        self._waiting: dict[str, InboxMessage] = {}
        self._folded: dict[str, InboxMessage] = {}
        self._shown: set[str] = set()
        self._digest_open = False
        self._answered = 0

    def add(self, messages: Iterable[InboxMessage]) -> None:
        """Queue those of *messages* that want a popup; one that is queued already stays once."""
        for message in messages:
            if message.wants_popup and message.id not in self._folded:
                self._waiting.setdefault(message.id, message)

    def fold(self, now_ms: int) -> None:
        """Fold what nobody has seen yet and is not important, if it is too much to come singly."""
        quiet = [message for message in self._due(now_ms) if self._may_fold(message)]
        if len(quiet) <= FOLD_ABOVE and not self._digest_open:
            return
        for message in quiet:
            self._folded[message.id] = self._waiting.pop(message.id)
        self._digest_open = bool(self._folded)

    def shown(self, message_id: str) -> None:
        """A message that has been on the screen is not folded any more."""
        self._shown.add(message_id)

    def dismiss_digest(self) -> None:
        """Close the digest; what it stands for stays in the inbox, unread."""
        self._digest_open = False
        self._answered += 1

    def answer(self, message_id: str) -> None:
        """Take a message out because a person answered it."""
        if self._waiting.pop(message_id, None) is not None:
            self._answered += 1
        self._unfold(message_id)
        self._shown.discard(message_id)
        self._settle()

    def expire(self, now_ms: int) -> list[InboxMessage]:
        """Take out what has expired and return it."""
        everything = [*self._waiting.values(), *self._folded.values()]
        gone = [message for message in everything if message.expires_at <= now_ms]
        for message in gone:
            self._waiting.pop(message.id, None)
            self._unfold(message.id)
            self._shown.discard(message.id)
        self._settle()
        return gone

    def holds(self, message_id: str) -> bool:
        """Whether *message_id* (or the digest) still waits for an answer."""
        if message_id == DIGEST_ID:
            return self._digest_open
        return message_id in self._waiting

    def ids(self) -> set[str]:
        """Every message that is not answered yet, folded or not."""
        return {*self._waiting, *self._folded}

    def head(self, now_ms: int) -> InboxMessage | Digest | None:
        """What is to be on the screen."""
        candidates: list[InboxMessage | Digest] = list(self._due(now_ms))
        digest = self._digest()
        if digest is not None:
            candidates.append(digest)
        first = min(candidates, key=_turn, default=None)
        if first is None:
            self._answered = 0
        return first

    def place(self, now_ms: int) -> tuple[int, int]:
        """The head's place and the total, counted since the queue was last empty: ``(2, 5)``."""
        popups = len(self._due(now_ms)) + self._digest_open
        return self._answered + 1, self._answered + popups

    def count(self, now_ms: int) -> int:
        """How many wait for an answer now; those for later do not count yet."""
        return len(self._due(now_ms)) + len(self._folded)

    def next_change(self, now_ms: int) -> int | None:
        """When, in ms, the next message becomes due or expires; None: nothing is waiting."""
        times = [
            at
            for message in [*self._waiting.values(), *self._folded.values()]
            for at in (message.opens_at, message.expires_at)
            if at > now_ms
        ]
        return min(times, default=None)

    def __len__(self) -> int:
        return len(self._waiting) + len(self._folded)

    def _digest(self) -> Digest | None:
        if not self._digest_open:
            return None
        oldest = min(message.due_at for message in self._folded.values())
        return Digest(len(self._folded), oldest)

    def _unfold(self, message_id: str) -> None:
        self._folded.pop(message_id, None)
        self._digest_open = self._digest_open and bool(self._folded)

    def _settle(self) -> None:
        if not self._waiting and not self._digest_open:
            self._answered = 0

    def _may_fold(self, message: InboxMessage) -> bool:
        quiet = message.level.rank < Level.IMPORTANT.rank
        return quiet and message.state is State.RECEIVED and message.id not in self._shown

    def _due(self, now_ms: int) -> list[InboxMessage]:
        waiting = self._waiting.values()
        return [one for one in waiting if one.opens_at <= now_ms < one.expires_at]


def _turn(one: InboxMessage | Digest) -> tuple[int, int, int]:
    if isinstance(one, Digest):
        return -one.level.rank, one.oldest_at, 0
    return -one.level.rank, one.due_at, one.number
