"""Every window and page of both programs, in the state that says most, over a fake Redis.

``python -m tests.gui.every_window LANGUAGE [FOLDER]`` prints what is cut off or has one access key
twice, and saves a picture of everything into FOLDER. The scale is ``QT_SCALE_FACTOR``, as for any
Qt program; a process has only one, so the test starts this as a program.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QWidget

import admin_app.app
import tests.fakes
from admin_app.app import ConsoleApp, configure
from admin_app.views.rail import Page
from shared.bus import ChannelInfo, LinkState, LinkStatus
from shared.clock import wall_ms
from shared.errors import Problem, RedisUnreachable
from shared.model import ALL_CHANNELS, HOUR_MS, Level, Message
from shared.outlets import ExpectedOutlet
from shared.phrases import phrase
from shared.qt.popup import Popup
from shared.qt.runner import QuitRequest, make_application, run
from shared.receipts import Receipt
from shared.settings import Language, Program
from shared.sources import Sources
from tests.conftest import until
from tests.fakes import FakeConsoleBus, FakeServer, envelope_of, make_message
from tests.gui.desk import report
from tests.gui.walk import cut_off, keys_twice
from tray_client.archive import Archive
from tray_client.inbox import Inbox
from tray_client.inbox_window import InboxWindow
from tray_client.presenter import content_of
from tray_client.records import InboxMessage, NewMessage
from tray_client.tray import Tray

LEAST = (900, 600)
"""The smallest window that everything has to be usable in."""
WIDE = (1360, 720)
"""Where the form has room for the preview beside it."""
TITLE = "Harga minyak goreng berubah mulai pukul 10.00 di semua gerai"
BODY = "Mulai pukul 10.00 botol 2 l harganya Rp 34.500. Mohon ganti label rak sebelum itu. " * 4
REMINDER = "Reminder: head office asks for an answer."
REPLIES = ["Sudah diganti", "Stok kosong", "Tidak dijual"]
SETTLE_S = 0.1
"""How long a window gets to lay itself out and to paint."""
Visit = Callable[[str, QWidget], Awaitable[None]]


def told(message: Message, outlet: int) -> Receipt:
    """What one till reports: every third has acknowledged, every fifth has not shown it."""
    at = message.sent_at
    return Receipt(
        message.id,
        at,
        at + 100,
        at + 60_000 * outlet if outlet % 5 else None,
        at + 300_000 if outlet % 3 == 0 else None,
        os_user="sri.wahyuni",
        endpoint=f"JKT-{outlet:03}/kasir-{outlet % 2 + 1}",
        reply="Sudah" if outlet % 3 == 0 else "",
    )


def sent_before(server: FakeServer) -> None:
    """One message of every level, the newest with receipts."""
    for level in Level:
        message = make_message(level=level, title=TITLE, body=BODY, sent_at=server.now_ms)
        server.append("Channel 1", envelope_of(message))
        server.expected[message.id] = 36
        server.now_ms += 60_000
    server.told[message.id] = [told(message, n) for n in range(30)]


async def console(folder: Path, visit: Visit) -> None:
    """The console: every page, with data; what is wrong with a form; the page for the address."""
    server = FakeServer()
    setattr(tests.fakes, "PAGE", 1000)  # noqa: B010  # all receipts at once
    for n in range(36):
        name, channels = f"JKT-{n:03}/kasir-{n % 2 + 1}", [f"Channel {n % 3 + 1}"]
        server.reports.append(report(name, server, channels=channels, left=n > 30))
    sent_before(server)
    server.outlets = [ExpectedOutlet(outlet="MDN-005", name="Medan Polonia")]
    setattr(admin_app.app, "RedisConsoleBus", lambda *_: FakeConsoleBus(server))  # noqa: B010
    app = ConsoleApp(configure(Sources(Program.CONSOLE, {"redis_url": "redis://hq"}), folder, {}))
    window = app.window
    app.start()
    window.resize(*LEAST)
    await until(lambda: app.session.status.state is LinkState.CONNECTED and app.session.directory)
    app.channels._show([*app.session.directory, ChannelInfo("Old", "Wilayah Timur", retired=True)])
    for page in Page:
        window.show_page(page)
        await visit(f"console-{page.name.lower()}", window)
    window.show_page(Page.SENT)
    await until(lambda: window.sent.model.rowCount() == len(Level))
    window.sent.list.setCurrentIndex(window.sent.model.index(0))
    await until(lambda: window.sent.report.pcs.total >= 30)
    await visit("console-report", window)
    window.show_page(Page.COMPOSE)
    window.form.show_problems(
        [
            Problem("title", phrase("Write a title.")),
            Problem("body", phrase("Write a message.")),
            Problem("channels", phrase("Choose either all channels or some of them.")),
        ]
    )
    await visit("console-compose-problems", window)
    window.form.show_problems([])
    window.form.more.show_at.set_ms(wall_ms() + HOUR_MS)
    window.form.more.replies[0].setText("Sudah")
    await visit("console-compose-used", window)
    window.form.more.open()
    window.form.show_hold(5)
    window.form.offer_recall()
    await visit("console-compose-more", window)
    window.resize(*WIDE)
    window.form.title.setText(TITLE)
    window.form.body.setPlainText(BODY)
    await visit("console-compose-wide", window)
    window.resize(*LEAST)
    window.ask_for_connection()
    window.connection.address.setText("rediss://hq-redis:6379")
    await visit("console-connection", window)
    await app.aclose()


def till_message(level: Level, now_ms: int) -> Message:
    """What a cashier has to answer."""
    return make_message(
        level=level,
        title=TITLE,
        body=BODY,
        sender="Kantor pusat",
        sent_at=now_ms,
        replies=REPLIES,
    )


def filled(inbox: Inbox) -> list[InboxMessage]:
    """One message of every level, stored."""
    now = wall_ms()
    return inbox.store(
        NewMessage(
            till_message(level, now),
            ALL_CHANNELS,
            level is not Level.URGENT,
            now,
            now + HOUR_MS,
        )
        for level in Level
    )


async def tray(folder: Path, visit: Visit) -> None:
    """The tray: popups, the inbox, the menu."""
    inbox = Inbox(folder)
    archive = Archive.open(folder, wall_ms)
    window = InboxWindow(archive)
    window.resize(*LEAST)
    window.present()
    await visit("inbox-empty", window)
    for message in filled(inbox):
        news = QCoreApplication.translate("Presenter", REMINDER)
        popup = Popup(content_of(message, (5, 15, 30, 60), news), guard_ms=0)
        popup.set_place(2, 5)
        popup.present()
        await visit(f"popup-{message.level}", popup)
        popup.withdraw()
    window.refresh()
    window.list.setCurrentIndex(window.model.index(1))
    await visit("inbox", window)
    window.search.setText("zzz")
    await visit("inbox-nothing-found", window)
    window.hide()
    archive.close()
    inbox.close()
    icon = Tray("JKT-014/kasir-2", ["Channel 1", "Channel 2"], ["x"], has_address=False)
    error = RedisUnreachable("hq:6379", phrase("Nothing answers at {address}.", address="hq:6379"))
    icon.set_status(LinkStatus(LinkState.RECONNECTING, "hq:6379", error))
    icon.set_rival(there_is_one=True)
    icon.menu.popup(QPoint(0, 0))
    await visit("tray-menu", icon.menu)
    icon.hide()


def main(language: Language, pictures: Path | None) -> int:
    """Go everywhere, and print what is wrong as JSON: by place, a list of sentences."""
    app = make_application("Siaran", "siaran-walk", language=language)
    wrong: dict[str, list[str]] = {}
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)

    async def visit(name: str, window: QWidget) -> None:
        await asyncio.sleep(SETTLE_S)
        found = cut_off(window) + [f"Alt+{key} twice" for key in keys_twice(window)]
        if found:
            wrong[name] = found
        if pictures is not None:
            window.grab().save(str(pictures / f"{name}-{language}.png"))

    async def walk(_: QuitRequest) -> int:
        with tempfile.TemporaryDirectory(prefix="siaran-walk-") as temp:
            await console(Path(temp), visit)
            await tray(Path(temp), visit)
        return 0

    run(app, walk)
    print(json.dumps(wrong, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(Language(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
