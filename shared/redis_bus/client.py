"""redis-py, set up so that it loses nothing silently.

Measured reasons: by default redis-py 8 reconnects and re-subscribes without a word, and what was
published meanwhile is gone; a retry of a script whose reply was lost would run it again; its
keep-alive turns a dead link into a busy loop. So: no retries, no keep-alive, a fresh client for
each connection, which is opened once. RESP2, because it needs no HELLO, and CLIENT SETINFO is off,
so the account needs no right to either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from shared.redis_bus.address import RedisAddress
from shared.redis_bus.connection import OneConnectionPool, connection_class
from shared.redis_bus.translate import translated

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 5.0


def make_client(address: RedisAddress) -> Redis:
    """Return a client that uses one connection for its commands and reports every failure."""
    pool = OneConnectionPool(
        connection_class=connection_class(address),
        **address.connection_arguments(),
        protocol=2,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=COMMAND_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0, supported_errors=()),
        health_check_interval=0,
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def connected_client(address: RedisAddress) -> AsyncIterator[Redis]:
    """Yield a client whose server has answered a PING (which a loading server refuses)."""
    client = make_client(address)
    try:
        async with translated(str(address), connected=False):
            await client.execute_command("PING")
        yield client
    finally:
        await client.aclose()
