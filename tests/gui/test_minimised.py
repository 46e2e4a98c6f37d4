"""A console that nobody sees asks Redis for nothing but a sign of life."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.channels_controller import ChannelsController
from admin_app.scheduled_controller import ScheduledController
from admin_app.views.rail import Page
from tests.conftest import until
from tests.fakes import FakeConsoleLink, FakeServer, envelope_of, make_message
from tests.gui.desk import open_desk


async def test_a_minimised_window_asks_redis_for_nothing_and_is_up_to_date_when_it_is_back(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sent", "outlets", "channels", "scheduled", "audience", "report"):
        module = f"admin_app.{name}_controller"
        for clock in ("NEWS_EVERY_S", "LOOK_EVERY_S", "COUNT_EVERY_S", "EVERY_S", "SHOW_EVERY_S"):
            monkeypatch.setattr(f"{module}.{clock}", 0.01, raising=False)
    monkeypatch.setattr("admin_app.audience_controller.NOBODY_EVERY_S", 0.01)
    monkeypatch.setattr("admin_app.reports.TICK_S", 0.01)
    server, asked = FakeServer(), list[str]()
    message = make_message(sent_at=server.now_ms)
    server.append("Channel 1", envelope_of(message))
    for name in ("endpoints", "seen", "connected", "counts", "read_logs", "documents"):
        _count_calls(monkeypatch, name, asked)
    async with open_desk(tmp_path, server) as desk:
        window = desk.window
        desk.controllers.append(ChannelsController(window, desk.session))
        desk.controllers.append(ScheduledController(window, desk.session))
        window.show_page(Page.SENT)
        await until(lambda: window.sent.model.rowCount() == 1)
        window.sent.list.setCurrentIndex(window.sent.model.index(0))
        for page in (Page.SENT, Page.OUTLETS, Page.CHANNELS, Page.SCHEDULED, Page.COMPOSE):
            for away, back in (
                (window.showMinimized, window.showNormal),
                (window.hide, window.show),
            ):
                window.show_page(page)
                await until(lambda: asked)
                away()
                await until(lambda: window.page_seen is None)
                await asyncio.sleep(0.05)  # what was under way ends
                asked.clear()
                await asyncio.sleep(0.05)
                assert asked == [], page
                back()
                await until(lambda: asked)
                assert window.page_seen is page


def _count_calls(monkeypatch: pytest.MonkeyPatch, name: str, asked: list[str]) -> None:
    """Note in *asked* whenever a console asks its link for *name*."""
    real = getattr(FakeConsoleLink, name)

    def counting(self: FakeConsoleLink, *arguments: object) -> object:
        asked.append(name)
        return real(self, *arguments)

    monkeypatch.setattr(FakeConsoleLink, name, counting)
