"""Which server of a Cluster has what: hash slots, and what CLUSTER SLOTS says of them.

A library's client of a Cluster would not do: it sends commands again by itself after a lost
connection, over new ones of which nobody is told, and so would break what links are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

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
