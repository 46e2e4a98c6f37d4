"""What consoles share and change: small documents in hashes, never overwritten unseen.

Two people may have the same template, channel or series open. Whoever saves says what it was when
they opened it; if somebody else was quicker, nothing is written, and they hear of it.
"""

from __future__ import annotations

from typing import Any

from shared.documents import MAX_SHARED
from shared.errors import ChangedMeanwhile
from shared.redis_bus.client import Client
from shared.redis_bus.paging import read_hash
from shared.redis_bus.scripts import run_script

# KEYS: the hash. ARGV: the document's name, whether there was one ('1' or ''), what it was, whether
# there is to be one, what it is to be. Returns 1, or 0 and nothing is written. What is there
# already, whoever wrote it, is as good as written: so a save may be tried again after a lost reply.
WRITE_SCRIPT = """
local now = redis.call('HGET', KEYS[1], ARGV[1])
local before = ARGV[2] == '1' and ARGV[3]
local after = ARGV[4] == '1' and ARGV[5]
if now == after then
  return 1
end
if now ~= before then
  return 0
end
if after then
  redis.call('HSET', KEYS[1], ARGV[1], after)
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return 1
"""


async def read_documents(client: Client, key: str) -> dict[str, bytes]:
    """Every document of the hash *key* by its name; one that is too large is empty."""
    found = await read_hash(client, key, MAX_SHARED)
    return {name.decode("utf-8", "replace"): raw for name, raw in found.items()}


async def write_document(
    client: Client, key: str, name: str, before: bytes | None, after: bytes | None
) -> None:
    """Put *after* in place of *before*; None: there was none, there is to be none any more.

    Raises:
        ChangedMeanwhile: it is not *before* any more; nothing was written.
    """
    values: list[Any] = [name, _flag(before), before or b"", _flag(after), after or b""]
    if not await run_script(client, WRITE_SCRIPT, [key], values):
        raise ChangedMeanwhile


def _flag(document: bytes | None) -> str:
    return "" if document is None else "1"
