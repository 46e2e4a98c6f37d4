"""Reading the logs (streams): pages after a cursor, last ids, ranges backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redis.exceptions import ResponseError

from shared.bus import LogEntry, LogPage, LogRange
from shared.codec import MAX_ENVELOPE
from shared.keys import Keys
from shared.model import LARGEST, MAX_MS, START, StreamId
from shared.redis_bus.client import Client, run_scripts
from shared.redis_bus.connection import NOT_KEPT, pairs
from shared.redis_bus.documents import read_text

# --- the script -----------------------------------------------------------------------------------

# The Lua script that reads a log without what nobody needs of it.
#
# Whoever may write to a log may write entries of any length, and Redis ends a connection whose
# answer is too long for its limits. ``XINFO`` has two of these entries in every answer, too. So
# where the server knows this script (consoles load it), only what belongs to an entry leaves Redis.

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


# --- reading --------------------------------------------------------------------------------------

TRIES = 3
"""How often a log is read that changes meanwhile."""
MAX_GUARD = 16 * 1024
"""Bytes of the ids under which logs have one message; 264 of the longest are less."""
RawEntry = tuple[bytes, list[bytes] | None]


async def read_page(
    client: Client, keys: Keys, channel: str, after: StreamId | None, count: int
) -> LogPage:
    """Read up to *count* entries after *after*, and the last id, as if at one moment.

    After the largest id there is nothing to ask for: Redis would answer with an error.
    """
    start = "-" if after is None else str(after) if after == LARGEST else f"({after}"
    found = await _read(client, [("XRANGE", keys.log(channel), start, "+", count, "last")])
    if found is None:
        return await _read_without_script(client, keys, channel, after, count)
    [(last, rows)] = found
    entries = [] if after == LARGEST else [_entry(channel, row) for row in rows]
    return LogPage(last, entries, full=len(entries) == count, cut=_lacks_some(entries))


async def _read_without_script(
    client: Client, keys: Keys, channel: str, after: StreamId | None, count: int
) -> LogPage:
    """Read a page where no console has made the script known.

    Not in a transaction: whoever may run one can keep Redis busy for minutes, and nobody can end
    that. An entry that was added between the two answers would be passed by a cursor that goes to
    the last id, so where that is not the last entry's, both are asked again. The entries come
    first: a log that has vanished since shows its next reader; and XINFO has the first and the last
    entry, too: if somebody made these long, there would be no room for ours (``MAX_KEPT``).
    """
    seen = None
    for _ in range(TRIES):
        entries, last = await _read_once(client, keys.log(channel), channel, after, count)
        newest = entries[-1].id if entries else after
        full = len(entries) == count
        if full or last is None or last == newest or seen == (last, newest):
            break
        seen = last, newest
    else:
        last = newest
    if entries and (last is None or last < entries[-1].id):
        last = entries[-1].id
    return LogPage(last, entries, full=full, cut=_lacks_some(entries))


async def _read_once(
    client: Client, log: str, channel: str, after: StreamId | None, count: int
) -> tuple[list[LogEntry], StreamId | None]:
    """Read entries and the last id, with one question: Redis takes up what arrives together."""
    start = "-" if after is None else str(after) if after == LARGEST else f"({after}"
    pipe = client.pipeline()
    pipe.execute_command("XRANGE", log, start, "+", "COUNT", count)
    pipe.execute_command("XINFO", "STREAM", log)
    rows, info = await pipe.execute(raise_on_error=False)
    entries = [] if after == LARGEST else [_entry(channel, row) for row in _checked(rows)]
    return entries, _last_id(info)


async def read_last_ids(
    client: Client, keys: Keys, channels: Sequence[str]
) -> dict[str, StreamId | None]:
    """Return each log's last generated id, None for a log that does not exist."""
    calls = [("XRANGE", keys.log(one), "-", "+", 0, "last") for one in channels]
    if (found := await _read(client, calls)) is not None:
        return {channel: last for channel, (last, _) in zip(channels, found, strict=True)}
    pipe = client.pipeline()
    for channel in channels:
        pipe.execute_command("XINFO", "STREAM", keys.log(channel))
    infos = await pipe.execute(raise_on_error=False)
    return {channel: _last_id(info) for channel, info in zip(channels, infos, strict=True)}


async def read_ranges(
    client: Client, keys: Keys, ranges: Sequence[LogRange]
) -> list[list[LogEntry]]:
    """Return the entries of each range, newest first."""
    if any(one.count > MOST_AT_ONCE for one in ranges):
        return [await _read_in_parts(client, keys, one) for one in ranges]
    asked = [one for one in ranges if one.before != START and one.after != LARGEST]
    calls = [("XREVRANGE", keys.log(one.channel), *_ends(one), one.count, "") for one in asked]
    found = await _read(client, calls, bring=True)
    if found is None:
        rows = await _read_ranges_without_script(client, keys, asked)
    else:
        rows = [part for _, part in found]
    entries = {
        id(one): [_entry(one.channel, row) for row in some]
        for one, some in zip(asked, rows, strict=True)
    }
    return [
        await _read_singly(client, keys, one)
        if _lacks_some(entries.get(id(one), ()))
        else entries.get(id(one), [])
        for one in ranges
    ]


async def _read_in_parts(client: Client, keys: Keys, one: LogRange) -> list[LogEntry]:
    entries: list[LogEntry] = []
    while (left := one.count - len(entries)) > 0:
        before = entries[-1].id if entries else one.before
        part = replace(one, count=min(left, MOST_AT_ONCE), before=before)
        [some] = await read_ranges(client, keys, [part])
        entries += some
        if len(some) < part.count:
            break
    return entries


async def _read_ranges_without_script(
    client: Client, keys: Keys, ranges: Sequence[LogRange]
) -> list[list[RawEntry]]:
    pipe = client.pipeline()
    for one in ranges:
        pipe.execute_command("XREVRANGE", keys.log(one.channel), *_ends(one), "COUNT", one.count)
    return [_checked(rows) for rows in await pipe.execute(raise_on_error=False)]


def _ends(one: LogRange) -> tuple[str, str]:
    """The newest and the oldest end of a range, as XREVRANGE wants them."""
    newest = "+" if one.before is None else f"({one.before}"
    return newest, "-" if one.after is None else f"({one.after}"


async def _read(
    client: Client, calls: Sequence[Sequence[Any]], *, bring: bool = False
) -> list[tuple[StreamId | None, list[RawEntry]]] | None:
    """Run the script for each of *calls*; None where it cannot be run. *bring* it if need be."""
    ways = [("EVALSHA", READ_SCRIPT), ("EVAL", READ_SCRIPT)]
    answers = await run_scripts(client, [(0, *one) for one in calls], *ways[: 1 + bring])
    if any(isinstance(answer, Exception) or not answer for answer in answers):
        return None
    return [(StreamId.parse(last) if last else None, rows) for last, rows in answers]


async def _read_singly(client: Client, keys: Keys, one: LogRange) -> list[LogEntry]:
    """Read a range that is too long for one reply entry by entry."""
    newest, oldest = _ends(one)
    entries: list[LogEntry] = []
    while len(entries) < one.count:
        command = ("XREVRANGE", keys.log(one.channel), newest, oldest, "COUNT", 1)
        rows = _checked(await client.execute_command(*command))
        if not rows:
            break
        entries.append(_entry(one.channel, rows[0]))
        if entries[-1].id == START:
            break
        newest = f"({entries[-1].id}"
    return entries


def _lacks_some(entries: Sequence[LogEntry]) -> bool:
    return any(entry.envelope == NOT_KEPT for entry in entries)


async def read_log_ids(client: Client, keys: Keys, message_id: str) -> list[StreamId]:
    """Return where in its logs a message is, from the guard that publishing leaves behind."""
    found = await read_text(client, keys.sent(message_id), MAX_GUARD)
    try:
        return [StreamId.parse(part) for part in (found[0] if found else b"").split()]
    except (ValueError, UnicodeDecodeError):
        return []


def _checked(answer: Any) -> list[RawEntry]:
    """The rows of *answer*; a key that is no stream has none, and is mended by who publishes."""
    if _is_no_log(answer):
        return []
    if isinstance(answer, Exception):
        raise answer
    return list(answer)


def _is_no_log(answer: object) -> bool:
    return isinstance(answer, ResponseError) and "WRONGTYPE" in str(answer)


def _entry(channel: str, row: Any) -> LogEntry:
    """Entries that somebody else wrote may lack fields: they become garbage, not an error."""
    raw_id, raw_fields = row
    fields = dict(pairs(raw_fields or []))
    try:
        previous = StreamId.parse(fields.get(b"p", b""))
    except (ValueError, UnicodeDecodeError):
        previous = START
    stored_at = _time(fields.get(b"t", b""))
    return LogEntry(channel, StreamId.parse(raw_id), previous, fields.get(b"e", b""), stored_at)


def _time(raw: bytes) -> int | None:
    """A time in ms; None for what is none."""
    at = int(raw) if len(raw) <= 16 and raw.isdigit() else MAX_MS
    return at if at < MAX_MS else None


def _last_id(info: Any) -> StreamId | None:
    if isinstance(info, ResponseError) and ("no such key" in str(info) or _is_no_log(info)):
        return None
    if isinstance(info, Exception):
        raise info
    return StreamId.parse(dict(pairs(info))[b"last-generated-id"])
