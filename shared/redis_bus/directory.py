"""The channel directory: which channels there are, what they are called, which are retired."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shared.bus import ChannelInfo
from shared.codec import WireError, is_channel_name
from shared.documents import MAX_CHANNEL, Entries, decode_document
from shared.keys import Keys
from shared.model import MAX_CHANNEL_NAME
from shared.redis_bus.client import Client
from shared.redis_bus.documents import read_documents, write_document
from shared.text import safe_line


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
