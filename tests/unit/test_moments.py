"""Times as people write them on a command line."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from admin_app.moments import Moment, read_moment
from shared.model import DAY_MS, HOUR_MS

NOW = 1_795_500_000_000


@pytest.fixture(autouse=True)
def jakarta(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PC east of UTC."""
    monkeypatch.setenv("TZ", "Asia/Jakarta")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


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
