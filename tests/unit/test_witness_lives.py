"""Two honest sessions of one PC, in any order of what can happen: neither contradicts the other."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import RedisClock
from shared.model import DAY_MS
from shared.receipts import Answer, Receipt
from tests.fakes import make_message
from tray_client.inbox import Inbox
from tray_client.records import WAITING_STATES, NewMessage
from tray_client.witness import Witness

START = 1_800_000_000_000
BEAT_MS = 60_000


class Redis:
    """What Redis has in the name of the PC, kept as the script keeps it."""

    def __init__(self) -> None:
        self.now = START
        self.entries: dict[str, Receipt] = {}
        self.words: dict[str, Receipt] = {}
        self.sent: list[tuple[str, int]] = []
        self.recalled: list[str] = []

    def take(self, told: Receipt) -> None:
        """A stage that is there keeps its first time; an answer takes the place of an end."""
        there = self.entries.get(told.message_id)
        if there is None:
            self.entries[told.message_id] = replace(told, confirmed="")
            return
        first = there.acknowledged_at is not None
        answer = there if first else told
        self.entries[told.message_id] = replace(
            there,
            displayed_at=there.displayed_at or told.displayed_at,
            acknowledged_at=answer.acknowledged_at,
            os_user=answer.os_user,
            reply=answer.reply,
            closed="" if answer.acknowledged_at else there.closed or told.closed,
        )


class Session:
    """A user's inbox, and a tray while it runs."""

    def __init__(self, redis: Redis, folder: Path, user: str) -> None:
        self.redis = redis
        self.user = user
        self.inbox = Inbox(folder)
        self.clock = RedisClock(wall=lambda: redis.now, steady=lambda: redis.now)
        self.witness: Witness | None = None
        self.kept: dict[str, int] = {}
        self.linked = True

    def turn(self) -> None:
        """Start, or end."""
        if self.witness is not None:
            self.witness, self.kept = None, {}
            return
        self.witness = Witness(self.inbox, self.clock, heartbeat_s=60)
        self.witness.note_others(heard=True)
        self.read()

    def read(self) -> None:
        """Take in what was sent, and report it."""
        if self.witness is None or not self.linked:
            return
        for name, sent_at in self.redis.sent:
            if not self.inbox.has(name):
                one = make_message(id=name, sent_at=sent_at)
                new = NewMessage(one, "Channel 1", True, self.redis.now, sent_at + 7 * DAY_MS)
                self.inbox.store([new])
                self.inbox.mark_displayed(name, self.redis.now)
                if name in self.kept:
                    self.hear(name, self.kept[name])
        waiting = ", ".join(f"'{one.value}'" for one in WAITING_STATES)
        for name in self.redis.recalled:  # in the log, too
            self.inbox._db.execute(
                f"UPDATE messages SET state = 'recalled' WHERE id = ? AND state IN ({waiting})",
                (name,),
            )
        self.report()

    def report(self) -> None:
        """Tell Redis what it does not know, and look at what it has."""
        if self.witness is None or not self.linked:
            return
        for receipt in self.inbox.unreported(50):
            self.redis.take(receipt)
            self.inbox.mark_reported([receipt])
            self.witness.see(self.answer(receipt.message_id))

    def press_ok(self) -> tuple[str, int] | None:
        """Acknowledge the oldest that waits here, if any."""
        if self.witness is None or not (waiting := self.inbox.waiting()):
            return None
        name, at = waiting[0].id, self.redis.now
        self.inbox.mark_acknowledged(name, at, self.user)
        return name, at

    def hear(self, name: str, at: int) -> None:
        """The other session tells of an answer; what is urgent stays open here."""
        if self.witness is None:
            return
        if not self.inbox.has(name):
            self.kept[name] = at
            return
        self.inbox._db.execute("UPDATE messages SET told_at = ? WHERE id = ?", (at, name))

    def beat(self) -> list[Receipt]:
        """A heartbeat; what it would say against Redis."""
        if self.witness is None or not self.linked:
            return []
        self.read()
        for name in self.witness.to_look_at():
            self.witness.see(self.answer(name))
        return self.witness.objections()

    def answer(self, name: str) -> Answer:
        return Answer(
            name, entry=self.redis.entries.get(name), contradiction=self.redis.words.get(name)
        )


steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "turn", "ok", "report", "cut", "beat", "beat", "wait", "recall"]),
        st.integers(0, 1),
        st.integers(1, BEAT_MS),
    ),
    max_size=40,
)


class Till:
    """One PC with two users."""

    def __init__(self, folder: Path, *, tells: bool = True) -> None:
        self.redis = Redis()
        self.both = [Session(self.redis, folder / user, user) for user in ("sari", "budi")]
        self._tells = tells

    def do(self, step: str, which: int, ms: int) -> list[Receipt]:
        """Let something happen *ms* later; returns what that session would say against Redis."""
        self.redis.now += ms
        session, other = self.both[which], self.both[1 - which]
        if step == "send":
            self.redis.sent.append((make_message().id, self.redis.now))
            for one in self.both:
                one.read()
        elif step == "ok":
            answered = session.press_ok()
            if answered and self._tells:
                other.hear(*answered)
        elif step == "recall":
            self.redis.recalled = [name for name, _ in self.redis.sent]
            for one in self.both:
                one.read()
        elif step == "cut":
            session.linked = not session.linked
        elif step == "beat":
            self.redis.now += int(0.8 * BEAT_MS)
            return session.beat()
        elif step != "wait":
            getattr(session, step)()
        return []

    def close(self) -> None:
        for one in self.both:
            one.inbox.close()


@settings(max_examples=150)
@given(steps)
def test_honest_sessions_never_contradict_each_other(way: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Till(Path(folder))) as till:
        for number, step in enumerate(way):
            assert till.do(*step) == [], (number, step)


def test_the_model_would_notice_a_session_that_tells_nothing(tmp_path: Path) -> None:
    with closing(Till(tmp_path, tells=False)) as till:
        for step, which in (("turn", 0), ("turn", 1), ("wait", 0), ("send", 0), ("ok", 0)):
            till.do(step, which, BEAT_MS)
        till.do("report", 0, 1)
        assert [bool(till.do("beat", 1, 1)) for _ in range(3)] == [False, True, True]
