"""Whatever people, head office, other PCs, time and crashes do in whatever order, the rules hold.

A plain model beside the real inbox and desk says what each message has become; after every step the
screen may show only what the model allows, and each message ends once.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clock import RedisClock
from shared.instance.answered import LocalAnswer
from shared.model import DAY_MS, HOUR_MS, LOUD_LEVELS, Ack, Level, Message
from shared.receipts import Answer
from tests.conftest import LogGuard
from tests.fakes import make_message
from tray_client.desk import Desk
from tray_client.digests import Digest
from tray_client.inbox import Inbox
from tray_client.records import Arrived, InboxMessage, NewMessage, Recall, Reminder, State
from tray_client.registrar import TrayIdentity
from tray_client.rules import MINUTE_MS, Rules

IDENTITY = TrayIdentity("JKT-014", "till-1", "0", "test", "instance", "machine")
HERE, OTHER = "JKT-014/till-1", "JKT-014/till-2"
RULES = Rules(snooze_minutes=15, do_not_disturb_minutes=30, popups_per_minute=2)
LEVELS = list(Level)
STEPS = st.tuples(
    st.sampled_from(
        [
            *("arrive", "arrive", "arrive later", "arrive short", "arrive for the outlet"),
            *("replace", "recall", "recall unknown", "arrive recalled", "remind"),
            *("answer", "answer", "answer any", "elsewhere", "for the outlet"),
            *("told", "told by another", "told early"),
            *("snooze", "snooze all", "quiet", "dismiss"),
            *("wait a bit", "wait long", "crash", "read the logs"),
        ]
    ),
    st.integers(0, 30),
)


@dataclass
class Known:
    """What the model knows of one message. ``state`` None: it waits for an answer."""

    message: Message
    expires_at: int
    state: State | None = None
    claimed: str = ""
    """The PC that was first said to have answered it, while it stayed open all the same."""


@dataclass
class World:
    """One PC, and the model beside it."""

    folder: Path
    now: int = 1_800_000_000_000
    quiet_until: int = 0
    known: dict[str, Known] = field(default_factory=dict)
    unborn: list[Message] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        clock = RedisClock(wall=lambda: self.now, steady=lambda: self.now)
        clock.set(self.now)
        self.inbox = Inbox(self.folder)
        self.desk = Desk(self.inbox, clock, IDENTITY, RULES)
        self.desk.taken_off.connect(lambda message: self.ends.append(message.id))
        self.desk.begin()
        self.desk.open_up()

    def step(self, what: str, number: int) -> None:
        """Let one thing happen."""
        self.now += 1
        getattr(self, what.replace(" ", "_"))(number)
        self._expire()
        self.desk.announce()
        self.check()

    # --- what happens ---

    def arrive(self, number: int, **changes: object) -> None:
        message = make_message(
            level=LEVELS[number % 5],
            sent_at=self.now,
            replies=["Yes"] if number % 2 else [],
            ack=Ack.NONE if number % 7 == 0 else Ack.PC,
            **changes,
        )
        self._store(message)

    def arrive_later(self, number: int) -> None:
        self.arrive(number, show_at=self.now + number * MINUTE_MS)

    def arrive_short(self, number: int) -> None:
        self.arrive(number, expires_at=self.now + number * MINUTE_MS)

    def arrive_for_the_outlet(self, number: int) -> None:
        self._store(make_message(level=LEVELS[number % 5], sent_at=self.now, ack=Ack.OUTLET))

    def replace(self, number: int) -> None:
        first = self._any(number)
        if first is not None:
            self._store(make_message(sent_at=self.now, replaces=first.message.id))
            self._end(first, State.RECALLED)

    def recall(self, number: int) -> None:
        known = self._any(number)
        if known is not None:
            self._take(Recall(known.message.id, f"recall {self.now}", ("Channel 1",), self.now))
            self._end(known, State.RECALLED)

    def recall_unknown(self, number: int) -> None:
        message = make_message(level=LEVELS[number % 5], sent_at=self.now)
        self.unborn.append(message)
        self._take(Recall(message.id, f"recall {self.now}", ("*",), self.now))

    def arrive_recalled(self, number: int) -> None:
        if self.unborn:
            message = self.unborn[number % len(self.unborn)]
            self._store(message)
            self.known[message.id].state = State.RECALLED

    def remind(self, number: int) -> None:
        known = self._any(number)
        if known is not None:
            self._take(Reminder(known.message.id, ("Channel 1",), self.now))

    def answer(self, number: int) -> None:
        head = self.desk.head()
        if isinstance(head, InboxMessage):
            self.desk.displayed(head.id)
            reply = "Yes" if number % 3 == 0 else ""
            closes = head.ack is Ack.NONE and not (reply and head.replies)
            self.desk.answer(head.id, reply)
            known = self.known[head.id]
            self._end(known, State.CLOSED if closes else self._answered_here(known))

    def answer_any(self, number: int) -> None:
        known = self._any(number)  # in the inbox window, where every message is
        if known is not None:
            closes = known.message.ack is Ack.NONE
            self.desk.answer(known.message.id)
            self._end(known, State.CLOSED if closes else self._answered_here(known))

    def elsewhere(self, number: int) -> None:
        known = self._any(number)
        if known is not None and known.message.id in self.desk.ids():
            self.desk.learn(Answer(known.message.id, here_at=self.now))
            self._claim(known, HERE)

    def for_the_outlet(self, number: int) -> None:
        known = self._any(number)
        if known is not None and known.message.id in self.desk.ids():
            answer = Answer(known.message.id, outlet_by=OTHER, outlet_at=self.now)
            self.desk.learn(answer)
            if known.message.ack is Ack.OUTLET:
                self._claim(known, OTHER)

    def told(self, number: int) -> None:
        """Another session of this user has acknowledged it."""
        known = self._any(number)
        if known is not None and known.message.id in self.desk.ids():
            self.desk.learn_here(LocalAnswer(known.message.id, self.now))
            self._end(known, State.ACKNOWLEDGED)

    def told_by_another(self, number: int) -> None:
        """Another user of this PC has acknowledged it."""
        known = self._any(number)
        if known is not None and known.message.id in self.desk.ids():
            self.desk.learn_here(LocalAnswer(known.message.id, self.now), "budi")
            if known.message.level not in LOUD_LEVELS:
                self._end(known, State.ACKNOWLEDGED)
            elif known.state is None:
                known.claimed = known.claimed or HERE

    def told_early(self, number: int) -> None:
        """Another session of this user has acknowledged what comes here only now."""
        level = LEVELS[1 + number % 4]
        message = make_message(level=level, sent_at=self.now, ack=Ack.OUTLET)
        self.desk.learn_here(LocalAnswer(message.id, self.now))
        self._store(message)
        self._end(self.known[message.id], State.ACKNOWLEDGED)

    def snooze(self, number: int) -> None:
        known = self._any(number)
        if known is not None:
            self.desk.snooze(known.message.id, (5, 15)[number % 2])

    def snooze_all(self, number: int) -> None:
        self.desk.snooze(None, (5, 15)[number % 2])

    def quiet(self, number: int) -> None:
        self.desk.do_not_disturb(number)
        self.quiet_until = self.now + number * MINUTE_MS if number else 0

    def dismiss(self, _number: int) -> None:
        head = self.desk.head()
        if isinstance(head, Digest):
            self.desk.dismiss_digest(head.id)

    def wait_a_bit(self, number: int) -> None:
        self.now += number * MINUTE_MS

    def wait_long(self, number: int) -> None:
        self.now += number * HOUR_MS

    def crash(self, _number: int) -> None:
        self.inbox.close()
        self._open()

    def read_the_logs(self, _number: int) -> None:
        self.desk.hold()
        for known in list(self.known.values()):
            self._take(self._new(known.message))
        self.desk.release()
        self.desk.open_up()

    # --- what must hold ---

    def check(self) -> None:
        """Compare the screen and the inbox with the model."""
        head = self.desk.head()
        open_now = [
            one.message
            for one in self.known.values()
            if one.state is None
            and one.message.level is not Level.SILENT
            and one.message.due_at() <= self.now
        ]
        assert self.desk.waiting() == len(open_now), "an honest count"
        if head is not None:
            assert head.level.rank <= max((one.level.rank for one in open_now), default=-1)
            assert self.now >= self.quiet_until or head.level is Level.EMERGENCY
        if isinstance(head, InboxMessage):
            assert head.id in {one.id for one in open_now}
            assert head.body, "a message comes with its text"
        if isinstance(head, Digest):
            assert 0 < head.count <= len(open_now)
        emergency = any(one.level is Level.EMERGENCY for one in open_now)
        if emergency and not (head and head.level is Level.EMERGENCY):
            # Only a digest of emergencies that somebody has just put away may hide some.
            assert any(one.level is Level.EMERGENCY for one in self.desk._queue._digests.messages())
        assert len(self.ends) == len(set(self.ends)), "each ends once"
        for known in self.known.values():
            row = self.inbox.get(known.message.id)
            assert row is not None
            if known.state is not None and known.message.level is not Level.SILENT:
                assert row.state is known.state
            if known.state is None:
                assert row.state in (State.RECEIVED, State.DISPLAYED)

    def nothing_is_lost(self) -> None:
        """In the end, when nobody puts anything off any more, everything that waits comes up."""
        self.desk.do_not_disturb(0)
        self.quiet_until = 0
        self.now += 16 * MINUTE_MS
        self._expire()
        self.desk.announce()
        while (head := self.desk.head()) is not None:
            self.check()
            if isinstance(head, Digest):
                self.desk.dismiss_digest(head.id)
            else:
                self.answer(1)
        left = {one.message.id for one in self.known.values() if one.state is None}
        due = {name for name in left if self.known[name].message.due_at() <= self.now}
        loud = {name for name in due if self.known[name].message.level is not Level.SILENT}
        assert loud <= set(self.desk.ids()), "what was folded waits in the inbox"

    # --- inside ---

    def _any(self, number: int) -> Known | None:
        known = list(self.known.values())
        return known[number % len(known)] if known else None

    def _new(self, message: Message) -> NewMessage:
        return NewMessage(message, "Channel 1", True, self.now, message.dies_at(7 * DAY_MS))

    def _store(self, message: Message) -> None:
        self._take(self._new(message))
        self.known.setdefault(message.id, Known(message, message.dies_at(7 * DAY_MS)))

    def _take(self, arrived: Arrived) -> None:
        self.desk.take(self.inbox.store([arrived]))

    def _end(self, known: Known, state: State) -> None:
        if known.state is None and known.expires_at > self.now:
            known.state = state

    def _claim(self, known: Known, by: str) -> None:
        """Redis says that *by* has answered: what is quiet closes, what is loud only says so."""
        if known.message.level not in LOUD_LEVELS:
            self._end(known, State.ANSWERED)
        elif known.state is None:
            known.claimed = known.claimed or by

    def _answered_here(self, known: Known) -> State:
        outlet = known.message.ack is Ack.OUTLET and known.claimed == OTHER
        return State.ANSWERED if outlet else State.ACKNOWLEDGED

    def _expire(self) -> None:
        self.inbox.expire(self.now)
        for known in self.known.values():
            if known.state is None and known.expires_at <= self.now:
                known.state = State.EXPIRED


@given(st.lists(STEPS, max_size=40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_screen_shows_only_what_waits_and_each_message_ends_once(
    log_guard: LogGuard, steps: list[tuple[str, int]]
) -> None:
    log_guard.expect("")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            for what, number in steps:
                world.step(what, number)
            world.nothing_is_lost()
        finally:
            world.inbox.close()
