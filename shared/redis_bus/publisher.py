"""Store first, then ring the bell: one script, atomic over all channels of a message.

``shared/PROTOCOL.md``, section 3, has the script, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from redis.exceptions import ResponseError

from shared.bus import Published
from shared.keys import Keys
from shared.model import StreamId
from shared.redis_bus.client import Client, run_script

# --- scripts --------------------------------------------------------------------------------------

FLAGS = "#!lua flags=allow-oom\n"
"""First line of both scripts on Redis 7 and newer: messages go through when receipts have filled
the memory. With it Redis checks before the script starts whether it may write at all (a replica, a
disk that refuses, too few replicas), so nothing is half done. Redis 6.2 does not know such a line.
"""

# KEYS: the sent-id guard, then the logs. ARGV: envelope, keep (ms), the time that the publisher
# believes (ms, may be empty), then the Pub/Sub channels in the order of the logs. Redis does not
# undo what a script did before an error, so everything that it does has to be allowed on every
# channel before it writes (Redis 7; older cannot tell).
_LACKING = """local function lacking(guard, log, topic)
  local words = {}
  for _, use in ipairs({
    {guard, 'GET', guard}, {guard, 'SET', guard, ''}, {log, 'EXISTS', log},
    {log, 'XINFO', 'STREAM', log}, {log, 'XADD', log, '*', 'e', ''}, {topic, 'PUBLISH', topic, ''},
  }) do
    if not redis.acl_check_cmd(unpack(use, 2)) then
      words[#words + 1] = use[2] .. ' on ' .. use[1]
    end
  end
  return table.concat(words, ', ')
end
"""

# With its memory full Redis would run the scripts on and on: the limit is set here, a tenth above.
# What replicas and the append-only file wait for is not counted, as Redis does not, either.
_FULL = """local function full()
  local info = redis.pcall('INFO', 'memory')
  if type(info) ~= 'string' then
    return false
  end
  local function number(name)
    return tonumber(info:match('[\\r\\n]' .. name .. ':(%d+)')) or 0
  end
  local limit = number('maxmemory')
  return limit > 0 and number('used_memory') - number('mem_not_counted_for_evict') > limit * 1.1
end
"""

# The last id of a log, mended first where it is one that no clock gives (ms of 2^63 or more: after
# the largest of all nothing could be added). All from 2^62 on leave, so that what follows is far
# from that bound, and the last id is set back. What was there may be messages: up to 200 are added
# once more; trays know them by their message ids. If what stays is ahead of the clock, the time in
# us makes ids that were never given before, or a tray would take one for what it has read. Redis
# 8 and Valkey 8 set no id back to before an entry that was ever deleted: there the log is written
# anew. Entries with more fields than any message has lose them. Redis 6.2 finds out at the first
# write of some kinds that its memory is full: that may not be in the middle. A key that is no
# stream is none of ours, and gives way.
_LAST = """local far, impossible = '4611686018427387904', '9223372036854775808'
local function reaches(id, ms)
  local own = id:match('^%d+')
  return #own > #ms or (#own == #ms and own >= ms)
end
local function add(log, fields, last)
  for i = 1, #fields, 2 do
    if fields[i] == 'p' then
      fields[i + 1] = last
    end
  end
  return redis.call('XADD', log, '*', unpack(fields))
end
local function written_anew(log, last)
  local rest = redis.call('XREVRANGE', log, '+', '-')
  redis.call('DEL', log)
  for i = #rest, 1, -1 do
    local fields = #rest[i][2] > 100 and {'e', ''} or rest[i][2]
    redis.call('XADD', log, rest[i][1], unpack(fields))
  end
  if #rest > 0 then
    redis.call('XSETID', log, last)
  end
end
local function mended(guard, log, now, length)
  if not redis.acl_check_cmd then
    redis.call('SET', guard, '', 'PX', 1)
  end
  local far_ones = {}
  repeat
    local found = redis.call('XREVRANGE', log, '+', far, 'COUNT', 100)
    for _, entry in ipairs(found) do
      if #far_ones < 200 and #entry[2] <= 100 then
        far_ones[#far_ones + 1] = entry[2]
      end
      redis.call('XDEL', log, entry[1])
    end
  until #found == 0
  local rest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
  local last = rest[1] and rest[1][1] or '0-0'
  if tonumber(last:match('^%d+')) > now[1] * 1000 then
    last = string.format('%s-%.0f', far, now[1] * 1000000 + now[2])
  end
  local set = redis.pcall('XSETID', log, last, 'ENTRIESADDED', length, 'MAXDELETEDID', '0-0')
  if set.err then
    set = redis.pcall('XSETID', log, last)
  end
  if set.err then
    written_anew(log, last)
  end
  for i = #far_ones, 1, -1 do
    last = add(log, far_ones[i], last)
  end
  return last
end
local function last_of(guard, log, now)
  if redis.call('EXISTS', log) == 0 then
    return '0-0'
  end
  local info = redis.pcall('XINFO', 'STREAM', log)
  if info.err then
    redis.call('DEL', log)
    return '0-0'
  end
  local last, length = '0-0', 0
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      last = info[i + 1]
    elseif info[i] == 'length' then
      length = info[i + 1]
    end
  end
  return reaches(last, impossible) and mended(guard, log, now, length) or last
end
"""

# Returns {already known, "id id …"}. Trimming is exact: an approximate one keeps whole nodes of
# old entries, and an outlet would be shown what should be gone. It goes by the lower of Redis'
# clock and the publisher's time, so that neither of them being ahead deletes anything. ``t`` says
# when the entry was stored, which its id does not: by Redis' clock, and by the publisher's where
# Redis' is so far from it that every signature would look replayed.
PLAIN_PUBLISH_SCRIPT = (
    _LACKING
    + _FULL
    + _LAST
    + """local known = redis.call('GET', KEYS[1])
if known then
  return {1, known}
end
for i = 2, redis.acl_check_cmd and #KEYS or 1 do
  local words = lacking(KEYS[1], KEYS[i], ARGV[i + 2])
  if words ~= '' then
    return {err = 'NOPERM Publishing needs ' .. words}
  end
end
if full() then
  return {err = 'OOM the memory is full, also what is kept free for messages'}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local believed = tonumber(ARGV[3]) or now
local oldest = math.max(0, math.min(now, believed) - tonumber(ARGV[2]))
local minid = string.format('%.0f', oldest)
local stored = string.format('%.0f', math.abs(now - believed) > 600000 and believed or now)
local ids = {}
for i = 2, #KEYS do
  local log, last = KEYS[i], last_of(KEYS[1], KEYS[i], time)
  local id = redis.call(
    'XADD', log, 'MINID', '=', minid, '*', 'e', ARGV[1], 'p', last, 't', stored)
  redis.call('PUBLISH', ARGV[i + 2], last .. ' ' .. id .. ' ' .. ARGV[1])
  ids[#ids + 1] = id
end
local joined = table.concat(ids, ' ')
redis.call('SET', KEYS[1], joined, 'PX', ARGV[2])
return {0, joined}
"""
)
PUBLISH_SCRIPT = FLAGS + PLAIN_PUBLISH_SCRIPT

# ARGV: a sent-id guard, then log and Pub/Sub channel of each channel; as KEYS, one that is denied
# would have the whole script refused. Returns what is lacking for each. Writes nothing, but by its
# first line (an error before Redis 7) it counts as a script that may write: so Redis refuses it
# whenever it would refuse to store.
MOST_ASKED = 500
"""Channels of which the next script tells at once, in 3 ms. Outlets may run it, too, and of half a
million it would tell for 3 s, in which Redis does nothing else."""
RIGHTS_SCRIPT = (
    FLAGS
    + f"local MOST_ASKED = {1 + 2 * MOST_ASKED}\n"
    + _LACKING
    + _FULL
    + """if not redis.acl_check_cmd then
  return false
end
if #ARGV > MOST_ASKED then
  return {err = 'ERR too many channels at once'}
end
if full() then
  return {err = 'OOM the memory is full, also what is kept free for messages'}
end
local found = {}
for i = 2, #ARGV, 2 do
  found[#found + 1] = lacking(ARGV[1], ARGV[i], ARGV[i + 1])
end
return found
"""
)


# --- publishing -----------------------------------------------------------------------------------


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
