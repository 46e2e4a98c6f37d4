"""The tray's life with Redis and its inbox, without Qt.

One loop opens a link, catches up with every log, goes live, and starts again when the link is lost;
it never gives up. What arrives is judged, stored together with the cursors, and only then queued
for the screen; what happens there, and what people do, is ``tray_client.desk``'s.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from shared.bus import (
    AnswerBell,
    Arrival,
    LinkStatus,
    LogEntry,
    LooseText,
    Publication,
    TrayBus,
    TrayLink,
    Trouble,
)
from shared.clock import JUMP_MS, ClockMemory, Now, RedisClock
from shared.errors import StorageError
from shared.link_keeper import LinkKeeper, Uniform, link_details
from shared.model import ALL_CHANNELS, HOUR_MS, START, Endpoint, StreamId
from tray_client import pruning
from tray_client.desk import Desk
from tray_client.inbox import Inbox, Refused
from tray_client.judge import FIRST_RUN_WINDOW_MS, Judge, Skipped, Verdict
from tray_client.log_reader import PAGE, LogReader
from tray_client.records import Arrived, NewMessage
from tray_client.registrar import Registrar, TrayIdentity, Troubles
from tray_client.reporter import Reporter
from tray_client.rules import Rules
from tray_client.witness import Witness

log = logging.getLogger(__name__)

CLOCK_FACT = "clock"
OLDER_CLOCK_FACT = "redis_clock_offset_ms"
"""What versions before the believed time kept of it."""
TELL_AGAIN_FACT = "tell_again"
"""Set from when Redis' clock is in doubt until receipts were told again: this PC may be off in
between."""
TELL_AGAIN_WITHIN_S = 600.0
"""Receipts that Redis may have lost with its clock are told again, by all PCs over this long."""
SETTLE_S = 15.0
"""How long what was caught up with waits, before it opens, for answers given elsewhere: longer than
Redis takes when all PCs come at once, and not as long as somebody can make them."""
STALE_MS = 60_000
"""A live frame whose log id is further from now than this did not come at once, or is a forgery."""
CLOCK_WAS_SET_MS = 5_000
"""Redis' clock was set if it is further from our count than clocks drift and replies take."""


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
        rules: Rules = Rules(),  # noqa: B008  # it never changes
        heartbeat_s: float = 60.0,
        troubles: Troubles | None = None,
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
        self._inbox = inbox
        self._judge = judge
        self._rules_mark = f"{identity.version} {judge.fingerprint}"
        """What decides whether something is refused for a reason that lies in this PC."""
        self._look_again_at: float | None = None
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._uniform = uniform
        self._link: TrayLink | None = None
        self._stored = 0
        self._prune_at = 0
        self._tell_again_at: int | None = None
        self._jumps: list[pruning.Jump] = []
        self._time_moved = False
        """What the inbox has yet to be told of the time (``_move_time``)."""
        self._era_since: int | None = None
        """Since when Redis' word and the believed time are one, in that time; None: not yet."""
        self._reader = LogReader(inbox, self._process, uniform=uniform)
        self.trimmed_changed = self._reader.trimmed_changed
        self.troubles = troubles or Troubles()
        self._registrar = Registrar(
            identity,
            self.channels,
            clock,
            heartbeat_s=heartbeat_s,
            troubles=self.troubles,
            requires_signatures=judge.requires_signatures,
        )
        self.rival_changed = self._registrar.rival_changed
        self._desk = desk = Desk(inbox, clock, identity, rules)
        self._hears_others: Callable[[], bool] = lambda: False
        self._witness = Witness(inbox, clock, heartbeat_s=heartbeat_s)
        self._reporter = Reporter(
            inbox, desk.learn, self._witness, now=clock.believed_ms, uniform=uniform
        )
        desk.news.connect(self._reporter.tell)
        # What the screen asks for and people do is the desk's.
        self.rules = rules
        self.queue_changed, self.inbox_changed = desk.queue_changed, desk.inbox_changed
        self.taken_off, self.ring, self.damaged = desk.taken_off, desk.ring, desk.damaged
        self.head, self.place, self.waiting = desk.head, desk.place, desk.waiting
        self.displayed, self.set_attentive = desk.displayed, desk.set_attentive
        self.answer, self.acknowledge = desk.answer, desk.acknowledge
        self.learn_here, self.answered_here = desk.learn_here, desk.answered_here
        self.answered_for_outlet = desk.answered_for_outlet
        self.snooze, self.dismiss_digest, self.wake = desk.snooze, desk.dismiss_digest, desk.wake
        self.do_not_disturb, self.quiet_changed = desk.do_not_disturb, desk.quiet_changed

    @property
    def quiet_until(self) -> int:
        """Until when nobody is to be disturbed, in ms by Redis' clock; 0: come in."""
        return self._desk.quiet_until

    @property
    def status(self) -> LinkStatus:
        """How this tray stands with Redis."""
        return self._keeper.status

    def hears_others(self, yes: bool, is_alone: Callable[[], bool] = lambda: False) -> None:
        """Whether the trays of all other sessions of this PC can tell this one of answers.

        Only then, or while there are none (*is_alone*, asked with every heartbeat), is an answer in
        this PC's name that none of them told somebody else's.
        """
        self._hears_others = lambda: yes or is_alone()
        self._witness.note_others(heard=self._hears_others())

    @property
    def rival(self) -> str:
        """Instance of another PC that uses this one's name, or empty."""
        return self._registrar.rival

    @property
    def trimmed(self) -> list[str]:
        """Channels whose entries were deleted before this PC could read them."""
        return self._reader.trimmed

    def reconnect_now(self) -> None:
        """Do not wait: the PC resumed, the network changed, or somebody asks for it."""
        self._keeper.hurry()
        if self._link is not None:
            self._link.check_now()

    # --- the loop ---

    async def run(self) -> None:
        """Follow the channels until cancelled; whichever of its two loops fails ends both."""
        self._inbox.follow(self.channels)
        self._desk.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._desk.watch_clock(), name="tray: clock")
            group.create_task(self._keeper.run(), name="tray: links")

    async def _follow(self, link: TrayLink) -> None:
        self._link = link
        try:
            await self._follow_link(link)
        finally:
            self._link = None

    async def _follow_link(self, link: TrayLink) -> None:
        self.troubles.set(Trouble.NO_ANSWERS, there=not link.hears_answers)
        self._take_redis_time(await link.time_ms())
        self._reader.denied.clear()
        self._desk.hold()
        try:
            for channel in self.channels:
                await self._reader.catch_up(link, channel)
            self._note_rights(link)
            # Another session of this PC, or an inbox that was lost, may have had the answer.
            self._reporter.ask(self._desk.ids())
            with suppress(TimeoutError):  # what somebody made long is read later, beside the screen
                async with asyncio.timeout(SETTLE_S):
                    await self._reporter.settle(link)
        except Exception:
            self._desk.let_go()  # Redis may stay away: what did come is not to wait for it
            raise
        finally:
            self._desk.release()
        self._desk.open_up()
        self._keeper.ready()
        self._desk.announce()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._live_loop(link), name="live")
                group.create_task(self._heartbeat_loop(link), name="heartbeat")
                group.create_task(self._reader.heal(link), name="holes")
                group.create_task(self._reporter.run(link), name="receipts")
                group.create_task(self._look_again(), name="refused before")
        except asyncio.CancelledError:
            await self._registrar.say_goodbye(link)
            raise

    def _note_rights(self, link: TrayLink) -> None:
        """An account that may read nothing is refused; what else it lacks costs only itself."""
        denied = self._reader.denied
        if len(denied) == len(self.channels):
            raise denied[self.channels[0]]
        self.troubles.set(Trouble.NO_RIGHT, there=bool(denied or link.denied))

    def _take_redis_time(self, redis_ms: int) -> None:
        asked_before = self._clock.synchronised
        self._time_moved |= not asked_before  # it was the PC's own until now, which may be wrong
        self._follow_clock(redis_ms)
        if not asked_before:
            self._registrar.restart_clock()
            self._witness.restart_clock()
        keep_clock(self._inbox, self._clock)

    def _follow_clock(self, redis_ms: int) -> None:
        """Take over Redis' time; its clock may be set, forwards and backwards, at any moment."""
        before, doubted = self._clock.now(), self._clock.in_doubt
        was_lost = not self._clock.has_own_time
        kept_since = self._clock.since_ms
        since = kept_since if not self._clock.synchronised else None
        self._clock.set(redis_ms)
        now, doubts = self._clock.now(), self._clock.in_doubt
        if doubts is not doubted:
            self._note_doubt(doubts=doubts)
        first, jumped = since is not None, abs(now.believed_ms - before.believed_ms) > JUMP_MS
        if jumped:
            if not was_lost or now.believed_ms < before.believed_ms:
                by_ms = now.believed_ms - before.believed_ms
                self._note_jump(before.believed_ms, by_ms, kept_since, first=first)
            self._witness.restart_clock()
        if jumped or (self._era_since is None and not doubts):
            self._era_since = now.believed_ms if jumped or since is None else since
        self._time_moved |= now.agreed_ms < before.agreed_ms - CLOCK_WAS_SET_MS
        was_off = first and now.believed_ms > before.believed_ms
        over = (jumped and not was_off) or (doubted and not doubts)
        self._owe_receipts(over=over, doubts=doubts and not doubted, first=first)
        self._move_time()
        if jumped or doubts is not doubted or self._clock.is_memory_old:
            keep_clock(self._inbox, self._clock)
        was_set = abs(now.newest_ms - before.newest_ms) > CLOCK_WAS_SET_MS
        if was_set:
            log.info("Redis' clock was set: %d s", (now.newest_ms - before.newest_ms) // 1000)
        if jumped or was_set:
            self._desk.announce()  # what may be opened goes by both times

    def _owe_receipts(self, *, over: bool, doubts: bool, first: bool) -> None:
        """Plan to tell receipts again, once it is *over* that Redis' clock had jumped: just now, or
        before the *first* reading of this run. *doubts*: it is in doubt since this reading."""
        if over or (first and self._inbox.fact(TELL_AGAIN_FACT)):
            wait_ms = int(1000 * self._uniform(0, TELL_AGAIN_WITHIN_S))
            self._tell_again_at = self._clock.ticks_ms() + wait_ms
        if over or doubts:
            self._inbox.set_fact(TELL_AGAIN_FACT, "1")

    def _note_jump(self, before_ms: int, by_ms: int, kept_since: int, *, first: bool) -> None:
        """Remember what a jump of the believed time does to messages.

        With the *first* reading, or the first that is not in doubt, ends the time of an earlier
        run (*kept_since* then), or of a PC's clock that was set meanwhile. Forwards it is taken for
        the earlier run's: else messages would end unread. Backwards only what came at a time that
        still lies far ahead is known to have come by a wrong one; the rest goes no further than the
        jumps before have taken it.
        """
        known_since = None if first else self._era_since
        if known_since is None and by_ms > 0:
            known_since = kept_since
        if known_since is not None:
            self._jumps.append(pruning.Jump((known_since, before_ms), by_ms))
        else:
            ahead = (before_ms + by_ms + JUMP_MS, before_ms) if first else (0, 0)
            self._jumps.append(pruning.Jump(ahead, by_ms, is_known=False))

    def _note_doubt(self, *, doubts: bool) -> None:
        self.troubles.set(Trouble.CLOCK, there=doubts)
        if doubts:
            behind = (self._clock.redis_ms() - self._clock.believed_ms()) // 1000
            log.warning("Redis' clock has jumped by %d s; nothing ends by it for now", behind)
        else:
            log.warning("Redis' clock is believed again")

    def _move_time(self) -> None:
        """Do to the inbox what another time asks for.

        What a clock that was ahead has ended, and the channels it has cut short, come back. What
        the disk refuses is done with the next reading of the time, over the next link.
        """
        while self._jumps:
            self._inbox.outlive_jump(self._jumps[0], self._judge.retention_ms)
            del self._jumps[0]
            self._time_moved = True
        if not self._time_moved:
            return
        now = self._clock.agreed_ms()
        for channel in self._inbox.time_went_back(now, now - FIRST_RUN_WINDOW_MS):
            self._reader.doubt(channel)
        self._desk.time_went_back()
        self._time_moved = False

    def _tell_again(self) -> None:
        """Tell the receipts once more that Redis may have lost: what expires there goes by its
        clock."""
        due = self._tell_again_at is not None and self._clock.ticks_ms() >= self._tell_again_at
        if due and not self._clock.in_doubt:
            self._inbox.report_again(self._clock.agreed_ms())
            self._inbox.set_fact(TELL_AGAIN_FACT, "")
            self._tell_again_at = None

    # --- live ---

    async def _live_loop(self, link: TrayLink) -> None:
        async for batch in link.arrivals():
            for begin in range(0, len(batch), PAGE):
                self._take(batch[begin : begin + PAGE])
                await asyncio.sleep(0)  # the screen's turn

    def _take(self, batch: Sequence[Arrival]) -> None:
        """Store some live arrivals with the cursors they move."""
        now = self._clock.now()
        arrived: list[Arrived] = []
        moved: dict[str, StreamId] = {}
        refused: dict[str, Refused] = {}
        for arrival in batch:
            if isinstance(arrival, AnswerBell):
                self._reporter.ask({arrival.message_id} & self._desk.ids())
                continue
            verdict = self._judged(arrival, now, live=True)
            if isinstance(arrival, LogEntry) and is_doubtful(arrival, verdict, now):
                self._reader.doubt(arrival.channel)
                continue
            self._note_skipped(arrival, verdict)
            if not isinstance(verdict, Skipped):
                arrived.append(verdict)
            if not isinstance(arrival, LooseText):
                known = isinstance(verdict, NewMessage) and self._inbox.has(verdict.message.id)
                self._reader.step(arrival, moved, known=known)
                if moved.get(arrival.channel) == arrival.id:  # else the log will tell
                    self._note_refused(arrival, verdict, refused)
        self._store(arrived, moved, refused, live=True)

    async def _heartbeat_loop(self, link: TrayLink) -> None:
        while True:
            self._follow_clock(await link.time_ms())
            readable = self._reader.readable(self.channels)
            self.troubles.set(Trouble.UNREADABLE_LOG, there=readable != self.channels)
            await self._registrar.register(link)
            self._tell_again()
            self._reporter.tell()
            self._reporter.ask_some(self._desk.ids())
            self._witness.note_others(heard=self._hears_others())
            self._reporter.look_around()
            self._reader.compare(await link.last_ids(readable))
            if self._stored or self._clock.ticks_ms() >= self._prune_at:
                self._prune()
            await asyncio.sleep(self._heartbeat_s * self._uniform(0.8, 1.0))

    # --- the logs ---

    async def _look_again(self) -> None:
        """Read what was refused here by other rules; all PCs may have got them at once."""
        channels = self._inbox.refused_by_other(self._rules_mark)
        if channels:  # its turn is drawn once: a link may live for less
            now = asyncio.get_running_loop().time()
            self._look_again_at = self._look_again_at or now + self._uniform(0, self._heartbeat_s)
            await asyncio.sleep(self._look_again_at - now)
        for channel in channels:
            self._reader.go_back(channel)

    def _process(
        self, channel: str, entries: Sequence[LogEntry], moved: dict[str, StreamId]
    ) -> None:
        now = self._clock.now()
        begins_at = self._inbox.begins_at(channel, now.agreed_ms - FIRST_RUN_WINDOW_MS)
        verdicts = [self._judged(entry, now, begins_at=begins_at) for entry in entries]
        refused: dict[str, Refused] = {}
        for entry, verdict in zip(entries, verdicts, strict=True):
            self._note_skipped(entry, verdict)
            self._note_refused(entry, verdict, refused)
        self._store([one for one in verdicts if not isinstance(one, Skipped)], moved, refused)

    def _judged(
        self, arrival: Publication, now: Now, *, begins_at: int = 0, live: bool = False
    ) -> Verdict:
        try:
            return self._judge.judge(arrival, now, begins_at=begins_at, live=live)
        except Exception:
            # An entry that no rule foresaw must not be met again after every reconnection.
            log.exception("cannot judge something on %r", arrival.channel)
            return Skipped("it could not be read", local=True)

    def _note_skipped(self, arrival: Publication, verdict: Verdict) -> None:
        if not isinstance(verdict, Skipped):
            return
        level = logging.INFO if verdict.expected else logging.WARNING
        self._registrar.refused += verdict.refused
        # The reason may quote what a stranger sent.
        log.log(level, "skipped something on %r: %r", arrival.channel, verdict.reason[:200])

    def _note_refused(self, entry: LogEntry, verdict: Verdict, refused: dict[str, Refused]) -> None:
        """Remember the place in the log of what might be shown by other rules."""
        if not isinstance(verdict, Skipped) or not verdict.local:
            return
        before = entry.previous if entry.previous < entry.id else START  # anybody may write any
        if entry.channel not in refused or before < refused[entry.channel].before:
            refused[entry.channel] = Refused(before, self._rules_mark)

    def _store(
        self,
        arrived: Sequence[Arrived],
        moved: dict[str, StreamId],
        refused: Mapping[str, Refused],
        *,
        live: bool = False,
    ) -> None:
        if not arrived and not moved and not refused:
            return
        self._hear_signed(arrived)
        self._desk.write_down()
        changed = self._inbox.store(arrived, moved, refused)
        if changed:
            self._reporter.tell()
            log.info("received %d: %s", len(changed), ", ".join(one.id for one in changed[:5]))
            self._desk.take(changed, live=live)
        self._stored += len(changed)
        if self._stored >= pruning.EVERY:
            self._prune()

    def _hear_signed(self, arrived: Sequence[Arrived]) -> None:
        """A genuine message says that its time has passed."""
        if not self._judge.knows_keys:
            return
        for one in arrived:
            sent_at = one.message.sent_at if isinstance(one, NewMessage) else one.sent_at
            if one.verified:
                self._clock.hear_signed(sent_at)

    def _prune(self) -> None:
        """Keep the inbox small; a disk that refuses must not cost the link."""
        self._stored, self._prune_at = 0, self._clock.ticks_ms() + HOUR_MS
        if not self._desk.write_down():
            return
        try:
            keep_clock(self._inbox, self._clock)
            given_up = self._inbox.prune(self._clock.agreed_ms(), self._clock.firm_ms())
        except StorageError as error:
            log.info("the inbox is not pruned: %s", error)
            self._desk.storage_failed(error)
            return
        if given_up:
            log.warning("%d given up unanswered: too many wait", len(given_up))
            self._reporter.tell()
            self._desk.take(given_up)

    def _look_for_damage(self, status: LinkStatus) -> None:
        if isinstance(status.error, StorageError):
            self._desk.storage_failed(status.error)


def keep_clock(inbox: Inbox, clock: RedisClock) -> None:
    """Keep what *clock* has to know at the next start."""
    inbox.set_fact(CLOCK_FACT, msgspec.json.encode(clock.memory()).decode())


def kept_clock(inbox: Inbox) -> ClockMemory | None:
    """What an earlier run kept of its clock; None if there was none, or it cannot be read."""
    kept, older = inbox.fact(CLOCK_FACT), inbox.fact(OLDER_CLOCK_FACT)
    try:
        if kept is not None:
            return msgspec.json.decode(kept, type=ClockMemory)
        return None if older is None else ClockMemory(offset=int(older))
    except (msgspec.DecodeError, ValueError):
        return None


def is_doubtful(frame: LogEntry, verdict: Verdict, now: Now) -> bool:
    """Whether only the log can tell what a live *frame* is.

    It waited in a PC that slept, or one of the clocks was set: then nothing may be said against it
    but by its log id, which a forger of frames could choose, and of logs cannot.
    """
    if isinstance(verdict, Skipped) and verdict.by_time:
        return True
    if min(abs(frame.id.ms - one) for one in now) <= STALE_MS:
        return False
    return isinstance(verdict, Skipped) or not verdict.verified
