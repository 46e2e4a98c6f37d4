"""Reading the logs (streams): pages after a cursor, last ids, ranges backwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.bus import LogEntry, LogPage, LogRange
from shared.keys import Keys
from shared.model import LARGEST, MAX_MS, START, StreamId
from shared.redis_bus.client import Client
from shared.redis_bus.paging import read_text
from shared.redis_bus.resp import NOT_KEPT, ServerError, pairs

TRIES = 3
"""How often a log is read that changes meanwhile."""
MAX_GUARD = 16 * 1024
"""Bytes of the ids under which logs have one message; 264 of the longest are less."""
RawEntry = tuple[bytes, list[bytes] | None]


async def read_page(
    client: Client, keys: Keys, channel: str, after: StreamId | None, count: int
) -> LogPage:
    """Read up to *count* entries after *after*, and the last id, as if at one moment.

    Not in a transaction: whoever may run one can keep Redis busy for minutes, and nobody can end
    that. An entry that was added between the two answers would be passed by a cursor that goes to
    the last id, so where that is not the last entry's, both are asked again. The entries come
    first: a log that has vanished since shows its next reader.

    After the largest id there is nothing to ask for: Redis would answer with an error.
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
    pipe = client.pipeline()
    for channel in channels:
        pipe.execute_command("XINFO", "STREAM", keys.log(channel))
    infos = await pipe.execute(raise_on_error=False)
    return {channel: _last_id(info) for channel, info in zip(channels, infos, strict=True)}


async def read_ranges(
    client: Client, keys: Keys, ranges: Sequence[LogRange]
) -> list[list[LogEntry]]:
    """Return the entries of each range, newest first."""
    asked = [one for one in ranges if one.before != START and one.after != LARGEST]
    pipe = client.pipeline()
    for one in asked:
        newest = "+" if one.before is None else f"({one.before}"
        oldest = "-" if one.after is None else f"({one.after}"
        pipe.execute_command("XREVRANGE", keys.log(one.channel), newest, oldest, "COUNT", one.count)
    answers = dict(zip(map(id, asked), await pipe.execute(raise_on_error=False), strict=True))
    found = [
        [_entry(one.channel, row) for row in _checked(answers.get(id(one), []))] for one in ranges
    ]
    return [
        await _read_singly(client, keys, one) if _lacks_some(entries) else entries
        for one, entries in zip(ranges, found, strict=True)
    ]


async def _read_singly(client: Client, keys: Keys, one: LogRange) -> list[LogEntry]:
    """Read a range that is too long for one reply entry by entry."""
    oldest = "-" if one.after is None else f"({one.after}"
    newest = "+" if one.before is None else f"({one.before}"
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
    return any(entry.envelope is NOT_KEPT for entry in entries)


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
    return isinstance(answer, ServerError) and "WRONGTYPE" in str(answer)


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
    if isinstance(info, ServerError) and ("no such key" in str(info) or _is_no_log(info)):
        return None
    if isinstance(info, Exception):
        raise info
    return StreamId.parse(dict(pairs(info))[b"last-generated-id"])
