"""Reading the logs: catching up from the cursors, and healing the holes that live frames show.

Which reading means what is decided in ``shared.cursors``; this asks for the pages, hands them on to
be judged and stored with the cursors that they move, and remembers which logs have a hole.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from shared.bus import LogEntry, LogPage, TrayLink
from shared.cursors import ReadVerdict, after_whole_log, lost_between, on_frame, on_read
from shared.errors import LinkLost, NotPermitted
from shared.link_keeper import Uniform
from shared.model import START, StreamId
from shared.signals import Signal
from tray_client.inbox import Inbox
from tray_client.pace import Pace

log = logging.getLogger(__name__)

PAGE = 50
"""Log entries in one reading at most, and so in one transaction: some 10 ms of the GUI thread."""
FIRST_PAGE = 10
"""Entries in the first reading: nobody knows yet how long they are, and how fast the line is."""
GIVEN_UP = 2
"""Links that ended while a single entry of a log was read, after which that log is left alone."""
LEFT_ALONE_S = 600.0
GAP_JITTER_S = 2.0
"""A hole is often seen by all PCs at once; their readings spread over this long."""

Process = Callable[[str, Sequence[LogEntry], dict[str, StreamId]], None]
"""Judge and store entries of a channel together with the cursors that they move."""


class LogReader:
    """One tray's place in its logs. ``trimmed``: channels whose entries were deleted unread."""

    def __init__(self, inbox: Inbox, process: Process, *, uniform: Uniform) -> None:
        self.trimmed: list[str] = []
        self.trimmed_changed: Signal[[list[str]]] = Signal()
        self._inbox = inbox
        self._process = process
        self._uniform = uniform
        self._holes: set[str] = set()
        self._reached: dict[str, StreamId] = {}
        self._hole_seen = asyncio.Event()
        self._pace = Pace(FIRST_PAGE, PAGE)
        self._failures: Counter[str] = Counter()
        self._left_alone: dict[str, float] = {}
        self.denied: dict[str, NotPermitted] = {}
        """Logs that this link's account may not read: that costs these channels only."""

    def readable(self, channels: Sequence[str]) -> list[str]:
        """Return those of *channels* whose logs can be read.

        Whoever writes an entry that is longer than Redis' limit for one answer ends every link on
        which it is read. That must cost this log only: what arrives live is shown all the same, and
        the log is tried again after a while.
        """
        now = asyncio.get_running_loop().time()
        allowed = [one for one in channels if one not in self.denied]
        return [one for one in allowed if self._left_alone.get(one, now) <= now]

    async def catch_up(self, link: TrayLink, channel: str) -> None:
        """Process what the log has after the cursor, if it may be read."""
        try:
            await self._catch_up(link, channel)
        except NotPermitted as error:
            log.warning("log of %r: %s", channel, error)
            self.denied[channel] = error

    async def _catch_up(self, link: TrayLink, channel: str) -> None:
        if channel in self.denied:
            return
        if not self.readable([channel]):
            log.warning("log of %r: it cannot be read, and is left alone for a while", channel)
            return
        while True:
            cursor = self._inbox.cursor(channel)
            page = await self._read(link, channel, cursor)
            if self._inbox.cursor(channel) != cursor:
                continue  # live frames moved it meanwhile
            step = on_read(cursor, page.last, page.entries)
            if step.verdict is not ReadVerdict.FOLLOWS:
                log.warning("log of %r: %s", channel, step.verdict.value)
                await self._read_whole(link, channel)
                return
            self._reached.pop(channel, None)
            moved = {} if step.cursor is None else {channel: step.cursor}
            self._process(channel, page.entries, moved)
            if not page.full:
                return
            await asyncio.sleep(0)

    def step(self, frame: LogEntry, moved: dict[str, StreamId], *, known: bool) -> None:
        """Take a live frame: note in *moved* where its cursor is now, or that there is a hole.

        *known*: its message was stored before.
        """
        cursor = moved.get(frame.channel) or self._inbox.cursor(frame.channel)
        step = on_frame(cursor, frame, known=known)
        if step.read_log:
            self._note_hole(frame.channel)
        elif step.cursor is not None and step.cursor != cursor:
            moved[frame.channel] = step.cursor

    def doubt(self, channel: str) -> None:
        """A live frame of *channel* is not of now: read its log, which alone can tell."""
        log.info("a frame on %r is not of now: the log is read instead", channel)
        self._note_hole(channel)

    def compare(self, last_ids: Mapping[str, StreamId | None]) -> None:
        """Look for holes: what the logs hold and no frame has told of, or a frame and no log."""
        for channel, last in last_ids.items():
            if (last or START) != self._inbox.cursor(channel):
                self._note_hole(channel)

    def go_back(self, channel: str) -> None:
        """Read the log again from before what was refused here."""
        reached = self._inbox.cursor(channel)
        if self._inbox.go_back(channel):
            log.info("log of %r: it is read again from where something was refused", channel)
            if reached is not None:
                self._reached[channel] = reached
            self._note_hole(channel)

    async def heal(self, link: TrayLink) -> None:
        """Read the logs with holes, whenever there are some, until the link is lost."""
        while True:
            await self._hole_seen.wait()
            await asyncio.sleep(self._uniform(0, GAP_JITTER_S))
            self._hole_seen.clear()
            holes, self._holes = self._holes, set()
            for channel in sorted(holes):
                await self.catch_up(link, channel)

    async def _read_whole(self, link: TrayLink, channel: str) -> None:
        after: StreamId | None = None
        cursor = self._inbox.cursor(channel)
        reached = self._reached.pop(channel, cursor)
        while True:
            page = await self._read(link, channel, after)
            if after is None and lost_between(reached, page.last, page.entries):
                self._say_trimmed(channel)
            end = {} if page.full else {channel: after_whole_log(page.last, page.entries)}
            self._process(channel, page.entries, end)
            if not page.full:
                return
            after = page.entries[-1].id
            await asyncio.sleep(0)

    async def _read(self, link: TrayLink, channel: str, after: StreamId | None) -> LogPage:
        """Read a page of as many entries as come in time; that holds for other links, too."""
        while True:
            count = self._pace.count
            try:
                with self._pace.measured():
                    page = await link.read_log(channel, after, count)
            except LinkLost:
                self._note_failure(channel, count)
                raise
            self._failures.pop(channel, None)
            if page.cut and count > 1:
                self._pace.less(4)
                continue
            if page.full:
                self._pace.more()
            return page

    def _note_failure(self, channel: str, count: int) -> None:
        self._failures[channel] += count == 1
        if self._failures[channel] >= GIVEN_UP:
            del self._failures[channel]
            self._left_alone[channel] = asyncio.get_running_loop().time() + LEFT_ALONE_S

    def _say_trimmed(self, channel: str) -> None:
        log.warning("log of %r: entries were deleted before this PC could read them", channel)
        if channel not in self.trimmed:
            self.trimmed.append(channel)
            self.trimmed_changed.emit(self.trimmed)

    def _note_hole(self, channel: str) -> None:
        self._holes.add(channel)
        self._hole_seen.set()
