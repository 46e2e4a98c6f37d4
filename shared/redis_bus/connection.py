"""One connection of redis-py to one server, opened once and never reopened.

Of redis-py it is the lowest layer that is used: sockets, TLS, login, RESP2, errors. Its clients,
pools and ``PubSub`` reopen a lost connection with the next command, and the caller is never told.
What is set here, and why:

- ``protocol=2`` needs no HELLO, nor a right to it; ``driver_info=None``: no CLIENT SETINFO.
- No time limits of redis-py, but our own around it: for sending it uses ``asyncio.wait_for``, which
  before Python 3.12 may lose a cancellation, and whatever limit is given to ``read_response`` (even
  ``math.inf``) makes it take ETIMEDOUT for "no message" (``packaging/upstream``).
- ``socket_keepalive=False``: a PING and a deadline find a dead link sooner.
- ``Retry`` never tries again, there is no health check, and maintenance notifications are off.
- What replies may have is bounded by a reader under redis-py's parser, which has no bounds.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from redis._parsers import _AsyncRESP2Parser
from redis.asyncio.connection import (
    AbstractConnection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import Connection as TcpConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.redis_bus.address import RedisAddress

if TYPE_CHECKING:
    from ssl import SSLContext

Argument = bytes | str | int
Command = Sequence[Argument]
Reply = Any
"""``bytes``, ``int``, None, a ``ResponseError`` or a list of all these."""

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 5.0
"""Without a byte from Redis. An answer that keeps coming may take as long as the line makes it."""
GOODBYE_S = 1.0

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
"""Of one list."""

NOT_KEPT: Final = b"\0" + os.urandom(16).hex().encode()
"""Stands for a string of a reply for which there was no room. It differs at each start, so it
cannot have been stored before, and decodes as nothing that Siaran stores."""

_END = b"\r\n"
_KINDS = (b"+", b"-", b":", b"$", b"*")
_MOST = {b"$": MAX_STRING, b"*": MAX_ELEMENTS}


class LostError(RedisConnectionError):
    """The connection has been lost, or given up, and is not opened again."""


CUT = (RedisConnectionError, RedisTimeoutError, InvalidResponse, OSError)
"""What there is instead of replies when a connection ends, or never comes to be. An answer that
ends it (a refused login, a server that still loads) is one of them, too: ``said`` has its text."""


class Connection:
    """Writes commands, reads replies, in the order of the commands."""

    def __init__(self, address: RedisAddress) -> None:
        self._on_bytes: Callable[[], object] = _nothing
        self._link = _link(address, self._tell_of_bytes)
        self._transport: asyncio.WriteTransport | None = None

    @classmethod
    async def open(cls, address: RedisAddress) -> Connection:
        """Connect and log in.

        Raises:
            CUT: there is no Redis, or not one for us.
        """
        connection = cls(address)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await connection._connect(address)
        except BaseException:
            await connection.aclose()
            raise
        return connection

    async def _connect(self, address: RedisAddress) -> None:
        if isinstance(self._link, SSLConnection):
            self._link.ssl_context.context = _tls(address)
        try:
            await self._link.connect()
        except ResponseError as error:  # for the command that was to be sent it is no answer
            raise LostError("the login was refused") from error
        except (ValueError, RecursionError) as error:
            raise InvalidResponse("no RESP") from error
        assert self._link._writer is not None
        self._transport = self._link._writer.transport

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """Send *commands* together and read a reply to each; errors are among them.

        Whatever this raises, a cancellation too, has ended the connection: redis-py sees to it.

        Raises:
            CUT: there is no connection, or no longer.
        """
        if not commands:
            return []
        await self.send(commands)
        return [await self._read_while_it_comes() for _ in commands]

    async def _read_while_it_comes(self) -> Reply:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(COMMAND_TIMEOUT_S) as limit:

            def extend() -> None:
                if not limit.expired():
                    limit.reschedule(loop.time() + COMMAND_TIMEOUT_S)

            self.call_on_bytes(extend)
            try:
                return await self.read()
            finally:
                self.call_on_bytes(None)

    def call_on_bytes(self, call: Callable[[], object] | None) -> None:
        """Call *call*, instead of what was called until now, whenever bytes of a reply are read."""
        self._on_bytes = call or _nothing

    def _tell_of_bytes(self) -> None:
        self._on_bytes()

    async def send(self, commands: Sequence[Command]) -> None:
        """Send *commands* together.

        Raises:
            CUT: there is no connection, or no longer.
        """
        packed = self._link.pack_commands(commands)
        async with asyncio.timeout(COMMAND_TIMEOUT_S):
            if not self._link.is_connected:  # redis-py would connect again
                raise LostError("the connection was lost")
            await self._link.send_packed_command(packed, check_health=False)

    async def read(self) -> Reply:
        """Read one reply, however long it takes to come; an error that Redis answered is one, too.

        Raises:
            CUT: there is no connection, or no longer.
        """
        try:
            return await self._link.read_response()
        except ResponseError as error:
            return error
        except (ValueError, RecursionError) as error:  # a number or a line that is none
            raise InvalidResponse("no RESP") from error

    def abort(self) -> None:
        """Let go of it at once, also of what a server that reads nothing has not taken yet."""
        self._link._close()
        if self._transport is not None:
            self._transport.abort()

    async def aclose(self) -> None:
        """End it as one should."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._link.disconnect()
        except TimeoutError:  # the other side is gone
            pass
        finally:
            self.abort()


def _nothing() -> None:
    """Be called for nothing."""


def _link(address: RedisAddress, on_bytes: Callable[[], object]) -> AbstractConnection:
    options: dict[str, Any] = {
        "db": address.db,
        "username": address.username or None,
        "password": address.password or None,
        "protocol": 2,
        "parser_class": partial(_BoundedParser, on_bytes),
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "retry": Retry(NoBackoff(), 0, supported_errors=()),
        "driver_info": None,
    }
    if address.unix_path:
        return UnixDomainSocketConnection(path=address.unix_path, **options)
    kind = SSLConnection if address.tls else TcpConnection
    return kind(host=address.host, port=address.port, socket_keepalive=False, **options)


def _tls(address: RedisAddress) -> SSLContext:
    """Trusts the CA that *address* names, else what the system trusts; demands the host's name.

    Not what redis-py would make: that trusts the system's CAs beside ``ca_file``, and, being
    ``ssl.create_default_context``, writes the keys of every connection, and so the password, to the
    file that the environment names in SSLKEYLOGFILE.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if address.ca_file:
        context.load_verify_locations(address.ca_file)
    else:
        context.load_default_certs()
    if address.cert_file or address.key_file:
        context.load_cert_chain(address.cert_file, address.key_file or None)
    return context


class _BoundedParser(_AsyncRESP2Parser):
    """redis-py's parser, reading from a ``_CountingReader``."""

    def __init__(self, on_bytes: Callable[[], object], socket_read_size: int) -> None:
        super().__init__(socket_read_size)
        self._on_bytes = on_bytes
        self._counting: _CountingReader | None = None

    def on_connect(self, connection: Any) -> None:
        super().on_connect(connection)  # type: ignore[no-untyped-call]
        assert self._stream is not None
        self._counting = _CountingReader(self._stream, self._on_bytes)
        self._stream = cast(asyncio.StreamReader, self._counting)

    async def read_response(self, disable_decoding: bool = False) -> Reply:
        if self._counting is not None:
            self._counting.begin()
        return await super().read_response(disable_decoding)


class _CountingReader:
    """What redis-py's parser reads a reply from: no more is kept of one than ``MAX_KEPT``.

    The two methods are those of ``asyncio.StreamReader`` that the parser calls. Bytes are taken
    from the stream as they come, and what is asked for is cut from them: asking the stream for each
    line and each string took 82 us of CPU an entry of a log, instead of 31.
    """

    def __init__(self, stream: asyncio.StreamReader, on_bytes: Callable[[], object]) -> None:
        self._stream = stream
        self._on_bytes = on_bytes
        self._data = b""
        self._at = 0
        self.begin()

    def begin(self) -> None:
        """Reset the counts: another reply begins."""
        self._room = MAX_KEPT
        self._to_pass = MAX_PASSED

    async def readline(self) -> bytes:
        """Read the line that begins an element; at the end of the stream what there is of one.

        Raises:
            InvalidResponse: it is not RESP, or announces more than any reply that Siaran asks for.
            ValueError: it announces no number.
        """
        while (end := self._data.find(_END, self._at)) < 0:
            self._demand_resp()
            if len(self._data) - self._at > CHUNK:
                raise InvalidResponse("a line without an end")
            if not await self._more():
                break
        self._demand_resp()
        line = self._cut(end + len(_END) - self._at if end >= 0 else len(self._data) - self._at)
        self._take(OVERHEAD)
        kind = line[:1]
        if end >= 0 and kind in _MOST and not -1 <= int(line[1:]) <= _MOST[kind]:
            raise InvalidResponse(f"no reply that anybody asked for: {line!r:.40}")
        return line

    async def readexactly(self, size: int) -> bytes:
        """Read a string with its end, *size* bytes, or give ``NOT_KEPT`` in its place.

        Raises:
            InvalidResponse: the reply has no end.
            asyncio.IncompleteReadError: the stream has ended.
        """
        length = size - len(_END)
        self._to_pass -= length
        if self._to_pass < 0:
            raise InvalidResponse("a reply without an end")
        is_kept = length <= max(self._room, SHORT)
        if is_kept:
            self._take(length)
        parts: list[bytes] = []
        while size:
            if self._at == len(self._data) and not await self._more():
                raise asyncio.IncompleteReadError(b"", size)
            part = self._cut(min(size, len(self._data) - self._at))
            size -= len(part)
            if is_kept:
                parts.append(part)
        return b"".join(parts) if is_kept else NOT_KEPT + _END

    def _demand_resp(self) -> None:
        begin = self._data[self._at : self._at + 40]
        if begin and begin[:1] not in _KINDS:
            raise InvalidResponse(f"no RESP: {begin!r}")

    async def _more(self) -> bool:
        """Wait for more bytes; False: there are no more."""
        part = await self._stream.read(CHUNK)
        if part:
            self._on_bytes()
        self._data, self._at = self._data[self._at :] + part, 0
        return bool(part)

    def _cut(self, size: int) -> bytes:
        begin, self._at = self._at, self._at + size
        return self._data[begin : self._at]

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < -MAX_KEPT:
            raise InvalidResponse("a reply without an end")


def said(error: object) -> str:
    """What the server answered, if *error* is an answer; else nothing.

    It begins with a code (``NOPERM …``), which redis-py takes off where it knows it.
    """
    if not isinstance(error, RedisError):
        return ""
    if error.status_code is not None:
        return f"{error.status_code} {error}"
    return str(error) if isinstance(error, ResponseError) else ""


def code_of(error: object) -> str:
    """The first word of ``said``."""
    return said(error).partition(" ")[0]


def demand_no_error(replies: Sequence[Reply]) -> None:
    """Raise the first error among *replies*."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


def pairs(flat: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """What RESP2 gives as one list: names with their values."""
    return zip(flat[::2], flat[1::2], strict=False)
