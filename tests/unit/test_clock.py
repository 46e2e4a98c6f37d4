"""Redis' time on a PC whose own clock may be anything, and Redis' clock too."""

from __future__ import annotations

import pytest

from shared.clock import (
    FIRM_MS,
    JUMP_MS,
    SETTLED_AFTER_MS,
    ClockMemory,
    RedisClock,
    steady_ms,
    wall_ms,
)
from shared.model import DAY_MS, HOUR_MS

YEAR_MS = 365 * 86_400_000
NOW = 1_800_000_000_000
MINUTE_MS = 60_000


class Pc:
    """A PC's two clocks and Redis' clock, turned by the test."""

    def __init__(self, wrong_by: int = 0) -> None:
        self.wall = NOW + wrong_by
        self.steady = 5_000
        self.redis = NOW

    def pass_ms(self, ms: int) -> None:
        """Let time pass on all clocks."""
        self.wall += ms
        self.steady += ms
        self.redis += ms

    def clock(self, memory: ClockMemory | None = None) -> RedisClock:
        """A Redis clock on this PC."""
        return RedisClock(wall=lambda: self.wall, steady=lambda: self.steady, memory=memory)

    def connected(self) -> RedisClock:
        """A clock that has asked Redis."""
        clock = self.clock()
        clock.set(self.redis)
        return clock

    def restarted(self, clock: RedisClock) -> RedisClock:
        """The clock of the program's next start, after the PC was switched off and on."""
        memory = clock.memory()
        self.steady = 0
        return self.clock(memory)

    def beat(self, clock: RedisClock, ms: int = 0) -> None:
        """Heartbeats for so long, one a minute."""
        clock.set(self.redis)
        for _ in range(ms // MINUTE_MS):
            self.pass_ms(MINUTE_MS)
            clock.set(self.redis)


def test_before_redis_was_asked_the_pcs_clock_has_to_do() -> None:
    clock = Pc().clock()
    assert (clock.now(), clock.synchronised) == ((NOW, NOW), False)


@pytest.mark.parametrize("jump", [-YEAR_MS, YEAR_MS])
def test_setting_the_pcs_clock_does_not_move_redis_time(jump: int) -> None:
    pc = Pc()
    clock = pc.clock()
    clock.set(NOW + 60_000)
    pc.wall += jump
    assert clock.now() == (NOW + 60_000, NOW + 60_000)
    pc.pass_ms(1234)
    assert clock.now_ms() == NOW + 61_234
    assert clock.synchronised


@pytest.mark.parametrize("change", [5, -JUMP_MS, JUMP_MS])
def test_a_change_of_up_to_an_hour_is_followed_at_once(change: int) -> None:
    pc = Pc(wrong_by=YEAR_MS)
    clock = pc.connected()
    clock.set(NOW + change)
    assert clock.now() == (NOW + change, NOW + change)
    assert not clock.in_doubt


@pytest.mark.parametrize("jump", [-100 * DAY_MS, -5 * HOUR_MS, 5 * HOUR_MS, 100 * DAY_MS])
def test_a_larger_jump_is_not_believed_and_gone_without_a_trace(jump: int) -> None:
    pc = Pc(wrong_by=-YEAR_MS)
    clock = pc.connected()
    pc.redis += jump
    pc.beat(clock, 8 * MINUTE_MS)
    assert clock.in_doubt
    assert clock.believed_ms() == NOW + 8 * MINUTE_MS
    assert clock.redis_ms() == NOW + jump + 8 * MINUTE_MS
    assert clock.agreed_ms() == min(clock.now())
    pc.redis -= jump
    pc.beat(clock)
    assert not clock.in_doubt
    assert clock.now() == (NOW + 8 * MINUTE_MS, NOW + 8 * MINUTE_MS)


def test_a_jump_is_believed_when_heartbeats_say_the_same_for_ten_minutes() -> None:
    pc = Pc(wrong_by=-YEAR_MS)
    clock = pc.connected()
    pc.redis += 100 * DAY_MS
    pc.beat(clock, SETTLED_AFTER_MS)
    assert not clock.in_doubt
    assert clock.believed_ms() == pc.redis


def test_a_clock_that_jumps_about_is_never_believed() -> None:
    pc = Pc(wrong_by=-YEAR_MS)
    clock = pc.connected()
    for minute in range(60):
        pc.pass_ms(MINUTE_MS)
        clock.set(pc.redis + (100 + minute % 2) * DAY_MS)
    assert clock.in_doubt
    assert clock.believed_ms() == pc.redis


def test_a_jump_that_the_pcs_clock_agrees_with_is_believed_at_once() -> None:
    pc = Pc()
    pc.redis -= 5 * HOUR_MS  # Redis was wrong from the beginning
    clock = pc.connected()
    pc.redis += 5 * HOUR_MS
    pc.beat(clock)
    assert clock.now() == (NOW, NOW)


def test_a_jump_that_is_undone_is_known_by_a_pcs_clock_that_is_wrong_itself() -> None:
    pc = Pc(wrong_by=-3 * HOUR_MS - YEAR_MS)
    clock = pc.connected()
    pc.redis += 100 * DAY_MS
    pc.beat(clock, SETTLED_AFTER_MS)
    assert clock.believed_ms() == pc.redis
    pc.redis -= 100 * DAY_MS
    clock = pc.restarted(clock)
    pc.beat(clock)
    assert not clock.in_doubt
    assert clock.believed_ms() == pc.redis


@pytest.mark.parametrize("wrong_by", [-YEAR_MS, 0, YEAR_MS])
def test_what_an_earlier_run_knew_holds_until_redis_is_asked(wrong_by: int) -> None:
    pc = Pc(wrong_by)
    clock = pc.restarted(pc.connected())
    pc.pass_ms(10_000)
    assert clock.now() == (NOW + 10_000, NOW + 10_000)
    assert not clock.synchronised
    pc.redis += 100 * DAY_MS
    clock.set(pc.redis)
    assert clock.in_doubt
    assert clock.believed_ms() == NOW + 10_000


def test_a_pc_that_has_lost_its_clock_believes_redis_at_its_start() -> None:
    pc = Pc()
    memory = pc.connected().memory()
    pc.pass_ms(DAY_MS)
    pc.wall, pc.steady = NOW - 5 * YEAR_MS, 0
    clock = pc.clock(memory)
    assert clock.believed_ms() == NOW, "no earlier than it was"
    clock.set(pc.redis)
    assert clock.now() == (pc.redis, pc.redis)


def test_nothing_may_be_deleted_until_time_has_not_jumped_for_a_week() -> None:
    pc = Pc()
    clock = pc.connected()
    assert clock.firm_ms() == 0
    pc.pass_ms(FIRM_MS)
    clock = pc.restarted(clock)
    pc.beat(clock)
    assert clock.firm_ms() == clock.believed_ms() == pc.redis
    pc.redis += 100 * DAY_MS
    pc.beat(clock)
    assert clock.firm_ms() == 0, "in doubt"
    pc.beat(clock, SETTLED_AFTER_MS)
    assert (clock.in_doubt, clock.firm_ms()) == (False, 0)


def test_time_never_falls_below_a_genuine_message() -> None:
    pc = Pc()
    clock = pc.connected()
    assert clock.hear_signed(NOW - 1000)
    pc.redis -= 30 * DAY_MS
    pc.beat(clock, SETTLED_AFTER_MS)
    floor = NOW - 1000 + SETTLED_AFTER_MS
    assert clock.redis_ms() == pc.redis, "what heartbeats say"
    assert clock.now() == (floor, floor), "a floor that time goes on from"
    clock = pc.restarted(clock)
    pc.beat(clock)
    assert clock.now() == (floor, floor)


def test_a_message_from_the_future_moves_nothing() -> None:
    clock = Pc().connected()
    assert not clock.hear_signed(NOW + 1)
    assert not Pc(wrong_by=-YEAR_MS).connected().hear_signed(NOW - 1), "nothing speaks for the time"


def test_a_floor_that_was_wrong_goes_when_redis_and_the_pc_agree() -> None:
    pc = Pc(wrong_by=100 * DAY_MS)
    pc.redis += 100 * DAY_MS  # both are wrong
    clock = pc.connected()
    assert clock.hear_signed(pc.redis)
    pc.redis -= 100 * DAY_MS
    pc.wall -= 100 * DAY_MS
    pc.beat(clock)
    assert clock.now() == (NOW, NOW)


def test_two_answers_of_one_moment_give_one_time() -> None:
    """A clock that ticks between taking the first answer and using it made it the later one."""
    ticks = iter(range(5_000, 6_000))
    clock = RedisClock(wall=lambda: NOW, steady=lambda: next(ticks))
    assert [clock.set(NOW), clock.set(NOW), clock.set(NOW + 1)] == [NOW, NOW, NOW + 1]


def test_a_person_can_say_that_redis_is_right() -> None:
    pc = Pc()
    clock = pc.connected()
    clock.hear_signed(NOW)
    pc.redis -= 30 * DAY_MS
    clock = pc.restarted(clock)
    clock.trust_redis()
    pc.beat(clock)
    assert clock.now() == (pc.redis, pc.redis)


@pytest.mark.parametrize("said", [-1, 2**63, 10**30])
def test_what_no_clock_says_is_no_error(said: int) -> None:
    clock = Pc().connected()
    clock.set(said)
    assert clock.believed_ms() == NOW


def test_the_real_clocks_run_forwards_in_milliseconds() -> None:
    assert steady_ms() <= steady_ms()
    assert wall_ms() > 1_700_000_000_000
