"""Who is there: endpoints write a report with every heartbeat, consoles count the fresh ones.

No key here has a hash tag, so on a Cluster the registry spreads; each command stands alone, and a
half-written heartbeat is repaired by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from shared.bus import EndpointReport, SeenPage
from shared.keys import Keys
from shared.model import ALL_CHANNELS, HOUR_MS, MAX_MS
from shared.redis_bus.client import Client
from shared.redis_bus.resp import pairs

PAGE = 500
"""Endpoints asked for at once; Redis may give some more or less."""
LEFT_BEHIND_MS = 2 * HOUR_MS
"""Two intervals of the longest heartbeat that can be set."""


async def write_report(client: Client, keys: Keys, report: EndpointReport) -> EndpointReport | None:
    """Store the report and return the one before.

    The sets say who is expected to show a message, also tonight when the PC is off; so who leaves
    stays in them, but so far back that it does not count as connected. It is taken out of those of
    channels that it does not follow any more.
    """
    name = report.endpoint
    pipe = client.pipeline(transaction=False)
    pipe.execute_command("HGET", keys.endpoints, name)
    pipe.execute_command("HSET", keys.endpoints, name, msgspec.json.encode(report))
    at = report.seen_at - LEFT_BEHIND_MS if report.left else report.seen_at
    for channel in {ALL_CHANNELS, *report.channels}:
        pipe.execute_command("ZADD", keys.seen_on(channel), at, name)
    pipe.execute_command("ZADD", keys.first_seen, "NX", report.seen_at, name)
    before = decode_report((await pipe.execute())[0])
    given_up = set(before.channels) - set(report.channels) if before else set()
    for channel in sorted(given_up):
        await client.execute_command("ZREM", keys.seen_on(channel), name)
    return before


async def read_seen(client: Client, keys: Keys, channel: str, position: int) -> SeenPage:
    """Read some of the endpoints that follow *channel*, with their last heartbeat."""
    key = keys.seen_on(channel)
    after, rows = await client.execute_command("ZSCAN", key, position, "COUNT", PAGE)
    seen = ((name.decode("utf-8", "replace"), _ms(float(at))) for name, at in pairs(rows))
    return SeenPage({name: at for name, at in seen if at is not None}, int(after))


async def read_first_seen(client: Client, keys: Keys, endpoints: Sequence[str]) -> list[int | None]:
    """Read when each of *endpoints* came first."""
    if not endpoints:
        return []
    rows = await client.execute_command("ZMSCORE", keys.first_seen, *endpoints)
    return [None if at is None else _ms(float(at)) for at in rows]


def _ms(score: float) -> int | None:
    """A time in ms; None for what is none: any endpoint may write any score, infinite ones, too."""
    return int(score) if 0 <= score < MAX_MS else None


def decode_report(raw: bytes | None) -> EndpointReport | None:
    """Read one registry entry; what is no report (any endpoint may write there) counts as none."""
    try:
        return msgspec.json.decode(raw or b"", type=EndpointReport)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def read_reports(client: Client, keys: Keys) -> list[EndpointReport]:
    """Read the whole registry, in pages, so that nothing else waits for long."""
    found: dict[str, EndpointReport] = {}
    position = 0
    while True:
        command = ("HSCAN", keys.endpoints, position, "COUNT", PAGE)
        after, flat = await client.execute_command(*command)
        reports = [report for _, raw in pairs(flat) if (report := decode_report(raw)) is not None]
        found |= {report.endpoint: report for report in reports}
        if (position := int(after)) == 0:
            return list(found.values())
        await asyncio.sleep(0)


async def forget_reports(client: Client, keys: Keys, reports: Sequence[EndpointReport]) -> None:
    """Take the endpoints of *reports* out of the registry and out of all its sets."""
    pipe = client.pipeline(transaction=False)
    for report in reports:
        pipe.execute_command("HDEL", keys.endpoints, report.endpoint)
        pipe.execute_command("ZREM", keys.first_seen, report.endpoint)
        for channel in {ALL_CHANNELS, *report.channels}:
            pipe.execute_command("ZREM", keys.seen_on(channel), report.endpoint)
    await pipe.execute()


async def count_connected(
    client: Client, keys: Keys, channels: Sequence[str], since_ms: int
) -> int:
    """Count endpoints of *channels* seen since *since_ms*, each once."""
    if len(channels) == 1:
        command = ("ZCOUNT", keys.seen_on(channels[0]), since_ms, "+inf")
        return int(await client.execute_command(*command))
    found: set[str] = set()
    for channel in channels:
        position = 0
        while True:
            page = await read_seen(client, keys, channel, position)
            found.update(name for name, at in page.seen.items() if at >= since_ms)
            if not (position := page.position):
                break
    return len(found)
