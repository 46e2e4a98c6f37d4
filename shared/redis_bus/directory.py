"""The channel directory: which channels there are, what they are called, which are retired."""

from __future__ import annotations

import msgspec
from redis.asyncio import Redis

from shared.bus import ChannelInfo
from shared.keys import Keys


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of the hash (JSON); the field is the channel's name."""

    label: str = ""
    retired: bool = False


async def read_channels(client: Redis, keys: Keys) -> list[ChannelInfo]:
    """Read the directory, in the order of the labels."""
    rows = await client.execute_command("HGETALL", keys.channels)
    pairs = rows.items() if isinstance(rows, dict) else zip(rows[::2], rows[1::2], strict=True)
    found = [_decode(name, raw) for name, raw in pairs]
    return sorted(found, key=lambda info: info.label.casefold())


async def write_channel(client: Redis, keys: Keys, info: ChannelInfo) -> None:
    """Add or change one channel; its name never changes, or its log would be another."""
    entry = _Entry("" if info.label == info.name else info.label, info.retired)
    await client.hset(keys.channels, info.name, msgspec.json.encode(entry).decode())


def _decode(name: bytes, raw: bytes) -> ChannelInfo:
    text = name.decode("utf-8", "replace")
    try:
        entry = msgspec.json.decode(raw, type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        entry = _Entry()
    return ChannelInfo(text, entry.label or text, entry.retired)
