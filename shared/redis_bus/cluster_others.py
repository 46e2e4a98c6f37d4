"""Connections to servers of a Cluster that are not home: opened when needed, closed when idle."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from shared.errors import RedisCannotStore, SiaranError
from shared.phrases import phrase
from shared.redis_bus.address import HostPort, RedisAddress
from shared.redis_bus.client import ServerClient
from shared.redis_bus.slots import Node
from shared.redis_bus.translate import translate

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
