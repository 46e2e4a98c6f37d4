"""Looking at a server as it is: what it can do, how safe what it stores is. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import ResponseError

from shared.bus import ClusterMaster, ServerFacts
from shared.redis_bus.client import Client
from shared.redis_bus.connection import CUT
from shared.redis_bus.server_time import server_time_ms
from shared.redis_bus.translate import one_of_a_cluster
from shared.repair import ServerMemory


@dataclass(frozen=True, slots=True)
class Master:
    """One master of a Cluster: its address, its client, how many replicas of it are there."""

    address: str
    client: Client
    replicas: int


async def inspect(client: Client, address: str, masters: Sequence[Master] = ()) -> ServerFacts:
    """Ask what the account may ask; what is denied stays None. *masters*: all of a Cluster."""
    info = await _info(client)
    told = [await _info_if_there(one.client) for one in masters]
    infos = [info, *(one for one in told if one is not None)]
    weak = next((one for one in infos if _may_evict(one)), info)
    return ServerFacts(
        version=info.get("valkey_version") or info.get("redis_version"),
        time_ms=await server_time_ms(client),
        append_only=_all([_flag(one, "aof_enabled") for one in infos]),
        eviction=weak.get("maxmemory_policy"),
        memory_limit=_number(weak, "maxmemory"),
        replica=info.get("role") == "slave",
        cluster=_flag(info, "cluster_enabled") or False,
        masters=tuple(
            ClusterMaster(one.address, one.replicas, answers=found is not None)
            for one, found in zip(masters, told, strict=True)
        ),
        memory=tuple(
            _memory(one.address, found)
            for one, found in zip(masters, told, strict=True)
            if found is not None
        )
        or (_memory(address, info),),
    )


async def read_memory(client: Client, address: str) -> ServerMemory:
    """Ask how full the server at *address* is, and of what."""
    return _memory(address, await _info(client))


async def is_full(client: Client, masters: Sequence[Master] = ()) -> bool:
    """Whether a server refuses what PCs report because its memory is full; *masters*: all of a
    Cluster. Where the account may not ask, it is not.
    """
    infos = [await _info_if_there(one.client, "memory") for one in masters]
    return any(map(_is_full, infos or [await _info(client, "memory")]))


def _is_full(info: dict[str, str] | None) -> bool:
    """As Redis judges: without what replicas and the append-only file wait for. The last thousandth
    comes and goes with the buffers of connections.
    """
    info = info or {}
    limit, used = _number(info, "maxmemory"), _number(info, "used_memory")
    waiting = _number(info, "mem_not_counted_for_evict") or 0
    return bool(limit) and used is not None and used - waiting > 0.999 * (limit or 0)


def _memory(address: str, info: dict[str, str]) -> ServerMemory:
    """What INFO says of memory. On one server of a Cluster there is one database, too."""
    keys = re.search(r"keys=(\d+),expires=(\d+)", info.get("db0", ""))
    clients = [_number(info, name) for name in ("mem_clients_normal", "mem_clients_slaves")]
    return ServerMemory(
        address,
        _number(info, "used_memory"),
        _number(info, "maxmemory"),
        sum(one for one in clients if one is not None) if info else None,
        _number(info, "used_memory_scripts"),
        _number(info, "number_of_cached_scripts"),
        int(keys[1]) - int(keys[2]) if keys else None,
    )


async def demand_no_cluster(client: Client, address: str) -> None:
    """Make sure that a server to which everything is going to be sent is not one of a Cluster.

    If it has the logs by chance, only some commands would fail, and later.

    Raises:
        RedisError: it is.
    """
    if _flag(await _info(client, "cluster"), "cluster_enabled"):
        raise one_of_a_cluster(address)


async def _info(client: Client, *section: str) -> dict[str, str]:
    """The lines ``name:value`` of INFO."""
    try:
        raw: bytes = await client.execute_command("INFO", *section)
    except ResponseError:  # NOPERM, or a stand-in that has no INFO
        return {}
    lines = raw.decode("utf-8", "replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


async def _info_if_there(client: Client, *section: str) -> dict[str, str] | None:
    try:
        return await _info(client, *section)
    except CUT:  # also a refused login: it is of no use as it is
        return None


def _may_evict(info: dict[str, str]) -> bool:
    return info.get("maxmemory_policy") != "noeviction" and bool(_number(info, "maxmemory"))


def _all(flags: Sequence[bool | None]) -> bool | None:
    """False if one is; else None if one is not known."""
    return False if False in flags else None if None in flags else True


def _flag(info: dict[str, str], name: str) -> bool | None:
    value = _number(info, name)
    return None if value is None else bool(value)


def _number(info: dict[str, str], name: str) -> int | None:
    value = info.get(name)
    return None if value is None else int(value)
