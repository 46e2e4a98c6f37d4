"""One connection to one server, which is opened once and never again behind anybody's back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
"""For one answer, not for all that were asked for together."""
GOODBYE_S = 1.0


class Connection:
    """Writes commands, reads replies, in the order of the commands."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        replies = []
        for _ in commands:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                replies.append(await self.read())
        return replies

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


async def _streams(address: RedisAddress) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.unix_path:
        if sys.platform == "win32":
            raise LostError("Python has no Unix sockets on Windows")
        return await asyncio.open_unix_connection(address.unix_path)
    tls = _tls(address) if address.tls else None
    return await asyncio.open_connection(address.host, address.port, ssl=tls)


def _tls(address: RedisAddress) -> SSLContext:
    """Trusts what the system trusts and *address* names, and demands the host's name."""
    import ssl  # 2 MB of memory that most tills do not need

    context = ssl.create_default_context()
    if address.ca_file:
        context.load_verify_locations(address.ca_file)
    if address.cert_file or address.key_file:
        context.load_cert_chain(address.cert_file, address.key_file or None)
    return context
