"""The message's values: ids that sort by time, times that follow from level and retention."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model import DAY_MS, HOUR_MS, UUID7, Level, StreamId, new_message_id
from tests.fakes import make_message

RETENTION_MS = 7 * DAY_MS
numbers = st.integers(0, 2**64 - 1)


@given(numbers, numbers)
def test_a_log_id_is_read_as_it_is_written(ms: int, seq: int) -> None:
    entry = StreamId(ms, seq)
    assert StreamId.parse(str(entry)) == StreamId.parse(str(entry).encode()) == entry


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1-", "-1", "1-1-1", "1 -1", " 1-1", "1-1\n", "+1-1", "a-1", "1_0-1"),
        *("\u0661-1", "18446744073709551616-0", "0-18446744073709551616", "9" * 50 + "-0"),
    ],
)
def test_what_is_no_log_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"log id|ascii"):
        StreamId.parse(text)
    with pytest.raises(ValueError, match=r"log id|ascii"):
        StreamId.parse(text.encode())


def test_log_ids_are_ordered_as_numbers() -> None:
    written = ["0-0", "0-2", "0-10", "2-0", "10-0", "10-1"]
    assert sorted(map(StreamId.parse, reversed(written))) == list(map(StreamId.parse, written))


def test_message_ids_have_the_form_of_a_uuid_version_7() -> None:
    drawn = {new_message_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(UUID7.fullmatch(one) for one in drawn)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_message_ids_sort_by_their_time(one: int, other: int) -> None:
    first, second = new_message_id(one), new_message_id(other)
    assert int(first.replace("-", "")[:12], 16) == one
    if one != other:
        assert (first < second) == (one < other)


@pytest.mark.parametrize(
    ("level", "lives_ms"),
    [
        (Level.SILENT, RETENTION_MS),
        (Level.NORMAL, RETENTION_MS),
        (Level.IMPORTANT, RETENTION_MS),
        (Level.URGENT, 24 * HOUR_MS),
        (Level.EMERGENCY, 4 * HOUR_MS),
    ],
)
def test_how_long_a_message_lives_depends_on_its_level(level: Level, lives_ms: int) -> None:
    message = make_message(level=level, sent_at=1000)
    assert message.dies_at(RETENTION_MS) == 1000 + lives_ms
    assert message.dies_at(HOUR_MS) == 1000 + HOUR_MS, "never longer than the retention"


def test_a_life_is_counted_from_when_the_message_may_be_opened() -> None:
    waiting = make_message(sent_at=1000, show_at=5000, level=Level.EMERGENCY)
    late = make_message(sent_at=9000, show_at=5000)
    assert (waiting.due_at(), late.due_at()) == (5000, 9000)
    assert waiting.dies_at() == 5000 + 4 * HOUR_MS


def test_expires_at_decides_alone() -> None:
    assert make_message(sent_at=1000, show_at=5000, expires_at=2000).dies_at(HOUR_MS) == 2000


def test_ranks_rise_with_loudness() -> None:
    order = [Level.SILENT, Level.NORMAL, Level.IMPORTANT, Level.URGENT, Level.EMERGENCY]
    assert [level.rank for level in order] == [0, 1, 2, 3, 4]
