"""Noticing a resume by the clocks alone, where no bus tells.

``CLOCK_BOOTTIME`` goes on while the PC sleeps and ``CLOCK_MONOTONIC`` does not, so their distance
grows by every sleep. Looking once a minute is enough: it is the second sign, not the first.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable

assert sys.platform == "linux"  # tells the type checker, too

EVERY_S = 60.0
SLEEP_S = 2.0
"""A shorter sleep breaks no connection."""


def slept_s() -> float:
    """Seconds that the PC has slept since it was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


class SleepClocks:
    """Compares now with the last time it was asked."""

    def __init__(self, slept: Callable[[], float] = slept_s) -> None:
        self._slept = slept
        self._before = slept()

    def has_slept(self) -> bool:
        """Whether the PC has slept since the last call."""
        before, self._before = self._before, self._slept()
        return self._before - before >= SLEEP_S

    async def run(self, resumed: Callable[[], None], every_s: float = EVERY_S) -> None:
        """Call *resumed* after each sleep, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            if self.has_slept():
                resumed()
