"""Reading the logs: catching up from the cursors, and healing the holes that live frames show.

Which reading means what is decided in ``shared.cursors``; this asks for the pages, hands them on to
be judged and stored with the cursors that they move, and remembers which logs have a hole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from shared.bus import LogEntry, LogPage, TrayLink
from shared.cursors import ReadVerdict, after_whole_log, lost_between, on_frame, on_read
from shared.link_keeper import Uniform
from shared.model import StreamId
from shared.signals import Signal
from tray_client.inbox import Inbox
from tray_client.pace import Pace

log = logging.getLogger(__name__)

PAGE = 50
"""Log entries in one reading at most, and so in one transaction: some 10 ms of the GUI thread."""
FIRST_PAGE = 10
"""Entries in the first reading: nobody knows yet how long they are, and how fast the line is."""
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

    async def catch_up(self, link: TrayLink, channel: str) -> None:
        """Process what the log has after the cursor."""
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
        """Look for holes: what the logs hold and no frame has told of."""
        for channel, last in last_ids.items():
            if last is not None and last != self._inbox.cursor(channel):
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
            with self._pace.measured():
                page = await link.read_log(channel, after, count)
            if not page.cut or count == 1:
                return page
            self._pace.less(8)  # fewer than before, though it came soon

    def _say_trimmed(self, channel: str) -> None:
        log.warning("log of %r: entries were deleted before this PC could read them", channel)
        if channel not in self.trimmed:
            self.trimmed.append(channel)
            self.trimmed_changed.emit(self.trimmed)

    def _note_hole(self, channel: str) -> None:
        self._holes.add(channel)
        self._hole_seen.set()
