"""Changing the channel directory. Pure: each function returns the entries to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.bus import ChannelInfo
from shared.codec import is_channel_name
from shared.errors import BadInput, Problem
from shared.model import DEFAULT_CHANNELS, MAX_CHANNEL_NAME
from shared.text import safe_line


def with_defaults(directory: Sequence[ChannelInfo]) -> list[ChannelInfo]:
    """The directory, or the default channels while nobody has changed anything."""
    return list(directory) or [ChannelInfo(name, name) for name in DEFAULT_CHANNELS]


def added(directory: Sequence[ChannelInfo], name: str) -> list[ChannelInfo]:
    """Offer *name*, new or again.

    Raises:
        BadInput: it cannot be a name, or is offered already.
    """
    if not is_channel_name(name):
        raise _bad(f"{safe_line(name, 40)!r} cannot be a channel's name.")
    known = {info.name: info for info in directory}.get(name)
    if known is not None and not known.retired:
        raise _bad(f"There is a channel {name!r} already.")
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
        raise _bad(f"A label has 1 to {MAX_CHANNEL_NAME} characters.")
    return [replace(_find(directory, name), label=clean)]


def _find(directory: Sequence[ChannelInfo], name: str) -> ChannelInfo:
    for info in directory:
        if info.name == name:
            return info
    raise _bad(f"There is no channel {safe_line(name, 40)!r}.")


def _bad(sentence: str) -> BadInput:
    return BadInput([Problem("channels", sentence)])
