"""Which other users of this PC are believed when their trays tell of answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

NameOf = Callable[[int], Awaitable[str]]
"""The name of a user (by number) who is logged on at a screen of this PC; empty: is not."""
KNOWN_S = 10.0
"""For how long it is believed that a user is logged on, or is not."""
MOST_WAITING = 32
"""Questions that may wait for the system; what is told meanwhile is not believed."""


class Neighbours:
    """Asks the system who is logged on, one question at a time."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._known: dict[int, tuple[str, float]] = {}
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def name(self, uid: int) -> str:
        """The name of the user *uid*; empty if that is nobody to believe."""
        if self._waiting >= MOST_WAITING:
            return ""
        self._waiting += 1
        try:
            async with self._turn:
                name, at = self._known.get(uid, ("", -KNOWN_S))
                if time.monotonic() - at >= KNOWN_S:
                    name = await self._name_of(uid)
                    self._known[uid] = (name, time.monotonic())
                return name
        finally:
            self._waiting -= 1
