"""Store first, then ring the bell: one script, atomic over all channels of a message."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from shared.bus import Published
from shared.keys import Keys
from shared.model import StreamId
from shared.redis_bus.client import Client
from shared.redis_bus.publish_scripts import PUBLISH_SCRIPT, RIGHTS_SCRIPT
from shared.redis_bus.resp import ServerError
from shared.redis_bus.scripts import run_script


async def publish(
    client: Client,
    keys: Keys,
    message_id: str,
    channels: Sequence[str],
    envelope: bytes,
    keep_ms: int,
) -> Published:
    """Store *envelope* in the logs of all *channels* and publish it, or do nothing at all."""
    names = [keys.sent(message_id), *(keys.log(channel) for channel in channels)]
    values = [envelope, keep_ms, *(keys.topic(channel) for channel in channels)]
    known, ids = await run_script(client, PUBLISH_SCRIPT, names, values)
    return Published([StreamId.parse(part) for part in ids.split()], again=bool(known))


async def missing_rights(
    client: Client, keys: Keys, channels: Sequence[str]
) -> dict[str, str] | None:
    """Ask what the account lacks to publish on each channel; None from a server that cannot tell.

    Raises:
        ServerError: the server would store nothing now.
    """
    pairs = [(keys.log(channel), keys.topic(channel)) for channel in channels]
    try:
        found = await run_script(client, RIGHTS_SCRIPT, [], [keys.sent(""), *chain(*pairs)])
    except ServerError as error:
        if "near '#'" not in str(error):
            raise
        return None
    if found is None:
        return None
    answers = zip(channels, found, strict=True)
    return {channel: words.decode() for channel, words in answers if words}
