"""Whose turn it is on the screen."""

from __future__ import annotations

from shared.model import Level
from tray_client.popup_queue import Digest, PopupQueue
from tray_client.records import InboxMessage, State

NOW = 1_000_000


def waiting(
    number: int,
    level: Level = Level.NORMAL,
    *,
    sent_at: int = NOW,
    show_at: int | None = None,
    expires_at: int = NOW + 1000,
    state: State = State.RECEIVED,
) -> InboxMessage:
    """A message of the inbox, called ``m<number>``."""
    return InboxMessage(
        number=number,
        id=f"m{number}",
        channel="Channel 1",
        title="Title",
        body="Body",
        level=level,
        sender="",
        sent_at=sent_at,
        show_at=show_at,
        expires_at=expires_at,
        verified=True,
        state=state,
        received_at=NOW,
        displayed_at=None,
        acknowledged_at=None,
    )


def queue_of(*messages: InboxMessage) -> PopupQueue:
    """A queue that holds *messages*."""
    queue = PopupQueue()
    queue.add(messages)
    return queue


def drained(queue: PopupQueue, now_ms: int = NOW) -> list[str]:
    """The order in which the popups come when each is answered at once."""
    order = []
    while (head := queue.head(now_ms)) is not None:
        order.append(head.id)
        queue.answer(head.id)
    return order


def test_the_highest_level_comes_first_then_the_oldest() -> None:
    queue = queue_of(
        waiting(1),
        waiting(2, Level.EMERGENCY),
        waiting(3, sent_at=NOW - 5),
        waiting(4, Level.URGENT),
        waiting(5, Level.IMPORTANT),
        waiting(6, Level.EMERGENCY, sent_at=NOW - 1),
    )
    assert drained(queue) == ["m6", "m2", "m4", "m5", "m3", "m1"]


def test_of_one_time_the_first_to_arrive_comes_first() -> None:
    assert drained(queue_of(waiting(2), waiting(1), waiting(3))) == ["m1", "m2", "m3"]


def test_a_louder_message_takes_the_place_and_the_other_comes_back() -> None:
    queue = queue_of(waiting(1))
    queue.add([waiting(2, Level.URGENT)])
    assert drained(queue) == ["m2", "m1"]


def test_a_message_is_queued_once() -> None:
    queue = queue_of(waiting(1), waiting(1))
    queue.add([waiting(1)])
    assert len(queue) == 1
    assert drained(queue) == ["m1"]


def test_silent_and_finished_messages_want_no_popup() -> None:
    queue = queue_of(
        waiting(1, Level.SILENT),
        waiting(2, state=State.ACKNOWLEDGED),
        waiting(3, state=State.EXPIRED),
        waiting(4, state=State.DISPLAYED),
    )
    assert drained(queue) == ["m4"]


def test_a_message_waits_for_its_time() -> None:
    queue = queue_of(waiting(1, Level.EMERGENCY, show_at=NOW + 50))
    assert queue.head(NOW + 49) is None
    assert drained(queue, NOW + 50) == ["m1"]


def test_a_message_from_the_future_of_a_slow_clock_is_shown_at_once() -> None:
    assert drained(queue_of(waiting(1, sent_at=NOW + 500))) == ["m1"]


def test_what_has_expired_leaves_the_queue() -> None:
    queue = queue_of(waiting(1, expires_at=NOW + 10), waiting(2, expires_at=NOW + 11))
    assert queue.expire(NOW + 9) == []
    assert [message.id for message in queue.expire(NOW + 10)] == ["m1"]
    assert drained(queue, NOW + 10) == ["m2"]


def test_the_next_change_is_the_next_opening_or_expiry() -> None:
    assert PopupQueue().next_change(NOW) is None
    queue = queue_of(
        waiting(1, expires_at=NOW + 30), waiting(2, show_at=NOW + 20, expires_at=NOW + 90)
    )
    changes = []
    change = queue.next_change(NOW)
    while change is not None:
        changes.append(change - NOW)
        change = queue.next_change(change)
    assert changes == [20, 30, 90]


def test_places_count_since_the_queue_was_last_empty() -> None:
    queue = queue_of(waiting(1), waiting(2), waiting(3))
    assert queue.place(NOW) == (1, 3)
    queue.answer("m1")
    queue.add([waiting(4)])
    assert queue.place(NOW) == (2, 4)
    assert drained(queue) == ["m2", "m3", "m4"]
    queue.add([waiting(5)])
    assert queue.place(NOW) == (1, 1)


def test_an_emptied_queue_counts_anew_when_the_last_one_expired() -> None:
    queue = queue_of(waiting(1), waiting(2))
    queue.answer("m1")
    queue.expire(NOW + 1000)
    queue.add([waiting(3, expires_at=NOW + 5000)])
    assert queue.place(NOW) == (1, 1)


def test_a_message_for_later_is_not_counted_before_its_time() -> None:
    queue = queue_of(waiting(1), waiting(2, show_at=NOW + 50))
    assert (queue.place(NOW), queue.place(NOW + 50)) == ((1, 1), (1, 2))


def test_a_message_for_later_does_not_keep_the_count_from_starting_anew() -> None:
    queue = queue_of(waiting(1), waiting(2, show_at=NOW + 50))
    assert drained(queue) == ["m1"]
    queue.add([waiting(3)])
    assert queue.place(NOW) == (1, 1)


def test_answering_what_is_not_queued_changes_nothing() -> None:
    queue = queue_of(waiting(1), waiting(2))
    queue.answer("m9")
    assert queue.place(NOW) == (1, 2)


# --- the digest ----------------------------------------------------------------------------------


def folded(*messages: InboxMessage) -> PopupQueue:
    """A queue after an absence."""
    queue = queue_of(*messages)
    queue.fold(NOW)
    return queue


def test_more_than_three_quiet_messages_become_one_popup() -> None:
    queue = folded(*[waiting(number, sent_at=NOW - number) for number in range(1, 5)])
    assert queue.head(NOW) == Digest(count=4, oldest_at=NOW - 4)
    assert queue.place(NOW) == (1, 1)
    assert queue.count(NOW) == len(queue) == 4


def test_three_do_not() -> None:
    queue = folded(waiting(1), waiting(2), waiting(3))
    assert drained(queue) == ["m1", "m2", "m3"]


def test_important_ones_and_those_seen_before_come_singly() -> None:
    quiet = [waiting(number) for number in range(10, 14)]
    queue = queue_of(
        waiting(1, Level.IMPORTANT), waiting(2, state=State.DISPLAYED), waiting(3), *quiet
    )
    queue.shown("m3")
    queue.fold(NOW)
    singly = [head.id for head in (queue.head(NOW),) if head]
    assert singly == ["m1"]
    queue.answer("m1")
    head = queue.head(NOW)
    assert isinstance(head, Digest)
    assert head.count == 4
    queue.dismiss_digest(NOW)
    assert drained(queue) == ["m2", "m3"]


def test_those_for_later_are_not_folded() -> None:
    later = waiting(9, show_at=NOW + 5, expires_at=NOW + 10)
    queue = folded(later, *[waiting(number) for number in range(1, 5)])
    queue.dismiss_digest(NOW)
    assert queue.head(NOW) is None
    assert queue.head(NOW + 5) == later


def test_a_digest_goes_with_the_last_message_it_stands_for() -> None:
    queue = folded(*[waiting(number) for number in range(1, 5)])
    for number in (1, 2, 3):
        queue.answer(f"m{number}")  # in the inbox
    assert queue.head(NOW) == Digest(count=1, oldest_at=NOW)
    assert [gone.id for gone in queue.expire(NOW + 1000)] == ["m4"]
    assert queue.head(NOW + 1000) is None
    assert not queue.holds("digest", NOW + 1000)


def test_a_later_absence_adds_to_the_open_digest() -> None:
    queue = folded(*[waiting(number) for number in range(1, 5)])
    queue.add([waiting(5)])
    queue.fold(NOW)
    head = queue.head(NOW)
    assert isinstance(head, Digest)
    assert head.count == 5
