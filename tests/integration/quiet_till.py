"""A tray without a screen, so that one process has room for many: its session and its inbox.

Somebody at the till presses OK at once; ``shown`` has every message, as often as it came up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.bus import LinkState
from shared.clock import RedisClock
from shared.keys import Keys
from shared.model import DAY_MS
from shared.redis_bus import RedisAddress, RedisTrayBus
from shared.signing import Verifier
from tray_client.inbox import Inbox
from tray_client.judge import Judge
from tray_client.registrar import TrayIdentity
from tray_client.rules import Rules
from tray_client.session import TraySession


class QuietTill:
    """One endpoint."""

    def __init__(self, url: str, folder: Path, outlet: str) -> None:
        self.shown: list[str] = []
        self.inbox = Inbox(folder)
        identity = TrayIdentity(outlet, "till-1", "0", "Linux", outlet, outlet)
        self.session = TraySession(
            RedisTrayBus(RedisAddress.from_url(url), Keys("siaran")),
            self.inbox,
            Judge(Verifier({}, "siaran"), 7 * DAY_MS),
            RedisClock(),
            identity,
            ["Channel 1"],
            rules=Rules(popups_per_minute=1000),
        )
        self.session.queue_changed.connect(self._look)
        self._looking = False

    @property
    def connected(self) -> bool:
        """Whether its link is up."""
        return self.session.status.state is LinkState.CONNECTED

    def _look(self) -> None:
        if self._looking:  # an answer announces the queue again
            return
        self._looking = True
        while (head := self.session.head()) is not None:
            self.shown.append(head.id)
            self.session.displayed(head.id)
            self.session.acknowledge(head.id)
        self._looking = False


@asynccontextmanager
async def tills(url: str, folder: Path, count: int) -> AsyncIterator[list[QuietTill]]:
    """*count* of them, each an outlet with one PC."""
    made = [QuietTill(url, folder / f"{n:03}", f"OUT-{n:03}") for n in range(count)]
    tasks = [asyncio.create_task(till.session.run()) for till in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for till in made:
            till.inbox.close()
