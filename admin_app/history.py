"""What was sent: the logs of all channels merged into one list, read backwards page by page.

Redis is the only store, so every console sees the same. A page costs what it shows, and a search
looks at ``LOOK_AT`` messages of each log between two breaths of the program, however many there
are: nothing here holds up a GUI thread.
"""

from __future__ import annotations

import asyncio
import heapq
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from admin_app.fates import Fate, Fates, may_be_order, named_by
from shared.bus import ConsoleLink, LogEntry, LogRange
from shared.codec import WireError, decode_envelope, decode_payload
from shared.model import ALL_CHANNELS, START, Kind, Level, Message, StreamId

LOOK_AT = 50
"""Entries of one log read at once; decoding so many takes some 2 ms."""


AT_ONCE = 500
"""Entries read at once where hardly any is decoded."""


@dataclass(frozen=True)
class Wanted:
    """Which messages are looked for. What is left empty does not matter. Times are ms.

    ``channels``: sent to one of these (``*`` is *All channels*). ``text``: in the title, the text
    or the sender, in capitals or not.
    """

    channels: frozenset[str] = frozenset()
    levels: frozenset[Level] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None
    text: str = ""

    def fits(self, message: Message) -> bool:
        """Whether *message* is one of them."""
        return (
            message.kind is Kind.MESSAGE
            and (not self.channels or not self.channels.isdisjoint(message.channels))
            and (not self.levels or message.level in self.levels)
            and (self.since_ms is None or message.sent_at >= self.since_ms)
            and (self.until_ms is None or message.sent_at < self.until_ms)
            and (not self.text or self._mentions(message))
        )

    def may_fit(self, envelope: bytes) -> bool:
        """Whether it is worth decoding *envelope*: most of a long search ends here.

        Letters of ASCII stand in it as they are, unless a sender has escaped them (``\\u0041``);
        texts with others can fold to ASCII, so those are decoded, too.
        """
        if not self._plain or not envelope.isascii() or b"\\u" in envelope:
            return True
        return self._plain in envelope.lower()

    @cached_property
    def _plain(self) -> bytes:
        """The text as bytes, if it is ASCII that no JSON escapes; else empty."""
        text = self.text.strip().lower()
        return text.encode() if text.isascii() and _UNESCAPED.fullmatch(text) else b""

    def _mentions(self, message: Message) -> bool:
        needle = _folded(self.text.strip())
        return any(
            needle in _folded(text) for text in (message.title, message.body, message.sender)
        )


_UNESCAPED = re.compile(r"[a-z0-9 .,_-]+")
EVERYTHING = Wanted()


@dataclass
class _Log:
    """One log as far as it was read: entries not handed out yet, newest last."""

    channel: str
    before: StreamId | None = None
    newest: StreamId | None = None
    waiting: list[LogEntry] = field(default_factory=list)
    ended: bool = False


class History:
    """One way through what was sent: ``more`` goes back in time, ``news`` brings what came since.

    *link* gives the link of the moment, or raises why there is none; after an error the same call
    goes on where it was. *channels* are the logs to read besides *All channels*. Recalls and
    replacements that are met on the way wait for ``take_orders``: those of a message before the
    message itself, unless *orders* is false, which begins at the end of the time that is wanted.
    """

    def __init__(
        self,
        link: Callable[[], ConsoleLink],
        channels: Sequence[str],
        wanted: Wanted = EVERYTHING,
        *,
        orders: bool = True,
    ) -> None:
        self.wanted = wanted
        self.looked_at = 0
        """Entries that were read so far, whether they fit or not."""
        self._link = link
        names = wanted.channels or {ALL_CHANNELS, *channels}
        before = None
        if wanted.until_ms is not None and not orders:
            before = StreamId(wanted.until_ms + _SLACK_MS, 0)
        self._logs = [_Log(name, before) for name in sorted(names)]
        self._known: set[str] = set()
        self._orders: list[Message] = []
        self._found: list[Message] = []
        """Not handed out yet: the reading on behind them has failed, or was given up."""

    async def more(self, count: int, *, looks: int | None = None) -> list[Message]:
        """The next *count* messages, newest first; fewer only at the end (``at_end``), or after
        *looks* readings, so that a long search can show what it has.

        Raises:
            SiaranError: Redis refused, or was lost; call again when it is back.
        """
        found = self._found
        while len(found) < count and not self._read_whole:
            if any(not log.waiting and not log.ended for log in self._logs):
                if looks == 0:
                    break
                looks = None if looks is None else looks - 1
                await self._read()
            found += self._take(count - len(found))
        self._found = found[count:]
        return found[:count]

    @property
    def at_end(self) -> bool:
        """Whether there is nothing older."""
        return self._read_whole and not self._found

    @property
    def _read_whole(self) -> bool:
        return all(log.ended and not log.waiting for log in self._logs)

    async def news(self) -> list[Message]:
        """What was sent since the newest message that was read, newest first.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        if any(log.newest is None for log in self._logs):
            return []  # nothing was read yet
        pages = [(log, await self._newer(log)) for log in self._logs]
        for log, page in pages:  # when all were read: what fails or is given up comes again whole
            log.newest = page[0].id if page else log.newest
        entries = [entry for _, page in pages for entry in page]
        entries.sort(key=lambda entry: entry.id, reverse=True)
        return [message for entry in entries if (message := self._fitting(entry)) is not None]

    def take_orders(self) -> list[Message]:
        """The recalls and replacements that were met since this was asked last."""
        taken, self._orders = self._orders, []
        return taken

    async def _newer(self, log: _Log) -> list[LogEntry]:
        link, found, before = self._link(), list[LogEntry](), None
        while True:
            [entries] = await link.read_logs([LogRange(log.channel, LOOK_AT, before, log.newest)])
            found += entries
            if len(entries) < LOOK_AT:
                break
            before = entries[-1].id
        return found

    async def _read(self) -> None:
        """Read on in every log that has nothing waiting."""
        dry = [log for log in self._logs if not log.waiting and not log.ended]
        pages = await self._link().read_logs([LogRange(g.channel, LOOK_AT, g.before) for g in dry])
        for log, entries in zip(dry, pages, strict=True):
            log.ended = len(entries) < LOOK_AT or self._too_old(entries[-1].id)
            if log.newest is None:
                log.newest = entries[0].id if entries else START
            if entries:
                log.before = entries[-1].id
            log.waiting = entries[::-1]
            self.looked_at += len(entries)
        await asyncio.sleep(0)

    def _take(self, count: int) -> list[Message]:
        """Merge what waits until a log runs dry that has more to read, or *count* were found."""
        waiting = [(log, index) for index, log in enumerate(self._logs) if log.waiting]
        heap = [(_backwards(log.waiting[-1].id), index) for log, index in waiting]
        heapq.heapify(heap)
        found: list[Message] = []
        while heap and len(found) < count:
            _, index = heapq.heappop(heap)
            log = self._logs[index]
            message = self._fitting(log.waiting.pop())
            if message is not None:
                found.append(message)
            if log.waiting:
                heapq.heappush(heap, (_backwards(log.waiting[-1].id), index))
            elif not log.ended:
                break
        return found

    def _fitting(self, entry: LogEntry) -> Message | None:
        order = may_be_order(entry.envelope)
        worth = order or (not self._too_new(entry.id) and self.wanted.may_fit(entry.envelope))
        message = message_in(entry) if worth else None
        if message is not None and order and named_by(message):
            self._orders.append(message)
        if message is None or message.id in self._known or not self.wanted.fits(message):
            return None
        self._known.add(message.id)
        return message

    def _too_new(self, entry_id: StreamId) -> bool:
        until = self.wanted.until_ms
        return until is not None and entry_id.ms >= until + _SLACK_MS

    def _too_old(self, entry_id: StreamId) -> bool:
        since = self.wanted.since_ms
        return since is not None and entry_id.ms < since - _SLACK_MS


_SLACK_MS = 600_000
"""How far ``sent_at`` may be from the time in the log's id (``PROTOCOL.md``, section 2)."""


async def find_message(
    link: ConsoleLink, channels: Sequence[str], message_id: str
) -> Message | None:
    """The message with this id, from the logs of *channels* and of *All channels*.

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    ids = await link.log_ids(message_id)
    names = [ALL_CHANNELS, *channels]
    ranges = [LogRange(name, 1, StreamId(one.ms, one.seq + 1)) for one in ids for name in names]
    for entries in await link.read_logs(ranges) if ranges else []:
        for entry in entries:
            message = message_in(entry)
            if message is not None and message.id == message_id:
                return message
    return None


async def read_fate(link: ConsoleLink, message: Message) -> Fate:
    """What became of *message*, from what was sent to its channels after it.

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    fates = Fates()
    ids = await link.log_ids(message.id)
    for channel in dict.fromkeys([*message.channels[:1], ALL_CHANNELS]):
        before: StreamId | None = None
        while ids:
            log_range = LogRange(channel, AT_ONCE, before, StreamId(ids[0].ms, 0))
            [entries] = await link.read_logs([log_range])
            orders = (message_in(one) for one in entries if may_be_order(one.envelope))
            fates.note(order for order in orders if order is not None)
            if len(entries) < AT_ONCE:
                break
            before = entries[-1].id
    return fates.of(message)


def message_in(entry: LogEntry) -> Message | None:
    """What a log entry holds; None for what is no message."""
    try:
        return decode_payload(decode_envelope(entry.envelope).payload)
    except WireError:
        return None


def _backwards(entry_id: StreamId) -> tuple[int, int]:
    return (-entry_id.ms, -entry_id.seq)


def _folded(text: str) -> str:
    """As people search: in capitals or not, and however an accent is written."""
    return unicodedata.normalize("NFKC", text).casefold()
