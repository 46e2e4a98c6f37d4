"""How much people may put off, and how many popups they are asked to bear: what policy decides."""

from __future__ import annotations

from dataclasses import dataclass

from shared.model import LOUD_LEVELS, Level
from tray_client.digests import Digest
from tray_client.records import InboxMessage

MINUTE_MS = 60_000
SNOOZES = (5, 15, 60)
"""Minutes for which a message can be put off."""
QUIET_TIMES = (15, 30, 60, 120)
"""Minutes for which *do not disturb* can be chosen."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of this PC, in minutes and seconds."""

    snooze_minutes: int = 60
    """For how long in all one message may be put off; 0: not at all."""
    do_not_disturb_minutes: int = 60
    """For how long at once nobody may be disturbed; 0: not at all."""
    popups_per_minute: int = 5
    """How many messages of one level and minute come singly."""
    ring_seconds: int = 30
    """How often an urgent message is heard until it is answered."""
    answers_from_others: bool = True
    """Whether an answer that comes through Redis closes a message below *urgent*."""

    def closes(self, level: Level) -> bool:
        """Whether an answer that comes through Redis closes a message of *level*."""
        return self.answers_from_others and level not in LOUD_LEVELS

    def snoozes(self, head: InboxMessage | Digest) -> tuple[int, ...]:
        """Minutes for which *head* may be put off by itself: only what is *normal*."""
        return self.snoozes_of_all(head) if head.level is Level.NORMAL else ()

    def snoozes_of_all(self, head: InboxMessage | Digest | None = None) -> tuple[int, ...]:
        """Minutes for which all that waits may be put off, as far as *head* has not been yet."""
        if head is not None and head.level is Level.EMERGENCY:
            return ()
        used = 0 if head is None else head.snoozed_ms
        left = self.snooze_minutes - used // MINUTE_MS
        return tuple(minutes for minutes in SNOOZES if minutes <= left)

    def quiet_times(self) -> tuple[int, ...]:
        """Minutes for which *do not disturb* may be chosen."""
        return tuple(one for one in QUIET_TIMES if one <= self.do_not_disturb_minutes)


class Ringer:
    """When the open popup is to be heard: at once, and again until it is answered."""

    def __init__(self, every_s: int) -> None:
        self._every_ms = 1000 * every_s
        self._rung = ""
        self._again_at = 0

    def rings(self, head: InboxMessage | Digest | None, now_ms: int) -> bool:
        """Whether *head* is to be heard now; then it counts as heard."""
        if head is None or head.level not in LOUD_LEVELS:
            self._rung = ""
            return False
        if head.id == self._rung and 0 < self._again_at - now_ms <= self._every_ms:
            return False
        self._rung, self._again_at = head.id, now_ms + self._every_ms
        return True

    def next(self) -> int | None:
        """When, in ms, it is heard again."""
        return self._again_at if self._rung else None
