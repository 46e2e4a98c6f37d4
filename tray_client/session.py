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
    Arrival,
    EndpointReport,
    LinkStatus,
    LogEntry,
    LooseText,
    TrayBus,
    TrayLink,
)
from shared.clock import RedisClock
from shared.cursors import ReadVerdict, after_whole_log, on_frame, on_read
from shared.errors import NotPermitted, SiaranError
from shared.link_keeper import LinkKeeper, Uniform, link_details
from shared.model import ALL_CHANNELS, StreamId
from shared.signals import Signal
from tray_client.inbox import Inbox
from tray_client.judge import Judge, Skipped
from tray_client.popup_queue import PopupQueue
from tray_client.records import InboxMessage, NewMessage

log = logging.getLogger(__name__)

PAGE = 200
"""Log entries in one reading, and so in one transaction."""
GAP_JITTER_S = 2.0
"""A hole is often seen by all PCs at once; their readings spread over this long."""
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
            lambda: bus.open(self.channels),
            self._follow,
            details=link_details(bus.account, len(self.channels) - 1),
            uniform=uniform,
        )
        self.status_changed = self._keeper.status_changed
        self.queue_changed: Signal[[]] = Signal()
        self.rival = ""
        self.rival_changed: Signal[[bool]] = Signal()
        self._inbox = inbox
        self._judge = judge
        self._clock = clock
        self._identity = identity
        self._heartbeat_s = heartbeat_s
        self._uniform = uniform
        self._queue = PopupQueue()
        self._caught_up = False
        self._reading_logs = False
        self._holes: set[str] = set()
        self._hole_seen = asyncio.Event()
        self._turn_changed = asyncio.Event()
        self._started_at = clock.now_ms()

    @property
    def status(self) -> LinkStatus:
        """How this tray stands with Redis."""
        return self._keeper.status

    # --- for the presenter ---

    def head(self) -> InboxMessage | None:
        """The message to have on the screen now; None while it is not known what was recalled."""
        if not self._caught_up:
            return None
        self._drop_expired()
        return self._queue.head(self._clock.now_ms())

    def place(self) -> tuple[int, int]:
        """The head's place and how many there are: ``(1, 3)``."""
        return self._queue.place(self._clock.now_ms())

    def waiting(self) -> int:
        """How many messages wait for an answer."""
        return self._queue.count(self._clock.now_ms()) if self._caught_up else 0

    def displayed(self, message_id: str) -> None:
        """The message has been painted."""
        self._inbox.mark_displayed(message_id, self._clock.now_ms())

    def acknowledge(self, message_id: str) -> None:
        """A person has acknowledged the message."""
        self._inbox.mark_acknowledged(message_id, self._clock.now_ms())
        self._queue.answer(message_id)
        log.info("acknowledged %s", message_id)
        self._announce_queue()

    def reconnect_now(self) -> None:
        """Do not wait out the current delay (the PC resumed, the network changed)."""
        self._keeper.hurry()

    # --- the loop ---

    async def run(self) -> None:
        """Follow the channels until cancelled."""
        self._inbox.keep_cursors_of(self.channels)
        self._queue.add(self._inbox.waiting())
        alarm = asyncio.get_running_loop().create_task(self._alarm_loop(), name="tray: alarm")
        try:
            await self._keeper.run()
        finally:
            alarm.cancel()

    async def _follow(self, link: TrayLink) -> None:
        asked_before = self._clock.synchronised
        self._clock.set(await link.time_ms())
        if not asked_before:  # until now it was by the PC's own clock, which may be slow
            self._started_at = self._clock.now_ms()
        self._inbox.set_fact(CLOCK_FACT, str(self._clock.offset_ms()))
        self._reading_logs = True
        try:
            for channel in self.channels:
                await self._catch_up(link, channel)
        finally:
            self._reading_logs = False
        self._caught_up = True
        self._keeper.ready()
        self._announce_queue()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._live_loop(link), name="live")
                group.create_task(self._heartbeat_loop(link), name="heartbeat")
                group.create_task(self._hole_loop(link), name="holes")
        except asyncio.CancelledError:
            await self._say_goodbye(link)
            raise

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
            try:
                self._notice_rival(await link.heartbeat(self._report()))
            except NotPermitted as error:
                log.warning("no heartbeat: %s", error)
            for channel, last in (await link.last_ids(self.channels)).items():
                if last is not None and last != self._inbox.cursor(channel):
                    self._holes.add(channel)
                    self._hole_seen.set()
            await asyncio.sleep(self._heartbeat_s * self._uniform(0.8, 1.0))

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
        )

    # --- the logs ---

    async def _catch_up(self, link: TrayLink, channel: str) -> None:
        """Process what the log has after the cursor, by the rules of ``shared.cursors``."""
        first_run = self._inbox.cursor(channel) is None
        while True:
            cursor = self._inbox.cursor(channel)
            page = await link.read_log(channel, cursor, PAGE)
            if self._inbox.cursor(channel) != cursor:
                continue  # live frames moved it meanwhile
            step = on_read(cursor, page.last, page.entries)
            if step.verdict in (ReadVerdict.BROKEN, ReadVerdict.RESTARTED):
                log.warning("log of %r: %s", channel, step.verdict.value)
                await self._read_whole_log(link, channel, first_run=first_run)
                return
            if step.verdict is ReadVerdict.TRIMMED:
                log.warning("log of %r: %s", channel, step.verdict.value)
            moved = {} if step.cursor is None else {channel: step.cursor}
            self._process(page.entries, moved, first_run=first_run)
            if not page.full:
                return
            await asyncio.sleep(0)

    async def _read_whole_log(
        self, link: TrayLink, channel: str, *, first_run: bool = False
    ) -> None:
        after: StreamId | None = None
        while True:
            page = await link.read_log(channel, after, PAGE)
            end = {} if page.full else {channel: after_whole_log(page.last, page.entries)}
            self._process(page.entries, end, first_run=first_run)
            if not page.full:
                return
            after = page.entries[-1].id
            await asyncio.sleep(0)

    def _process(
        self, entries: Sequence[LogEntry], moved: dict[str, StreamId], *, first_run: bool = False
    ) -> None:
        now = self._clock.now_ms()
        verdicts = [self._judged(entry, now, first_run=first_run) for entry in entries]
        self._store([one for one in verdicts if isinstance(one, NewMessage)], moved)

    def _judged(
        self, arrival: Arrival, now: int, *, first_run: bool = False, live: bool = False
    ) -> NewMessage | Skipped:
        try:
            verdict = self._judge.judge(arrival, now, first_run=first_run, live=live)
        except Exception:
            # An entry that no rule foresaw must not be met again after every reconnection.
            log.exception("cannot judge something on %r", arrival.channel)
            verdict = Skipped("it could not be read")
        if isinstance(verdict, Skipped):
            log.warning("skipped something on %r: %s", arrival.channel, verdict.reason[:200])
        return verdict

    # --- the queue ---

    def _store(self, accepted: Sequence[NewMessage], moved: dict[str, StreamId]) -> None:
        if not accepted and not moved:
            return
        new = self._inbox.store(accepted, moved)
        if new:
            log.info("received %d: %s", len(new), ", ".join(one.id for one in new[:5]))
            self._queue.add(new)
            if not self._reading_logs:  # what is read next may be more urgent
                self._announce_queue()

    def _drop_expired(self) -> None:
        gone = self._queue.expire(self._clock.now_ms())
        if gone:
            self._inbox.mark_expired(message.id for message in gone)
            log.info("%d expired unanswered", len(gone))

    async def _alarm_loop(self) -> None:
        """Announce the queue when a message becomes due or expires by itself."""
        while True:
            self._turn_changed.clear()
            now = self._clock.now_ms()
            change = self._queue.next_change(now)
            try:
                # At most a minute: Redis' clock may be set anew meanwhile.
                async with asyncio.timeout(
                    60 if change is None else min(60, (change - now) / 1000)
                ):
                    await self._turn_changed.wait()
            except TimeoutError:
                if change is not None and self._clock.now_ms() >= change:
                    self._ring_alarm()

    def _ring_alarm(self) -> None:
        try:
            self.queue_changed.emit()
        except Exception as error:
            log.exception("the screen could not be brought up to date: %s", error)  # noqa: TRY401

    def _announce_queue(self) -> None:
        self._turn_changed.set()
        self.queue_changed.emit()
