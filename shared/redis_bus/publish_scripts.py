"""The Lua scripts of publishing (``shared/PROTOCOL.md``, section 3)."""

from __future__ import annotations

# KEYS: the sent-id guard, then the logs. ARGV: envelope, keep (ms), then the Pub/Sub channels in
# the order of the logs. Redis does not undo what a script did before an error, so everything that
# it does has to be allowed on every channel before it writes (Redis 7; older cannot tell).
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

# Returns {already known, "id id …"}. Trimming is exact: an approximate one keeps whole nodes of
# old entries, and an outlet would be shown what should be gone.
PUBLISH_SCRIPT = (
    _LACKING
    + """local known = redis.call('GET', KEYS[1])
if known then
  return {1, known}
end
for i = 2, redis.acl_check_cmd and #KEYS or 1 do
  local words = lacking(KEYS[1], KEYS[i], ARGV[i + 1])
  if words ~= '' then
    return {err = 'NOPERM Publishing needs ' .. words}
  end
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
)

# ARGV: a sent-id guard, then log and Pub/Sub channel of each channel; as KEYS, one that is denied
# would have the whole script refused. Returns what is lacking for each. Writes nothing, but by its
# first line (an error before Redis 7) it counts as a script that may write: so Redis refuses it
# whenever it would refuse to store, as on a replica, or with its memory full.
RIGHTS_SCRIPT = (
    "#!lua\n"
    + _LACKING
    + """if not redis.acl_check_cmd then
  return false
end
local found = {}
for i = 2, #ARGV, 2 do
  found[#found + 1] = lacking(ARGV[1], ARGV[i], ARGV[i + 1])
end
return found
"""
)
