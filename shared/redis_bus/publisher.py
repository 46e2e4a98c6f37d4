"""Store first, then ring the bell: one script, atomic over all channels of a message."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from redis.exceptions import ResponseError

from shared.bus import Published
from shared.keys import Keys
from shared.model import StreamId
from shared.redis_bus.client import Client
from shared.redis_bus.publish_scripts import (
    MOST_ASKED,
    PLAIN_PUBLISH_SCRIPT,
    PUBLISH_SCRIPT,
    RIGHTS_SCRIPT,
)
from shared.redis_bus.scripts import run_script


async def publish(
    client: Client,
    keys: Keys,
    message_id: str,
    channels: Sequence[str],
    envelope: bytes,
    keep_ms: int,
    believed_ms: int | None = None,
) -> Published:
    """Store *envelope* in the logs of all *channels* and publish it, or do nothing at all.

    *believed_ms* is the time that the publisher believes, in ms since the Unix epoch: entries are
    trimmed by the lower of it and Redis' clock. A message that was stored before counts as
    published also where Redis would store nothing now.

    Raises:
        ResponseError: Redis stores nothing now, or the account may not publish there.
    """
    guard = keys.sent(message_id)
    names = [guard, *(keys.log(channel) for channel in channels)]
    believed = "" if believed_ms is None else believed_ms
    values = [envelope, keep_ms, believed, *(keys.topic(channel) for channel in channels)]
    try:
        known, ids = await _run(client, names, values)
    except ResponseError:
        known, ids = 1, await _stored_before(client, guard)
        if not ids:
            raise
    return Published([StreamId.parse(part) for part in ids.split()], again=bool(known))


async def _run(client: Client, names: list[str], values: list[Any]) -> Any:
    try:
        return await run_script(client, PUBLISH_SCRIPT, names, values)
    except ResponseError as error:
        if not _lacks_flags(error):
            raise
    return await run_script(client, PLAIN_PUBLISH_SCRIPT, names, values)


async def _stored_before(client: Client, guard: str) -> bytes:
    """Read *guard* by a plain command: a script with flags is refused before it can."""
    with suppress(ResponseError):
        return await client.execute_command("GET", guard) or b""
    return b""


async def missing_rights(
    client: Client, keys: Keys, channels: Sequence[str]
) -> dict[str, str] | None:
    """Ask what the account lacks to publish on each channel; None from a server that cannot tell.

    Raises:
        ResponseError: the server would store nothing now.
    """
    found: dict[str, str] = {}
    for begin in range(0, len(channels), MOST_ASKED):
        some = channels[begin : begin + MOST_ASKED]
        pairs = [(keys.log(channel), keys.topic(channel)) for channel in some]
        try:
            told = await run_script(client, RIGHTS_SCRIPT, [], [keys.sent(""), *chain(*pairs)])
        except ResponseError as error:
            if not _lacks_flags(error):
                raise
            return None
        if told is None:
            return None
        found |= {name: raw.decode() for name, raw in zip(some, told, strict=True) if raw}
    return found


def _lacks_flags(error: ResponseError) -> bool:
    """Whether the server is older than 7.0 and cannot read the first line of a script."""
    return "near '#'" in str(error)
