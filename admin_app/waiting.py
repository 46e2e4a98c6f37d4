"""``siaran-console send --wait``: until so many PCs have come so far."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from admin_app.command_tools import over_a_link
from shared.bus import ConsoleBus, ConsoleLink
from shared.errors import SiaranError
from shared.model import Ack, Message
from shared.receipts import Counts, Stage

EVERY_S = 0.25
"""How often the counters are asked for."""


@dataclass(frozen=True, slots=True)
class Waited:
    """The counters as they were last, and whether it came to what was waited for.

    ``error``: why they are not known any better. The message is sent either way.
    """

    counts: Counts
    done: bool = False
    error: SiaranError | None = None


async def wait_for(
    bus: ConsoleBus, message: Message, stage: Stage, wanted: int | None, timeout_s: float
) -> Waited:
    """Wait until *wanted* endpoints (None: all that are expected) have reached *stage*.

    Where one PC of each outlet is asked to acknowledge, it is outlets that are waited for.

    Waits at most *timeout_s*. A link that is lost meanwhile is opened again while there is time.
    """
    last = Counts()
    error: SiaranError | None = None

    async def watch(link: ConsoleLink) -> Counts:
        nonlocal last, error
        while True:
            [last] = await link.counts([message])
            error = None
            if _reached(last, message, stage, wanted):
                return last
            await asyncio.sleep(EVERY_S)

    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return Waited(await over_a_link(bus, watch), done=True)
                except SiaranError as lost:
                    error = lost
                    if not lost.transient:
                        break
                    await asyncio.sleep(EVERY_S)
    except TimeoutError:
        pass
    return Waited(last, error=error)


def _reached(counts: Counts, message: Message, stage: Stage, wanted: int | None) -> bool:
    by_outlet = stage is Stage.ACKNOWLEDGED and message.ack is Ack.OUTLET
    everybody = counts.asked(message.ack) if by_outlet else counts.expected
    goal = everybody if wanted is None else wanted
    return goal is not None and counts.share(stage, message.ack)[0] >= goal
