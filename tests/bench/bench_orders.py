"""How soon what head office and other PCs do is seen: two PCs of one outlet without a screen."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from shared.model import Ack
from shared.qt.runner import QuitRequest, make_application, run
from tests.bench.table import show
from tests.conftest import until
from tests.integration.test_orders import Pc, head_office, pc, recall, send
from tests.redis_server import RedisServer

ROUNDS = 30
AHEAD_MS = 2000
"""How long scheduled messages wait for their time here."""


def bench(server: RedisServer, folder: Path) -> None:
    """Measure and print."""
    app = make_application("Siaran", "siaran-bench")

    async def measure(_quit: QuitRequest) -> int:
        async with (
            pc(server, folder / "orders-1") as first,
            pc(server, folder / "orders-2", "till-2") as second,
        ):
            series = {
                "Recall to closed": [await recalled(server, first) for _ in range(ROUNDS)],
                "Answer to closed on the other PC": [
                    await answered(server, first, second) for _ in range(ROUNDS)
                ],
                "show_at to open": await opened(server, first),
            }
        show("What follows a message, two PCs of one outlet in one process", series)
        return 0

    run(app, measure)


async def timed(act: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> float:
    """Milliseconds from *act* until *done*."""
    began = time.perf_counter()
    await act()
    await until(done)
    return (time.perf_counter() - began) * 1000


def has_seen(till: Pc, message_id: str) -> bool:
    """Whether it is the last that came to the screen."""
    return till.seen[-1:] != [] and till.seen[-1][0] == message_id


async def recalled(server: RedisServer, till: Pc) -> float:
    """From the console's recall to an empty screen."""
    async with head_office(server) as office:
        message = await send(office)
        await until(lambda: till.head == message.id)
        return await timed(lambda: recall(office, message), lambda: till.head is None)


async def answered(server: RedisServer, first: Pc, second: Pc) -> float:
    """From an answer on one PC to an empty screen on the other; its receipt waits up to 1.5 s."""
    async with head_office(server) as office:
        message = await send(office, ack=Ack.OUTLET)
        await until(lambda: first.head == second.head == message.id)

        async def answer() -> None:
            first.session.answer(message.id)

        return await timed(answer, lambda: second.head is None)


async def opened(server: RedisServer, till: Pc) -> list[float]:
    """How late scheduled messages open, by Redis' clock."""
    late: list[float] = []
    async with head_office(server) as office:
        for number in range(5):
            at = await office.time_ms() + AHEAD_MS + 100 * number
            message = await send(office, show_at=at)
            await until(partial(has_seen, till, message.id))
            late.append(till.seen[-1][1] - at)
            till.session.answer(message.id)
            await until(lambda: till.head is None)
    return late
