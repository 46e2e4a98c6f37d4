"""The message and the words around it, as values.

Every limit and every enumeration of the protocol lives here, so that a form, a codec and a test
cannot disagree about what a message may be. Nothing here does I/O.
"""

from __future__ import annotations

import enum
import os
import re
import time
from dataclasses import dataclass
from typing import Annotated

import msgspec

PROTOCOL_VERSION = 1
"""Value of ``v`` in a payload."""

ALL_CHANNELS = "*"
"""How the choice *All channels* is written in a message's ``channels``."""

DEFAULT_CHANNELS = ("Channel 1", "Channel 2", "Channel 3")

MAX_TITLE = 200
"""Characters (Unicode code points)."""
MAX_BODY = 8_000
"""Characters (Unicode code points)."""
MAX_CHANNEL_NAME = 100
"""Characters; ours, so that a name fits a combo box, a log line and an ACL file."""
MAX_SENDER = 100
MAX_CHANNELS = 64
"""Channels one message may name: bounds what one script call does to Redis."""
MAX_REPLIES = 4

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DEFAULT_RETENTION_MS = 7 * DAY_MS
MAX_MS = 2**53
"""No time reaches this (``shared/PROTOCOL.md``, section 2)."""
Natural = Annotated[int, msgspec.Meta(ge=0, lt=MAX_MS)]
"""A time or a number as messages may have it; no database and no window takes any that JSON can
hold."""

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""The only form of message id: it becomes part of Redis names, so nothing else may pass."""


class Level(enum.StrEnum):
    """How loudly a message asks for attention, from quiet to loud."""

    SILENT = "silent"
    NORMAL = "normal"
    IMPORTANT = "important"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for the quietest level; a higher rank takes the place of a lower one."""
        return _LEVELS.index(self)


_LEVELS = list(Level)

LOUD_LEVELS = frozenset({Level.URGENT, Level.EMERGENCY})
"""Levels that interrupt people so much that sending one is asked back once."""

SHORT_LIVED_MS = {Level.EMERGENCY: 4 * HOUR_MS, Level.URGENT: 24 * HOUR_MS}
"""Levels whose messages expire before the retention is over."""


class Kind(enum.StrEnum):
    """What a payload is."""

    MESSAGE = "message"
    RECALL = "recall"
    REMIND = "remind"


class Format(enum.StrEnum):
    """How ``body`` is to be read."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


class Ack(enum.StrEnum):
    """Who has to acknowledge: nobody, every PC, or one PC of each outlet."""

    NONE = "none"
    PC = "pc"
    OUTLET = "outlet"


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What head office sends: the content of a payload (``shared/PROTOCOL.md``).

    Times are milliseconds since the Unix epoch by Redis' clock.
    """

    v: int
    id: str
    kind: Kind
    channels: list[str]
    sent_at: int
    title: str = ""
    body: str = ""
    format: Format = Format.PLAIN
    level: Level = Level.NORMAL
    sender: str = ""
    show_at: int | None = None
    expires_at: int | None = None
    ack: Ack = Ack.PC
    replies: list[str] = msgspec.field(default_factory=list)
    replaces: str | None = None
    recalls: str | None = None
    reminds: str | None = None
    drill: bool = False
    must: list[str] = msgspec.field(default_factory=list)

    def due_at(self) -> int:
        """When it may be opened, in ms: at ``show_at``, else at once."""
        return max(self.sent_at, self.show_at or 0)

    def dies_at(self, retention_ms: int = DEFAULT_RETENTION_MS) -> int:
        """When it expires, in ms; ``expires_at`` or the default that its level has."""
        if self.expires_at is not None:
            return self.expires_at
        return self.due_at() + min(retention_ms, SHORT_LIVED_MS.get(self.level, retention_ms))


FIELDS = frozenset(Message.__struct_fields__)
"""Names that ``must`` may hold."""


@dataclass(frozen=True, order=True, slots=True)
class StreamId:
    """Id of a log entry: the server's milliseconds and a sequence number."""

    ms: int
    seq: int

    @classmethod
    def parse(cls, text: str | bytes) -> StreamId:
        """Read ``ms-seq``.

        Raises:
            ValueError: the text is not two unsigned 64-bit decimal numbers.
        """
        if isinstance(text, bytes):
            text = text.decode("ascii")
        match = _STREAM_ID.fullmatch(text)
        if match is None:
            raise ValueError(f"not a log id: {text[:60]!r}")
        ms, seq = int(match[1]), int(match[2])
        if ms > _U64 or seq > _U64:
            raise ValueError(f"log id out of range: {text[:60]!r}")
        return cls(ms, seq)

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}"


_STREAM_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_U64 = 2**64 - 1
IMPOSSIBLE_MS = 2**63
"""No clock gives an id with so many ms; the publishing script removes such entries."""
LARGEST = StreamId(_U64, _U64)
"""No log has an entry after it."""
START = StreamId(0, 0)
"""Before every entry; the last id of a log that has never had one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One PC of an outlet."""

    outlet: str
    pc: str

    def __str__(self) -> str:
        return f"{self.outlet}/{self.pc}"


def new_message_id(now_ms: int | None = None) -> str:
    """Draw a UUIDv7 (RFC 9562, section 5.7): 48 bits of time in ms, 74 random bits."""
    ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    drawn = int.from_bytes(os.urandom(10), "big")  # ``secrets`` would load OpenSSL for this
    value = (ms & (2**48 - 1)) << 80 | 7 << 76 | (drawn >> 68) << 64
    value |= 0b10 << 62 | (drawn & (2**62 - 1))
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
