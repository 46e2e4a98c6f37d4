"""Reading the logs (streams): pages after a cursor, last ids, newest entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.bus import LogEntry, LogPage
from shared.keys import Keys
from shared.model import START, StreamId

RawEntry = tuple[bytes, list[bytes] | None]


async def read_page(
    client: Redis, keys: Keys, channel: str, after: StreamId | None, count: int
) -> LogPage:
    """Read up to *count* entries after *after*, and the last id, as they were at one moment.

    In a transaction: a log that vanished between the two answers would let a cursor pass entries
    which a restored backup brings back.
    """
    log = keys.log(channel)
    start = "-" if after is None else f"({after}"
    pipe = client.pipeline(transaction=True)
    pipe.execute_command("XINFO", "STREAM", log)
    pipe.execute_command("XRANGE", log, start, "+", "COUNT", count)
    info, rows = await pipe.execute(raise_on_error=False)
    entries = [_entry(channel, row) for row in _checked(rows)]
    return LogPage(_last_id(info), entries, full=len(entries) == count)


async def read_last_ids(
    client: Redis, keys: Keys, channels: Sequence[str]
) -> dict[str, StreamId | None]:
    """Return each log's last generated id, None for a log that does not exist."""
    pipe = client.pipeline(transaction=False)
    for channel in channels:
        pipe.execute_command("XINFO", "STREAM", keys.log(channel))
    infos = await pipe.execute(raise_on_error=False)
    return {channel: _last_id(info) for channel, info in zip(channels, infos, strict=True)}


async def read_newest(
    client: Redis, keys: Keys, channels: Sequence[str], count: int
) -> list[LogEntry]:
    """Return the newest *count* entries of each log."""
    pipe = client.pipeline(transaction=False)
    for channel in channels:
        pipe.execute_command("XREVRANGE", keys.log(channel), "+", "-", "COUNT", count)
    answers = await pipe.execute()
    return [
        _entry(channel, row)
        for channel, rows in zip(channels, answers, strict=True)
        for row in _checked(rows)
    ]


def _checked(answer: Any) -> list[RawEntry]:
    if isinstance(answer, Exception):
        raise answer
    # redis-py turns XRANGE's reply into (id, {field: value}); both forms are taken.
    return list(answer)


def _entry(channel: str, row: Any) -> LogEntry:
    """Entries that somebody else wrote may lack fields: they become garbage, not an error."""
    raw_id, raw_fields = row
    fields = raw_fields if isinstance(raw_fields, dict) else _pairs(raw_fields or [])
    try:
        previous = StreamId.parse(fields.get(b"p", b""))
    except (ValueError, UnicodeDecodeError):
        previous = START
    return LogEntry(channel, StreamId.parse(raw_id), previous, fields.get(b"e", b""))


def _last_id(info: Any) -> StreamId | None:
    if isinstance(info, ResponseError) and "no such key" in str(info):
        return None
    if isinstance(info, Exception):
        raise info
    return StreamId.parse(_pairs(info)[b"last-generated-id"])


def _pairs(flat: Sequence[Any]) -> dict[Any, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=False))
