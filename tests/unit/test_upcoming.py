"""What waits for its time: nothing that was taken back, and everything else."""

from __future__ import annotations

import msgspec
import pytest

from admin_app.draft import Draft
from admin_app.recalling import recall_of
from admin_app.sending import Sender
from admin_app.upcoming import read_upcoming
from shared.errors import NotPermitted
from shared.model import DAY_MS, HOUR_MS, Message
from shared.settings import Settings
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer, envelope_of
from tests.fakes import make_message as message


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def put(server: FakeServer, one: Message) -> Message:
    """Into the logs of its channels."""
    for channel in one.channels:
        server.append(channel, envelope_of(one))
    return one


async def waiting(server: FakeServer) -> list[Message]:
    """What a console would list."""
    link = FakeConsoleLink(server, FakeConsoleBus(server))
    return await read_upcoming(link, ["East", "West"], server.now_ms - 7 * DAY_MS, server.now_ms)


async def test_it_is_found_among_many_others_the_next_first(server: FakeServer) -> None:
    later = put(server, message(channels=["East"], show_at=server.now_ms + 2 * HOUR_MS))
    for _ in range(1100):
        put(server, message(channels=["East"]))
    server.append("East", b"garbage with show_at in it")
    both = put(server, message(channels=["East", "West"], show_at=server.now_ms + HOUR_MS))
    put(server, message(channels=["*"], show_at=server.now_ms - 1))
    assert await waiting(server) == [both, later]


async def test_an_order_that_no_outlet_obeys_hides_nothing(server: FakeServer) -> None:
    """Whoever may speak on one channel may not take away what another one was told."""
    both = put(server, message(channels=["East", "West"], show_at=server.now_ms + HOUR_MS))
    recall = recall_of(both, "", server.now_ms, DAY_MS)
    put(server, msgspec.structs.replace(recall, channels=["East"]))
    assert await waiting(server) == [both]
    put(server, recall)
    assert await waiting(server) == []


async def test_a_channel_that_nobody_listed_is_noted_even_if_nobody_can_be_counted(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else no console finds in its history what was sent there."""

    async def denied(*_: object) -> int:
        raise NotPermitted(ADDRESS, "No.")

    monkeypatch.setattr(FakeConsoleLink, "expected_outlets", denied)
    link = FakeConsoleLink(server, FakeConsoleBus(server))
    await Sender(Settings()).send(link, Draft(channels=["North"], title="T", body="B"))
    assert list(server.unlisted) == ["North"]
