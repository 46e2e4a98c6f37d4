"""The list of expected outlets: one value, replaced as a whole, and never overwritten unseen."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shared.codec import WireError
from shared.documents import MAX_LIST, decode_list
from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.outlets import MAX_NAME, MAX_OUTLETS, ExpectedOutlet, OutletList
from shared.redis_bus.client import Client
from shared.redis_bus.paging import read_text
from shared.redis_bus.scripts import run_script, sha1

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
    """Read the list; elements that are no outlets, or all of it, are counted and left out."""
    found = await read_text(client, keys.outlets, MAX_LIST)
    if found is None:
        return OutletList([])
    raw, stamp = found
    try:
        outlets = decode_list(raw, ExpectedOutlet, MAX_LIST)
    except WireError:
        return OutletList([], stamp, unreadable=1)
    good = [one for one in outlets[:MAX_OUTLETS] if _is_outlet(one)]
    return OutletList(good, stamp, outlets.unreadable + len(outlets) - len(good))


def _is_outlet(one: ExpectedOutlet) -> bool:
    """Whether an import could have written it; else its PCs could pass for others'."""
    names = (one.outlet, *one.pcs)
    return bool(one.outlet.strip()) and all(
        len(name) <= MAX_NAME and "/" not in name for name in names
    )


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
