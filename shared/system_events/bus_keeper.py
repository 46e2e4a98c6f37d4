"""Following a message bus for as long as the program lives, whether it is there or not.

A bus that is not there (a container) is no fault: it is looked for again, ever more rarely, and
only the debug log tells. What was known stays known for the moment of a reconnection, so that
a restarted bus does not unlock a locked session; when the bus stays away, nothing is known.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from jeepney import Message

from shared.backoff import delays, was_stable
from shared.system_events.dbus_link import BusLink, Garbage, Refused, open_bus

log = logging.getLogger(__name__)

RETRY_CAP_S = 300.0
MOST_LOOKS = 20
"""In a second, whoever floods with signals."""
_LOST = (OSError, EOFError, TimeoutError, Garbage, Refused)


class Follower(Protocol):
    """Knows what to listen to on a bus, and what it means."""

    async def begin(self, link: BusLink) -> None:
        """Ask for signals, then take a first look."""

    async def heard(self, link: BusLink, signals: Sequence[Message], /) -> None:
        """Look again, because of *signals*."""

    def forget(self) -> None:
        """Nothing is known any more."""


def _later_half(low: float, high: float) -> float:
    """Return a delay of at least half the ceiling: nobody else shares this bus, so no herd."""
    return random.uniform(max(low, high / 2), high)  # noqa: S311  # no secret


class BusKeeper:
    """Keeps one follower on one bus."""

    def __init__(
        self,
        address: str,
        follower: Follower,
        *,
        uniform: Callable[[float, float], float] = _later_half,
    ) -> None:
        self.looked = asyncio.Event()
        """Set as soon as the first look, or the first failure, is over."""
        self._address = address
        self._follower = follower
        self._uniform = uniform

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        waits = self._delays()
        while True:
            began = loop.time()
            await self._one_link()
            if was_stable(loop.time() - began):
                waits = self._delays()
            await asyncio.sleep(next(waits))

    async def _one_link(self) -> None:
        begun = False
        loop = asyncio.get_running_loop()
        looks = deque([-1.0] * MOST_LOOKS, maxlen=MOST_LOOKS)
        try:
            async with open_bus(self._address) as link:
                await self._follower.begin(link)
                begun = True
                self.looked.set()
                while True:
                    await self._follower.heard(link, await link.signals())
                    await asyncio.sleep(max(0.0, looks[0] + 1.0 - loop.time()))
                    looks.append(loop.time())
        except _LOST as error:
            log.debug("no bus at %s: %r", self._address, error)
        except Exception:
            log.exception("following the bus at %s", self._address)
        if not begun:
            self._follower.forget()
            self.looked.set()

    def _delays(self) -> Iterator[float]:
        return delays(self._uniform, base_s=1.0, cap_s=RETRY_CAP_S)
