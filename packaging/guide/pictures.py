"""Takes the guides' pictures anew, from the running programs: part of ``run.py screenshots``.

One process for each language: a console and the trays of three outlets, all real, over a real
Redis. A person's part is played by clicks and keys.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "demo")]

from broker import broker  # noqa: E402
from PySide6.QtCore import QPoint, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget  # noqa: E402

from admin_app.app import ConsoleApp, run_console  # noqa: E402
from admin_app.views.rail import Page  # noqa: E402
from shared.model import ALL_CHANNELS, Level  # noqa: E402
from shared.qt.runner import QuitRequest  # noqa: E402
from shared.settings import Program  # noqa: E402
from shared.sources import Sources  # noqa: E402
from tray_client.app import TrayApp  # noqa: E402

KEPT = HERE / "pictures"
WITHIN_S = 30.0
LAYOUT_S = 0.8
SIZE, SMALLER = (1280, 680), (1000, 640)
OUTLETS = {"JKT-014": ["Channel 1"], "BDG-002": ["Channel 1"], "SBY-003": ["Channel 2"]}


@dataclass(frozen=True)
class Texts:
    """What the admin writes in one language."""

    sender: str
    title: str
    body: str
    reply: str
    urgent_title: str
    urgent_body: str


TEXTS = {
    "en": Texts(
        "Head office",
        "Price change for cooking oil",
        "From 10:00 the 2 l bottle costs Rp 34,500. Please change the shelf label before then.",
        "Out of stock",
        "Card payment is down",
        "The bank is working on it. Take cash and QRIS only until we write again.",
    ),
    "id": Texts(
        "Kantor pusat",
        "Harga minyak goreng berubah",
        "Mulai pukul 10.00 botol 2 l harganya Rp 34.500. Mohon ganti label rak sebelum itu.",
        "Stok kosong",
        "Pembayaran kartu terganggu",
        "Bank sedang menanganinya. Terima tunai dan QRIS saja sampai kami kirim kabar lagi.",
    ),
}


def main() -> int:
    """Take every picture in both languages."""
    if len(sys.argv) > 1:
        return photograph(sys.argv[1])
    KEPT.mkdir(exist_ok=True)
    for language in TEXTS:
        code = subprocess.call([sys.executable, __file__, language])
        if code:
            return code
    print(f"pictures: {KEPT.relative_to(ROOT)}/")
    return 0


def photograph(language: str) -> int:
    """Take the pictures of one language; 1 if something did not come in time."""
    with broker() as server, tempfile.TemporaryDirectory(prefix="siaran-guide-") as temp:
        folder = Path(temp)
        own = folder / "siaran.toml"
        own.write_text(f'redis_url = "{server.url}"\nsender = "{TEXTS[language].sender}"\n')
        own.chmod(0o600)
        sources = Sources(Program.CONSOLE, {"language": language}, user_file=own)
        shoot = Shoot(server.url, folder, language)
        run_console(sources, folder / "console", {}, started=shoot.start)
        return 0 if shoot.done else 1


class Shoot:
    """One language: the trays, what the admin does, and the pictures in between."""

    def __init__(self, redis_url: str, folder: Path, language: str) -> None:
        self.done = False
        self._redis_url = redis_url
        self._folder = folder
        self._language = language
        self._texts = TEXTS[language]
        self._trays: dict[str, TrayApp] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self, app: ConsoleApp, quit_request: QuitRequest) -> None:
        """Begin, in the running event loop."""
        self._app = app
        self._task = asyncio.get_running_loop().create_task(self._run(quit_request))

    async def _run(self, quit_request: QuitRequest) -> None:
        try:
            await self._go()
            self.done = True
        except TimeoutError as error:
            sys.stderr.write(f"guide: {error}\n")
        finally:
            for tray in self._trays.values():
                await tray.aclose()
            quit_request.ask()

    async def _go(self) -> None:
        window = self._app.window
        window.resize(*SIZE)
        for outlet, channels in OUTLETS.items():
            self._trays[outlet] = self._tray(outlet, channels)
        await self._until("the trays", self._all_connected)
        await self._send_one()
        await self._send_urgent()
        await self._cashier()
        await self._pages()

    async def _pages(self) -> None:
        """The report of the first message, the outlets, and what a new console asks."""
        window = self._app.window
        window.resize(*SMALLER)
        window.show_page(Page.SENT)
        await self._until("the list", lambda: window.sent.model.rowCount() == 2)
        window.sent.list.setCurrentIndex(window.sent.model.index(1))
        await self._until("the report", lambda: window.sent.report.pcs.total >= 2)
        await asyncio.sleep(2)
        await self._take("report", window)
        window.show_page(Page.OUTLETS)
        await asyncio.sleep(1)
        await self._take("outlets", window)
        window.ask_for_connection()
        await asyncio.sleep(2)
        await self._take("connection", window)

    async def _all_connected(self) -> bool:
        return await self._app.session.count_connected([ALL_CHANNELS]) == len(OUTLETS)

    async def _send_one(self) -> None:
        """An ordinary message to a channel, with time to take it back."""
        texts, form = self._texts, self._app.window.form
        self._fill("Channel 1", Level.NORMAL, texts.title, texts.body)
        form.more.replies[0].setText(texts.reply)
        await self._take("compose", self._app.window)
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await self._until("the time to take it back", form.undo.isVisible)
        await self._take("undo", self._app.window)
        await self._until("the popup", lambda: self._popup("JKT-014"))
        await asyncio.sleep(1.5)  # until it can be answered
        await self._take("popup", self._popup("JKT-014"))
        await self._answer("BDG-002")

    async def _send_urgent(self) -> None:
        """One that goes at once, after a question."""
        texts, form = self._texts, self._app.window.form
        self._fill(ALL_CHANNELS, Level.URGENT, texts.urgent_title, texts.urgent_body)
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await self._until("the question", _question)
        box = _question()
        assert box is not None
        QTest.mouseClick(box.buttons()[0], Qt.MouseButton.LeftButton)
        await self._until("the popup", lambda: self._shows("JKT-014", texts.urgent_title))
        await asyncio.sleep(1.5)
        await self._take("popup-urgent", self._popup("JKT-014"))

    async def _cashier(self) -> None:
        """The till's menu and inbox."""
        tray = self._trays["JKT-014"]
        await self._answer("JKT-014")
        await self._until("the first one", lambda: self._shows("JKT-014", self._texts.title))
        tray.tray.menu.popup(QPoint(0, 0))
        await self._take("menu", tray.tray.menu)
        tray.tray.menu.close()
        tray.open_inbox()
        assert tray.window is not None
        tray.window.resize(900, 480)
        await asyncio.sleep(LAYOUT_S)
        tray.window.list.setCurrentIndex(tray.window.model.index(0))
        await self._take("inbox", tray.window)

    # --- tools ---

    def _tray(self, outlet: str, channels: list[str]) -> TrayApp:
        given = {"redis_url": self._redis_url, "channels": "; ".join(channels)}
        given |= {"outlet": outlet, "pc": "kasir-1"}
        tray = TrayApp(Sources(Program.TRAY, given).load(), self._folder / outlet, {})
        tray.start()
        return tray

    def _fill(self, channel: str, level: Level, title: str, body: str) -> None:
        form = self._app.window.form
        form.channel.setCurrentIndex(form.channel.findData(channel))
        QTest.mouseClick(form.level.button(level), Qt.MouseButton.LeftButton)
        form.title.setText(title)
        form.body.setPlainText(body)

    async def _answer(self, outlet: str) -> None:
        popup = self._popup(outlet)
        await self._until("an answer", popup.ok.isEnabled)
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
        await self._until("the end of the popup", lambda: self._popup(outlet) is not popup)

    def _popup(self, outlet: str) -> Any:
        return self._trays[outlet].presenter.popup

    def _shows(self, outlet: str, title: str) -> bool:
        popup = self._popup(outlet)
        return popup is not None and popup.content.title == title

    async def _take(self, name: str, widget: QWidget) -> None:
        await asyncio.sleep(LAYOUT_S)
        widget.grab().save(str(KEPT / f"{name}-{self._language}.png"))

    async def _until(self, what: str, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + WITHIN_S
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come in time")
            await asyncio.sleep(0.05)


def _question() -> QMessageBox | None:
    window = QApplication.activeModalWidget()
    return window if isinstance(window, QMessageBox) else None


if __name__ == "__main__":
    sys.exit(main())
