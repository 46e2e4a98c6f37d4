"""What others wrote in this PC's name is contradicted once, and an honest session never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.clock import RedisClock
from shared.model import DAY_MS
from shared.receipts import Answer, Receipt
from tests.conftest import LogGuard
from tests.fakes import make_message
from tray_client import witness
from tray_client.inbox import Inbox
from tray_client.records import NewMessage
from tray_client.witness import Witness

START = 1_800_000_000_000
BEAT_MS = 60_000
LATER = START + 3_600_000


class Till:
    """A session's inbox, its witness, and what Redis has in its name."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.clock = RedisClock(wall=lambda: self.now, steady=lambda: self.now)
        self.inbox = Inbox(folder)
        self.entries: dict[str, Receipt] = {}
        self.words: dict[str, Receipt] = {}
        self.begin()

    def begin(self) -> None:
        """Start the program."""
        self.witness = Witness(self.inbox, self.clock, heartbeat_s=60)
        self.witness.note_others(heard=True)

    def message(self, sent_at: int = LATER) -> str:
        """A message that was received, shown and reported."""
        self.now = max(self.now, sent_at)
        one = make_message(sent_at=sent_at)
        self.inbox.store([NewMessage(one, "Channel 1", True, self.now, sent_at + 7 * DAY_MS)])
        self.inbox.mark_displayed(one.id, self.now)
        self.report(one.id)
        return one.id

    def report(self, message_id: str) -> None:
        """Tell Redis; a stage that is there already keeps its first time."""
        mine = self.inbox.receipt(message_id)
        assert mine is not None
        there = self.entries.get(message_id)
        if there is None or there.acknowledged_at is None:
            self.entries[message_id] = mine
        self.inbox.mark_reported([mine])

    def answer(self, message_id: str) -> Answer:
        return Answer(
            message_id,
            entry=self.entries.get(message_id),
            contradiction=self.words.get(message_id),
        )

    def forge(self, message_id: str, **changes: object) -> None:
        """Somebody writes in this PC's name."""
        there = self.entries.get(message_id) or Receipt(message_id, START, START)
        self.entries[message_id] = replace(there, **changes)  # type: ignore[arg-type]

    def see(self, message_id: str) -> None:
        """A look outside of a heartbeat."""
        self.witness.see(self.answer(message_id))

    def beat(self) -> list[Receipt]:
        """A heartbeat: look, and say what has to be said; returns that."""
        self.now += int(0.8 * BEAT_MS)
        for message_id in self.witness.to_look_at():
            self.see(message_id)
        truths = self.witness.objections()
        self.words |= {one.message_id: one for one in truths}
        self.witness.objected([self.answer(one.message_id) for one in truths])
        return truths

    def said(self, beats: int = 4) -> list[Receipt]:
        """What is said in so many heartbeats."""
        return [one for _ in range(beats) for one in self.beat()]


@pytest.fixture
def till(tmp_path: Path, log_guard: LogGuard) -> Iterator[Till]:
    log_guard.expect("somebody else wrote a receipt in this PC's name")
    one = Till(tmp_path)
    yield one
    one.inbox.close()


def forged_answer(**changes: object) -> dict[str, object]:
    return {"acknowledged_at": LATER + 5, "os_user": "sari", **changes}


def test_an_acknowledgement_that_nobody_gave_is_contradicted_at_the_second_heartbeat(
    till: Till,
) -> None:
    name = till.message()
    assert till.said() == []
    till.forge(name, **forged_answer())
    till.see(name)
    assert till.witness.objections() == []
    assert till.beat() + till.beat() == [till.inbox.receipt(name)]
    assert till.words[name].acknowledged_at is None
    assert till.said() == []


def test_what_was_written_before_the_first_receipt_is_noticed_too(till: Till) -> None:
    one = make_message(sent_at=LATER)
    till.forge(one.id, **forged_answer())
    till.inbox.store([NewMessage(one, "Channel 1", True, LATER, LATER + DAY_MS)])
    till.report(one.id)
    assert [truth.acknowledged_at for truth in till.said()] == [None]


@pytest.mark.parametrize(
    "changes",
    [{"reply": "No"}, {"os_user": "budi"}, {"acknowledged_at": LATER - 1}],
    ids=["reply", "user", "time"],
)
def test_another_answer_than_the_one_given_is_contradicted(
    till: Till, changes: dict[str, object]
) -> None:
    name = till.message()
    till.inbox.mark_acknowledged(name, LATER + 9, "sari", "Yes")
    till.report(name)
    assert till.said() == []
    till.witness.see(Answer(name, entry=Receipt(name, 0, 0)))
    till.forge(name, **changes)
    assert [(one.acknowledged_at, one.os_user, one.reply) for one in till.said()] == [
        (LATER + 9, "sari", "Yes")
    ]


@pytest.mark.parametrize("closed", ["", "expired", "recalled"])
def test_an_answer_that_was_overwritten_is_said_again(till: Till, closed: str) -> None:
    name = till.message(START - DAY_MS)
    till.inbox.mark_acknowledged(name, START + 9, "sari")
    till.report(name)
    till.forge(name, acknowledged_at=None, os_user="", closed=closed)
    assert [one.acknowledged_at for one in till.said()] == [START + 9]


@pytest.mark.parametrize("gone", [{"received_at": 0}, {"displayed_at": None}])
def test_an_entry_that_lacks_what_was_confirmed_is_contradicted(
    till: Till, gone: dict[str, object]
) -> None:
    till.witness.note_others(heard=False)  # it needs no other session's word
    name = till.message(START - DAY_MS)
    assert till.said() == []
    till.forge(name, **gone)
    assert [one.displayed_at for one in till.said()] == [START]


def test_an_end_that_a_waiting_message_has_not_come_to_is_contradicted(till: Till) -> None:
    name = till.message()
    till.forge(name, closed="expired")
    assert [one.closed for one in till.said()] == [""]


def test_it_is_said_again_only_if_that_was_changed_too(till: Till) -> None:
    name = till.message()
    till.forge(name, **forged_answer())
    assert len(till.said()) == 1
    till.words[name] = replace(till.words[name], acknowledged_at=LATER + 5, os_user="sari")
    assert len(till.said(2)) == 1
    assert till.words[name].acknowledged_at is None
    del till.words[name]
    assert len(till.said(2)) == 1


def test_a_false_contradiction_of_a_true_receipt_is_put_right(till: Till) -> None:
    name = till.message()
    till.see(name)
    till.inbox.mark_acknowledged(name, LATER + 9, "sari")
    till.report(name)
    till.words[name] = Receipt(name, LATER, LATER)
    assert [one.acknowledged_at for one in till.said()] == [LATER + 9]


def test_what_a_person_does_later_follows_also_after_a_restart(till: Till) -> None:
    name = till.message()
    till.forge(name, **forged_answer())
    till.said()
    till.begin()
    till.inbox.mark_acknowledged(name, LATER + 90, "sari")
    till.report(name)
    assert [one.acknowledged_at for one in till.said()] == [LATER + 90]


# --- other sessions of this PC -------------------------------------------------------------------


def told(till: Till, message_id: str, at: int) -> None:
    """Another session has told this one by the way between sessions."""
    till.inbox._db.execute("UPDATE messages SET told_at = ? WHERE id = ?", (at, message_id))


def test_an_answer_that_another_session_told_is_not_contradicted(till: Till) -> None:
    name = till.message()
    till.see(name)
    till.forge(name, **forged_answer(os_user="budi"))
    till.beat()
    told(till, name, LATER + 5)  # later than its receipt, but within a heartbeat
    assert till.said() == []


def test_two_sessions_that_both_answered_do_not_contradict_each_other(till: Till) -> None:
    name = till.message()
    till.see(name)
    till.forge(name, **forged_answer(os_user="budi"))
    till.inbox.mark_acknowledged(name, LATER + 9, "sari")
    till.report(name)
    told(till, name, LATER + 5)
    assert till.said() == []
    till.forge(name, acknowledged_at=LATER + 6)
    assert len(till.said()) == 1


def test_an_answer_of_a_session_that_was_there_before_is_not_contradicted(till: Till) -> None:
    """Budi answered and logged off; then Sari logs on, whose inbox has the message open."""
    name = till.message(START - DAY_MS)
    till.forge(name, acknowledged_at=START - DAY_MS + 50, os_user="budi")
    assert till.said() == []
    till.inbox.mark_acknowledged(name, START + 9, "sari")
    till.report(name)
    assert till.said() == []


def test_an_answer_of_today_would_have_been_told(till: Till) -> None:
    name = till.message(START - DAY_MS)
    till.forge(name, acknowledged_at=LATER, os_user="budi")
    assert len(till.said()) == 1


def test_where_sessions_cannot_tell_each_other_no_answer_is_contradicted(till: Till) -> None:
    till.witness.note_others(heard=False)
    name = till.message()
    till.forge(name, **forged_answer())
    assert till.said() == []


def test_what_was_written_while_another_session_could_not_be_heard_is_not_contradicted(
    till: Till,
) -> None:
    name = till.message()
    till.see(name)
    till.witness.note_others(heard=False)
    till.forge(name, **forged_answer(os_user="budi"))
    assert till.said(1) == []
    till.witness.note_others(heard=True)
    assert till.said() == []
    later = till.message(till.now + 3_600_000)
    till.forge(later, acknowledged_at=till.now, os_user="budi")
    assert len(till.said()) == 1


def test_what_ended_otherwise_in_another_session_is_not_contradicted(till: Till) -> None:
    name = till.message()
    till.inbox.mark_closed(name)
    till.forge(name, closed="expired")
    assert till.said() == []


# --- how much ------------------------------------------------------------------------------------


def test_the_newest_are_looked_at_with_every_heartbeat_and_the_others_in_turn(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "NEWEST", 3)
    monkeypatch.setattr(witness, "OTHERS", 2)
    names = [till.message(LATER + number) for number in range(8)]
    looks = [till.witness.to_look_at() for _ in range(4)]
    assert all(look[:3] == names[:-4:-1] and len(look) == 5 for look in looks)
    assert set().union(*looks[:3]) == set(names)


def test_what_redis_did_not_take_is_said_again(till: Till) -> None:
    name = till.message()
    till.forge(name, **forged_answer())
    till.beat()
    till.beat()
    till.words.clear()
    till.begin()
    till.witness.see(Answer(name, entry=Receipt(name, 0, 0)))
    assert len(till.said()) == 1


def test_what_nobody_is_told_of_is_not_compared(till: Till) -> None:
    one = make_message()
    plain = NewMessage(one, "Channel 1", False, START, START + DAY_MS, reportable=False)
    till.inbox.store([plain])
    till.forge(one.id, **forged_answer())
    till.see(one.id)
    till.see("never heard of")
    assert till.said() == []
