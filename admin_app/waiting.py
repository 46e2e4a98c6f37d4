"""``siaran-console send --wait``: until so many PCs have come so far."""

from __future__ import annotations

import asyncio

from admin_app.command_tools import over_a_link
from shared.bus import ConsoleBus, ConsoleLink
from shared.errors import SiaranError
from shared.model import Message
from shared.receipts import Counts, Stage

EVERY_S = 0.25
"""How often the counters are asked for."""


async def wait_for(
    bus: ConsoleBus, message: Message, stage: Stage, wanted: int | None, timeout_s: float
) -> tuple[Counts, bool]:
    """Wait until *wanted* endpoints (None: all that are expected) have reached *stage*.

    Returns the counters as they are then, and whether it came to that within *timeout_s*. A link
    that is lost meanwhile is opened again while there is time.

    Raises:
        SiaranError: Redis refused, or cannot be reached, and the time is over.
    """
    last = Counts()
    error: SiaranError | None = None

    async def watch(link: ConsoleLink) -> Counts:
        nonlocal last, error
        while True:
            [last] = await link.counts([message])
            error = None
            goal = last.expected if wanted is None else wanted
            if goal is not None and last.of(stage) >= goal:
                return last
            await asyncio.sleep(EVERY_S)

    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return await over_a_link(bus, watch), True
                except SiaranError as lost:
                    if not lost.transient:
                        raise
                    error = lost
                    await asyncio.sleep(EVERY_S)
    except TimeoutError:
        if error is not None:
            raise error from None
        return last, False
