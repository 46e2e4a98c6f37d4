"""The reach curve: how near what is read off the counters comes to what happened."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.reach import SHARES, reach_of
from shared.receipts import BUCKETS_PER_OCTAVE, FIRST_BUCKET_MS, Counts, Stage

TIMES = st.lists(st.integers(0, 10 * 24 * 3_600_000), min_size=1, max_size=60)


def counted(times: list[int], expected: int | None = None) -> Counts:
    """The counters of endpoints that displayed it after *times* (ms)."""
    buckets = Counter(
        math.floor(BUCKETS_PER_OCTAVE * math.log2(max(at, FIRST_BUCKET_MS))) for at in times
    )
    reach = {Stage.DISPLAYED: dict(sorted(buckets.items()))}
    return Counts(expected, received=len(times), displayed=len(times), reach=reach)


@given(TIMES)
def test_a_time_read_off_is_within_a_twelfth_of_the_true_one(times: list[int]) -> None:
    reach = reach_of(counted(times), Stage.DISPLAYED)
    ordered = sorted(times)
    for share in SHARES:
        true = ordered[math.ceil(len(ordered) * share - 1e-9) - 1]
        found = reach.time_to(share)
        assert found is not None
        assert abs(found - true) <= max(true * 0.0906, FIRST_BUCKET_MS) + 9


@given(TIMES, st.integers(0, 100))
def test_the_curve_rises_to_what_was_counted(times: list[int], more: int) -> None:
    reach = reach_of(counted(times, len(times) + more), Stage.DISPLAYED)
    points = reach.points
    assert points[0].count == 0
    assert all(a.elapsed_ms < b.elapsed_ms for a, b in itertools.pairwise(points))
    assert all(a.count <= b.count for a, b in itertools.pairwise(points))
    assert (reach.count, reach.of) == (len(times), len(times) + more)
    assert reach.share(points[-1]) <= 1


@pytest.mark.parametrize(
    ("expected", "half", "most"),
    [(10, 1000, 2000), (20, 2000, None), (None, 1000, 2000), (100, None, None), (3, 1000, 2000)],
)
def test_shares_are_of_who_was_expected_or_of_whoever_came(
    expected: int | None, half: int | None, most: int | None
) -> None:
    reach = reach_of(counted([1000] * 5 + [2000] * 5, expected), Stage.DISPLAYED)
    for share, about in ((0.5, half), (0.95, most)):
        found = reach.time_to(share)
        assert found == about or (found and about and abs(found - about) < 0.1 * about)


def test_nothing_counted_is_no_curve() -> None:
    reach = reach_of(Counts(), Stage.ACKNOWLEDGED)
    assert (reach.points, reach.count, reach.time_to(0.5)) == ((), 0, None)
