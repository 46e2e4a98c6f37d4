"""The outlet's connection: a subscription that cannot go deaf unnoticed, and a line for commands.

The order is what loses nothing: subscribe, wait for the server's confirmation, and only then may
the logs be read, so whatever is published in between arrives on one of the two.

A dead link is noticed by a PING and a deadline, not by TCP: with unacknowledged data keep-alive is
suspended for a quarter of an hour, and where it does fire, redis-py 8.1 takes ETIMEDOUT for "no
message" (on Python 3.11 and later they are one class), returns None from a blocking read and
would spin. None from such a read is therefore a lost link, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from shared.bus import AnswerBell, Arrival, EndpointReport, LogEntry, LogPage, LooseText
from shared.codec import parse_frame
from shared.errors import LinkLost, NotPermitted, RedisUnreachable, SiaranError
from shared.keys import Keys
from shared.model import Endpoint, StreamId
from shared.phrases import phrase
from shared.receipts import Answer, Receipt
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import COMMAND_TIMEOUT_S, make_client
from shared.redis_bus.logs_reader import read_last_ids, read_page
from shared.redis_bus.opening import opened
from shared.redis_bus.receipts import read_answers, write_receipts
from shared.redis_bus.registry import write_report
from shared.redis_bus.server_time import server_time_ms
from shared.redis_bus.translate import translated
from shared.tasks import TaskBag

log = logging.getLogger(__name__)

PING_EVERY_S = 9.0
DEADLINE_S = 4.5
"""A link that dies right after its PONG is noticed after both, well within 15 s (Qt's timers may be
5 % late). An idle PC wakes twice in a period, for the PING and for its PONG: the deadline's timer
is taken back before it rings. A shorter deadline would take a Redis that is busy for a dead one."""
MAX_ID_BYTES = 36
"""Of a UUID in text."""
MAX_WAITING = 500
"""Arrivals read ahead of the session. Beyond, TCP holds the rest back and Redis buffers it."""


class RedisTrayLink:
    """One life of the tray's two connections (``shared.bus.TrayLink``)."""

    def __init__(
        self, commands: Redis, pubsub: PubSub, keys: Keys, endpoint: Endpoint, address: str
    ) -> None:
        self._endpoint = endpoint
        self._commands = commands
        self._pubsub = pubsub
        self._keys = keys
        self._address = address
        self._waiting: deque[Arrival] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._hurry = asyncio.Event()
        self._heard = asyncio.Event()
        self._failure: SiaranError | None = None

    async def time_ms(self) -> int:
        async with translated(self._address, connected=True):
            return await server_time_ms(self._commands)

    async def read_log(self, channel: str, after: StreamId | None, count: int) -> LogPage:
        async with translated(self._address, connected=True):
            return await read_page(self._commands, self._keys, channel, after, count)

    async def last_ids(self, channels: Sequence[str]) -> dict[str, StreamId | None]:
        async with translated(self._address, connected=True):
            return await read_last_ids(self._commands, self._keys, channels)

    async def heartbeat(self, report: EndpointReport) -> EndpointReport | None:
        async with translated(self._address, connected=True):
            return await write_report(self._commands, self._keys, report)

    async def report(self, receipts: Sequence[Receipt]) -> list[Answer]:
        async with translated(self._address, connected=True):
            return await write_receipts(self._commands, self._keys, self._endpoint, receipts)

    async def answers(self, message_ids: Sequence[str]) -> list[Answer]:
        async with translated(self._address, connected=True):
            return await read_answers(self._commands, self._keys, self._endpoint, message_ids)

    async def leave(self, report: EndpointReport) -> None:
        await self.heartbeat(report)

    def check_now(self) -> None:
        """Ask for a sign of life at once: the PC has slept, or its network is another."""
        self._hurry.set()

    async def arrivals(self) -> AsyncIterator[list[Arrival]]:
        """Yield what has arrived, all of it at once; ends by raising the link's failure."""
        while True:
            await self._news.wait()
            self._news.clear()
            batch = list(self._waiting)
            self._waiting.clear()
            self._room.set()
            if batch:
                yield batch
            if self._failure is not None and not self._waiting:
                raise self._failure

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Subscribe and wait until the server has confirmed every channel."""
        await self._subscribe({self._keys.topic(channel).encode() for channel in channels})
        try:
            await self._subscribe({self._answers_topic})
        except NotPermitted as error:  # what the bell would tell is asked with every heartbeat
            log.info("not told of answers: %s", error)

    async def _subscribe(self, topics: set[bytes]) -> None:
        async with translated(self._address, connected=False):
            await self._pubsub.subscribe(*sorted(topics))
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                while topics:
                    message = await self._read_message()
                    if message["type"] == "subscribe":
                        topics.discard(message["channel"])

    @property
    def _answers_topic(self) -> bytes:
        return self._keys.answers_of(self._endpoint.outlet).encode()

    async def read_loop(self) -> None:
        """Take everything off the socket; whatever ends this ends the link."""
        try:
            async with translated(self._address, connected=True):
                while True:
                    await self._read_message()
                    if len(self._waiting) >= MAX_WAITING:
                        self._room.clear()
                        await self._room.wait()
        except SiaranError as error:
            self._fail(error)

    async def watch_loop(self) -> None:
        """Ask for a sign of life in every period, and end the link when one brings none."""
        while self._failure is None:
            self._hurry.clear()
            try:
                async with asyncio.timeout(DEADLINE_S), translated(self._address, connected=True):
                    await self._ask_for_life()
            except SiaranError as error:
                self._fail(error)
            except TimeoutError:
                if not self._waiting:  # else the session is behind, and nobody reads the PONG
                    self._fail(_silent(self._address))
            else:
                await self._rest()

    async def _ask_for_life(self) -> None:
        self._heard.clear()
        await self._pubsub.ping()
        await self._heard.wait()

    async def _rest(self) -> None:
        """Let one period pass, unless something wants a new sign of life before its end."""
        try:
            async with asyncio.timeout(PING_EVERY_S):
                await self._hurry.wait()
        except TimeoutError:
            pass

    async def _read_message(self) -> dict[str, bytes | str]:
        message = await self._pubsub.get_message(timeout=None)
        if message is None:
            raise _silent(self._address)
        self._heard.set()
        if message["type"] == "message":
            self._waiting.append(self._arrival(message["channel"], message["data"]))
            self._news.set()
        return message  # type: ignore[no-any-return]

    def _arrival(self, topic: bytes, data: bytes) -> Arrival:
        if topic == self._answers_topic:
            return AnswerBell(data[:MAX_ID_BYTES].decode("ascii", "replace"))
        channel = self._keys.channel_of(topic.decode())
        frame = parse_frame(data)
        if frame is None:
            return LooseText(channel, data)
        return LogEntry(channel, frame.id, frame.previous, frame.envelope)

    def _fail(self, error: SiaranError) -> None:
        if self._failure is None:
            self._failure = error
        self._news.set()


class RedisTrayBus:
    """Opens the tray's links (``shared.bus.TrayBus``)."""

    def __init__(self, address: RedisAddress, keys: Keys) -> None:
        self._redis_address = address
        self._keys = keys
        self.address = str(address)
        self.account = address.account

    @asynccontextmanager
    async def open(
        self, channels: Sequence[str], endpoint: Endpoint
    ) -> AsyncIterator[RedisTrayLink]:
        """Connect and subscribe; entered when every subscription is confirmed."""
        async with opened(self._redis_address, self._keys) as redis:
            listener = make_client(redis.address)
            pubsub = listener.pubsub()
            tasks = TaskBag("tray link")
            try:
                link = RedisTrayLink(redis.client, pubsub, self._keys, endpoint, self.address)
                await link.subscribe(channels)
                tasks.spawn(link.read_loop(), name="read")
                tasks.spawn(link.watch_loop(), name="watch")
                yield link
            finally:
                await tasks.aclose()
                await pubsub.aclose()
                await listener.aclose()


def _silent(address: str) -> RedisUnreachable:
    return LinkLost(address, phrase("Redis at {address} has gone silent.", address=address))
