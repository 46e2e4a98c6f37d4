"""No page shows what was as if it were: it says since when it is not up to date, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.channels_controller import ChannelsController
from admin_app.draft import Draft
from admin_app.scheduled_controller import ScheduledController
from admin_app.templates_controller import TemplatesController
from admin_app.views.main_window import MainWindow
from admin_app.views.page_state import PageState
from admin_app.views.rail import Page
from shared.bus import LinkState
from shared.errors import RedisUnreachable
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer
from tests.gui.desk import Desk, open_desk, report

STATES: dict[Page, Callable[[MainWindow], PageState]] = {
    Page.SENT: lambda window: window.sent.state,
    Page.SCHEDULED: lambda window: window.scheduled.state,
    Page.OUTLETS: lambda window: window.outlets.state,
    Page.CHANNELS: lambda window: window.channels.state,
}
READINGS = {
    Page.SENT: "counts",
    Page.SCHEDULED: "documents",
    Page.OUTLETS: "expected_outlets",
    Page.CHANNELS: "endpoints",
}
"""What of the link each page reads."""
REASON = "Nothing answers at fake:6379."


@asynccontextmanager
async def open_console(folder: Path) -> AsyncIterator[Desk]:
    """A window with every page alive, one PC, and one message that was sent."""
    server = FakeServer()
    server.reports.append(report("JKT-001/till-1", server))
    async with open_desk(folder, server) as desk:
        others = [
            kind(desk.window, desk.session) for kind in (ChannelsController, ScheduledController)
        ]
        await until(lambda: desk.session.status.state is LinkState.CONNECTED)
        await desk.session.send(Draft(channels=["Channel 1"], title="T", body="B"))
        try:
            yield desk
        finally:
            for controller in others:
                await controller.aclose()


def break_link(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is gone, and does not come back."""
    refused = RedisUnreachable("fake:6379", REASON)

    async def lost(*_: object) -> None:
        raise refused

    monkeypatch.setattr("admin_app.linked.PING_S", 0.01)
    desk.server.refuse = refused
    monkeypatch.setattr("tests.fakes.FakeConsoleLink.channels", lost)
    desk.session._doubted.set()


@pytest.mark.parametrize("page", STATES)
async def test_a_lost_link_is_said_at_once_and_so_is_its_return(
    qapp: QApplication,
    tmp_path: Path,
    log_guard: LogGuard,
    page: Page,
) -> None:
    log_guard.expect("reconnecting")
    async with open_console(tmp_path) as desk:
        state = STATES[page](desk.window)
        desk.window.show_page(page)
        await until(lambda: state._state._read_at)
        assert not state.isVisible()
        with pytest.MonkeyPatch.context() as patch:
            break_link(desk, patch)
            await until(state.isVisible, 5)
            assert state.text().startswith("Not up to date since ")
            assert state.text().endswith(REASON)
        desk.server.refuse = None
        await until(lambda: not state.isVisible())


@pytest.mark.parametrize("page", STATES)
async def test_a_fault_of_the_program_is_said_too_and_reading_goes_on(
    qapp: QApplication,
    tmp_path: Path,
    log_guard: LogGuard,
    monkeypatch: pytest.MonkeyPatch,
    page: Page,
) -> None:
    log_guard.expect("a page cannot be read")
    monkeypatch.setattr("admin_app.page_reader.EVERY_S", 0.02)
    monkeypatch.setattr("admin_app.sent_controller.NEWS_EVERY_S", 0.02)
    async with open_console(tmp_path) as desk:
        state = STATES[page](desk.window)
        desk.window.show_page(page)
        await until(lambda: state._state._read_at)
        with pytest.MonkeyPatch.context() as patch:

            async def fails(*_: object) -> None:
                raise RecursionError("what nobody thought of")

            patch.setattr(f"tests.fakes.FakeConsoleLink.{READINGS[page]}", fails)
            await until(state.isVisible)
            assert "Something unexpected went wrong (RecursionError)." in state.text()
        await until(lambda: not state.isVisible())


async def test_a_report_says_since_when_it_is_old(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("reconnecting")
    monkeypatch.setattr("admin_app.reports.TICK_S", 0.02)
    async with open_console(tmp_path) as desk:
        desk.window.show_page(Page.SENT)
        await until(lambda: desk.window.sent.model.rowCount() == 1)
        desk.window.sent.choose(desk.window.sent.model.message(0).id)
        state = desk.window.sent.report.state
        await until(lambda: desk.report._report is not None and desk.report._report.read_at)
        break_link(desk, monkeypatch)
        await until(state.isVisible)
        assert state.text().startswith("Not up to date since ")


async def test_the_menu_of_templates_says_what_it_lacks(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("reconnecting")
    async with open_console(tmp_path) as desk:
        controller = TemplatesController(desk.window.form, desk.session)
        bar = desk.window.form.templates
        desk.server.shelves["templates"] = {"a": b"[" * 5000}  # type: ignore[index]
        bar.about_to_open.emit()
        await until(bar.state.isVisible)
        assert bar.state.text() == "1 template cannot be read."
        assert not bar.state.isEnabled()
        break_link(desk, monkeypatch)
        await until(lambda: desk.session.status.state is not LinkState.CONNECTED)
        bar.about_to_open.emit()
        await until(lambda: bar.state.text().startswith("Not up to date since "))
        await controller.aclose()
