"""The list of expected outlets: one value, so that it is replaced as a whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis

from shared.keys import Keys
from shared.outlets import ExpectedOutlet

log = logging.getLogger(__name__)


async def read_outlets(client: Redis, keys: Keys) -> list[ExpectedOutlet]:
    """Read the list; what is no list counts as none."""
    raw = await client.get(keys.outlets)
    if raw is None:
        return []
    try:
        return msgspec.json.decode(raw, type=list[ExpectedOutlet])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("the list of outlets in Redis cannot be read: %s", error)
        return []


async def write_outlets(client: Redis, keys: Keys, outlets: Sequence[ExpectedOutlet]) -> None:
    """Replace the list."""
    await client.set(keys.outlets, msgspec.json.encode(outlets))
