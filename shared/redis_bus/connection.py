"""One connection to one server, which is opened once and never again behind anybody's back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, SupportsIndex

from shared.redis_bus.address import RedisAddress
from shared.redis_bus.resp import (
    Command,
    LostError,
    Reply,
    ServerError,
    demand_no_error,
    packed,
    read_reply,
)

if TYPE_CHECKING:
    from ssl import SSLContext

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 5.0
"""Without a byte from Redis. An answer that keeps coming may take as long as the line makes it."""
GOODBYE_S = 1.0


class _Reader(asyncio.StreamReader):
    """Tells of every arrival of bytes, also in the middle of a reply."""

    def __init__(self) -> None:
        super().__init__()
        self.on_bytes: Callable[[], object] = _nothing

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        super().feed_data(data)
        self.on_bytes()


def _nothing() -> None:
    """Be called for nothing."""


class Connection:
    """Writes commands, reads replies, in the order of the commands."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: RedisAddress) -> Connection:
        """Connect and log in.

        Raises:
            WireError, OSError, asyncio.IncompleteReadError: there is no Redis, or not one for us.
        """
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            connection = cls(*await _streams(address))
        try:
            await connection._log_in(address)
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _log_in(self, address: RedisAddress) -> None:
        try:
            demand_no_error(await self.ask(_login(address)))
        except ServerError as error:  # to whoever wanted to ask something it is no answer
            raise LostError("the login was refused") from error

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """Send *commands* together and read a reply to each; errors are among them.

        Whatever this raises, a cancellation too, leaves replies unread: abort it then.
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
        """Call *call*, instead of what was called until now, whenever bytes arrive."""
        self._reader.on_bytes = call or _nothing

    async def send(self, commands: Sequence[Command]) -> None:
        """Send *commands* together."""
        self._writer.write(packed(commands))
        async with asyncio.timeout(COMMAND_TIMEOUT_S):
            await self._writer.drain()

    async def read(self) -> Reply:
        """Read one reply, however long it takes to come."""
        return await read_reply(self._reader)

    def abort(self) -> None:
        """Let go of it at once."""
        self._writer.transport.abort()

    async def aclose(self) -> None:
        """End it as one should."""
        self._writer.close()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._writer.wait_closed()
        except OSError:  # it had ended already, or the other side is gone
            self.abort()


def _login(address: RedisAddress) -> list[Command]:
    commands: list[Command] = []
    if address.username:
        commands.append(("AUTH", address.username, address.password))
    elif address.password:
        commands.append(("AUTH", address.password))
    if address.db:
        commands.append(("SELECT", address.db))
    return commands


async def _streams(address: RedisAddress) -> tuple[_Reader, asyncio.StreamWriter]:
    """Connect, as ``asyncio.open_connection`` does, with a reader of our own."""
    loop = asyncio.get_running_loop()
    reader = _Reader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport: asyncio.Transport
    if address.unix_path:
        if sys.platform == "win32":
            raise LostError("Python has no Unix sockets on Windows")
        transport, _ = await loop.create_unix_connection(lambda: protocol, address.unix_path)
    else:
        tls = _tls(address) if address.tls else None
        transport, _ = await loop.create_connection(
            lambda: protocol, address.host, address.port, ssl=tls
        )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def _tls(address: RedisAddress) -> SSLContext:
    """Trusts the CA that *address* names, else what the system trusts; demands the host's name.

    Not ``ssl.create_default_context``: that writes the keys of every connection, and so the
    password, to the file that the environment names in SSLKEYLOGFILE.
    """
    import ssl  # 2 MB of memory that most tills do not need

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if address.ca_file:
        context.load_verify_locations(address.ca_file)
    else:
        context.load_default_certs()
    if address.cert_file or address.key_file:
        context.load_cert_chain(address.cert_file, address.key_file or None)
    return context
