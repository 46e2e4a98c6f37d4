"""The channel directory: what is offered, who follows it, and how it is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from admin_app.audience import AHEAD_MS
from shared.bus import ChannelInfo, ConsoleLink, EndpointReport
from shared.codec import is_channel_name
from shared.documents import Entries
from shared.errors import BadInput, NotPermitted, Problem
from shared.model import DEFAULT_CHANNELS, MAX_CHANNEL_NAME
from shared.phrases import phrase
from shared.text import safe_line

Change = Callable[[Sequence[ChannelInfo]], list[ChannelInfo]]
"""From the directory as it is to the entries to write."""


@dataclass(frozen=True, slots=True)
class Followers:
    """How many PCs follow a channel: of all that ever registered, and connected now."""

    known: int
    connected: int


async def change(link: ConsoleLink, what: Change) -> Entries[ChannelInfo]:
    """Read the directory, write what *what* makes of it, and return it as it is stored then.

    Raises:
        BadInput: the change cannot be made.
        ChangedMeanwhile: another console was quicker.
    """
    stored = await link.channels()
    directory = with_defaults(stored)
    # The first change makes the defaults entries like any other.
    first = [] if any(info.readable for info in stored) else directory
    writes = {info.name: info for info in [*first, *what(directory)]}
    for info in writes.values():
        await link.write_channel(info)
    return await link.channels()


def followers(
    reports: Sequence[EndpointReport], since_ms: int, now_ms: int
) -> dict[str, Followers]:
    """Count who follows each channel; connected is a heartbeat since *since_ms*, by *now_ms*."""
    known: Counter[str] = Counter()
    connected: Counter[str] = Counter()
    for report in reports:
        known.update(set(report.channels))
        if since_ms <= report.seen_at <= now_ms + AHEAD_MS and not report.left:
            connected.update(set(report.channels))
    return {name: Followers(known[name], connected[name]) for name in known}


def unknown(directory: Sequence[ChannelInfo], followed: Sequence[str]) -> list[str]:
    """Channels that PCs follow but nobody offers: most often a slip in some PC's settings."""
    offered = {info.name for info in with_defaults(directory)}
    return sorted(set(followed) - offered)


def labels(directory: Sequence[ChannelInfo]) -> dict[str, str]:
    """What people see for each channel."""
    return {info.name: info.label for info in directory}


async def sent_to(link: ConsoleLink) -> list[str]:
    """Every channel that may have been sent to: of the directory, retired ones too, and others.

    Raises:
        SiaranError: Redis refused the directory, or was lost.
    """
    listed = [info.name for info in with_defaults(await link.channels())]
    return list(dict.fromkeys([*listed, *await unlisted(link)]))


async def unlisted(link: ConsoleLink) -> list[str]:
    """Channels outside the directory that were sent to; none if the account may not ask.

    Raises:
        SiaranError: Redis was lost.
    """
    try:
        return await link.unlisted()
    except NotPermitted:
        return []


def with_defaults(directory: Sequence[ChannelInfo]) -> list[ChannelInfo]:
    """The directory; with the default channels while nobody has written a good entry."""
    if any(info.readable for info in directory):
        return list(directory)
    there = {info.name for info in directory}
    return [
        *(ChannelInfo(name, name) for name in DEFAULT_CHANNELS if name not in there),
        *directory,
    ]


def added(directory: Sequence[ChannelInfo], name: str) -> list[ChannelInfo]:
    """Offer *name*, new or again.

    Raises:
        BadInput: it cannot be a name, or is offered already.
    """
    if not is_channel_name(name):
        raise _bad(phrase("{name!r} cannot be a channel's name.", name=safe_line(name, 40)))
    known = {info.name: info for info in directory}.get(name)
    if known is not None and not known.retired:
        raise _bad(phrase("There is a channel {name!r} already.", name=name))
    return [replace(known, retired=False) if known else ChannelInfo(name, name)]


def retired(directory: Sequence[ChannelInfo], name: str) -> list[ChannelInfo]:
    """Offer *name* no more; what was sent to it stays.

    Raises:
        BadInput: there is no such channel.
    """
    return [replace(_find(directory, name), retired=True)]


def relabelled(directory: Sequence[ChannelInfo], name: str, label: str) -> list[ChannelInfo]:
    """Show *name* as *label*.

    Raises:
        BadInput: there is no such channel, or the label cannot be shown.
    """
    clean = safe_line(label)
    if not clean or len(clean) > MAX_CHANNEL_NAME:
        raise _bad(phrase("A label has 1 to {most} characters.", most=MAX_CHANNEL_NAME))
    return [replace(_find(directory, name), label=clean)]


def _find(directory: Sequence[ChannelInfo], name: str) -> ChannelInfo:
    for info in directory:
        if info.name == name:
            return info
    raise _bad(phrase("There is no channel {name!r}.", name=safe_line(name, 40)))


def _bad(sentence: str) -> BadInput:
    return BadInput([Problem("channels", sentence)])
