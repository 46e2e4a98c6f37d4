"""How the console's pages bear 10,000 PCs and 100,000 messages. Prints figures, asserts nothing.

Run with ``python3 tests/bench/bench_pages.py``. A real redis-server on loopback, filled by
``load.py``; the real console in this process, on Qt's offscreen platform; receipts are written by a
process of their own meanwhile. *First paint*: from the click to the first painting that shows what
was asked for. *Longest freeze*: the longest time between two ticks of a timer of 1 ms in the GUI
thread, less that millisecond: how long the window could have hung, painting included. *Work*: the
most CPU time that the GUI thread took between two ticks, which no other program can stretch.
*Garbage*: the longest collection by Python, which is part of it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer  # noqa: E402
from redis import Redis  # noqa: E402

from admin_app.app import ConsoleApp  # noqa: E402
from admin_app.views.rail import Page  # noqa: E402
from admin_app.views.report_pane import View  # noqa: E402
from shared.keys import Keys  # noqa: E402
from shared.model import Message  # noqa: E402
from shared.qt.runner import QuitRequest, make_application, run  # noqa: E402
from tests.bench import load  # noqa: E402
from tests.integration.pair import connected, running_console  # noqa: E402
from tests.redis_server import RedisServer  # noqa: E402

PCS = int(os.environ.get("SIARAN_BENCH_PCS", "10000"))
MESSAGES = int(os.environ.get("SIARAN_BENCH_MESSAGES", "100000"))
KEYS = Keys()


class Freeze:
    """Keeps the longest time in which the GUI thread did not come back to its events."""

    def __init__(self) -> None:
        self.longest = self.longest_work = self.longest_collection = 0.0
        self._collecting = 0.0
        gc.callbacks.append(self._collected)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._tick)
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._timer.start()

    def begin(self) -> None:
        """Forget what was."""
        self.longest = self.longest_work = self.longest_collection = 0.0
        self._last, self._worked = time.perf_counter(), time.thread_time()

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        del info
        now = time.perf_counter()
        if phase == "stop":
            self.longest_collection = max(self.longest_collection, (now - self._collecting) * 1000)
        self._collecting = now

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, (now - self._last) * 1000 - 1)
        self.longest_work = max(self.longest_work, (worked - self._worked) * 1000)
        self._last, self._worked = now, worked


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds, looking at each turn of the loop."""
    while not condition():  # noqa: ASYNC110  # a figure is wanted, not an event
        await asyncio.sleep(0.001)


def head(title: str) -> None:
    """Print a heading."""
    names = ("time", "freeze", "work", "garbage")
    print(f"\n{title:<58}{''.join(f'{name:>12}' for name in names)}", flush=True)


def rss_mb() -> float:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def write_elsewhere(server: RedisServer, message: Message) -> None:
    """Write the receipts of *message* from a process of their own."""
    command = [sys.executable, "-c", _WRITER, server.url, message.id, str(PCS)]
    subprocess.run(command, cwd=ROOT, check=True)


class Bench:
    """One console, and the measuring."""

    def __init__(self, console: ConsoleApp, server: RedisServer, client: Redis) -> None:
        self.console = console
        self.window = console.window
        self.server = server
        self.client = client
        self.freeze = Freeze()

    async def show(
        self, what: str, act: Callable[[], object], done: Callable[[], bool], rest_s: float = 0.3
    ) -> None:
        """Do *act*; print when *done* held and was painted, and the longest freeze until then."""
        await asyncio.sleep(rest_s)
        self.freeze.begin()
        began = time.perf_counter()
        act()
        await until(done)
        self.window.repaint()
        taken = (time.perf_counter() - began) * 1000
        await asyncio.sleep(0.05)
        freeze = self.freeze
        figures = (taken, freeze.longest, freeze.longest_work, freeze.longest_collection)
        print(f"  {what:<56}{''.join(f'{one:>9.0f} ms' for one in figures)}", flush=True)

    async def history(self) -> None:
        """The page of what was sent."""
        page = self.window.sent
        head(f"A history of {MESSAGES:,} messages")
        await self.show(
            "the page, from the click",
            lambda: self.window.show_page(Page.SENT),
            lambda: (
                page.model.rowCount() > 0
                and page.model.counts(page.model.message(0).id) is not None
            ),
        )
        bar = page.list.verticalScrollBar()

        def scroll() -> bool:
            bar.setValue(bar.maximum())
            return page.model.rowCount() >= 5000

        await self.show("scroll through the newest 5,000", lambda: None, scroll)
        await self.show(
            "search a word that 1 in 4 has: first result",
            lambda: page.search.setText("fire"),
            lambda: 0 < page.model.rowCount() < 1000,
        )
        await self.show(
            "search a word that only the oldest has",
            lambda: page.search.setText("change 0 nowhere"),
            lambda: page.model.complete,
        )
        page.search.setText("")
        await until(lambda: page.model.rowCount() > 0)

    async def report(self) -> None:
        """A report of which everything is there, and one that comes in."""
        head(f"A report of {PCS:,} PCs")
        endpoints = load.endpoints_of(PCS)
        message = load.publish(self.client, KEYS, PCS)
        load.write_receipts(self.client, KEYS, message, endpoints)
        pane = self.window.sent.report
        await self._listed(message)
        self._choose(message)
        await self.show(
            "the numbers, from the click",
            lambda: None,
            lambda: pane.received.accessibleName().startswith(f"{PCS:,}"),
            rest_s=0,
        )
        await self.show("the whole table", lambda: None, lambda: pane.pcs.total == PCS, rest_s=0)
        await self.show("who has not", pane.views[View.SILENT].click, lambda: True)
        await self.show(
            "sort by time",
            lambda: pane.pcs_table.sortByColumn(3, Qt.SortOrder.DescendingOrder),
            lambda: True,
        )
        await self.show(
            "by outlet",
            pane.views[View.OUTLETS].click,
            lambda: pane.outlets.total == PCS // load.PCS_PER_OUTLET,
        )
        pane.views[View.PCS].click()

    async def live(self, view: View) -> None:
        """Receipts of all PCs come in within five seconds, while the report is open."""
        message = load.publish(self.client, KEYS, PCS)
        pane = self.window.sent.report
        await self._listed(message)
        self._choose(message)
        pane.views[view].click()
        await until(lambda: pane.pcs.total == PCS)
        await asyncio.sleep(0.5)
        before, cpu = rss_mb(), time.process_time()
        writer = asyncio.ensure_future(asyncio.to_thread(write_elsewhere, self.server, message))
        await self.show(
            f"{PCS:,} receipts in 5 s, the table shows {view.value!r}",
            lambda: None,
            lambda: writer.done() and pane.received.accessibleName().startswith(f"{PCS:,}"),
        )
        words = f"memory {rss_mb():.0f} MB, {rss_mb() - before:+.1f} MB meanwhile"
        print(f"    {words}, CPU of the console {time.process_time() - cpu:.1f} s")

    async def outlets(self) -> None:
        """The page of outlets."""
        head(f"Outlets: {PCS:,} PCs")
        page = self.window.outlets
        await self.show(
            "the page, from the click",
            lambda: self.window.show_page(Page.OUTLETS),
            lambda: page.model.total == PCS,
        )
        await self.show(
            "the next look, nothing has changed",
            lambda: self.console.outlets._tasks.spawn(
                self.console.outlets._reader.read_now(), name="bench"
            ),
            lambda: True,
        )
        await self.show("type into the search", lambda: page.search.setText("jkt-01"), lambda: True)
        page.search.clear()
        await self.show(
            "sort by state",
            lambda: page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder),
            lambda: True,
        )

    async def _listed(self, message: Message) -> None:
        model = self.window.sent.model
        await until(lambda: model.row_of(message.id) is not None)

    def _choose(self, message: Message) -> None:
        page = self.window.sent
        page.list.setCurrentIndex(page.model.index(page.model.row_of(message.id) or 0))


_WRITER = """
import sys, time
from redis import Redis
from shared.keys import Keys
from shared.model import Kind, Message
from tests.bench import load
url, message_id, count = sys.argv[1:]
client = Redis.from_url(url)
at = load.now_of(client)
message = Message(v=1, id=message_id, kind=Kind.MESSAGE, channels=["x"], sent_at=at)
load.write_receipts(client, Keys(), message, load.endpoints_of(int(count)), seconds=5.0)
"""


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[tuple[RedisServer, Redis]]:
    """A server with everything in it."""
    (folder / "redis").mkdir()
    server = RedisServer(folder / "redis")
    server.start()
    client = Redis.from_url(server.url)
    try:
        load.register(client, KEYS, PCS)
        load.fill_history(client, KEYS, MESSAGES)
        yield server, client
    finally:
        client.close()
        server.stop()


async def measure(folder: Path) -> None:
    """Everything in order."""
    async with (
        filled(folder) as (server, client),
        running_console(server.url, folder / "console") as console,
    ):
        await connected(console)
        bench = Bench(console, server, client)
        await bench.history()
        await bench.report()
        for view in (View.PCS, View.SILENT, View.OUTLETS):
            await bench.live(view)
        await bench.outlets()


def main() -> int:
    """Measure, print."""
    app = make_application("Siaran", "siaran-bench")

    async def work(quit_request: QuitRequest) -> int:
        del quit_request
        with tempfile.TemporaryDirectory(prefix="siaran-bench-") as temp:
            await measure(Path(temp))
        return 0

    return run(app, work)


if __name__ == "__main__":
    sys.exit(main())
