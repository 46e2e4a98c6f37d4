"""The real pair in one process: console window and trays as the programs put them together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from admin_app.app import ConsoleApp, configure
from shared.bus import LinkState
from shared.qt.popup import Popup
from shared.settings import Program
from shared.sources import Sources, fixed
from tests.conftest import until, until_await
from tray_client.app import TrayApp
from tray_client.inbox import read_messages


@asynccontextmanager
async def running_tray(
    url: str, folder: Path, *, outlet: str = "JKT-001", guard_ms: int = 0, **settings: object
) -> AsyncIterator[TrayApp]:
    """A tray with its own data folder, started and connected unless the address is no good.

    However many messages a test sends in its minute, they come one by one.
    """
    settings = {"popups_per_minute": 1000, **settings}
    loaded = fixed(redis_url=url, outlet=outlet, pc="till-1", **settings)
    assert not loaded.problems
    app = TrayApp(loaded, folder, {}, guard_ms=guard_ms)
    app.start()
    try:
        yield app
    finally:
        await app.aclose()


@asynccontextmanager
async def running_console(
    url: str, folder: Path, environ: Mapping[str, str] | None = None, **settings: str
) -> AsyncIterator[ConsoleApp]:
    """A console with its window shown."""
    sources = Sources(Program.CONSOLE, {"redis_url": url, "undo_seconds": "0", **settings})
    app = ConsoleApp(configure(sources, folder, environ or {}))
    app.start()
    try:
        yield app
    finally:
        await app.aclose()


async def connected(*apps: TrayApp | ConsoleApp) -> None:
    """Wait until all of *apps* are connected, and trays have sent their first heartbeat."""
    await until(lambda: all(app.session.status.state is LinkState.CONNECTED for app in apps))
    trays = sum(isinstance(app, TrayApp) for app in apps)
    for app in apps:
        if isinstance(app, ConsoleApp) and trays:
            console = app

            async def all_seen(console: ConsoleApp = console) -> bool:
                return (await console.session.count_connected(["*"]) or 0) >= trays

            await until_await(all_seen)


def fill_in(app: ConsoleApp, channel: str, title: str, body: str) -> None:
    """Type into the console's form as a person would."""
    form = app.window.form
    index = form.channel.findData(channel)
    assert index >= 0, f"{channel} is not offered"
    form.channel.setCurrentIndex(index)
    form.title.clear()
    form.body.clear()
    if title.isprintable() and body.isprintable():
        QTest.keyClicks(form.title, title)
        QTest.keyClicks(form.body, body)
    else:  # QTest aborts the process on control characters
        form.title.setText(title)
        form.body.setPlainText(body)


async def press_send(app: ConsoleApp) -> None:
    """Press Send, say yes if asked, and wait until the form can be used again."""
    form = app.window.form
    QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
    await until(lambda: question() is not None or form.send.isEnabled())
    box = question()
    if box is not None:
        press(box, "Send")
    await until(form.send.isEnabled)


def question() -> QMessageBox | None:
    """The question that is open."""
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        return box
    return next(
        (w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()),
        None,
    )


def press(box: QMessageBox, name: str) -> None:
    """Press the button *name*."""
    button = next(one for one in box.buttons() if one.text() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def open_popup(app: TrayApp) -> Popup | None:
    """The popup on this tray's screen."""
    popup = app.presenter.popup
    return popup if popup is not None and popup.isVisible() else None


def shown(folder: Path) -> list[str]:
    """Titles of the messages that were painted there, in the order of arrival."""
    return [one.title for one in read_messages(folder) if one.displayed_at is not None]


async def acknowledge(app: TrayApp) -> str:
    """Press OK on the popup; return its title."""
    popup = await until(lambda: open_popup(app))
    assert isinstance(popup, Popup)
    await until(lambda: not popup.guarded)
    QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
    return popup.content.title
