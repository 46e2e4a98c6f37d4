"""RESP2, the language of Redis: commands as bytes, bytes as replies. Opens no connection.

Redis 6.2 and every later one speak it without being asked (RESP3 needs HELLO, and a right to it).
https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final

Argument = bytes | str | int
Command = Sequence[Argument]
Reply = Any
"""``bytes``, ``int``, None, a ``ServerError`` or a list of all these."""

MAX_DEPTH = 8
"""Lists in lists; what Siaran asks for has three."""
MAX_STRING = 512 << 20
"""Bytes of one string: Redis has no longer ones. ``packaging/redis/redis.conf`` lets in 1 MB."""
MAX_KEPT = 16 << 20
"""Bytes of one reply that are kept. A longer one is read to its end, since the connection would be
of no use otherwise; each string that does not fit any more becomes ``NOT_KEPT``."""
MAX_PASSED = 4 * MAX_STRING
"""Bytes of one reply, kept or not."""
OVERHEAD = 64
"""What each element of a reply counts beside its bytes."""
SHORT = 256
"""Strings up to here (ids, names) are kept although there is no room, up to twice ``MAX_KEPT``."""
CHUNK = 64 << 10
MAX_ELEMENTS = 2 * MAX_KEPT // OVERHEAD


class WireError(Exception):
    """A connection to Redis that is of no more use."""


class NotRespError(WireError):
    """What came is not RESP."""


class LostError(WireError):
    """The connection has been lost, or given up, and is not opened again."""


class _NotKept(bytes):
    """The type of ``NOT_KEPT``, which is told from others by ``is``."""


NOT_KEPT: Final = _NotKept(b"\0")
"""Stands for a string of a reply for which there was no room. Nothing that Siaran stores begins so:
whatever decodes it counts it as garbage."""

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


async def read_reply(reader: asyncio.StreamReader) -> Reply:
    """Read one reply; a ``ServerError`` is returned, since a list may have some among others.

    Raises:
        NotRespError: it is none, or larger than any that Siaran asks for.
        asyncio.IncompleteReadError, OSError: the connection has ended.
    """
    return await _ReplyReader(reader).read()


class _ReplyReader:
    """Reads one reply, and holds no more of it than ``MAX_KEPT``, whatever the server sends."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._room = MAX_KEPT
        self._to_pass = MAX_PASSED

    async def read(self, *, depth: int = 0) -> Reply:
        kind, rest = await _read_line(self._reader)
        self._take(OVERHEAD)
        if kind == b"+":
            return rest
        if kind == b"-":
            return ServerError(rest.decode("utf-8", "replace"))
        number = _number(kind, rest)
        if kind == b":":
            return number
        if number < 0:
            return None
        if kind == b"$":
            return await self._string(number)
        if depth == MAX_DEPTH:
            raise NotRespError("lists in lists in lists")
        if number > MAX_ELEMENTS:
            raise NotRespError(f"a list of {number}")
        return [await self.read(depth=depth + 1) for _ in range(number)]

    async def _string(self, size: int) -> bytes:
        self._to_pass -= size
        if size > MAX_STRING or self._to_pass < 0:
            raise NotRespError(f"a string of {size} bytes")
        if size > max(self._room, SHORT):
            await _skip(self._reader, size + 2)
            return NOT_KEPT
        self._take(size)
        return (await self._reader.readexactly(size + 2))[:-2]

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < -MAX_KEPT:
            raise NotRespError("a reply without an end")


def _number(kind: bytes, rest: bytes) -> int:
    if kind in (b":", b"$", b"*"):
        try:
            return int(rest)
        except ValueError:
            pass
    raise NotRespError(repr(kind + rest[:40]))


async def _skip(reader: asyncio.StreamReader, size: int) -> None:
    while size:
        passed = len(await reader.read(min(size, CHUNK)))
        if not passed:
            raise asyncio.IncompleteReadError(b"", size)
        size -= passed


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
