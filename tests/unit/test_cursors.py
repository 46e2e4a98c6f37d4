"""Following a log: each rule by example, then all of them against a server that does its worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.cursors import (
    FrameStep,
    ReadStep,
    ReadVerdict,
    after_whole_log,
    on_frame,
    on_read,
)
from shared.model import START, StreamId

FOLLOWS, BROKEN = ReadVerdict.FOLLOWS, ReadVerdict.BROKEN
RESTARTED, TRIMMED = ReadVerdict.RESTARTED, ReadVerdict.TRIMMED


@dataclass(frozen=True)
class Entry:
    """One log entry, or its live frame."""

    id: StreamId
    previous: StreamId
    message: int = 0


def at(ms: int) -> StreamId:
    """A log id."""
    return StreamId(ms, 0)


def entry(ms: int, previous: int) -> Entry:
    """An entry after another one."""
    return Entry(at(ms), at(previous))


# --- live frames ---------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [False, True])
def test_a_frame_that_follows_the_cursor_moves_it(known: bool) -> None:
    assert on_frame(at(5), entry(6, 5), known=known) == FrameStep(at(6), read_log=False)


def test_the_first_frame_of_a_new_log_follows_an_empty_one() -> None:
    assert on_frame(START, entry(6, 0)) == FrameStep(at(6), read_log=False)


@pytest.mark.parametrize("known", [False, True])
def test_a_frame_past_a_gap_leaves_the_cursor_and_asks_for_the_log(known: bool) -> None:
    assert on_frame(at(5), entry(8, 7), known=known) == FrameStep(at(5), read_log=True)


def test_a_frame_before_the_first_reading_asks_for_the_log() -> None:
    assert on_frame(None, entry(6, 0)) == FrameStep(None, read_log=True)


def test_the_live_copy_of_what_was_read_already_is_no_hole() -> None:
    assert on_frame(at(5), entry(5, 4), known=True) == FrameStep(at(5), read_log=False)
    assert on_frame(at(5), entry(3, 2), known=True) == FrameStep(at(5), read_log=False)


def test_an_unknown_frame_below_the_cursor_asks_for_the_log() -> None:
    assert on_frame(at(5), entry(3, 2)) == FrameStep(at(5), read_log=True)


@pytest.mark.parametrize("ms", [5, 4])
def test_a_frame_that_follows_the_cursor_backwards_does_not_move_it(ms: int) -> None:
    assert on_frame(at(5), entry(ms, 5)) == FrameStep(at(5), read_log=True)


# --- readings ------------------------------------------------------------------------------------


def test_the_first_reading_ends_at_its_last_entry_or_at_the_logs_end() -> None:
    assert on_read(None, at(6), [entry(5, 0), entry(6, 5)]) == ReadStep(FOLLOWS, at(6))
    assert on_read(None, at(6), []) == ReadStep(FOLLOWS, at(6))
    assert on_read(None, None, []) == ReadStep(FOLLOWS, START)


def test_the_first_reading_may_begin_after_a_trim() -> None:
    assert on_read(None, at(9), [entry(9, 8)]) == ReadStep(FOLLOWS, at(9))


def test_entries_that_continue_the_cursor_move_it() -> None:
    assert on_read(at(5), at(7), [entry(6, 5), entry(7, 6)]) == ReadStep(FOLLOWS, at(7))


def test_entries_younger_than_the_asked_end_count_too() -> None:
    assert on_read(at(5), at(6), [entry(6, 5), entry(7, 6)]) == ReadStep(FOLLOWS, at(7))


def test_nothing_new_leaves_the_cursor() -> None:
    assert on_read(at(5), at(5), []) == ReadStep(FOLLOWS, at(5))
    assert on_read(START, None, []) == ReadStep(FOLLOWS, START)


def test_entries_that_do_not_continue_the_cursor_mean_the_whole_log() -> None:
    assert on_read(at(5), at(8), [entry(8, 7)]) == ReadStep(BROKEN, at(5))


@pytest.mark.parametrize("last", [at(4), None])
def test_a_log_that_ends_below_the_cursor_means_the_whole_log(last: StreamId | None) -> None:
    assert on_read(at(5), last, []) == ReadStep(RESTARTED, at(5))


def test_what_was_trimmed_after_the_cursor_is_passed() -> None:
    assert on_read(at(5), at(9), []) == ReadStep(TRIMMED, at(9))


def test_after_the_whole_log_the_cursor_is_its_end_backwards_too() -> None:
    assert after_whole_log(at(4), [entry(3, 2), entry(4, 3)]) == at(4)
    assert after_whole_log(at(4), [entry(3, 2)]) == at(4)
    assert after_whole_log(at(4), [entry(4, 3), entry(5, 4)]) == at(5)
    assert after_whole_log(at(4), []) == at(4)
    assert after_whole_log(None, []) == START


# --- all rules together --------------------------------------------------------------------------


@dataclass(frozen=True)
class Backup:
    """What a restored server remembers."""

    entries: tuple[Entry, ...]
    last: StreamId | None
    history: frozenset[StreamId]


@dataclass
class Server:
    """One log as Redis keeps it, its live frames under way, and an operator who breaks things.

    ``history``: every id of the branch that the log is on now, trimmed ones too. Two branches never
    give one id to two entries: that would take the same millisecond on two servers.
    """

    entries: list[Entry] = field(default_factory=list)
    last: StreamId | None = None
    history: set[StreamId] = field(default_factory=set)
    frames: list[Entry] = field(default_factory=list)
    clock: int = 100
    messages: int = 0
    used: set[StreamId] = field(default_factory=set)
    trimmed: set[StreamId] = field(default_factory=set)

    def publish(self, message: int | None = None) -> None:
        """Store a new message, or an old one again, and ring the bell."""
        if message is None:
            self.messages += 1
            message = self.messages
        previous = self.last or START
        new = max(StreamId(self.clock, 0), StreamId(previous.ms, previous.seq + 1))
        while new in self.used:
            new = StreamId(new.ms, new.seq + 1)
        self.used.add(new)
        self.history.add(new)
        self.last = new
        self.entries.append(Entry(new, previous, message))
        self.frames.append(self.entries[-1])

    def trim(self, keep: int) -> None:
        """Drop the oldest entries, whose retention is over; the last id stays."""
        gone = len(self.entries) - keep
        self.trimmed |= {one.id for one in self.entries[:gone]}
        self.entries = self.entries[gone:]

    def delete(self) -> None:
        """Lose the log altogether; Redis' clock goes on."""
        self.entries, self.last, self.history = [], None, set()
        self.clock = max([self.clock, *(one.ms + 1 for one in self.used)])

    def backup(self) -> Backup:
        """Remember the log as it is."""
        return Backup(tuple(self.entries), self.last, frozenset(self.history))

    def restore(self, backup: Backup, clock: int) -> None:
        """Go back to an older state, on a machine whose clock may be behind."""
        self.entries = [one for one in backup.entries if one.id not in self.trimmed]
        self.last = backup.last
        self.history = set(backup.history)
        self.clock = clock


class LinkGone(Exception):
    """The link is lost, or the tray crashes, in the middle of a reading."""


@dataclass
class Client:
    """What survives a crash: the cursor and the stored messages. Reads as ``TraySession`` does."""

    server: Server
    cursor: StreamId | None = None
    stored: set[int] = field(default_factory=set)
    disturb: Callable[[], None] = lambda: None

    def hear(self, frame: Entry) -> bool:
        """Take one live frame; whether the log has to be read."""
        step = on_frame(self.cursor, frame, known=frame.message in self.stored)
        self.stored.add(frame.message)
        self.cursor = step.cursor
        return step.read_log

    def catch_up(self, page: int) -> None:
        """``TraySession._catch_up``."""
        while True:
            cursor = self.cursor
            last, entries = self._read(cursor, page)
            if self.cursor != cursor:
                continue
            step = on_read(cursor, last, entries)
            if step.verdict is not FOLLOWS:
                return self._read_whole_log(page)
            self._store(entries, step.cursor)
            if len(entries) < page:
                return None

    def _read_whole_log(self, page: int) -> None:
        after: StreamId | None = None
        while True:
            last, entries = self._read(after, page)
            if len(entries) < page:
                return self._store(entries, after_whole_log(last, entries))
            self._store(entries, self.cursor)
            after = entries[-1].id

    def _read(self, after: StreamId | None, page: int) -> tuple[StreamId | None, list[Entry]]:
        self.disturb()
        last = self.server.last
        entries = [one for one in self.server.entries if after is None or one.id > after][:page]
        self.disturb()  # the two are read in one transaction
        return last, entries

    def _store(self, entries: list[Entry], cursor: StreamId | None) -> None:
        self.stored |= {one.message for one in entries}
        self.cursor = cursor


class FollowingALog(RuleBasedStateMachine):
    """A tray that must miss nothing, whatever happens between it and the log."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.client = Client(self.server)
        self.backups = [self.server.backup()]
        self.hole = False

    # --- the server ---

    @rule(passed=st.integers(0, 5))
    def publish(self, passed: int) -> None:
        self.server.clock += passed
        self.server.publish()

    @precondition(lambda self: self.server.messages)
    @rule(data=st.data())
    def publish_an_old_message_again(self, data: st.DataObject) -> None:
        self.server.publish(data.draw(st.integers(1, self.server.messages)))

    @rule(keep=st.integers(0, 4))
    def trim(self, keep: int) -> None:
        self.server.trim(min(keep, len(self.server.entries)))

    @rule()
    def delete_the_log(self) -> None:
        self.server.delete()

    @rule()
    def back_up(self) -> None:
        self.backups.append(self.server.backup())

    @rule(data=st.data(), behind=st.integers(-2, 12))
    def restore(self, data: st.DataObject, behind: int) -> None:
        backup = data.draw(st.sampled_from(self.backups))
        self.server.restore(backup, self.server.clock - behind)

    @rule(data=st.data(), behind=st.integers(0, 6), unheard=st.integers(0, 2))
    def fail_over_to_a_slow_replica(self, data: st.DataObject, behind: int, unheard: int) -> None:
        """Its clock is behind until somebody sets it; nobody hears what it says."""
        now = self.server.clock
        self.restore(data, behind)
        for _ in range(unheard):
            self.server.publish()
        self.server.clock = now + 1
        self.server.publish()
        self.server.frames.clear()

    # --- the wire ---

    @precondition(lambda self: self.server.frames)
    @rule(data=st.data(), twice=st.booleans())
    def deliver_a_frame(self, data: st.DataObject, twice: bool) -> None:
        place = data.draw(st.integers(0, len(self.server.frames) - 1))
        frame = self.server.frames[place] if twice else self.server.frames.pop(place)
        self.hole |= self.client.hear(frame)
        assert frame.message in self.client.stored, "a frame is shown at once, gap or not"

    @precondition(lambda self: self.server.frames)
    @rule(data=st.data())
    def drop_frames(self, data: st.DataObject) -> None:
        del self.server.frames[: data.draw(st.integers(1, len(self.server.frames)))]

    @rule(follows=st.booleans(), ahead=st.integers(1, 10_000))
    def forge_a_frame(self, follows: bool, ahead: int) -> None:
        previous = self.client.cursor if follows and self.client.cursor else at(7)
        forged = Entry(StreamId(self.server.clock + ahead, 999_999), previous, message=-1)
        self.hole |= self.client.hear(forged)

    # --- the tray ---

    @rule(page=st.integers(1, 4))
    def catch_up(self, page: int) -> None:
        self.client.catch_up(page)
        self.hole = False
        self._has_everything()

    @rule(page=st.integers(1, 4))
    def heartbeat(self, page: int) -> None:
        if self.server.last is not None and self.server.last != self.client.cursor:
            self.client.catch_up(page)
            self._at_the_end()
        self._has_everything()

    @rule(page=st.integers(1, 4))
    def crash_and_start_again(self, page: int) -> None:
        self.server.frames.clear()
        self.client = Client(self.server, self.client.cursor, set(self.client.stored))
        self.catch_up(page)
        self._at_the_end()

    @rule(
        page=st.integers(1, 3),
        events=st.lists(
            st.sampled_from(["", "publish", "deliver", "newest", "trim", "delete", "gone"]),
            max_size=8,
        ),
    )
    def catch_up_while_things_happen(self, page: int, events: list[str]) -> None:
        coming = iter(events)
        self.client.disturb = lambda: self._happen(coming)
        try:
            self.client.catch_up(page)
        except LinkGone:
            self.server.frames.clear()
        finally:
            self.client.disturb = lambda: None

    def _happen(self, coming: Iterator[str]) -> None:
        event = next(coming, "")
        if event == "publish":
            self.server.publish()
        elif event == "trim":
            self.server.trim(len(self.server.entries) // 2)
        elif event == "delete":
            self.server.delete()
        elif event == "gone":
            raise LinkGone
        elif event and self.server.frames:
            self.client.hear(self.server.frames.pop(0 if event == "deliver" else -1))

    # --- what must hold ---

    def _has_everything(self) -> None:
        assert {one.message for one in self.server.entries} <= self.client.stored

    def _at_the_end(self) -> None:
        assert self.client.cursor == (self.server.last or START)

    @invariant()
    def the_cursor_passes_nothing_unread(self) -> None:
        """A cursor of another branch, or a forged one, is healed by the next reading instead."""
        cursor = self.client.cursor
        if cursor in self.server.history:
            passed = {one.message for one in self.server.entries if one.id <= cursor}
            assert passed <= self.client.stored


FollowingALog.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
test_nothing_is_missed_whatever_happens = FollowingALog.TestCase
