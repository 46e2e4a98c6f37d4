"""Store first, then ring the bell: one script, atomic over all channels of a message."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.bus import Published
from shared.keys import Keys
from shared.model import StreamId

# KEYS: the sent-id guard, then the logs. ARGV: envelope, keep (ms), then the Pub/Sub channels in
# the order of the logs. Returns {already known, "id id …"}. Trimming is exact: an approximate
# one keeps whole nodes of old entries, and an outlet would be shown what should be gone.
PUBLISH_SCRIPT = """
local known = redis.call('GET', KEYS[1])
if known then
  return {1, known}
end
local now = redis.call('TIME')
local oldest = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(ARGV[2]))
local minid = string.format('%.0f', oldest)
local ids = {}
for i = 2, #KEYS do
  local last = '0-0'
  if redis.call('EXISTS', KEYS[i]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[i])
    for j = 1, #info, 2 do
      if info[j] == 'last-generated-id' then
        last = info[j + 1]
      end
    end
  end
  local id = redis.call('XADD', KEYS[i], 'MINID', '=', minid, '*', 'e', ARGV[1], 'p', last)
  redis.call('PUBLISH', ARGV[i + 1], last .. ' ' .. id .. ' ' .. ARGV[1])
  ids[#ids + 1] = id
end
local joined = table.concat(ids, ' ')
redis.call('SET', KEYS[1], joined, 'PX', ARGV[2])
return {0, joined}
"""


async def publish(
    client: Redis,
    keys: Keys,
    message_id: str,
    channels: Sequence[str],
    envelope: bytes,
    keep_ms: int,
) -> Published:
    """Run the script; scripts vanish with a restart or SCRIPT FLUSH, so it is sent again then."""
    names = [keys.sent(message_id), *(keys.log(channel) for channel in channels)]
    values = [envelope, keep_ms, *(keys.topic(channel) for channel in channels)]
    arguments = (len(names), *names, *values)
    answer = None
    with suppress(NoScriptError):  # sent below, so that EVAL's own errors have no false context
        answer = await client.execute_command("EVALSHA", _sha1(), *arguments)
    if answer is None:
        answer = await client.execute_command("EVAL", PUBLISH_SCRIPT, *arguments)
    known, ids = answer
    return Published([StreamId.parse(part) for part in ids.split()], again=bool(known))


def _sha1() -> str:
    import hashlib

    return hashlib.sha1(PUBLISH_SCRIPT.encode(), usedforsecurity=False).hexdigest()
