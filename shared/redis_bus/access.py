"""Whom a server lets in, found out as a stranger would: by a connection that does not log in."""

from __future__ import annotations

from dataclasses import replace

from shared.bus import Access
from shared.keys import Keys
from shared.model import ALL_CHANNELS
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.connection import CUT, Connection, code_of

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
    except CUT as error:  # a stranger who has to log in is told so by one of these
        reply = error
    finally:
        await connection.aclose()
    if not isinstance(reply, Exception) or code_of(reply) in _ELSEWHERE:
        return Access.EVERYBODY
    if code_of(reply) not in _SHUT:
        return Access.UNKNOWN
    own = address.username not in ("", "default")
    return Access.ACCOUNTS if own else Access.SHARED
