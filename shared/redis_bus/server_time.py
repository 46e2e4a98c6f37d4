"""Redis' clock."""

from __future__ import annotations

from shared.redis_bus.client import Client


async def server_time_ms(client: Client) -> int:
    """Ask ``TIME``; milliseconds since the Unix epoch."""
    seconds, microseconds = await client.execute_command("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000
