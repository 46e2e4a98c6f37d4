"""What operators ask of Redis: what it can do, whom it lets in, what fills its memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace

from redis.exceptions import NoPermissionError, ResponseError

from shared.bus import Access, ClusterMaster, ServerFacts
from shared.keys import Keys
from shared.model import ALL_CHANNELS, START, StreamId
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import Client, Master, Opened, server_time_ms
from shared.redis_bus.connection import (
    CUT,
    MAX_KEPT,
    NOT_KEPT,
    Command,
    Connection,
    Reply,
    code_of,
    pairs,
)
from shared.redis_bus.documents import read_outlets
from shared.redis_bus.receipts import load_scripts
from shared.redis_bus.translate import one_of_a_cluster, translated
from shared.repair import ClientFacts, KeyFacts, ServerMemory

# --- looking at a server --------------------------------------------------------------------------

# Looking at a server as it is: what it can do, how safe what it stores is. Changes nothing.


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


# --- whom it lets in ------------------------------------------------------------------------------

# Whom a server lets in, found out as a stranger would: by a connection that does not log in.

_SHUT = frozenset({"NOAUTH", "NOPERM", "DENIED"})
"""Codes of the answers to somebody who may not do that without a login."""
_ELSEWHERE = frozenset({"MOVED", "ASK"})
"""Of a Cluster: the answer to somebody who may, but asked another server."""


async def find_access(address: RedisAddress, keys: Keys) -> Access:
    """Say whom the server at *address*, whose login works, lets in; changes nothing there."""
    if not (address.username or address.password):
        return Access.EVERYBODY
    stranger = replace(address, username="", password="", db=0)
    try:
        connection = await Connection.open(stranger)
    except CUT:
        return Access.UNKNOWN
    try:
        [reply] = await connection.ask([("EXISTS", keys.log(ALL_CHANNELS))])
    except CUT as error:  # a stranger who has to log in is told so by one of these
        reply = error
    finally:
        await connection.aclose()
    if not isinstance(reply, Exception) or code_of(reply) in _ELSEWHERE:
        return Access.EVERYBODY
    if code_of(reply) not in _SHUT:
        return Access.UNKNOWN
    own = address.username not in ("", "default")
    return Access.ACCOUNTS if own else Access.SHARED


# --- repairing ------------------------------------------------------------------------------------

# What somebody has stuffed into Redis: finding it, page by page, and removing it.
#
# Replies stay small whatever is in there: the longer keys or fields are on average, the fewer are
# asked for at once (a name alone may have a megabyte). Keys are removed where they were found, so a
# Cluster needs no map for it; one that moves meanwhile stays, until the next repair.

PAGE = 500
FEWEST = 3
PAGE_BYTES = 1 << 20
"""Of what a page should have about. Names have up to a megabyte, and a reply that is kept 16."""
SAMPLES = 1000
"""Fields of which Redis is asked to take the mean: some 100 µs."""
LENGTHS = {"hash": "HLEN", "zset": "ZCARD"}
SCANS = {"hash": "HSCAN", "zset": "ZSCAN"}
REMOVALS = {"hash": "HDEL", "zset": "ZREM"}
ALL_CLIENTS = ClientFacts(0, "all accounts", "everywhere", 0, 0, MAX_KEPT)
"""Stands for connections whose list is too long: names of a megabyte make it so."""
_CLIENT = re.compile(r"(?:^| )(id|addr|name|user|tot-mem|sub|psub|ssub)=(\S*)")


class RedisRepairLink:
    """One life of a connection (``shared.repair.RepairLink``)."""

    def __init__(self, redis: Opened, keys: Keys, address: str) -> None:
        self._client = redis.client
        self._keys = keys
        self._address = address
        masters = redis.masters()
        self.servers = [
            RedisRepairServer(one.address, one.client, of_cluster=True) for one in masters
        ] or [RedisRepairServer(address, redis.client, of_cluster=False)]

    async def time_ms(self) -> int:
        async with translated(self._address, connected=True):
            return await server_time_ms(self._client)

    async def sent(self, message_ids: Collection[str]) -> set[str]:
        asked = sorted(message_ids)
        pipe = self._client.pipeline()
        for one in asked:
            pipe.execute_command("EXISTS", self._keys.sent(one))
        async with translated(self._address, connected=True):
            found = await pipe.execute()
        return {one for one, there in zip(asked, found, strict=True) if there}

    async def listed_outlets(self) -> list[str]:
        async with translated(self._address, connected=True):
            found = await read_outlets(self._client, self._keys)
        return [one.outlet for one in found.outlets]

    async def last_ids(self) -> dict[bytes, StreamId]:
        found: dict[bytes, StreamId] = {}
        pattern = f"{self._keys.log(ALL_CHANNELS).removesuffix('-all')}*"
        for server in self.servers:
            for name in await server.names(pattern):
                async with translated(self._address, connected=True):
                    last = await self._last_id(name)
                if last is not None:
                    found[name] = last
        return found

    async def _last_id(self, log: bytes) -> StreamId | None:
        """The last id of a log; None for a key that is no stream."""
        [info] = await self._client.run([("XINFO", "STREAM", log)])
        if isinstance(info, NoPermissionError):
            raise info
        if isinstance(info, ResponseError):
            return None
        return StreamId.parse(dict(pairs(info))[b"last-generated-id"])

    async def entries_from(self, log: bytes, first: StreamId) -> list[tuple[StreamId, bytes]]:
        found: list[tuple[StreamId, bytes]] = []
        end = "+"
        async with translated(self._address, connected=True):
            while True:
                command = ("XREVRANGE", log, end, str(first), "COUNT", FEWEST)
                rows = await self._client.execute_command(*command)
                for raw_id, raw_fields in rows:
                    fields = dict(pairs(raw_fields or []))
                    found.append((StreamId.parse(raw_id), fields.get(b"e", b"")))
                if len(rows) < FEWEST:
                    return found
                end = f"({found[-1][0]}"

    async def remove_entries(self, log: bytes, ids: Sequence[StreamId], *, set_back: bool) -> bool:
        async with translated(self._address, connected=True):
            for begin in range(0, len(ids), PAGE):
                some = [str(one) for one in ids[begin : begin + PAGE]]
                await self._client.execute_command("XDEL", log, *some)
            return set_back and await self._set_back(log)

    async def _set_back(self, log: bytes) -> bool:
        rows = await self._client.execute_command("XREVRANGE", log, "+", "-", "COUNT", 1)
        last = rows[0][0] if rows else str(START)
        [done] = await self._client.run([("XSETID", log, last)])
        if not isinstance(done, ResponseError):
            return True
        if "max_deleted_entry_id" not in str(done):
            raise done
        if not rows:
            await self._client.execute_command("UNLINK", log)
        return not rows


class RedisRepairServer:
    """One server (``shared.repair.RepairServer``)."""

    def __init__(self, address: str, client: Client, *, of_cluster: bool) -> None:
        self._address = address
        self._client = client
        self._of_cluster = of_cluster

    async def memory(self) -> ServerMemory:
        async with translated(self._address, connected=True):
            return await read_memory(self._client, self._address)

    async def keys(self) -> AsyncIterator[list[KeyFacts]]:
        position = 0
        count = await self._keys_at_once()
        while True:
            after, names = await self._run("SCAN", position, "COUNT", count)
            yield await self._facts(names)
            if (position := int(after)) == 0:
                return

    async def names(self, pattern: str) -> list[bytes]:
        """The names of keys that match *pattern*."""
        found: list[bytes] = []
        position = 0
        while True:
            after, names = await self._run("SCAN", position, "MATCH", pattern, "COUNT", PAGE)
            found += names
            if (position := int(after)) == 0:
                return found

    async def length(self, key: KeyFacts) -> int:
        [number] = await self._run_all([(LENGTHS[key.type], key.name)])
        return number if isinstance(number, int) else 0

    async def fields(self, key: KeyFacts) -> AsyncIterator[list[tuple[bytes, bytes]]]:
        position = 0
        count = _at_once(key.size, await self.length(key))
        while True:
            command = (SCANS[key.type], key.name, position, "COUNT", count)
            after, flat = await self._run(*command)
            yield list(pairs(flat))
            if (position := int(after)) == 0:
                return

    async def remove(self, names: Sequence[bytes]) -> int:
        commands: list[Command] = [("UNLINK", *names)]
        if self._of_cluster:  # they have different slots
            commands = [("UNLINK", name) for name in names]
        replies = await self._run_all(commands)
        return sum(one for one in replies if isinstance(one, int))

    async def remove_fields(self, key: KeyFacts, names: Sequence[bytes]) -> int:
        replies = await self._run_all([(REMOVALS[key.type], key.name, name) for name in names])
        return sum(1 for one in replies if one == 1)

    async def clients(self) -> list[ClientFacts]:
        # A long list makes this connection the largest of all, which Redis would cut off first;
        # 6.2 does not know that, and accounts of before may not ask for it.
        async with translated(self._address, connected=True):
            await self._client.run([("CLIENT", "NO-EVICT", "ON")])
        raw: bytes = await self._run("CLIENT", "LIST")
        if raw == NOT_KEPT:
            return [ALL_CLIENTS]
        lines = raw.decode("utf-8", "replace").splitlines()
        return [_client_facts(line) for line in lines if " cmd=client" not in line]

    async def cut(self, client: ClientFacts) -> None:
        kill: list[Command] = [("CLIENT", "KILL", "ID", client.id)]
        if client is ALL_CLIENTS:  # but this one
            kill = [("CLIENT", "KILL", "TYPE", one) for one in ("normal", "pubsub")]
        await self._run_all(kill)  # one may have gone by itself

    async def keeps_transactions(self) -> bool:
        rules: list[bytes] = await self._run("ACL", "LIST")
        words = next((one.split() for one in rules if one.startswith(b"user default ")), [])
        return {b"~*", b"&*", b"+@all"} <= set(words)

    async def forget_scripts(self) -> None:
        async with translated(self._address, connected=True):
            await self._client.execute_command("SCRIPT", "FLUSH", "ASYNC")
            await load_scripts(self._client)

    async def _keys_at_once(self) -> int:
        memory = await self.memory()
        return _at_once(memory.used or 0, await self._run("DBSIZE"))

    async def _facts(self, names: Sequence[bytes]) -> list[KeyFacts]:
        """What is asked of each key. One that went away meanwhile is left out."""
        asked: list[Command] = []
        for name in names:
            asked += (("TYPE", name), ("PTTL", name), ("MEMORY", "USAGE", name, "SAMPLES", SAMPLES))
        replies = await self._run_all(asked)
        rows = zip(names, replies[::3], replies[1::3], replies[2::3], strict=True)
        return [
            KeyFacts(name, kept_as.decode(), size, None if left < 0 else left)
            for name, kept_as, left, size in rows
            if isinstance(kept_as, bytes) and isinstance(left, int) and isinstance(size, int)
        ]

    async def _run(self, *command: str | bytes | int) -> Reply:
        async with translated(self._address, connected=True):
            return await self._client.execute_command(*command)

    async def _run_all(self, commands: Sequence[Command]) -> list[Reply]:
        """Errors are among the replies, for a key may have moved to another server; but a missing
        right is raised."""
        if not commands:
            return []
        async with translated(self._address, connected=True):
            replies = await self._client.run(commands)
            for one in replies:
                if isinstance(one, NoPermissionError):
                    raise one
        return replies


def _at_once(size: int, number: int) -> int:
    """How many of *number* things that have *size* bytes together make a page."""
    each = max(1, size // max(1, number))
    return max(FEWEST, min(PAGE, PAGE_BYTES // each))


def _client_facts(line: str) -> ClientFacts:
    """Read a line of CLIENT LIST; Redis lets no account have a space in its name."""
    found = dict(_CLIENT.findall(line))
    return ClientFacts(
        int(found.get("id", 0)),
        found.get("user", ""),
        found.get("addr", ""),
        int(found.get("tot-mem", 0)),
        sum(int(found.get(one, 0)) for one in ("sub", "psub", "ssub")),
        len(found.get("name", "")),
    )
