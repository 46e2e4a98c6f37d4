"""Which message is on the screen, and when that changes. Pure: the time is an argument.

The highest level comes first, then what head office has asked for again, then the oldest. Nothing
leaves the queue but by an answer, by head office, or by expiring, so a popup that had to give way
to a louder one is back when its turn comes.

After an absence, more than three quiet ones are folded into a digest: one popup that says how many
were missed and leads to the inbox. Of messages of one level that were sent within a minute only
some come singly, and only so many of a level wait singly at all; the others are folded, too. That
minute spares an emergency, what takes another one's place, and what is important and was missed.

While people want no disturbance (``quiet_until``) only an emergency comes.

The time is the lower of the two of ``shared.clock``: what has passed by it has passed by both. What
has expired by ``newest_ms`` alone is not opened, unless it has been on the screen, or came live.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from shared.model import Level
from tray_client.digests import DIGEST_ID, Digest, Digests
from tray_client.records import InboxMessage, State

__all__ = ["DIGEST_ID", "Digest", "PopupQueue"]

FOLD_ABOVE = 3
"""As many messages below *important* still come one by one after an absence."""
MINUTE_MS = 60_000
SINGLY = 100
"""As many messages of one level wait singly, or those of a minute if these are more: a bound for
the memory that their texts take, whatever times they claim to be of."""


class PopupQueue:
    """Messages that want a popup. At most *a_minute* of a level, by their times, come singly."""

    def __init__(self, a_minute: int = 1000) -> None:
        self.quiet_until = 0
        self.newest_ms = 0
        self._a_minute = a_minute
        self._waiting: dict[str, InboxMessage] = {}
        self._digests = Digests()
        self._shown: set[str] = set()
        self._spared: set[str] = set()
        self._minutes: dict[Level, list[int]] = {}
        self._answered = 0

    def spare(self, message_ids: Iterable[str]) -> None:
        """These came just now, whatever clocks say: only both of them together end them."""
        self._spared.update(message_ids)

    def add(self, messages: Iterable[InboxMessage], *, missed: bool = False) -> None:
        """Queue those of *messages* that want a popup; one that is queued already stays once.

        *missed*: they came while nobody could be told, so they are many for no fault of theirs.
        """
        for message in messages:
            if message.id in self._digests:
                self._digests.refresh(message)
            elif message.wants_popup and message.id not in self._waiting:
                self._add(message, missed=missed)

    def put(self, message: InboxMessage) -> None:
        """Take over how *message* is now: put off, or asked for again; never folded then."""
        self._digests.unfold(message.id)
        self._waiting[message.id] = message

    def note(self, message: InboxMessage) -> None:
        """Take over what is known of *message* by now; what is folded stays folded."""
        if message.id in self._waiting:
            self._waiting[message.id] = message
        elif message.id in self._digests:
            self._digests.note(message)

    def fold(self, now_ms: int) -> None:
        """Fold what nobody has seen yet and is not important, if it is too much to come singly.

        What was put off by so many at once was a digest before the program ended: it is one again.
        """
        quiet = [message for message in self._waiting.values() if self._may_fold(message)]
        due = [one for one in quiet if one.opens_at <= now_ms < one.expires_at]
        put_off = [one for one in quiet if now_ms < one.snoozed_until]
        is_open = any(digest.id == DIGEST_ID for digest in self._digests.open(now_ms))
        is_put_off = self._digests.is_put_off(DIGEST_ID, now_ms)
        for group, with_digest in ((due, is_open), (put_off, is_put_off)):
            if len(group) > FOLD_ABOVE or with_digest:
                for message in group:
                    self._digests.fold(self._waiting.pop(message.id), flood=False)

    def shown(self, message_id: str) -> None:
        """A message that has been on the screen is not folded any more."""
        if message_id in self._waiting:
            self._shown.add(message_id)

    def dismiss_digest(self, now_ms: int, digest_id: str = DIGEST_ID) -> None:
        """Close a digest; what it stands for stays in the inbox, unread."""
        self._digests.put_away(digest_id, now_ms)
        self._answered += 1

    def digests(self, now_ms: int) -> list[Digest]:
        """The digests that are open now."""
        return self._digests.open(now_ms)

    def snooze_digest(self, digest_id: str, now_ms: int, until_ms: int) -> dict[str, int]:
        """Put an open digest off; return for how long in all (ms) each of its messages was."""
        return self._digests.snooze(digest_id, now_ms, until_ms)

    def hurry_digests(self, latest_ms: int) -> None:
        """Let those that were put off, or away for a while, open by then."""
        self._digests.hurry(latest_ms)

    def answer(self, message_id: str) -> None:
        """Take a message out because a person answered it, here or elsewhere."""
        if message_id in self._waiting:
            self._answered += 1
        self._remove(message_id)

    def remove(self, message_id: str) -> bool:
        """Take a message out because it has gone; whether it was queued."""
        known = self._has(message_id)
        self._remove(message_id)
        return known

    def expire(self, now_ms: int) -> list[InboxMessage]:
        """Take out what has expired and return it."""
        gone = [message for message in self._everything() if message.expires_at <= now_ms]
        for message in gone:
            self._remove(message.id)
        return gone

    def get(self, message_id: str) -> InboxMessage | None:
        """A message that comes singly."""
        return self._waiting.get(message_id)

    def find(self, message_id: str) -> InboxMessage | None:
        """A message that waits; a folded one comes without its text."""
        return self._waiting.get(message_id) or self._digests.get(message_id)

    def singly(self) -> list[InboxMessage]:
        """Everything that comes singly, now or later."""
        return list(self._waiting.values())

    def holds(self, head_id: str, now_ms: int) -> bool:
        """Whether a message, or a digest, still wants the screen."""
        return any(one.id == head_id for one in self._popups(now_ms))

    def ids(self) -> set[str]:
        """Every message that is not answered yet, folded or not."""
        return {message.id for message in self._everything()}

    def head(self, now_ms: int) -> InboxMessage | Digest | None:
        """What is to be on the screen."""
        first = min(self._popups(now_ms), key=_turn, default=None)
        if first is None and now_ms >= self.quiet_until:
            self._answered = 0
        return first

    def place(self, now_ms: int) -> tuple[int, int]:
        """The head's place and the total, counted since the queue was last empty: ``(2, 5)``."""
        return self._answered + 1, self._answered + len(self._popups(now_ms))

    def count(self, now_ms: int) -> int:
        """How many wait for an answer now, put off or not; those for later do not count yet."""
        return sum((one.show_at or 0) <= now_ms < one.expires_at for one in self._everything())

    def next_change(self, now_ms: int) -> int | None:
        """When, in ms, the next message becomes due or expires; None: nothing is waiting."""
        everything = self._everything()
        times = {self.quiet_until, *self._digests.changes()} if everything else set()
        times.update(message.opens_at for message in self._waiting.values())
        times.update(message.expires_at for message in everything)
        return min((at for at in times if at > now_ms), default=None)

    def __len__(self) -> int:
        return len(self._waiting) + len(self._digests)

    def _has(self, message_id: str) -> bool:
        return message_id in self._waiting or message_id in self._digests

    def _add(self, message: InboxMessage, *, missed: bool) -> None:
        new = message.state is State.RECEIVED and not message.reminded_at
        if new and self._is_flood(message, spared=_is_spared(message, missed=missed)):
            self._digests.fold(message, flood=True)
        else:
            self._waiting[message.id] = message

    def _is_flood(self, message: InboxMessage, *, spared: bool) -> bool:
        """Whether *message* is one too many for its minute, or, also if *spared*, for memory."""
        at = message.due_at
        times = self._minutes.setdefault(message.level, [])
        near = sum(abs(at - time) < MINUTE_MS for time in times)
        waiting = sum(one.level is message.level for one in self._waiting.values())
        if waiting >= max(SINGLY, self._a_minute) or (near >= self._a_minute and not spared):
            return True
        times.append(at)
        del times[: -max(SINGLY, self._a_minute)]
        return False

    def _everything(self) -> list[InboxMessage]:
        return [*self._waiting.values(), *self._digests.messages()]

    def _remove(self, message_id: str) -> None:
        self._waiting.pop(message_id, None)
        self._digests.unfold(message_id)
        self._shown.discard(message_id)
        self._spared.discard(message_id)
        if not self._waiting and not self._digests:
            self._answered = 0

    def _popups(self, now_ms: int) -> list[InboxMessage | Digest]:
        """What wants the screen now, each once."""
        popups: list[InboxMessage | Digest] = [
            *self._due(now_ms),
            *self._digests.open(now_ms),
        ]
        if now_ms < self.quiet_until:
            return [one for one in popups if one.level is Level.EMERGENCY]
        return popups

    def _may_fold(self, message: InboxMessage) -> bool:
        quiet = message.level.rank < Level.IMPORTANT.rank
        seen = message.id in self._shown or bool(message.reminded_at)
        return quiet and message.state is State.RECEIVED and not seen

    def _due(self, now_ms: int) -> list[InboxMessage]:
        waiting = self._waiting.values()
        return [
            one
            for one in waiting
            if one.opens_at <= now_ms < one.expires_at and self._may_open(one)
        ]

    def _may_open(self, message: InboxMessage) -> bool:
        new = self.newest_ms < message.expires_at
        return new or message.id in self._shown or message.id in self._spared


def _is_spared(message: InboxMessage, *, missed: bool) -> bool:
    important = message.level.rank >= Level.IMPORTANT.rank
    corrects = message.replaces is not None
    return message.level is Level.EMERGENCY or corrects or (missed and important)


def _turn(one: InboxMessage | Digest) -> tuple[int, bool, int, int]:
    if isinstance(one, Digest):
        return -one.level.rank, True, one.oldest_at, sys.maxsize if one.flood else 0
    return -one.level.rank, not one.reminded_at, one.due_at, one.number
