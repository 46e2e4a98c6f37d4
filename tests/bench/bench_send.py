"""From pressing Send to the popup's first paint, with the real pair in one process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from PySide6.QtCore import qInstallMessageHandler

from admin_app.draft import Draft
from shared.qt.runner import QuitRequest, make_application, run
from tests.bench.bench_popup import emergencies_in_a_burst, many_popups
from tests.bench.table import show
from tests.conftest import until
from tests.integration.pair import connected, running_console, running_tray

MESSAGES = 200


def bench(url: str, folder: Path) -> None:
    """Measure and print."""
    # The offscreen platform says for each popup that it cannot raise windows.
    qInstallMessageHandler(lambda *_: None)
    app = make_application("Siaran", "siaran-bench")

    async def measure(_quit: QuitRequest) -> int:
        times = await send_to_paint(url, folder)
        title = "Send, one message at a time, tray and console in one process"
        show(title, {"Send to popup painted": times}, high=0.99)
        await emergencies_in_a_burst(url, folder / "burst")
        await many_popups()
        return 0

    run(app, measure)


async def send_to_paint(url: str, folder: Path) -> list[float]:
    """Milliseconds from the session's ``send`` to the popup's first paint, one at a time."""
    times = []
    async with running_tray(url, folder / "tray") as tray, running_console(url, folder) as console:
        await connected(tray, console)
        painted = asyncio.Event()
        tray.presenter.on_painted = lambda _popup: painted.set()
        for number in range(MESSAGES):
            painted.clear()
            draft = Draft(channels=["Channel 1"], title=f"Message {number}", body="Body")
            began = time.perf_counter()
            sending = asyncio.create_task(console.session.send(draft))
            await painted.wait()
            times.append((time.perf_counter() - began) * 1000)
            sent = await sending
            tray.session.acknowledge(sent.message.id)
            await until(lambda: tray.presenter.popup is None)
    return times
