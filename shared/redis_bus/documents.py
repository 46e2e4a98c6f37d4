"""What Redis keeps beside logs and receipts: hashes, sorted sets, texts, read as far as they fit.

Accounts may write megabytes there, so pages are read by scripts that leave on the server
what is too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from redis.exceptions import NoPermissionError, ResponseError

from shared.bus import ChannelInfo, EndpointReport, SeenPage
from shared.codec import MAX_REPLY, WireError, is_channel_name
from shared.documents import (
    MAX_CHANNEL,
    MAX_ENDPOINT_NAME,
    MAX_ENTRIES,
    MAX_LIST,
    MAX_PAGES,
    MAX_REPORT,
    MAX_SHARED,
    Entries,
    decode_document,
    decode_list,
)
from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.model import ALL_CHANNELS, HOUR_MS, MAX_CHANNEL_NAME, MAX_MS
from shared.outlets import MAX_NAME, MAX_OUTLETS, ExpectedOutlet, OutletList
from shared.redis_bus.client import Client, run_script, sha1
from shared.redis_bus.connection import pairs
from shared.text import safe_line

# --- reading what may be large --------------------------------------------------------------------

# Reading keys of which another account may have made anything, whole or page by page.
#
# The server itself leaves out what is too long. Otherwise some entries of a megabyte would make an
# answer that overruns what Redis keeps for a connection (``client-output-buffer-limit``), or that
# nobody reads to its end (``connection.MAX_STRING``), and end the link.

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


# --- documents of consoles ------------------------------------------------------------------------

# What consoles share and change: small documents in hashes, never overwritten unseen.
#
# Two people may have the same template, channel or series open. Whoever saves says what it was when
# they opened it; if somebody else was quicker, nothing is written, and they hear of it.

# KEYS: the hash. ARGV: the document's name, whether there was one ('1' or ''), what it was, whether
# there is to be one, what it is to be. Returns 1, or 0 and nothing is written. What is there
# already, whoever wrote it, is as good as written: so a save may be tried again after a lost reply.
DOCUMENT_SCRIPT = """
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
    if not await run_script(client, DOCUMENT_SCRIPT, [key], values):
        raise ChangedMeanwhile


def _flag(document: bytes | None) -> str:
    return "" if document is None else "1"


# --- channels -------------------------------------------------------------------------------------

# The channel directory: which channels there are, what they are called, which are retired.


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of the hash (JSON); the field is the channel's name."""

    label: str = ""
    retired: bool = False


async def read_channels(client: Client, keys: Keys) -> Entries[ChannelInfo]:
    """Read the directory, in the order of the labels.

    A channel whose entry cannot be read is offered under its name, and counted: something may have
    been sent to it. What cannot be a channel's name is left out.
    """
    documents = await read_documents(client, keys.channels)
    read = {name: _decode(name, raw) for name, raw in documents.items() if is_channel_name(name)}
    found = [
        info or ChannelInfo(name, name, stored=documents[name], readable=False)
        for name, info in read.items()
    ]
    good = sum(info is not None for info in read.values())
    in_order = sorted(found, key=lambda info: info.label.casefold())
    return Entries(in_order, unreadable=len(documents) - good)


async def read_unlisted(client: Client, keys: Keys) -> list[str]:
    """Read which channels were sent to although they are not in the directory."""
    names = await read_documents(client, keys.unlisted)
    return sorted(name for name in names if is_channel_name(name))


async def note_unlisted(client: Client, keys: Keys, channels: Sequence[str], at_ms: int) -> None:
    """Add *channels* to them."""
    pairs: list[str | int] = [part for name in channels for part in (name, at_ms)]
    await client.execute_command("HSET", keys.unlisted, *pairs)


async def write_channel(client: Client, keys: Keys, info: ChannelInfo) -> None:
    """Add or change one channel; its name never changes, or its log would be another.

    Raises:
        ChangedMeanwhile: another console has changed it since ``info`` was read.
    """
    entry = _Entry("" if info.label == info.name else info.label, info.retired)
    raw = msgspec.json.encode(entry)
    await write_document(client, keys.channels, info.name, info.stored, raw)


def _decode(name: str, raw: bytes) -> ChannelInfo | None:
    try:
        entry = decode_document(raw, _Entry, MAX_CHANNEL)
    except WireError:
        return None
    label = safe_line(entry.label, MAX_CHANNEL_NAME)
    return ChannelInfo(name, label or name, entry.retired, stored=raw)


# --- expected outlets -----------------------------------------------------------------------------

# The list of expected outlets: one value, replaced as a whole, and never overwritten unseen.

# KEYS: the list. ARGV: the SHA-1 of what is to be replaced (empty: nothing), of what is to be
# there, and that. Returns 1, or 0 and nothing is written. As with other documents, what is there
# already is as good as written.
REPLACE_SCRIPT = """
local raw = redis.call('GET', KEYS[1])
local now = raw and redis.sha1hex(raw) or ''
if now ~= ARGV[1] and now ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3])
return 1
"""


async def read_outlets(client: Client, keys: Keys) -> OutletList:
    """Read the list; elements that are no outlets, or all of it, are counted and left out."""
    found = await read_text(client, keys.outlets, MAX_LIST)
    if found is None:
        return OutletList([])
    raw, stamp = found
    try:
        outlets = decode_list(raw, ExpectedOutlet, MAX_LIST)
    except WireError:
        return OutletList([], stamp, unreadable=1)
    good = [one for one in outlets[:MAX_OUTLETS] if _is_outlet(one)]
    return OutletList(good, stamp, outlets.unreadable + len(outlets) - len(good))


def _is_outlet(one: ExpectedOutlet) -> bool:
    """Whether an import could have written it; else its PCs could pass for others'."""
    names = (one.outlet, *one.pcs)
    return bool(one.outlet.strip()) and all(
        len(name) <= MAX_NAME and "/" not in name for name in names
    )


async def write_outlets(
    client: Client, keys: Keys, before: str, outlets: Sequence[ExpectedOutlet]
) -> None:
    """Put *outlets* in the place of the list with the stamp *before*.

    Raises:
        ChangedMeanwhile: it is another by now; nothing was written.
    """
    raw = msgspec.json.encode(outlets)
    if not await run_script(client, REPLACE_SCRIPT, [keys.outlets], [before, sha1(raw), raw]):
        raise ChangedMeanwhile


# --- endpoints ------------------------------------------------------------------------------------

# Who is there: endpoints write a report with every heartbeat, consoles count the fresh ones.
#
# No key here has a hash tag, so on a Cluster the registry spreads; each command stands alone, and a
# half-written heartbeat is repaired by the next.

MAX_SCORE = 40
"""Bytes of a score as Redis writes it; none is longer."""
PAGE = 500
"""Endpoints asked for at once; Redis may give some more or less."""
MAX_FOLLOWED = 256
"""Channels of a report; a PC follows a handful."""
LEFT_BEHIND_MS = 2 * HOUR_MS
"""Two intervals of the longest heartbeat that can be set."""


async def write_report(client: Client, keys: Keys, report: EndpointReport) -> EndpointReport | None:
    """Store the report and return the one before.

    The sets say who is expected to show a message, also tonight when the PC is off; so who leaves
    stays in them, but so far back that it does not count as connected. In those of channels that it
    does not follow any more it goes back to the beginning of time, where nobody is expected: an
    account that may take a name out of a set could take out that of any PC.
    """
    name = report.endpoint
    pipe = client.pipeline()
    pipe.execute_command("HGET", keys.endpoints, name)
    pipe.execute_command("HSET", keys.endpoints, name, msgspec.json.encode(report))
    at = report.seen_at - LEFT_BEHIND_MS if report.left else report.seen_at
    for channel in {ALL_CHANNELS, *report.channels}:
        pipe.execute_command("ZADD", keys.seen_on(channel), at, name)
    pipe.execute_command("ZADD", keys.first_seen, "NX", report.seen_at, name)
    before = decode_report(name, (await pipe.execute())[0])
    pipe = client.pipeline()
    given_up = set(before.channels) - set(report.channels) if before else set()
    for channel in sorted(given_up):
        pipe.execute_command("ZADD", keys.seen_on(channel), "XX", 0, name)
    await pipe.execute()
    return before


async def read_seen(client: Client, keys: Keys, channel: str, position: int) -> SeenPage:
    """Read some of the endpoints that follow *channel*, with their last heartbeat."""
    key = keys.seen_on(channel)
    page = await read_entries(client, "ZSCAN", key, position, PAGE, MAX_SCORE)
    seen = {
        name.decode("utf-8", "replace"): ms
        for name, at in page.entries
        if (ms := _ms(float(at))) is not None
    }
    return SeenPage(seen, page.position)


async def read_first_seen(client: Client, keys: Keys, endpoints: Sequence[str]) -> list[int | None]:
    """Read when each of *endpoints* came first."""
    if not endpoints:
        return []
    rows = await client.execute_command("ZMSCORE", keys.first_seen, *endpoints)
    return [None if at is None else _ms(float(at)) for at in rows]


def _ms(score: float) -> int | None:
    """A time in ms; None for what is none: any endpoint may write any score, infinite ones, too."""
    return int(score) if 0 <= score < MAX_MS else None


def decode_report(name: str, raw: bytes | None) -> EndpointReport | None:
    """Read the registry entry of *name*.

    What is no report, or that of another name (any endpoint may write there), counts as none.
    """
    try:
        report = decode_document(raw, EndpointReport, MAX_REPORT)
    except WireError:
        return None
    return report if report.endpoint == name and _is_fit(report) else None


def _is_fit(report: EndpointReport) -> bool:
    """Whether settings allow such names and channels: thousands of them would fill the memory."""
    names = (report.outlet, report.pc)
    good = all(len(one) <= MAX_REPLY and one.isprintable() and "/" not in one for one in names)
    channels = report.channels
    return good and len(channels) <= MAX_FOLLOWED and all(map(is_channel_name, channels))


async def read_reports(client: Client, keys: Keys) -> Entries[EndpointReport]:
    """Read the registry, in pages, so that nothing else waits for long; at most some 100,000."""
    found: dict[bytes, EndpointReport | None] = {}
    position = strange = 0
    while True:
        page = await read_entries(client, "HSCAN", keys.endpoints, position, PAGE, MAX_REPORT)
        for name, raw in page.entries:
            found[name] = decode_report(name.decode("utf-8", "replace"), raw)
        position, strange = page.position, strange + page.strange
        if position == 0 or len(found) + strange >= MAX_ENTRIES:
            break
        await asyncio.sleep(0)
    reports = [report for report in found.values() if report is not None]
    unreadable = len(found) - len(reports) + strange
    return Entries(reports, unreadable=unreadable, cut=position != 0)


async def forget_reports(client: Client, keys: Keys, reports: Sequence[EndpointReport]) -> None:
    """Take the endpoints of *reports* out of the registry and out of all its sets."""
    pipe = client.pipeline()
    for report in reports:
        pipe.execute_command("HDEL", keys.endpoints, report.endpoint)
        pipe.execute_command("ZREM", keys.first_seen, report.endpoint)
        for channel in {ALL_CHANNELS, *report.channels}:
            pipe.execute_command("ZREM", keys.seen_on(channel), report.endpoint)
    await pipe.execute()


async def count_connected(
    client: Client, keys: Keys, channels: Sequence[str], since_ms: int, until_ms: int
) -> int:
    """Count endpoints of *channels* seen from *since_ms* to *until_ms*, each once."""
    if len(channels) == 1:
        command = ("ZCOUNT", keys.seen_on(channels[0]), since_ms, until_ms)
        return int(await client.execute_command(*command))
    found: set[str] = set()
    for channel in channels:
        position = 0
        for _ in range(MAX_PAGES):
            page = await read_seen(client, keys, channel, position)
            found.update(name for name, at in page.seen.items() if since_ms <= at <= until_ms)
            if not (position := page.position):
                break
    return len(found)
