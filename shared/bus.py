"""What sessions need from a message bus, as Protocols. ``redis_bus`` is the real one.

A link is one life of a connection: opened, used, lost, and never used again. Everything a link
raises is a ``SiaranError``; ``LinkLost`` or ``RedisUnreachable`` mean: open a new one.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from shared.documents import Entries
from shared.errors import SiaranError
from shared.model import MAX_MS, Endpoint, Message, Natural, StreamId
from shared.outlets import ExpectedOutlet, OutletList
from shared.receipts import Answer, Counts, Receipt
from shared.repair import ServerMemory
from shared.text import safe_line


class LinkState(enum.Enum):
    """How a program stands with Redis."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """State of the link, to whom, and why it is not connected."""

    state: LinkState
    address: str = ""
    error: SiaranError | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One envelope in the log of ``channel``, however it arrived (read, or as a live frame)."""

    channel: str
    id: StreamId
    previous: StreamId
    envelope: bytes
    stored_at: int | None = None
    """When Redis took it, in ms, as its log says; None in a live frame, and in entries of earlier
    versions. An id orders, and says nothing about time."""


@dataclass(frozen=True, slots=True)
class LooseText:
    """Something published on a channel that is no frame: plain text from another program."""

    channel: str
    data: bytes


@dataclass(frozen=True, slots=True)
class AnswerBell:
    """Somebody of this outlet has answered a message; Redis knows the rest."""

    message_id: str


Publication = LogEntry | LooseText
Arrival = Publication | AnswerBell


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries of one log after a cursor, and the log's last id at the same moment."""

    last: StreamId | None
    entries: list[LogEntry]
    full: bool
    """Whether there may be more."""
    cut: bool = False
    """Whether an entry is not here as it is in the log: all together they were too long."""


class Trouble(enum.StrEnum):
    """What a tray says is wrong with its PC; a short code of the heartbeat.

    The vocabulary is open: a newer tray may say more than this program knows.
    """

    TRUSTED_KEYS = "trusted-keys"
    """At least one entry of ``trusted_keys`` cannot be used, or the setting as a whole."""
    REQUIRE_SIGNATURES = "require-signatures"
    """``require_signatures`` is set to something that is neither yes nor no."""
    SYSTEM_FILE = "system-file"
    """A policy or the PC's own settings cannot be read, or others than root can write them."""
    SETTINGS = "settings"
    """Another setting is wrong."""
    NO_ANSWERS = "no-answers"
    """Not told at once of answers given elsewhere in the outlet: cut off too often, or no right."""
    UNREADABLE_LOG = "unreadable-log"
    """A log has an entry that is too long to be read; what arrives live is shown."""
    NO_RIGHT = "no-right"
    """The account may not follow some of its channels, or not read their logs."""
    CLOCK = "clock"
    """Redis' clock has jumped, and nothing speaks for where it is now."""


MAX_REPORT_TEXT = 100
"""Characters of a report's version, system, instance, machine and rival that are kept."""
MAX_TROUBLES = 16
MAX_TROUBLE_LENGTH = 40


class EndpointReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a tray says of itself with every heartbeat (JSON in the endpoint registry)."""

    outlet: str
    pc: str
    channels: list[str]
    version: str
    system: str
    instance: str
    machine: str
    rival: str = ""
    """Instance id of another PC that uses this endpoint's name at the same time."""
    started_at: Natural
    seen_at: Natural
    left: bool = False
    refused: Natural = 0
    """Messages refused since the program started: unsigned, forged, or asking for too much."""
    troubles: list[str] = msgspec.field(default_factory=list)
    """Codes of ``Trouble``, possibly unknown ones; at most 16 of 40 characters are kept."""
    requires_signatures: bool | None = None
    """Whether it shows only messages that a trusted key has signed; None: it does not say."""

    def __post_init__(self) -> None:
        """Bound ``troubles`` and the other texts: any endpoint may write any report."""
        for name in ("version", "system", "instance", "machine", "rival"):
            msgspec.structs.force_setattr(self, name, getattr(self, name)[:MAX_REPORT_TEXT])
        codes = [
            safe_line(code[: 4 * MAX_TROUBLE_LENGTH], MAX_TROUBLE_LENGTH)
            for code in self.troubles[:MAX_TROUBLES]
        ]
        msgspec.structs.force_setattr(self, "troubles", [code for code in codes if code])

    @property
    def endpoint(self) -> str:
        """Its name in the registry."""
        return f"{self.outlet}/{self.pc}"


class TrayLink(Protocol):
    """The outlet's side of one connection, subscribed to its channels and to all."""

    @property
    def hears_answers(self) -> bool:
        """Whether answers given elsewhere in the outlet arrive as ``AnswerBell``."""

    @property
    def denied(self) -> Sequence[str]:
        """Channels of which nothing arrives live: the account may not follow them."""

    async def time_ms(self) -> int:
        """Redis' clock."""

    async def read_log(self, channel: str, after: StreamId | None, count: int) -> LogPage:
        """Read at most *count* entries after *after* (None: from the beginning)."""

    def arrivals(self) -> AsyncIterator[list[Arrival]]:
        """Yield what arrives live, batched by what was there to read; raises ``LinkLost``."""

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        """The last generated id of each log."""

    async def heartbeat(self, report: EndpointReport) -> EndpointReport | None:
        """Register the endpoint as alive; return what was registered under its name before."""

    async def report(self, receipts: Sequence[Receipt]) -> list[Answer]:
        """Write receipts; doing it again is harmless. Returns what is known of each by now."""

    async def answers(self, message_ids: Sequence[str]) -> list[Answer]:
        """Ask whether messages were answered: on this PC, or in its outlet."""

    async def contradict(self, truths: Sequence[Receipt]) -> list[Answer]:
        """Say what is true of messages of which Redis has something else in this PC's name."""

    def check_now(self) -> None:
        """Ask for a sign of life at once: the PC has slept, or its network is another."""

    async def leave(self, report: EndpointReport) -> None:
        """Say that the endpoint stops by itself."""


class TrayBus(Protocol):
    """Opens links for a tray."""

    address: str
    account: str
    """Name to log in with; empty for none."""

    def open(
        self, channels: Sequence[str], endpoint: Endpoint
    ) -> AbstractAsyncContextManager[TrayLink]:
        """Connect as *endpoint* and subscribe to *channels* and to the answers of its outlet.

        Entered when every subscription is confirmed.
        """


@dataclass(frozen=True, slots=True)
class Published:
    """Redis has the message. ``again``: it had it already, and nothing was done twice."""

    ids: list[StreamId]
    again: bool


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One entry of the channel directory. ``label`` is what people see; ``name`` never changes."""

    name: str
    label: str
    retired: bool = False
    stored: bytes | None = field(default=None, compare=False, repr=False)
    """As Redis has it; None: not yet."""
    readable: bool = True
    """Whether that could be read; if not, all that is known is the name."""


class Shelf(enum.StrEnum):
    """What consoles share besides the channels."""

    TEMPLATES = "templates"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class ClusterMaster:
    """One master of a Cluster, as ``host:port``, and how many replicas of it are there."""

    address: str
    replicas: int
    answers: bool


class Access(enum.Enum):
    """Whom a server lets in."""

    UNKNOWN = "unknown"
    EVERYBODY = "everybody"
    """Also those who do not log in."""
    SHARED = "shared"
    """Whoever has the one password, with every right; this console, too."""
    ACCOUNTS = "accounts"
    """Nobody without a login, and this console has an account of its own."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself; None where the account may not ask.

    Of a Cluster the version is that of the server with the logs, and how data are stored that of
    the worst.
    """

    version: str | None
    time_ms: int
    append_only: bool | None
    eviction: str | None
    memory_limit: int | None
    """Bytes; 0 is no limit."""
    replica: bool
    cluster: bool
    masters: tuple[ClusterMaster, ...] = ()
    memory: tuple[ServerMemory, ...] = ()
    """Of every server that has keys and answers."""


@dataclass(frozen=True, slots=True)
class LogRange:
    """At most *count* of the newest entries of one log: below *before*, above *after*."""

    channel: str
    count: int
    before: StreamId | None = None
    after: StreamId | None = None


@dataclass(slots=True)
class ReceiptPage:
    """Some receipts of a message, and where the next page is: 0 if there is none.

    ``unreadable``: endpoints whose entry is no receipt.
    ``contradictions``: what endpoints say of themselves beside what stands in their names.
    ``strange``: fields that are too long to be anybody's. ``whole``: Redis has lost none of the
    receipts since the message was sent (it is said on one of the pages; False: nobody knows).
    """

    receipts: list[Receipt]
    position: int
    unreadable: list[str] = field(default_factory=list)
    contradictions: list[Receipt] = field(default_factory=list)
    strange: int = 0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Some endpoints that follow a channel, with their last heartbeat (ms); 0: no next page."""

    seen: dict[str, int]
    position: int


class ConsoleLink(Protocol):
    """Head office's side of one connection."""

    async def time_ms(self) -> int:
        """Redis' clock; also the sign of life."""

    async def publish(
        self,
        message_id: str,
        channels: Sequence[str],
        envelope: bytes,
        keep_ms: int,
        believed_ms: int | None = None,
    ) -> Published:
        """Store in every log and ring the bell, atomically and once; keep entries *keep_ms*.

        *believed_ms*: the time that this console believes, if it is not just Redis'; nothing is
        trimmed that is not too old by it, too.
        """

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        """The last id of each channel's log; None for one that does not exist."""

    async def missing_rights(self, channels: Sequence[str]) -> dict[str, str] | None:
        """What the account lacks to publish, by channel; None: the server (before 7) cannot tell.

        Raises:
            SiaranError: nothing can be published at all.
        """

    async def connected(
        self, channels: Sequence[str], since_ms: int, until_ms: int = MAX_MS
    ) -> int:
        """How many PCs of *channels* had their last heartbeat from *since_ms* to *until_ms*."""

    async def channels(self) -> Entries[ChannelInfo]:
        """The channel directory."""

    async def unlisted(self) -> list[str]:
        """Channels that were sent to although they are not in the directory."""

    async def note_unlisted(self, channels: Sequence[str], at_ms: int) -> None:
        """Keep that *channels* were sent to, so that every console looks into their logs."""

    async def write_channel(self, info: ChannelInfo) -> None:
        """Add or change one channel of the directory.

        Raises:
            ChangedMeanwhile: it is not any more as ``info.stored`` says.
        """

    async def documents(self, shelf: Shelf) -> dict[str, bytes]:
        """Every document of *shelf* by its name."""

    async def write_document(
        self, shelf: Shelf, name: str, before: bytes | None, after: bytes | None
    ) -> None:
        """Put *after* in place of *before*; None: there was none, there is to be none any more.

        Raises:
            ChangedMeanwhile: it is not *before* any more; nothing was written.
        """

    async def endpoints(self) -> Entries[EndpointReport]:
        """Every endpoint that ever registered, as it last reported."""

    async def forget_endpoints(self, reports: Sequence[EndpointReport]) -> None:
        """Take endpoints out of the registry; one that still lives comes back by itself."""

    async def expected_outlets(self) -> OutletList:
        """The outlets that head office says there are."""

    async def write_expected_outlets(self, before: str, outlets: Sequence[ExpectedOutlet]) -> None:
        """Put *outlets* in the place of the list with the stamp *before*.

        Raises:
            ChangedMeanwhile: it is another list by now; nothing was written.
        """

    async def note_sent(
        self, message: Message, expected: int, until_ms: int, outlets: int = 0
    ) -> None:
        """Keep how many endpoints, of how many *outlets*, were expected to show *message*.

        Receipts of it are taken until *until_ms*.
        """

    async def mend_receipts(self, messages: Sequence[Message], receipts_ms: int) -> None:
        """Give receipts of *messages*, taken *receipts_ms*, the end that no console has set."""

    async def note_reminded(self, message_id: str, at_ms: int) -> None:
        """Keep when people were last reminded of a message."""

    async def counts(self, messages: Sequence[Message]) -> list[Counts]:
        """The counters of *messages*; costs the same for 10 endpoints or 10,000."""

    async def receipts(self, message_id: str, position: int) -> ReceiptPage:
        """Some receipts of a message from *position* on (0: the beginning).

        Each receipt that is there all the while comes at least once, in no order.
        """

    async def seen(self, channel: str, position: int) -> SeenPage:
        """Some endpoints that follow *channel* (``*``: any at all), like ``receipts``."""

    async def first_seen(self, endpoints: Sequence[str]) -> list[int | None]:
        """When each of *endpoints* came first, in ms; None: not known."""

    async def silent(self, message_id: str) -> Entries[str]:
        """Who had not acknowledged when the receipts were reduced."""

    async def reduce(self, message: Message, silent: Sequence[str], now_ms: int) -> None:
        """Keep only the counters of *message* and the names of who did not answer."""

    async def access(self) -> Access:
        """Whom the server lets in; asked over another connection, that does not log in."""

    async def is_full(self) -> bool:
        """Whether what PCs report is refused, because the memory of a server is full."""

    async def inspect(self) -> ServerFacts:
        """What the server says of itself."""

    async def read_logs(self, ranges: Sequence[LogRange]) -> list[list[LogEntry]]:
        """Entries of each range, newest first."""

    async def log_ids(self, message_id: str) -> list[StreamId]:
        """Where in its logs a message is; empty if Redis knows of none."""


class ConsoleBus(Protocol):
    """Opens links for a console."""

    address: str
    account: str
    """Name to log in with; empty for none."""

    def open(self) -> AbstractAsyncContextManager[ConsoleLink]:
        """Connect; entered when the server has answered."""


class NoBus:
    """A bus for settings that name no usable server: every attempt says what is wrong with them."""

    def __init__(self, error: SiaranError) -> None:
        self.address = ""
        self.account = ""
        self._error = error

    def open(
        self, channels: Sequence[str] = (), endpoint: Endpoint | None = None
    ) -> AbstractAsyncContextManager[Any]:
        """Refuse.

        Raises:
            SiaranError: always the one given.
        """
        del channels, endpoint
        raise self._error
