"""Opening the client of a link, whatever kind of Redis it is: one server, Sentinel's, a Cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from shared.keys import Keys
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import Client, connected_client
from shared.redis_bus.inspector import Master
from shared.redis_bus.sentinel import demand_confirmed, demand_master, located

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
