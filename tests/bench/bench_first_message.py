"""From the first start of a console to the first acknowledged message, as a new admin would do it.

``python tests/bench/bench_first_message.py`` starts a real redis-server, a tray, and a console that
has never run and finds no Redis. A script does what the windows ask for, nothing else, and counts
its clicks and the texts that it types. The seconds are the programs' alone: nobody thinks or reads.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, qInstallMessageHandler  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from admin_app.app import ConsoleApp, configure, one_life  # noqa: E402
from admin_app.configuration import Configuration  # noqa: E402
from shared.bus import LinkState  # noqa: E402
from shared.qt.runner import QuitRequest, make_application, run  # noqa: E402
from shared.settings import Program  # noqa: E402
from shared.sources import Sources  # noqa: E402
from tests.conftest import until  # noqa: E402
from tests.integration.pair import connected, open_popup, press, question, running_tray  # noqa: E402
from tests.redis_server import RedisServer  # noqa: E402


@dataclass
class Hands:
    """What the admin's hands, and then the cashier's, have done."""

    clicks: int = 0
    texts: int = 0

    def click(self, widget: QWidget) -> None:
        """Press a button."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.clicks += 1

    def type(self, widget: QWidget, text: str) -> None:
        """Write into a field that has the keyboard, or is reached by Tab."""
        widget.setFocus()
        QTest.keyClicks(widget, text)
        self.texts += 1


async def first_message(server: RedisServer, folder: Path) -> tuple[Hands, dict[str, float]]:
    """Do it all; return what it took and when each step was done, in seconds."""
    hands, began, done = Hands(), time.perf_counter(), dict[str, float]()

    def note(step: str) -> None:
        done[step] = time.perf_counter() - began

    address = folder / "siaran.toml"
    configuration = configure(Sources(Program.CONSOLE, user_file=address), folder / "console", {})
    async with running_tray(server.url, folder / "tray", guard_ms=1000) as tray:
        await connected(tray)
        fresh = await connect(configuration, server, hands)
        note("the address is typed, tried and kept")
        console = ConsoleApp(fresh)
        console.start()
        try:
            await until(lambda: console.session.status.state is LinkState.CONNECTED)
            note("connected")
            form = console.window.form
            hands.type(form.title, "Price change")
            hands.type(form.body, "From 10:00 the 2 l bottle costs Rp 34,500.")
            hands.click(form.send)
            box = await until(question)
            press(box, "Send")
            hands.clicks += 1
            note("Send is pressed and meant; for five seconds it can be undone")
            popup = await until(lambda: open_popup(tray))
            note("on the till's screen")
            await until(lambda: not popup.guarded)
            hands.click(popup.ok)
            await until(lambda: tray.presenter.popup is None)
            note("acknowledged")
        finally:
            await console.aclose()
    return hands, done


async def connect(configuration: Configuration, server: RedisServer, hands: Hands) -> Configuration:
    """Type the address on the page that asks for it."""
    app = QApplication.instance()
    assert app is not None
    console = ConsoleApp(configuration)
    life = asyncio.create_task(one_life(console, QuitRequest(app)))
    page = console.window.connection
    await until(lambda: console.window.page is None)
    page.address.clear()
    hands.type(page.address, f"127.0.0.1:{server.port}")
    await until(lambda: any("Redis answers at" in one for one in page.findings.sentences))
    hands.click(page.save)
    fresh = await life
    assert fresh is not None
    return fresh


def main() -> int:
    """Measure and print."""
    qInstallMessageHandler(lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="siaran-first-") as temp:
        folder = Path(temp)
        (folder / "redis").mkdir()
        server = RedisServer(folder / "redis")
        server.start()
        app = make_application("Siaran", "siaran-bench")

        async def measure(_quit: QuitRequest) -> int:
            hands, done = await first_message(server, folder)
            for step, at in done.items():
                print(f"{at:6.1f} s  {step}")
            print(f"{hands.clicks} clicks and {hands.texts} texts typed")
            return 0

        try:
            return run(app, measure)
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
