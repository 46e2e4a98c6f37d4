"""Recall, replace, remind: what they do to messages that are here, that come later, or never."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.model import HOUR_MS, Message, new_message_id
from tests.conftest import LogGuard
from tests.fakes import make_message
from tray_client.claims import Claim
from tray_client.inbox import FILE_NAME, Inbox
from tray_client.orders import MAX_REMEMBERED
from tray_client.records import Arrived, InboxMessage, NewMessage, Recall, Reminder, State

NOW = 1_800_000_000_000
OTHERS = r"an order about .* did not go to its channels"


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An open inbox."""
    opened = Inbox(tmp_path)
    yield opened
    opened.close()


def new(message: Message) -> NewMessage:
    """*message* as it arrives."""
    return NewMessage(message, message.channels[0], True, NOW, NOW + HOUR_MS)


def recall(message: Message, *channels: str) -> Recall:
    """A recall of *message*, to its channels or to others."""
    return Recall(message.id, new_message_id(), channels or tuple(message.channels), NOW + 1)


def remind(message: Message, at: int, *channels: str) -> Reminder:
    """A reminder of *message*."""
    return Reminder(message.id, channels or tuple(message.channels), at)


def now_in(inbox: Inbox, message: Message) -> InboxMessage:
    """*message* as the inbox has it."""
    found = inbox.get(message.id)
    assert found is not None
    return found


# --- recall --------------------------------------------------------------------------------------


@pytest.mark.parametrize("painted", [False, True])
def test_a_recall_closes_what_waits_and_the_receipt_tells_whether_it_was_seen(
    inbox: Inbox, painted: bool
) -> None:
    message = make_message()
    inbox.store([new(message)])
    if painted:
        inbox.mark_displayed(message.id, NOW + 5)
    order = recall(message)
    [closed] = inbox.store([order])
    assert (closed.state, closed.closed_by) == (State.RECALLED, order.by)
    [receipt] = inbox.unreported(10)
    assert (receipt.closed, receipt.displayed_at) == ("recalled", NOW + 5 if painted else None)
    inbox.mark_reported([receipt])
    assert inbox.unreported(10) == []


def test_what_was_answered_or_has_expired_stays_so(inbox: Inbox) -> None:
    answered, expired = make_message(), make_message()
    inbox.store([new(answered), new(expired)])
    inbox.mark_acknowledged(answered.id, NOW + 5)
    inbox.expire(NOW + HOUR_MS)
    assert inbox.store([recall(answered), recall(expired)]) == []
    assert now_in(inbox, answered).state is State.ACKNOWLEDGED
    assert now_in(inbox, expired).state is State.EXPIRED


def test_a_recall_that_comes_first_is_remembered_over_a_restart(
    inbox: Inbox, tmp_path: Path
) -> None:
    message, again = make_message(), make_message()
    inbox.store([recall(message), recall(message), recall(again)])
    inbox.close()
    with closing(Inbox(tmp_path)) as later:
        [prevented] = later.store([new(message)])
        assert (prevented.state, prevented.displayed_at) == (State.RECALLED, None)
        assert later.unreported(10)[0].closed == "recalled"
        assert later.waiting() == []
        assert later.store([new(message)]) == [], "it is known now"


def test_an_order_holds_only_for_what_went_to_its_channels(
    inbox: Inbox, log_guard: LogGuard
) -> None:
    log_guard.expect(OTHERS)
    wide = make_message(channels=["Channel 1", "Kasir"])
    everywhere = make_message(channels=["*"])
    early = make_message(channels=["Channel 1", "Kasir"])
    inbox.store([new(wide), new(everywhere)])
    for message in (wide, everywhere):
        assert inbox.store([recall(message, "Channel 1"), remind(message, NOW, "Kasir")]) == []
    inbox.store([recall(early, "Channel 1")])
    [shown] = inbox.store([new(early)])
    assert shown.state is State.RECEIVED
    for message in (wide, everywhere, early):
        [closed] = inbox.store([recall(message, "*")])
        assert closed.state is State.RECALLED


def test_what_a_key_vouches_for_is_changed_only_by_what_one_vouches_for(
    inbox: Inbox, log_guard: LogGuard
) -> None:
    log_guard.expect(r"an order about .* that no key vouches for")
    signed, early = make_message(), make_message()
    strange = NewMessage(make_message(), "Channel 1", False, NOW, NOW + HOUR_MS)
    inbox.store([new(signed), strange])
    orders: list[Arrived] = [
        replace(recall(signed), verified=False),
        replace(remind(signed, NOW), verified=False),
        NewMessage(make_message(replaces=signed.id), "Channel 1", False, NOW, NOW + HOUR_MS),
        replace(recall(early), verified=False),
        new(early),
        replace(recall(strange.message), verified=False),
    ]
    changed = {one.id: one.state for one in inbox.store(orders)}
    assert changed.pop(strange.message.id) is State.RECALLED
    assert now_in(inbox, signed).state is State.RECEIVED
    assert set(changed.values()) == {State.RECEIVED}
    [closed] = inbox.store([recall(signed)])
    assert closed.state is State.RECALLED


def test_remembered_recalls_are_bounded(inbox: Inbox, tmp_path: Path) -> None:
    first, last = make_message(), make_message()
    strangers = [recall(make_message()) for _ in range(MAX_REMEMBERED - 1)]
    inbox.store([recall(first), *strangers, recall(last)])
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        [(count,)] = db.execute("SELECT count(*) FROM recalls")
    assert count == MAX_REMEMBERED
    assert [one.state for one in inbox.store([new(first), new(last)])] == [
        State.RECEIVED,
        State.RECALLED,
    ]


def test_a_copy_without_a_signature_shadows_no_recall(inbox: Inbox) -> None:
    message = make_message()
    signed = recall(message)
    inbox.store([replace(signed, verified=False, channels=("*", "Elsewhere")), signed])
    inbox.store([replace(signed, verified=False)])
    [shown] = inbox.store([new(message)])
    assert (shown.state, shown.closed_by) == (State.RECALLED, signed.by)


def test_unsigned_recalls_of_nothing_push_no_signed_one_out(inbox: Inbox, tmp_path: Path) -> None:
    message = make_message()
    inbox.store([recall(message)])
    unsigned = [replace(recall(make_message()), verified=False) for _ in range(MAX_REMEMBERED)]
    inbox.store(unsigned)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        [(count,)] = db.execute("SELECT count(*) FROM recalls")
    assert count == MAX_REMEMBERED
    assert [one.state for one in inbox.store([new(message)])] == [State.RECALLED]


# --- replace -------------------------------------------------------------------------------------


def test_a_replacement_closes_the_first_and_is_asked_anew(inbox: Inbox) -> None:
    first = make_message()
    second = make_message(replaces=first.id, title="New")
    inbox.store([new(first)])
    closed, fresh = inbox.store([new(second)])
    assert (closed.state, closed.closed_by) == (State.RECALLED, second.id)
    assert (fresh.state, fresh.replaces) == (State.RECEIVED, first.id)
    assert inbox.store([new(second)]) == [], "the same again does nothing"
    assert [one.id for one in inbox.waiting()] == [second.id]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_of_a_chain_only_the_last_is_left_in_whatever_order_it_comes(
    inbox: Inbox, order: tuple[int, ...]
) -> None:
    first = make_message()
    second = make_message(replaces=first.id)
    third = make_message(replaces=second.id)
    chain = [first, second, third]
    for number in order:
        inbox.store([new(chain[number])])
    assert [one.id for one in inbox.waiting()] == [third.id]


def test_an_answered_message_is_replaced_by_a_question_of_its_own(inbox: Inbox) -> None:
    first = make_message()
    inbox.store([new(first)])
    inbox.mark_acknowledged(first.id, NOW)
    second = make_message(replaces=first.id)
    assert [one.id for one in inbox.store([new(second)])] == [second.id]
    assert now_in(inbox, first).state is State.ACKNOWLEDGED


def test_a_replacement_for_fewer_channels_closes_nothing(inbox: Inbox, log_guard: LogGuard) -> None:
    log_guard.expect(OTHERS)
    first = make_message(channels=["Channel 1", "Kasir"])
    second = make_message(channels=["Channel 1"], replaces=first.id)
    inbox.store([new(first), new(second)])
    assert len(inbox.waiting()) == 2


def test_a_message_that_replaces_itself_is_a_message(inbox: Inbox) -> None:
    message = make_message()
    odd = make_message(id=message.id, replaces=message.id)
    [shown] = inbox.store([new(odd)])
    assert shown.state is State.RECEIVED


# --- remind --------------------------------------------------------------------------------------


def test_a_reminder_asks_again_once_and_ends_a_snooze(inbox: Inbox) -> None:
    message = make_message()
    inbox.store([new(message)])
    inbox.snooze(message.id, NOW + HOUR_MS, HOUR_MS)
    [asked] = inbox.store([remind(message, NOW + 7)])
    assert (asked.reminded_at, asked.snoozed_until) == (NOW + 7, 0)
    assert inbox.store([remind(message, NOW + 7), remind(message, NOW + 3)]) == []
    assert len(inbox.store([remind(message, NOW + 9)])) == 1


def test_nobody_is_reminded_of_what_is_answered_or_unknown(inbox: Inbox) -> None:
    answered, closed, elsewhere, unknown = (make_message() for _ in range(4))
    inbox.store([new(answered), new(closed), new(elsewhere)])
    inbox.mark_acknowledged(answered.id, NOW)
    inbox.mark_closed(closed.id)
    inbox.mark_answered(elsewhere.id, Claim("JKT-014/till-2", reply="Yes"))
    four = [remind(one, NOW + 7) for one in (answered, closed, elsewhere, unknown)]
    assert inbox.store(four) == []


# --- what is told --------------------------------------------------------------------------------


def test_only_what_head_office_counts_is_told_anew(inbox: Inbox) -> None:
    closed, elsewhere, late = (make_message() for _ in range(3))
    inbox.store([new(closed), new(elsewhere), new(late)])
    for message in (closed, elsewhere):
        inbox.mark_displayed(message.id, NOW + 1)
    told = inbox.unreported(10)
    inbox.mark_displayed(late.id, NOW + 2)  # while the receipts are on their way
    inbox.mark_reported(told)
    inbox.mark_closed(closed.id)
    inbox.mark_answered(elsewhere.id, Claim("JKT-014/till-2", reply="Yes"))
    assert [one.message_id for one in inbox.unreported(10)] == [late.id]
    assert now_in(inbox, elsewhere).answered_by == "JKT-014/till-2"
    assert now_in(inbox, elsewhere).reply == "Yes"


def test_the_reply_is_told(inbox: Inbox) -> None:
    message = make_message(replies=["Yes", "No"])
    [stored] = inbox.store([new(message)])
    assert stored.replies == ("Yes", "No")
    inbox.mark_acknowledged(message.id, NOW, "sari", "No")
    [receipt] = inbox.unreported(10)
    assert (receipt.reply, receipt.os_user) == ("No", "sari")
