"""D-Bus messages as bytes and back, without I/O. (D-Bus specification, "Message Format".)"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from shared.system_events.dbus_types import Garbage, Variant
from shared.system_events.dbus_values import Reader, Writer

HEAD_SIZE = 16
MAX_MESSAGE = 64 * 1024
"""Bytes. The specification allows 128 MB; what we listen to has a few hundred."""
NO_AUTO_START = 2
"""Flag: do not start the service only because we asked it something."""


class MessageKind(IntEnum):
    """The types of messages; those that we do not know have to be ignored."""

    CALL = 1
    REPLY = 2
    ERROR = 3
    SIGNAL = 4


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Header fields that are not there are empty or 0."""

    kind: int
    serial: int
    path: str = ""
    interface: str = ""
    member: str = ""
    error_name: str = ""
    reply_serial: int = 0
    destination: str = ""
    sender: str = ""
    signature: str = ""
    body: tuple[Any, ...] = ()
    flags: int = 0


# The header fields: code, name in Message, type.
_FIELDS = (
    (1, "path", "o"),
    (2, "interface", "s"),
    (3, "member", "s"),
    (4, "error_name", "s"),
    (5, "reply_serial", "u"),
    (6, "destination", "s"),
    (7, "sender", "s"),
    (8, "signature", "g"),
)
_NAMES = {code: (name, kind) for code, name, kind in _FIELDS}


def encode(message: Message) -> bytes:
    """Return *message* as the bytes to send."""
    body = Writer()
    body.values(message.signature, *message.body)
    fields = [
        (code, Variant(kind, value))
        for code, name, kind in _FIELDS
        if (value := getattr(message, name))
    ]
    head = Writer()
    head.values("yyyyuu", ord("l"), message.kind, message.flags, 1, len(body.data), message.serial)
    head.values("a(yv)", fields)
    head.align(8)
    return bytes(head.data + body.data)


def size_of(head: bytes) -> int:
    """Return how many bytes the message has that begins with these ``HEAD_SIZE`` bytes.

    Raises:
        Garbage: this is no beginning of a message, or of one over ``MAX_MESSAGE``.
    """
    body_size, _serial, fields_size = struct.unpack(_order(head) + "III", head[4:HEAD_SIZE])
    size = HEAD_SIZE + fields_size + (-fields_size % 8) + body_size
    if size > MAX_MESSAGE:
        raise Garbage(f"a message of {size} bytes")
    return int(size)


def decode(data: bytes) -> Message:
    """Return the one message that *data* is.

    Raises:
        Garbage: it is none.
    """
    if len(data) < HEAD_SIZE or size_of(data[:HEAD_SIZE]) != len(data):
        raise Garbage("a message of another size than it says")
    reader = Reader(data, little=_order(data) == "<")
    _, kind, flags, _, _, serial = reader.values("yyyyuu")
    fields = _header_fields(reader.values("a(yv)")[0])
    reader.align(8)
    body = reader.values(fields.get("signature", ""))
    if reader.at != len(data):
        raise Garbage("a message with more values than its signature tells")
    return Message(kind=kind, serial=serial, flags=flags, body=body, **fields)


def _header_fields(pairs: list[tuple[int, Variant]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for code, variant in pairs:
        name, kind = _NAMES.get(code, ("", ""))
        if name and variant.signature != kind:
            raise Garbage(f"a header field {name} of another type")
        if name:
            fields[name] = variant.value
    return fields


def _order(head: bytes) -> str:
    if head[:1] not in (b"l", b"B") or head[3] != 1:
        raise Garbage("neither byte order nor version of D-Bus")
    return "<" if head[:1] == b"l" else ">"
