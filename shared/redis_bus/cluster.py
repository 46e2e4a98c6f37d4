"""A Redis Cluster, for code that knows of one client only: each command goes where its key is.

Publishing, logs and documents share one hash tag, so one server has them all: *home*. A link lives
and dies with its connection to home, as it does on a stand-alone Redis, and ends when home is to be
another server. Receipts and the registry spread over the others; their connections are opened when
they are first needed, and one that fails costs what it has, not the link: messages go on.

Nothing is sent twice unless a server has answered that it did not do it (MOVED, ASK, TRYAGAIN).
redis-py's ``RedisCluster`` would not do: it resends commands after a lost connection, over new ones
that it does not report, needs a right to COMMAND, and cannot open while the server
that it asks for that is down. Its errors and its slots of keys are used.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    ResponseError,
    TryAgainError,
)

from shared.errors import LinkLost, RedisCannotStore, RedisUnreachable, SiaranError
from shared.keys import Keys
from shared.model import ALL_CHANNELS
from shared.phrases import phrase
from shared.redis_bus.address import HostPort, RedisAddress
from shared.redis_bus.client import Batch, Master, ServerClient, copies
from shared.redis_bus.connection import CUT, Argument, Command, LostError, Reply
from shared.redis_bus.translate import cluster_down, translate, translated

# --- slots ----------------------------------------------------------------------------------------

SLOTS = REDIS_CLUSTER_HASH_SLOTS

KEYLESS = frozenset({"PING", "TIME", "ROLE", "WAIT", "INFO", "SCRIPT"})
SCRIPTS = frozenset({"EVAL", "EVALSHA"})
CONTAINERS = frozenset({"XINFO"})
"""Commands whose first word is followed by a second."""
KEY_FIRST = frozenset(
    {
        *("EXISTS", "GET", "PEXPIREAT", "PTTL", "SET", "TYPE", "UNLINK"),
        *("HDEL", "HGET", "HGETALL", "HLEN", "HMGET", "HSCAN", "HSET"),
        *("XDEL", "XRANGE", "XREVRANGE", "XSETID"),
        *("ZADD", "ZCARD", "ZCOUNT", "ZMSCORE", "ZREM", "ZSCAN"),
    }
)
"""What else Siaran sends. Servers could be asked (COMMAND GETKEYS), but accounts need no right to
that today, and a server that is asked first would have to be there."""


class Node(NamedTuple):
    """One server of a Cluster. ``id`` is its name there, whatever its address."""

    host: str
    port: int
    id: str = ""


def slot_of(key: str | bytes) -> int:
    """The hash slot of *key*."""
    return key_slot(key.encode() if isinstance(key, str) else key)


def key_of(command: Sequence[Any]) -> str | bytes | None:
    """The first key of a *command* that Siaran sends; None if it has none.

    Raises:
        ValueError: where that stands is not known; a guess could go to a wrong server unnoticed.
    """
    name = command[0]
    if name in KEYLESS:
        return None
    if name in SCRIPTS:
        return command[3] if int(command[2]) else None
    if name not in CONTAINERS | KEY_FIRST:
        raise ValueError(f"where {name} has its keys is not known")
    key: str | bytes = command[2] if name in CONTAINERS else command[1]
    return key


@dataclass(slots=True)
class SlotMap:
    """Which server is the master of which slots, as one of them saw it."""

    ranges: list[tuple[int, int, list[Node]]]
    """First and last slot, the master, and replicas that were not known to have failed."""
    moved: dict[int, Node] = field(default_factory=dict)
    """What was learned since of single slots."""

    def master_of(self, slot: int) -> Node | None:
        """Who has *slot*; None: nobody."""
        if slot in self.moved:
            return self.moved[slot]
        there = (nodes for first, last, nodes in self.ranges if first <= slot <= last)
        return next((nodes[0] for nodes in there), None)

    @property
    def nodes(self) -> list[Node]:
        """Masters and replicas, each once."""
        return list(dict.fromkeys(chain.from_iterable(nodes for _, _, nodes in self.ranges)))

    def masters(self) -> dict[Node, int]:
        """Every master, and how many replicas it has."""
        return {nodes[0]: len(nodes) - 1 for _, _, nodes in self.ranges}

    def replicas_of(self, master: Node) -> int:
        """How many replicas *master* has."""
        return max((n for node, n in self.masters().items() if node.id == master.id), default=0)

    def move(self, slot: int, host: str, port: int) -> None:
        """A server has said that *slot* is at another."""
        known = (node for node in self.nodes if (node.host, node.port) == (host, port))
        self.moved[slot] = next(known, Node(host, port))


def read_slots(answer: Sequence[Any], asked: str) -> SlotMap:
    """Read the *answer* to CLUSTER SLOTS. A server that does not know its own name, or is not to
    tell it, is meant by the name under which it was *asked*."""
    return SlotMap(
        [
            (int(first), int(last), [_node(server, asked) for server in servers])
            for first, last, *servers in answer
        ]
    )


def _node(server: Sequence[Any], asked: str) -> Node:
    host, port, name = server[:3]
    return Node((host or b"").decode() or asked, int(port), name.decode())


# --- asking which server has what -----------------------------------------------------------------


async def find_slots(address: RedisAddress, slot: int) -> SlotMap:
    """Ask the servers in *address*, in any order, until one knows who has *slot*.

    Raises:
        SiaranError: none does.
    """
    shown = str(address)
    refusal: SiaranError = RedisUnreachable(
        shown,
        phrase("None of the servers answers: {address}.", address=shown),
        phrase("Check the setting redis_url and this PC's network."),
    )
    for host, port in random.sample(address.nodes, len(address.nodes)):
        try:
            slots = await ask_slots(address.at(host, port))
        except SiaranError as error:
            if not error.transient:  # says more than that nothing answers
                refusal = error
            continue
        if slots.master_of(slot) is not None:
            return slots
        refusal = cluster_down(shown)
    raise refusal


async def ask_slots(address: RedisAddress) -> SlotMap:
    """Ask one server of a Cluster which server has what.

    Raises:
        SiaranError: it does not answer, or is of no Cluster.
    """
    client = ServerClient(address)
    try:
        async with translated(str(address), connected=False):
            return read_slots(await client.execute_command("CLUSTER", "SLOTS"), address.host)
    finally:
        await client.aclose()


# --- jobs -----------------------------------------------------------------------------------------


@dataclass
class Job:
    """One command, and the slot of its key."""

    command: Command
    slot: int
    asked: Node | None = None
    """Who has this key already, though not the whole slot."""
    answer: Any = None
    """Redis' answer, or the error instead of one."""

    def wire(self) -> list[Command]:
        """What is sent."""
        return [("ASKING",), self.command] if self.asked else [self.command]

    def take(self, answers: Sequence[Any]) -> None:
        """Take what was answered to ``wire``."""
        self.answer = answers[-1]


# --- other servers than home ----------------------------------------------------------------------

IDLE_S = 150.0
"""Connections are closed when two heartbeats did not use them."""


@dataclass
class _Other:
    client: ServerClient
    used_at: float
    again: bool = False
    """Whether it was asked for before."""


class OtherServers:
    """The connections of one link. One that is lost is replaced by a new one when it is needed."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._others: dict[HostPort, _Other] = {}

    def client_of(self, node: Node) -> ServerClient:
        """The client of *node*."""
        now, place = asyncio.get_running_loop().time(), (node.host, node.port)
        other = self._others.get(place)
        if other is None:
            other = self._others[place] = _Other(ServerClient(self._address.at(*place)), now)
        else:
            other.used_at, other.again = now, True
        return other.client

    async def lost(self, node: Node, client: ServerClient, error: BaseException) -> SiaranError:
        """Forget *client*, whose connection to *node* could not be had, or no longer.

        Returns what to tell those who wanted something from it.
        """
        place = (node.host, node.port)
        other = self._others.get(place)
        worked = other is not None and other.again
        if other is not None and other.client is client:
            del self._others[place]
        await client.aclose()
        shown = translate(error, str(self._address.at(*place)), connected=worked)
        return missing_part(str(self._address), shown.sentence) if shown.transient else shown

    async def close_idle(self) -> None:
        """Close those that nobody has used for long."""
        before = asyncio.get_running_loop().time() - IDLE_S
        await self._close([place for place, one in self._others.items() if one.used_at < before])

    async def aclose(self) -> None:
        """Close all."""
        await self._close(list(self._others))

    async def _close(self, places: list[HostPort]) -> None:
        for place in places:
            other = self._others.pop(place, None)
            if other is not None:
                await other.client.aclose()


def missing_part(address: str, reason: str) -> SiaranError:
    """What to say of a Cluster when a server has not answered that is not home."""
    sentence = phrase("A part of the Redis Cluster cannot be reached. {reason}", reason=reason)
    return RedisCannotStore(address, sentence, phrase("Messages go on; tell whoever runs Redis."))


# --- the client -----------------------------------------------------------------------------------

log = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""How long a command waits for slots that are being moved."""
PAUSE_S = 0.1
SCANS = frozenset({"HSCAN", "ZSCAN"})


@asynccontextmanager
async def cluster_client(address: RedisAddress, keys: Keys) -> AsyncIterator[ClusterClient]:
    """Yield a client for the Cluster at *address*; entered when home has answered.

    Raises:
        SiaranError: no server of the Cluster answers, or home does not.
    """
    log_key = keys.log(ALL_CHANNELS)
    slots = await find_slots(address, slot_of(log_key))
    client = ClusterClient(address, slots, slot_of(log_key))
    try:
        async with translated(str(client.home_address), connected=False):
            await client.execute_command("PING")
            await _demand_home(client, log_key)
        yield client
    finally:
        await client.aclose()


async def _demand_home(client: ClusterClient, log_key: str) -> None:
    """Ask something that only the master of the logs answers: a replica says MOVED."""
    try:
        await client.execute_command("XINFO", "STREAM", log_key)
    except ResponseError as error:  # else there is no log yet, or the account may not see it
        if isinstance(error, MovedError) or _is_down(error):
            raise


class ClusterClient:
    """One client for a whole Cluster; home's connection is its own."""

    def __init__(self, address: RedisAddress, slots: SlotMap, home_slot: int) -> None:
        home = slots.master_of(home_slot)
        assert home is not None
        self.home_address = address.at(home.host, home.port)
        self._home = ServerClient(self.home_address)
        self._address = address
        self._slots = slots
        self._home_slot = home_slot
        self._home_node = home
        self._others = OtherServers(address)
        self._doubtful = False

    async def execute_command(self, *command: Argument) -> Reply:
        """Send a command to the server that has its key, or home.

        Raises:
            ResponseError, CUT: as of any client.
            SiaranError: a server that is not home cannot be reached, or refused.
        """
        if command[0] == "SCRIPT":
            return await self._execute_everywhere(*command)
        if key_of(command) is None:
            return await self._home.execute_command(*command)
        [answer] = await self.run([command])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pipeline(self) -> Batch:
        """Collect commands to be sent together."""
        return Batch(self)

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        """Send *commands*, each where its key is, and return the answers, errors among them."""
        if self._doubtful:
            await self._look_again()
        jobs = [Job(command, self._slot(command)) for command in commands]
        waiting, until = jobs, asyncio.get_running_loop().time() + PATIENCE_S
        for turn in count():
            await self._send(waiting)
            waiting = [job for job in waiting if self._is_to_go_on(job)]
            if not waiting:
                break
            if asyncio.get_running_loop().time() > until:
                _give_up(waiting)
                break
            await asyncio.sleep(PAUSE_S if turn else 0)
        await self._others.close_idle()
        return [job.answer for job in jobs]

    async def demand_confirmed(self) -> None:
        """Make sure that what home has stored last is not lost with a failover under way.

        When all of its replicas have it, whichever takes over has it. Otherwise home has to be home
        in the eyes of more than half of the masters, which is what a failover needs.

        Raises:
            LinkLost: it is not: another server is home by now, or may be.
        """
        shown = str(self.home_address)
        replicas = max(1, self._slots.replicas_of(self._home_node))
        if (await copies(self._home, self.home_address, replicas) or 0) >= replicas:
            return
        self._doubtful = True  # perhaps it has fewer by now
        others = [node for node in self._slots.nodes if node.id != self._home_node.id]
        told = await asyncio.gather(*(self._home_by(node) for node in others))
        if set(told) - {None, self._home_node.id}:
            sentence = phrase("Redis at {address} is not the master any more.", address=shown)
            raise LinkLost(shown, sentence)
        masters = self._slots.masters()
        voices = 1 + sum(
            name is not None and node in masters for node, name in zip(others, told, strict=True)
        )
        if voices * 2 <= len(masters):
            sentence = phrase("Redis at {address} is cut off from its Cluster.", address=shown)
            raise LinkLost(shown, sentence)

    def masters(self) -> list[Master]:
        """Every master, for looking at it."""
        return [
            Master(str(self._address.at(one.host, one.port)), self._client_of(one), replicas)
            for one, replicas in self._slots.masters().items()
        ]

    def give_up(self) -> None:
        """Let go of the connection to home, and so of the link."""
        self._home.give_up()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._others.aclose()
        await self._home.aclose()

    # --- where things are ---

    def _slot(self, command: Command) -> int:
        key = key_of(command)
        return self._home_slot if key is None else slot_of(key)

    async def _look_again(self) -> None:
        """Ask home which server has what; the link ends if it is not home itself any more."""
        try:
            answer = await self._home.execute_command("CLUSTER", "SLOTS")
        except ResponseError as error:
            log.info("home does not say which server has what: %s", error)
            return
        self._slots = read_slots(answer, self._home_node.host)
        self._doubtful = False
        home = self._slots.master_of(self._home_slot)
        if home is None or home.id != self._home_node.id:
            raise _home_moved()

    async def _home_by(self, node: Node) -> str | None:
        """The name of the server that is home as *node* sees it; None: it does not answer."""
        try:
            slots = await ask_slots(self._address.at(node.host, node.port))
        except SiaranError:
            return None
        home = slots.master_of(self._home_slot)
        return None if home is None else home.id

    # --- sending ---

    async def _send(self, jobs: Sequence[Job]) -> None:
        places: dict[Node, list[Job]] = {}
        for job in jobs:
            node = job.asked or self._slots.master_of(job.slot)
            if node is None:
                self._doubtful = True
                job.answer = self._missing_part(phrase("No server has it."))
            else:
                places.setdefault(node, []).append(job)
        work = (self._send_to(node, some) for node, some in places.items())
        ends = await asyncio.gather(*work, return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    async def _send_to(self, node: Node, jobs: Sequence[Job]) -> None:
        wires = [job.wire() for job in jobs]
        client = self._client_of(node)
        try:
            answers = iter(await client.ask(list(chain(*wires))))
        except CUT as error:
            if client is self._home:
                raise
            self._doubtful = True
            away = await self._others.lost(node, client, error)
            for job in jobs:
                job.answer = away
            return
        for job, wire in zip(jobs, wires, strict=True):
            job.take([next(answers) for _ in wire])

    def _is_to_go_on(self, job: Job) -> bool:
        """Whether a server has said that *job* is to be sent again, or to another."""
        error = job.answer
        if isinstance(error, MovedError):  # also an AskError
            if job.slot == self._home_slot:
                raise _home_moved()
            job.asked, self._doubtful = None, True
            self._slots.move(job.slot, *self._named(error))
        elif isinstance(error, AskError):
            job.asked = Node(*self._named(error))
        elif _is_down(error) and job.slot != self._home_slot:
            job.answer = self._missing_part(phrase("No server has it."))
            return False
        elif not isinstance(error, TryAgainError):
            return False
        if _reads_on(job.command):
            raise LostError("what was being read page by page has moved")
        return True

    def _named(self, error: AskError) -> tuple[str, int]:
        """The server that a redirection names; one without a host means who has sent it."""
        return error.host or self._home_node.host, error.port

    async def _execute_everywhere(self, *args: Argument) -> Reply:
        """Have every server do it, replicas too: one of them may be a master soon."""
        await self._look_again()
        others = [node for node in self._slots.nodes if not self._is_home(node)]
        await asyncio.gather(*(self._execute_at(node, *args) for node in others))
        return await self._home.execute_command(*args)

    async def _execute_at(self, node: Node, *args: Argument) -> None:
        client = ServerClient(self._address.at(node.host, node.port))
        try:
            await client.execute_command(*args)
        except (ResponseError, *CUT) as error:
            log.info("%s did not do %s: %s", f"{node.host}:{node.port}", args[0], error)
        finally:
            await client.aclose()

    # --- connections ---

    def _is_home(self, node: Node) -> bool:
        return (node.host, node.port) == (self._home_node.host, self._home_node.port)

    def _client_of(self, node: Node) -> ServerClient:
        return self._home if self._is_home(node) else self._others.client_of(node)

    def _missing_part(self, reason: str) -> SiaranError:
        return missing_part(str(self._address), reason)


def _is_down(error: object) -> bool:
    """Whether the Cluster lacks a part. A replica without its master (MASTERDOWN) says else."""
    return isinstance(error, ClusterDownError) and not isinstance(error, MasterDownError)


def _reads_on(command: Command) -> bool:
    """Whether *command* goes on with a reading in pages (``shared.redis_bus.documents``)."""
    if command[0] in SCANS:
        return int(command[2]) != 0
    script_scans = len(command) > 5 and command[4] in SCANS  # after its hash, 1, and the key
    return script_scans and int(command[5]) != 0


def _give_up(jobs: Sequence[Job]) -> None:
    """Redirections that never ended are of no use to anybody; that it is busy moving is."""
    for job in jobs:
        if isinstance(job.answer, AskError):  # MOVED, too
            raise LostError("the servers of the Cluster do not agree who has a slot")


def _home_moved() -> LostError:
    return LostError("another server of the Cluster has the logs now")
