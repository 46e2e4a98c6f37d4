"""What receipts cost Redis, and how long a console needs to read what 10,000 PCs have told.

Without a window: what the sessions do, and how long they hold up the thread that a window lives in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis import Redis

from admin_app.history import EVERYTHING, History, Wanted
from admin_app.reports import Report
from shared.bus import ConsoleLink
from shared.keys import Keys
from shared.model import DAY_MS, DEFAULT_CHANNELS, Message
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests.bench.load import fill_history, publish, register, write_receipts
from tests.bench.table import show

ENDPOINTS = 10_000
HISTORY = 100_000
SECONDS = 5.0
ROUNDS = 5
KEYS = Keys()


def bench(port: int) -> None:
    """Measure and print, on an empty server."""
    with Redis(port=port) as client:
        fill_history(client, KEYS, HISTORY)
        endpoints = register(client, KEYS, ENDPOINTS)
        print(f"\nReceipts of {ENDPOINTS:,} endpoints, all displayed, four of five acknowledged")
        for seconds, words in ((0.0, "at full speed"), (SECONDS, f"within {SECONDS:.0f} s")):
            message = publish(client, KEYS, ENDPOINTS)
            before, began = _cpu_s(client), time.perf_counter()
            write_receipts(client, KEYS, message, endpoints, seconds=seconds)
            took, cpu = time.perf_counter() - began, _cpu_s(client) - before
            each = cpu / ENDPOINTS * 1e6
            print(f"  {words:<16} took {took:.1f} s, Redis' CPU {each:.1f} us per receipt")
        _print_bytes(client, message)
        asyncio.run(_reading(port, message))


def _print_bytes(client: Redis, message: Message) -> None:
    """What one message costs in Redis' memory."""
    for what, key in (
        ("receipts", KEYS.receipts(message.id)),
        ("counters", KEYS.receipt_counts(message.id)),
    ):
        size = int(client.memory_usage(key, samples=0) or 0)
        print(f"  {what:<16} {size:>9,} bytes a message ({size / ENDPOINTS:.0f} an endpoint)")


def _cpu_s(client: Redis) -> float:
    """CPU that the server has used."""
    used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


async def _reading(port: int, message: Message) -> None:
    async with RedisConsoleBus(RedisAddress(port=port), KEYS).open() as link:

        async def figures() -> None:
            await link.counts([message])

        async def report() -> None:
            await _report(link, message).read(link)

        async def first() -> None:
            await _history(link).more(50)

        async def search() -> None:
            await _history(link, Wanted(text="nowhere")).more(50)

        times: dict[str, list[float]] = {}
        holds: dict[str, list[float]] = {}
        for name, act, rounds in (
            ("live figures, the cost of a refresh", figures, 50),
            (f"report of {ENDPOINTS:,} endpoints, whole", report, ROUNDS),
            (f"first 50 of {HISTORY:,} messages", first, ROUNDS),
            (f"search through {HISTORY:,} messages", search, ROUNDS),
        ):
            for _ in range(rounds):
                took, hold = await _measured(act)
                times.setdefault(name, []).append(took)
                holds.setdefault(name, []).append(hold)
    show("A console reads (without its window)", times)
    show("... and at most holds up its thread for", holds)


def _report(link: ConsoleLink, message: Message) -> Report:
    return Report(message, lambda: link, lambda at: at - 7 * DAY_MS)


def _history(link: ConsoleLink, wanted: Wanted = EVERYTHING) -> History:
    return History(lambda: link, DEFAULT_CHANNELS, wanted)


async def _measured(act: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Milliseconds that *act* took, and the longest that nothing else could run."""
    async with _watched() as gaps:
        began = time.perf_counter()
        await act()
        took = time.perf_counter() - began
    return took * 1000, max(gaps) * 1000


@asynccontextmanager
async def _watched() -> AsyncIterator[list[float]]:
    gaps: list[float] = []

    async def watch() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    task = asyncio.create_task(watch())
    try:
        await asyncio.sleep(0)
        yield gaps
    finally:
        await asyncio.sleep(0)
        task.cancel()
