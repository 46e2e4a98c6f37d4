"""Looking at a server as it is: what it can do, how safe what it stores is. Changes nothing."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.bus import ServerFacts
from shared.redis_bus.server_time import server_time_ms
from shared.redis_bus.translate import one_of_a_cluster


async def inspect(client: Redis) -> ServerFacts:
    """Ask what the account may ask; what is denied stays None."""
    info = await _info(client)
    return ServerFacts(
        version=_text(info, "valkey_version") or _text(info, "redis_version"),
        time_ms=await server_time_ms(client),
        append_only=_flag(info, "aof_enabled"),
        eviction=_text(info, "maxmemory_policy"),
        memory_limit=_number(info, "maxmemory"),
        replica=_text(info, "role") == "slave",
        cluster=_flag(info, "cluster_enabled") or False,
    )


async def demand_no_cluster(client: Redis, address: str) -> None:
    """Make sure that a server to which everything is going to be sent is not one of a Cluster.

    If it has the logs by chance, only some commands would fail, and later.

    Raises:
        RedisError: it is.
    """
    try:
        info: dict[str, Any] = await client.execute_command("INFO", "cluster")
    except ResponseError:  # NOPERM, or a stand-in that has no INFO
        return
    if _flag(info, "cluster_enabled"):
        raise one_of_a_cluster(address)


async def _info(client: Redis) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await client.info()
    except ResponseError:  # NOPERM, or a stand-in that has no INFO
        return {}
    return answer


def _text(info: dict[str, Any], name: str) -> str | None:
    value = info.get(name)
    return None if value is None else str(value)


def _flag(info: dict[str, Any], name: str) -> bool | None:
    value = info.get(name)
    return None if value is None else bool(int(value))


def _number(info: dict[str, Any], name: str) -> int | None:
    value = info.get(name)
    return None if value is None else int(value)
