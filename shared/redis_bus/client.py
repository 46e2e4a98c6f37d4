"""Commands to one Redis, over one connection, losing nothing silently; and who that one is.

A command that cannot be answered fails, and the link with it; replies are what the server said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from redis.exceptions import NoPermissionError, NoScriptError, ResponseError

from shared.errors import LinkLost, RedisUnreachable, SiaranError
from shared.keys import Keys
from shared.phrases import phrase
from shared.redis_bus.address import HostPort, RedisAddress
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


# --- scripts --------------------------------------------------------------------------------------


async def run_script(client: Client, script: str, names: list[str], values: list[Any]) -> Any:
    """Run *script*; scripts vanish with a restart or SCRIPT FLUSH, so it is sent again then."""
    arguments = (len(names), *names, *values)
    try:
        return await client.execute_command("EVALSHA", sha1(script), *arguments)
    except NoScriptError:
        pass
    return await client.execute_command("EVAL", script, *arguments)


async def run_scripts(
    client: Client, calls: Sequence[Sequence[Any]], *ways: tuple[str, str]
) -> list[Any]:
    """Run each of *calls* (number of keys, keys, values) in one round trip; errors are answers.

    *ways* are ``EVALSHA`` or ``EVAL``, each with a script, tried one after the other for what the
    server does not know.
    """
    answers: list[Any] = [None] * len(calls)
    places = list(range(len(calls)))
    for command, script in ways:
        pipe = client.pipeline()
        name = script if command == "EVAL" else sha1(script)
        for place in places:
            pipe.execute_command(command, name, *calls[place])
        for place, answer in zip(places, await pipe.execute(raise_on_error=False), strict=True):
            answers[place] = answer
        places = [place for place in places if is_unknown(answers[place])]
        if not places:
            break
    return answers


def is_unknown(answer: object) -> bool:
    """Whether *answer* is Redis' word that it does not know the script."""
    return isinstance(answer, NoScriptError)


def sha1(text: str | bytes) -> str:
    """What the server calls ``sha1hex``, and knows a script by."""
    import hashlib

    raw = text.encode() if isinstance(text, str) else text
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()


async def server_time_ms(client: Client) -> int:
    """Ask ``TIME``; milliseconds since the Unix epoch."""
    seconds, microseconds = await client.execute_command("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000


# --- one master behind Sentinel -------------------------------------------------------------------

# A failover makes another server the master. Sentinel cuts the connections to the old one, so links
# notice by themselves; what has to be prevented is a message that the old master confirms and then
# loses. (Measured on redis-server 7.0: in a planned failover publishers wrote to the old master for
# 11 s, and over a thousand confirmed messages vanished.) So a message counts as sent when a replica
# has it, or when every Sentinel that answers says, for two seconds, that this is the master all the
# same.

CONFIRM_MS = 200
"""How long a replica may take to confirm a message before the Sentinels are asked."""
SETTLE_S = 2.0
"""How long they are asked again. In a failover they ask a replica that they have made the master
once a second whether it is one, and name it only then; the old one takes messages all the while."""


async def located(address: RedisAddress) -> RedisAddress:
    """Where the master is now; *address* itself if it is a server's.

    Raises:
        RedisUnreachable: no Sentinel answers, or none knows the service.
    """
    if not address.sentinels:
        return address
    answers = 0
    for place in address.sentinels:
        try:
            found = await _ask(address, place)
        except SiaranError:
            continue
        answers += 1
        if found is not None:
            return replace(address, host=found[0], port=found[1], sentinels=())
    shown = str(address)
    if answers:
        raise RedisUnreachable(
            shown,
            phrase("No Sentinel knows a service called {name}.", name=address.service),
            phrase("Check the setting redis_url."),
        )
    raise RedisUnreachable(
        shown,
        phrase("None of the Sentinels answers: {address}.", address=shown),
        phrase("Check the setting redis_url and this PC's network."),
    )


async def demand_master(client: Client, address: RedisAddress) -> None:
    """Make sure that *client* talks to a master, if Sentinel has named it.

    Raises:
        LinkLost: it is a replica by now.
    """
    if not address.service:
        return
    async with translated(str(address), connected=True):
        try:
            role = await client.execute_command("ROLE")
        except NoPermissionError:
            return
    if role[0] != b"master":
        raise _demoted(address)


async def demand_confirmed(client: Client, address: RedisAddress, behind: RedisAddress) -> None:
    """Make sure that what was written last is not lost with a failover under way.

    *address* is the master's, *behind* the one with the Sentinels.

    Raises:
        LinkLost: nobody else has it, and another server is the master by now.
    """
    if not address.service:
        return
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLE_S
    while not (confirmed := await copies(client, address, 1)):
        await _demand_named(address, behind)
        if confirmed is None or loop.time() > until:
            return


async def copies(client: Client, address: RedisAddress, wanted: int) -> int | None:
    """How many replicas have the last write, waited for up to *wanted*; None: it may not be asked.

    Raises:
        SiaranError: the connection is lost.
    """
    async with translated(str(address), connected=True):
        try:
            return int(await client.execute_command("WAIT", wanted, CONFIRM_MS))
        except NoPermissionError:
            return None


async def _demand_named(address: RedisAddress, behind: RedisAddress) -> None:
    for place in behind.sentinels:
        try:
            found = await _ask(behind, place)
        except SiaranError:
            continue
        if found is not None and found != (address.host, address.port):
            raise _demoted(address)


async def _ask(address: RedisAddress, place: HostPort) -> HostPort | None:
    """Ask one Sentinel where the master is; None: it does not know the service."""
    sentinel = RedisAddress(
        *place,
        tls=address.tls,
        ca_file=address.ca_file,
        cert_file=address.cert_file,
        key_file=address.key_file,
    )
    client = ServerClient(sentinel)
    try:
        async with translated(str(sentinel), connected=False):
            command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.service)
            found = await client.execute_command(*command)
    finally:
        await client.aclose()
    return None if found is None else (found[0].decode(), int(found[1]))


def _demoted(address: RedisAddress) -> LinkLost:
    shown = str(address)
    return LinkLost(shown, phrase("Redis at {address} is not the master any more.", address=shown))


# --- opening --------------------------------------------------------------------------------------

# Whatever kind of Redis it is: one server, Sentinel's, a Cluster.


@dataclass(frozen=True, slots=True)
class Master:
    """One master of a Cluster: its address, its client, how many replicas of it are there."""

    address: str
    client: Client
    replicas: int


Confirm = Callable[[], Awaitable[None]]
"""Makes sure that what was published last is not lost; raises ``LinkLost`` if it may be."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A client for commands, the server that has the logs, how publishing is made sure of, and of a
    Cluster all its masters."""

    client: Client
    address: RedisAddress
    confirm: Confirm
    masters: Callable[[], Sequence[Master]] = tuple


@asynccontextmanager
async def opened(address: RedisAddress, keys: Keys) -> AsyncIterator[Opened]:
    """Connect to what *address* says; entered when the master of the logs has answered.

    Raises:
        SiaranError: it cannot be reached, or refused.
    """
    if address.nodes:  # most have none, and are spared the module
        from shared.redis_bus.cluster import cluster_client

        async with cluster_client(address, keys) as cluster:
            yield Opened(cluster, cluster.home_address, cluster.demand_confirmed, cluster.masters)
        return
    master = await located(address)
    async with connected_client(master) as client:
        await demand_master(client, master)
        yield Opened(client, master, partial(demand_confirmed, client, master, address))
