"""A tray on a PC that has a bad day: its folder refuses, its inbox is damaged while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.app import ConsoleApp
from shared.bus import LinkState
from shared.errors import StorageError
from shared.instance import claim
from shared.model import Level
from shared.qt.runner import QuitRequest
from shared.settings import Loaded
from shared.settings_watch import SettingsWatch
from shared.sources import fixed
from tests.conftest import LogGuard, until
from tests.integration.pair import acknowledge, connected, fill_in, press_send, running_console
from tests.redis_server import RedisServer
from tray_client.app import TrayApp
from tray_client.inbox import FILE_NAME, read_messages
from tray_client.lives import one_life, trouble
from tray_client.records import State

pytestmark = pytest.mark.redis


@asynccontextmanager
async def lives(
    qapp: QApplication, folder: Path, loaded: Loaded, trays: list[TrayApp]
) -> AsyncIterator[None]:
    """A tray that begins anew whenever it has to; *trays* are its lives."""
    instance, quit_request = claim(folder), QuitRequest(qapp)
    watch = SettingsWatch(lambda: loaded)

    async def live() -> None:
        now: Loaded | None = loaded
        while now is not None:
            trays.append(TrayApp(now, folder, {}, guard_ms=0))
            now = await one_life(trays[-1], quit_request, instance, now, watch)

    task = asyncio.create_task(live())
    try:
        yield
    finally:
        quit_request.ask()
        await until(task.done)
        instance.release()
        await task


def damage(tray: TrayApp, folder: Path) -> None:
    """Write nonsense over the inbox of a running tray."""
    database = folder / FILE_NAME
    for part in (database, Path(f"{database}-wal")):
        with part.open("r+b") as file:
            file.write(b"\0 no database " * (part.stat().st_size // 13))
    tray.inbox._db.execute("PRAGMA shrink_memory")  # what SQLite has cached is not damaged


async def test_an_inbox_damaged_while_the_tray_runs_is_rebuilt_from_the_logs(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"refused: The inbox .* is damaged")
    log_guard.expect(r"not written down yet: .* is damaged")
    log_guard.expect(r"the inbox was damaged; it is set aside")
    log_guard.expect(r"The inbox of this PC was damaged and has been rebuilt")
    folder, trays = tmp_path / "tray", list[TrayApp]()
    loaded = fixed(redis_url=redis_server.url, outlet="JKT-001", pc="till-1")
    async with (
        running_console(redis_server.url, tmp_path / "console") as console,
        lives(qapp, folder, loaded, trays),
    ):
        await until(lambda: trays)
        await connected(trays[0], console)
        for title in ("One", "Two"):
            fill_in(console, "Channel 1", title, "Body")
            await press_send(console)
            assert await acknowledge(trays[0]) == title
        damage(trays[0], folder)
        fill_in(console, "Channel 1", "Three", "Body")
        await press_send(console)
        await until(lambda: len(trays) > 1)
        assert await acknowledge(trays[-1]) in {"One", "Two", "Three"}
        await until(lambda: {one.title for one in read_messages(folder)} == {"One", "Two", "Three"})
        menu = [action.text() for action in trays[-1].tray.menu.actions()]
        assert any("rebuilt" in line for line in menu)


async def test_an_inbox_that_is_damaged_again_and_again_is_rebuilt_with_pauses(
    qapp: QApplication,
    redis_server: RedisServer,
    tmp_path: Path,
    log_guard: LogGuard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failing disk does not keep the PC busy with rebuilding."""
    for line in ("refused: .* is damaged", "not written down yet: .* is damaged"):
        log_guard.expect(line)
    log_guard.expect(r"inbox .*was damaged")
    pause = 0.6
    monkeypatch.setattr("tray_client.app.BEGIN_ANEW_S", pause)
    folder, trays = tmp_path / "tray", list[TrayApp]()
    loaded = fixed(redis_url=redis_server.url, outlet="JKT-001", pc="till-1")
    async with (
        running_console(redis_server.url, tmp_path / "console") as console,
        lives(qapp, folder, loaded, trays),
    ):
        await until(lambda: trays)
        waits = [await waited_when_damaged(trays, console, folder) for _ in range(3)]
        await until(lambda: len(trays) == 4)
    assert waits[0] == 0
    assert min(waits[1:]) > pause * 0.9


async def waited_when_damaged(trays: list[TrayApp], console: ConsoleApp, folder: Path) -> float:
    """Damage the inbox of the newest tray; return how long it then waits to begin anew (s).

    0: it waits for nothing. How long the console takes meanwhile is not in it.
    """
    life, tray, noticed = len(trays), trays[-1], list[tuple[float, bool]]()
    now = asyncio.get_running_loop().time

    async def begins_at() -> float:
        await tray.broken.wait()
        return now()

    await connected(tray, console)
    await until(lambda: len(read_messages(folder)) == life - 1)
    begins = asyncio.create_task(begins_at())
    # The tray hears of it before this.
    tray.session.damaged.connect(lambda: noticed.append((now(), tray.broken.is_set())))
    damage(tray, folder)
    fill_in(console, "Channel 1", f"{life}", "Body")
    await press_send(console)
    await until(begins.done)
    noticed_at, at_once = noticed[0]
    await until(lambda: len(trays) == life + 1)
    return 0.0 if at_once else begins.result() - noticed_at


async def test_a_folder_that_refuses_is_said_by_the_icon_and_tried_again(
    qapp: QApplication, log_guard: LogGuard
) -> None:
    log_guard.expect(r"The folder cannot be used")
    quit_request, loaded = QuitRequest(qapp), fixed(support="IT desk")
    error = StorageError("The folder cannot be used: it is read-only.", "Let this user write.")
    waiting = asyncio.create_task(trouble(error, quit_request, loaded))
    await asyncio.sleep(0)
    assert not waiting.done()
    quit_request.ask()
    assert await waiting is None


async def test_messages_wait_while_redis_was_emptied(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    """An empty Redis where there used to be one: nothing old comes back, nothing new is lost."""
    log_guard.expect(r"log of 'Channel 1': ")
    folder, trays = tmp_path / "tray", list[TrayApp]()
    loaded = fixed(redis_url=redis_server.url, outlet="JKT-001", pc="till-1", heartbeat_seconds="5")
    async with (
        running_console(redis_server.url, tmp_path / "console") as console,
        lives(qapp, folder, loaded, trays),
    ):
        await until(lambda: trays)
        await connected(trays[0], console)
        fill_in(console, "Channel 1", "Before", "Body")
        await press_send(console)
        assert await acknowledge(trays[0]) == "Before"
        redis_server.command("FLUSHALL")
        fill_in(console, "Channel 1", "After", "Body")
        await press_send(console)
        assert await acknowledge(trays[0]) == "After"
        await until(lambda: trays[0].session.status.state is LinkState.CONNECTED)
    states = {one.title: one.state for one in read_messages(folder)}
    assert states == {"Before": State.ACKNOWLEDGED, "After": State.ACKNOWLEDGED}
    assert Level.NORMAL in {one.level for one in read_messages(folder)}
