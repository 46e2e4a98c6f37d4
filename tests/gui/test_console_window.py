"""The console's window over a fake Redis: what an admin sees when things go well, or do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget

from admin_app.channels import added
from admin_app.controller import Controller
from admin_app.draft import Draft, DraftFile
from admin_app.models import SentModel
from admin_app.sending import Sender
from admin_app.sent_controller import SentController
from admin_app.session import ConsoleSession
from admin_app.views.channel_picker import SEVERAL
from admin_app.views.main_window import MainWindow
from admin_app.views.more_options import Extras
from admin_app.views.rail import Page
from shared.bus import LinkState
from shared.codec import decode_envelope, decode_payload
from shared.errors import RedisCannotStore, RedisUnreachable
from shared.model import ALL_CHANNELS, DAY_MS, HOUR_MS, Ack, Format, Kind, Level
from shared.qt.popup import Popup
from shared.settings import Settings
from tests.conftest import LogGuard, until
from tests.fakes import FakeConsoleBus, FakeServer, clock_of


@dataclass
class Desk:
    """A window with everything behind it."""

    window: MainWindow
    session: ConsoleSession
    sent: SentModel
    server: FakeServer
    bus: FakeConsoleBus

    def write(self, channel: str, title: str, body: str) -> None:
        """Fill in the form."""
        form = self.window.form
        form.channel.setCurrentIndex(form.channel.findData(channel))
        form.title.setText(title)
        form.body.setPlainText(body)

    def stored(self) -> int:
        """Entries in all logs."""
        return sum(map(len, self.server.logs.values()))


@asynccontextmanager
async def desk(
    folder: Path, server: FakeServer | None = None, *, undo_s: int = 0
) -> AsyncIterator[Desk]:
    """Open the window and connect."""
    server = server or FakeServer()
    bus = FakeConsoleBus(server)
    sender = Sender(Settings(), clock=clock_of(server))
    session, sent = ConsoleSession(bus, sender), SentModel()
    window = MainWindow(sent)
    controller = Controller(window, session, DraftFile(folder), undo_s=undo_s)
    history = SentController(window, session, sent)
    window.show()
    task = asyncio.create_task(session.run())
    try:
        await until(lambda: session.status.state is not LinkState.CONNECTING)
        yield Desk(window, session, sent, server, bus)
    finally:
        for one in (controller, history):
            await one.aclose()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        window.hide()
        window.deleteLater()


def question() -> QMessageBox | None:
    """The question that is open."""
    boxes = (w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox))
    return next((box for box in boxes if box.isVisible()), None)


async def answer(name: str) -> QMessageBox:
    """Press *name* in the question that comes up."""
    box = await until(question)
    assert isinstance(box, QMessageBox)
    button = next(one for one in box.buttons() if one.text() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return box


async def test_all_channels_is_offered_first_and_then_the_known_ones(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        box = on.window.form.channel
        names = [box.itemText(index) for index in range(box.count())]
        assert names[:4] == ["All channels", "Channel 1", "Channel 2", "Channel 3"]
        assert names[4:] == ["Several channels …"]


async def test_several_channels_are_ticked_and_the_message_goes_to_all_of_them_once(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form = on.window.form
        on.write(SEVERAL, "Title", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        assert form.problem_of("channels") == "Choose a channel."
        for name in ("Channel 1", "Channel 3"):
            form.channels.check(name).click()
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: form.notice.text().startswith("Sent to Channel 1, Channel 3 at "))
        assert {name: len(log) for name, log in on.server.logs.items() if log} == {
            "Channel 1": 1,
            "Channel 3": 1,
        }
        assert form.channels.chosen() == ["Channel 1", "Channel 3"]


@pytest.mark.parametrize("ticked", [[], ["Channel 2"], ["Channel 1", "Channel 3"]])
async def test_a_choice_of_several_is_kept_when_somebody_changes_the_channels(
    qapp: QApplication, tmp_path: Path, ticked: list[str]
) -> None:
    """Where none was ticked yet, it became all channels at once, in front of somebody's eyes."""
    async with desk(tmp_path) as on:
        picker = on.window.form.channels
        picker.box.setCurrentIndex(picker.box.findData(SEVERAL))
        for name in ticked:
            picker.check(name).setChecked(True)
        await on.session.change_channels(lambda now: added(now, "East"))
        assert picker.box.currentData() == SEVERAL
        assert picker.chosen() == ticked
        assert not picker.list.isHidden()
        picker.check("East").setChecked(True)
        assert picker.chosen() == [*ticked, "East"]
        for name in [*ticked, "East"]:
            picker.check(name).setChecked(False)
        on.window.form.title.setText("Title")
    async with desk(tmp_path) as on:
        assert on.window.form.title.text() == "Title"
        assert on.window.form.channels.chosen() == []  # and not all


async def test_a_message_can_be_taken_back_before_it_leaves(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, undo_s=30) as on:
        form = on.window.form
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.undo.isVisible)
        assert form.notice.text() == "The message leaves in 30 s."
        QTest.keyClick(form.undo, Qt.Key.Key_Escape)
        await until(form.send.isEnabled)
        assert form.notice.text() == "Not sent. You can change it and send it again."
        assert (form.title.text(), form.undo.isVisible(), on.stored()) == ("Title", False, 0)


async def test_undo_in_the_very_moment_in_which_the_time_is_over_is_still_an_undo(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, undo_s=1) as on:

        async def at_once(*events: Coroutine[object, object, object]) -> int:
            for event in events:
                event.close()
            QTest.mouseClick(on.window.form.undo, Qt.MouseButton.LeftButton)
            return len(events) - 1  # the time is over, too

        monkeypatch.setattr("admin_app.controller.first_of", at_once)
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(on.window.form.send.isEnabled)
        assert on.stored() == 0
        assert on.window.form.title.text() == "Title"


async def test_what_is_written_while_a_message_is_about_to_leave_is_not_lost(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, undo_s=1) as on:
        form = on.window.form
        on.write("Channel 1", "First", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.undo.isVisible)
        form.title.setText("Second")
        await until(lambda: on.stored() == 1 and form.send.isEnabled())
        [entry] = on.server.logs["Channel 1"]
        assert decode_payload(decode_envelope(entry.envelope).payload).title == "First"
        assert form.title.text() == "Second"
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 2)


async def test_a_message_that_nobody_takes_back_leaves_and_a_loud_one_never_waits(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, undo_s=1) as on:
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)
    async with desk(tmp_path, undo_s=1000) as on:
        on.write("Channel 1", "Title", "Body")
        on.window.form.level.choose(Level.URGENT)
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await answer("Send")
        await until(lambda: on.stored() == 1)


async def test_closing_the_window_lets_a_message_leave_that_was_about_to(
    qapp: QApplication, tmp_path: Path
) -> None:
    server = FakeServer()
    async with desk(tmp_path, server, undo_s=1000) as on:
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(on.window.form.undo.isVisible)
    assert sum(map(len, server.logs.values())) == 1


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
async def test_closing_the_window_waits_for_a_message_whose_link_was_lost(
    qapp: QApplication, tmp_path: Path, level: Level
) -> None:
    """One that never waits to be undone was given up in the middle."""
    server = FakeServer()
    async with desk(tmp_path, server) as on:
        on.write("Channel 1", "Title", "Body")
        on.window.form.level.choose(level)
        on.bus.fails_after = 0
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        if level is Level.EMERGENCY:
            await answer("Send")
        await until(lambda: (on.bus.fails_after or 0) < 0)
        asyncio.get_running_loop().call_later(0.3, setattr, on.bus, "fails_after", None)
    assert sum(map(len, server.logs.values())) == 1
    assert DraftFile(tmp_path).load().title == ""


async def test_ctrl_enter_in_the_message_sends_and_the_form_is_cleared_for_the_next(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.write("Channel 2", "Title", "Body")
        QTest.keyClick(on.window.form.body, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: on.sent.rowCount() == 1)
        form = on.window.form
        await until(lambda: form.notice.text().startswith("Sent to Channel 2 at "))
        assert "No PC is connected now; the message is stored" in form.notice.text()
        assert (form.title.text(), form.body.toPlainText()) == ("", "")
        assert form.channel.currentData() == "Channel 2"
        assert on.stored() == 1


async def test_plain_enter_writes_a_new_line_instead(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        on.write("Channel 2", "Title", "Body")
        QTest.keyClick(on.window.form.body, Qt.Key.Key_Return)
        assert on.window.form.body.toPlainText() == "\nBody"
        assert on.stored() == 0


@pytest.mark.parametrize(
    ("channel", "level"),
    [(ALL_CHANNELS, Level.NORMAL), ("Channel 1", Level.URGENT), ("Channel 1", Level.EMERGENCY)],
)
async def test_loud_or_far_reaching_messages_are_asked_back_once(
    qapp: QApplication, tmp_path: Path, channel: str, level: Level
) -> None:
    async with desk(tmp_path) as on:
        on.write(channel, "Title", "Body")
        on.window.form.level.choose(level)
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await answer("Back to the message")
        await until(on.window.form.send.isEnabled)
        assert on.stored() == 0
        assert on.window.form.title.text() == "Title"
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await answer("Send")
        await until(lambda: on.stored() == 1)
        await until(on.window.form.send.isEnabled)
        assert question() is None


async def test_the_question_shows_markup_in_a_title_as_text(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.write(ALL_CHANNELS, "<img src=file:///x> <b>bold</b>", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        box: QMessageBox = await until(question)
        labels = box.findChildren(QLabel)
        assert any("<img src=file:///x>" in label.text() for label in labels)
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
        await answer("Back to the message")
        await until(on.window.form.send.isEnabled)


async def test_a_second_click_while_sending_sends_nothing_twice(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.write("Channel 1", "Title", "Body")
        for _ in range(3):
            QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
            on.window.form.send_wanted.emit()
        await until(on.window.form.send.isEnabled)
        assert on.stored() == 1


async def test_a_lost_reply_makes_one_message_and_not_two(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.bus.lose_replies = 2
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.sent.rowCount() == 1)
        assert on.stored() == 1


async def test_offline_send_explains_itself_and_loses_nothing(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting")
    server = FakeServer(refuse=RedisUnreachable("fake:6379", "Nothing answers at fake:6379."))
    async with desk(tmp_path, server) as on:
        assert "Nothing answers at fake:6379." in on.window.link.words.whole()
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(on.window.form.send.isEnabled)
        assert on.window.form.notice.text() == "Not sent. Nothing answers at fake:6379."
        assert on.window.form.body.toPlainText() == "Body"
        server.refuse = None
        await until(lambda: on.session.status.state is LinkState.CONNECTED)
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)


async def test_a_redis_that_cannot_store_is_said_and_nothing_is_lost(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        full = "Redis at fake:6379 cannot store messages now: its memory is full."
        on.bus.refuse_publish = RedisCannotStore("fake:6379", full)
        on.write("Channel 1", "Title", "Body")
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        await until(on.window.form.send.isEnabled)
        assert on.window.form.notice.text() == f"Not sent. {full}"
        assert on.window.form.title.text() == "Title"
        assert on.sent.rowCount() == 0


async def test_a_draft_survives_closing_the_window_under_the_same_id(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.write("Channel 3", "Half a title", "Half a message")
        on.window.form.level.choose(Level.IMPORTANT)
        before = on.window.form.draft()
    async with desk(tmp_path) as on:
        assert on.window.form.draft() == before
        assert before.title == "Half a title"
        assert before.channels == ["Channel 3"]


async def test_a_broken_draft_file_is_an_empty_form(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_bytes(b"\xff{")
    async with desk(tmp_path) as on:
        assert on.window.form.title.text() == ""


async def test_what_was_sent_before_is_in_the_list_after_a_restart(
    qapp: QApplication, tmp_path: Path
) -> None:
    server = FakeServer()
    async with desk(tmp_path, server) as on:
        for title in ("First", "Second"):
            server.now_ms += 1000
            await on.session.send(Draft(channels=["Channel 1"], title=title, body="Body"))
    async with desk(tmp_path, server) as on:
        await until(lambda: on.sent.rowCount() == 2)
        rows = [on.sent.index(row, 0).data() for row in range(2)]
        assert rows == ["Second", "First"]


async def test_the_count_follows_the_typing_and_too_long_is_named(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.write("Channel 1", "T" * 201, "B" * 8001)
        QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
        form = on.window.form
        assert "201 characters" in form.problem_of("title")
        assert "8,001 characters" in form.problem_of("body")
        remarks = [label.text() for label in form.findChildren(QLabel)]
        assert any(text.endswith("of 8,000 characters") for text in remarks)
        assert on.stored() == 0


async def test_what_most_messages_do_not_need_is_behind_one_line_and_sent_with_the_message(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form, more = on.window.form, on.window.form.more
        assert more.panel.isHidden()
        on.write("Channel 1", "Title", "Body")
        more.toggle.click()
        now = on.server.now_ms
        more.show_extras(
            Extras(
                show_at=now + HOUR_MS,
                expires_at=now + 2 * HOUR_MS,
                ack=Ack.OUTLET,
                replies=("Done", "Out of stock"),
                format=Format.MARKDOWN,
            )
        )
        more.toggle.click()
        assert more.summary.whole().endswith("· answers: Done, Out of stock · formatted")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)
        await until(lambda: "It will be shown at " in form.notice.text())
        [entry] = on.server.logs["Channel 1"]
        message = decode_payload(decode_envelope(entry.envelope).payload)
        assert (message.show_at, message.expires_at) == (now + HOUR_MS, now + 2 * HOUR_MS)
        assert (message.ack, message.format) == (Ack.OUTLET, Format.MARKDOWN)
        assert message.replies == ["Done", "Out of stock"]
        assert more.extras() == Extras()


async def test_what_the_till_will_see_follows_what_is_written_and_can_be_tried_here(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form = on.window.form
        on.window.resize(1100, 720)
        on.write("Channel 1", "<b>Title</b>", "Body")
        form.level.choose(Level.URGENT)
        await until(lambda: form.preview.accessibleDescription() == "Urgent: <b>Title</b>\nBody")
        before = form.preview.grab().toImage()
        form.body.appendPlainText("More of it")
        await until(lambda: form.preview.grab().toImage() != before)
        assert not form.preview.findChildren(QWidget)
        QTest.mouseClick(form.try_here, Qt.MouseButton.LeftButton)
        popup = next(w for w in QApplication.topLevelWidgets() if is_open_popup(w))
        assert isinstance(popup, Popup)
        assert popup.content.title == "<b>Title</b>"
        await until(lambda: not popup.guarded)
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
        await until(lambda: not any(map(is_open_popup, QApplication.topLevelWidgets())))
        assert on.stored() == 0


def is_open_popup(widget: QWidget) -> bool:
    """Whether *widget* is a popup on the screen."""
    return isinstance(widget, Popup) and widget.isVisible()


async def test_a_small_window_has_no_room_for_the_preview(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        on.window.resize(900, 600)
        await until(lambda: not on.window.form.preview.isVisible())
        on.window.resize(1100, 720)
        await until(on.window.form.preview.isVisible)


async def test_a_wrong_time_opens_the_options_and_is_named_there(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form = on.window.form
        on.write("Channel 1", "Title", "Body")
        form.more.show_extras(Extras(show_at=on.server.now_ms - DAY_MS))
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: form.problem_of("show_at") == "The time to show it is over.")
        assert form.more.panel.isVisible()
        assert on.stored() == 0


async def test_what_was_sent_can_be_recalled_until_the_next_is_written(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form = on.window.form
        on.write("Channel 1", "Wrong price", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.recall.isVisible)
        QTest.mouseClick(form.recall, Qt.MouseButton.LeftButton)
        await until(lambda: form.notice.text().startswith("“Wrong price” is recalled"))
        kinds = [
            decode_payload(decode_envelope(entry.envelope).payload).kind
            for entry in on.server.logs["Channel 1"]
        ]
        assert kinds == [Kind.MESSAGE, Kind.RECALL]
        on.write("Channel 1", "Next", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.recall.isVisible)
        QTest.keyClicks(form.title, "x")
        assert form.recall.isHidden()


async def test_from_what_was_sent_one_click_leads_to_who_has_it(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form, page = on.window.form, on.window.sent
        on.write("Channel 1", "Price", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.follow.isVisible)
        await until(lambda: page.model.rowCount() == 1)
        QTest.mouseClick(form.follow, Qt.MouseButton.LeftButton)
        assert on.window.page is Page.SENT
        assert page.chosen() == page.model.message(0).id


async def test_what_was_not_filled_in_and_what_surprises_is_said_before_sending(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        form = on.window.form
        on.write("Channel 1", "Price of {product}", "It costs {price}.")
        form.more.drill.setChecked(True)
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        box = await answer("Back to the message")
        assert "Not filled in: {product}, {price}." in box.informativeText()
        assert "It is a drill." in box.informativeText()
        await until(form.send.isEnabled)
        assert not on.server.logs.get("Channel 1")
