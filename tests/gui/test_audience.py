"""Whom a message will reach, said before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.audience import Audience
from admin_app.views.rail import Page
from shared.outlets import ExpectedOutlet
from tests.conftest import until
from tests.fakes import FakeServer
from tests.gui.desk import open_desk, report


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """Three tills of Channel 1, of which one is silent, and an outlet that was never seen."""
    monkeypatch.setattr("admin_app.audience_controller.CLICKS_S", 0.0)
    monkeypatch.setattr("admin_app.audience_controller.COUNT_EVERY_S", 0.02)
    monkeypatch.setattr("admin_app.audience_controller.NOBODY_EVERY_S", 0.02)
    server = FakeServer()
    old = server.now_ms - 1_000_000
    server.reports = [
        report("JKT-001/a", server),
        report("JKT-001/b", server),
        report("JKT-002/a", server, seen_at=old),
    ]
    server.outlets = [ExpectedOutlet(outlet="BDG-001", channels=["Channel 2"])]
    return server


async def test_the_line_beside_the_channel_follows_the_choice_and_the_outlets(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        desk.window.show_page(Page.COMPOSE)
        form = desk.window.form
        for channel, words in (("Channel 1", "3 PC"), ("Channel 2", "1 PC"), ("*", "4 PC")):
            form.channels.choose([channel])
            form.channels.changed.emit()
            await until(lambda: form.audience.text().startswith(words))  # noqa: B023
        assert form.audience.text().endswith("2 not connected")
        server.reports = server.reports[:2]
        server.outlets = [ExpectedOutlet(outlet="JKT-001")]
        await until(lambda: form.audience.text().endswith("all connected"))
        form.channels.choose(["Channel 3"])
        await until(lambda: form.audience.text() == "No PC follows it yet")


async def test_a_form_that_nobody_sees_counts_nobody(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def audience(channels: object) -> Audience:
        asked.append(channels)
        return Audience(1, 1)

    async with open_desk(tmp_path, server) as desk:
        monkeypatch.setattr(desk.session, "audience", audience)
        desk.window.show_page(Page.COMPOSE)
        await until(lambda: len(asked) > 2)
        desk.window.show_page(Page.CHANNELS)
        asked.clear()
        desk.window.form.channels.changed.emit()
        await until(lambda: desk.window.page is Page.CHANNELS)
        assert asked == []
