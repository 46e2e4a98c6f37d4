"""The outlet's connection: a subscription that cannot go deaf unnoticed, and a line for commands.

The order is what loses nothing: subscribe, wait for the server's confirmation, and only then may
the logs be read, so whatever is published in between arrives on one of the two.

A dead link is noticed by a PING and a deadline, not by TCP: with unacknowledged data keep-alive is
suspended for a quarter of an hour. Any byte is a sign of life: on a slow line a PONG may wait
behind a long publication.

Whoever has the outlets' password may publish on the answers channel of any outlet, as much as he
likes, and Redis cuts off who does not read fast enough. So a tray that was cut off twice within ten
minutes does without that channel until its next start; every heartbeat asks for answers anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from redis.exceptions import InvalidResponse, ResponseError

from shared.bus import AnswerBell, Arrival, EndpointReport, LogEntry, LogPage, LooseText
from shared.clock import steady_ms
from shared.codec import MAX_ENVELOPE, parse_frame
from shared.errors import LinkLost, NotPermitted, RedisUnreachable, SiaranError
from shared.keys import Keys
from shared.model import Endpoint, StreamId
from shared.phrases import phrase
from shared.receipts import Answer, Receipt
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import Client, opened, server_time_ms
from shared.redis_bus.connection import COMMAND_TIMEOUT_S, Connection
from shared.redis_bus.documents import write_report
from shared.redis_bus.logs import read_last_ids, read_page
from shared.redis_bus.receipts import contradict, read_answers, write_receipts
from shared.redis_bus.translate import translated
from shared.tasks import TaskBag, sleep_unless

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
MAX_WAITING_BYTES = 16 << 20
MAX_TAKEN = MAX_ENVELOPE + 1
"""Bytes kept of one arrival: one more than an envelope may have is as bad as any number more."""
CUTS = 2
CUTS_WITHIN_MS = 600_000
RECENT_MS = 15_000
"""A connection on which nothing came for longer than this was not cut for reading too slowly: the
PC slept, or this program was stopped."""
STILL_THERE_S = 2.0
"""How long the other connection may take to show that only this one was ended."""


class Cuts:
    """Counts how often Redis ended the connection that listens, and nothing else."""

    def __init__(self, now_ms: Callable[[], int] = steady_ms) -> None:
        self._now_ms = now_ms
        self._at: deque[int] = deque(maxlen=CUTS)
        self._heard_at = 0
        self.too_many = False

    def heard(self) -> None:
        """Note that bytes came."""
        self._heard_at = self._now_ms()

    @property
    def heard_lately(self) -> bool:
        """Whether bytes came until just now."""
        return self._now_ms() - self._heard_at <= RECENT_MS

    def count(self) -> None:
        """Note a cut."""
        self._at.append(self._now_ms())
        if len(self._at) == CUTS and self._at[-1] - self._at[0] <= CUTS_WITHIN_MS:
            self.too_many = True


class RedisTrayLink:
    """One life of the tray's two connections (``shared.bus.TrayLink``).

    ``hears_answers``: whether it is told at once of answers elsewhere in the outlet.
    """

    def __init__(
        self,
        commands: Client,
        listener: Connection,
        keys: Keys,
        endpoint: Endpoint,
        address: str,
        cuts: Cuts,
    ) -> None:
        self.hears_answers = False
        self.denied: list[str] = []
        self._cuts = cuts
        self._endpoint = endpoint
        self._commands = commands
        self._listener = listener
        self._keys = keys
        self._address = address
        self._waiting: deque[Arrival] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._hurry = asyncio.Event()
        self._heard = asyncio.Event()
        self._failure: SiaranError | None = None
        self._waiting_bytes = 0
        listener.call_on_bytes(self._take_sign_of_life)

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

    async def contradict(self, truths: Sequence[Receipt]) -> list[Answer]:
        async with translated(self._address, connected=True):
            return await contradict(self._commands, self._keys, self._endpoint, truths)

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
            self._waiting_bytes = 0
            self._room.set()
            if batch:
                yield batch
            if self._failure is not None and not self._waiting:
                raise self._failure

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Subscribe and wait until the server has confirmed every channel that may be followed.

        Raises:
            NotPermitted: that is none.
        """
        try:
            await self._subscribe({self._keys.topic(channel).encode() for channel in channels})
        except NotPermitted:  # Redis refuses all of them for one
            await self._subscribe_to_each(channels)
        if self._cuts.too_many:
            return
        try:
            await self._subscribe({self._answers_topic})
            self.hears_answers = True
        except NotPermitted as error:  # what the bell would tell is asked with every heartbeat
            log.info("not told of answers: %s", error)

    async def _subscribe_to_each(self, channels: Sequence[str]) -> None:
        for channel in channels:
            try:
                await self._subscribe({self._keys.topic(channel).encode()})
            except NotPermitted as error:
                self.denied.append(channel)
                if len(self.denied) == len(channels):
                    raise
                log.warning("%r is not followed live: %s", channel, error)

    async def _subscribe(self, topics: set[bytes]) -> None:
        # The commands' connection has shown that this is Redis; a flood may cut this one off.
        async with translated(self._address, connected=True):
            await self._listener.send([("SUBSCRIBE", *sorted(topics))])
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                while topics:
                    kind, topic = await self._read_message()
                    if kind == b"subscribe":
                        topics.discard(topic)

    @property
    def _answers_topic(self) -> bytes:
        return self._keys.answers_of(self._endpoint.outlet).encode()

    async def read_loop(self) -> None:
        """Take everything off the socket; whatever ends this ends the link."""
        try:
            async with translated(self._address, connected=True):
                while True:
                    await self._read_message()
                    if self._is_full():
                        self._room.clear()
                        await self._room.wait()
        except SiaranError as error:
            if isinstance(error, LinkLost):
                await self._judge_cut()
            self._fail(error)

    def _is_full(self) -> bool:
        return len(self._waiting) >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES

    async def _judge_cut(self) -> None:
        """Count the end of the connection that listens, if it looks as if Redis cut it off alone.

        It does so where too much waits to be read. Not counted is an end that came by itself with
        the other connection's (Redis or the network went away), while the PC slept, or by our
        deadline.
        """
        if not self.hears_answers or not self._cuts.heard_lately:
            return
        try:
            async with asyncio.timeout(STILL_THERE_S):
                await self.time_ms()
        except TimeoutError:  # it has much to read, too
            pass
        except SiaranError:
            return
        self._cuts.count()
        if self._cuts.too_many:
            log.warning("cut off twice: answers are asked for with every heartbeat from now on")

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
        await self._listener.send([("PING",)])
        await self._heard.wait()

    async def _rest(self) -> None:
        """Let one period pass, unless something wants a new sign of life before its end."""
        await sleep_unless(self._hurry, PING_EVERY_S)

    async def _read_message(self) -> tuple[bytes, bytes]:
        """Take in what Redis sends to a subscriber; return its kind, and its topic if any."""
        reply = await self._listener.read()
        if isinstance(reply, ResponseError):
            raise reply
        if not isinstance(reply, list) or len(reply) < 2:
            raise InvalidResponse(f"nothing for a subscriber: {reply!r:.40}")
        kind, topic, *data = reply
        if kind == b"message":
            self._waiting.append(self._arrival(topic, *data))
            self._waiting_bytes += min(len(data[0]), MAX_TAKEN)
            self._news.set()
        return kind, topic

    def _take_sign_of_life(self) -> None:
        self._heard.set()
        self._cuts.heard()

    def _arrival(self, topic: bytes, data: bytes) -> Arrival:
        if topic == self._answers_topic:
            return AnswerBell(data[:MAX_ID_BYTES].decode("ascii", "replace"))
        channel = self._keys.channel_of(topic.decode())
        frame = parse_frame(data)
        if frame is None:
            return LooseText(channel, data[:MAX_TAKEN])
        return LogEntry(channel, frame.id, frame.previous, frame.envelope[:MAX_TAKEN])

    def _fail(self, error: SiaranError) -> None:
        if self._failure is None:
            self._failure = error
        self._news.set()


class RedisTrayBus:
    """Opens the tray's links (``shared.bus.TrayBus``)."""

    def __init__(self, address: RedisAddress, keys: Keys) -> None:
        self._redis_address = address
        self._keys = keys
        self._cuts = Cuts()
        self.address = str(address)
        self.account = address.account

    @asynccontextmanager
    async def open(
        self, channels: Sequence[str], endpoint: Endpoint
    ) -> AsyncIterator[RedisTrayLink]:
        """Connect and subscribe; entered when every subscription is confirmed."""
        async with opened(self._redis_address, self._keys) as redis:
            async with translated(str(redis.address), connected=False):
                listener = await Connection.open(redis.address)
            tasks = TaskBag("tray link")
            try:
                link = RedisTrayLink(
                    redis.client, listener, self._keys, endpoint, self.address, self._cuts
                )
                await link.subscribe(channels)
                tasks.spawn(link.read_loop(), name="read")
                tasks.spawn(link.watch_loop(), name="watch")
                yield link
            finally:
                await tasks.aclose()
                await listener.aclose()


def _silent(address: str) -> RedisUnreachable:
    return LinkLost(address, phrase("Redis at {address} has gone silent.", address=address))
