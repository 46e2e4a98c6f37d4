"""How much to ask Redis for at once: less after an answer that came late, more after a quick one.

Anybody with the outlets' password may store a megabyte where a tray expects a few bytes, and shops
have slow lines. While one answer comes, nothing else can be asked over the same connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import LinkLost

LATE_S = 4.0
"""Of what took longer, half as much next time."""
SOON_S = 1.0
"""Of what took less, twice as much."""


class Pace:
    """``count``: how many to ask for now, from 1 to *most*."""

    def __init__(self, first: int, most: int) -> None:
        self.count = first
        self._most = most
        self._was_soon = False

    def less(self, by: int = 2) -> None:
        """Ask for fewer: one *by*-th."""
        self.count = max(1, self.count // by)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Learn from how long it takes to ask inside; an end of the link counts as late."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            yield
        except (LinkLost, asyncio.CancelledError):
            self.less(4)
            raise
        took_s = loop.time() - began
        self._was_soon = took_s < SOON_S
        if took_s > LATE_S:
            self.less()

    def more(self) -> None:
        """Ask for more, if the last answer came soon; only who got all that was asked for knows."""
        if self._was_soon:
            self.count = min(self._most, self.count * 2)
