"""The people's side of the tray: what is on the screen, and what is done with it. No link, no Qt.

The head of the queue is to be on the screen. People answer it, put it off, or want no disturbance
for a while; head office recalls it, another PC answers for all, or it expires. Whatever a person
did is written down, again and again if the disk refuses, and holds over a restart. Nothing here
paints: ``queue_changed`` says that the head may be another, and the presenter asks for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from shared.clock import RedisClock
from shared.errors import StorageError
from shared.instance.answered import LocalAnswer
from shared.model import LOUD_LEVELS, Ack
from shared.receipts import Answer
from shared.signals import Signal
from shared.tasks import sleep_unless
from shared.text import safe_line
from tray_client.claims import MAX_ACCOUNT, Claim, answered_for_outlet, claim_in
from tray_client.digests import COMES_BACK_MS
from tray_client.inbox import Inbox, InboxDamaged
from tray_client.notes import SETTLED, Notes
from tray_client.popup_queue import DIGEST_ID, Digest, PopupQueue
from tray_client.records import WAITING_STATES, InboxMessage, State
from tray_client.registrar import TrayIdentity
from tray_client.rules import MINUTE_MS, Ringer, Rules

log = logging.getLogger(__name__)

OFFLINE_AFTER_MS = 20_000
"""How long a tray that has just started waits for Redis before it opens what it has: a recall may
be on its way, but an emergency of this morning must not wait for the network."""
LONGEST_NAP_S = 60.0
"""At most so long until the clock is looked at again: it may be set anew meanwhile."""
QUIET_FACT = "quiet_until_ms"
PUT_OFF = "put off"
CLAIMED = "claimed"
TOLD = "told"
MOST_TOLD = 256
"""Answers of other sessions that are kept for messages which have not come here yet."""


class Desk:
    """What waits for a person here.

    ``news``: there is something to report to head office. ``taken_off``: a message that ended
    without an answer here; its state says how. ``ring``: the open popup is to be heard.
    ``answered_here``: a person has acknowledged a message here.
    """

    def __init__(
        self,
        inbox: Inbox,
        clock: RedisClock,
        identity: TrayIdentity,
        rules: Rules,
    ) -> None:
        self.queue_changed: Signal[[]] = Signal()
        self.inbox_changed: Signal[[]] = Signal()
        self.news: Signal[[]] = Signal()
        self.taken_off: Signal[[InboxMessage]] = Signal()
        self.answered_here: Signal[[LocalAnswer]] = Signal()
        self.ring: Signal[[InboxMessage | Digest]] = Signal()
        self.quiet_changed: Signal[[int]] = Signal()
        self.damaged: Signal[[]] = Signal()
        self.rules = rules
        self._inbox = inbox
        self._clock = clock
        self._endpoint = f"{identity.outlet}/{identity.pc}"
        self._os_user = identity.os_user
        self._notes = Notes(self.storage_failed)
        self._queue = PopupQueue(rules.popups_per_minute)
        self._ringer = Ringer(rules.ring_seconds)
        self._on_screen: InboxMessage | Digest | None = None
        self._may_open = False
        self._held = False
        self._attentive = True
        self._seen_later: set[str] = set()
        self._told: dict[str, tuple[LocalAnswer, str | None]] = {}
        self._opens_offline_at = 0
        self._expire_by = 0
        self._turn_changed = asyncio.Event()

    # --- what the screen asks for ---

    def head(self) -> InboxMessage | Digest | None:
        """What to have on the screen now.

        Nothing new while the logs are read after connecting: they may hold the recall of what is
        waiting here. What is open already stays.
        """
        self._drop_expired()
        now = self._now()
        if not self._may_open or self._held:
            if self._on_screen is not None and not self._queue.holds(self._on_screen.id, now):
                self._on_screen = None
        else:
            self._on_screen = self._queue.head(now)
        return self._on_screen

    def place(self) -> tuple[int, int]:
        """The head's place and how many there are: ``(1, 3)``."""
        return self._queue.place(self._now())

    def waiting(self) -> int:
        """How many messages wait for an answer."""
        return self._queue.count(self._now()) if self._may_open else 0

    def displayed(self, message_id: str) -> None:
        """The message's text is on the screen; it counts if somebody can see that screen."""
        self._queue.shown(message_id)
        if self._attentive:
            self._note_displayed(message_id)
        else:
            self._seen_later = {message_id}  # only the last one is still on the screen

    def set_attentive(self, attentive: bool) -> None:
        """Whether this session is unlocked and in front; else what is painted is not displayed."""
        self._attentive = attentive
        if attentive:
            for message_id in self._seen_later & self._queue.ids():
                self._note_displayed(message_id)
            self._seen_later = set()

    # --- what people do ---

    def answer(self, message_id: str, reply: str = "") -> None:
        """A person has answered the message: with *reply*, one of its own, or by OK.

        One that asks for no acknowledgement is closed without one, unless a reply was chosen; one
        that another PC has answered for the outlet is ``answered``.
        """
        message = self._find(message_id)
        if message is not None and reply not in message.replies:
            reply = ""
        at = self._clock.believed_ms()
        state, write = self._end_here(message_id, message, at, reply)
        self._take_note((message_id, SETTLED), write)
        self._queue.answer(message_id)
        log.info("%s here: %s", state, message_id)
        self.announce()
        if state is State.ACKNOWLEDGED:
            self.answered_here.emit(LocalAnswer(message_id, at, reply))

    def acknowledge(self, message_id: str) -> None:
        """A person has pressed OK."""
        self.answer(message_id)

    def snooze(self, head_id: str | None, minutes: int) -> None:
        """Put one message or digest off, or with None all that waits now but emergencies.

        What policy does not allow (``rules``) stays where it is.
        """
        now = self._now()
        until = now + minutes * MINUTE_MS
        rule = self.rules.snoozes_of_all if head_id is None else self.rules.snoozes
        for message in self._queue.singly():
            asked = head_id in (None, message.id) and message.opens_at <= now
            if asked and minutes in rule(message):
                self._put_off(message, until, minutes * MINUTE_MS)
        for digest in self._queue.digests(now):
            if head_id in (None, digest.id) and minutes in rule(digest):
                totals = self._queue.snooze_digest(digest.id, now, until)
                write = partial(self._inbox.snooze_all, until, totals)
                self._notes.take((digest.id, PUT_OFF), write)
        self.announce()

    def do_not_disturb(self, minutes: int) -> None:
        """Let nothing but an emergency come, for at most as long as policy allows; 0: at once."""
        minutes = max(0, min(minutes, self.rules.do_not_disturb_minutes))
        until = self._now() + minutes * MINUTE_MS if minutes else 0
        self._queue.quiet_until = until
        self._notes.take(("", QUIET_FACT), partial(self._inbox.set_fact, QUIET_FACT, str(until)))
        log.info("do not disturb: %d minutes", minutes)
        self.quiet_changed.emit(until)
        self.announce()

    @property
    def quiet_until(self) -> int:
        """Until when nobody is to be disturbed, in ms by Redis' clock; 0: come in."""
        until = self._queue.quiet_until
        return until if until > self._now() else 0

    def dismiss_digest(self, digest_id: str = DIGEST_ID) -> None:
        """A person has seen how many were missed; they wait in the inbox without a popup."""
        self._queue.dismiss_digest(self._now(), digest_id)
        self.announce()

    # --- what the session brings ---

    def begin(self) -> None:
        """Queue what waited when the program ended; nothing opens yet."""
        self._opens_offline_at = self._clock.ticks_ms() + OFFLINE_AFTER_MS
        self.restore()

    def restore(self) -> None:
        """Queue what waits in the inbox, as the clock is now: until Redis was asked it is the PC's.

        What seemed to have expired is queued anew. Nothing is put off for longer than policy
        allows, whatever the clock said when it was, and whatever the policy.
        """
        now = self._now()
        self._queue.quiet_until = self._kept_quiet(now)
        latest = now + self.rules.snooze_minutes * MINUTE_MS
        self._queue.hurry_digests(max(latest, now + COMES_BACK_MS))
        settled = self._notes.settled()
        for one in self._inbox.waiting():
            message = replace(one, snoozed_until=0) if one.snoozed_until > latest else one
            if self._queue.get(one.id) is not None:
                self._queue.put(message)
            elif one.id not in settled:
                self._queue.add([message], missed=True)
            self._apply_told(one.id)

    def time_went_back(self) -> None:
        """Time is another: what a clock that was ahead has ended waits again."""
        self._expire_by = 0
        self.restore()
        self.inbox_changed.emit()
        self.announce()

    def hold(self) -> None:
        """The logs are read: open nothing new."""
        self._held = True

    def release(self) -> None:
        """The logs were read, or the link was lost meanwhile."""
        self._held = False

    def let_go(self) -> None:
        """The link broke while the logs were read: open what they brought, if something may."""
        self.release()
        if self._may_open:
            self.open_up()
        self.announce()

    def open_up(self) -> None:
        """Everything is known: fold what was missed, and open what waits."""
        self._queue.fold(self._now())
        self._may_open = True

    def take(self, changed: Iterable[InboxMessage], *, live: bool = False) -> None:
        """Take over messages that are new, or that head office changed.

        *live*: they came this moment, so they are not old, whatever the clocks say.
        """
        changed = list(changed)
        if live:
            self._queue.spare(message.id for message in changed)
        gone, missed = False, self._held or not self._may_open
        for message in changed:
            if message.reminded_at and message.wants_popup:
                self._queue.put(message)
            elif message.wants_popup:
                self._queue.add([message], missed=missed)
            elif self._queue.remove(message.id):
                log.info("%s is %s", message.id, message.state)
                gone = True
                self.taken_off.emit(message)
            self._apply_told(message.id)
        self.inbox_changed.emit()
        if gone or not self._held:  # what is read next may be more urgent, but this must close
            self.announce()

    def learn(self, answer: Answer) -> None:
        """Take over what Redis says of answers given elsewhere, as far as it may (``claims``)."""
        message = self._queue.find(answer.message_id)
        claim = None if message is None else claim_in(answer, message, self._endpoint)
        if message is None or claim is None:
            return
        if self.rules.closes(message.level):
            self._end_by(claim, message)
        elif not message.answered_by:
            self._note_claim(claim, message)

    def learn_here(self, answer: LocalAnswer, other_user: str | None = None) -> None:
        """Take over what was acknowledged in another session of this PC, as its tray says.

        *other_user*: whose session that is; None: of this user. Another user's answer does not
        close what is urgent. An answer to a message that is still to come is kept for it.
        """
        message = self._queue.find(answer.id)
        if message is None:
            self._keep_told(answer, other_user)
            return
        at, user = answer.at, self._os_user
        if other_user is not None:
            at = min(at, self._clock.believed_ms() + MINUTE_MS)
            user = safe_line(other_user, MAX_ACCOUNT)
        reply = answer.reply if answer.reply in message.replies else ""
        claim = Claim(self._endpoint, user, reply)
        if other_user is None or message.level not in LOUD_LEVELS:
            self._end_told(claim, message, at)
        else:
            self._note_told(claim, message, at)

    def answered_for_outlet(self, message: InboxMessage) -> bool:
        """Whether another PC is said to have answered it: nothing is left but to close it."""
        return answered_for_outlet(message.ack, message.answered_by, self._endpoint)

    def ids(self) -> set[str]:
        """Everything that is not answered yet."""
        return self._queue.ids()

    def write_down(self) -> bool:
        """Write what the disk has not taken yet; whether it has all of it now.

        What people did comes before what ends by itself, or by head office, and would undo it.
        """
        self._notes.write()
        if self._notes.unwritten():
            return False
        try:
            if self._expire_by:
                self._inbox.expire(self._expire_by)
        except StorageError as error:
            self.storage_failed(error)
            return False
        self._expire_by = 0
        return True

    def storage_failed(self, error: StorageError) -> None:
        """The disk has refused something."""
        if isinstance(error, InboxDamaged):
            self.damaged.emit()

    # --- time ---

    def wake(self) -> None:
        """Look at the clock again: the PC has slept, or it was set."""
        self._turn_changed.set()

    def announce(self) -> None:
        """The head may be another, and so may be the time of the next change."""
        self._turn_changed.set()
        self.queue_changed.emit()
        head = self.head()
        heard = head if head is None or self._is_heard(head) else None
        if self._ringer.rings(heard, self._now()) and heard is not None:
            self.ring.emit(heard)

    async def watch_clock(self) -> None:
        """Announce the queue when a message becomes due, expires, or is to be heard again."""
        while True:
            self._turn_changed.clear()
            self.write_down()
            now = self._now()
            change = self._next_change(now)
            await sleep_unless(self._turn_changed, nap_s(None if change is None else change - now))
            if change is not None and self._now() >= change:
                self._open_offline()
                self._announce_safely()

    # --- inside ---

    def _now(self) -> int:
        """The time that has passed by both clocks, in ms."""
        now = self._clock.now()
        self._queue.newest_ms = now.newest_ms
        return now.agreed_ms

    def _find(self, message_id: str) -> InboxMessage | None:
        return self._queue.get(message_id) or self._stored(message_id)

    def _stored(self, message_id: str) -> InboxMessage | None:
        try:
            return self._inbox.get(message_id)
        except StorageError as error:
            self.storage_failed(error)
            return None

    def _note_displayed(self, message_id: str) -> None:
        at = self._clock.believed_ms()
        write = partial(self._inbox.mark_displayed, message_id, at)
        self._take_note((message_id, State.DISPLAYED), write)

    def _take_note(self, key: tuple[str, str], write: Callable[[], object]) -> None:
        self._notes.take(key, write)
        self.news.emit()
        self.inbox_changed.emit()

    def _put_off(self, message: InboxMessage, until: int, ms: int) -> None:
        put_off = replace(message, snoozed_until=until, snoozed_ms=message.snoozed_ms + ms)
        write = partial(self._inbox.snooze, message.id, until, put_off.snoozed_ms)
        self._notes.take((message.id, PUT_OFF), write)
        self._queue.put(put_off)

    def _kept_quiet(self, now: int) -> int:
        kept = self._inbox.fact(QUIET_FACT) or ""
        until = int(kept) if kept.isdecimal() else 0
        return min(until, now + self.rules.do_not_disturb_minutes * MINUTE_MS)

    def _end_here(
        self, message_id: str, message: InboxMessage | None, at: int, reply: str
    ) -> tuple[State, Callable[[], object]]:
        """How a person here ends a message, and what writes it down."""
        if message is not None and not reply:
            if self.answered_for_outlet(message):
                claim = Claim(message.answered_by, message.answered_user, message.reply)
                return State.ANSWERED, partial(self._inbox.mark_answered, message_id, claim)
            if message.ack is Ack.NONE:
                return State.CLOSED, partial(self._inbox.mark_closed, message_id)
        write = partial(self._inbox.mark_acknowledged, message_id, at, self._os_user, reply)
        return State.ACKNOWLEDGED, write

    def _end_by(self, claim: Claim, message: InboxMessage) -> None:
        """Close *message*: it was answered elsewhere."""
        write = partial(self._inbox.mark_answered, message.id, claim)
        self._take_note((message.id, SETTLED), write)
        self._queue.answer(message.id)
        log.info("answered elsewhere: %s", message.id)
        self.taken_off.emit(_claimed(message, claim, state=State.ANSWERED))
        self.announce()

    def _keep_told(self, answer: LocalAnswer, other_user: str | None) -> None:
        """Keep an answer to a message that is not queued: it has ended, or has yet to come."""
        stored = self._stored(answer.id)
        if stored is not None and stored.state not in WAITING_STATES:
            told = partial(self._inbox.note_told, answer.id, answer.at)
            self._notes.take((answer.id, TOLD), told)
            return
        self._told[answer.id] = (answer, other_user)
        while len(self._told) > MOST_TOLD:
            del self._told[next(iter(self._told))]

    def _apply_told(self, message_id: str) -> None:
        if message_id in self._told:
            self.learn_here(*self._told.pop(message_id))

    def _end_told(self, claim: Claim, message: InboxMessage, at: int) -> None:
        """Close *message*: it was acknowledged in another session of this PC."""
        write = partial(self._inbox.mark_told, message.id, at, claim)
        self._take_note((message.id, SETTLED), write)
        self._queue.answer(message.id)
        log.info("acknowledged in another session of this PC: %s", message.id)
        self.taken_off.emit(_claimed(message, claim, state=State.ACKNOWLEDGED))
        self.announce()

    def _note_told(self, claim: Claim, message: InboxMessage, at: int) -> None:
        """Keep that another user acknowledged *message* on this PC; it waits here all the same."""
        if not message.told_at:
            told = partial(self._inbox.note_told, message.id, at)
            self._take_note((message.id, TOLD), told)
            message = replace(message, told_at=at)
            self._queue.note(message)
        if not message.answered_by:
            self._note_claim(claim, message)

    def _note_claim(self, claim: Claim, message: InboxMessage) -> None:
        """Say who is said to have answered *message*, which waits here all the same."""
        self._take_note((message.id, CLAIMED), partial(self._inbox.note_claim, message.id, claim))
        self._queue.note(_claimed(message, claim, state=message.state))
        log.info("said to be answered elsewhere, and still open here: %s", message.id)
        self.announce()

    def _is_heard(self, head: InboxMessage | Digest) -> bool:
        """What another PC has answered for the outlet is quiet, until head office asks again."""
        if isinstance(head, Digest) or head.reminded_at:
            return True
        return not self.answered_for_outlet(head)

    def _drop_expired(self) -> None:
        now = self._now()
        # Until Redis was asked the time is the PC's, which may be a year off: what seems to have
        # expired is not opened, but not given up either.
        if not self._clock.synchronised:
            return
        gone = self._queue.expire(now)
        if not gone:
            return
        self._expire_by = now
        self.write_down()
        log.info("%d expired unanswered", len(gone))
        self.news.emit()
        self.inbox_changed.emit()
        for message in gone:
            self.taken_off.emit(replace(message, state=State.EXPIRED))

    def _open_offline(self) -> None:
        """Open what is waiting although Redis cannot be reached: there may be no other way."""
        if not self._may_open and self._clock.ticks_ms() >= self._opens_offline_at:
            log.info("still not connected: opening what is waiting here")
            self.open_up()

    def _next_change(self, now: int) -> int | None:
        times = [self._queue.next_change(now), self._ringer.next()]
        if not self._may_open:
            times.append(now + self._opens_offline_at - self._clock.ticks_ms())
        return min((time for time in times if time is not None), default=None)

    def _announce_safely(self) -> None:
        try:
            self.announce()
        except Exception as error:
            log.exception("the screen could not be brought up to date: %s", error)  # noqa: TRY401


def _claimed(message: InboxMessage, claim: Claim, *, state: State) -> InboxMessage:
    return replace(
        message,
        state=state,
        answered_by=claim.by,
        answered_user=claim.user,
        reply=claim.reply,
    )


def nap_s(until_ms: int | None) -> float:
    """How long to sleep before looking at the clock again, for a change in *until_ms*.

    Qt's timers may be 5 % late, which is 3 s in a minute; so all but the last second of a wait is
    slept in parts that end early.
    """
    if until_ms is None:
        return LONGEST_NAP_S
    seconds = until_ms / 1000
    return min(LONGEST_NAP_S, 0.9 * seconds if seconds > 1 else seconds)
