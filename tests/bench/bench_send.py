"""How long things take, on this machine, now. Prints figures with their method; asserts nothing.

Run with ``python3 run.py bench``. Everything is on one machine: a real redis-server on loopback,
Qt's offscreen platform, and nothing else to do. Quote ratios and medians, not single figures.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from admin_app.draft import Draft  # noqa: E402
from shared.qt.runner import QuitRequest, make_application, run  # noqa: E402
from tests.conftest import until  # noqa: E402
from tests.integration.pair import connected, running_console, running_tray  # noqa: E402
from tests.redis_server import RedisServer  # noqa: E402

MESSAGES = 200
COMMANDS = 10


async def send_to_paint(url: str, folder: Path) -> list[float]:
    """Milliseconds from the session's ``send`` to the popup's first paint, one at a time."""
    times = []
    async with running_tray(url, folder / "tray") as tray, running_console(url, folder) as console:
        await connected(tray, console)
        painted = asyncio.Event()
        tray.presenter.on_painted = lambda _popup: painted.set()
        for number in range(MESSAGES):
            painted.clear()
            began = time.perf_counter()
            sending = asyncio.create_task(
                console.session.send(
                    Draft(channels=["Channel 1"], title=f"Message {number}", body="Body")
                )
            )
            await painted.wait()
            times.append((time.perf_counter() - began) * 1000)
            sent = await sending
            tray.session.acknowledge(sent.message.id)
            await until(lambda: tray.presenter.popup is None)
    return times


def command_line(url: str) -> list[float]:
    """Milliseconds of ``siaran-console send`` as a whole process."""
    message = ("send", "--all", "--title", "T", "--message", "M", "--redis-url", url)
    times = []
    for _ in range(COMMANDS):
        began = time.perf_counter()
        command = [sys.executable, "-m", "admin_app", *message]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - began) * 1000)
    return times


def show(what: str, times: list[float]) -> None:
    """Print median and 99th percentile."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{what}: p50 {statistics.median(times):.1f} ms, p99 {p99:.1f} ms, n = {len(times)}")


def main() -> int:
    """Start a server, measure, print."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application("Siaran", "siaran-bench")
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as temp:
        folder = Path(temp)
        (folder / "redis").mkdir()
        server = RedisServer(folder / "redis")
        server.start()
        try:

            async def measure(_quit: QuitRequest) -> int:
                show("Send to popup painted", await send_to_paint(server.url, folder))
                return 0

            run(app, measure)
            show("siaran-console send, whole process", command_line(server.url))
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
