"""Head office's connection: publish, count, read what was sent."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared.bus import ChannelInfo, EndpointReport, LogEntry, Published, ServerFacts, Shelf
from shared.keys import Keys
from shared.model import Message
from shared.outlets import ExpectedOutlet
from shared.receipts import Counts, Receipt
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import connected_client
from shared.redis_bus.directory import read_channels, write_channel
from shared.redis_bus.documents import read_documents, write_document
from shared.redis_bus.inspector import inspect
from shared.redis_bus.logs_reader import read_newest
from shared.redis_bus.outlets import read_outlets, write_outlets
from shared.redis_bus.publisher import missing_rights, publish
from shared.redis_bus.receipts import load_script, note_expected, read_counts, read_receipts
from shared.redis_bus.registry import (
    count_connected,
    forget_reports,
    read_expected,
    read_reports,
)
from shared.redis_bus.server_time import server_time_ms
from shared.redis_bus.translate import translated

log = logging.getLogger(__name__)


class RedisConsoleLink:
    """One life of the console's connection (``shared.bus.ConsoleLink``)."""

    def __init__(self, client: Redis, keys: Keys, address: str) -> None:
        self._client = client
        self._keys = keys
        self._address = address

    async def time_ms(self) -> int:
        async with translated(self._address, connected=True):
            return await server_time_ms(self._client)

    async def publish(
        self, message_id: str, channels: Sequence[str], envelope: bytes, keep_ms: int
    ) -> Published:
        async with translated(self._address, connected=True):
            return await publish(self._client, self._keys, message_id, channels, envelope, keep_ms)

    async def missing_rights(self, channels: Sequence[str]) -> dict[str, str] | None:
        async with translated(self._address, connected=True):
            return await missing_rights(self._client, self._keys, channels)

    async def connected(self, channels: Sequence[str], since_ms: int) -> int:
        async with translated(self._address, connected=True):
            return await count_connected(self._client, self._keys, channels, since_ms)

    async def channels(self) -> list[ChannelInfo]:
        async with translated(self._address, connected=True):
            return await read_channels(self._client, self._keys)

    async def write_channel(self, info: ChannelInfo) -> None:
        async with translated(self._address, connected=True):
            await write_channel(self._client, self._keys, info)

    async def documents(self, shelf: Shelf) -> dict[str, bytes]:
        async with translated(self._address, connected=True):
            return await read_documents(self._client, self._keys.shelf(shelf))

    async def write_document(
        self, shelf: Shelf, name: str, before: bytes | None, after: bytes | None
    ) -> None:
        async with translated(self._address, connected=True):
            key = self._keys.shelf(shelf)
            await write_document(self._client, key, name, before, after)

    async def endpoints(self) -> list[EndpointReport]:
        async with translated(self._address, connected=True):
            return await read_reports(self._client, self._keys)

    async def forget_endpoints(self, reports: Sequence[EndpointReport]) -> None:
        async with translated(self._address, connected=True):
            await forget_reports(self._client, self._keys, reports)

    async def expected_outlets(self) -> list[ExpectedOutlet]:
        async with translated(self._address, connected=True):
            return await read_outlets(self._client, self._keys)

    async def write_expected_outlets(self, outlets: Sequence[ExpectedOutlet]) -> None:
        async with translated(self._address, connected=True):
            await write_outlets(self._client, self._keys, outlets)

    async def expected(self, channels: Sequence[str], since_ms: int) -> set[str]:
        async with translated(self._address, connected=True):
            return await read_expected(self._client, self._keys, channels, since_ms)

    async def note_expected(self, message: Message, count: int) -> None:
        async with translated(self._address, connected=True):
            await note_expected(self._client, self._keys, message, count)

    async def counts(self, message_ids: Sequence[str]) -> list[Counts]:
        async with translated(self._address, connected=True):
            return await read_counts(self._client, self._keys, message_ids)

    async def receipts(self, message: Message) -> AsyncIterator[list[Receipt]]:
        async with translated(self._address, connected=True):
            async for page in read_receipts(self._client, self._keys, message):
                yield page

    async def inspect(self) -> ServerFacts:
        async with translated(self._address, connected=True):
            return await inspect(self._client)

    async def recent(self, channels: Sequence[str], count: int) -> list[LogEntry]:
        async with translated(self._address, connected=True):
            return await read_newest(self._client, self._keys, channels, count)


class RedisConsoleBus:
    """Opens the console's links (``shared.bus.ConsoleBus``)."""

    def __init__(self, address: RedisAddress, keys: Keys) -> None:
        self._redis_address = address
        self._keys = keys
        self.address = str(address)
        self.account = address.account

    @asynccontextmanager
    async def open(self) -> AsyncIterator[RedisConsoleLink]:
        """Connect; entered when the server has answered."""
        async with connected_client(self._redis_address) as client:
            await _offer_script(client)
            yield RedisConsoleLink(client, self._keys, self.address)


async def _offer_script(client: Redis) -> None:
    """Load what outlets run but may not bring; an account that may not either can still send."""
    try:
        await load_script(client)
    except ResponseError as error:
        log.info("the script for receipts is not loaded: %s", error)
    except (RedisError, OSError):
        pass  # the link is lost; whoever uses it will say so
