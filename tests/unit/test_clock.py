"""Redis' time on a PC whose own clock may be anything."""

from __future__ import annotations

import pytest

from shared.clock import RedisClock, steady_ms, wall_ms

YEAR_MS = 365 * 86_400_000
NOW = 1_800_000_000_000


class Pc:
    """A PC's two clocks, turned by the test."""

    def __init__(self) -> None:
        self.wall = NOW
        self.steady = 5_000

    def pass_ms(self, ms: int) -> None:
        """Let time pass on both clocks."""
        self.wall += ms
        self.steady += ms

    def clock(self) -> RedisClock:
        """A Redis clock on this PC."""
        return RedisClock(wall=lambda: self.wall, steady=lambda: self.steady)


def test_before_redis_was_asked_the_pcs_clock_has_to_do() -> None:
    clock = Pc().clock()
    assert (clock.now_ms(), clock.offset_ms(), clock.synchronised) == (NOW, 0, False)


@pytest.mark.parametrize("jump", [-YEAR_MS, YEAR_MS])
def test_setting_the_pcs_clock_does_not_move_redis_time(jump: int) -> None:
    pc = Pc()
    clock = pc.clock()
    clock.set(NOW + 60_000)
    pc.wall += jump
    assert clock.now_ms() == NOW + 60_000
    pc.pass_ms(1234)
    assert clock.now_ms() == NOW + 61_234
    assert clock.synchronised


def test_a_second_reading_corrects_the_first() -> None:
    pc = Pc()
    clock = pc.clock()
    clock.set(NOW)
    pc.pass_ms(1000)
    clock.set(NOW + 5)
    assert clock.now_ms() == NOW + 5


@pytest.mark.parametrize("wrong_by", [-YEAR_MS, 0, YEAR_MS])
def test_the_offset_of_an_earlier_run_holds_until_redis_is_asked(wrong_by: int) -> None:
    pc = Pc()
    pc.wall += wrong_by
    before = pc.clock()
    before.set(NOW)
    kept = before.offset_ms()
    assert kept == -wrong_by

    pc.wall += 10_000
    pc.steady = 0  # the PC was switched off and on
    after = pc.clock()
    after.restore_offset(kept)
    assert after.now_ms() == NOW + 10_000
    after.set(NOW + 10_500)
    assert after.now_ms() == NOW + 10_500


def test_a_kept_offset_never_replaces_what_redis_said() -> None:
    clock = Pc().clock()
    clock.set(NOW)
    clock.restore_offset(YEAR_MS)
    assert clock.now_ms() == NOW


def test_a_kept_offset_does_not_count_as_having_asked_redis() -> None:
    clock = Pc().clock()
    clock.restore_offset(1000)
    assert not clock.synchronised


def test_the_real_clocks_run_forwards_in_milliseconds() -> None:
    assert steady_ms() <= steady_ms()
    assert wall_ms() > 1_700_000_000_000
