"""Trays while Redis' clock, or the PC's, is wrong: nothing ends, nothing is lost, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared import RELEASED_MS
from shared.bus import Trouble
from shared.clock import SETTLED_AFTER_MS, RedisClock
from shared.errors import StorageError
from shared.model import DAY_MS, HOUR_MS, Level
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer, make_message
from tests.unit.tills import (
    VERIFIER,
    Till,
    connected,
    message_now,
    publish,
    publish_signed,
    running,
    signed_by_head_office,
    state_of,
    stored,
)
from tray_client.inbox import Inbox, read_messages
from tray_client.records import State
from tray_client.rules import Rules
from tray_client.session import TELL_AGAIN_FACT

JUMPS = [
    pytest.param(sign * size, id=f"{sign * size // 60_000} min")
    for size in (60_000, HOUR_MS, 5 * HOUR_MS, 100 * DAY_MS)
    for sign in (1, -1)
]
FAST = 0.02
"""Seconds between heartbeats."""


async def heard(till: Till, server: FakeServer) -> None:
    """Wait until the tray knows what Redis' clock says now."""
    await until(lambda: abs(till.clock.redis_ms() - server.clock_ms) < 1000)


async def settle(till: Till, server: FakeServer) -> None:
    """Let heartbeats say the same for so long that it is believed."""
    await heard(till, server)
    for _ in range(12):
        server.now_ms += SETTLED_AFTER_MS // 10
        await heard(till, server)
        beats = len(server.reports)
        await until(lambda beats=beats: len(server.reports) >= beats + 2)  # type: ignore[misc]


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("stays", [False, True], ids=["for a moment", "for good"])
async def test_a_jump_of_redis_clock_ends_nothing_and_an_emergency_comes_at_once(
    tmp_path: Path, log_guard: LogGuard, jump: int, stays: bool
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST, verifier=VERIFIER) as till:
        await connected(till)
        waiting = [publish_signed(server, message_now(server, title=str(n))) for n in range(5)]
        later = publish_signed(server, message_now(server, show_at=server.now_ms + 2 * HOUR_MS))
        await until(lambda: len(stored(tmp_path)) == 6)
        server.wrong_by = jump
        await (settle(till, server) if stays else heard(till, server))
        sent_at = till.clock.believed_ms()  # as a console does, which believes as slowly
        emergency = message_now(server, sent_at=sent_at, level=Level.EMERGENCY)
        publish_signed(server, emergency)
        await until(lambda: till.head() == emergency.id)
        server.wrong_by = 0
        await heard(till, server)
        if stays:
            await settle(till, server)
        assert till.head() == emergency.id
        till.session.acknowledge(emergency.id)
        await until(lambda: till.head() == waiting[0])
        assert stored(tmp_path) == [*waiting, later, emergency.id]
        assert state_of(tmp_path, later) is State.RECEIVED
        for one in waiting:
            assert till.head() == one
            till.session.acknowledge(one)
        assert till.head() is None
        server.now_ms += 2 * HOUR_MS
        await until(lambda: till.head() == later)


async def test_what_a_wrong_clock_has_ended_for_good_comes_back_with_the_right_one(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        end = server.now_ms + DAY_MS  # somebody has said until when
        sent = publish(server, message_now(server, expires_at=end))
        await until(lambda: till.heads == [sent])
        server.wrong_by = 100 * DAY_MS
        await settle(till, server)
        await until(lambda: state_of(tmp_path, sent) is State.EXPIRED)
        assert till.head() is None
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        assert till.head() is None
        server.wrong_by = 0
        await settle(till, server)
        await until(lambda: till.head() == sent)
        assert stored(tmp_path) == [sent]


async def test_what_came_and_expired_while_a_wrong_clock_was_believed_stays_over(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    """Its end lies 100 days ahead by the right time, but its four hours are over."""
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        server.wrong_by = 100 * DAY_MS
        await settle(till, server)
        believed = till.clock.believed_ms()
        sent = publish(server, message_now(server, sent_at=believed, level=Level.EMERGENCY))
        await until(lambda: till.head() == sent)
        server.now_ms += 5 * HOUR_MS
        await until(lambda: till.head() is None)
        assert state_of(tmp_path, sent) is State.EXPIRED
        server.wrong_by = 0
        await settle(till, server)
        assert till.clock.believed_ms() == server.now_ms
        assert till.head() is None
        assert state_of(tmp_path, sent) is State.EXPIRED


@pytest.mark.parametrize("wrong_by", [0, -3 * HOUR_MS])
async def test_what_came_by_a_clock_that_was_mended_at_night_is_over_in_the_morning(
    tmp_path: Path, log_guard: LogGuard, wrong_by: int
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST, wrong_by=wrong_by) as till:
        await connected(till)
        server.wrong_by = 100 * DAY_MS
        await settle(till, server)
        sent = []
        for _ in range(2):
            at = till.clock.believed_ms()
            sent.append(publish(server, message_now(server, sent_at=at, level=Level.EMERGENCY)))
            await until(lambda: len(stored(tmp_path)) == len(sent))
            server.now_ms += 3 * HOUR_MS
        await until(lambda: till.head() == sent[1])
        assert state_of(tmp_path, sent[0]) is State.EXPIRED
    server.wrong_by = 0
    server.now_ms += 8 * HOUR_MS
    async with running(server, tmp_path, heartbeat_s=FAST, wrong_by=wrong_by) as till:
        await connected(till)
        assert not till.clock.in_doubt
        assert till.heads == []
        await until(lambda: state_of(tmp_path, sent[1]) is State.EXPIRED)
        assert state_of(tmp_path, sent[0]) is State.EXPIRED


async def test_a_pc_whose_clock_was_mended_at_night_still_asks_for_what_waited(
    tmp_path: Path,
) -> None:
    """Time seems to go back there, too, but what waits came before the time that it is now."""
    server = FakeServer()
    async with running(server, tmp_path, wrong_by=-7 * HOUR_MS) as till:
        await connected(till)
        sent = publish(server, message_now(server, level=Level.EMERGENCY))
        await until(lambda: till.head() == sent)
    server.now_ms += 2 * HOUR_MS
    async with running(server, tmp_path, wrong_by=0) as till:
        await connected(till)
        await until(lambda: till.head() == sent)
        server.now_ms += 3 * HOUR_MS
        assert till.head() is None


async def test_what_only_a_doubted_clock_kept_from_opening_opens_with_the_right_one(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        server.wrong_by = 5 * HOUR_MS
        await heard(till, server)
        server.mute = True  # it is found in the log, so that nothing says that it is of this moment
        sent = publish(server, message_now(server, level=Level.EMERGENCY))
        await until(lambda: sent in stored(tmp_path))
        assert till.heads == []
        server.wrong_by = 0
        await until(lambda: till.heads == [sent])


async def test_what_the_disk_refuses_when_time_jumps_is_done_over_the_next_link(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("Redis' clock|cannot be used")
    server = FakeServer(wrong_by=100 * DAY_MS)
    refusals = 2

    def refuse(inbox: Inbox, now_ms: int, begins_at: int) -> list[str]:
        nonlocal refusals
        if server.wrong_by == 0 and refusals:
            refusals -= 1
            raise StorageError("The inbox cannot be used.", "Make room.")
        return time_went_back(inbox, now_ms, begins_at)

    time_went_back = Inbox.time_went_back
    monkeypatch.setattr(Inbox, "time_went_back", refuse)
    early = publish(server, message_now(server))
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        assert stored(tmp_path) == []
        server.wrong_by = 0
        await until(lambda: refusals == 0)
        await until(lambda: stored(tmp_path) == [early])


@pytest.mark.parametrize("what", ["put off", "put away"])
async def test_a_digest_is_not_kept_away_by_a_clock_that_was_ahead(
    tmp_path: Path, log_guard: LogGuard, what: str
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    level = Level.NORMAL if what == "put off" else Level.URGENT
    rules = Rules(popups_per_minute=1)
    async with running(server, tmp_path, heartbeat_s=FAST, rules=rules) as till:
        await connected(till)
        server.wrong_by = 100 * DAY_MS
        await settle(till, server)
        end = server.now_ms + DAY_MS
        for number in range(3):
            publish(server, message_now(server, level=level, expires_at=end + 100 * DAY_MS))
            await until(lambda number=number: len(stored(tmp_path)) > number)  # type: ignore[misc]
        till.session.acknowledge(till.head() or "")
        digest = till.head() or ""
        assert digest.startswith("digest")
        if what == "put off":
            till.session.snooze(digest, 5)
        else:
            till.session.dismiss_digest(digest)
        assert till.head() is None
        server.wrong_by = 0
        await settle(till, server)
        assert till.clock.believed_ms() == server.now_ms
        server.now_ms += HOUR_MS
        await until(lambda: till.head() == digest)


async def test_a_doubt_is_told_to_head_office_and_taken_back(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        server.wrong_by = 2 * DAY_MS
        await until(lambda: [one.troubles for one in server.reports[-1:]] == [[Trouble.CLOCK]])
        assert server.reports[-1].seen_at >= server.clock_ms, "heartbeats are by Redis' clock"
        server.wrong_by = 0
        await until(lambda: server.reports[-1].troubles == [])


async def test_receipts_are_told_again_after_a_jump(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        sent = publish(server, message_now(server))
        await until(lambda: sent in server.receipts)
        till.session.acknowledge(sent)
        await until(lambda: server.receipts[sent].acknowledged_at is not None)
        server.wrong_by = 100 * DAY_MS
        await heard(till, server)
        server.receipts.clear()  # Redis has expired them by its own clock
        server.wrong_by = 0
        await until(lambda: sent in server.receipts)
        assert server.receipts[sent].acknowledged_at is not None


@pytest.mark.parametrize("undone", ["before it is switched off", "while it is off"])
async def test_receipts_are_told_again_though_the_pc_was_off_meanwhile(
    tmp_path: Path, log_guard: LogGuard, undone: str
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        till.session._uniform = lambda low, high: high if high > 100 else low
        await connected(till)
        sent = publish(server, message_now(server))
        await until(lambda: sent in server.receipts)
        till.session.acknowledge(sent)
        await until(lambda: server.receipts[sent].acknowledged_at is not None)
        server.wrong_by = 100 * DAY_MS
        await heard(till, server)
        if undone == "before it is switched off":
            server.wrong_by = 0
            await heard(till, server)
    server.wrong_by = 0
    server.receipts.clear()  # Redis has expired them by its own clock
    server.by_endpoint.clear()
    server.now_ms += HOUR_MS  # more than what a new link tells again anyway
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        await until(lambda: sent in server.receipts)
        assert server.receipts[sent].acknowledged_at is not None
        await until(lambda: till.inbox.fact(TELL_AGAIN_FACT) == "")


async def test_a_channel_first_read_while_time_was_ahead_is_not_deaf_afterwards(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer(wrong_by=100 * DAY_MS)
    early = publish(server, message_now(server))
    async with running(server, tmp_path, heartbeat_s=FAST) as till:
        await connected(till)
        server.wrong_by = 0
        await settle(till, server)
        sent = publish(server, message_now(server))
        await until(lambda: sent in stored(tmp_path))
        await until(lambda: early in stored(tmp_path))


async def test_a_pc_that_starts_for_the_first_time_while_redis_is_wrong_loses_nothing(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    """It believes Redis at once, and head office, which does not, seems to speak from the past."""
    log_guard.expect("Redis' clock")
    server = FakeServer(wrong_by=100 * DAY_MS)
    async with running(server, tmp_path, heartbeat_s=FAST, verifier=VERIFIER) as till:
        await connected(till)
        sent = publish_signed(server, message_now(server, level=Level.EMERGENCY))
        server.wrong_by = 0
        await settle(till, server)
        await until(lambda: till.head() == sent)


@pytest.mark.parametrize("years", [-6, 6])
async def test_a_pc_whose_clock_is_wrong_by_years_at_every_start_shows_and_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard, years: int
) -> None:
    log_guard.expect("Redis' clock")
    server = FakeServer()
    starts = 0

    def booted(*, memory: object = None, **_: object) -> RedisClock:
        nonlocal starts
        starts += 1
        begun = server.now_ms
        wall = begun + years * 365 * DAY_MS + starts * DAY_MS
        return RedisClock(
            wall=lambda: wall + server.now_ms - begun,
            steady=lambda: server.now_ms - begun,
            memory=memory,  # type: ignore[arg-type]
        )

    monkeypatch.setattr("tests.unit.tills.RedisClock", booted)
    for _ in range(3):
        async with running(server, tmp_path, heartbeat_s=FAST, verifier=VERIFIER) as till:
            await connected(till)
            sent = publish_signed(server, message_now(server, level=Level.EMERGENCY))
            await until(lambda sent=sent: till.head() == sent)  # type: ignore[misc]
            server.now_ms += 4 * HOUR_MS
            await until(lambda: till.head() is None)
        server.now_ms += 8 * HOUR_MS


async def test_a_genuine_message_of_a_month_ago_is_not_shown_as_new(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    """Whoever owns Redis sets its clock back and stores again what was sent then."""
    log_guard.expect("Redis' clock|skipped something|log of ")
    server = FakeServer()
    old = message_now(server, level=Level.EMERGENCY, title="Evacuate")
    other = FakeServer(now_ms=server.now_ms)
    publish_signed(other, old)
    async with running(server, tmp_path, verifier=VERIFIER, wrong_by=0) as till:
        await connected(till)  # it was there, and did not get that message
    server.now_ms += 30 * DAY_MS
    async with running(server, tmp_path, heartbeat_s=FAST, verifier=VERIFIER, wrong_by=0) as till:
        await connected(till)
        seen = publish_signed(server, message_now(server))
        await until(lambda: till.heads == [seen])
        till.session.acknowledge(seen)
        server.wrong_by = -30 * DAY_MS
        await settle(till, server)
        publish_signed(server, old)
        server.logs["Channel 1"][-1] = other.logs["Channel 1"][-1]
        await until(lambda: till.caught_up(server))
        assert till.head() is None
    server.logs["Channel 1"] = other.logs["Channel 1"]
    server.last["Channel 1"] = other.last["Channel 1"]
    async with running(server, tmp_path, heartbeat_s=FAST, verifier=VERIFIER, wrong_by=0) as till:
        await connected(till)
        await settle(till, server)
        assert till.head() is None
        assert till.heads == []
    states = [one.state for one in read_messages(tmp_path) if one.id == old.id]
    assert states == [State.EXPIRED]


@pytest.mark.parametrize("after_release", [True, False], ids=["newer", "older"])
async def test_what_remains_a_pc_that_never_had_a_message_may_take_an_old_one_for_new(
    tmp_path: Path, log_guard: LogGuard, after_release: bool
) -> None:
    """Whoever owns Redis sets its clock back; only the age of this version bounds how far."""
    log_guard.expect("Redis' clock|skipped something|log of ")
    sent_at = RELEASED_MS + (5 if after_release else -5) * DAY_MS
    server = FakeServer(now_ms=RELEASED_MS + 40 * DAY_MS, wrong_by=0)
    server.wrong_by = sent_at - server.now_ms
    old = make_message(sent_at=sent_at, level=Level.EMERGENCY, title="Evacuate")
    entry = server.append("Channel 1", signed_by_head_office(old))
    server.logs["Channel 1"][-1] = replace(entry, stored_at=sent_at)
    async with running(server, tmp_path, verifier=VERIFIER, wrong_by=0) as till:
        await until(lambda: till.caught_up(server))
        assert (till.head() == old.id) is after_release
