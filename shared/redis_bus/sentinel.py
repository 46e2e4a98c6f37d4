"""Redis behind Sentinel: where the master is now, and whether it still is one.

A failover makes another server the master. Sentinel cuts the connections to the old one, so links
notice by themselves; what has to be prevented is a message that the old master confirms and then
loses. (Measured on redis-server 7.0: in a planned failover publishers wrote to the old master for
11 s, and over a thousand confirmed messages vanished.) So a message counts as sent when a replica
has it, or when every Sentinel that answers says, for two seconds, that this is the master all the
same.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redis.exceptions import NoPermissionError

from shared.errors import LinkLost, RedisUnreachable, SiaranError
from shared.phrases import phrase
from shared.redis_bus.address import HostPort, RedisAddress
from shared.redis_bus.client import Client, ServerClient
from shared.redis_bus.translate import translated

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
    while not (copies := await _copies(client, address)):
        await _demand_named(address, behind)
        if copies is None or loop.time() > until:
            return


async def _copies(client: Client, address: RedisAddress) -> int | None:
    """How many replicas have what was written last, one at most; None: it may not be asked."""
    async with translated(str(address), connected=True):
        try:
            return int(await client.execute_command("WAIT", 1, CONFIRM_MS))
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
