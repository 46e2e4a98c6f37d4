"""The tray's life with a server that goes away, falls silent and forgets; the inbox is a real one.

The clock is the server's: ``server.now_ms`` moves Redis' ``TIME`` and the PC's steady clock alike.
Reconnections and readings wait for nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus import EndpointReport, LinkState, LogEntry, LogPage, Trouble
from shared.codec import decode_envelope, decode_payload
from shared.errors import LinkLost, LoginRefused, RedisCannotStore, RedisUnreachable, StorageError
from shared.model import DAY_MS, HOUR_MS, START, Kind, Level, StreamId
from shared.receipts import Answer
from shared.signing import Verifier
from tests.conftest import LogGuard, until
from tests.fakes import (
    ADDRESS,
    FakeServer,
    FakeTrayLink,
    make_message,
)
from tests.unit.tills import (
    HQ,
    LOST,
    VERIFIER,
    YEAR_MS,
    Till,
    connected,
    message_now,
    publish,
    publish_signed,
    running,
    spoil,
    state_of,
    stored,
)
from tray_client import session
from tray_client.claims import Claim
from tray_client.desk import OFFLINE_AFTER_MS, Desk
from tray_client.inbox import Inbox, read_messages
from tray_client.log_reader import PAGE
from tray_client.popup_queue import Digest
from tray_client.records import WAITING_STATES, InboxMessage, State
from tray_client.reporter import BATCH

# --- arriving ------------------------------------------------------------------------------------


async def test_a_live_message_is_stored_and_comes_to_the_screen(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message(title="Fire drill"))
        await until(lambda: till.heads == [sent])
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert (head.title, head.state) == ("Fire drill", State.RECEIVED)
        assert (till.session.waiting(), till.session.place()) == (1, (1, 1))
        assert stored(tmp_path) == [sent]
        assert till.inbox.cursor("Channel 1") == server.last["Channel 1"]
        till.session.displayed(sent)
        assert state_of(tmp_path, sent) is State.DISPLAYED


async def test_what_was_sent_before_the_start_is_read(tmp_path: Path) -> None:
    server = FakeServer()
    sent = [publish(server, make_message()) for _ in range(450)]
    everybody = publish(server, make_message(channels=["*"]), "*")
    publish(server, make_message(channels=["Channel 2"]), "Channel 2")
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == [everybody, *sent]


async def test_nothing_is_painted_before_every_log_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        old = publish(server, make_message())
        await until(lambda: till.heads == [old])

    may_read, reading = asyncio.Event(), asyncio.Event()
    read = FakeTrayLink.read_log

    async def held(link: FakeTrayLink, channel: str, after: StreamId | None, count: int) -> LogPage:
        if channel == "Channel 1":
            reading.set()
            await may_read.wait()
        return await read(link, channel, after, count)

    monkeypatch.setattr(FakeTrayLink, "read_log", held)
    urgent = publish(server, make_message(channels=["*"], level=Level.URGENT), "*")
    async with running(server, tmp_path) as till:
        await reading.wait()
        assert stored(tmp_path) == [old, urgent]
        assert (till.head(), till.heads, till.session.waiting()) == (None, [], 0)
        assert till.session.status.state is LinkState.CONNECTING
        may_read.set()
        await until(lambda: till.heads == [urgent])


async def test_what_a_broken_reading_brought_does_not_wait_for_the_next(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    read = FakeTrayLink.read_log

    async def broken(
        link: FakeTrayLink, channel: str, after: StreamId | None, count: int
    ) -> LogPage:
        if channel == "Channel 1":
            server.refuse = gone  # and it stays away
            raise gone
        return await read(link, channel, after, count)

    gone = LinkLost(ADDRESS, "The connection was lost.")
    async with running(server, tmp_path) as till:
        await connected(till)
        monkeypatch.setattr(FakeTrayLink, "read_log", broken)
        server.mute = True
        sent = publish(server, make_message(channels=["*"], level=Level.EMERGENCY), "*")
        quiet = [publish(server, make_message(channels=["*"]), "*") for _ in range(4)]
        server.cut()
        await until(lambda: till.heads == [sent])
        assert stored(tmp_path) == [sent, *quiet]
        till.session.acknowledge(sent)
        assert isinstance(till.session.head(), Digest)


async def test_what_was_caught_up_with_does_not_wait_for_ever_for_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account of another outlet may have made them as long as it likes."""
    monkeypatch.setattr(session, "SETTLE_S", 0.05)
    server = FakeServer()
    asked: list[int] = []

    async def endless(link: FakeTrayLink, message_ids: Sequence[str]) -> list[Answer]:
        asked.append(len(message_ids))
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(FakeTrayLink, "answers", endless)
    first, *_ = [publish(server, make_message(level=Level.URGENT)) for _ in range(BATCH)]
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [first])
        await connected(till)
        await until(lambda: len(asked) > 1)
        assert asked[:2] == [BATCH, BATCH // 4]


async def test_a_page_that_is_too_long_to_be_kept_is_read_again_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    sent = [publish(server, make_message()) for _ in range(40)]
    read, counts = FakeTrayLink.read_log, list[int]()

    async def cut(link: FakeTrayLink, channel: str, after: StreamId | None, count: int) -> LogPage:
        page = await read(link, channel, after, count)
        if len(page.entries) <= 3:
            return page
        counts.append(count)
        entries = [replace(one, envelope=b"") for one in page.entries]
        return LogPage(page.last, entries, full=page.full, cut=True)

    monkeypatch.setattr(FakeTrayLink, "read_log", cut)
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert counts
        assert stored(tmp_path) == sent


async def test_the_screen_has_its_turn_within_a_large_batch(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        for _ in range(120):
            publish(server, make_message())
        counts = [0]
        while counts[-1] < 120:
            await asyncio.sleep(0)
            counts.append(len(stored(tmp_path)))
        assert max(after - before for before, after in pairwise(counts)) <= PAGE
        assert till.caught_up(server)


async def test_a_frame_past_a_gap_is_shown_at_once_and_the_gap_is_read(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        server.mute = True
        missed = publish(server, make_message())
        server.mute = False
        heard = publish(server, make_message(level=Level.URGENT))
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == [heard, missed]
        assert till.heads == [heard]


async def test_a_message_on_two_channels_is_one_message(tmp_path: Path) -> None:
    server = FakeServer()
    both = make_message(channels=["Channel 1", "Channel 2"])
    async with running(server, tmp_path, ["Channel 1", "Channel 2"]) as till:
        await connected(till)
        sent = publish(server, both)
        publish(server, both, "Channel 2")
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == till.heads == [sent]
        till.session.acknowledge(sent)
        assert till.head() is None


async def test_other_channels_are_not_heard(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, ["Channel 2"]) as till:
        await connected(till)
        publish(server, make_message())
        sent = publish(server, make_message(channels=["Channel 2"]), "Channel 2")
        await until(lambda: till.heads == [sent])
        assert stored(tmp_path) == [sent]


async def test_plain_text_is_shown_and_moves_no_cursor(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        server.say("Channel 1", b"Server down at 9")
        await until(lambda: till.heads)
        [text] = read_messages(tmp_path)
        assert (text.title, text.body) == ("Message on Channel 1", "Server down at 9")
        assert till.inbox.cursor("Channel 1") == START


async def test_garbage_is_passed_once_and_does_not_stop_what_follows(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"skipped something on 'Channel 1': 'malformed")
    log_guard.expect(r"log of 'Channel 1': the log ends below the cursor")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        server.append("Channel 1", b"\xff garbage")
        sent = publish(server, make_message())
        await until(lambda: till.heads == [sent])
        await until(lambda: till.caught_up(server))
    assert server.reports[-1].refused == 1  # said with the next heartbeat, here the last one
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    assert server.reports[-1].refused == 0
    assert len(log_guard.lines) == 1


async def test_the_heartbeat_says_what_is_wrong_here(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        till.session.troubles.set(Trouble.TRUSTED_KEYS)
        await until(lambda: server.reports)
        till.session.troubles.set(Trouble.SETTINGS)
        till.session.troubles.set(Trouble.TRUSTED_KEYS, there=False)
    assert [one.troubles for one in server.reports] == [["trusted-keys"], ["settings"]]


# --- the link ------------------------------------------------------------------------------------


async def test_a_lost_link_loses_nothing_and_doubles_nothing(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    sent = []
    async with running(server, tmp_path) as till:
        for _ in range(5):
            await connected(till)
            sent.append(publish(server, make_message(level=Level.IMPORTANT)))
            await until(lambda: stored(tmp_path) == sent)
            sent.append(publish(server, make_message(level=Level.IMPORTANT)))
            server.cut()
            sent.append(publish(server, make_message(level=Level.IMPORTANT)))
            await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == sent
        assert till.heads == sent[:1]


async def test_the_status_tells_how_the_link_is(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    states = []
    async with running(server, tmp_path) as till:
        assert till.session.status.state is LinkState.CONNECTING
        till.session.status_changed.connect(lambda status: states.append(status.state))
        await connected(till)
        server.cut()
        await until(lambda: len(states) == 3)
    assert states == [LinkState.CONNECTED, LinkState.RECONNECTING, LinkState.CONNECTED]


async def test_a_refusal_is_said_and_tried_again_for_ever(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"refused: The login was refused\.")
    server = FakeServer(refuse=LoginRefused(ADDRESS, "The login was refused."))
    async with running(server, tmp_path) as till:
        await until(lambda: till.session.status.state is LinkState.REFUSED)
        assert till.session.status.error is server.refuse
        server.refuse = None
        await connected(till)
        assert till.session.status.error is None
    assert len(log_guard.lines) == 1, "one line, however often it was tried"


async def test_an_unreachable_server_is_waited_for(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer(refuse=RedisUnreachable(ADDRESS, "Nothing answers."))
    async with running(server, tmp_path) as till:
        await until(lambda: till.session.status.state is LinkState.RECONNECTING)
        server.refuse = None
        sent = publish(server, make_message())
        await until(lambda: till.heads == [sent])


async def test_a_link_that_went_deaf_heals_within_a_heartbeat(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=0.05) as till:
        await connected(till)
        server.mute = True
        sent = [publish(server, make_message()) for _ in range(3)]
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == sent
        assert till.heads == sent[:1]


async def test_the_session_ends_at_once_even_if_its_link_is_lost_just_then(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    till = Till(server, tmp_path)
    with closing(till.inbox):
        task = asyncio.create_task(till.session.run())
        await connected(till)
        await until(lambda: server.reports)
        server.cut()
        await asyncio.sleep(0)
        task.cancel()
        ended, _ = await asyncio.wait([task], timeout=0.5)
        task.cancel()
        await asyncio.wait([task])
        assert ended, "the cancellation got lost"


async def test_the_heartbeat_says_who_is_there_and_the_end_says_who_left(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await until(lambda: server.reports)
        assert till.session.channels == ["*", "Channel 1"]
    first, last = server.reports
    assert (first.endpoint, first.channels, first.left) == ("JKT-014/till-1", ["Channel 1"], False)
    assert first.seen_at == server.now_ms
    assert last.left


# --- logs that break -----------------------------------------------------------------------------


async def test_what_was_trimmed_while_the_pc_was_off_is_passed(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"log of 'Channel 1': they do not: read the whole log again")
    log_guard.expect(r"log of 'Channel 1': entries were deleted before this PC could read them")
    server = FakeServer()
    first = publish(server, make_message())
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    publish(server, make_message())
    kept = [publish(server, make_message()) for _ in range(2)]
    server.trim("Channel 1", 2)
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert till.session.trimmed == ["Channel 1"]
    assert stored(tmp_path) == [first, *kept]


async def test_a_log_trimmed_to_nothing_is_said_too(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(r"log of 'Channel 1': entries after the cursor are gone for good")
    log_guard.expect(r"log of 'Channel 1': entries were deleted before this PC could read them")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    publish(server, make_message())
    server.trim("Channel 1", 0)
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert till.session.trimmed == ["Channel 1"]


async def test_a_restored_backup_is_followed_from_where_it_is(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(LOST)
    log_guard.expect(r"log of 'Channel 1': the log ends below the cursor")
    server = FakeServer()
    sent = [publish(server, make_message()) for _ in range(3)]
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        server.logs["Channel 1"] = server.logs["Channel 1"][:1]
        server.last["Channel 1"] = server.logs["Channel 1"][0].id
        server.cut()
        await until(lambda: till.caught_up(server))
        sent.append(publish(server, make_message()))
        await until(lambda: till.caught_up(server))
    assert stored(tmp_path) == sent


async def test_a_forged_frame_from_the_future_deafens_nobody(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"skipped something on 'Channel 1': 'malformed")
    log_guard.expect(r"log of 'Channel 1': the log ends below the cursor")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message())
        await until(lambda: till.caught_up(server))
        far = StreamId(server.now_ms + YEAR_MS, 0)
        server.ring(LogEntry("Channel 1", far, server.last["Channel 1"], b"{"))
        server.say("Channel 1", b"a mark behind it")
        await until(lambda: len(stored(tmp_path)) == 2)
        assert till.inbox.cursor("Channel 1") == server.last["Channel 1"], "it moved nothing"
        later = publish(server, make_message())
        await until(lambda: later in stored(tmp_path))
        assert till.caught_up(server)
        assert stored(tmp_path)[0] == sent
        near = StreamId(server.now_ms + 1000, 0)
        server.ring(LogEntry("Channel 1", near, server.last["Channel 1"], b"{"))
        await until(lambda: till.inbox.cursor("Channel 1") == near)  # every entry moves it, but
        last = publish(server, make_message())
        await until(lambda: last in stored(tmp_path))  # what comes after is a hole


async def test_a_signed_frame_that_waited_in_a_frozen_pc_is_not_lost(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=VERIFIER) as till:
        await connected(till)
        sent = publish_signed(server, message_now(server))  # the frame is in the socket
        server.now_ms += 11 * 60_000
        await until(lambda: till.heads == [sent])
        assert till.caught_up(server)
        assert [one.verified for one in read_messages(tmp_path)] == [True]
        assert server.reports[-1].refused == 0


@pytest.mark.parametrize("required", [True, False])
async def test_a_recall_that_waited_in_a_frozen_pc_holds(tmp_path: Path, required: bool) -> None:
    server = FakeServer()
    verifier = Verifier({"hq": HQ}, "siaran", required=required)
    async with running(server, tmp_path, verifier=verifier) as till:
        await connected(till)
        sent = publish_signed(server, message_now(server))
        await until(lambda: till.heads == [sent])
        recall = message_now(server, kind=Kind.RECALL, title="", body="", recalls=sent)
        publish_signed(server, recall)
        server.now_ms += 11 * 60_000
        await until(lambda: till.head() is None)
        assert state_of(tmp_path, sent) is State.RECALLED


@pytest.mark.parametrize("set_by", [HOUR_MS, -HOUR_MS])
async def test_a_server_s_clock_that_was_set_loses_nothing(tmp_path: Path, set_by: int) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=VERIFIER, heartbeat_s=0.05) as till:
        await connected(till)
        till.clock.set(server.now_ms - set_by)  # the server's was set; the PC's steady one was not
        sent = publish_signed(server, message_now(server))
        await until(lambda: till.heads == [sent])
        await until(lambda: till.clock.now_ms() == server.now_ms)  # by the next heartbeat


async def test_a_disk_that_refuses_loses_nothing(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(r"refused: The inbox .* cannot be used: disk is full")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        spoil(
            tmp_path,
            "CREATE TRIGGER full BEFORE INSERT ON messages "
            "BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
        )
        sent = publish(server, make_message())
        await until(lambda: till.session.status.state is LinkState.REFUSED)
        assert till.inbox.cursor("Channel 1") == START
        assert till.heads == []
        spoil(tmp_path, "DROP TRIGGER full;")
        await until(lambda: till.heads == [sent])


async def test_a_redis_that_takes_no_heartbeat_is_still_read(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect(r"no heartbeat: Redis is full")

    async def full(link: FakeTrayLink, report: EndpointReport) -> EndpointReport | None:
        raise RedisCannotStore(ADDRESS, "Redis is full.")

    server = FakeServer()
    monkeypatch.setattr(FakeTrayLink, "heartbeat", full)
    async with running(server, tmp_path, heartbeat_s=0.02) as till:
        await connected(till)
        sent = publish(server, make_message())
        await until(lambda: till.heads == [sent])
        assert till.session.status.state is LinkState.CONNECTED
        await until(lambda: log_guard.lines)
        server.mute = True
        missed = publish(server, make_message(level=Level.URGENT))
        await until(lambda: till.heads[-1] == missed)  # the heartbeat's comparison goes on
    assert len(log_guard.lines) == 1, "said once, not with every heartbeat"


async def test_a_crash_in_the_first_reading_does_not_move_the_endpoint_s_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    edge = publish(server, message_now(server, sent_at=server.now_ms - DAY_MS + 1000))
    read = FakeTrayLink.read_log
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    spoil(tmp_path, "DELETE FROM cursors; DELETE FROM messages;")  # as if it had crashed before
    server.now_ms += HOUR_MS
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    assert stored(tmp_path) == [edge]
    assert FakeTrayLink.read_log is read


async def test_a_whole_log_read_again_brings_nothing_from_before_the_beginning(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"log of 'Channel 1': the log ends below the cursor")
    server = FakeServer()
    publish(server, message_now(server, sent_at=server.now_ms - 3 * DAY_MS))
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        till.inbox.store([], {"Channel 1": StreamId(server.now_ms + YEAR_MS, 0)})
        server.now_ms += 1
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
    assert stored(tmp_path) == []


# --- absences ------------------------------------------------------------------------------------


async def test_after_an_absence_quiet_messages_come_as_one_digest(tmp_path: Path) -> None:
    server = FakeServer()
    quiet = [publish(server, make_message()) for _ in range(37)]
    loud = publish(server, make_message(level=Level.URGENT))
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [loud])
        till.session.acknowledge(loud)
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert digest.count == 37
        live = publish(server, make_message())
        await until(lambda: live in stored(tmp_path))
        assert till.head() == digest.id, "what comes now waits its turn"
        till.session.dismiss_digest()
        assert till.head() == live
        till.session.acknowledge(live)
        assert till.head() is None
        assert till.session.waiting() == 37, "they are in the inbox, unread"
        assert state_of(tmp_path, quiet[0]) is State.RECEIVED


async def test_three_quiet_messages_still_come_one_by_one(tmp_path: Path) -> None:
    server = FakeServer()
    sent = [publish(server, make_message()) for _ in range(3)]
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == sent[:1])
        till.session.acknowledge(sent[0])
        assert till.head() == sent[1]


async def test_what_is_open_stays_while_the_logs_are_read_again(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        first = publish(server, make_message())
        second = publish(server, make_message())
        await until(lambda: till.session.waiting() == 2)
        till.session.displayed(first)
        reading, may_read = asyncio.Event(), asyncio.Event()
        read = FakeTrayLink.read_log

        async def held(
            link: FakeTrayLink, channel: str, after: StreamId | None, count: int
        ) -> LogPage:
            reading.set()
            await may_read.wait()
            return await read(link, channel, after, count)

        monkeypatch.setattr(FakeTrayLink, "read_log", held)
        server.cut()
        await reading.wait()
        assert till.head() == first
        till.session.acknowledge(first)
        assert till.head() is None, "a recall of the second may be in the log"
        may_read.set()
        await until(lambda: till.head() == second)


async def test_a_tray_that_cannot_connect_opens_what_it_has_after_a_while(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message(level=Level.URGENT))
        await until(lambda: till.heads == [sent])
    server.refuse = RedisUnreachable(ADDRESS, "Nothing answers.")
    async with running(server, tmp_path) as till:
        await until(lambda: till.session.status.state is LinkState.RECONNECTING)
        assert till.head() is None
        server.now_ms += OFFLINE_AFTER_MS + 1
        till.session.wake()
        await until(lambda: till.heads == [sent])


async def test_a_clock_that_is_wrong_at_the_start_gives_nothing_up(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message(level=Level.URGENT))
        await until(lambda: till.heads == [sent])
    server.refuse = RedisUnreachable(ADDRESS, "Nothing answers.")
    right, server.now_ms = server.now_ms, server.now_ms + YEAR_MS  # the PC's clock, not Redis'
    async with running(server, tmp_path) as till:
        await until(lambda: till.session.status.state is LinkState.RECONNECTING)
        server.now_ms += OFFLINE_AFTER_MS + 1
        till.session.wake()
        assert till.head() is None, "by this clock it has expired"
        server.now_ms = right
        server.refuse = None
        await until(lambda: till.heads == [sent])
    assert state_of(tmp_path, sent) is State.RECEIVED


# --- who looks -----------------------------------------------------------------------------------


async def test_displayed_counts_only_in_a_session_that_somebody_sees(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message())
        await until(lambda: till.heads == [sent])
        till.session.set_attentive(False)
        till.session.displayed(sent)
        assert state_of(tmp_path, sent) is State.RECEIVED
        till.session.set_attentive(True)
        assert state_of(tmp_path, sent) is State.DISPLAYED


async def test_an_answer_that_cannot_be_written_is_written_later(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"not written down yet: .*disk is full")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message())
        await until(lambda: till.heads == [sent])
        spoil(
            tmp_path,
            "CREATE TRIGGER full BEFORE UPDATE ON messages "
            "BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
        )
        till.session.acknowledge(sent)
        assert till.head() is None, "the cashier is not asked again"
        spoil(tmp_path, "DROP TRIGGER full;")
        till.session.wake()
        await until(lambda: state_of(tmp_path, sent) is State.ACKNOWLEDGED)


async def test_what_can_never_be_written_keeps_nobody_from_hearing(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("cannot be written down: settled of ")

    def fail(inbox: Inbox, message_id: str, claim: Claim) -> None:
        raise OverflowError

    async def answers(link: FakeTrayLink, message_ids: Sequence[str]) -> list[Answer]:
        return [Answer(one, here_at=1 if one == poisoned else None) for one in message_ids]

    server = FakeServer()
    poisoned = publish(server, make_message())
    monkeypatch.setattr(FakeTrayLink, "answers", answers)
    monkeypatch.setattr(Inbox, "mark_answered", fail)
    async with running(server, tmp_path) as till:
        await connected(till)
        till.session.wake()  # notes are tried again whenever the clock is looked at
        due = publish(server, message_now(server, show_at=server.now_ms + 40))
        await until(lambda: till.caught_up(server))
        server.now_ms += 40
        await until(lambda: till.heads[-1:] == [due], within_s=3)


async def test_a_session_whose_clock_fails_ends_instead_of_going_on_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till(FakeServer(), tmp_path)
    session = asyncio.create_task(till.session.run())
    await connected(till)

    def fail(desk: Desk, now: int) -> None:
        raise RuntimeError("the clock")

    monkeypatch.setattr(Desk, "_next_change", fail)
    till.session.wake()
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(session, 5)
    assert [str(one) for one in caught.value.exceptions] == ["the clock"]
    till.inbox.close()


# --- the screen ----------------------------------------------------------------------------------


async def test_a_higher_level_takes_the_place_and_answers_move_on(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        normal = publish(server, make_message())
        await until(lambda: till.head() == normal)
        emergency = publish(server, make_message(level=Level.EMERGENCY))
        await until(lambda: till.head() == emergency)
        important = publish(server, make_message(level=Level.IMPORTANT))
        await until(lambda: till.session.waiting() == 3)
        assert till.head() == emergency
        assert till.session.place() == (1, 3)
        till.session.acknowledge(emergency)
        assert till.session.place() == (2, 3)
        till.session.acknowledge(important)
        till.session.acknowledge(normal)
        assert till.heads == [normal, emergency, important, normal]
        assert till.head() is None


async def test_what_was_acknowledged_stays_so_and_what_was_not_comes_back(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        done, painted, unseen = [publish(server, make_message()) for _ in range(3)]
        await until(lambda: till.session.waiting() == 3)
        till.session.acknowledge(done)
        till.session.displayed(painted)
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [painted])
        till.session.acknowledge(painted)
        assert till.heads == [painted, unseen]
    assert stored(tmp_path) == [done, painted, unseen]


async def test_what_expired_never_comes_to_the_screen(tmp_path: Path) -> None:
    server = FakeServer()
    dead = publish(server, make_message(level=Level.EMERGENCY, sent_at=server.now_ms - 5 * HOUR_MS))
    alive = publish(server, message_now(server))
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [alive])
    assert state_of(tmp_path, dead) is State.EXPIRED


async def test_a_message_that_expires_leaves_the_screen_by_itself(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        short = publish(server, message_now(server, expires_at=server.now_ms + 50))
        await until(lambda: till.heads == [short])
        changes: list[str | None] = []
        till.session.queue_changed.connect(lambda: changes.append(till.head()))
        server.now_ms += 50
        await until(lambda: changes == [None])
    assert state_of(tmp_path, short) is State.EXPIRED


async def test_a_message_waits_for_its_time_and_then_comes_by_itself(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        later = publish(server, message_now(server, show_at=server.now_ms + 50))
        await until(lambda: stored(tmp_path) == [later])
        assert till.head() is None
        server.now_ms += 49
        assert till.head() is None
        server.now_ms += 1
        await until(lambda: till.heads == [later])


async def test_a_message_for_later_does_not_count_as_waiting_yet(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        later = publish(server, message_now(server, show_at=server.now_ms + HOUR_MS))
        await until(lambda: stored(tmp_path) == [later])
        assert till.session.waiting() == 0


async def test_a_message_for_later_is_opened_offline_too(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(LOST)
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        later = publish(server, message_now(server, show_at=server.now_ms + 50))
        await until(lambda: stored(tmp_path) == [later])
        server.refuse = RedisUnreachable(ADDRESS, "Nothing answers.")
        server.cut()
        await until(lambda: till.session.status.state is LinkState.RECONNECTING)
        server.now_ms += 50
        await until(lambda: till.heads == [later])


async def test_a_listener_that_fails_does_not_stop_the_alarm(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("disk is full")
    server = FakeServer()
    failures: list[int] = []

    def fail_once() -> None:
        if server.now_ms == expiry and not failures:
            failures.append(1)
            raise StorageError("The disk is full.")

    async with running(server, tmp_path) as till:
        await connected(till)
        expiry = server.now_ms + 20
        publish(server, message_now(server, expires_at=expiry))
        later = publish(server, message_now(server, show_at=server.now_ms + 40))
        await until(lambda: len(stored(tmp_path)) == 2)
        till.session.queue_changed.connect(fail_once)
        server.now_ms = expiry
        await until(lambda: failures)
        server.now_ms += 20
        await until(lambda: till.heads[-1] == later, within_s=3)


async def test_a_silent_message_is_kept_without_a_popup(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        silent = publish(server, make_message(level=Level.SILENT))
        await until(lambda: stored(tmp_path) == [silent])
        assert (till.head(), till.session.waiting()) == (None, 0)


# --- channels that change ------------------------------------------------------------------------


async def test_a_new_endpoint_begins_with_the_last_day(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(r"skipped something on 'Channel 1': older than this endpoint")
    server = FakeServer()
    publish(server, message_now(server, sent_at=server.now_ms - 2 * DAY_MS))
    young = publish(server, message_now(server, sent_at=server.now_ms - HOUR_MS))
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [young])
    assert stored(tmp_path) == [young]


async def test_a_channel_given_up_and_taken_again_begins_anew(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"older than this endpoint")
    server = FakeServer()
    async with running(server, tmp_path, ["Channel 1"]) as till:
        await until(lambda: till.caught_up(server))
    publish(server, message_now(server, sent_at=server.now_ms - 2 * DAY_MS))
    async with running(server, tmp_path, ["Channel 2"]) as till:
        await until(lambda: till.caught_up(server))
    young = publish(server, message_now(server))
    async with running(server, tmp_path, ["Channel 1"]) as till:
        await until(lambda: till.caught_up(server))
    assert stored(tmp_path) == [young]


# --- all of it, in any order ---------------------------------------------------------------------

EVENTS = [
    *("publish", "publish two", "unheard", "recall", "recall unheard", "replace", "recall early"),
    *("cut", "trim", "back up", "restore", "wait", "crash"),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=25))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_readable_message_is_stored_whatever_happens(
    log_guard: LogGuard, events: list[str]
) -> None:
    log_guard.expect("")  # lives of every kind leave lines of every kind; storage is the subject
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(Story(Path(folder)).live_through(events))


class Story:
    """A server and a tray, and what happens to them."""

    def __init__(self, folder: Path) -> None:
        self.server = FakeServer()
        self.folder = folder
        self.logs: dict[str, list[LogEntry]] = {}
        self.last: dict[str, StreamId] = {}
        self.trimmed: set[StreamId] = set()
        self.sent: list[str] = []

    async def live_through(self, events: list[str]) -> None:
        """Let *events* happen; a crash ends one life of the tray and begins another."""
        while events:
            crash = events.index("crash") if "crash" in events else len(events)
            await self._one_life(events[:crash])
            events = events[crash + 1 :]

    async def _one_life(self, events: list[str]) -> None:
        async with running(self.server, self.folder, heartbeat_s=0.02) as till:
            for event in events:
                self.server.now_ms += 1
                if event == "wait":
                    await asyncio.sleep(0.003)
                else:
                    self._happen(event)
            await until(lambda: till.caught_up(self.server))
        for channel in ("*", "Channel 1"):
            self._has_all(channel)

    def _happen(self, event: str) -> None:
        server = self.server
        server.mute = event.endswith("unheard")
        if event in ("publish", "unheard"):
            self.sent.append(publish(server, message_now(server)))
        elif event.startswith("recall") or event == "replace":
            self._take_back(event)
        elif event == "publish two":
            publish(server, message_now(server, channels=["*"]), "*")
            publish(server, message_now(server, level=Level.URGENT))
        elif event == "cut":
            server.cut()
        elif event == "trim":
            entries = server.logs.setdefault("Channel 1", [])
            self.trimmed |= {entry.id for entry in entries[: (len(entries) + 1) // 2]}
            server.trim("Channel 1", len(entries) // 2)
        elif event == "back up":
            self.logs = {name: list(entries) for name, entries in server.logs.items()}
            self.last = dict(server.last)
        elif event == "restore":
            server.logs = {name: self._untrimmed(self.logs[name]) for name in self.logs}
            server.last = dict(self.last)
            server.cut()

    def _take_back(self, event: str) -> None:
        if event == "recall early":  # of what comes later, by a log that is read before
            early = message_now(self.server)
            order = message_now(self.server, kind=Kind.RECALL, recalls=early.id, channels=["*"])
            publish(self.server, order, "*")
            publish(self.server, early)
        elif self.sent and event == "replace":
            new = message_now(self.server, replaces=self.sent.pop())
            self.sent.append(publish(self.server, new))
        elif self.sent:
            publish(
                self.server, message_now(self.server, kind=Kind.RECALL, recalls=self.sent.pop())
            )

    def _untrimmed(self, entries: list[LogEntry]) -> list[LogEntry]:
        """What a backup brings back: nothing whose retention is over."""
        return [entry for entry in entries if entry.id not in self.trimmed]

    def _has_all(self, channel: str) -> None:
        """Every message that can be read is here, and what was taken back asks nobody."""
        entries = self.server.logs.get(channel, [])
        read = [decode_payload(decode_envelope(entry.envelope).payload) for entry in entries]
        assert {one.id for one in read if one.kind is Kind.MESSAGE} <= set(stored(self.folder))
        gone = {one.recalls or one.replaces for one in read}
        waiting = [one.id for one in read_messages(self.folder) if one.state in WAITING_STATES]
        assert gone.isdisjoint(waiting)
