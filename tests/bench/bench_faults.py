"""What faults cost: nothing lost or shown twice, and how soon all is well again.

Run with ``python tests/bench/bench_faults.py``; it takes some minutes. Each fault has a real
redis-server and a real tray process whose screen is watched: *shown* and *twice* are counted from
what was painted, *heal* is from the end of the fault to the paint of the last message sent by then.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from admin_app.draft import Draft  # noqa: E402
from admin_app.sending import Sender  # noqa: E402
from shared.keys import Keys  # noqa: E402
from shared.qt.runner import QuitRequest, make_application, run  # noqa: E402
from shared.redis_bus import RedisAddress, RedisConsoleBus  # noqa: E402
from shared.settings import Settings  # noqa: E402
from shared.sources import fixed  # noqa: E402
from tests.conftest import until  # noqa: E402
from tests.integration import faults  # noqa: E402
from tests.integration.fault_tools import TrayProcess  # noqa: E402
from tests.integration.faults import Outcome, Size  # noqa: E402
from tests.redis_server import RedisServer  # noqa: E402
from tray_client.app import TrayApp  # noqa: E402
from tray_client.inbox import FILE_NAME, read_messages  # noqa: E402

SIZE = Size(part=100)
MISSED = 1_000
MANY = 10_000
SETTLES_S = 100.0
"""After its start a tray looks for a panel a few times, and tells what it has received."""
IDLE_S = 60.0
TICK_S = 0.005
BODY = "x" * 400


# --- faults --------------------------------------------------------------------------------------


async def every_fault(folder: Path) -> dict[str, Outcome]:
    """Play them one after another."""
    steps = ("storing", "stored", "painted", "clicked", "answered")
    plays: dict[str, Coroutine[Any, Any, Outcome]] = {
        "pub/sub connection killed": faults.run(faults.connection_killed, folder / "1", SIZE),
        "Redis killed and restarted": faults.run(
            faults.redis_killed, folder / "2", SIZE, redis=faults.APPEND_ALWAYS
        ),
        "Redis frozen for 20 s": faults.run(faults.redis_frozen, folder / "3", SIZE),
        "link stalls (proxy)": faults.run_by_proxy(folder / "4", SIZE),
        "scripts flushed": faults.run(faults.scripts_flushed, folder / "5", SIZE),
        "output buffer overflows": faults.run(faults.output_buffer_overflows, folder / "6", SIZE),
        "tray killed at five steps": faults.run(faults.killed(*steps), folder / "7", SIZE),
        "tray off for the first half": faults.run(
            faults.off_for_the_first_half, folder / "8", SIZE
        ),
        "popup left open throughout": faults.run(faults.popup_left_open, folder / "9", SIZE),
        "PC asleep for 20 s": faults.run(faults.suspended, folder / "10", SIZE),
        "1,000 in a second": faults.run(faults.burst, folder / "11", SIZE),
    }
    return {name: await play for name, play in plays.items()}


def print_faults(outcomes: dict[str, Outcome]) -> None:
    """One line a fault."""
    print(f"\n{'fault':<30}{'sent':>7}{'shown':>7}{'lost':>6}{'twice':>7}{'heal s':>8}")
    for name, one in outcomes.items():
        counts = f"{len(one.sent):>7}{one.shown:>7}{len(one.lost):>6}{len(one.twice):>7}"
        print(f"{name:<30}{counts}{one.heal_s:>8.1f}")


# --- catching up ---------------------------------------------------------------------------------


async def publish(url: str, count: int) -> None:
    """Send *count* messages that nobody hears yet."""
    bus = RedisConsoleBus(RedisAddress.from_url(url), Keys())
    sender = Sender(Settings())
    async with bus.open() as link:
        for number in range(count):
            draft = Draft(channels=["Channel 1"], title=f"Message {number}", body=BODY)
            await sender.send(link, draft)


async def longest_gap(stop: asyncio.Event) -> float:
    """The longest time, in ms, in which the event loop ran nothing else."""
    worst, before = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(TICK_S)
        now = time.perf_counter()
        worst, before = max(worst, now - before - TICK_S), now
    return 1000 * worst


async def catch_up(url: str, folder: Path) -> None:
    """A tray in this process finds *MISSED* messages, then more beside them, *MANY* in all."""
    total = 0
    for count in (MISSED, MANY - MISSED):  # in all as many as an inbox lets wait
        await publish(url, count)
        total += count
        began, stop = time.perf_counter(), asyncio.Event()
        tray = TrayApp(fixed(redis_url=url, outlet="JKT-001", pc="till-1"), folder, {})
        gap = asyncio.ensure_future(longest_gap(stop))
        tray.start()
        await until(partial(has_all, tray, total), 120)
        took = time.perf_counter() - began
        await asyncio.sleep(0.5)
        stop.set()
        each = f"{1000 * took / count:.2f} ms each"
        print(f"catch-up of {count:,}: {took:.2f} s in all, {each}; ", end="")
        print(f"longest freeze of the event loop {await gap:.0f} ms", flush=True)
        await tray.aclose()
    print(f"inbox: {size_of(folder) // total} bytes a message of {len(BODY)} characters")


def has_all(tray: TrayApp, count: int) -> bool:
    """Whether the inbox has them and the screen may open."""
    return tray.session.waiting() >= count


def size_of(folder: Path) -> int:
    """Bytes of the inbox' files."""
    return sum(path.stat().st_size for path in folder.glob(f"{FILE_NAME}*"))


# --- idling --------------------------------------------------------------------------------------


def facts(pid: int) -> tuple[int, int]:
    """Context switches that a process made of itself, and its anonymous memory in KiB."""
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(lines["voluntary_ctxt_switches"]), int(lines["RssAnon"].split()[0])


async def idle(folder: Path) -> None:
    """A connected tray process with nothing to do."""
    (folder / "redis").mkdir(parents=True)
    server = RedisServer(folder / "redis")
    server.start()
    tray = TrayProcess(server.url, folder)
    try:
        await tray.start()
        await asyncio.sleep(SETTLES_S)
        assert tray.process is not None
        switches, memory = facts(tray.process.pid)
        await asyncio.sleep(IDLE_S)
        after, _ = facts(tray.process.pid)
        rate = (after - switches) * 60 / IDLE_S
        print(f"idle: {rate:.0f} wake-ups a minute, {memory / 1024:.1f} MiB anonymous memory")
        await publish(server.url, MANY)
        await until(lambda: len(read_messages(tray.data)) >= MANY, 120)
        await asyncio.sleep(2)
        _, full = facts(tray.process.pid)
        print(f"after {MANY:,} messages came live: {full / 1024:.1f} MiB", flush=True)
    finally:
        tray.kill()
        server.stop()


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="siaran-faults-") as temp:
        folder = Path(temp)
        (folder / "redis").mkdir()
        server = RedisServer(folder / "redis")
        server.start()
        app = make_application("Siaran", "siaran-bench")

        async def catching_up(_quit: QuitRequest) -> int:
            await catch_up(server.url, folder / "tray")
            return 0

        try:
            run(app, catching_up)
        finally:
            server.stop()
        asyncio.run(idle(folder / "idle"))
        print_faults(asyncio.run(every_fault(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
