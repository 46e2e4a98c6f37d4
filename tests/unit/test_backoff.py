"""Waiting before the next attempt: doubling ceilings, full jitter, a cap, for ever."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from shared.backoff import BASE_S, CAP_S, STABLE_S, delays, was_stable


def test_ceilings_double_up_to_the_cap() -> None:
    ceilings = list(islice(delays(lambda low, high: high), 9))
    assert ceilings == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_the_jitter_is_full() -> None:
    assert list(islice(delays(lambda low, high: low), 50)) == [0.0] * 50


@given(st.integers(1, 40))
def test_drawn_delays_stay_within_their_ceiling(attempt: int) -> None:
    for number, delay in enumerate(islice(delays(), attempt)):
        assert 0 <= delay <= min(CAP_S, BASE_S * 2**number)


def test_base_and_cap_can_be_chosen() -> None:
    chosen = delays(lambda low, high: high, base_s=1, cap_s=3)
    assert list(islice(chosen, 4)) == [1, 2, 3, 3]


def test_only_a_link_that_held_lets_the_delays_begin_anew() -> None:
    assert was_stable(STABLE_S)
    assert not was_stable(STABLE_S - 0.001)
