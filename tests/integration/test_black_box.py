"""The prototype's black-box table, one test a row: real windows, a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.app import ConsoleApp
from shared.model import ALL_CHANNELS
from tests.conftest import until
from tests.integration.pair import (
    connected,
    fill_in,
    open_popup,
    press_send,
    running_console,
    running_tray,
    shown,
)
from tests.redis_server import RedisServer
from tray_client.app import TrayApp

FOLLOWED = {
    "one": ["Channel 1"],
    "two": ["Channel 2"],
    "three": ["Channel 3"],
    "one-and-three": ["Channel 1", "Channel 3"],
}


@dataclass
class Stage:
    """A console and four outlets."""

    console: ConsoleApp
    trays: dict[str, TrayApp]
    folder: Path
    server: RedisServer

    def who_has_shown(self, title: str) -> set[str]:
        """Outlets that have painted *title*; fails if one of them shows it twice."""
        found = set()
        for name in self.trays:
            times = shown(self.folder / name).count(title)
            assert times <= 1
            if times:
                found.add(name)
        return found

    def published(self) -> bytes:
        """What Redis counts of our publications."""
        return self.server.command("EVAL", "return #redis.call('KEYS', '*log*')", "0")


@asynccontextmanager
async def stage(server: RedisServer, folder: Path) -> AsyncIterator[Stage]:
    """Start everything and wait until all are connected."""
    async with AsyncExitStack() as stack:
        trays = {
            name: await stack.enter_async_context(
                running_tray(server.url, folder / name, outlet=name, channels=channels)
            )
            for name, channels in FOLLOWED.items()
        }
        console = await stack.enter_async_context(running_console(server.url, folder / "console"))
        await connected(*trays.values(), console)
        yield Stage(console, trays, folder, server)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (ALL_CHANNELS, set(FOLLOWED)),
        ("Channel 1", {"one", "one-and-three"}),
        ("Channel 2", {"two"}),
        ("Channel 3", {"three", "one-and-three"}),
    ],
)
async def test_a_message_is_shown_by_subscribers_of_its_channel_only_and_once(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, channel: str, expected: set[str]
) -> None:
    async with stage(redis_server, tmp_path) as on:
        fill_in(on.console, channel, "Price change", "The 2 l bottle costs more.")
        await press_send(on.console)
        await until(lambda: on.who_has_shown("Price change") == expected)
        # A second message proves that what has not come by now does not come any more.
        fill_in(on.console, ALL_CHANNELS, "The end", "For everybody.")
        await press_send(on.console)
        for tray in on.trays.values():
            popup = await until(partial(open_popup, tray))
            if popup.content.title == "Price change":
                tray.session.acknowledge(popup.content.id)
        await until(lambda: on.who_has_shown("The end") == set(FOLLOWED))
        assert on.who_has_shown("Price change") == expected
        assert on.console.window.form.title.text() == ""
        assert on.console.window.sent.model.rowCount() == 2


@pytest.mark.parametrize(
    ("title", "body", "problems"),
    [
        ("", "", {"title": "Write a title.", "body": "Write a message."}),
        ("", "A message", {"title": "Write a title.", "body": ""}),
        ("A title", "", {"title": "", "body": "Write a message."}),
        ("  \t ", "\n  \n", {"title": "Write a title.", "body": "Write a message."}),
    ],
    ids=["title and message empty", "title empty", "message empty", "white space only"],
)
async def test_what_is_missing_is_named_and_nothing_is_published(
    qapp: QApplication,
    redis_server: RedisServer,
    tmp_path: Path,
    title: str,
    body: str,
    problems: dict[str, str],
) -> None:
    async with running_console(redis_server.url, tmp_path / "console") as console:
        await connected(console)
        fill_in(console, "Channel 1", title, body)
        await press_send(console)
        form = console.window.form
        assert {name: form.problem_of(name) for name in problems} == problems
        assert form.problem_of("channels") == ""
        first = "title" if problems["title"] else "body"
        assert form.focusWidget() is {"title": form.title, "body": form.body}[first]
        assert redis_server.command("DBSIZE") == b":0\r\n"
        assert form.title.text() == title
