"""The tray's life with Redis and its inbox, without Qt.

One loop opens a link, catches up with every log, goes live, and starts again when the link is lost;
it never gives up. What arrives is judged, stored together with the cursors, and only then queued
for the screen. Nothing here paints: ``queue_changed`` says that the head of the queue may be
another, and the presenter asks for it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from shared.bus import (
    AnswerBell,
    Arrival,
    LinkStatus,
    LogEntry,
    LooseText,
    Publication,
    TrayBus,
    TrayLink,
)
from shared.clock import RedisClock
from shared.errors import StorageError
from shared.link_keeper import LinkKeeper, Uniform, link_details
from shared.model import ALL_CHANNELS, Endpoint, StreamId
from shared.receipts import Answer
from shared.signals import Signal
from tray_client.inbox import Inbox, InboxDamaged
from tray_client.judge import FIRST_RUN_WINDOW_MS, Judge, Skipped
from tray_client.log_reader import LogReader
from tray_client.popup_queue import Digest, PopupQueue
from tray_client.records import InboxMessage, NewMessage, State
from tray_client.registrar import Registrar, TrayIdentity
from tray_client.reporter import Reporter

log = logging.getLogger(__name__)

OFFLINE_AFTER_MS = 20_000
"""How long a tray that has just started waits for Redis before it opens what it has: a recall may
be on its way, but an emergency of this morning must not wait for the network."""
CLOCK_FACT = "redis_clock_offset_ms"


class TraySession:
    """Receives messages and keeps account of them."""

    def __init__(
        self,
        bus: TrayBus,
        inbox: Inbox,
        judge: Judge,
        clock: RedisClock,
        identity: TrayIdentity,
        channels: Sequence[str],
        *,
        heartbeat_s: float = 60.0,
        uniform: Uniform = random.uniform,
    ) -> None:
        self.channels = list(dict.fromkeys([ALL_CHANNELS, *channels]))
        self._keeper = LinkKeeper(
            bus.address,
            lambda: bus.open(self.channels, Endpoint(identity.outlet, identity.pc)),
            self._follow,
            details=link_details(bus.account, len(self.channels) - 1),
            uniform=uniform,
        )
        self.status_changed = self._keeper.status_changed
        self.status_changed.connect(self._look_for_damage)
        self.queue_changed: Signal[[]] = Signal()
        self.inbox_changed: Signal[[]] = Signal()
        self.damaged: Signal[[]] = Signal()
        self._inbox = inbox
        self._judge = judge
        self._clock = clock
        self._identity = identity
        self._heartbeat_s = heartbeat_s
        self._uniform = uniform
        self._queue = PopupQueue()
        self._reader = LogReader(inbox, self._process, uniform=uniform)
        self.trimmed_changed = self._reader.trimmed_changed
        self._registrar = Registrar(identity, self.channels, clock, heartbeat_s=heartbeat_s)
        self.rival_changed = self._registrar.rival_changed
        self._reporter = Reporter(inbox, self._learn, uniform=uniform)
        self._may_open = False
        self._reading_logs = False
        self._on_screen: InboxMessage | Digest | None = None
        self._attentive = True
        self._link: TrayLink | None = None
        self._seen_later: set[str] = set()
        self._opens_offline_at = 0
        self._unwritten: dict[tuple[str, State], int] = {}
        self._turn_changed = asyncio.Event()

    @property
    def status(self) -> LinkStatus:
        """How this tray stands with Redis."""
        return self._keeper.status

    @property
    def rival(self) -> str:
        """Instance of another PC that uses this one's name, or empty."""
        return self._registrar.rival

    @property
    def trimmed(self) -> list[str]:
        """Channels whose entries were deleted before this PC could read them."""
        return self._reader.trimmed

    # --- for the presenter ---

    def head(self) -> InboxMessage | Digest | None:
        """What to have on the screen now.

        Nothing new while the logs are read after connecting: they may hold the recall of what is
        waiting here. What is open already stays.
        """
        self._drop_expired()
        if not self._may_open or self._reading_logs:
            if self._on_screen is not None and not self._queue.holds(self._on_screen.id):
                self._on_screen = None
        else:
            self._on_screen = self._queue.head(self._clock.now_ms())
        return self._on_screen

    def place(self) -> tuple[int, int]:
        """The head's place and how many there are: ``(1, 3)``."""
        return self._queue.place(self._clock.now_ms())

    def waiting(self) -> int:
        """How many messages wait for an answer."""
        return self._queue.count(self._clock.now_ms()) if self._may_open else 0

    def displayed(self, message_id: str) -> None:
        """The message's text is on the screen; it counts if somebody can see that screen."""
        self._queue.shown(message_id)
        if self._attentive:
            self._note(message_id, State.DISPLAYED)
        else:
            self._seen_later = {message_id}  # only the last one is still on the screen

    def set_attentive(self, attentive: bool) -> None:
        """Whether this session is unlocked and in front; else what is painted is not displayed."""
        self._attentive = attentive
        if attentive:
            for message_id in self._seen_later & self._queue.ids():
                self._note(message_id, State.DISPLAYED)
            self._seen_later = set()

    def acknowledge(self, message_id: str) -> None:
        """A person has acknowledged the message."""
        self._note(message_id, State.ACKNOWLEDGED)
        self._queue.answer(message_id)
        log.info("acknowledged %s", message_id)
        self._announce_queue()

    def dismiss_digest(self) -> None:
        """A person has seen how many were missed; they wait in the inbox without a popup."""
        self._queue.dismiss_digest()
        self._announce_queue()

    def wake(self) -> None:
        """Look at the clock again: the PC has slept, or it was set."""
        self._turn_changed.set()

    def reconnect_now(self) -> None:
        """Do not wait: the PC resumed, the network changed, or somebody asks for it."""
        self._keeper.hurry()
        if self._link is not None:
            self._link.check_now()

    # --- the loop ---

    async def run(self) -> None:
        """Follow the channels until cancelled."""
        self._inbox.follow(self.channels)
        self._queue.add(self._inbox.waiting())
        self._opens_offline_at = self._clock.now_ms() + OFFLINE_AFTER_MS
        alarm = asyncio.get_running_loop().create_task(self._alarm_loop(), name="tray: alarm")
        try:
            await self._keeper.run()
        finally:
            alarm.cancel()

    async def _follow(self, link: TrayLink) -> None:
        self._link = link
        try:
            await self._follow_link(link)
        finally:
            self._link = None

    async def _follow_link(self, link: TrayLink) -> None:
        self._take_redis_time(await link.time_ms())
        self._reading_logs = True
        try:
            for channel in self.channels:
                await self._reader.catch_up(link, channel)
            # Another session of this PC, or an inbox that was lost, may have had the answer.
            self._reporter.ask(self._queue.ids())
            await self._reporter.settle(link)
        finally:
            self._reading_logs = False
        self._queue.fold(self._clock.now_ms())
        self._may_open = True
        self._keeper.ready()
        self._announce_queue()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._live_loop(link), name="live")
                group.create_task(self._heartbeat_loop(link), name="heartbeat")
                group.create_task(self._reader.heal(link), name="holes")
                group.create_task(self._reporter.run(link), name="receipts")
        except asyncio.CancelledError:
            await self._registrar.say_goodbye(link)
            raise

    def _take_redis_time(self, redis_ms: int) -> None:
        asked_before = self._clock.synchronised
        self._clock.set(redis_ms)
        if not asked_before:  # until now it was by the PC's own clock, which may be wrong
            self._registrar.restart_clock()
            self._queue.add(one for one in self._inbox.waiting() if not self._is_answered(one.id))
        self._inbox.set_fact(CLOCK_FACT, str(self._clock.offset_ms()))

    def _is_answered(self, message_id: str) -> bool:
        """Whether it was acknowledged, but the disk has refused to take that down."""
        return (message_id, State.ACKNOWLEDGED) in self._unwritten

    # --- live ---

    async def _live_loop(self, link: TrayLink) -> None:
        async for batch in link.arrivals():
            self._take(batch)
            await asyncio.sleep(0)

    def _take(self, batch: Sequence[Arrival]) -> None:
        """Store one batch of live arrivals with the cursors they move."""
        now = self._clock.now_ms()
        accepted: list[NewMessage] = []
        moved: dict[str, StreamId] = {}
        for arrival in batch:
            if isinstance(arrival, AnswerBell):
                self._reporter.ask({arrival.message_id} & self._queue.ids())
                continue
            verdict = self._judged(arrival, now, live=True)
            if isinstance(verdict, NewMessage):
                accepted.append(verdict)
            if not isinstance(arrival, LooseText):
                known = isinstance(verdict, NewMessage) and self._inbox.has(verdict.message.id)
                self._reader.step(arrival, moved, known=known)
        self._store(accepted, moved)

    async def _heartbeat_loop(self, link: TrayLink) -> None:
        while True:
            await self._registrar.register(link)
            self._reporter.tell()
            self._reporter.ask(self._queue.ids())
            self._reader.compare(await link.last_ids(self.channels))
            await asyncio.sleep(self._heartbeat_s * self._uniform(0.8, 1.0))

    # --- the logs ---

    def _process(
        self, channel: str, entries: Sequence[LogEntry], moved: dict[str, StreamId]
    ) -> None:
        now = self._clock.now_ms()
        begins_at = self._inbox.begins_at(channel, now - FIRST_RUN_WINDOW_MS)
        verdicts = [self._judged(entry, now, begins_at=begins_at) for entry in entries]
        self._store([one for one in verdicts if isinstance(one, NewMessage)], moved)

    def _judged(
        self, arrival: Publication, now: int, *, begins_at: int = 0, live: bool = False
    ) -> NewMessage | Skipped:
        try:
            verdict = self._judge.judge(arrival, now, begins_at=begins_at, live=live)
        except Exception:
            # An entry that no rule foresaw must not be met again after every reconnection.
            log.exception("cannot judge something on %r", arrival.channel)
            verdict = Skipped("it could not be read")
        if isinstance(verdict, Skipped):
            level = logging.INFO if verdict.expected else logging.WARNING
            self._registrar.refused += verdict.refused
            # The reason may quote what a stranger sent.
            log.log(level, "skipped something on %r: %r", arrival.channel, verdict.reason[:200])
        return verdict

    # --- the queue ---

    def _learn(self, answer: Answer) -> None:
        """Take over what was acknowledged in another session of this PC."""
        if answer.here_at is None or answer.message_id not in self._queue.ids():
            return
        try:
            self._inbox.mark_acknowledged(answer.message_id, answer.here_at, answer.here_user)
        except StorageError as error:
            self._storage_failed(error)
        self._queue.answer(answer.message_id)
        log.info("acknowledged elsewhere on this PC: %s", answer.message_id)
        self.inbox_changed.emit()
        if not self._reading_logs:
            self._announce_queue()

    def _store(self, accepted: Sequence[NewMessage], moved: dict[str, StreamId]) -> None:
        if not accepted and not moved:
            return
        new = self._inbox.store(accepted, moved)
        if new:
            self._reporter.tell()
            self.inbox_changed.emit()
            log.info("received %d: %s", len(new), ", ".join(one.id for one in new[:5]))
            self._queue.add(new)
            if not self._reading_logs:  # what is read next may be more urgent
                self._announce_queue()

    def _note(self, message_id: str, state: State) -> None:
        """Write down how far a message has come; a disk that refuses is asked again later."""
        self._unwritten[message_id, state] = self._clock.now_ms()
        self._write_notes()
        self._reporter.tell()
        self.inbox_changed.emit()

    def _write_notes(self) -> None:
        for (message_id, state), at in list(self._unwritten.items()):
            try:
                if state is State.DISPLAYED:
                    self._inbox.mark_displayed(message_id, at)
                else:
                    self._inbox.mark_acknowledged(message_id, at, self._identity.os_user)
            except StorageError as error:
                log.error("not written down yet: %s", error)  # noqa: TRY400  # a full disk
                self._storage_failed(error)
                return
            del self._unwritten[message_id, state]

    def _look_for_damage(self, status: LinkStatus) -> None:
        if isinstance(status.error, InboxDamaged):
            self.damaged.emit()

    def _storage_failed(self, error: StorageError) -> None:
        if isinstance(error, InboxDamaged):
            self.damaged.emit()

    def _drop_expired(self) -> None:
        now = self._clock.now_ms()
        # Until Redis was asked the time is the PC's, which may be a year off: what seems to have
        # expired is not opened, but not given up either.
        if not self._clock.synchronised or not self._queue.expire(now):
            return
        try:
            gone = self._inbox.expire(now)
        except StorageError as error:
            self._storage_failed(error)
        else:
            log.info("%d expired unanswered", len(gone))
            self._reporter.tell()
            self.inbox_changed.emit()

    async def _alarm_loop(self) -> None:
        """Announce the queue when a message becomes due or expires by itself."""
        while True:
            self._turn_changed.clear()
            self._write_notes()
            now = self._clock.now_ms()
            change = self._next_change(now)
            try:
                # At most a minute: Redis' clock may be set anew meanwhile.
                async with asyncio.timeout(
                    60 if change is None else min(60, (change - now) / 1000)
                ):
                    await self._turn_changed.wait()
            except TimeoutError:
                pass
            if change is not None and self._clock.now_ms() >= change:
                self._open_offline()
                self._ring_alarm()

    def _open_offline(self) -> None:
        """Open what is waiting although Redis cannot be reached: there may be no other way."""
        if not self._may_open and self._clock.now_ms() >= self._opens_offline_at:
            log.info("still not connected: opening what is waiting here")
            self._queue.fold(self._clock.now_ms())
            self._may_open = True

    def _next_change(self, now: int) -> int | None:
        times = [self._queue.next_change(now)]
        if not self._may_open:
            times.append(self._opens_offline_at)
        return min((time for time in times if time is not None), default=None)

    def _ring_alarm(self) -> None:
        try:
            self.queue_changed.emit()
        except Exception as error:
            log.exception("the screen could not be brought up to date: %s", error)  # noqa: TRY401

    def _announce_queue(self) -> None:
        self._turn_changed.set()
        self.queue_changed.emit()
