"""Commands to one Redis, over one connection, losing nothing silently.

A command that cannot be answered fails, and the link with it; replies are what the server said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from redis.exceptions import ResponseError

from shared.redis_bus.address import RedisAddress
from shared.redis_bus.connection import (
    Argument,
    Command,
    Connection,
    LostError,
    Reply,
    demand_no_error,
)
from shared.redis_bus.translate import translated


class Client(Protocol):
    """What runs commands, whether one server is behind it or a Cluster."""

    async def execute_command(self, *command: Argument) -> Reply:
        """Run one and return its reply."""

    def pipeline(self) -> Batch:
        """Several in one round trip."""

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        """Run *commands* and return their replies, errors among them."""

    def give_up(self) -> None:
        """Let go of the connection; every later command fails."""

    async def aclose(self) -> None:
        """Let go of the server."""


class ServerClient:
    """One command or batch after the other, in the order of asking.

    The first opens the connection. When that is lost it stays lost.
    """

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._turn = asyncio.Lock()  # serves in the order of asking
        self._connection: Connection | None = None
        self._opened = False

    async def execute_command(self, *command: Argument) -> Reply:
        """Run one command.

        Raises:
            ResponseError: Redis' answer is an error.
            CUT: there is no connection, or no longer.
        """
        [reply] = await self.ask([command])
        if isinstance(reply, ResponseError):
            raise reply
        return reply

    def pipeline(self) -> Batch:
        return Batch(self)

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        return await self.ask(commands)

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """Run *commands* and return their replies, errors among them."""
        async with self._turn:
            try:
                return await (await self._connected()).ask(commands)
            except asyncio.CancelledError:
                # The reply may still come, so this connection is of no use. Whoever cancelled knows
                # that: the next command (a tray's goodbye) may open another.
                self.give_up()
                self._opened = False
                raise
            except BaseException:
                self.give_up()
                raise

    def give_up(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection, self._opened = None, True

    async def aclose(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.aclose()

    async def _connected(self) -> Connection:
        if self._connection is None:
            if self._opened:
                raise LostError("the connection was lost and is not opened again")
            self._opened = True
            self._connection = await Connection.open(self._address)
        return self._connection


class Batch:
    """Commands that are sent together, in a Cluster as far as one server has their keys."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._commands: list[Command] = []

    def execute_command(self, *command: Argument) -> Batch:
        """Add one."""
        self._commands.append(command)
        return self

    async def execute(self, *, raise_on_error: bool = True) -> list[Reply]:
        """Send them and return their replies; else errors are among them."""
        if not self._commands:
            return []
        replies = await self._client.run(self._commands)
        if raise_on_error:
            demand_no_error(replies)
        return replies


@asynccontextmanager
async def connected_client(address: RedisAddress) -> AsyncIterator[ServerClient]:
    """Yield a client whose server has answered a PING (which a loading server refuses)."""
    client = ServerClient(address)
    try:
        async with translated(str(address), connected=False):
            await client.execute_command("PING")
        yield client
    finally:
        await client.aclose()
