"""A real Redis Cluster for tests: three masters with a replica each, all on this machine."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from shared.redis_bus.slots import SLOTS, slot_of
from tests.redis_server import RedisServer, free_port

MASTERS = 3
NODE_TIMEOUT_MS = 1000
WITHIN_S = 30.0


class ClusterNode(RedisServer):
    """One server of a Cluster."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(
            folder,
            *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0"),
            *options,
        )
        while self.port > 55_000:  # its bus is on the port 10,000 higher
            self.port = free_port()

    @property
    def name(self) -> str:
        """What the others call it."""
        return self.text("CLUSTER", "MYID").strip()

    def text(self, *arguments: str) -> str:
        """Ask something whose answer is one text."""
        return self.command(*arguments).partition(b"\r\n")[2].decode()

    @property
    def is_master(self) -> bool:
        """Whether it is one now, as itself sees it."""
        return "myself,master" in self.text("CLUSTER", "NODES")


class RedisCluster:
    """Starts and ends all of its servers."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.nodes: list[ClusterNode] = []
        for number in range(2 * MASTERS):
            place = folder / str(number)
            place.mkdir(parents=True)
            self.nodes.append(ClusterNode(place, *options))

    @property
    def url(self) -> str:
        """How the programs are told of it."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in self.nodes[:3])

    def start(self) -> None:
        """Start the servers and make them one Cluster."""
        for node in self.nodes:
            node.start()
        first, *others = self.nodes
        for number, node in enumerate(self.nodes):
            node.command("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node in others:
            first.command("CLUSTER", "MEET", "127.0.0.1", str(node.port))
        for number, node in enumerate(self.nodes[:MASTERS]):
            slots = range(number * SLOTS // MASTERS, (number + 1) * SLOTS // MASTERS)
            node.command("CLUSTER", "ADDSLOTS", *map(str, slots))
        wait(lambda: all(one.text("CLUSTER", "NODES").count("\n") > 6 for one in self.nodes))
        for master, replica in zip(self.nodes, self.nodes[MASTERS:], strict=False):
            replica.command("CLUSTER", "REPLICATE", master.name)
        wait(self.in_step)

    def stop(self) -> None:
        """End all servers."""
        for node in self.nodes:
            node.stop(signal.SIGKILL)

    def in_step(self) -> bool:
        """Whether every server knows all others and every replica has what its master has."""
        return all(map(_is_well, self.nodes))

    def master_of(self, key: str) -> ClusterNode:
        """Who has *key* now."""
        slot = slot_of(key)
        for line in self._alive().text("CLUSTER", "NODES").splitlines():
            _, place, flags, *_rest = line.split(" ")
            ranges = [one.split("-") for one in line.split(" ")[8:] if not one.startswith("[")]
            there = any(int(one[0]) <= slot <= int(one[-1]) for one in ranges)
            if there and "master" in flags and "fail" not in flags:
                port = int(place.partition("@")[0].rpartition(":")[2])
                return next(node for node in self.nodes if node.port == port)
        raise LookupError(key)

    def flush(self) -> None:
        """Forget all data."""
        for node in self.nodes:
            if node.is_master:
                node.command("FLUSHALL")

    def _alive(self) -> ClusterNode:
        return next(node for node in self.nodes if node.is_running)


def _is_well(node: ClusterNode) -> bool:
    state, known = node.text("CLUSTER", "INFO"), node.text("CLUSTER", "NODES")
    linked = node.is_master or b"master_link_status:up" in node.command("INFO", "replication")
    slaves = known.count("slave")
    whole = "cluster_state:ok" in state and slaves == MASTERS
    return whole and linked and "fail" not in known and "handshake" not in known


def wait(condition: Callable[[], bool]) -> None:
    """Wait for what servers do among themselves."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "the Cluster does not get ready"
        time.sleep(0.05)
