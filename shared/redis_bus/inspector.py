"""Looking at a server as it is: what it can do, how safe what it stores is. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.bus import ClusterMaster, ServerFacts
from shared.redis_bus.client import Client
from shared.redis_bus.resp import CUT, ServerError
from shared.redis_bus.server_time import server_time_ms
from shared.redis_bus.translate import one_of_a_cluster


@dataclass(frozen=True, slots=True)
class Master:
    """One master of a Cluster: its address, its client, how many replicas of it are there."""

    address: str
    client: Client
    replicas: int


async def inspect(client: Client, masters: Sequence[Master] = ()) -> ServerFacts:
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
    except ServerError:  # NOPERM, or a stand-in that has no INFO
        return {}
    lines = raw.decode("utf-8", "replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


async def _info_if_there(client: Client) -> dict[str, str] | None:
    try:
        return await _info(client)
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
