"""All knowledge of the wire, without I/O: payload, envelope, frame.

An envelope carries the payload as *text* inside JSON, so a signature covers exact bytes and nobody
needs canonical JSON. Decoding trusts nothing: size, depth, UTF-8, duplicate keys (a signer and a
reader could otherwise disagree about which one counts), types and limits are checked before a
``Message`` exists. Whatever is wrong ends in one exception, ``WireError``, which names the reason.
``shared/PROTOCOL.md`` is the same in prose.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.model import (
    ALL_CHANNELS,
    FIELDS,
    MAX_BODY,
    MAX_CHANNEL_NAME,
    MAX_CHANNELS,
    MAX_REPLIES,
    MAX_SENDER,
    MAX_TITLE,
    PROTOCOL_VERSION,
    UUID7,
    Kind,
    Message,
    StreamId,
)
from shared.text import is_blank, safe_line

MAX_ENVELOPE = 256 * 1024
"""Bytes. The longest legal message, every character escaped twice, stays below 128 KiB."""
MAX_REPLY = 40
"""Characters on one reply button."""
MAX_SIGNATURES = 8
_MAX_TIME = 2**53
"""Milliseconds a JSON number carries exactly (RFC 8259, section 6)."""


class Reason(enum.StrEnum):
    """Why something on the wire was not understood."""

    TOO_LARGE = "too large"
    MALFORMED = "malformed"
    DUPLICATE_KEY = "duplicate key"
    UNKNOWN_VERSION = "unknown version"
    UNKNOWN_KIND = "unknown kind"
    NOT_UNDERSTOOD = "needs a newer program"
    OVER_LIMIT = "breaks a limit"


class WireError(ValueError):
    """Bytes that are not a valid envelope or payload; ``reason`` says why, ``detail`` where."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Signature(msgspec.Struct, frozen=True):
    """One Ed25519 signature: ``key`` is the key's id, ``sig`` is base64."""

    key: str
    sig: str


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What travels: the payload's exact text and who signed it."""

    payload: str
    sigs: list[Signature] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A live publication: the entry's id, its predecessor in the log, the envelope's bytes."""

    previous: StreamId
    id: StreamId
    envelope: bytes


# --- payload -------------------------------------------------------------------------------------


def encode_payload(message: Message) -> str:
    """Return the JSON text of *message*, whose exact bytes a signature covers."""
    return msgspec.json.encode(message).decode()


def decode_payload(text: str) -> Message:
    """Read a payload.

    Raises:
        WireError: it is not a message of this protocol version, or breaks a limit.
    """
    fields = _load_object(text)
    _check_understood(fields)
    try:
        message = msgspec.convert(fields, Message)
        msgspec.json.encode(message)  # refuses lone surrogates, which json.loads lets through
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise WireError(Reason.MALFORMED, str(error)) from error
    for problem in _broken_limits(message):
        raise WireError(Reason.OVER_LIMIT, problem)
    return message


def is_channel_name(name: str) -> bool:
    """Whether *name* may name a channel: one visible line that means the same to every reader."""
    return (
        0 < len(name) <= MAX_CHANNEL_NAME
        and name != ALL_CHANNELS
        and not is_blank(name)
        and name == safe_line(name)
    )


def _check_understood(fields: dict[str, Any]) -> None:
    version, kind, must = fields.get("v"), fields.get("kind"), fields.get("must", [])
    if version != PROTOCOL_VERSION or isinstance(version, bool):
        raise WireError(Reason.UNKNOWN_VERSION, repr(version)[:40])
    if kind not in list(Kind):
        raise WireError(Reason.UNKNOWN_KIND, repr(kind)[:40])
    if isinstance(must, list):
        unknown = [str(name)[:40] for name in must if str(name) not in FIELDS]
        if unknown:
            raise WireError(Reason.NOT_UNDERSTOOD, ", ".join(unknown[:5]))


def _broken_limits(message: Message) -> Iterable[str]:
    if not UUID7.fullmatch(message.id):
        yield "id is not a UUIDv7"
    if not _channels_valid(message.channels):
        yield "channels"
    if len(message.sender) > MAX_SENDER:
        yield "sender"
    if any(not 0 <= at < _MAX_TIME for at in _times(message)):
        yield "a time is out of range"
    if len(message.replies) > MAX_REPLIES or not all(
        0 < len(reply) <= MAX_REPLY and not is_blank(reply) for reply in message.replies
    ):
        yield "replies"
    yield from _broken_content(message)


def _broken_content(message: Message) -> Iterable[str]:
    if message.kind is Kind.MESSAGE:
        if not len(message.title) <= MAX_TITLE or is_blank(message.title):
            yield "title"
        if not len(message.body) <= MAX_BODY or is_blank(message.body):
            yield "body"
    target = {Kind.RECALL: message.recalls, Kind.REMIND: message.reminds}
    if message.kind in target and target[message.kind] is None:
        yield f"a {message.kind} names no message"
    for reference in (message.replaces, message.recalls, message.reminds):
        if reference is not None and not UUID7.fullmatch(reference):
            yield "a reference is not a UUIDv7"


def _channels_valid(channels: list[str]) -> bool:
    if channels == [ALL_CHANNELS]:
        return True
    unique = len(set(channels)) == len(channels)
    return unique and 0 < len(channels) <= MAX_CHANNELS and all(map(is_channel_name, channels))


def _times(message: Message) -> list[int]:
    times = (message.sent_at, message.show_at, message.expires_at)
    return [at for at in times if at is not None]


# --- envelope ------------------------------------------------------------------------------------


def encode_envelope(payload: str, sigs: Iterable[Signature] = ()) -> bytes:
    """Return the JSON that is stored and published."""
    return msgspec.json.encode(Envelope(payload, list(sigs)))


def decode_envelope(raw: bytes) -> Envelope:
    """Read an envelope; its payload stays text, to be verified before it is read.

    Raises:
        WireError: too large, not UTF-8, not JSON of that form, or a key stands twice.
    """
    if len(raw) > MAX_ENVELOPE:
        raise WireError(Reason.TOO_LARGE, f"{len(raw)} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError(Reason.MALFORMED, "not UTF-8") from error
    try:
        envelope = msgspec.convert(_load_object(text), Envelope)
        envelope.payload.encode()
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise WireError(Reason.MALFORMED, str(error)) from error
    if len(envelope.sigs) > MAX_SIGNATURES:
        raise WireError(Reason.OVER_LIMIT, "signatures")
    return envelope


def _load_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise WireError(Reason.MALFORMED, "nested too deeply") from error
    except WireError:
        raise
    except ValueError as error:
        raise WireError(Reason.MALFORMED, str(error)[:120]) from error
    if not isinstance(value, dict):
        raise WireError(Reason.MALFORMED, "not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise WireError(Reason.DUPLICATE_KEY)
    return result


def _no_constant(name: str) -> Any:
    raise WireError(Reason.MALFORMED, f"{name} is not JSON")


# --- frame ---------------------------------------------------------------------------------------

_FRAME = re.compile(rb"(\d{1,20}-\d{1,20}) (\d{1,20}-\d{1,20}) (?=\{)")


def parse_frame(raw: bytes) -> RawFrame | None:
    """Take a live publication apart; None for anything that is no frame (plain text)."""
    match = _FRAME.match(raw)
    if match is None:
        return None
    try:
        previous, entry = StreamId.parse(match[1]), StreamId.parse(match[2])
    except ValueError:
        return None
    return RawFrame(previous, entry, raw[match.end() :])


def format_frame(previous: StreamId, entry: StreamId, envelope: bytes) -> bytes:
    """Return what the publish script publishes for one log entry."""
    return f"{previous} {entry} ".encode() + envelope
