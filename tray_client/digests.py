"""Messages that are too many to come one by one: a digest for each level says how many. Pure.

They are folded because nobody was there when they came, or because too many came at once. What was
folded is not answered: it waits in the inbox. A digest of *important* ones or above that was put
away comes back, since those have to be acknowledged; a quiet one does not, unless more come.

Folded messages are kept without their texts, so that a flood does not fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from shared.model import Level
from tray_client.records import InboxMessage

DIGEST_ID = "digest"
COMES_BACK_MS = 10 * 60_000
"""After this long a digest of what has to be acknowledged is opened again."""
NEVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Digest:
    """One popup for several messages of a level. ``oldest_at`` is ms by Redis' clock.

    ``flood``: they came too fast to be shown singly; else they came while nobody could be told.
    ``snoozed_ms``: for how long in all it was put off, or any message that it stands for.
    """

    count: int
    oldest_at: int
    id: str = DIGEST_ID
    level: Level = Level.NORMAL
    flood: bool = False
    snoozed_ms: int = 0


@dataclass(slots=True)
class _Entry:
    message: InboxMessage
    flood: bool
    opens_at: int
    """When it may be counted in a digest; later once that was put away."""
    snoozed_ms: int


class Digests:
    """What is folded, and the digests that stand for it."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def fold(self, message: InboxMessage, *, flood: bool) -> None:
        """Let a digest stand for *message*."""
        slim = replace(message, body="")
        self._entries[message.id] = _Entry(slim, flood, message.opens_at, message.snoozed_ms)

    def refresh(self, message: InboxMessage) -> None:
        """Until when *message*, which is folded, was put off is known better now."""
        entry = self._entries[message.id]
        if entry.opens_at == entry.message.opens_at:  # nobody has put the digest off, or away
            self.fold(message, flood=entry.flood)

    def note(self, message: InboxMessage) -> None:
        """More is known of *message*, which is folded; that changes nothing about when it opens."""
        self._entries[message.id].message = replace(message, body="")

    def unfold(self, message_id: str) -> None:
        """It is answered, has gone, or comes singly from now on."""
        self._entries.pop(message_id, None)

    def put_away(self, digest_id: str, now_ms: int) -> None:
        """Close a digest; what it stands for stays unanswered."""
        for entry in self._open(now_ms):
            level = entry.message.level
            if id_of(level) == digest_id:
                must = level.rank >= Level.IMPORTANT.rank
                entry.opens_at = now_ms + COMES_BACK_MS if must else NEVER

    def snooze(self, digest_id: str, now_ms: int, until_ms: int) -> dict[str, int]:
        """Put an open digest off; return for how long in all (ms) each of its messages was."""
        totals: dict[str, int] = {}
        for entry in self._open(now_ms):
            if id_of(entry.message.level) == digest_id:
                entry.opens_at = until_ms
                entry.snoozed_ms += until_ms - now_ms
                totals[entry.message.id] = entry.snoozed_ms
        return totals

    def hurry(self, latest_ms: int) -> None:
        """Put no digest off, or away for a while, for longer than until *latest_ms*: a clock was
        ahead when it was."""
        for entry in self._entries.values():
            own = entry.message.opens_at
            if entry.opens_at != own and latest_ms < entry.opens_at < NEVER:
                entry.opens_at = max(own, latest_ms)

    def is_put_off(self, digest_id: str, now_ms: int) -> bool:
        """Whether a digest is to open later."""
        found = (one for one in self._entries.values() if id_of(one.message.level) == digest_id)
        return any(now_ms < one.opens_at < NEVER for one in found)

    def open(self, now_ms: int) -> list[Digest]:
        """The digests that want a popup now."""
        by_level: dict[Level, list[_Entry]] = {}
        for entry in self._open(now_ms):
            by_level.setdefault(entry.message.level, []).append(entry)
        return [_digest(level, entries) for level, entries in by_level.items()]

    def get(self, message_id: str) -> InboxMessage | None:
        """A folded message, without its text."""
        entry = self._entries.get(message_id)
        return None if entry is None else entry.message

    def messages(self) -> list[InboxMessage]:
        """Everything that is folded, without the texts."""
        return [entry.message for entry in self._entries.values()]

    def changes(self) -> Iterator[int]:
        """Times, in ms, at which a digest may open."""
        return (entry.opens_at for entry in self._entries.values() if entry.opens_at != NEVER)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def _open(self, now_ms: int) -> Iterator[_Entry]:
        for entry in self._entries.values():
            if entry.opens_at <= now_ms < entry.message.expires_at:
                yield entry


def id_of(level: Level) -> str:
    """What the digest of *level* is called."""
    return DIGEST_ID if level is Level.NORMAL else f"{DIGEST_ID}-{level}"


def _digest(level: Level, entries: list[_Entry]) -> Digest:
    return Digest(
        count=len(entries),
        oldest_at=min(entry.message.due_at for entry in entries),
        id=id_of(level),
        level=level,
        flood=all(entry.flood for entry in entries),
        snoozed_ms=max(entry.snoozed_ms for entry in entries),
    )
