"""Redis' time on this PC: ``TIME`` now and then, measured on by a clock that never jumps.

Tills have wrong clocks, people set them, and Redis' own clock is no better: a virtual machine is
restored, NTP follows a wrong server. So there are two times (``shared/PROTOCOL.md``, section 7):
Redis' newest word, and the time that is *believed*, which follows a jump only with a witness.
What ends, is deleted or is opened needs both. Between two readings of ``TIME`` both count on by a
clock that nobody can set and that goes on while the PC sleeps (``CLOCK_BOOTTIME``; Windows' tick
count does so by nature).

Limits: a PC whose own clock is lost at every start (a dead battery) has no witness, and believes
Redis at its start. Where Redis' clock was wrong for weeks and signed messages came meanwhile, such
a PC has to be connected for ten minutes until it follows. While Redis' clock is believed to be
further back than signed messages say, time stands still on a PC that is off: what waits there is
shown longer by so much.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from shared import RELEASED_MS
from shared.model import DAY_MS, HOUR_MS, MAX_MS

JUMP_MS = HOUR_MS
"""Redis' word is followed at once so far: people correct clocks, and clocks drift."""
WITNESS_MS = 600_000
"""How near this PC's clock has to be to Redis' word to speak for it."""
SETTLED_AFTER_MS = 600_000
"""How long heartbeats have to say the same for a jump to be believed without a witness."""
SAME_MS = 60_000
"""Two heartbeats say the same if they differ by no more than replies take and clocks drift."""
FIRM_MS = 7 * DAY_MS
"""A time that was believed for so long may delete, and be what time never falls below."""


AWAY_MS = 4 * DAY_MS
"""A PC without a clock of its own that was off for a long weekend has not met a jump."""


class ClockMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What outlives the program; ms. ``offset``: how far the believed time is ahead of the PC's
    clock; ``before``: how far it was before the last jump; ``last``: the believed time when this
    was kept; ``since``: since when it has not jumped; ``floor``: what time never falls below.
    """

    offset: int = 0
    before: int | None = None
    last: int = 0
    since: int = 0
    floor: int = 0


class Now(NamedTuple):
    """The two times of one moment, in ms: by Redis' newest word, and as it is believed."""

    newest_ms: int
    believed_ms: int

    @property
    def agreed_ms(self) -> int:
        """The lower one: what has passed by it has passed by both."""
        return min(self)


def steady_ms() -> int:
    """Milliseconds of a clock that cannot be set and that counts suspend."""
    if sys.platform == "win32":
        import ctypes  # pywin32 has the count of 32 bits only, which begins again after 49 days

        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.GetTickCount64.restype = ctypes.c_ulonglong
        return int(kernel32.GetTickCount64())
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.monotonic_ns() // 1_000_000


def wall_ms() -> int:
    """The PC's own idea of milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


class RedisClock:
    """Milliseconds since the Unix epoch: Redis' newest word, and what is believed of it.

    Before Redis was ever asked both are by the PC's own clock and what was kept of earlier runs.
    """

    def __init__(
        self,
        *,
        wall: Callable[[], int] = wall_ms,
        steady: Callable[[], int] = steady_ms,
        memory: ClockMemory | None = None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._asked = False
        self._before: int | None = None
        self._candidate: tuple[int, int] | None = None
        self._word = self._belief = wall() - steady()
        self._has_own_time = False
        self._kept_offset = 0 if memory is None else memory.offset
        self._since = self._last = self._belief + steady()
        self._floor = RELEASED_MS - steady()
        if memory is not None:
            self._restore(memory)

    def _restore(self, memory: ClockMemory) -> None:
        """Go on from an earlier run, unless the PC's clock was lost meanwhile."""
        now = self._steady()
        restored = self._wall() + memory.offset
        self._has_own_time = restored >= memory.last - JUMP_MS
        self._belief = self._word = (restored if self._has_own_time else memory.last) - now
        self._before = memory.before
        self._since, self._last = memory.since or self._belief + now, memory.last
        self._floor = max(self._floor, min(memory.floor, MAX_MS) - now)

    # --- the times ---

    @property
    def synchronised(self) -> bool:
        """Whether Redis has been asked since this program started."""
        return self._asked

    @property
    def has_own_time(self) -> bool:
        """Whether this PC's clock has kept the believed time, or Redis has been believed since."""
        return self._has_own_time

    @property
    def in_doubt(self) -> bool:
        """Whether Redis' newest word is not believed."""
        return abs(self._word - self._belief) > JUMP_MS

    def redis_ms(self) -> int:
        """Redis' newest word as it is: what its ``TIME`` would say now."""
        return self._word + self._steady()

    def now_ms(self) -> int:
        """Redis' newest word, but not below what time never falls below."""
        return max(self._word, self._floor) + self._steady()

    def believed_ms(self) -> int:
        """The time that this program believes."""
        return max(self._belief, self._floor) + self._steady()

    def agreed_ms(self) -> int:
        """The lower of the two times: what has passed by it has passed by both."""
        return self.now().agreed_ms

    def now(self) -> Now:
        """Both times at once."""
        return Now(self.now_ms(), self.believed_ms())

    def firm_ms(self) -> int:
        """The time by which something may be deleted for good: 0 while none is firm."""
        return self.agreed_ms() if self._is_firm() else 0

    @property
    def since_ms(self) -> int:
        """Since when the believed time has not jumped, in that time."""
        return self._since

    def ticks_ms(self) -> int:
        """A clock that nobody sets, for how long something takes."""
        return self._steady()

    # --- what is heard ---

    def set(self, redis_ms: int) -> int:
        """Take over what Redis' ``TIME`` said just now; believe it if something speaks for it.

        Returns the time that is believed at this moment. Asked for later it may be a millisecond
        more, and so of two messages the first would seem to be the younger.
        """
        now = self._steady()
        word = min(max(redis_ms, 0), MAX_MS) - now
        self._word, self._asked = word, True
        if not self._has_own_time:
            if not 0 <= word + now - self._last <= AWAY_MS:
                self._since = word + now
            self._believe(word)
        elif abs(word - self._belief) <= JUMP_MS:
            self._believe(word)
        elif self._is_witnessed(word) or self._is_settled(word, now):
            self._before = self._belief + now - self._wall()
            self._since = word + now
            self._believe(word)
        return max(self._belief, self._floor) + now

    def trust_redis(self) -> None:
        """Believe what Redis says next: a person has said that its clock is right."""
        self._floor = -self._steady()
        self._has_own_time = False

    def hear_signed(self, sent_at: int) -> bool:
        """Take the time of a genuine message as one that has passed; whether it counts.

        It does not while it lies ahead, nor while the believed time has no witness and is not old
        enough to be firm: a clock that was wrong for an hour would hold this PC for good.
        """
        floor = sent_at - self._steady()
        certain = self._is_witnessed(self._belief) or self._is_firm()
        if not certain or floor > self._belief or floor <= self._floor:
            return False
        self._floor = floor
        return True

    @property
    def is_memory_old(self) -> bool:
        """Whether the PC's clock was set since ``memory`` was last asked for.

        Kept as it was, the next start would take that setting for a jump of Redis' clock.
        """
        offset = self._belief + self._steady() - self._wall()
        return abs(offset - self._kept_offset) > WITNESS_MS

    def memory(self) -> ClockMemory:
        """What to keep for the next start."""
        now = self._steady()
        self._kept_offset = self._belief + now - self._wall()
        return ClockMemory(
            offset=self._kept_offset,
            before=self._before,
            last=self._belief + now,
            since=self._since,
            floor=self._floor + now,
        )

    # --- inside ---

    def _believe(self, word: int) -> None:
        self._belief = word
        self._candidate = None
        self._has_own_time = True
        if self._is_witnessed(word):
            self._floor = min(self._floor, word)

    def _is_witnessed(self, base: int) -> bool:
        """Whether this PC's clock speaks for a time: as it is, or as it was before a jump."""
        offset = base + self._steady() - self._wall()
        known = (0,) if self._before is None else (0, self._before)
        return any(abs(offset - one) <= WITNESS_MS for one in known)

    def _is_settled(self, word: int, now: int) -> bool:
        """Whether heartbeats have said the same for long enough."""
        if self._candidate is None or abs(self._candidate[0] - word) > SAME_MS:
            self._candidate = word, now
        return now - self._candidate[1] >= SETTLED_AFTER_MS

    def _is_firm(self) -> bool:
        return not self.in_doubt and self._belief + self._steady() - self._since >= FIRM_MS
