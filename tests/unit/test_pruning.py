"""The inbox stays small whatever arrives, and nothing that was deleted comes back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shared.model import DAY_MS, HOUR_MS, Level, Message, StreamId, new_message_id
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer, make_message
from tests.unit.tills import connected, message_now, publish, running, stored
from tray_client import pruning
from tray_client.inbox import Inbox, read_messages
from tray_client.pruning import KEEP_MS
from tray_client.records import NewMessage, Recall, State

NOW = 1_800_000_000_000


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An open inbox."""
    opened = Inbox(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def room_for_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten messages are kept, and three go at a time."""
    monkeypatch.setattr(pruning, "MAX_MESSAGES", 10)
    monkeypatch.setattr(pruning, "AT_ONCE", 3)
    monkeypatch.setattr(pruning, "EVERY", 2)


def put(inbox: Inbox, *messages: Message) -> list[str]:
    """Store *messages*, which live an hour."""
    inbox.store([NewMessage(one, "Channel 1", True, NOW, NOW + HOUR_MS) for one in messages])
    return [one.id for one in messages]


def test_what_is_over_is_kept_for_a_while_and_then_deleted(inbox: Inbox, tmp_path: Path) -> None:
    answered, expired, silent = put(
        inbox, make_message(), make_message(), make_message(level=Level.SILENT)
    )
    inbox.mark_acknowledged(answered, NOW)
    assert inbox.prune(NOW + HOUR_MS + KEEP_MS, NOW + HOUR_MS + KEEP_MS) == []
    states = {one.id: one.state for one in read_messages(tmp_path)}
    assert states == {
        answered: State.ACKNOWLEDGED,
        expired: State.EXPIRED,
        silent: State.EXPIRED,
    }
    inbox.prune(NOW + HOUR_MS + KEEP_MS + 1, NOW + HOUR_MS + KEEP_MS + 1)
    assert stored(tmp_path) == []


@pytest.mark.usefixtures("room_for_ten")
def test_of_too_many_the_oldest_that_are_over_go(inbox: Inbox, tmp_path: Path) -> None:
    messages = put(inbox, *(make_message() for _ in range(14)))
    for message_id in (messages[0], *messages[4:]):
        inbox.mark_acknowledged(message_id, NOW)
    for _ in range(3):
        assert inbox.prune(NOW, NOW) == []
    assert stored(tmp_path) == [*messages[1:4], *messages[7:]]


@pytest.mark.usefixtures("room_for_ten")
def test_of_too_many_that_wait_the_oldest_and_quietest_are_given_up(
    inbox: Inbox, tmp_path: Path
) -> None:
    loud = put(inbox, *(make_message(level=Level.EMERGENCY) for _ in range(5)))
    quiet = put(inbox, *(make_message() for _ in range(8)))
    given_up = inbox.prune(NOW, NOW)
    assert [(one.id, one.state) for one in given_up] == [
        (message_id, State.EXPIRED) for message_id in quiet[:3]
    ]
    closed = [one.message_id for one in inbox.unreported(20) if one.closed]
    assert closed == quiet[:3], "head office is told"
    inbox.prune(NOW, NOW)
    assert stored(tmp_path) == [*loud, *quiet[3:]]


@pytest.mark.usefixtures("room_for_ten")
async def test_what_was_deleted_is_not_shown_again_when_its_log_is_read_anew(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"older than this endpoint")
    log_guard.expect(r"log of .*")
    log_guard.expect(r"reconnecting: The connection was lost\.")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=0.01) as till:
        await connected(till)
        for _ in range(13):
            server.now_ms += 1
            sent = publish(server, message_now(server))
            await until(partial(lambda sent: till.head() == sent, sent))
            till.session.answer(sent)
        await until(lambda: len(stored(tmp_path)) <= 10)
        seen = list(till.heads)
        till.inbox.store([], {"Channel 1": StreamId(NOW + DAY_MS, 0)})  # of a log that is no more
        server.cut()
        server.now_ms += 1
        last = publish(server, message_now(server))
        await until(lambda: till.head() == last)
        assert till.heads == [*seen, last]


@pytest.mark.usefixtures("room_for_ten")
def test_what_was_recalled_before_its_time_does_not_close_its_channel_until_then(
    inbox: Inbox,
) -> None:
    inbox.begins_at("Channel 1", 0)
    later = make_message(show_at=NOW + 5 * DAY_MS)
    inbox.store([NewMessage(later, "Channel 1", True, NOW, NOW + 6 * DAY_MS)])
    inbox.store([Recall(later.id, new_message_id(), ("Channel 1",), NOW)])
    put(inbox, *(make_message() for _ in range(10)))
    inbox.prune(NOW, NOW)
    assert inbox.get(later.id) is None
    assert inbox.begins_at("Channel 1", 0) == NOW
