"""Reading a hash or a sorted set page by page, of which another account may have made anything.

A page's size is what it has of good entries: the server itself leaves out names and values that are
too long. Otherwise some entries of a megabyte would make an answer that overruns what Redis keeps
for a connection (``client-output-buffer-limit``), and end the link.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.documents import MAX_ENDPOINT_NAME
from shared.redis_bus.client import Client
from shared.redis_bus.resp import ServerError, pairs
from shared.redis_bus.scripts import run_script

# KEYS: the hash or sorted set. ARGV: HSCAN or ZSCAN, where to read on, how many to read, how many
# bytes a name and a value may have. Returns where to read on then, the fields, empty where a value
# is too long, and how many more there were whose names are.
PAGE_SCRIPT = """
local found, flat, strange = redis.call(ARGV[1], KEYS[1], ARGV[2], 'COUNT', ARGV[3]), {}, 0
for i = 1, #found[2], 2 do
  local name, value = found[2][i], found[2][i + 1]
  if #name <= tonumber(ARGV[4]) then
    flat[#flat + 1], flat[#flat + 2] = name, #value <= tonumber(ARGV[5]) and value or ''
  else
    strange = strange + 1
  end
end
return {found[1], flat, strange}
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
    except ServerError as error:
        if error.code != "NOPERM":
            raise
        after, flat = await client.execute_command(command, key, position, "COUNT", count)
        strange = 0
    found = [pair for pair in pairs(flat) if len(pair[0]) <= MAX_ENDPOINT_NAME]
    long_names = len(flat) // 2 - len(found)
    return EntryPage(found, int(after), int(strange) + long_names)
