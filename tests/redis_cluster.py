"""A real Redis Cluster for tests: three masters with a replica each, all on this machine."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from shared.redis_bus.cluster import SLOTS, slot_of
from tests.redis_server import RedisServer, free_port

MASTERS = 3
NODE_TIMEOUT_MS = 1000
WITHIN_S = 30.0


class ClusterNode(RedisServer):
    """One server of a Cluster. With ``tls_port`` it speaks TLS with the others."""

    def __init__(self, folder: Path, *options: str, tls: bool = False) -> None:
        self.tls_port = _port_with_a_bus() if tls else 0
        if tls:
            options = (*options, "--tls-port", str(self.tls_port), "--tls-cluster", "yes")
        super().__init__(
            folder,
            *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0"),
            *("--cluster-require-full-coverage", "no", "--repl-ping-replica-period", "1"),
            *options,
        )
        self.port = _port_with_a_bus()

    @property
    def main_port(self) -> int:
        """What the others know it by."""
        return self.tls_port or self.port

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

    @property
    def is_linked(self) -> bool:
        """Whether it is a master, or follows one."""
        return self.is_master or b"link_status:up" in self.command("INFO", "replication")


class RedisCluster:
    """Starts and ends all of its servers."""

    def __init__(
        self, folder: Path, *options: str, tls: bool = False, replicas: int = MASTERS
    ) -> None:
        self.nodes: list[ClusterNode] = []
        self._replicas = replicas
        for number in range(MASTERS + replicas):
            place = folder / str(number)
            place.mkdir(parents=True)
            self.nodes.append(ClusterNode(place, *options, tls=tls))

    @property
    def url(self) -> str:
        """How the programs are told of it."""
        scheme = "rediss" if self.nodes[0].tls_port else "redis"
        places = ",".join(f"127.0.0.1:{one.main_port}" for one in self.nodes[:MASTERS])
        return f"{scheme}+cluster://{places}"

    def start(self) -> None:
        """Start the servers and make them one Cluster."""
        for node in self.nodes:
            node.start()
        for number, node in enumerate(self.nodes):
            node.command("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for number, node in enumerate(self.nodes[:MASTERS]):
            slots = range(number * SLOTS // MASTERS, (number + 1) * SLOTS // MASTERS)
            node.command("CLUSTER", "ADDSLOTS", *map(str, slots))
        wait(self._all_have_met)
        for master, replica in zip(self.nodes, self.nodes[MASTERS:], strict=False):
            replica.command("CLUSTER", "REPLICATE", master.name)
        wait(lambda: all(node.is_linked for node in self.nodes))
        self.flush()  # a replica that was told nothing yet is not shown to clients
        wait(self.in_step)

    def stop(self) -> None:
        """End all servers."""
        for node in self.nodes:
            node.stop("SIGKILL")

    def in_step(self) -> bool:
        """Whether every server knows all others and every replica has what its master has."""
        return all(map(self._is_well, self.nodes))

    def master_of(self, key: str) -> ClusterNode:
        """Who has *key* now."""
        slot = slot_of(key)
        return next(node for node in self.nodes if slot in self.slots_of(node))

    def slots_of(self, node: ClusterNode) -> set[int]:
        """What *node* has now, as others see it; nothing if it has failed."""
        for line in self._alive().text("CLUSTER", "NODES").splitlines():
            _, place, flags, *rest = line.split(" ")
            if f":{node.port}@" in place and "fail" not in flags:
                ranges = [one.split("-") for one in rest[5:] if not one.startswith("[")]
                return {n for one in ranges for n in range(int(one[0]), int(one[-1]) + 1)}
        return set()

    def replica_of(self, master: ClusterNode) -> ClusterNode:
        """A replica that *master* has now."""
        for line in self._alive().text("CLUSTER", "REPLICAS", master.name).splitlines():
            if place := re.search(r":(\d+)@", line):
                return next(node for node in self.nodes if node.port == int(place[1]))
        raise LookupError(master.port)

    def flush(self) -> None:
        """Forget all data."""
        for node in self.nodes:
            if node.is_master:
                node.command("FLUSHALL")

    def _is_well(self, node: ClusterNode) -> bool:
        state, known = node.text("CLUSTER", "INFO"), node.text("CLUSTER", "NODES")
        whole = "cluster_state:ok" in state and known.count("slave") == self._replicas
        told = len(set(re.findall(rb"[0-9a-f]{40}", node.command("CLUSTER", "SLOTS"))))
        clear = "fail" not in known and "handshake" not in known
        return whole and clear and node.is_linked and told == len(self.nodes)

    def _all_have_met(self) -> bool:
        """Whether every server knows all others; introduces those that the first does not know.

        A handshake that takes a second, as beside a load, is given up and never tried again.
        """
        if all(map(self._knows_all, self.nodes)):
            return True
        first, *others = self.nodes
        known = first.text("CLUSTER", "NODES")
        for node in others:
            if not any(f":{port}@" in known for port in (node.port, node.main_port)):
                first.command("CLUSTER", "MEET", "127.0.0.1", str(node.main_port))
        return False

    def _knows_all(self, node: ClusterNode) -> bool:
        known = node.text("CLUSTER", "NODES")
        return known.count(" connected") == len(self.nodes) and "handshake" not in known

    def _alive(self) -> ClusterNode:
        return next(node for node in self.nodes if node.is_running)


def _port_with_a_bus() -> int:
    """A free port whose bus, on the port 10,000 higher, is a port, too."""
    while (port := free_port()) > 55_000:
        pass
    return port


def wait(condition: Callable[[], bool]) -> None:
    """Wait for what servers do among themselves."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "the Cluster does not get ready"
        time.sleep(0.05)
