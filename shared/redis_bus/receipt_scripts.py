"""The Lua scripts of receipts (``shared/PROTOCOL.md``, section 6)."""

from __future__ import annotations

from shared.documents import MAX_RECEIPT
from shared.model import DAY_MS
from shared.redis_bus.documents import SCAN_LUA

LONGEST_MS = 90 * DAY_MS
"""The longest ``receipt_days`` that can be set."""
MADE = "."
"""A field of the receipts that is no endpoint's: a console made the hash, and it has not been lost
since (no outlet's account may delete one)."""
MOST_COUNTED, MOST_COUNTED_BYTES = 30_000, 16 << 20
"""Fields that are counted anew at most: 0.3 s in which Redis does nothing else."""
COUNTERS_BYTES = 256 << 10
"""What genuine counters are far below."""

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

# Whatever is longer is nothing that an endpoint writes, and is neither decoded nor handed out.
_BOUNDS = f"""
local function fit(raw)
  return raw and (#raw <= {MAX_RECEIPT} and raw or '')
end
"""

# Until when receipts of a message are taken. The key is for consoles alone to write; it is named
# from that of the receipts, since a script may only be given keys that its account may write.
# Messages of consoles that had no such key: what they wrote among the counters, where any outlet
# may write, can only lengthen the time.
_UNTIL = f"""
local function is_over(receipts, otherwise, counters)
  local now = redis.call('TIME')
  local said = redis.pcall('GET', receipts .. ':until')
  local limit = type(said) == 'string' and #said <= 15 and tonumber(said:match('^%d+$'))
  if not limit then
    local before = counters and redis.call('HGET', counters, 'until') or ''
    before = #before <= 15 and tonumber(before:match('^%d+$')) or 0
    limit = math.max(tonumber(otherwise), math.min(before, otherwise + {LONGEST_MS}))
  end
  return now[1] * 1000 + math.floor(now[2] / 1000) >= limit
end
"""

# KEYS: the receipts, the counters. ARGV: endpoint, outlet, received, displayed, acknowledged (ms,
# empty: not yet), os user, how it was closed, until when receipts are taken if nobody has said it
# (ms), Pub/Sub channel of the outlet, message id, (not used), when it was sent and when it was due
# (ms), the state that Redis had counted before, (not used), the reply.
#
# Receipts that come too late, or are too long, are dropped. Returns this endpoint's entry, the
# outlet's, and this endpoint's contradiction. PUBLISH may be denied (before Redis 7 an account
# cannot be limited to it): then the others learn of it with their next heartbeat. Two sessions of
# one PC may end differently: an acknowledgement that comes after the other's `expired` or
# `recalled` takes its place, so that nobody counts twice.
#
# Either key can vanish alone (evicted, or deleted by hand). Counters without receipts are `torn`:
# they stay, and an endpoint whose entry is missing is counted for what it had not told before.
# Receipts without counters are `lost`: a console counts them anew (RECOUNT_SCRIPT). Whatever else
# some endpoint's account may have written into either is no error: nobody's receipt fails of it.
# What can fail (the hash is none) does so before anything is counted: a script is not undone.
# Nothing here sets an expiry, which outlets have no right to: consoles do (NOTE_SCRIPT).
RECEIPT_SCRIPT = (
    _BUCKET
    + _ENTRY
    + _ANSWER
    + _BOUNDS
    + _UNTIL
    + """
if #ARGV[1] > 900 or #ARGV[6] > 400 or #ARGV[16] > 400 or is_over(KEYS[1], ARGV[8], KEYS[2]) then
  return {false, false, false}
end
local there = redis.call('PTTL', KEYS[1]) ~= -2
local counted = redis.call('HGET', KEYS[2], 'received')
if counted and not there then
  redis.call('HSET', KEYS[2], 'torn', 1)
elseif not counted and there then
  redis.call('HSET', KEYS[2], 'lost', 1)
end
local raw = fit(redis.call('HGET', KEYS[1], ARGV[1]))
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
  if raw ~= fit(raw) then
    entry['u'], entry['y'] = nil, nil
    raw = cjson.encode(entry)
  end
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
  if not answered_at(fit(redis.call('HGET', KEYS[1], place)), ARGV[2]) then
    local first = answer_text(ARGV[1], tonumber(ARGV[5]), ARGV[6], ARGV[16])
    redis.call('HSET', KEYS[1], place, first)
    if told < 3 then
      redis.pcall('HINCRBY', KEYS[2], 'outlets', 1)
      redis.pcall('HINCRBY', KEYS[2], 'o:' .. bucket(ARGV[5], ARGV[13]), 1)
    end
  end
  redis.pcall('PUBLISH', ARGV[9], ARGV[10])
end
local against = redis.call('HGET', KEYS[1], '!' .. ARGV[1])
return {raw, fit(redis.call('HGET', KEYS[1], place)), fit(against)}
"""
)

# KEYS: the receipts. ARGV: endpoint, outlet, what the endpoint says of itself (empty: nothing), and
# until when receipts are taken if nobody has said it (ms). Returns what RECEIPT_SCRIPT does, of
# which nothing is too long. What the endpoint says is its contradiction: it stands beside an entry
# that somebody else has written in its name, and no counter moves.
LOOK_SCRIPT = (
    _BOUNDS
    + _UNTIL
    + """
local own, against = redis.call('HGET', KEYS[1], ARGV[1]), '!' .. ARGV[1]
if own and ARGV[3] ~= '' and ARGV[3] == fit(ARGV[3]) and not is_over(KEYS[1], ARGV[4]) then
  redis.call('HSET', KEYS[1], against, ARGV[3])
end
local outlet = redis.call('HGET', KEYS[1], '@' .. ARGV[2])
return {fit(own), fit(outlet), fit(redis.call('HGET', KEYS[1], against))}
"""
)

# What trays of 0.1.0 run, which cannot bring it: consoles load it for them. It sets an expiry where
# there is none, which an outlet's account may not any more; with the console's there already it
# has none to set. Word for word: Redis knows a script by the SHA-1 of its text.
EARLIER_RECEIPT_SCRIPT = (
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

# --- consoles ------------------------------------------------------------------------------------

# KEYS: the receipts, the counters, the key with the end, the facts. ARGV: endpoints expected (-1:
# nobody counted), outlets expected (0: not counted), until when receipts are taken (ms), how long
# they are kept on (ms), when to forget the rest (ms), whether the message has just been sent.
#
# Makes both hashes with their expiry, so that no outlet's script has to; again, it mends what has
# none. What was noted before stays. The fields among the counters are for earlier versions.
NOTE_SCRIPT = f"""
local function digits(text, most)
  local number = type(text) == 'string' and #text <= 15 and tonumber(text:match('^%d+$'))
  return number and math.min(number, most)
end
local limit = digits(redis.pcall('GET', KEYS[3]), 1e15)
local function counted(name)
  return redis.pcall('HGET', KEYS[2], name)
end
if not limit then
  limit = tonumber(ARGV[3])
  if ARGV[6] == '' then
    limit = math.max(limit, digits(counted('until'), limit + {LONGEST_MS}) or 0)
  end
  redis.call('SET', KEYS[3], string.format('%.0f', limit))
end
local forget = math.max(tonumber(ARGV[5]), limit)
local said = string.format('%.0f', limit)
local expected = tonumber(ARGV[1])
if expected < 0 then
  expected = digits(counted('expected'), 1e7)
end
local places = tonumber(ARGV[2]) > 0 and tonumber(ARGV[2]) or digits(counted('places'), 1e7)
if expected then
  redis.call('HSETNX', KEYS[4], 'expected', expected)
  redis.call('HSETNX', KEYS[4], 'places', places or 0)
end
redis.call('HSETNX', KEYS[4], 'until', said)
redis.call('PEXPIREAT', KEYS[3], forget)
redis.call('PEXPIREAT', KEYS[4], forget)
if ARGV[6] ~= '' or type(counted('received')) == 'string' then
  redis.pcall('HSETNX', KEYS[2], 'received', 0)
  for _, name in ipairs({{'places', 'expected', 'until'}}) do
    local value = redis.call('HGET', KEYS[4], name)
    if value and not (name == 'places' and value == '0') then
      redis.pcall('HSETNX', KEYS[2], name, value)
    end
  end
  redis.pcall('PEXPIREAT', KEYS[2], forget)
end
if ARGV[6] ~= '' then
  redis.pcall('HSETNX', KEYS[1], '{MADE}', 1)
end
redis.pcall('PEXPIREAT', KEYS[1], limit + ARGV[4])
return 1
"""

# KEYS: the counters. ARGV: names. Returns the fields that may be counters; where somebody has put
# thousands of others beside them, or long ones, those in ARGV and some of the curve.
COUNTS_SCRIPT = (
    SCAN_LUA
    + f"""
local bytes = {COUNTERS_BYTES}
local position, found = scan('HSCAN', KEYS[1], '0', 1000, bytes)
"""
    + """
local flat = {}
local function take(name, value)
  if value and #name <= 40 and #value <= 40 then
    flat[#flat + 1], flat[#flat + 2] = name, value
  end
end
for i = 1, #found, 2 do
  take(found[i], found[i + 1])
end
for _, name in ipairs(position == '0' and {} or ARGV) do
  local value = bytes > 0 and redis.call('HGET', KEYS[1], name)
  bytes = bytes - #(value or '')
  take(name, value)
end
return flat
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
    + _BOUNDS
    + SCAN_LUA
    + f"""
if redis.call('HLEN', KEYS[1]) > {MOST_COUNTED} then
  return -1
end
local position, rows = scan('HSCAN', KEYS[1], '0', {2 * MOST_COUNTED}, {MOST_COUNTED_BYTES})
local _, before = scan('HSCAN', KEYS[2], '0', 1000, {COUNTERS_BYTES})
"""
    + """
if position ~= '0' then
  return -1
end
if #rows == 0 then
  return 0
end
local function against(name, raw)
  return name:sub(1, 1) == '!' and decoded(raw)['e'] == name:sub(2)
end
local fresh = {received = 0, displayed = 0, acknowledged = 0, expired = 0, recalled = 0,
               outlets = 0, lost = 0, torn = 0}
local function add(name)
  fresh[name] = (fresh[name] or 0) + 1
end
local names = {r = 'received', d = 'displayed', a = 'acknowledged'}
for i = 1, #rows, 2 do
  if not rows[i]:find('/', 1, true) then
    local at = answered_at(fit(rows[i + 1]), rows[i]:sub(2))
    if at then
      add('outlets')
      add('o:' .. bucket(at, ARGV[2]))
    end
  elseif not against(rows[i], fit(rows[i + 1])) then
    local entry = entry_of(fit(rows[i + 1]))
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
