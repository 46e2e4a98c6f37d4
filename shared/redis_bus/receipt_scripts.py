"""The Lua scripts of receipts (``shared/PROTOCOL.md``, section 6)."""

from __future__ import annotations

# How long after *since* something happened, as ``shared.receipts.Buckets`` has it.
_BUCKET = """
local function bucket(at, since)
  return math.floor(8 * math.log(math.max(at - since, 100)) / math.log(2))
end
"""

# Of what stands in the field of an endpoint, only what an endpoint may have written, so that it can
# be encoded again; times of up to 14 digits, which is what cjson writes of a number.
_ENTRY = """
local function decoded(raw)
  local good, found = pcall(cjson.decode, raw or '')
  return good and type(found) == 'table' and found or {}
end
local function is_time(at)
  return type(at) == 'number' and at >= 0 and at < 1e14 and at % 1 == 0
end
local function entry_of(raw)
  local found, entry = decoded(raw), {}
  for _, key in ipairs({'r', 'd', 'a'}) do
    if is_time(found[key]) then
      entry[key] = found[key]
    end
  end
  for _, key in ipairs({'u', 'y'}) do
    if type(found[key]) == 'string' and #found[key] <= 1000 then
      entry[key] = found[key]
    end
  end
  if found['c'] == 'expired' or found['c'] == 'recalled' then
    entry['c'] = found['c']
  end
  return entry
end
"""

# The first acknowledgement of an outlet, as text in one form only: what is in the outlet's field
# and is not in this form, or of another outlet, was put there by somebody else and counts as none.
_ANSWER = """
local function answer_text(e, a, u, y)
  return '{"e":' .. cjson.encode(e) .. ',"a":' .. string.format('%.0f', a)
    .. ',"u":' .. cjson.encode(u) .. ',"y":' .. cjson.encode(y) .. '}'
end
local function answered_at(raw, outlet)
  local found = decoded(raw)
  local e, a, u, y = found['e'], found['a'], found['u'], found['y']
  local texts = type(e) == 'string' and type(u) == 'string' and type(y) == 'string'
  if texts and is_time(a) and e:sub(1, #outlet + 1) == outlet .. '/'
      and answer_text(e, a, u, y) == raw then
    return a
  end
end
"""

# KEYS: the receipts, the counters. ARGV: endpoint, outlet, received, displayed, acknowledged (ms,
# empty: not yet), os user, how it was closed, until when receipts are taken (ms), Pub/Sub channel
# of the outlet, message id, when to forget the counters (ms), when it was sent and when it was due
# (ms), the state that Redis had counted before, how long receipts are kept on (ms), the reply.
#
# Receipts that come too late are dropped. Returns this endpoint's entry and the outlet's. PUBLISH
# may be denied (before Redis 7 an account cannot be limited to it): then the others learn of it
# with their next heartbeat. Two sessions of one PC may end differently: an acknowledgement that
# comes after the other's `expired` or `recalled` takes its place, so that nobody counts twice.
#
# Either key can vanish alone (evicted, or deleted by hand). Counters without receipts are `torn`:
# they stay, and an endpoint whose entry is missing is counted for what it had not told before.
# Receipts without counters are `lost`: a console counts them anew (RECOUNT_SCRIPT). Whatever else
# some endpoint's account may have written into either is no error: nobody's receipt fails of it.
# What can fail (the hash is none) does so before anything is counted: a script is not undone.
RECEIPT_SCRIPT = (
    _BUCKET
    + _ENTRY
    + _ANSWER
    + """
local now = redis.call('TIME')
local till = redis.call('HGET', KEYS[2], 'until') or ''
local limit = tonumber(#till <= 15 and till:match('^%d+$') or ARGV[8])
if now[1] * 1000 + math.floor(now[2] / 1000) >= limit then
  return {false, false}
end
local lives = {redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2])}
local counted = redis.call('HGET', KEYS[2], 'received')
if counted and lives[1] == -2 then
  redis.call('HSET', KEYS[2], 'torn', 1)
elseif not counted and lives[1] ~= -2 then
  redis.call('HSET', KEYS[2], 'lost', 1)
end
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local entry = entry_of(raw)
local told = 0
if not raw and ARGV[14] ~= '' and redis.call('HGET', KEYS[2], 'torn') == '1' then
  told = ({received = 1, displayed = 2})[ARGV[14]] or 4
end
local changed = false
local more, less = {}, nil
for rank, stage in ipairs({{'r', ARGV[3], 'received', ARGV[12]},
                           {'d', ARGV[4], 'displayed', ARGV[13]},
                           {'a', ARGV[5], 'acknowledged', ARGV[13]}, {'c', ARGV[7], ARGV[7]}}) do
  if stage[2] ~= '' and not entry[stage[1]] and not (stage[1] == 'c' and entry['a']) then
    entry[stage[1]] = tonumber(stage[2]) or stage[2]
    if rank > told then
      more[#more + 1] = stage[3]
      if rank < 4 then
        more[#more + 1] = stage[1] .. ':' .. bucket(stage[2], stage[4])
      end
    end
    changed = true
    if stage[1] == 'a' then
      less, entry['c'] = entry['c'], nil
      entry['u'] = ARGV[6]
      if ARGV[16] ~= '' then
        entry['y'] = ARGV[16]
      end
    end
  end
end
if changed then
  raw = cjson.encode(entry)
  redis.call('HSET', KEYS[1], ARGV[1], raw)
end
for _, name in ipairs(more) do
  redis.pcall('HINCRBY', KEYS[2], name, 1)
end
if less then
  redis.pcall('HINCRBY', KEYS[2], less, -1)
end
local place = '@' .. ARGV[2]
if changed and ARGV[5] ~= '' then
  if not answered_at(redis.call('HGET', KEYS[1], place), ARGV[2]) then
    local first = answer_text(ARGV[1], tonumber(ARGV[5]), ARGV[6], ARGV[16])
    redis.call('HSET', KEYS[1], place, first)
    if told < 3 then
      redis.pcall('HINCRBY', KEYS[2], 'outlets', 1)
      redis.pcall('HINCRBY', KEYS[2], 'o:' .. bucket(ARGV[5], ARGV[13]), 1)
    end
  end
  redis.pcall('PUBLISH', ARGV[9], ARGV[10])
end
for i, key in ipairs(KEYS) do
  if lives[i] < 0 then
    redis.call('PEXPIREAT', key, i == 1 and limit + ARGV[15] or ARGV[11])
  end
end
return {raw, redis.call('HGET', KEYS[1], place)}
"""
)

# KEYS: the receipts, the counters. ARGV: when the message was sent and when it was due (ms), when
# to forget the counters (ms). Makes the counters anew from the receipts; run by consoles, when the
# counters were lost. About 0.1 s for 10,000 receipts. (Fields are set to 0, not deleted: consoles
# need no right to delete.)
RECOUNT_SCRIPT = (
    _BUCKET
    + _ENTRY
    + _ANSWER
    + """
local rows = redis.call('HGETALL', KEYS[1])
if #rows == 0 then
  return 0
end
local fresh = {received = 0, displayed = 0, acknowledged = 0, expired = 0, recalled = 0,
               outlets = 0, lost = 0, torn = 0}
local function add(name)
  fresh[name] = (fresh[name] or 0) + 1
end
local names = {r = 'received', d = 'displayed', a = 'acknowledged'}
for i = 1, #rows, 2 do
  if not rows[i]:find('/', 1, true) then
    local at = answered_at(rows[i + 1], rows[i]:sub(2))
    if at then
      add('outlets')
      add('o:' .. bucket(at, ARGV[2]))
    end
  else
    local entry = entry_of(rows[i + 1])
    for key, name in pairs(names) do
      if entry[key] then
        add(name)
        add(key .. ':' .. bucket(entry[key], ARGV[key == 'r' and 1 or 2]))
      end
    end
    if entry['c'] and not entry['a'] then
      add(entry['c'])
    end
  end
end
local before = redis.call('HGETALL', KEYS[2])
for i = 1, #before, 2 do
  if before[i]:match('^%a:%d+$') and not fresh[before[i]] then
    fresh[before[i]] = 0
  end
end
for name, value in pairs(fresh) do
  redis.call('HSET', KEYS[2], name, value)
end
redis.call('PEXPIREAT', KEYS[2], ARGV[3])
return fresh['received']
"""
)
