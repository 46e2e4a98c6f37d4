"""Reading keys of which another account may have made anything, whole or page by page.

The server itself leaves out what is too long. Otherwise some entries of a megabyte would make an
answer that overruns what Redis keeps for a connection (``client-output-buffer-limit``), or that
nobody reads to its end (``connection.MAX_STRING``), and end the link.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from redis.exceptions import NoPermissionError, ResponseError

from shared.documents import MAX_ENDPOINT_NAME
from shared.redis_bus.client import Client
from shared.redis_bus.connection import pairs
from shared.redis_bus.scripts import run_script, sha1

PAGE_BYTES = 4 << 20
"""Bytes that one page makes the server read. It takes a script some 15 ms for each of them that is
a megabyte long, and holds them all: half a thousand of those would stop everything for 8 s."""

# The fields of a hash or sorted set from *position* on, some at a time, until there are *most*, or
# they have too many bytes: whoever may write there may have written a megabyte into each.
SCAN_LUA = """
local function scan(command, key, position, most, bytes)
  local flat = {}
  repeat
    local found = redis.call(command, key, position, 'COUNT', 4)
    position = found[1]
    for _, text in ipairs(found[2]) do
      flat[#flat + 1], bytes = text, bytes - #text
    end
  until position == '0' or #flat >= 2 * most or bytes < 0
  return position, flat
end
"""

# KEYS: the hash or sorted set. ARGV: HSCAN or ZSCAN, where to read on, how many to read, how many
# bytes a name and a value may have. Returns where to read on then, the fields, empty where a value
# is too long, and how many more there were whose names are.
PAGE_SCRIPT = (
    SCAN_LUA
    + f"""
local position, found = scan(ARGV[1], KEYS[1], ARGV[2], tonumber(ARGV[3]), {PAGE_BYTES})
"""
    + """
local flat, strange = {}, 0
for i = 1, #found, 2 do
  local name, value = found[i], found[i + 1]
  if #name <= tonumber(ARGV[4]) then
    flat[#flat + 1], flat[#flat + 2] = name, #value <= tonumber(ARGV[5]) and value or ''
  else
    strange = strange + 1
  end
end
return {position, flat, strange}
"""
)

# KEYS: the hash. ARGV: how many bytes a name and a value may have. Returns all fields, names that
# are too long cut, values empty then, or where they are too long.
HASH_SCRIPT = """
local found, flat = redis.call('HGETALL', KEYS[1]), {}
local longest, most = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 1, #found, 2 do
  local name, value = found[i], found[i + 1]
  flat[i] = name:sub(1, longest)
  flat[i + 1] = #name <= longest and #value <= most and value or ''
end
return flat
"""

# KEYS: the text. ARGV: how many bytes it may have. Returns it, empty if it has more, and its SHA-1;
# nil if there is none.
TEXT_SCRIPT = """
local raw = redis.call('GET', KEYS[1])
return raw and {#raw <= tonumber(ARGV[1]) and raw or '', redis.sha1hex(raw)}
"""


class EntryPage(NamedTuple):
    """Some entries, where to read on (0: nowhere), and how many were left out for their names."""

    entries: list[tuple[bytes, bytes]]
    position: int
    strange: int


async def read_entries(
    client: Client, command: str, key: str, position: int, count: int, most: int
) -> EntryPage:
    """Read some *count* entries from *position* (0: the beginning) by *command*, a scan.

    Values of more than *most* bytes are empty. An account of an earlier version may not run the
    script on every key: it gets the page as it is.
    """
    values = [command, position, count, MAX_ENDPOINT_NAME, most]
    try:
        after, flat, strange = await run_script(client, PAGE_SCRIPT, [key], values)
    except NoPermissionError:
        after, flat = await client.execute_command(command, key, position, "COUNT", count)
        strange = 0
    found = [pair for pair in pairs(flat) if len(pair[0]) <= MAX_ENDPOINT_NAME]
    long_names = len(flat) // 2 - len(found)
    return EntryPage(found, int(after), int(strange) + long_names)


async def read_hash(client: Client, key: str, most: int) -> dict[bytes, bytes]:
    """Read all fields of *key*; values of more than *most* bytes are empty.

    A key that is no hash counts as one field that has nothing.
    """
    try:
        flat = await _read(client, key, HASH_SCRIPT, [MAX_ENDPOINT_NAME, most], "HGETALL")
    except ResponseError as error:
        if "WRONGTYPE" not in str(error):
            raise
        return {b"": b""}
    return dict(pairs(flat))


async def read_text(client: Client, key: str, most: int) -> tuple[bytes, str] | None:
    """Read the text at *key*, empty if it has more than *most* bytes, and its SHA-1; None: none.

    A key that is no text counts as an empty one.
    """
    try:
        found = await _read(client, key, TEXT_SCRIPT, [most], "GET")
    except ResponseError as error:
        if "WRONGTYPE" not in str(error):
            raise
        return b"", ""
    if found is None:
        return None
    if isinstance(found, bytes):
        return found if len(found) <= most else b"", sha1(found)
    raw, stamp = found
    return raw, stamp.decode()


async def _read(client: Client, key: str, script: str, values: list[int], command: str) -> Any:
    """Run *script*, or *command* for an account that may run none, as that of the operator."""
    try:
        return await run_script(client, script, [key], values)
    except NoPermissionError:
        return await client.execute_command(command, key)
