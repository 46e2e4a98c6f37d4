"""The popup and the presenter: one at a time, loudest first, safe to appear at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from shared.clock import RedisClock
from shared.model import HOUR_MS, Level
from shared.qt.popup import GUARD_MS, SCREEN_SHARE, WIDTH, Popup, PopupContent, PopupRules
from shared.signing import Verifier
from tests.conftest import until
from tests.fakes import FakeServer, FakeTrayBus, envelope_of, make_message
from tray_client.inbox import Inbox
from tray_client.judge import Judge
from tray_client.presenter import Presenter
from tray_client.registrar import TrayIdentity
from tray_client.session import TraySession

HTML = "<img src=file:///etc/passwd><b>x</b> <a href=https://e.example>y</a>"


def content(**changes: object) -> PopupContent:
    """Something to show."""
    fields: dict[str, object] = {
        "id": "1",
        "level": Level.NORMAL,
        "level_name": "Normal",
        "source": "Channel 1",
        "title": "Title",
        "body": "Body",
        "byline": "Head office, 09:12",
        "verified": True,
    }
    return PopupContent(**{**fields, **changes})  # type: ignore[arg-type]


@asynccontextmanager
async def open_popup(guard_ms: int = 0, **changes: object) -> AsyncIterator[Popup]:
    """A popup on the screen."""
    popup = Popup(content(**changes), guard_ms=guard_ms)
    popup.present()
    try:
        yield popup
    finally:
        popup.withdraw()


class Till:
    """A session on a fake server with a presenter."""

    def __init__(self, folder: Path) -> None:
        self.server = FakeServer()
        self.inbox = Inbox(folder)
        self.session = TraySession(
            FakeTrayBus(self.server),
            self.inbox,
            Judge(Verifier({}, "siaran"), 24 * HOUR_MS),
            RedisClock(),
            TrayIdentity("JKT-001", "till", "0", "test", "x", "m"),
            ["Channel 1"],
        )
        self.presenter = Presenter(self.session, PopupRules(guard_ms=0))

    def publish(self, title: str, level: Level = Level.NORMAL) -> str:
        """Send a message; return its id."""
        self.server.now_ms += 10
        message = make_message(title=title, level=level, sent_at=self.server.now_ms)
        self.server.append("Channel 1", envelope_of(message))
        return message.id

    def title(self) -> str | None:
        """What is on the screen."""
        popup = self.presenter.popup
        return popup.content.title if popup is not None and popup.isVisible() else None

    async def shows(self, title: str) -> None:
        """Wait until *title* is on the screen."""
        await until(lambda: self.title() == title)

    async def ok(self) -> None:
        """Press OK on what is on the screen."""
        popup = self.presenter.popup
        assert popup is not None
        await until(lambda: not popup.guarded)
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)


@asynccontextmanager
async def till(folder: Path) -> AsyncIterator[Till]:
    """A running tray without icon."""
    one = Till(folder)
    task = asyncio.create_task(one.session.run())
    try:
        await until(lambda: one.server.links)
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        one.presenter.close()
        one.inbox.close()


async def test_it_is_modal_on_top_and_takes_no_focus(qapp: QApplication) -> None:
    async with open_popup() as popup:
        flags = popup.windowFlags()
        assert flags & Qt.WindowType.WindowStaysOnTopHint
        assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
        assert popup.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        assert popup.isModal()
        assert popup.windowTitle() == "Title"


async def test_it_can_neither_be_clicked_nor_answered_before_the_guard_is_over(
    qapp: QApplication,
) -> None:
    answers: list[str] = []
    async with open_popup(guard_ms=GUARD_MS) as popup:
        popup.acknowledged.connect(answers.append)
        window = popup.windowHandle()
        assert window.flags() & Qt.WindowType.WindowTransparentForInput
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape):
            QTest.keyClick(popup, key)
        assert answers == []
        await until(lambda: not popup.guarded)
        assert not window.flags() & Qt.WindowType.WindowTransparentForInput
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
        assert answers == ["1"]


async def test_keys_that_belong_to_no_button_answer_nothing(qapp: QApplication) -> None:
    answers: list[str] = []
    async with open_popup() as popup:
        popup.acknowledged.connect(answers.append)
        await until(lambda: not popup.guarded)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(popup, event)
        popup.close()
        popup.reject()
        assert popup.isVisible()
        assert answers == []


async def test_asked_for_it_takes_the_keyboard_and_the_guard_starts_anew(
    qapp: QApplication,
) -> None:
    async with open_popup(guard_ms=50) as popup:
        await until(lambda: not popup.guarded)
        popup.take_keyboard()
        assert popup.guarded
        assert not popup.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus
        await until(lambda: not popup.guarded)


async def test_it_shows_markup_as_text_everywhere(qapp: QApplication) -> None:
    async with open_popup(title=HTML, body=HTML, byline=HTML, source=HTML) as popup:
        assert popup.body.toPlainText() == HTML
        assert popup.windowTitle() == HTML
        labels = popup.findChildren(QLabel)
        assert {one.textFormat() for one in labels if one.text()} == {Qt.TextFormat.PlainText}
        assert sum(HTML[:20] in one.text() for one in labels) >= 3
        assert popup.body.loadResource(2, "file:///etc/passwd") is None


async def test_a_long_text_scrolls_and_the_popup_stays_on_the_screen(qapp: QApplication) -> None:
    async with open_popup(body="Long line. " * 700, title="T" * 200) as popup:
        await until(lambda: not popup.guarded)
        room = QGuiApplication.primaryScreen().availableGeometry()
        assert popup.width() == min(WIDTH, room.width())
        assert popup.height() <= room.height() * SCREEN_SHARE
        assert room.contains(popup.geometry())
        assert popup.reading.verticalScrollBar().maximum() > 0
        assert popup.ok.geometry().bottom() < popup.height()


async def test_a_short_text_makes_a_small_popup_that_does_not_scroll(qapp: QApplication) -> None:
    async with open_popup(body="Short.") as short, open_popup(body="Line\n" * 8) as longer:
        await until(lambda: not short.guarded and not longer.guarded)
        assert short.height() < longer.height()
        assert longer.reading.verticalScrollBar().maximum() == 0


async def test_unverified_text_says_so(qapp: QApplication) -> None:
    async with open_popup(verified=False) as popup:
        assert any("Unverified" in label.text() for label in popup.findChildren(QLabel))


async def test_one_popup_at_a_time_and_the_others_queue(qapp: QApplication, tmp_path: Path) -> None:
    async with till(tmp_path) as on:
        for title in ("One", "Two", "Three"):
            on.publish(title)
        await until(lambda: on.session.waiting() == 3)
        popups = [w for w in QApplication.topLevelWidgets() if isinstance(w, Popup)]
        assert sum(popup.isVisible() for popup in popups) == 1
        for number, title in enumerate(("One", "Two", "Three"), start=1):
            await on.shows(title)
            assert on.presenter.popup is not None
            assert on.presenter.popup.band.place.text() == f"{number} of 3"
            await on.ok()
        assert on.title() is None


async def test_a_higher_level_takes_the_place_and_gives_it_back(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with till(tmp_path) as on:
        on.publish("Normal")
        await until(lambda: on.title() == "Normal")
        on.publish("Silent", Level.SILENT)
        on.publish("Emergency", Level.EMERGENCY)
        await until(lambda: on.title() == "Emergency")
        on.publish("Important", Level.IMPORTANT)
        await until(lambda: on.session.waiting() == 3)
        order = []
        while on.title() is not None:
            order.append(on.title())
            await on.ok()
        assert order == ["Emergency", "Important", "Normal"]


async def test_painting_is_noted_once_it_has_happened(qapp: QApplication, tmp_path: Path) -> None:
    async with till(tmp_path) as on:
        on.publish("Title")
        await until(lambda: on.inbox.waiting() and on.inbox.waiting()[0].displayed_at)
        await on.ok()
        assert on.inbox.waiting() == []


@pytest.mark.parametrize("level", list(Level))
async def test_every_level_has_a_band_with_word_and_icon(qapp: QApplication, level: Level) -> None:
    async with open_popup(level=level, level_name=level.title()) as popup:
        texts = [label.text() for label in popup.band.findChildren(QLabel)]
        assert any(text.startswith(level.upper()) for text in texts)
        assert any(not label.pixmap().isNull() for label in popup.band.findChildren(QLabel))
