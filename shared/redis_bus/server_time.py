"""Redis' clock."""

from __future__ import annotations

from redis.asyncio import Redis


async def server_time_ms(client: Redis) -> int:
    """Ask ``TIME``; milliseconds since the Unix epoch."""
    seconds, microseconds = await client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
