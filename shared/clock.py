"""Redis' time on this PC: ``TIME`` now and then, measured on by a clock that never jumps.

Tills have wrong clocks, and people set them. Between two readings of Redis' ``TIME`` this counts
with a clock that nobody can set and that goes on while the PC sleeps (``CLOCK_BOOTTIME``;
Windows' tick count does so by nature). Before the first reading the PC's own clock has to do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def steady_ms() -> int:
    """Milliseconds of a clock that cannot be set and that counts suspend."""
    if sys.platform == "win32":
        import ctypes

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
    """Milliseconds since the Unix epoch as Redis counts them."""

    def __init__(
        self, *, wall: Callable[[], int] = wall_ms, steady: Callable[[], int] = steady_ms
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._base: int | None = None
        self._asked = False

    @property
    def synchronised(self) -> bool:
        """Whether Redis has been asked since this program started."""
        return self._asked

    def set(self, redis_ms: int) -> None:
        """Take over what Redis' ``TIME`` said just now."""
        self._base = redis_ms - self._steady()
        self._asked = True

    def now_ms(self) -> int:
        """The time now by Redis' clock, in ms."""
        if self._base is None:
            return self._wall()
        return self._base + self._steady()

    def offset_ms(self) -> int:
        """How far Redis is ahead of the PC's clock, in ms; kept on disk for the next start."""
        return self.now_ms() - self._wall()

    def restore_offset(self, offset_ms: int) -> None:
        """Use the offset of an earlier run until Redis has been asked."""
        if self._base is None:
            self._base = self._wall() + offset_ms - self._steady()
