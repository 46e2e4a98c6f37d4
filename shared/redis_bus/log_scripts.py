"""The Lua script that reads a log without what nobody needs of it.

Whoever may write to a log may write entries of any length, and Redis ends a connection whose answer
is too long for its limits. ``XINFO`` has two of these entries in every answer, too. So where the
server knows this script (consoles load it), only what belongs to an entry leaves Redis.
"""

from __future__ import annotations

from shared.codec import MAX_ENVELOPE
from shared.model import LARGEST

MOST_AT_ONCE = 200
"""Entries of one reading: 50 MB of the longest, within Redis' limit for an answer. An outlet's
account may run the script, too, and keeps Redis busy no longer than that."""
MAX_NUMBER = 64
"""Bytes of the fields beside the envelope: an id, or a time."""

# The name of the log is an argument and no key: an account that may only read it may not name it as
# one (Redis takes every key of a script for one that is written).
READ_SCRIPT = f"""
local how, log, from, to, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if how ~= 'XRANGE' and how ~= 'XREVRANGE' or count > {MOST_AT_ONCE} then
  return redis.error_reply('ERR not a reading of a log')
end
local most = {{e = {MAX_ENVELOPE}, p = {MAX_NUMBER}, t = {MAX_NUMBER}}}
local rows = {{}}
while #rows < count do
  local row = redis.call(how, log, from, to, 'COUNT', 1)[1]
  if not row then
    break
  end
  local fields, kept = {{}}, {{}}
  for i = 1, #row[2], 2 do
    local name, value = row[2][i], row[2][i + 1]
    if most[name] then
      fields[name] = #value <= most[name] and value or ''
    end
  end
  for name, value in pairs(fields) do
    kept[#kept + 1] = name
    kept[#kept + 1] = value
  end
  rows[#rows + 1] = {{row[1], kept}}
  if row[1] == '{LARGEST}' then
    break
  end
  from = '(' .. row[1]
end
if ARGV[6] == '' then
  return {{'', rows}}
end
local info = redis.pcall('XINFO', 'STREAM', log)
if info.err then
  return string.find(info.err, 'no such key', 1, true) and {{'', rows}} or info
end
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then
    return {{info[i + 1], rows}}
  end
end
"""
