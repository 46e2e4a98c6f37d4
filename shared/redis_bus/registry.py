"""Who is there: endpoints write a report with every heartbeat, consoles count the fresh ones.

No key here has a hash tag, so on a Cluster the registry spreads; each command stands alone, and a
half-written heartbeat is repaired by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis

from shared.bus import EndpointReport
from shared.keys import Keys
from shared.model import ALL_CHANNELS, HOUR_MS

PAGE = 500
"""Reports asked for at once; Redis may give some more or less."""
LEFT_BEHIND_MS = 2 * HOUR_MS
"""Two intervals of the longest heartbeat that can be set."""


async def write_report(client: Redis, keys: Keys, report: EndpointReport) -> EndpointReport | None:
    """Store the report and return the one before.

    The sets say who is expected to show a message, also tonight when the PC is off; so who leaves
    stays in them, but so far back that it does not count as connected. It is taken out of those of
    channels that it does not follow any more.
    """
    name = report.endpoint
    pipe = client.pipeline(transaction=False)
    pipe.hget(keys.endpoints, name)
    pipe.hset(keys.endpoints, name, msgspec.json.encode(report))
    at = report.seen_at - LEFT_BEHIND_MS if report.left else report.seen_at
    for channel in {ALL_CHANNELS, *report.channels}:
        pipe.zadd(keys.seen_on(channel), {name: at})
    before = decode_report((await pipe.execute())[0])
    given_up = set(before.channels) - set(report.channels) if before else set()
    for channel in sorted(given_up):
        await client.zrem(keys.seen_on(channel), name)
    return before


async def read_expected(
    client: Redis, keys: Keys, channels: Sequence[str], since_ms: int
) -> set[str]:
    """Names of the endpoints of *channels* that were there since *since_ms*."""
    pipe = client.pipeline(transaction=False)
    for channel in channels:
        pipe.zrangebyscore(keys.seen_on(channel), since_ms, "+inf")
    return {name.decode("utf-8", "replace") for names in await pipe.execute() for name in names}


def decode_report(raw: bytes | None) -> EndpointReport | None:
    """Read one registry entry; what is no report (any endpoint may write there) counts as none."""
    try:
        return msgspec.json.decode(raw or b"", type=EndpointReport)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def read_reports(client: Redis, keys: Keys) -> list[EndpointReport]:
    """Read the whole registry, in pages, so that nothing else waits for long."""
    found: dict[str, EndpointReport] = {}
    position: Any = 0
    rows: Any
    while True:
        position, rows = await client.hscan(keys.endpoints, position, count=PAGE)
        reports = [report for raw in rows.values() if (report := decode_report(raw)) is not None]
        found |= {report.endpoint: report for report in reports}
        if int(position) == 0:
            return list(found.values())
        await asyncio.sleep(0)


async def forget_reports(client: Redis, keys: Keys, reports: Sequence[EndpointReport]) -> None:
    """Take the endpoints of *reports* out of the registry and out of all its sets."""
    pipe = client.pipeline(transaction=False)
    for report in reports:
        pipe.hdel(keys.endpoints, report.endpoint)
        for channel in {ALL_CHANNELS, *report.channels}:
            pipe.zrem(keys.seen_on(channel), report.endpoint)
    await pipe.execute()


async def count_connected(client: Redis, keys: Keys, channels: Sequence[str], since_ms: int) -> int:
    """Count endpoints of *channels* seen since *since_ms*, each once."""
    if len(channels) == 1:
        return int(await client.zcount(keys.seen_on(channels[0]), since_ms, "+inf"))
    pipe = client.pipeline(transaction=False)
    for channel in channels:
        pipe.zrangebyscore(keys.seen_on(channel), since_ms, "+inf")
    return len({name for names in await pipe.execute() for name in names})
