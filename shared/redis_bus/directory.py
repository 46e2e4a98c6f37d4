"""The channel directory: which channels there are, what they are called, which are retired."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shared.bus import ChannelInfo
from shared.codec import is_channel_name
from shared.keys import Keys
from shared.redis_bus.client import Client
from shared.redis_bus.documents import read_documents, write_document


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of the hash (JSON); the field is the channel's name."""

    label: str = ""
    retired: bool = False


async def read_channels(client: Client, keys: Keys) -> list[ChannelInfo]:
    """Read the directory, in the order of the labels."""
    documents = await read_documents(client, keys.channels)
    found = [_decode(name, raw) for name, raw in documents.items()]
    return sorted(found, key=lambda info: info.label.casefold())


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


def _decode(name: str, raw: bytes) -> ChannelInfo:
    try:
        entry = msgspec.json.decode(raw, type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        entry = _Entry()
    return ChannelInfo(name, entry.label or name, entry.retired, stored=raw)
