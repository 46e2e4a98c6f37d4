"""Asking the servers of a Cluster which of them has what."""

from __future__ import annotations

import random

from shared.errors import RedisUnreachable, SiaranError
from shared.phrases import phrase
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import ServerClient
from shared.redis_bus.slots import SlotMap, read_slots
from shared.redis_bus.translate import cluster_down, translated


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
