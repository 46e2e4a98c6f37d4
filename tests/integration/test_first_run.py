"""A console without a server, its settings page, its channels: a real window, a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox

from admin_app.app import ConsoleApp, configure, one_life
from admin_app.configuration import Configuration
from admin_app.views.channels_page import NAME_ROLE
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared.bus import LinkState
from shared.private import is_open_to_others
from shared.qt.runner import QuitRequest
from shared.settings import Program
from shared.sources import Sources
from tests.conftest import LogGuard, until
from tests.integration.pair import running_tray
from tests.redis_server import RedisServer, free_port


def configured(folder: Path, address: str | None = None, **given: object) -> Configuration:
    """A console whose own settings file names *address*."""
    path = folder / "siaran.toml"
    if address is not None:
        path.write_text(f'redis_url = "{address}"\n', encoding="utf-8")
        path.chmod(0o600)
    sources = Sources(Program.CONSOLE, given, user_file=path)
    return configure(sources, folder / "data", {})


@asynccontextmanager
async def running(configuration: Configuration) -> AsyncIterator[ConsoleApp]:
    """That console with its window shown."""
    app = ConsoleApp(configuration)
    app.start()
    try:
        yield app
    finally:
        await app.aclose()


def retype(line: QLineEdit, text: str) -> None:
    """Replace what stands in *line*, key by key."""
    line.clear()
    QTest.keyClicks(line, text)


@pytest.mark.redis
async def test_the_first_page_tries_the_address_and_leads_to_the_form(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: Nothing answers")
    configuration = configured(tmp_path, f"redis://127.0.0.1:{free_port()}")
    quit_request, app = QuitRequest(qapp), ConsoleApp(configuration)
    life = asyncio.create_task(one_life(app, quit_request))
    page = app.window.connection
    await until(lambda: app.window.page is None)
    assert app.window.rail.isHidden()
    assert "Nothing answers" in page.findings.sentences[0]
    retype(page.address, f"127.0.0.1:{redis_server.port}")  # redis:// goes without saying
    await until(lambda: any("Redis answers at" in one for one in page.findings.sentences))
    assert any("append-only file" in one for one in page.findings.sentences)
    assert any("Version" in one for one in page.findings.sentences)
    QTest.keyClick(page.address, Qt.Key.Key_Return)
    fresh = await life
    assert fresh is not None
    assert fresh.settings.redis_url == redis_server.url
    async with running(fresh) as again:
        await until(lambda: again.session.status.state is LinkState.CONNECTED)
        assert again.window.page is Page.COMPOSE


async def test_a_bad_address_is_named_and_nothing_is_saved(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: Nothing answers")
    address = f"redis://127.0.0.1:{free_port()}"
    async with running(configured(tmp_path, address)) as app:
        page = app.window.connection
        await until(lambda: app.window.page is None)
        retype(page.address, "http://hq")
        QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
        assert "redis://" in page.address_field.problem.text()
        assert address in (tmp_path / "siaran.toml").read_text(encoding="utf-8")
        QTest.mouseClick(page.later, Qt.MouseButton.LeftButton)
        assert app.window.page is Page.COMPOSE


async def test_a_locked_address_sends_people_to_it(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: Nothing answers")
    address = f"redis://127.0.0.1:{free_port()}"
    given = configured(tmp_path, redis_url=address, support="IT desk, ext. 123")
    async with running(given) as app:
        page = app.window.connection
        await until(lambda: app.window.page is None)
        assert not page.address.isEnabled()
        assert "IT desk, ext. 123" in page.intro.text()


@pytest.mark.redis
async def test_the_page_goes_by_itself_when_the_server_comes_up(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: ")
    redis_server.stop()
    async with running(configured(tmp_path, redis_server.url)) as app:
        await until(lambda: app.window.page is None)
        redis_server.start()
        await until(lambda: app.window.page is Page.COMPOSE)


@pytest.mark.redis
async def test_the_settings_page_saves_tests_and_names_what_is_wrong(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    configuration = configured(tmp_path, redis_server.url)
    quit_request, app = QuitRequest(qapp), ConsoleApp(configuration)
    life = asyncio.create_task(one_life(app, quit_request))
    page = app.window.settings
    await until(lambda: app.session.status.state is LinkState.CONNECTED)
    app.window.show_page(Page.SETTINGS)
    assert page.rows["redis_url"].source.text() == "Set by you"
    assert page.rows["retention_hours"].source.text() == "Default; for IT to change"
    assert not page.save.isEnabled()
    sender = page.rows["sender"].editor
    assert isinstance(sender, QLineEdit)
    retype(sender, "x" * 101)
    QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
    assert "at most 100 characters" in page.rows["sender"].field.problem.text()
    QTest.mouseClick(page.test, Qt.MouseButton.LeftButton)
    await until(lambda: page.findings.sentences)
    retype(sender, "Pusat")
    page.password.setText("unused")
    QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
    fresh = await life
    assert fresh is not None
    assert fresh.settings.sender == "Pusat"
    assert fresh.settings.password_file == str(tmp_path / "data" / "redis-password")
    text = (tmp_path / "siaran.toml").read_text(encoding="utf-8")
    assert "unused" not in text
    assert not is_open_to_others(tmp_path / "data" / "redis-password")


def labels_shown(window: MainWindow) -> dict[str, str]:
    """Name to label, as the table shows them."""
    table = window.channels.table
    items = [table.item(row, 0) for row in range(table.rowCount())]
    return {item.data(NAME_ROLE): item.text() for item in items if item is not None}


@pytest.mark.redis
async def test_channels_are_added_relabelled_and_retired_in_the_window(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with (
        running_tray(redis_server.url, tmp_path / "tray", channels=["Chanel 1"]),
        running(configured(tmp_path, redis_server.url)) as app,
    ):
        page, window = app.window.channels, app.window
        await until(lambda: app.session.status.state is LinkState.CONNECTED)
        window.show_page(Page.CHANNELS)
        # A tray follows a channel that nobody offers: said here, and no error anywhere.
        await until(lambda: "Chanel 1" in labels_shown(window))
        QTest.keyClicks(page.name, "Region East")
        QTest.keyClick(page.name, Qt.Key.Key_Return)
        await until(lambda: "Region East" in labels_shown(window))
        row = list(labels_shown(window)).index("Region East")
        page.table.selectRow(row)
        item = page.table.item(row, 0)
        assert item is not None
        item.setText("Jawa Timur")
        await until(lambda: labels_shown(window).get("Region East") == "Jawa Timur")
        offered = window.form.channel
        await until(lambda: offered.findText("Jawa Timur") >= 0)
        page.table.selectRow(list(labels_shown(window)).index("Region East"))
        QTest.mouseClick(page.retire, Qt.MouseButton.LeftButton)
        box = await until(lambda: next(iter(window.findChildren(QMessageBox)), None))
        QTest.mouseClick(box.buttons()[0], Qt.MouseButton.LeftButton)
        await until(lambda: offered.findText("Jawa Timur") < 0)
        assert redis_server.command("HGET", "{siaran}:channels", "Region East")


@pytest.mark.redis
async def test_a_name_that_cannot_be_is_said_and_another_console_s_channel_appears(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with running(configured(tmp_path, redis_server.url)) as app:
        page = app.window.channels
        await until(lambda: app.session.status.state is LinkState.CONNECTED)
        app.window.show_page(Page.CHANNELS)
        page.name.setText("Channel 1")
        QTest.mouseClick(page.add, Qt.MouseButton.LeftButton)
        await until(lambda: "already" in page.notice.text())
        redis_server.command("HSET", "{siaran}:channels", "North", '{"label":"Utara"}')
        await until(lambda: labels_shown(app.window).get("North") == "Utara")
