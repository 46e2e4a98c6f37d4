"""RESP2, the language of Redis: commands as bytes, bytes as replies. Opens no connection.

Redis 6.2 and every later one speak it without being asked (RESP3 needs HELLO, and a right to it).
https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

Argument = bytes | str | int
Command = Sequence[Argument]
Reply = Any
"""``bytes``, ``int``, None, a ``ServerError`` or a list of all these."""

MAX_DEPTH = 8
"""Lists in lists; what Siaran asks for has three."""


class WireError(Exception):
    """A connection to Redis that is of no more use."""


class NotRespError(WireError):
    """What came is not RESP."""


class LostError(WireError):
    """The connection has been lost, or given up, and is not opened again."""


CUT = (WireError, OSError, asyncio.IncompleteReadError)
"""What there is instead of replies when a connection ends, or never comes to be."""


class ServerError(Exception):
    """What Redis answers instead of a reply; its text begins with a code (``NOPERM …``)."""

    @property
    def code(self) -> str:
        """The first word."""
        return str(self).partition(" ")[0]


def packed(commands: Sequence[Command]) -> bytes:
    """*commands* as Redis reads them, one after the other."""
    return b"".join(part for command in commands for part in _parts(command))


def _parts(command: Command) -> list[bytes]:
    parts = [b"*%d\r\n" % len(command)]
    for argument in command:
        raw = argument if isinstance(argument, bytes) else str(argument).encode()
        parts += (b"$%d\r\n" % len(raw), raw, b"\r\n")
    return parts


async def read_reply(reader: asyncio.StreamReader, *, depth: int = 0) -> Reply:
    """Read one reply; a ``ServerError`` is returned, since a list may have some among others.

    Raises:
        NotRespError: it is none.
        asyncio.IncompleteReadError, OSError: the connection has ended.
    """
    kind, rest = await _read_line(reader)
    if kind == b"+":
        return rest
    if kind == b"-":
        return ServerError(rest.decode("utf-8", "replace"))
    if kind not in (b":", b"$", b"*"):
        raise NotRespError(repr(kind + rest[:40]))
    try:
        number = int(rest)
    except ValueError:
        raise NotRespError(repr(kind + rest[:40])) from None
    if kind == b":":
        return number
    if number < 0:
        return None
    if kind == b"$":
        return (await reader.readexactly(number + 2))[:-2]
    if depth == MAX_DEPTH:
        raise NotRespError("lists in lists in lists")
    return [await read_reply(reader, depth=depth + 1) for _ in range(number)]


async def _read_line(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    try:
        line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError:
        raise NotRespError("a line without an end") from None
    return line[:1], line[1:-2]


def demand_no_error(replies: Sequence[Reply]) -> None:
    """Raise the first error among *replies*."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


def pairs(flat: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """What RESP2 gives as one list: names with their values."""
    return zip(flat[::2], flat[1::2], strict=False)
