"""Fakes of the bus: a Redis in one object, with the same promises and none of the sockets."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from shared.bus import (
    Access,
    AnswerBell,
    Arrival,
    ChannelInfo,
    EndpointReport,
    LogEntry,
    LogPage,
    LogRange,
    LooseText,
    Publication,
    Published,
    ReceiptPage,
    SeenPage,
    ServerFacts,
    Shelf,
)
from shared.clock import RedisClock
from shared.codec import encode_envelope, encode_payload
from shared.documents import Entries
from shared.errors import ChangedMeanwhile, LinkLost, SiaranError
from shared.model import (
    ALL_CHANNELS,
    MAX_MS,
    PROTOCOL_VERSION,
    START,
    Endpoint,
    Kind,
    Message,
    StreamId,
    new_message_id,
)
from shared.outlets import ExpectedOutlet, OutletList
from shared.receipts import (
    BUCKETS_PER_OCTAVE,
    FIRST_BUCKET_MS,
    Answer,
    Counts,
    Receipt,
    Stage,
)

ACCOUNT = "outlet"
ADDRESS = "fake:6379"
PAGE = 3
"""Receipts in one page: few, so that tests see several."""


@dataclass
class FakeServer:
    """Logs, subscribers and a clock that the test turns."""

    now_ms: int = 1_800_000_000_000
    full: bool = False
    """Its memory is: what PCs report is refused."""
    wrong_by: int = 0
    """How far the server's own clock is from the time, in ms."""
    logs: dict[str, list[LogEntry]] = field(default_factory=dict)
    last: dict[str, StreamId] = field(default_factory=dict)
    sent: dict[str, list[StreamId]] = field(default_factory=dict)
    links: list[FakeTrayLink] = field(default_factory=list)
    reports: list[EndpointReport] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    by_endpoint: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    """The receipts of each endpoint, by its name and the message."""
    firsts: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    """The first answer of each outlet, by its name and the message."""
    contradictions: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    """What endpoints say of themselves, by their names and the message."""
    mended: list[str] = field(default_factory=list)
    """Messages whose receipts were given an end."""
    expected: dict[str, int] = field(default_factory=dict)
    told: dict[str, list[Receipt]] = field(default_factory=dict)
    """Receipts of many endpoints, which a test puts here."""
    lost_counts: dict[str, Counts] = field(default_factory=dict)
    """Counters of messages whose receipts are gone."""
    until: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    first_seen: dict[str, int] = field(default_factory=dict)
    silent: dict[str, list[str]] = field(default_factory=dict)
    reduced: dict[str, int] = field(default_factory=dict)
    reminded: dict[str, int] = field(default_factory=dict)
    channels: dict[str, ChannelInfo] = field(default_factory=dict)
    shelves: dict[Shelf, dict[str, bytes]] = field(default_factory=dict)
    outlets: list[ExpectedOutlet] = field(default_factory=list)
    unlisted: dict[str, int] = field(default_factory=dict)
    whole: bool = False
    access: Access = Access.ACCOUNTS
    """Whether Redis is known to have lost no receipts."""
    refuse: SiaranError | None = None
    mute: bool = False
    """Store, but let no subscriber hear of it."""

    def append(self, channel: str, envelope: bytes) -> LogEntry:
        """Do what the publish script does for one log."""
        previous = self.last.get(channel, START)
        entry_id = max(StreamId(self.clock_ms, 0), StreamId(previous.ms, previous.seq + 1))
        stored_at = self.clock_ms if abs(self.wrong_by) <= 600_000 else self.now_ms
        entry = LogEntry(channel, entry_id, previous, envelope, stored_at)
        self.logs.setdefault(channel, []).append(entry)
        self.last[channel] = entry_id
        if not self.mute:
            self.ring(replace(entry, stored_at=None))
        return entry

    @property
    def clock_ms(self) -> int:
        """What ``TIME`` says."""
        return self.now_ms + self.wrong_by

    def ring(self, arrival: Publication) -> None:
        """Publish to whoever subscribes."""
        for link in list(self.links):
            if arrival.channel in link.channels:
                link.hear(arrival)

    def say(self, channel: str, text: bytes) -> None:
        """Publish plain text."""
        self.ring(LooseText(channel, text))

    def trim(self, channel: str, keep: int) -> None:
        """Keep only the newest entries of a log."""
        self.logs[channel] = self.logs[channel][len(self.logs[channel]) - keep :]

    def counts(self, message_id: str) -> Counts:
        """What counting the receipts gives."""
        if message_id in self.lost_counts:
            return self.lost_counts[message_id]
        found = self.told.get(message_id, [])
        return Counts(
            expected=self.expected.get(message_id),
            received=len(found),
            displayed=sum(one.displayed_at is not None for one in found),
            acknowledged=sum(one.acknowledged_at is not None for one in found),
            outlets=len({one.endpoint.split("/")[0] for one in found if one.acknowledged_at}),
            places=self.places.get(message_id, 0),
            until=self.until.get(message_id, 0),
            expired=sum(one.closed == "expired" for one in found),
            recalled=sum(one.closed == "recalled" for one in found),
            reminded=self.reminded.get(message_id, 0),
            reduced=self.reduced.get(message_id, 0),
            reach={stage: _buckets(found, stage) for stage in Stage} if found else {},
            outlet_reach=_buckets(_first_of_outlets(found), Stage.ACKNOWLEDGED),
        )

    def cut(self) -> None:
        """Lose every link."""
        for link in list(self.links):
            link.lose()


def _first_of_outlets(receipts: Sequence[Receipt]) -> list[Receipt]:
    firsts: dict[str, Receipt] = {}
    for one in receipts:
        if one.acknowledged_at is not None:
            firsts.setdefault(one.endpoint.split("/")[0], one)
    return list(firsts.values())


def _buckets(receipts: Sequence[Receipt], stage: Stage) -> dict[int, int]:
    """When *stage* was reached, as Redis counts it."""
    found = [(getattr(one, f"{stage}_at"), one.sent_at) for one in receipts]
    taken = [max(at - sent_at, FIRST_BUCKET_MS) for at, sent_at in found if at is not None]
    counted = Counter(math.floor(BUCKETS_PER_OCTAVE * math.log2(ms)) for ms in taken)
    return dict(sorted(counted.items()))


def clock_of(server: FakeServer) -> RedisClock:
    """A PC's clock that goes with the server's, also when a test moves it on."""
    return RedisClock(wall=lambda: server.now_ms, steady=lambda: server.now_ms)


class FakeTrayLink:
    """``shared.bus.TrayLink`` on a ``FakeServer``."""

    def __init__(self, server: FakeServer, channels: Sequence[str], endpoint: Endpoint) -> None:
        self.channels = list(channels)
        self.endpoint = endpoint
        self.hears_answers = True
        self.denied: list[str] = []
        self._server = server
        self._waiting: list[Arrival] = []
        self._news = asyncio.Event()
        self._lost = False

    def hear(self, arrival: Arrival) -> None:
        """Take one publication."""
        self._waiting.append(arrival)
        self._news.set()

    def lose(self) -> None:
        """End this link."""
        self._lost = True
        self._news.set()

    async def time_ms(self) -> int:
        self._check()
        return self._server.clock_ms

    async def read_log(self, channel: str, after: StreamId | None, count: int) -> LogPage:
        await asyncio.sleep(0)
        self._check()
        entries = [
            entry
            for entry in self._server.logs.get(channel, [])
            if after is None or entry.id > after
        ][:count]
        return LogPage(self._server.last.get(channel), entries, full=len(entries) == count)

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        self._check()
        return {channel: self._server.last.get(channel) for channel in channels}

    async def report(self, receipts: Sequence[Receipt]) -> list[Answer]:
        self._check()
        for receipt in receipts:
            known = self._server.receipts.get(receipt.message_id)
            if known is None or known.acknowledged_at is None:
                self._server.receipts[receipt.message_id] = receipt
            self._take(receipt)
        return await self.answers([receipt.message_id for receipt in receipts])

    def _take(self, receipt: Receipt) -> None:
        place = (str(self.endpoint), receipt.message_id)
        known = self._server.by_endpoint.get(place)
        if known is not None and known.acknowledged_at is not None:
            return
        self._server.by_endpoint[place] = receipt
        if receipt.acknowledged_at is not None:
            first = replace(receipt, endpoint=str(self.endpoint))
            self._server.firsts.setdefault((self.endpoint.outlet, receipt.message_id), first)
            for link in list(self._server.links):
                if link.endpoint.outlet == self.endpoint.outlet:
                    link.hear(AnswerBell(receipt.message_id))

    async def answers(self, message_ids: Sequence[str]) -> list[Answer]:
        self._check()
        return [self._answer(message_id) for message_id in message_ids]

    def _answer(self, message_id: str) -> Answer:
        here = self._server.by_endpoint.get((str(self.endpoint), message_id))
        first = self._server.firsts.get((self.endpoint.outlet, message_id))
        return Answer(
            message_id,
            here_at=here.acknowledged_at if here else None,
            here_user=here.os_user if here else "",
            here_reply=here.reply if here else "",
            outlet_by=first.endpoint if first else "",
            outlet_at=first.acknowledged_at if first else None,
            outlet_user=first.os_user if first else "",
            outlet_reply=first.reply if first else "",
            entry=here,
            contradiction=self._server.contradictions.get((str(self.endpoint), message_id)),
        )

    async def contradict(self, truths: Sequence[Receipt]) -> list[Answer]:
        self._check()
        for truth in truths:
            self._server.contradictions[(str(self.endpoint), truth.message_id)] = truth
        return await self.answers([truth.message_id for truth in truths])

    def check_now(self) -> None:
        """Lives as long as the server does."""

    async def arrivals(self) -> AsyncIterator[list[Arrival]]:
        while True:
            await self._news.wait()
            self._news.clear()
            self._check()
            batch, self._waiting = self._waiting, []
            if batch:
                yield batch

    async def heartbeat(self, report: EndpointReport) -> EndpointReport | None:
        self._check()
        before = [one for one in self._server.reports if one.endpoint == report.endpoint]
        self._server.reports.append(report)
        return before[-1] if before else None

    async def leave(self, report: EndpointReport) -> None:
        await self.heartbeat(report)

    def _check(self) -> None:
        if self._lost:
            raise LinkLost(ADDRESS, "The connection was lost.")


class FakeTrayBus:
    """``shared.bus.TrayBus`` on a ``FakeServer``."""

    address = ADDRESS
    account = ACCOUNT

    def __init__(self, server: FakeServer) -> None:
        self._server = server

    @asynccontextmanager
    async def open(
        self, channels: Sequence[str], endpoint: Endpoint
    ) -> AsyncIterator[FakeTrayLink]:
        if self._server.refuse is not None:
            raise self._server.refuse
        link = FakeTrayLink(self._server, channels, endpoint)
        self._server.links.append(link)
        try:
            yield link
        finally:
            self._server.links.remove(link)


class FakeConsoleLink:
    """``shared.bus.ConsoleLink`` on a ``FakeServer``; ``lose_replies`` replies get lost."""

    def __init__(self, server: FakeServer, bus: FakeConsoleBus) -> None:
        self._server = server
        self._bus = bus

    async def time_ms(self) -> int:
        return self._server.clock_ms

    async def publish(
        self,
        message_id: str,
        channels: Sequence[str],
        envelope: bytes,
        keep_ms: int,
        believed_ms: int | None = None,
    ) -> Published:
        del keep_ms, believed_ms
        if self._bus.refuse_publish is not None:
            raise self._bus.refuse_publish
        for channel in channels:
            if channel in self._bus.refuse_channels:
                raise self._bus.refuse_channels[channel]
        if self._bus.fails_after is not None:
            self._bus.fails_after -= 1
            if self._bus.fails_after < 0:
                raise LinkLost(ADDRESS, "The connection was lost.")
        again = message_id in self._server.sent
        if not again:
            ids = [self._server.append(channel, envelope).id for channel in channels]
            self._server.sent[message_id] = ids
        if self._bus.lose_replies > 0:
            self._bus.lose_replies -= 1
            raise LinkLost(ADDRESS, "The connection was lost.")
        return Published(self._server.sent[message_id], again)

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        return {channel: self._server.last.get(channel) for channel in channels}

    async def missing_rights(self, channels: Sequence[str]) -> dict[str, str] | None:
        del channels
        return {}

    async def connected(
        self, channels: Sequence[str], since_ms: int, until_ms: int = MAX_MS
    ) -> int:
        del since_ms, until_ms
        return sum(bool({"*", *link.channels} & set(channels)) for link in self._server.links)

    async def channels(self) -> Entries[ChannelInfo]:
        return Entries(self._server.channels.values())

    async def unlisted(self) -> list[str]:
        return sorted(self._server.unlisted)

    async def note_unlisted(self, channels: Sequence[str], at_ms: int) -> None:
        self._server.unlisted |= dict.fromkeys(channels, at_ms)

    async def write_channel(self, info: ChannelInfo) -> None:
        self._server.channels[info.name] = info

    async def documents(self, shelf: Shelf) -> dict[str, bytes]:
        return dict(self._server.shelves.get(shelf, {}))

    async def write_document(
        self, shelf: Shelf, name: str, before: bytes | None, after: bytes | None
    ) -> None:
        documents = self._server.shelves.setdefault(shelf, {})
        if documents.get(name) not in (before, after):
            raise ChangedMeanwhile
        documents.pop(name, None)
        if after is not None:
            documents[name] = after

    async def note_sent(
        self, message: Message, expected: int, until_ms: int, outlets: int = 0
    ) -> None:
        del until_ms
        self._server.expected[message.id] = expected
        self._server.places[message.id] = outlets

    async def mend_receipts(self, messages: Sequence[Message], receipts_ms: int) -> None:
        del receipts_ms
        self._server.mended += [message.id for message in messages]

    async def note_reminded(self, message_id: str, at_ms: int) -> None:
        self._server.reminded[message_id] = at_ms

    async def counts(self, messages: Sequence[Message]) -> list[Counts]:
        return [self._server.counts(message.id) for message in messages]

    async def receipts(self, message_id: str, position: int) -> ReceiptPage:
        found = self._server.told.get(message_id, [])
        after = position + PAGE
        against = [
            replace(truth, endpoint=name)
            for (name, about), truth in self._server.contradictions.items()
            if about == message_id and position == 0
        ]
        return ReceiptPage(
            found[position:after],
            after if after < len(found) else 0,
            contradictions=against,
            whole=self._server.whole,
        )

    async def seen(self, channel: str, position: int) -> SeenPage:
        del position
        follows = [
            one for one in await self.endpoints() if channel in (ALL_CHANNELS, *one.channels)
        ]
        return SeenPage({one.endpoint: one.seen_at for one in follows}, 0)

    async def first_seen(self, endpoints: Sequence[str]) -> list[int | None]:
        return [self._server.first_seen.get(name) for name in endpoints]

    async def silent(self, message_id: str) -> Entries[str]:
        return Entries(self._server.silent.get(message_id, []))

    async def reduce(self, message: Message, silent: Sequence[str], now_ms: int) -> None:
        self._server.silent[message.id] = sorted(silent)
        self._server.reduced[message.id] = now_ms
        self._server.told.pop(message.id, None)

    async def endpoints(self) -> Entries[EndpointReport]:
        return Entries({report.endpoint: report for report in self._server.reports}.values())

    async def forget_endpoints(self, reports: Sequence[EndpointReport]) -> None:
        gone = {report.endpoint for report in reports}
        self._server.reports = [one for one in self._server.reports if one.endpoint not in gone]

    async def expected_outlets(self) -> OutletList:
        return OutletList(list(self._server.outlets), str(self._server.outlets))

    async def write_expected_outlets(self, before: str, outlets: Sequence[ExpectedOutlet]) -> None:
        if str(self._server.outlets) not in (before, str(outlets)):
            raise ChangedMeanwhile
        self._server.outlets = list(outlets)

    async def access(self) -> Access:
        return self._server.access

    async def is_full(self) -> bool:
        return self._server.full

    async def inspect(self) -> ServerFacts:
        return ServerFacts("7.0.15", self._server.now_ms, True, "noeviction", 0, False, False)

    async def read_logs(self, ranges: Sequence[LogRange]) -> list[list[LogEntry]]:
        return [
            [
                entry
                for entry in reversed(self._server.logs.get(one.channel, []))
                if (one.before is None or entry.id < one.before)
                and (one.after is None or entry.id > one.after)
            ][: one.count]
            for one in ranges
        ]

    async def log_ids(self, message_id: str) -> list[StreamId]:
        return self._server.sent.get(message_id, [])


class FakeConsoleBus:
    """``shared.bus.ConsoleBus`` on a ``FakeServer``."""

    address = ADDRESS
    account = ACCOUNT

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self.lose_replies = 0
        self.refuse_publish: SiaranError | None = None
        self.refuse_channels: dict[str, SiaranError] = {}
        self.fails_after: int | None = None
        """So many publications arrive, and none after them."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[FakeConsoleLink]:
        if self._server.refuse is not None:
            raise self._server.refuse
        yield FakeConsoleLink(self._server, self)


def make_message(**changes: object) -> Message:
    """A valid message; *changes* override its fields."""
    fields: dict[str, object] = {
        "v": PROTOCOL_VERSION,
        "id": new_message_id(),
        "kind": Kind.MESSAGE,
        "channels": ["Channel 1"],
        "sent_at": 1_800_000_000_000,
        "title": "Title",
        "body": "Body",
        "sender": "Head office",
    }
    return Message(**{**fields, **changes})  # type: ignore[arg-type]


def envelope_of(message: Message) -> bytes:
    """The unsigned envelope of *message*."""
    return encode_envelope(encode_payload(message))
