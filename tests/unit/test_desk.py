"""What people do with messages, and what others do to them while they are on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.bus import LogPage
from shared.errors import RedisUnreachable
from shared.instance.answered import LocalAnswer
from shared.model import HOUR_MS, Ack, Kind, Level, Message, StreamId
from shared.receipts import Answer
from tests.conftest import LogGuard, until
from tests.fakes import ADDRESS, FakeServer, FakeTrayLink, make_message
from tests.unit.tills import (
    LOST,
    UNHURRIED,
    Till,
    connected,
    message_now,
    publish,
    running,
    spoil,
    state_of,
    stored,
)
from tray_client.desk import MOST_TOLD, nap_s
from tray_client.digests import COMES_BACK_MS, DIGEST_ID, Digest
from tray_client.inbox import read_messages
from tray_client.records import InboxMessage, State
from tray_client.rules import MINUTE_MS, Rules

LEVELS = list(Level)


def recall_of(message: Message) -> Message:
    """What takes *message* back."""
    return make_message(kind=Kind.RECALL, recalls=message.id, channels=message.channels)


def reminder_of(message: Message, at: int) -> Message:
    """What asks for *message* again."""
    return make_message(kind=Kind.REMIND, reminds=message.id, channels=message.channels, sent_at=at)


def taken_off(till: Till) -> list[InboxMessage]:
    """Collects the messages that end without an answer here."""
    found: list[InboxMessage] = []
    till.session.taken_off.connect(found.append)
    return found


def row(folder: Path, message_id: str) -> InboxMessage:
    """A message as the inbox has it."""
    return next(one for one in read_messages(folder) if one.id == message_id)


def pass_time(server: FakeServer, till: Till, ms: int) -> None:
    """Let *ms* go by."""
    server.now_ms += ms
    till.session.wake()


# --- answers -------------------------------------------------------------------------------------


async def test_a_reply_is_kept_and_told_and_one_that_was_not_offered_is_ok(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        asked, other = (publish(server, make_message(replies=["Yes", "No"])) for _ in range(2))
        await until(lambda: till.session.waiting() == 2)
        till.session.answer(asked, "No")
        till.session.answer(other, "Perhaps")
        await until(lambda: len(server.by_endpoint) == 2)
        await until(lambda: all(one.acknowledged_at for one in server.by_endpoint.values()))
    assert {key[1]: one.reply for key, one in server.by_endpoint.items()} == {
        asked: "No",
        other: "",
    }
    assert row(tmp_path, asked).reply == "No"


async def test_what_asks_for_no_acknowledgement_is_closed_without_one(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        news = publish(server, make_message(ack=Ack.NONE))
        poll = publish(server, make_message(ack=Ack.NONE, replies=["Yes"]))
        await until(lambda: till.session.waiting() == 2)
        till.session.displayed(news)
        till.session.answer(news)
        till.session.answer(poll, "Yes")
        await until(lambda: server.receipts.get(poll) is not None)
        await until(lambda: server.receipts[poll].acknowledged_at is not None)
        await until(lambda: till.inbox.unreported(5) == [])
    assert (state_of(tmp_path, news), state_of(tmp_path, poll)) == (
        State.CLOSED,
        State.ACKNOWLEDGED,
    )
    assert server.receipts[news].displayed_at is not None
    assert server.receipts[news].acknowledged_at is None


async def test_one_answer_is_enough_for_the_outlet_and_says_whose(tmp_path: Path) -> None:
    server = FakeServer()
    message = make_message(ack=Ack.OUTLET, replies=["Yes"])
    alone = make_message()
    async with (
        running(server, tmp_path / "1") as first,
        running(server, tmp_path / "2", pc="till-2") as second,
    ):
        await connected(first)
        await connected(second)
        ended = taken_off(second)
        publish(server, message)
        publish(server, alone)
        await until(lambda: first.session.waiting() == second.session.waiting() == 2)
        assert second.head() == message.id
        first.session.answer(message.id, "Yes")
        first.session.answer(alone.id)
        await until(lambda: second.head() == alone.id)
        assert [(one.id, one.answered_by, one.reply) for one in ended] == [
            (message.id, "JKT-014/till-1", "Yes")
        ]
        assert second.session.waiting() == 1, "of another message each PC answers for itself"
    assert state_of(tmp_path / "2", message.id) is State.ANSWERED
    async with running(server, tmp_path / "3", pc="till-3") as third:
        await until(lambda: third.heads == [alone.id])
    assert state_of(tmp_path / "3", message.id) is State.ANSWERED, "it was off meanwhile"


def answer_for_outlet(message_id: str) -> Answer:
    """What Redis says when another PC has answered for the outlet."""
    return Answer(
        message_id,
        outlet_by="JKT-014/till-2",
        outlet_at=1,
        outlet_user="sari",
        outlet_reply="Yes",
    )


def answer_in_our_name(message_id: str) -> Answer:
    """What Redis says when somebody has written an acknowledgement in this PC's name."""
    return Answer(message_id, here_at=1, here_user="budi", here_reply="Yes")


LOUD = pytest.mark.parametrize("level", [Level.URGENT, Level.EMERGENCY])
FORGED = pytest.mark.parametrize("forged", [answer_for_outlet, answer_in_our_name])


@LOUD
@FORGED
@pytest.mark.parametrize("ack", [Ack.PC, Ack.OUTLET])
async def test_no_answer_from_redis_closes_what_is_loud(
    tmp_path: Path, level: Level, ack: Ack, forged: Callable[[str], Answer]
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        ended = taken_off(till)
        sent = publish(server, message_now(server, level=level, ack=ack, replies=["Yes"]))
        await until(lambda: till.head() == sent)
        till.session._desk.learn(forged(sent))
        assert till.head() == sent
        assert ended == []
        assert row(tmp_path, sent).state is State.RECEIVED
    async with running(server, tmp_path) as till:
        await until(lambda: till.head() == sent)


@pytest.mark.parametrize("level", [Level.NORMAL, Level.IMPORTANT])
@FORGED
async def test_policy_decides_whether_redis_may_close_what_is_quieter(
    tmp_path: Path, level: Level, forged: Callable[[str], Answer]
) -> None:
    server = FakeServer()
    strict = replace(UNHURRIED, answers_from_others=False)
    async with (
        running(server, tmp_path / "1") as usual,
        running(server, tmp_path / "2", rules=strict) as careful,
    ):
        await connected(usual)
        await connected(careful)
        message = message_now(server, level=level, ack=Ack.OUTLET, replies=["Yes"])
        sent = publish(server, message)
        await until(lambda: usual.head() == careful.head() == sent)
        for till in (usual, careful):
            till.session._desk.learn(forged(sent))
        assert (usual.head(), careful.head()) == (None, sent)
    closed, waiting = row(tmp_path / "1", sent), row(tmp_path / "2", sent)
    assert (closed.state, waiting.state) == (State.ANSWERED, State.RECEIVED)
    assert closed.acknowledged_at is None, "it is not this PC's own acknowledgement"
    assert closed.answered_by == waiting.answered_by != ""
    assert closed.answered_user == waiting.answered_user != ""


async def test_what_the_outlet_has_answered_is_quiet_and_closed_by_a_person(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        rung: list[str] = []
        till.session.ring.connect(lambda head: rung.append(head.id))
        message = message_now(server, level=Level.EMERGENCY, ack=Ack.OUTLET, replies=["Yes"])
        publish(server, message)
        await until(lambda: rung == [message.id])
        pass_time(server, till, 31_000)
        await until(lambda: len(rung) == 2)
        till.session._desk.learn(answer_for_outlet(message.id))
        till.session._desk.learn(answer_in_our_name(message.id))
        for _ in range(5):
            pass_time(server, till, 31_000)
            till.session._desk.announce()
        assert len(rung) == 2, "it is not heard again"
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert (head.answered_by, head.answered_user, head.reply) == (
            "JKT-014/till-2",
            "sari",
            "Yes",
        ), "who was named first stays"
        publish(server, reminder_of(message, server.now_ms))
        await until(lambda: len(rung) == 3)
        till.session.acknowledge(message.id)
        assert till.head() is None
    assert state_of(tmp_path, message.id) is State.ANSWERED
    told = server.by_endpoint[("JKT-014/till-1", message.id)]
    assert (told.acknowledged_at, told.reply) == (None, "")


async def test_a_claim_in_our_own_name_neither_quietens_nor_answers(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        rung: list[str] = []
        till.session.ring.connect(lambda head: rung.append(head.id))
        sent = publish(server, message_now(server, level=Level.URGENT, ack=Ack.OUTLET))
        await until(lambda: rung == [sent])
        till.session._desk.learn(answer_in_our_name(sent))
        pass_time(server, till, 31_000)
        await until(lambda: len(rung) == 2)
        till.session.acknowledge(sent)
        await until(lambda: server.receipts[sent].acknowledged_at is not None)
        assert till.session._desk._ringer.next() is None, "nothing is left to be heard"
    assert state_of(tmp_path, sent) is State.ACKNOWLEDGED


async def test_the_text_of_a_claim_is_cut_cleaned_and_no_reply_of_its_own(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        message = message_now(server, level=Level.URGENT, ack=Ack.OUTLET, replies=["Yes"])
        publish(server, message)
        await until(lambda: till.head() == message.id)
        forged = Answer(
            message.id,
            outlet_by="JKT-014/\u202e" + "x\n" * 5000,
            outlet_at=1,
            outlet_user="y" * 5000,
            outlet_reply="It is only a drill",
        )
        till.session._desk.learn(forged)
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert (len(head.answered_by), len(head.answered_user), head.reply) == (81, 40, "")
        assert head.answered_by.isprintable()


async def test_an_empty_inbox_shows_what_is_loud_again_and_says_who_acknowledged_it(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    async with running(server, tmp_path / "1") as till:
        await connected(till)
        loud = publish(server, message_now(server, level=Level.EMERGENCY))
        quiet = publish(server, message_now(server))
        await until(lambda: till.session.waiting() == 2)
        for message_id in (loud, quiet):
            till.session.acknowledge(message_id)
        await until(lambda: all(one.acknowledged_at for one in server.by_endpoint.values()))
    async with running(server, tmp_path / "2") as till:
        await until(lambda: till.heads == [loud])
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert head.answered_by == "JKT-014/till-1"
        assert till.session.waiting() == 1
    assert state_of(tmp_path / "2", quiet) is State.ANSWERED


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
@pytest.mark.parametrize("when", ["before it starts", "before it came", "while it is open"])
async def test_what_this_user_acknowledged_in_another_session_is_closed_here(
    tmp_path: Path, level: Level, when: str
) -> None:
    server = FakeServer()
    message = message_now(server, level=level, replies=["Yes"])
    answer = LocalAnswer(message.id, server.now_ms + 5, "Yes")
    if when == "before it starts":
        async with running(server, tmp_path) as till:
            await connected(till)
            publish(server, message)
            await until(lambda: till.head() == message.id)
    async with running(server, tmp_path) as till:
        ended = taken_off(till)
        if when == "before it starts":
            till.session.learn_here(answer)
        await connected(till)
        if when == "before it came":
            till.session.learn_here(answer)
        publish(server, message)
        last = publish(server, message_now(server, level=level))
        await until(lambda: till.session.waiting() == (2 if when == "while it is open" else 1))
        if when == "while it is open":
            assert till.head() == message.id
            till.session.learn_here(answer)
        await until(lambda: till.head() == last)
        assert [(one.id, one.state, one.reply) for one in ended] == [
            (message.id, State.ACKNOWLEDGED, "Yes")
        ]
        found = row(tmp_path, message.id)
        assert found.acknowledged_at == found.told_at == answer.at
        await until(lambda: server.receipts[message.id].acknowledged_at == answer.at)
    assert till.heads[-1] == last


async def test_another_user_of_this_pc_closes_nothing_urgent(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        quiet = publish(server, message_now(server, level=Level.IMPORTANT))
        loud = publish(server, message_now(server, level=Level.URGENT))
        await until(lambda: till.session.waiting() == 2)
        at = server.now_ms
        for message_id in (quiet, loud):
            till.session.learn_here(LocalAnswer(message_id, at, "Not offered"), "budi")
            till.session._desk.learn(Answer(message_id, here_at=at, here_user="budi"))
        assert till.head() == loud
        till.session.acknowledge(loud)
    assert {state_of(tmp_path, one) for one in (quiet, loud)} == {State.ACKNOWLEDGED}
    told, own = row(tmp_path, quiet), row(tmp_path, loud)
    assert (told.answered_user, told.reply, own.answered_user) == ("budi", "", "")
    assert (told.told_at, own.told_at) == (at, at), "so what Redis has in this PC's name is honest"


async def test_other_sessions_hear_of_acknowledgements_and_of_nothing_else(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        told: list[LocalAnswer] = []
        till.session.answered_here.connect(told.append)
        read = publish(server, message_now(server, ack=Ack.NONE))
        closed = publish(server, message_now(server, level=Level.URGENT, ack=Ack.OUTLET))
        replied = publish(server, message_now(server, replies=["Yes"]))
        await until(lambda: till.session.waiting() == 3)
        till.session._desk.learn(answer_for_outlet(closed))
        for message_id, reply in ((read, ""), (closed, ""), (replied, "Yes")):
            till.session.answer(message_id, reply)
        at = row(tmp_path, replied).acknowledged_at
        assert told == [LocalAnswer(replied, at or 0, "Yes")]


async def test_answers_to_messages_that_never_come_are_forgotten(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        for _ in range(MOST_TOLD + 50):
            till.session.learn_here(LocalAnswer(make_message().id, server.now_ms))
        assert len(till.session._desk._told) == MOST_TOLD


async def test_an_answer_that_cannot_be_written_yet_is_no_open_message(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"not written down yet: .*disk is full")
    log_guard.expect(LOST)
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, make_message(ack=Ack.NONE))
        await until(lambda: till.heads == [sent])
        spoil(
            tmp_path,
            "CREATE TRIGGER full BEFORE UPDATE ON messages "
            "BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
        )
        till.session.answer(sent)
        server.cut()
        await until(lambda: len(server.links) == 1)
        await connected(till)
        assert till.head() is None
        spoil(tmp_path, "DROP TRIGGER full;")
        till.session.wake()
        await until(lambda: state_of(tmp_path, sent) is State.CLOSED)


FULL = (
    "CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'disk is full'); END;"
)


@pytest.mark.parametrize("end", ["expires", "is recalled", "is pruned"])
async def test_an_answer_that_could_not_be_written_in_time_still_holds(
    tmp_path: Path, log_guard: LogGuard, end: str
) -> None:
    log_guard.expect(r"not written down yet: .*disk is full")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        message = message_now(server, expires_at=server.now_ms + MINUTE_MS)
        sent = publish(server, message)
        publish(server, message_now(server, expires_at=server.now_ms + MINUTE_MS + 1))
        await until(lambda: till.session.waiting() == 2 and till.head() == sent)
        spoil(tmp_path, FULL)
        if end == "is recalled":  # it is heard before anything else
            publish(server, recall_of(message))
        till.session.answer(sent)
        till.session.displayed(sent)
        spoil(tmp_path, "DROP TRIGGER full;")
        if end != "is recalled":
            server.now_ms += 2 * MINUTE_MS
        if end == "is pruned":
            till.session._prune()
        till.head()
        till.session.wake()
        await until(lambda: state_of(tmp_path, sent) is not State.RECEIVED)
        assert state_of(tmp_path, sent) is State.ACKNOWLEDGED


async def test_what_expired_on_a_full_disk_is_written_when_there_is_room(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, message_now(server, expires_at=server.now_ms + MINUTE_MS))
        await until(lambda: till.head() == sent)
        spoil(tmp_path, FULL)
        server.now_ms += MINUTE_MS
        assert till.head() is None
        assert state_of(tmp_path, sent) is State.RECEIVED
        spoil(tmp_path, "DROP TRIGGER full;")
        till.session.wake()
        await until(lambda: state_of(tmp_path, sent) is State.EXPIRED)


# --- what head office does to it -----------------------------------------------------------------


async def test_a_recall_closes_the_open_popup_and_says_so(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        ended = taken_off(till)
        message, other = make_message(), make_message()
        publish(server, message)
        publish(server, other)
        await until(lambda: till.session.waiting() == 2)
        till.session.displayed(message.id)
        publish(server, recall_of(message))
        await until(lambda: till.head() == other.id)
        assert [(one.id, one.state) for one in ended] == [(message.id, State.RECALLED)]
        await until(lambda: server.receipts[message.id].closed == "recalled")
        assert server.receipts[message.id].displayed_at is not None


async def test_what_was_recalled_while_the_pc_was_off_is_never_opened(tmp_path: Path) -> None:
    server = FakeServer()
    waiting = make_message(level=Level.URGENT)
    async with running(server, tmp_path) as till:
        await connected(till)
        publish(server, waiting)
        await until(lambda: stored(tmp_path) == [waiting.id])
    unseen = make_message(level=Level.URGENT)
    for message in (unseen, recall_of(unseen), recall_of(waiting)):
        publish(server, message)
    left = make_message()
    publish(server, left)
    async with running(server, tmp_path) as till:
        await until(lambda: till.heads == [left.id])
        await until(lambda: len(server.receipts) == 3)
    assert {server.receipts[one.id].closed for one in (waiting, unseen)} == {"recalled"}
    assert server.receipts[unseen.id].displayed_at is None


async def test_a_recall_closes_what_is_open_while_the_logs_are_still_read(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect(LOST)
    server = FakeServer()
    async with running(server, tmp_path, ["Channel 1", "Channel 2"]) as till:
        await connected(till)
        message, other = make_message(), make_message(channels=["Channel 2"])
        publish(server, message)
        publish(server, other, "Channel 2")
        await until(lambda: till.session.waiting() == 2)
        assert till.head() == message.id
        read, may_go_on = FakeTrayLink.read_log, asyncio.Event()

        async def held(
            link: FakeTrayLink, channel: str, after: StreamId | None, count: int
        ) -> LogPage:
            if channel == "Channel 2":
                await may_go_on.wait()
            return await read(link, channel, after, count)

        monkeypatch.setattr(FakeTrayLink, "read_log", held)
        server.mute = True
        publish(server, recall_of(message))
        seen: list[str | None] = []
        till.session.queue_changed.connect(lambda: seen.append(till.head()))
        server.cut()
        await until(lambda: seen == [None])
        may_go_on.set()
        await until(lambda: till.head() == other.id)


async def test_a_recall_in_another_log_that_is_read_first_holds(tmp_path: Path) -> None:
    server = FakeServer()
    message = make_message(channels=["*", "Channel 1"][1:])
    publish(server, make_message(kind=Kind.RECALL, recalls=message.id, channels=["*"]), "*")
    publish(server, message)
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert (till.head(), state_of(tmp_path, message.id)) == (None, State.RECALLED)


async def test_a_replacement_takes_the_place_without_a_gap_and_asks_again(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        seen: list[str | None] = []
        till.session.queue_changed.connect(lambda: seen.append(till.head()))
        first = make_message(sent_at=server.now_ms)
        publish(server, make_message(sent_at=server.now_ms + 1))
        publish(server, first)
        await until(lambda: till.head() == first.id)
        seen.clear()
        second = make_message(replaces=first.id, sent_at=server.now_ms)
        publish(server, second)
        await until(lambda: till.head() == second.id)
        assert set(seen) == {second.id}
        till.session.answer(second.id)
        assert till.head() not in (first.id, second.id)


async def test_a_reminder_brings_back_what_was_put_off_and_what_was_folded(tmp_path: Path) -> None:
    server = FakeServer()
    folded = [make_message(title=f"Missed {number}") for number in range(5)]
    for message in folded:
        publish(server, message)
    async with running(server, tmp_path) as till:
        await until(lambda: isinstance(till.session.head(), Digest))
        snoozed = make_message()
        publish(server, snoozed)
        await until(lambda: till.session.waiting() == 6)
        till.session.snooze(None, 15)
        assert till.head() is None
        publish(server, reminder_of(folded[3], server.now_ms))
        await until(lambda: till.head() == folded[3].id)
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert (head.title, head.body) == ("Missed 3", "Body")
        assert till.session.waiting() == 6, "counted once"
        till.session.answer(folded[3].id)
        publish(server, reminder_of(snoozed, server.now_ms + 1))
        await until(lambda: till.head() == snoozed.id)
        till.session.answer(snoozed.id)
        publish(server, reminder_of(snoozed, server.now_ms + 2))
        last = publish(server, make_message())
        await until(lambda: till.head() == last)
        assert till.session.waiting() == 5, "what was answered stays so"


async def test_what_is_asked_for_again_comes_before_the_others_of_its_level(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        messages = [make_message() for _ in range(3)]
        for message in messages:
            publish(server, message)
        loud = publish(server, make_message(level=Level.URGENT))
        await until(lambda: till.head() == loud)
        publish(server, reminder_of(messages[2], server.now_ms))
        await until(lambda: row(tmp_path, messages[2].id).reminded_at > 0)
        assert till.head() == loud
        till.session.answer(loud)
        assert till.head() == messages[2].id


# --- later ---------------------------------------------------------------------------------------


async def test_later_holds_over_a_restart_and_by_redis_clock(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        message = message_now(server)
        publish(server, message)
        await until(lambda: till.head() == message.id)
        till.session.snooze(message.id, 15)
        assert till.head() is None
        assert till.session.waiting() == 1, "it still waits for an answer"
    async with running(server, tmp_path) as till:
        await connected(till)
        assert till.head() is None
        pass_time(server, till, 15 * MINUTE_MS - 1)
        assert till.head() is None
        pass_time(server, till, 1)
        await until(lambda: till.heads == [message.id])


async def test_only_normal_messages_can_be_put_off_singly_and_emergencies_never(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = {level: publish(server, message_now(server, level=level)) for level in LEVELS}
        await until(lambda: till.session.waiting() == 4)
        for message_id in sent.values():
            till.session.snooze(message_id, 5)
        opened = [till.session.answer(name) for name in (sent[Level.EMERGENCY],)]
        assert till.head() == sent[Level.URGENT]
        emergency = publish(server, message_now(server, level=Level.EMERGENCY))
        await until(lambda: till.head() == emergency)
        till.session.snooze(None, 5)
        assert till.head() == emergency
        till.session.answer(emergency)
        assert (till.head(), opened) == (None, [None])
        pass_time(server, till, 5 * MINUTE_MS)
        await until(lambda: till.head() == sent[Level.URGENT])


async def test_what_is_not_due_yet_is_not_put_off_with_the_others(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        later = message_now(server, show_at=server.now_ms + MINUTE_MS)
        publish(server, later)
        now = publish(server, message_now(server))
        await until(lambda: len(stored(tmp_path)) == 2)
        till.session.snooze(None, 60)
        assert till.head() is None
        assert (row(tmp_path, later.id).snoozed_ms, row(tmp_path, now).snoozed_ms > 0) == (0, True)
        pass_time(server, till, MINUTE_MS)
        await until(lambda: till.head() == later.id)


async def test_policy_caps_for_how_long_one_message_is_put_off_in_all(tmp_path: Path) -> None:
    server = FakeServer()
    rules = Rules(snooze_minutes=20)
    async with running(server, tmp_path, rules=rules) as till:
        await connected(till)
        message = message_now(server)
        publish(server, message)
        await until(lambda: till.head() == message.id)
        for minutes in (15, 5):
            head = till.session.head()
            assert isinstance(head, InboxMessage)
            assert minutes in rules.snoozes(head)
            till.session.snooze(message.id, 60)
            till.session.snooze(message.id, 10)
            assert till.head() == message.id, "neither is offered"
            till.session.snooze(message.id, minutes)
            assert till.head() is None
            pass_time(server, till, minutes * MINUTE_MS)
            await until(lambda: till.head() == message.id)
        head = till.session.head()
        assert isinstance(head, InboxMessage)
        assert rules.snoozes(head) == ()
        till.session.snooze(message.id, 5)
        assert till.head() == message.id
    async with running(server, tmp_path, rules=rules) as till:
        await until(lambda: till.head() == message.id)
        till.session.snooze(message.id, 5)
        assert till.head() == message.id, "a restart gives no new time"


async def test_a_stricter_policy_ends_what_was_put_off_for_longer(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        message = message_now(server)
        publish(server, message)
        await until(lambda: till.head() == message.id)
        till.session.snooze(message.id, 60)
        till.session.do_not_disturb(60)
    async with running(server, tmp_path, rules=Rules(0, 0)) as till:
        await until(lambda: till.heads == [message.id])


async def test_do_not_disturb_lets_only_emergencies_pass_and_holds_over_a_restart(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        changes: list[int] = []
        till.session.quiet_changed.connect(changes.append)
        before = publish(server, message_now(server))
        await until(lambda: till.head() == before)
        till.session.do_not_disturb(500)
        assert till.session.quiet_until == server.now_ms + 60 * MINUTE_MS, "policy has a say"
        assert till.head() is None
    async with running(server, tmp_path) as till:
        await connected(till)
        urgent = publish(server, message_now(server, level=Level.URGENT))
        await until(lambda: till.session.waiting() == 2)
        assert till.head() is None
        emergency = publish(server, message_now(server, level=Level.EMERGENCY))
        await until(lambda: till.head() == emergency)
        till.session.answer(emergency)
        assert till.head() is None
        pass_time(server, till, 60 * MINUTE_MS)
        await until(lambda: till.head() == urgent)
        assert till.session.quiet_until == 0


@pytest.mark.parametrize("by_itself", [True, False])
async def test_a_digest_is_put_off_for_no_longer_than_a_message(
    tmp_path: Path, by_itself: bool
) -> None:
    server = FakeServer()
    rules = Rules(snooze_minutes=20)
    for _ in range(4):
        publish(server, message_now(server))
    async with running(server, tmp_path, rules=rules) as till:
        await until(lambda: till.head() == DIGEST_ID)
        for minutes in (15, 5):
            till.session.snooze(DIGEST_ID if by_itself else None, minutes)
            assert till.head() is None
            pass_time(server, till, minutes * MINUTE_MS)
            assert till.head() == DIGEST_ID
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert rules.snoozes(digest) == rules.snoozes_of_all(digest) == ()
        till.session.snooze(DIGEST_ID if by_itself else None, 5)
        assert till.head() == DIGEST_ID


async def test_a_digest_stays_put_off_over_a_restart_and_its_time_counts(tmp_path: Path) -> None:
    server = FakeServer()
    rules = Rules(snooze_minutes=20, popups_per_minute=2)
    sent = [publish(server, message_now(server)) for _ in range(5)]
    async with running(server, tmp_path, rules=rules) as till:
        await until(lambda: till.head() == DIGEST_ID)
        till.session.snooze(DIGEST_ID, 15)
    async with running(server, tmp_path, rules=rules) as till:
        await until(lambda: till.caught_up(server))
        assert till.head() is None
        late = publish(server, message_now(server, level=Level.IMPORTANT))
        await until(lambda: till.head() == late)
        till.session.answer(late)
        pass_time(server, till, 15 * MINUTE_MS)
        await until(lambda: till.head() == DIGEST_ID)
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert (digest.count, digest.snoozed_ms) == (5, 15 * MINUTE_MS)
        assert rules.snoozes(digest) == (5,)
        till.session.answer(sent[0])
    async with running(server, tmp_path, rules=rules) as till:
        await until(lambda: till.head() == DIGEST_ID)
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert (digest.count, rules.snoozes(digest)) == (4, (5,))


async def test_do_not_disturb_can_be_ended_at_once(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        sent = publish(server, message_now(server))
        await until(lambda: till.head() == sent)
        till.session.do_not_disturb(15)
        assert till.head() is None
        till.session.do_not_disturb(0)
        assert (till.head(), till.session.quiet_until) == (sent, 0)


# --- sound ---------------------------------------------------------------------------------------


async def test_urgent_ones_are_heard_and_again_until_they_are_answered(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, rules=Rules(ring_seconds=30)) as till:
        await connected(till)
        heard: list[str] = []
        till.session.ring.connect(lambda head: heard.append(head.id))
        publish(server, message_now(server, level=Level.IMPORTANT))
        urgent = publish(server, message_now(server, level=Level.URGENT))
        await until(lambda: heard == [urgent])
        publish(server, message_now(server))
        await until(lambda: till.session.waiting() == 3)
        pass_time(server, till, 29_999)
        assert heard == [urgent]
        pass_time(server, till, 1)
        await until(lambda: heard == [urgent] * 2)
        emergency = publish(server, message_now(server, level=Level.EMERGENCY))
        await until(lambda: heard == [urgent] * 2 + [emergency])
        till.session.answer(emergency)
        till.session.answer(urgent)
        pass_time(server, till, 60_000)
        await until(lambda: till.session.waiting() == 2)
        assert heard[-2:] == [emergency, urgent], "the one that had to wait is heard once more"


async def test_nobody_hears_what_is_not_to_disturb(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        heard: list[str] = []
        till.session.ring.connect(lambda head: heard.append(head.id))
        till.session.do_not_disturb(15)
        publish(server, message_now(server, level=Level.URGENT))
        await until(lambda: till.session.waiting() == 1)
        assert heard == []


# --- time ----------------------------------------------------------------------------------------


async def test_a_time_to_show_is_kept_offline_and_what_expired_meanwhile_never_opens(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(LOST)
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer()
    async with running(server, tmp_path) as till:
        await connected(till)
        begins = server.now_ms + HOUR_MS
        later = publish(server, message_now(server, show_at=begins, expires_at=begins + 500))
        past = publish(server, message_now(server, show_at=begins - 9, expires_at=begins - 1))
        await until(lambda: len(stored(tmp_path)) == 2)
        server.refuse = RedisUnreachable(ADDRESS, "Nothing answers.")
        server.cut()
        ended = taken_off(till)
        pass_time(server, till, HOUR_MS - 1)
        await until(lambda: state_of(tmp_path, past) is State.EXPIRED)
        assert till.heads == []
        pass_time(server, till, 1)
        await until(lambda: till.heads == [later])
        pass_time(server, till, 500)
        await until(lambda: till.head() is None)
        assert [one.state for one in ended] == [State.EXPIRED] * 2


def test_a_wait_ends_to_the_second_though_timers_are_late() -> None:
    left, naps = HOUR_MS, 0
    while left > 0:
        left -= int(nap_s(left) * 1.05 * 1000) or 1  # Qt's coarse timers may be 5 % late
        naps += 1
    assert left > -100
    assert naps < 120


# --- many at once --------------------------------------------------------------------------------


async def test_of_a_flood_the_first_come_singly_and_the_others_are_counted(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, rules=Rules(popups_per_minute=5)) as till:
        await connected(till)
        sent = [publish(server, message_now(server)) for _ in range(40)]
        urgent = publish(server, message_now(server, level=Level.URGENT))
        await until(lambda: till.session.waiting() == 41)
        till.session.answer(urgent)
        for message_id in sent[:5]:
            assert till.head() == message_id
            till.session.answer(message_id)
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert (digest.count, digest.flood) == (35, True)
        till.session.answer(sent[20])
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert digest.count == 34
        till.session.dismiss_digest(digest.id)
        assert till.head() is None
        assert till.session.waiting() == 34
        pass_time(server, till, MINUTE_MS)
        calm = publish(server, message_now(server))
        await until(lambda: till.head() == calm)


async def test_no_flood_hides_an_emergency_or_a_correction(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, rules=Rules(popups_per_minute=5)) as till:
        await connected(till)
        important = [publish(server, message_now(server, level=Level.IMPORTANT)) for _ in range(5)]
        await until(lambda: till.head() == important[0])
        ended = taken_off(till)
        correction = publish(
            server, message_now(server, level=Level.IMPORTANT, replaces=important[0])
        )
        await until(lambda: len(stored(tmp_path)) == 6)
        assert [one.id for one in ended] == important[:1]
        emergencies = [
            publish(server, message_now(server, level=Level.EMERGENCY)) for _ in range(7)
        ]
        await until(lambda: len(stored(tmp_path)) == 13)
        for message_id in [*emergencies, *important[1:], correction]:
            assert till.head() == message_id
            till.session.answer(message_id)
        assert till.head() is None


async def test_after_an_absence_important_ones_come_one_by_one_however_many(
    tmp_path: Path,
) -> None:
    server = FakeServer()
    sent = [publish(server, message_now(server, level=Level.IMPORTANT)) for _ in range(8)]
    for _ in range(2):  # also after a restart
        async with running(server, tmp_path, rules=Rules(popups_per_minute=5)) as till:
            await until(lambda: till.session.waiting() == 8)
            assert (till.head(), till.session.place()) == (sent[0], (1, 8))


async def test_a_digest_of_what_must_be_acknowledged_comes_back(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, rules=Rules(popups_per_minute=1)) as till:
        await connected(till)
        sent = [publish(server, message_now(server, level=Level.IMPORTANT)) for _ in range(3)]
        await until(lambda: till.session.waiting() == 3)
        till.session.answer(sent[0])
        digest = till.session.head()
        assert isinstance(digest, Digest)
        assert (digest.count, digest.level) == (2, Level.IMPORTANT)
        till.session.dismiss_digest(digest.id)
        assert till.head() is None
        pass_time(server, till, COMES_BACK_MS)
        await until(lambda: till.head() == digest.id)
        till.session.answer(sent[1])
        till.session.answer(sent[2])
        assert till.head() is None


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
async def test_a_flood_of_any_times_does_not_fill_the_memory(tmp_path: Path, level: Level) -> None:
    server = FakeServer()
    async with running(server, tmp_path, rules=Rules(popups_per_minute=2)) as till:
        await connected(till)
        for number in range(300):
            sent_at = server.now_ms - number * MINUTE_MS // 2
            publish(server, make_message(level=level, body="x" * 8000, sent_at=sent_at))
        await until(lambda: len(stored(tmp_path)) == 300)
        queue = till.session._desk._queue
        texts = sum(len(one.body) for one in queue._everything())
        assert len(queue) >= 200
        assert texts <= 100 * 8000
