"""Whom a message will reach: how many PCs its channels have, and how many of them are silent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from shared.bus import ConsoleLink
from shared.documents import MAX_PAGES
from shared.errors import NotPermitted
from shared.model import ALL_CHANNELS, HOUR_MS
from shared.outlets import expected_to_show

AHEAD_MS = HOUR_MS
"""How far ahead of Redis' clock a heartbeat may be; one that is further was never one, and whoever
wrote it wants the PC to look connected for ever."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The PCs of some channels.

    ``expected``: those that were there within the retention, or that head office's list names, so
    they have to show what is sent now; ``connected``: those that have had a heartbeat within two
    intervals; ``outlets``: how many outlets the expected ones are in, 0 if nobody wanted to know.
    """

    expected: int
    connected: int
    outlets: int = 0

    @property
    def silent(self) -> int:
        """Those that will show it when they come back."""
        return max(0, self.expected - self.connected)


async def audience_of(
    link: ConsoleLink,
    channels: Sequence[str],
    connected: tuple[int, int],
    expected_since: int,
    *,
    by_outlet: bool = False,
) -> Audience:
    """Count the PCs of *channels*, each once, and the listed ones that were never seen.

    *connected*: between when (ms) who is connected had a heartbeat.

    One channel without a list of outlets is two quick questions; else, and to count outlets, the
    names are read, in pages.

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    listed = (await link.expected_outlets()).outlets
    if len(channels) == 1 and not listed and not by_outlet:
        expected = await link.connected(channels, expected_since)
        return Audience(expected, await link.connected(channels, *connected))
    seen = await everyone(link, channels)
    since, until = connected
    there = [name for name, at in seen.items() if at >= expected_since]
    names = expected_to_show(listed, channels, there)
    return Audience(
        len(names),
        sum(since <= at <= until for at in seen.values()),
        len({name.partition("/")[0] for name in names}) if by_outlet else 0,
    )


async def registered(
    link: ConsoleLink, audience: Audience, channels: Sequence[str], expected_since: int
) -> Audience:
    """*audience* with at least as many as the registry says; that of 10,000 PCs takes 0.2 s.

    With the outlets' password anybody can be put back in the sets, and out of what is expected.

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    everybody = ALL_CHANNELS in channels
    try:
        reports = await link.endpoints()
    except NotPermitted:
        return audience
    there = [
        report
        for report in reports
        if report.seen_at >= expected_since
        and (everybody or not set(channels).isdisjoint(report.channels))
    ]
    outlets = len({report.outlet for report in there}) if audience.outlets else 0
    return replace(
        audience,
        expected=max(audience.expected, len(there)),
        outlets=max(audience.outlets, outlets),
    )


async def everyone(link: ConsoleLink, channels: Sequence[str]) -> dict[str, int]:
    """Every endpoint that follows one of *channels*, with its last heartbeat (ms).

    Raises:
        SiaranError: Redis refused, or was lost.
    """
    found: dict[str, int] = {}
    async for page in seen_pages(link, channels):
        found.update(page)
    return found


async def seen_pages(link: ConsoleLink, channels: Sequence[str]) -> AsyncIterator[dict[str, int]]:
    """The endpoints of *channels*, some at a time; one of several channels comes several times.

    Whoever has the outlets' password can invent any number: of each channel some are enough.
    """
    for channel in channels:
        position = 0
        for _ in range(MAX_PAGES):
            page = await link.seen(channel, position)
            yield page.seen
            if not (position := page.position):
                break
