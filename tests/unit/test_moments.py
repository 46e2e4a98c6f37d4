"""Times as people write them on a command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from admin_app.moments import Moment, read_moment
from shared.model import DAY_MS, HOUR_MS

NOW = 1_795_500_000_000


@pytest.fixture(autouse=True)
def jakarta(set_zone: Callable[[str], None]) -> None:
    """A PC east of UTC."""
    set_zone("Asia/Jakarta")


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("+2h", 2 * HOUR_MS),
        ("+90s", 90_000),
        ("+1d12h", 36 * HOUR_MS),
        ("+0s", 0),
        (" +5m ", 300_000),
    ],
)
def test_a_span_counts_from_another_time(text: str, ms: int) -> None:
    assert read_moment(text) == Moment(ms, relative=True)
    assert read_moment(text).after(NOW) == NOW + ms


@pytest.mark.parametrize(
    "text",
    ["2026-11-24T08:00", "2026-11-24T01:00Z", "2026-11-24 08:00:00+07:00", "20261124T0800"],
)
def test_a_moment_is_of_this_pc_s_time_zone_unless_it_names_one(text: str) -> None:
    assert read_moment(text).after(0) == read_moment(text).ms == 1_795_482_000_000


def test_a_day_begins_at_midnight_here() -> None:
    assert read_moment("2026-11-25").ms - read_moment("2026-11-24").ms == DAY_MS
    assert read_moment("2026-11-24").ms == 1_795_482_000_000 - 8 * HOUR_MS


@pytest.mark.parametrize(
    "text", ["nothing", "+", "2h", "+2", "+2w", "tomorrow", "08:00", "+1h1d", "9999999"]
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


def test_times_after_and_around_a_change_of_clocks_are_by_the_clock_of_then(
    set_zone: Callable[[str], None],
) -> None:
    """In the gap, so much later; of two, the first (RFC 5545, 3.3.5)."""
    set_zone("Europe/Berlin")
    for here, there in (
        ("2026-03-28T09:00", "2026-03-28T08:00Z"),
        ("2026-03-29T02:30", "2026-03-29T01:30Z"),
        ("2026-03-30T09:00", "2026-03-30T07:00Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30Z"),
        ("2026-10-26T09:00", "2026-10-26T08:00Z"),
    ):
        assert read_moment(here) == read_moment(there)
