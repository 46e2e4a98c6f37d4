"""What becomes of an open popup: a reply, put off, changed, recalled, left open over night."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shared.instance.answered import LocalAnswer
from shared.model import HOUR_MS, Ack, Kind, Level, Message
from shared.qt.popup import Popup, PopupRules, Stage
from shared.qt.popup.answers import SCAN_GAP_S, AnswerButton
from shared.qt.popup.window import FAREWELL_MS
from shared.receipts import Answer
from tests.conftest import until
from tests.fakes import FakeServer, make_message
from tests.gui.test_popup import content, open_popup
from tests.unit.tills import Till, publish, running
from tray_client.presenter import Presenter
from tray_client.records import State

GUARD_MS = 300


class Screen:
    """One PC with its presenter."""

    def __init__(self, server: FakeServer, till: Till, presenter: Presenter) -> None:
        self.server = server
        self.till = till
        self.presenter = presenter

    def send(self, **changes: object) -> Message:
        """Publish a message."""
        self.server.now_ms += 10
        message = make_message(sent_at=self.server.now_ms, **changes)
        publish(self.server, message)
        return message

    async def popup(self, title: str) -> Popup:
        """The open popup, once it shows *title* and can be answered."""

        def there() -> Popup | None:
            popup = self.presenter.popup
            fits = popup is not None and popup.content.title == title and not popup.guarded
            return popup if fits else None

        found = await until(there)
        assert isinstance(found, Popup)
        return found

    def state(self, message: Message) -> State:
        """How far *message* has come."""
        found = self.till.inbox.get(message.id)
        assert found is not None
        return found.state


@asynccontextmanager
async def screen(folder: Path) -> AsyncIterator[Screen]:
    """A running one."""
    server = FakeServer()
    async with running(server, folder) as till:
        presenter = Presenter(till.session, PopupRules(guard_ms=GUARD_MS))
        await until(lambda: till.caught_up(server))
        yield Screen(server, till, presenter)
        presenter.close()


def press(button: AnswerButton) -> None:
    """Click it."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_a_reply_is_one_click(qapp: QApplication, tmp_path: Path) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Q", replies=["Yes & no", "No"])
        popup = await on.popup("Q")
        assert [one.accessibleName() for one in popup.answers.replies] == ["Yes & no", "No"]
        press(popup.answers.replies[0])
        assert on.state(message) is State.ACKNOWLEDGED
        found = on.till.inbox.get(message.id)
        assert found is not None
        assert found.reply == "Yes & no"
        assert on.presenter.popup is None


async def test_later_offers_times_and_puts_it_off(qapp: QApplication, tmp_path: Path) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Not now")
        popup = await on.popup("Not now")
        press(popup.answers.later)
        assert popup.answers.buttons() == [*popup.answers.times, popup.answers.back]
        press(popup.answers.back)
        assert popup.ok in popup.answers.buttons()
        press(popup.answers.later)
        press(popup.answers.times[0])
        assert on.presenter.popup is None
        assert on.state(message) is State.DISPLAYED
        await asyncio.sleep(0.05)  # the session looks at the clock before it jumps
        on.server.now_ms += 5 * 60_000
        on.till.session.wake()
        press((await on.popup("Not now")).ok)
        assert on.state(message) is State.ACKNOWLEDGED


async def test_what_has_to_be_acknowledged_offers_no_later(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        on.send(title="Must", level=Level.IMPORTANT)
        popup = await on.popup("Must")
        assert popup.answers.buttons() == [popup.ok]


async def test_a_replacement_changes_the_open_popup_and_asks_anew(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        first = on.send(title="Rp 38.900", level=Level.IMPORTANT)
        popup = await on.popup("Rp 38.900")
        on.send(title="Rp 37.900", level=Level.IMPORTANT, replaces=first.id)
        await until(lambda: popup.content.title == "Rp 37.900")
        assert popup.guarded
        window = popup.windowHandle()
        assert window.flags() & Qt.WindowType.WindowTransparentForInput
        press(popup.ok)
        assert popup.isVisible()
        assert popup.reading.news.text() == "Head office has changed this message."
        assert await on.popup("Rp 37.900") is popup
        assert on.state(first) is State.RECALLED
        press(popup.ok)
        assert on.presenter.popup is None


async def test_a_recall_says_so_and_the_next_waits_to_be_read(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Wrong", level=Level.IMPORTANT)
        on.send(title="Next")
        popup = await on.popup("Wrong")
        on.send(kind=Kind.RECALL, recalls=message.id, title="", body="")
        await until(lambda: on.presenter.parting is popup)
        assert "taken this message back" in popup.farewell.text()
        assert popup.guarded
        assert on.presenter.popup is None
        await on.popup("Next")
        assert on.presenter.parting is None


async def test_an_emergency_does_not_wait_for_a_farewell(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Wrong")
        await on.popup("Wrong")
        on.send(kind=Kind.RECALL, recalls=message.id, title="", body="")
        await until(lambda: on.presenter.parting)
        before = asyncio.get_running_loop().time()
        on.send(title="Fire", level=Level.EMERGENCY)
        await on.popup("Fire")
        assert asyncio.get_running_loop().time() - before < FAREWELL_MS / 1000
        assert on.presenter.parting is None


async def test_it_says_who_answered_for_the_outlet(qapp: QApplication, tmp_path: Path) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Who?", ack=Ack.OUTLET, replies=["Me"])
        popup = await on.popup("Who?")
        answer = Answer(
            message.id, outlet_by="JKT-014/till-2", outlet_user="sari", outlet_reply="Me"
        )
        on.till.session._desk.learn(answer)
        assert popup.farewell.text() == "Answered by JKT-014/till-2 (sari): Me"


async def test_an_emergency_that_the_outlet_has_answered_says_so_and_has_a_close_button(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        emergency = {"level": Level.EMERGENCY, "ack": Ack.OUTLET}
        message = on.send(title="Fire", replies=["All out", "Help"], **emergency)
        popup = await on.popup("Fire")
        assert [one.accessibleName() for one in popup.answers.buttons()] == [
            "All out",
            "Help",
            "OK",
        ]
        answer = Answer(
            message.id, outlet_by="JKT-014/till-2", outlet_user="sari", outlet_reply="All out"
        )
        on.till.session._desk.learn(answer)
        assert popup.guarded, "nobody closes by accident what has just changed"
        words = "Already answered by JKT-014/till-2 (sari): All out"
        assert popup.reading.claim.text().replace("\u200b", "") == words
        assert await on.popup("Fire") is popup
        assert popup.isVisible()
        assert [one.accessibleName() for one in popup.answers.buttons()] == ["Close"]
        press(popup.ok)
        assert on.presenter.popup is None
        assert on.state(message) is State.ANSWERED
        on.send(title="Next")
        assert (await on.popup("Next")).ok.accessibleName() == "OK"


async def test_it_says_who_answered_in_another_session_of_this_pc(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Fire", level=Level.IMPORTANT)
        popup = await on.popup("Fire")
        on.till.session.learn_here(LocalAnswer(message.id, on.server.now_ms), "budi")
        assert on.presenter.parting is popup
        assert popup.farewell.text() == "Answered by JKT-014/till-1 (budi)."
        assert on.state(message) is State.ACKNOWLEDGED


async def test_an_acknowledgement_in_this_pc_s_name_is_shown_and_ok_still_asked(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        message = on.send(title="Fire", level=Level.EMERGENCY, replies=["Help"])
        popup = await on.popup("Fire")
        on.till.session._desk.learn(Answer(message.id, here_at=1, here_user="<b>budi"))
        assert popup.reading.claim.text().replace("\u200b", "") == (
            "Reported as acknowledged by JKT-014/till-1 (<b>budi), but not on this screen."
        )
        assert await on.popup("Fire") is popup
        press(popup.answers.replies[0])
        assert on.state(message) is State.ACKNOWLEDGED


async def test_one_that_is_open_over_night_works_in_the_morning(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with screen(tmp_path) as on:
        stays = on.send(title="Inventory on Friday", level=Level.IMPORTANT)
        goes = on.send(title="Until midnight", expires_at=on.server.now_ms + 3 * HOUR_MS)
        popup = await on.popup("Inventory on Friday")
        for _ in range(10):  # the PC's clock goes on; the PC slept meanwhile, too
            on.server.now_ms += HOUR_MS
            on.till.session.wake()
            await asyncio.sleep(0.01)
        assert await on.popup("Inventory on Friday") is popup
        assert on.state(goes) is State.EXPIRED
        press(popup.ok)
        assert on.state(stays) is State.ACKNOWLEDGED
        assert on.presenter.popup is None
        on.send(title="Good morning")
        press((await on.popup("Good morning")).ok)


async def test_it_refuses_the_keyboard_again_when_another_window_has_it(
    qapp: QApplication,
) -> None:
    async with open_popup() as popup:
        await until(lambda: not popup.guarded)
        popup.take_keyboard()
        assert not popup.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus
        QApplication.sendEvent(popup, QEvent(QEvent.Type.WindowDeactivate))
        assert popup.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus


async def test_enter_at_the_end_of_a_bar_code_presses_nothing(qapp: QApplication) -> None:
    answers: list[str] = []
    async with open_popup() as popup:
        popup.acknowledged.connect(answers.append)
        await until(lambda: not popup.guarded)

        def key(code: Qt.Key, *, repeated: bool = False) -> None:
            none = Qt.KeyboardModifier.NoModifier
            event = QKeyEvent(QEvent.Type.KeyPress, code, none, "x", repeated)
            QApplication.sendEvent(popup.ok, event)

        for code in (Qt.Key.Key_8, Qt.Key.Key_9, Qt.Key.Key_Return, Qt.Key.Key_Space):
            key(code)
        await asyncio.sleep(2 * SCAN_GAP_S)
        key(Qt.Key.Key_Return, repeated=True)
        await asyncio.sleep(2 * SCAN_GAP_S)
        assert answers == []
        key(Qt.Key.Key_Return)
        await until(lambda: answers == ["1"])


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
async def test_a_popup_on_a_screen_that_vanished_comes_back(
    qapp: QApplication, level: Level
) -> None:
    stage = Stage(content(level=level), PopupRules(guard_ms=0))
    stage.show()
    await until(lambda: not stage.popup.guarded)
    stage.popup.move(QPoint(9000, 9000))
    stage.popup.screen_name = "gone"
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    app.screenRemoved.emit(QGuiApplication.primaryScreen())
    room = QGuiApplication.primaryScreen().availableGeometry()
    await until(lambda: room.contains(stage.popup.geometry()))
    assert not stage.popup.guarded
    stage.withdraw()
