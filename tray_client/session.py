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
from dataclasses import dataclass

from shared.bus import (
    AnswerBell,
    Arrival,
    EndpointReport,
    LinkStatus,
    LogEntry,
    LooseText,
    Publication,
    TrayBus,
    TrayLink,
)
from shared.clock import RedisClock
from shared.cursors import ReadVerdict, after_whole_log, lost_between, on_frame, on_read
from shared.errors import NotPermitted, RedisCannotStore, SiaranError, StorageError
from shared.link_keeper import LinkKeeper, Uniform, link_details
from shared.model import ALL_CHANNELS, Endpoint, StreamId
from shared.receipts import Answer
from shared.signals import Signal
from tray_client.inbox import Inbox, InboxDamaged
from tray_client.judge import FIRST_RUN_WINDOW_MS, Judge, Skipped
from tray_client.popup_queue import Digest, PopupQueue
from tray_client.records import InboxMessage, NewMessage, State
from tray_client.reporter import Reporter

log = logging.getLogger(__name__)

PAGE = 50
"""Log entries in one reading, and so in one transaction: some 10 ms of the GUI thread."""
GAP_JITTER_S = 2.0
"""A hole is often seen by all PCs at once; their readings spread over this long."""
OFFLINE_AFTER_MS = 20_000
"""How long a tray that has just started waits for Redis before it opens what it has: a recall may
be on its way, but an emergency of this morning must not wait for the network."""
CLOCK_FACT = "redis_clock_offset_ms"


@dataclass(frozen=True, slots=True)
class TrayIdentity:
    """What this tray says of itself in every heartbeat."""

    outlet: str
    pc: str
    version: str
    system: str
    instance: str
    machine: str
    os_user: str = ""
    """Whose session it is: the receipt says who acknowledged."""


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
        self.rival = ""
        self.rival_changed: Signal[[bool]] = Signal()
        self.trimmed: list[str] = []
        self.trimmed_changed: Signal[[list[str]]] = Signal()
        self.damaged: Signal[[]] = Signal()
        self._inbox = inbox
        self._judge = judge
        self._clock = clock
        self._identity = identity
        self._heartbeat_s = heartbeat_s
        self._uniform = uniform
        self._queue = PopupQueue()
        self._reporter = Reporter(inbox, self._learn, uniform=uniform)
        self._may_open = False
        self._reading_logs = False
        self._on_screen: InboxMessage | Digest | None = None
        self._attentive = True
        self._link: TrayLink | None = None
        self._seen_later: set[str] = set()
        self._opens_offline_at = 0
        self._unwritten: dict[tuple[str, State], int] = {}
        self._can_register = True
        self._refused = 0
        self._holes: set[str] = set()
        self._hole_seen = asyncio.Event()
        self._turn_changed = asyncio.Event()
        self._started_at = clock.now_ms()

    @property
    def status(self) -> LinkStatus:
        """How this tray stands with Redis."""
        return self._keeper.status

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
                await self._catch_up(link, channel)
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
                group.create_task(self._hole_loop(link), name="holes")
                group.create_task(self._reporter.run(link), name="receipts")
        except asyncio.CancelledError:
            await self._say_goodbye(link)
            raise

    def _take_redis_time(self, redis_ms: int) -> None:
        asked_before = self._clock.synchronised
        self._clock.set(redis_ms)
        if not asked_before:  # until now it was by the PC's own clock, which may be wrong
            self._started_at = self._clock.now_ms()
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
                self._step(arrival, verdict, moved)
        self._store(accepted, moved)

    def _step(
        self, entry: LogEntry, verdict: NewMessage | Skipped, moved: dict[str, StreamId]
    ) -> None:
        cursor = moved.get(entry.channel) or self._inbox.cursor(entry.channel)
        known = isinstance(verdict, NewMessage) and self._inbox.has(verdict.message.id)
        step = on_frame(cursor, entry, known=known)
        if step.read_log:
            self._holes.add(entry.channel)
            self._hole_seen.set()
        elif step.cursor is not None and step.cursor != cursor:
            moved[entry.channel] = step.cursor

    async def _hole_loop(self, link: TrayLink) -> None:
        while True:
            await self._hole_seen.wait()
            await asyncio.sleep(self._uniform(0, GAP_JITTER_S))
            self._hole_seen.clear()
            holes, self._holes = self._holes, set()
            for channel in sorted(holes):
                await self._catch_up(link, channel)

    async def _heartbeat_loop(self, link: TrayLink) -> None:
        while True:
            await self._register(link)
            self._reporter.tell()
            self._reporter.ask(self._queue.ids())
            for channel, last in (await link.last_ids(self.channels)).items():
                if last is not None and last != self._inbox.cursor(channel):
                    self._holes.add(channel)
                    self._hole_seen.set()
            await asyncio.sleep(self._heartbeat_s * self._uniform(0.8, 1.0))

    async def _register(self, link: TrayLink) -> None:
        """Say that this endpoint is alive. Who may not, or cannot now, still reads."""
        try:
            self._notice_rival(await link.heartbeat(self._report()))
        except (NotPermitted, RedisCannotStore) as error:
            if self._can_register:
                log.warning("no heartbeat: %s", error)
            self._can_register = False
        else:
            self._can_register = True

    def _notice_rival(self, before: EndpointReport | None) -> None:
        rival = before.instance if before is not None and self._is_rival(before) else ""
        if rival != self.rival:
            self.rival = rival
            name = f"{self._identity.outlet}/{self._identity.pc}"
            if rival:
                log.warning("another PC uses the name %s, too", name)
            self.rival_changed.emit(bool(rival))

    def _is_rival(self, before: EndpointReport) -> bool:
        """Whether *before*, found under our name, is of another PC that is alive.

        Several users of one PC are no rivals: they have one machine and an instance each. A cloned
        image may have both in common with us; but it started at another time, and still speaks.
        """
        me = self._identity
        alive_ms = self._clock.now_ms() - 2000 * self._heartbeat_s
        if before.left or before.seen_at < alive_ms:
            return False
        cloned = before.instance == me.instance and before.started_at != self._started_at
        return before.machine != me.machine or (cloned and before.seen_at > self._started_at)

    async def _say_goodbye(self, link: TrayLink) -> None:
        try:
            async with asyncio.timeout(1):
                await link.leave(self._report(left=True))
        except (SiaranError, TimeoutError) as error:
            log.info("left without a word: %s", error)

    def _report(self, *, left: bool = False) -> EndpointReport:
        who = self._identity
        return EndpointReport(
            outlet=who.outlet,
            pc=who.pc,
            channels=[channel for channel in self.channels if channel != ALL_CHANNELS],
            version=who.version,
            system=who.system,
            instance=who.instance,
            machine=who.machine,
            rival=self.rival,
            started_at=self._started_at,
            seen_at=self._clock.now_ms(),
            left=left,
            refused=self._refused,
        )

    # --- the logs ---

    async def _catch_up(self, link: TrayLink, channel: str) -> None:
        """Process what the log has after the cursor, by the rules of ``shared.cursors``."""
        while True:
            cursor = self._inbox.cursor(channel)
            page = await link.read_log(channel, cursor, PAGE)
            if self._inbox.cursor(channel) != cursor:
                continue  # live frames moved it meanwhile
            step = on_read(cursor, page.last, page.entries)
            if step.verdict is not ReadVerdict.FOLLOWS:
                log.warning("log of %r: %s", channel, step.verdict.value)
                await self._read_whole_log(link, channel)
                return
            moved = {} if step.cursor is None else {channel: step.cursor}
            self._process(channel, page.entries, moved)
            if not page.full:
                return
            await asyncio.sleep(0)

    async def _read_whole_log(self, link: TrayLink, channel: str) -> None:
        after: StreamId | None = None
        cursor = self._inbox.cursor(channel)
        while True:
            page = await link.read_log(channel, after, PAGE)
            if after is None and lost_between(cursor, page.last, page.entries):
                self._say_trimmed(channel)
            end = {} if page.full else {channel: after_whole_log(page.last, page.entries)}
            self._process(channel, page.entries, end)
            if not page.full:
                return
            after = page.entries[-1].id
            await asyncio.sleep(0)

    def _say_trimmed(self, channel: str) -> None:
        log.warning("log of %r: entries were deleted before this PC could read them", channel)
        if channel not in self.trimmed:
            self.trimmed.append(channel)
            self.trimmed_changed.emit(self.trimmed)

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
            self._refused += verdict.refused
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
