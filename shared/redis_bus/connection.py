"""redis-py's connections: one for a client, opened once.

Pipelines take a connection from the pool, whatever the client has, so the pool is what is limited.
redis-py's own ``BlockingConnectionPool`` serves whoever comes at the right moment, not who came
first: messages that were sent one after the other overtook each other.

redis-py opens a lost connection again with the next command, in the pool or when sending, and
whoever uses it never hears of it. Here the command fails, and the link with it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.redis_bus.address import RedisAddress


class _Once(AbstractConnection):
    """A connection that stays lost, unless it was we who gave it up."""

    _opened = False

    async def connect_check_health(
        self, check_health: bool = True, retry_socket_connect: bool = True
    ) -> None:
        """Connect, the first time.

        Raises:
            redis.exceptions.ConnectionError: it was connected before, and lost.
        """
        if self._opened and not self.is_connected:
            raise RedisConnectionError("The connection was lost and is not opened again.")
        self._opened = True
        await super().connect_check_health(check_health, retry_socket_connect)

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """Read one answer.

        redis-py hangs up when a reader is cancelled, as the answer may still come. Whoever
        cancelled knows that, so the next command (a tray's goodbye) may connect again.
        """
        try:
            return await super().read_response(*args, **options)
        except asyncio.CancelledError:
            self._opened = False
            raise


class _OnceTcp(_Once, Connection):
    pass


class _OnceTls(_Once, SSLConnection):
    pass


class _OnceUnix(_Once, UnixDomainSocketConnection):
    pass


class OneConnectionPool(ConnectionPool):
    """Lends its only connection to one command or pipeline after the other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_connections=1, **options)
        self._turn = asyncio.Lock()  # serves in the order of asking

    async def get_connection(self, *_: Any, **__: Any) -> AbstractConnection:
        """Wait for the turn; not for long, as each command before has its time limit.

        Raises:
            redis.exceptions.RedisError: there is no connection, or no longer.
        """
        await self._turn.acquire()
        try:
            connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call]
        except BaseException:
            self._turn.release()
            raise
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        """Take the connection back: the next one's turn."""
        try:
            await super().release(connection)
        finally:
            self._turn.release()


def connection_class(address: RedisAddress) -> type[AbstractConnection]:
    """The kind of connection that *address* needs."""
    if address.unix_path:
        return _OnceUnix
    return _OnceTls if address.tls else _OnceTcp
