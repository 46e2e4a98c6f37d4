"""Whom a server lets in, found out as a stranger would: by a connection that does not log in."""

from __future__ import annotations

from dataclasses import replace

from shared.bus import Access
from shared.keys import Keys
from shared.model import ALL_CHANNELS
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.connection import Connection
from shared.redis_bus.resp import CUT, ServerError

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
    except CUT:
        return Access.UNKNOWN
    finally:
        await connection.aclose()
    if not isinstance(reply, ServerError) or reply.code in _ELSEWHERE:
        return Access.EVERYBODY
    if reply.code not in _SHUT:
        return Access.UNKNOWN
    own = address.username not in ("", "default")
    return Access.ACCOUNTS if own else Access.SHARED
