"""Whatever the clocks do, over crashes and nights: nothing lost, nothing twice, nothing old as new.

The tray's real session, inbox and queue are driven without a link, a console believes as slowly
beside them, and a model knows the true time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.bus import LogEntry
from shared.clock import ClockMemory, RedisClock
from shared.codec import encode_envelope, encode_payload
from shared.model import DAY_MS, HOUR_MS, START, Level, Message, StreamId
from tests.conftest import LogGuard
from tests.fakes import FakeServer, FakeTrayBus, make_message
from tests.unit.tills import SIGNER, VERIFIER
from tray_client.digests import Digest
from tray_client.inbox import Inbox, read_messages
from tray_client.judge import Judge
from tray_client.records import State
from tray_client.registrar import TrayIdentity
from tray_client.rules import Rules
from tray_client.session import TraySession, kept_clock

MINUTE_MS = 60_000
RETENTION_MS = 7 * DAY_MS
CHANNEL = "Channel 1"
LEVELS = (Level.NORMAL, Level.IMPORTANT, Level.URGENT, Level.EMERGENCY)
SLACK_MS = 2 * HOUR_MS
"""Small jumps, which are followed at once, and heartbeats."""
JUMPS = (
    *(0, 0, MINUTE_MS, -MINUTE_MS, HOUR_MS, -HOUR_MS, 5 * HOUR_MS, -5 * HOUR_MS),
    *(100 * DAY_MS, -100 * DAY_MS),
)
WALLS = (0, 0, 3 * MINUTE_MS, -8 * HOUR_MS, 8 * HOUR_MS, -6 * 365 * DAY_MS, 3 * 365 * DAY_MS)
STEPS = st.tuples(
    st.sampled_from(
        [
            *("send", "send", "send", "answer", "answer", "a minute", "a while", "a while"),
            *("redis", "redis", "wall", "crash", "off for a while", "off for the night"),
        ]
    ),
    st.integers(0, 30),
)


@dataclass
class Sent:
    """One message: the true time when it left, and whether its ``sent_at`` was true.

    And whether since then one of the two clocks, Redis' or this PC's, was right at any moment.
    """

    message: Message
    at: int
    was_true: bool
    answered: bool = False
    is_over: bool = False
    """Whether it came too late by both times of the PC, which then need not keep it."""
    longer_ms: int = 0
    """By so much it may live longer, since it met a night that nobody could measure: the PC's clock
    was set back just before, which looks as if Redis' had gone ahead, or Redis' was far behind."""

    @property
    def life_ms(self) -> int:
        """How long it is meant to live."""
        return self.message.dies_at(RETENTION_MS) - self.message.sent_at


@dataclass
class World:
    """The true time, two wrong clocks, a console that is always on, and a PC that is not."""

    folder: Path
    now: int = 1_800_000_000_000
    redis_wrong: int = 0
    wall_wrong: int = 0
    booted: int = 0
    last: StreamId = START
    sent: dict[str, Sent] = field(default_factory=dict)
    unread: list[LogEntry] = field(default_factory=list)
    is_wall_unseen: bool = False
    """Whether the PC's clock was set since the last heartbeat."""

    def __post_init__(self) -> None:
        # The console's PC has a right clock; a till has what a till has.
        self.console = RedisClock(wall=lambda: self.now, steady=lambda: self.now)
        self.console.set(self.redis_ms)
        self.start()

    @property
    def redis_ms(self) -> int:
        """What ``TIME`` says."""
        return self.now + self.redis_wrong

    def start(self) -> None:
        """Switch the PC on: its steady clock begins again, and its wall clock may be lost."""
        self.booted = self.now
        inbox = Inbox(self.folder)
        memory: ClockMemory | None = kept_clock(inbox)
        clock = RedisClock(
            wall=lambda: self.now + self.wall_wrong,
            steady=lambda: self.now - self.booted,
            memory=memory,
        )
        self.inbox, self.clock = inbox, clock
        self.session = TraySession(
            FakeTrayBus(FakeServer()),
            inbox,
            Judge(VERIFIER, RETENTION_MS),
            clock,
            TrayIdentity("JKT-014", "till-1", "0", "test", "instance", "machine"),
            [CHANNEL],
            rules=Rules(popups_per_minute=1000),
            uniform=lambda low, high: low,
        )
        desk = self.session._desk
        desk.begin()
        self.session._take_redis_time(self.redis_ms)
        if self.clock.in_doubt:  # since when it is wrong is not known, so things may live longer
            for one in self.sent.values():
                one.longer_ms += 1000 * DAY_MS
        desk.hold()
        self.read()
        desk.release()
        desk.open_up()
        desk.announce()

    def read(self) -> None:
        """Read what the log has for this PC."""
        entries, self.unread = self.unread, []
        moved = {CHANNEL: entries[-1].id} if entries else {}
        self.session._process(CHANNEL, entries, moved)

    def stop(self) -> None:
        """Switch the PC off, or let the tray crash: nothing is kept but the inbox."""
        self.inbox.close()

    def beat(self, minutes: int) -> None:
        """Let time pass on a PC that is on."""
        for _ in range(minutes):
            self.is_wall_unseen = False
            self.now += MINUTE_MS
            self.console.set(self.redis_ms)
            self.session._follow_clock(self.redis_ms)
            self.session._desk.write_down()
            self.session._desk.announce()

    def idle(self, minutes: int) -> None:
        """Let time pass on a PC that is off."""
        self.stop()
        believed = self.clock.memory().last
        if self.is_wall_unseen or min(believed, self.redis_ms) < self.now - HOUR_MS:
            for one in self.sent.values():
                one.longer_ms += minutes * MINUTE_MS
        for _ in range(minutes):
            self.now += MINUTE_MS
            self.console.set(self.redis_ms)
        self.start()

    # --- steps ---

    def step(self, what: str, number: int) -> None:
        """Let one thing happen."""
        getattr(self, what.replace(" ", "_"))(number)
        if abs(self.redis_wrong) > HOUR_MS and abs(self.wall_wrong) > HOUR_MS:
            for one in self.sent.values():  # two wrong clocks: nothing on this PC knows the time
                one.was_true = False
        self.check()

    def send(self, number: int) -> None:
        """Head office sends a message, with the time that its console believes."""
        self.now += 1
        believed = self.console.believed_ms()
        self.console.hear_signed(believed)
        message = make_message(sent_at=believed, level=LEVELS[number % 4], title=f"{number}")
        right = abs(believed - self.now) <= HOUR_MS
        over = message.dies_at(RETENTION_MS) <= self.clock.agreed_ms()
        self.sent[message.id] = Sent(message, self.now, right, is_over=over)
        payload = encode_payload(message)
        envelope = encode_envelope(payload, [SIGNER.sign(payload)])
        entry_id = max(StreamId(self.redis_ms, 0), StreamId(self.last.ms, self.last.seq + 1))
        differs = abs(self.redis_ms - believed) > 600_000
        entry = LogEntry(
            CHANNEL, entry_id, self.last, envelope, believed if differs else self.redis_ms
        )
        self.last = entry_id
        self.session._take([LogEntry(CHANNEL, entry.id, entry.previous, envelope)])
        if not self.inbox.has(message.id):  # only its log can tell what it is: it is read there
            self.unread.append(entry)
            self.read()
        known = any(abs(time - believed) < 9 * MINUTE_MS for time in self.clock.now())
        if message.level is Level.EMERGENCY and known:  # else nothing here has the console's time
            self.session._desk.announce()
            head = self.session.head()
            assert head is not None, "an emergency is on the screen at once"
            assert head.level is Level.EMERGENCY

    def answer(self, _number: int) -> None:
        head = self.session.head()
        if head is None:
            return
        if isinstance(head, Digest):
            self.session.dismiss_digest(head.id)
            return
        self.session.displayed(head.id)
        self.session.acknowledge(head.id)
        self.sent[head.id].answered = True

    def a_minute(self, _number: int) -> None:
        self.beat(1)

    def a_while(self, number: int) -> None:
        self.beat(number)

    def redis(self, number: int) -> None:
        self.redis_wrong = JUMPS[number % len(JUMPS)]
        self.beat(1)

    def wall(self, number: int) -> None:
        self.wall_wrong = WALLS[number % len(WALLS)]
        self.is_wall_unseen = True

    def crash(self, _number: int) -> None:
        self.idle(0)

    def off_for_a_while(self, number: int) -> None:
        self.idle(number)

    def off_for_the_night(self, number: int) -> None:
        self.idle(600 + number)

    # --- rules ---

    def check(self) -> None:
        """What holds at every moment."""
        stored = [one.id for one in read_messages(self.folder)]
        assert len(stored) == len(set(stored)), "nothing twice"
        kept = {name for name, one in self.sent.items() if not one.is_over}
        assert kept <= set(stored), "nothing lost, and nothing deleted"
        head = self.session.head()
        if head is not None and not isinstance(head, Digest):
            assert not self.sent[head.id].answered, "what was answered does not come back"

    def check_settled(self) -> None:
        """What holds when all clocks are right again, for messages with a true time."""
        self.redis_wrong = self.wall_wrong = 0
        self.beat(15)
        self.idle(1)
        self.beat(15)
        self.check()
        states = {one.id: one.state for one in read_messages(self.folder)}
        for name, one in self.sent.items():
            age = self.now - one.at
            if one.answered:
                assert states[name] is State.ACKNOWLEDGED
            elif one.was_true and age < one.life_ms - SLACK_MS:
                assert states[name] in (State.RECEIVED, State.DISPLAYED), (one.message.level, age)
            elif one.was_true and age > one.life_ms + one.longer_ms + SLACK_MS:
                assert states[name] is State.EXPIRED, (one.message.level, age)
        assert not self.clock.in_doubt


@contextmanager
def a_world() -> Iterator[World]:
    """A folder of its own for each example."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.stop()


@example([("wall", 5), ("send", 0), ("redis", 6), ("a while", 25), ("redis", 2)])
@example([("redis", 4), ("wall", 3), ("off for a while", 0), ("send", 3)])
@example(
    [("redis", 9), ("send", 3), ("a while", 4), ("a while", 6), ("off for the night", 0)],
)
@example(
    [
        *(("send", 0), ("off for the night", 0), ("redis", 9), ("a while", 26)),
        *(("redis", 4), ("off for the night", 0)),
    ]
)
@example([("send", 3), ("redis", 8), ("a while", 22), ("redis", 4), ("off for the night", 0)])
@example([("redis", 3), ("wall", 5), ("send", 0), ("redis", 4), ("a while", 17)])
@example([("wall", 4), ("off for a while", 0), ("send", 3)])
@example([("wall", 4), ("off for a while", 0), ("redis", 6), ("send", 3)])
@example([("redis", 6), ("off for a while", 29), ("redis", 8), ("send", 3)])
@example([("wall", 5), ("redis", 0), ("wall", 0), ("send", 0), ("crash", 0)])
@example(
    [
        *(("off for a while", 10), ("a while", 25), ("redis", 5), ("a while", 17), ("a while", 7)),
        *(("send", 0), ("redis", 2), ("redis", 8), ("crash", 0), ("a while", 13)),
    ]
)
@example([("redis", 9), ("a while", 15), ("off for a while", 6), ("redis", 4), ("send", 3)])
@example([("wall", 4), ("redis", 0), ("wall", 0), ("send", 3), ("off for the night", 0)])
@given(st.lists(STEPS, min_size=1, max_size=40))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_clocks_do_what_they_like(log_guard: LogGuard, steps: list[tuple[str, int]]) -> None:
    log_guard.expect("Redis' clock|skipped something")
    with a_world() as world:
        for what, number in steps:
            world.step(what, number)
        world.check_settled()
