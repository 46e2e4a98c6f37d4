"""Commands over a link that may be lost: tried again, and what has left is said to have left."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from admin_app import send_command
from admin_app.command_tools import TRIES, over_a_link
from admin_app.options import parser
from admin_app.sending import Sender
from admin_app.waiting import wait_for
from shared.bus import ConsoleLink
from shared.command_line import run_command
from shared.errors import (
    EXIT_NOT_YET,
    EXIT_REFUSED,
    LinkLost,
    NotPermitted,
    RedisUnreachable,
    SiaranError,
)
from shared.receipts import Stage
from shared.settings import Settings
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer, make_message

LOST = LinkLost(ADDRESS, "The connection was lost.")
GONE = RedisUnreachable(ADDRESS, "Nothing answers.")
DENIED = NotPermitted(ADDRESS, "No.")


class MovedBus(FakeConsoleBus):
    """Opening a link fails as *openings* say, one after the other; None: it does not."""

    def __init__(self, *openings: SiaranError | None) -> None:
        super().__init__(FakeServer())
        self.openings = list(openings)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[FakeConsoleLink]:
        if self.openings and (error := self.openings.pop(0)) is not None:
            raise error
        async with super().open() as link:
            yield link


def sending(*more: str) -> argparse.Namespace:
    """A command line that sends."""
    words = ["send", "--channel", "Channel 1", "--title", "T", "--message", "M", *more]
    return parser().parse_args(words)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sleeps between two attempts."""
    sleep = asyncio.sleep
    monkeypatch.setattr("admin_app.command_tools.asyncio.sleep", lambda _: sleep(0))


async def test_a_server_that_restarts_in_the_middle_is_waited_for(at_once: None) -> None:
    bus, tries = MovedBus(None, GONE), 0

    async def act(link: ConsoleLink) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise LOST
        return tries

    assert await over_a_link(bus, act) == 2
    with pytest.raises(RedisUnreachable):  # that was never there
        await over_a_link(MovedBus(GONE), act)
    bus = MovedBus(None, GONE, GONE, GONE)
    tries = 0
    with pytest.raises(RedisUnreachable):
        await over_a_link(bus, act)
    assert len(bus.openings) == 4 - TRIES


def test_a_message_that_nobody_confirmed_is_said_to_be_so(at_once: None) -> None:
    bus = MovedBus(None, GONE, GONE)
    bus.fails_after = 0
    with pytest.raises(RedisUnreachable, match=r"it was sent\. Nothing answers\."):
        send_command.send(sending(), bus, Sender(Settings()))
    with pytest.raises(RedisUnreachable, match=r"^Nothing answers"):
        send_command.send(sending(), MovedBus(GONE), Sender(Settings()))


@pytest.mark.parametrize("error", [GONE, DENIED])
def test_what_was_sent_is_no_failure_whatever_becomes_of_the_waiting(
    error: SiaranError, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who runs the command again after a failure sends twice."""
    bus = MovedBus(None, *[error] * 1000)
    words = sending("--wait", "received", "--count", "1", "--timeout", "0.3")
    assert send_command.send(words, bus, Sender(Settings())) == EXIT_NOT_YET
    out, err = capsys.readouterr()
    assert err == f"siaran-console: {error}\n"
    [message_id] = bus._server.sent
    assert out.startswith(f"Sent {message_id}: 0 received")
    assert "None" not in out


async def test_a_link_that_comes_back_while_there_is_time_is_no_error() -> None:
    bus = MovedBus(GONE, None)
    message = make_message()
    waited = await wait_for(bus, message, Stage.RECEIVED, 0, 5)
    assert waited.done
    assert waited.error is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_disk_that_takes_no_output_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        code = run_command("x", lambda: (sys.stdout.write("long " * 9999), 0)[1])
    assert code == EXIT_REFUSED
    err = capfd.readouterr().err
    assert err == "x: The output cannot be written: No space left on device.\n"
