"""Scheduled and recurring messages in the console: made in the form, changed and cancelled here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QDateTime, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from admin_app import linked
from admin_app.controller import Controller
from admin_app.draft import Draft, DraftFile, Every
from admin_app.scheduled_controller import ScheduledController
from admin_app.series import Series
from admin_app.templates import Template
from admin_app.views.more_options import Extras, soon_after
from admin_app.views.rail import Page
from admin_app.views.rows_table import RowsTable
from shared.bus import Shelf
from shared.errors import RedisCannotStore
from shared.model import DAY_MS, HOUR_MS, new_message_id
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer
from tests.gui.test_console_window import Desk, desk


@asynccontextmanager
async def table(folder: Path, server: FakeServer | None = None) -> AsyncIterator[Desk]:
    """A window with its page of scheduled messages, by the clock of today."""
    server = server or FakeServer(now_ms=QDateTime.currentMSecsSinceEpoch())
    async with desk(folder, server) as on:
        controller = Controller(on.window, on.session, DraftFile(folder / "second"))
        scheduled = ScheduledController(on.window, on.session)
        scheduled.change_wanted.connect(controller.change_message)
        scheduled.change_series_wanted.connect(controller.change_series)
        on.window.form.send_wanted.disconnect(controller._send)  # the desk has one already
        on.window.form.send_wanted.disconnect()
        on.window.form.send_wanted.connect(controller._send)
        try:
            yield on
        finally:
            await scheduled.aclose()
            await controller.aclose()


def titles(shown: RowsTable) -> list[str]:
    """What the table shows, from the top."""
    model = shown.model()
    column = 1 if model.columnCount() == 5 else 0
    return [model.index(row, column).data() for row in range(model.rowCount())]


def choose(shown: RowsTable, row: int) -> None:
    """Click a row."""
    place = shown.visualRect(shown.model().index(row, 0)).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)


async def send(on: Desk, title: str, extras: Extras) -> None:
    """Write and send one message."""
    on.write("Channel 1", title, "Body")
    on.window.form.more.show_extras(extras)
    QTest.mouseClick(on.window.form.send, Qt.MouseButton.LeftButton)
    await until(on.window.form.send.isEnabled)


async def test_what_waits_is_listed_changed_in_the_form_and_cancelled(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        page, now = on.window.scheduled, on.server.now_ms
        on.window.show_page(Page.SCHEDULED)
        hint = page.coming_table.accessibleDescription
        assert hint() == "Reading …"
        await until(lambda: "To schedule a message" in hint())
        await send(on, "Later", Extras(show_at=now + 2 * HOUR_MS))
        await send(on, "Soon", Extras(show_at=now + HOUR_MS))
        await send(on, "Now", Extras())
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.coming_table) == ["Soon", "Later"])
        assert not page.cancel.isEnabled()
        choose(page.coming_table, 0)
        form = on.window.form
        form.more.set_every(Every.DAY)  # begun, and left unsent
        QTest.mouseClick(page.change, Qt.MouseButton.LeftButton)
        await until(lambda: on.window.page is Page.COMPOSE)
        assert form.more.every() is None
        assert form.task.words.text() == "This takes the place of “Soon”."
        assert form.more.extras().show_at == now + HOUR_MS
        form.title.setText("Sooner")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: form.task.isHidden())
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.coming_table) == ["Sooner", "Later"])
        choose(page.coming_table, 1)
        QTest.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
        await until(page.question.isVisible)
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: titles(page.coming_table) == ["Sooner"])
        assert page.notice.text() == "Cancelled."


async def test_what_cannot_be_cancelled_any_more_keeps_no_other_from_being_cancelled(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        page, now = on.window.scheduled, on.server.now_ms
        await send(on, "Soon", Extras(show_at=now + HOUR_MS, expires_at=now + 2 * HOUR_MS))
        await send(on, "Later", Extras(show_at=now + 3 * HOUR_MS))
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.coming_table) == ["Soon", "Later"])
        page.coming_table.selectAll()
        QTest.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
        await until(page.question.isVisible)
        on.server.now_ms += 2 * HOUR_MS
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: titles(page.coming_table) == [])
        assert "has expired" in page.notice.text()


async def test_a_new_message_instead_leaves_what_waits_alone(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        page, form = on.window.scheduled, on.window.form
        await send(on, "Soon", Extras(show_at=on.server.now_ms + HOUR_MS))
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.coming_table) == ["Soon"])
        choose(page.coming_table, 0)
        QTest.mouseClick(page.change, Qt.MouseButton.LeftButton)
        await until(form.task.isVisible)
        QTest.mouseClick(form.task.drop, Qt.MouseButton.LeftButton)
        assert (form.title.text(), form.task.isHidden()) == ("", True)
        assert form.draft().replaces is None


async def test_a_message_recurs_is_covered_for_days_and_ends(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        page, form = on.window.scheduled, on.window.form
        on.write("Channel 1", "Count the till", "Body")
        form.more.open()
        assert form.more.extras().show_at is None
        form.more.repeat.setCurrentIndex(form.more.repeat.findData(Every.DAY))
        tomorrow = QDateTime.currentDateTime().addDays(1)
        tomorrow.setTime(QTime(9, 0))
        form.more.show_at.at.setDateTime(tomorrow)
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: form.notice.text().startswith("It recurs from "))
        assert form.more.every() is None
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Count the till"])
        assert set(titles(page.coming_table)) == {"Count the till"}
        sent = len(titles(page.coming_table))
        assert sent in (6, 7)
        rhythm = page.series_table.model().index(0, 1).data()
        assert rhythm == "Every day at 09:00"
        assert page.coverage.text().startswith("Recurring messages are with the PCs until ")
        choose(page.series_table, 0)
        QTest.mouseClick(page.change_series, Qt.MouseButton.LeftButton)
        await until(lambda: on.window.page is Page.COMPOSE)
        assert form.more.every() is Every.DAY
        assert form.task.words.text() == "This changes the recurring message “Count the till”."
        form.title.setText("Count the safe")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: form.task.isHidden())
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Count the safe"])
        assert titles(page.coming_table) == ["Count the safe"] * sent
        choose(page.series_table, 0)
        QTest.mouseClick(page.end_series, Qt.MouseButton.LeftButton)
        await until(page.question.isVisible)
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: titles(page.series_table) == titles(page.coming_table) == [])
        assert page.coverage.isHidden()


@pytest.mark.parametrize(
    ("fields", "rhythm"),
    [
        ({"zone": "Europe/Berlin", "offset_minutes": 60}, "Every day at 09:00"),
        ({"zone": "America/New_York", "offset_minutes": -300}, "Every day at 09:00 (New York)"),
        ({"zone": "Asia/Jakarta", "offset_minutes": 420}, "Every day at 09:00 (WIB)"),
        ({"offset_minutes": 480}, "Every day at 09:00 (WITA)"),
        ({"offset_minutes": -210}, "Every day at 09:00 (UTC-3:30)"),
        ({"zone": "No/Where", "offset_minutes": 60}, "Every day at 09:00 (UTC+1:00)"),
    ],
)
async def test_a_series_says_its_zone_where_that_is_not_the_reader_s(
    qapp: QApplication,
    tmp_path: Path,
    set_zone: Callable[[str], None],
    log_guard: LogGuard,
    fields: dict[str, Any],
    rhythm: str,
) -> None:
    log_guard.expect("No/Where")
    set_zone("Europe/Berlin")
    server = FakeServer(now_ms=QDateTime.currentMSecsSinceEpoch())
    content = Template(name="T", title="T", body="B", channels=["*"])
    one = Series(content=content, every=Every.DAY, at="09:00", **fields)
    server.shelves[Shelf.SERIES] = {"a": msgspec.json.encode(one)}
    async with table(tmp_path, server) as on:
        page = on.window.scheduled
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["T"])
        assert page.series_table.model().index(0, 1).data() == rhythm


@pytest.mark.parametrize("hour", [0, 1], ids=["the first", "the second"])
def test_a_later_time_is_offered_within_an_hour_that_comes_twice(
    qapp: QApplication, set_zone: Callable[[str], None], hour: int
) -> None:
    """The second 2:20 was offered 2:30 of the first, which is over."""
    set_zone("Europe/Berlin")
    at = round(datetime(2026, 10, 25, hour, 20, 17, tzinfo=UTC).timestamp() * 1000)
    now = QDateTime.fromMSecsSinceEpoch(at)
    assert now.time() == QTime(2, 20, 17)
    assert now.msecsTo(soon_after(now)) == 583_000


async def test_a_recurring_message_that_was_perhaps_saved_is_sent_again_as_the_same(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two series of one were two popups every day."""
    monkeypatch.setattr(linked, "RESEND_WITHIN_S", 0.3)
    async with table(tmp_path) as on:
        page, form = on.window.scheduled, on.window.form
        on.bus.fails_after = 2
        form.more.set_every(Every.DAY)
        await send(on, "Opening", Extras(show_at=on.server.now_ms + HOUR_MS))
        assert "did not confirm" in form.notice.text()
        on.bus.fails_after = None
        await send(on, "Opening hours", Extras(show_at=on.server.now_ms + 2 * HOUR_MS))
        assert "It recurs from" in form.notice.text()
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Opening hours"])
        assert set(titles(page.coming_table)) == {"Opening hours"}


async def test_a_series_that_is_being_changed_is_still_changed_after_a_restart(
    qapp: QApplication, tmp_path: Path
) -> None:
    """IT pushes a policy, and the console begins anew: what was written was sent beside it."""
    server = FakeServer(now_ms=QDateTime.currentMSecsSinceEpoch())
    async with table(tmp_path, server) as on:
        page, form = on.window.scheduled, on.window.form
        form.more.set_every(Every.DAY)
        await send(on, "Opening", Extras(show_at=server.now_ms + HOUR_MS))
        assert "It recurs from" in form.notice.text()
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Opening"])
        choose(page.series_table, 0)
        QTest.mouseClick(page.change_series, Qt.MouseButton.LeftButton)
        await until(lambda: form.title.text() == "Opening")
        form.title.setText("Closing")
    async with table(tmp_path, server) as on:
        page, form = on.window.scheduled, on.window.form
        assert form.title.text() == "Closing"
        assert form.more.every() is Every.DAY
        assert "This changes the recurring message" in form.task.words.text()
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: "It recurs from" in form.notice.text())
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Closing"])
        assert set(titles(page.coming_table)) == {"Closing"}


async def test_a_series_is_changed_from_its_next_time_on_whatever_this_pc_s_clock_says(
    qapp: QApplication, tmp_path: Path
) -> None:
    """With a clock that was days ahead, what was due until then was taken back."""
    server = FakeServer(now_ms=QDateTime.currentMSecsSinceEpoch() - 30 * DAY_MS)
    async with table(tmp_path, server) as on:
        page, form = on.window.scheduled, on.window.form
        form.more.set_every(Every.DAY)
        first = (server.now_ms + HOUR_MS) // 60_000 * 60_000
        await send(on, "Opening", Extras(show_at=first))
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Opening"])
        choose(page.series_table, 0)
        QTest.mouseClick(page.change_series, Qt.MouseButton.LeftButton)
        await until(lambda: form.title.text() == "Opening")
        assert form.draft().show_at == first


async def test_a_message_that_has_left_is_not_called_unsent_because_its_series_could_not_be_ended(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with table(tmp_path) as on:
        page, form = on.window.scheduled, on.window.form
        form.more.set_every(Every.DAY)
        await send(on, "Opening", Extras(show_at=on.server.now_ms + HOUR_MS))
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.series_table) == ["Opening"])
        choose(page.series_table, 0)
        QTest.mouseClick(page.change_series, Qt.MouseButton.LeftButton)
        await until(lambda: form.title.text() == "Opening")

        async def full(one: object) -> None:
            raise RedisCannotStore("fake", "Redis is full.")

        monkeypatch.setattr(on.session, "delete_series", full)
        form.more.set_every(None)
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.send.isEnabled)
        assert form.notice.text().startswith("Sent to Channel 1")
        assert "It still recurs, too" in form.notice.text()
        assert form.title.text() == ""


@pytest.mark.parametrize("how", ["sent", "dropped", "restarted"])
async def test_what_was_being_written_comes_back_when_something_else_was_changed(
    qapp: QApplication, tmp_path: Path, how: str
) -> None:
    server = FakeServer(now_ms=QDateTime.currentMSecsSinceEpoch())
    async with table(tmp_path, server) as on:
        page, form = on.window.scheduled, on.window.form
        await send(on, "Soon", Extras(show_at=server.now_ms + HOUR_MS))
        on.write("Channel 2", "Not finished", "A long text.")
        on.window.show_page(Page.SCHEDULED)
        await until(lambda: titles(page.coming_table) == ["Soon"])
        choose(page.coming_table, 0)
        QTest.mouseClick(page.change, Qt.MouseButton.LeftButton)
        await until(lambda: form.title.text() == "Soon")
        if how == "sent":
            form.title.setText("Sooner")
            QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
            await until(lambda: on.stored() == 2)
        if how == "dropped":
            QTest.mouseClick(form.task.drop, Qt.MouseButton.LeftButton)
        if how != "restarted":
            await until(lambda: form.title.text() == "Not finished")
    async with table(tmp_path, server) as on:
        form = on.window.form
        if how == "restarted":
            assert form.title.text() == "Soon"
            QTest.mouseClick(form.task.drop, Qt.MouseButton.LeftButton)
        assert (form.title.text(), form.body.toPlainText()) == ("Not finished", "A long text.")
        assert form.channels.chosen() == ["Channel 2"]
        assert form.draft().replaces is None
        form.clear_for_next()
        assert form.title.text() == ""


async def test_what_is_begun_while_a_message_is_about_to_leave_is_still_a_change(
    qapp: QApplication, tmp_path: Path
) -> None:
    """It was sent beside the message whose place it should have taken."""
    async with desk(tmp_path, undo_s=1) as on:
        controller = Controller(on.window, on.session, DraftFile(tmp_path / "second"), undo_s=1)
        on.window.form.send_wanted.disconnect()
        on.window.form.send_wanted.connect(controller._send)
        form, first = on.window.form, new_message_id()
        on.write("Channel 1", "Leaving", "Body")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(form.undo.isVisible)
        change = Draft(channels=["Channel 1"], title="Old", body="Body", replaces=first)
        controller.change_message(change)
        await until(lambda: on.stored() == 1)
        await until(form.send.isEnabled)
        assert form.draft() == change
        assert form.task.isVisible()
        form.title.setText("New")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 2)
        await until(form.send.isEnabled)
        assert form.title.text() == "", "what has left does not come back"
        await controller.aclose()
