"""A thousand popups in a row, and an emergency's way to the screen while others pour in."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import QApplication

from admin_app.app import ConsoleApp
from admin_app.draft import Draft
from shared.model import Format, Level
from shared.qt.popup import Popup, PopupContent, PopupRules, Stage
from tests.bench.table import show
from tests.conftest import until
from tests.integration.pair import connected, running_console, running_tray
from tray_client.app import TrayApp

POPUPS = 1000
EMERGENCIES = 100
BURST_EVERY_S = 0.02


async def many_popups() -> None:
    """Open and close many popups; print memory and widgets on the way."""
    print(f"\n{POPUPS} popups opened, painted, answered and closed")
    print(f"  {'popups':>8}{'RSS MB':>10}{'widgets':>10}")
    began = time.perf_counter()
    for number in range(POPUPS + 1):
        if number % 250 == 0:
            await asyncio.sleep(0.05)
            gc.collect()
            widgets = len(QApplication.allWidgets())
            print(f"  {number:>8}{_rss_mb():>10.1f}{widgets:>10}", flush=True)
        await _one_popup(number)
    took = (time.perf_counter() - began) / POPUPS * 1000
    print(f"  {took:.1f} ms each, in every part")


async def _one_popup(number: int) -> None:
    content = PopupContent(
        id=str(number),
        level=Level.EMERGENCY,
        level_name="Emergency",
        source="Channel 1",
        title=f"Message {number}",
        body="A **text** with [a link](https://hq.example).\n" * 20,
        byline="Head office, 09:12",
        verified=True,
        format=Format.MARKDOWN,
        replies=("Yes", "No"),
    )
    stage = Stage(content, PopupRules(guard_ms=0))
    painted = asyncio.Event()
    stage.painted.connect(lambda _id: painted.set())
    stage.show()
    await painted.wait()
    stage.withdraw()


async def emergencies_in_a_burst(url: str, folder: Path) -> None:
    """Milliseconds from ``send`` to the first paint while a normal message comes every 20 ms."""
    async with running_tray(url, folder / "tray") as tray, running_console(url, folder) as console:
        await connected(tray, console)
        burst = asyncio.create_task(_pour(console))
        try:
            times = [await _emergency(tray, console, n) for n in range(EMERGENCIES)]
        finally:
            burst.cancel()
            with suppress(asyncio.CancelledError):
                await burst
    title = f"An emergency while a normal message is sent every {BURST_EVERY_S * 1000:.0f} ms"
    show(title, {"Send to popup painted": times}, high=0.99)


async def _pour(console: ConsoleApp) -> None:
    number = 0
    while True:
        await console.session.send(Draft(channels=["Channel 1"], title=f"N {number}", body="x"))
        number += 1
        await asyncio.sleep(BURST_EVERY_S)


async def _emergency(tray: TrayApp, console: ConsoleApp, number: int) -> float:
    painted = asyncio.Event()
    title = f"Emergency {number}"

    def on_painted(popup: Popup) -> None:
        if popup.content.title == title:
            painted.set()

    tray.presenter.on_painted = on_painted
    draft = Draft(channels=["Channel 1"], title=title, body="x", level=Level.EMERGENCY)
    began = time.perf_counter()
    sending = asyncio.create_task(console.session.send(draft))
    await painted.wait()
    took = (time.perf_counter() - began) * 1000
    sent = await sending
    tray.session.acknowledge(sent.message.id)
    await until(
        lambda: (tray.presenter.popup is None) or tray.presenter.popup.content.title != title
    )
    return took


def _rss_mb() -> float:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * 4096 / 1e6
