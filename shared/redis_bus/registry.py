"""Who is there: endpoints write a report with every heartbeat, consoles count the fresh ones.

No key here has a hash tag, so on a Cluster the registry spreads; each command stands alone, and a
half-written heartbeat is repaired by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from shared.bus import EndpointReport, SeenPage
from shared.codec import MAX_REPLY, WireError, is_channel_name
from shared.documents import (
    MAX_ENTRIES,
    MAX_PAGES,
    MAX_REPORT,
    Entries,
    decode_document,
)
from shared.keys import Keys
from shared.model import ALL_CHANNELS, HOUR_MS, MAX_MS
from shared.redis_bus.client import Client
from shared.redis_bus.paging import read_entries

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
