"""The list of expected outlets: one value, replaced as a whole, and never overwritten unseen."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.outlets import ExpectedOutlet, OutletList
from shared.redis_bus.client import Client
from shared.redis_bus.scripts import run_script, sha1

log = logging.getLogger(__name__)


# KEYS: the list. ARGV: the SHA-1 of what is to be replaced (empty: nothing), of what is to be
# there, and that. Returns 1, or 0 and nothing is written. As with other documents, what is there
# already is as good as written.
WRITE_SCRIPT = """
local raw = redis.call('GET', KEYS[1])
local now = raw and redis.sha1hex(raw) or ''
if now ~= ARGV[1] and now ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3])
return 1
"""


async def read_outlets(client: Client, keys: Keys) -> OutletList:
    """Read the list; what is no list counts as none."""
    raw = await client.execute_command("GET", keys.outlets)
    if raw is None:
        return OutletList([])
    try:
        outlets = msgspec.json.decode(raw, type=list[ExpectedOutlet])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("the list of outlets in Redis cannot be read: %s", error)
        outlets = []
    return OutletList(outlets, sha1(raw))


async def write_outlets(
    client: Client, keys: Keys, before: str, outlets: Sequence[ExpectedOutlet]
) -> None:
    """Put *outlets* in the place of the list with the stamp *before*.

    Raises:
        ChangedMeanwhile: it is another by now; nothing was written.
    """
    raw = msgspec.json.encode(outlets)
    if not await run_script(client, WRITE_SCRIPT, [keys.outlets], [before, sha1(raw), raw]):
        raise ChangedMeanwhile
