"""Head office's connection: publish, count, read what was sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.exceptions import ResponseError

from shared.bus import (
    Access,
    ChannelInfo,
    EndpointReport,
    LogEntry,
    LogRange,
    Published,
    ReceiptPage,
    SeenPage,
    ServerFacts,
    Shelf,
)
from shared.documents import Entries
from shared.errors import LinkLost
from shared.keys import Keys
from shared.model import MAX_MS, Message, StreamId
from shared.outlets import ExpectedOutlet, OutletList
from shared.receipts import Counts
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import Client, Opened, opened, server_time_ms
from shared.redis_bus.connection import CUT
from shared.redis_bus.documents import (
    count_connected,
    forget_reports,
    note_unlisted,
    read_channels,
    read_documents,
    read_first_seen,
    read_outlets,
    read_reports,
    read_seen,
    read_unlisted,
    write_channel,
    write_document,
    write_outlets,
)
from shared.redis_bus.logs import read_last_ids, read_log_ids, read_ranges
from shared.redis_bus.operations import (
    RedisRepairLink,
    demand_no_cluster,
    find_access,
    inspect,
    is_full,
)
from shared.redis_bus.publisher import missing_rights, publish
from shared.redis_bus.receipts import (
    load_scripts,
    mend_receipts,
    note_fact,
    note_sent,
    read_counts,
    read_receipts,
    read_silent,
    reduce_receipts,
)
from shared.redis_bus.translate import translated
from shared.tasks import TaskBag

log = logging.getLogger(__name__)
OFFER_EVERY_S = 60.0
"""How often the servers of a Cluster are given the script: any of them may have been restarted
without this link being lost."""


class RedisConsoleLink:
    """One life of the console's connection (``shared.bus.ConsoleLink``)."""

    def __init__(self, redis: Opened, keys: Keys, address: str) -> None:
        self._client = redis.client
        self._confirm = redis.confirm
        self._masters = redis.masters
        self._keys = keys
        self._address = address
        self._redis_address = redis.address

    async def time_ms(self) -> int:
        async with translated(self._address, connected=True):
            return await server_time_ms(self._client)

    async def publish(
        self,
        message_id: str,
        channels: Sequence[str],
        envelope: bytes,
        keep_ms: int,
        believed_ms: int | None = None,
    ) -> Published:
        async with translated(self._address, connected=True):
            done = await publish(
                *(self._client, self._keys, message_id, channels, envelope, keep_ms, believed_ms)
            )
        try:
            await self._confirm()
        except LinkLost:  # what is sent again must not meet the same server
            self._client.give_up()
            raise
        return done

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        async with translated(self._address, connected=True):
            return await read_last_ids(self._client, self._keys, channels)

    async def missing_rights(self, channels: Sequence[str]) -> dict[str, str] | None:
        async with translated(self._address, connected=True):
            return await missing_rights(self._client, self._keys, channels)

    async def connected(
        self, channels: Sequence[str], since_ms: int, until_ms: int = MAX_MS
    ) -> int:
        async with translated(self._address, connected=True):
            return await count_connected(self._client, self._keys, channels, since_ms, until_ms)

    async def channels(self) -> Entries[ChannelInfo]:
        async with translated(self._address, connected=True):
            return await read_channels(self._client, self._keys)

    async def unlisted(self) -> list[str]:
        async with translated(self._address, connected=True):
            return await read_unlisted(self._client, self._keys)

    async def note_unlisted(self, channels: Sequence[str], at_ms: int) -> None:
        async with translated(self._address, connected=True):
            await note_unlisted(self._client, self._keys, channels, at_ms)

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

    async def endpoints(self) -> Entries[EndpointReport]:
        async with translated(self._address, connected=True):
            return await read_reports(self._client, self._keys)

    async def forget_endpoints(self, reports: Sequence[EndpointReport]) -> None:
        async with translated(self._address, connected=True):
            await forget_reports(self._client, self._keys, reports)

    async def expected_outlets(self) -> OutletList:
        async with translated(self._address, connected=True):
            return await read_outlets(self._client, self._keys)

    async def write_expected_outlets(self, before: str, outlets: Sequence[ExpectedOutlet]) -> None:
        async with translated(self._address, connected=True):
            await write_outlets(self._client, self._keys, before, outlets)

    async def note_sent(
        self, message: Message, expected: int, until_ms: int, outlets: int = 0
    ) -> None:
        async with translated(self._address, connected=True):
            await note_sent(self._client, self._keys, message, expected, until_ms, outlets)

    async def mend_receipts(self, messages: Sequence[Message], receipts_ms: int) -> None:
        async with translated(self._address, connected=True):
            await mend_receipts(self._client, self._keys, messages, receipts_ms)

    async def note_reminded(self, message_id: str, at_ms: int) -> None:
        async with translated(self._address, connected=True):
            await note_fact(self._client, self._keys, message_id, "reminded", at_ms)

    async def counts(self, messages: Sequence[Message]) -> list[Counts]:
        async with translated(self._address, connected=True):
            return await read_counts(self._client, self._keys, messages)

    async def receipts(self, message_id: str, position: int) -> ReceiptPage:
        async with translated(self._address, connected=True):
            return await read_receipts(self._client, self._keys, message_id, position)

    async def seen(self, channel: str, position: int) -> SeenPage:
        async with translated(self._address, connected=True):
            return await read_seen(self._client, self._keys, channel, position)

    async def first_seen(self, endpoints: Sequence[str]) -> list[int | None]:
        async with translated(self._address, connected=True):
            return await read_first_seen(self._client, self._keys, endpoints)

    async def silent(self, message_id: str) -> Entries[str]:
        async with translated(self._address, connected=True):
            return await read_silent(self._client, self._keys, message_id)

    async def reduce(self, message: Message, silent: Sequence[str], now_ms: int) -> None:
        async with translated(self._address, connected=True):
            await reduce_receipts(self._client, self._keys, message, silent, now_ms)

    async def access(self) -> Access:
        return await find_access(self._redis_address, self._keys)

    async def is_full(self) -> bool:
        async with translated(self._address, connected=True):
            return await is_full(self._client, self._masters())

    async def inspect(self) -> ServerFacts:
        async with translated(self._address, connected=True):
            return await inspect(self._client, self._address, self._masters())

    async def read_logs(self, ranges: Sequence[LogRange]) -> list[list[LogEntry]]:
        async with translated(self._address, connected=True):
            return await read_ranges(self._client, self._keys, ranges)

    async def log_ids(self, message_id: str) -> list[StreamId]:
        async with translated(self._address, connected=True):
            return await read_log_ids(self._client, self._keys, message_id)


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
        async with opened(self._redis_address, self._keys) as redis:
            offering = TaskBag("script for receipts")
            if self._redis_address.nodes:
                offering.spawn(_keep_offering(redis.client), name="offer")
            else:
                async with translated(self.address, connected=True):
                    await demand_no_cluster(redis.client, self.address)
            await _offer_script(redis.client)
            try:
                yield RedisConsoleLink(redis, self._keys, self.address)
            finally:
                await offering.aclose()

    @asynccontextmanager
    async def open_for_repair(self) -> AsyncIterator[RedisRepairLink]:
        """Connect for repairing; entered when the server has answered."""
        async with opened(self._redis_address, self._keys) as redis:
            yield RedisRepairLink(redis, self._keys, self.address)


async def _keep_offering(client: Client) -> None:
    while True:
        await asyncio.sleep(OFFER_EVERY_S)
        await _offer_script(client)


async def _offer_script(client: Client) -> None:
    """Load what outlets run but may not bring; an account that may not either can still send."""
    try:
        await load_scripts(client)
    except ResponseError as error:
        log.info("the scripts for receipts are not loaded: %s", error)
    except CUT:
        pass  # the link is lost; whoever uses it will say so
