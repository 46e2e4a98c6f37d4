"""One connection to a message bus: jeepney's messages, over streams of our own.

jeepney's own connections (``jeepney.io``) are not used. They read whatever length a message claims
to have; those who wait for a signal there are never told that the bus is gone; and closing them
swallows a cancellation that comes at the same time.

There is no reading task: a call reads until its reply comes and keeps the signals it meets, so
nothing can pile up while nobody listens; the kernel holds the rest back. Signals that are sent to
this connection alone are dropped: those that a service announces go to everybody, and the bus
checks who sent them only for match rules. Any user of the PC may send one to us directly, and
could otherwise make a till believe that it is locked. What others send is not even read further
than that: whatever is in it, and however long it is, the link goes on.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from jeepney import (
    AuthenticationError,
    DBusAddress,
    Header,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_connectable_addresses
from jeepney.low_level import calc_msg_size

BUS = "org.freedesktop.DBus"
ANSWER_WITHIN_S = 10.0
HEAD_SIZE = 16
MAX_MESSAGE = 64 * 1024
"""Bytes. What we listen to has a few hundred; a longer one is passed over."""
_LONGEST = 128 * 1024 * 1024
"""Bytes that a message may have (D-Bus specification, "Message Format")."""
_LONGEST_SIGNATURE = 255
_KEPT_SIGNALS = 64
_WANTED = (MessageType.method_return, MessageType.error, MessageType.signal)
_UNREADABLE = (ValueError, LookupError, TypeError, AssertionError, RecursionError, struct.error)
"""What jeepney raises over bytes that are no message."""


class Garbage(Exception):
    """What the bus sends is not D-Bus."""


class Refused(Exception):
    """The bus or a service answered with an error; the connection is fine."""


class BusLink:
    """A connection that has said hello."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._serials = count(1)
        # When it is full, the oldest go: each only says that there is something new to look at.
        self._signals: deque[Message] = deque(maxlen=_KEPT_SIGNALS)

    async def call(self, request: Message, returns: str = "") -> Any:
        """Call a method and return the one value of its reply, which has the type *returns*.

        Raises:
            Refused: the answer is an error, or of another type.
            OSError, EOFError, TimeoutError, Garbage: the connection is of no use any more.
        """
        serial = next(self._serials)
        request.header.flags = MessageFlag.no_auto_start
        self._writer.write(request.serialise(serial))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._writer.drain()
            reply = await self._reply(serial)
        fields = reply.header.fields
        signature = fields.get(HeaderFields.signature, "")
        if reply.header.message_type is MessageType.error or signature != returns:
            member = request.header.fields[HeaderFields.member]
            raise Refused(fields.get(HeaderFields.error_name) or f"{member} returns {signature!r}")
        return reply.body[0] if returns else None

    async def ask(
        self, whom: DBusAddress, member: str, signature: str = "", *values: Any, returns: str
    ) -> Any:
        """Call the method *member* of *whom* with *values*. Otherwise like ``call``."""
        return await self.call(new_method_call(whom, member, signature or None, values), returns)

    async def listen(self, *, arg0: str = "", **rule: str) -> None:
        """Hear the signals that match *rule* (sender, path, interface, member).

        Raises: as ``call``.
        """
        match = MatchRule(type="signal", **rule)
        if arg0:
            match.add_arg_condition(0, arg0)
        await self.call(message_bus.AddMatch(match))

    async def signals(self) -> list[Message]:
        """Return the signals that have come, oldest first; wait for one if there are none.

        Raises:
            OSError, EOFError, Garbage: the connection is of no use any more.
        """
        while not self._signals:
            self._keep(await self._read())
        found = list(self._signals)
        self._signals.clear()
        return found

    async def log_in(self) -> None:
        """Say who we are; the bus sees by itself that it is true (SO_PEERCRED).

        Raises:
            Refused: it does not let us in.
            OSError, EOFError, TimeoutError, Garbage: the connection is of no use.
        """
        conversation = Authenticator()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                for line in conversation:
                    self._writer.write(line)
                    conversation.feed(await self._reader.readuntil(b"\r\n"))
        except AuthenticationError:
            raise Refused("the bus does not let us in") from None
        except asyncio.LimitOverrunError as error:
            raise Garbage("a line that never ends") from error
        self._writer.write(BEGIN)
        await self.call(message_bus.Hello(), returns="s")

    async def _reply(self, serial: int) -> Message:
        while True:
            message = await self._read()
            if message.header.fields.get(HeaderFields.reply_serial) == serial:
                return message
            self._keep(message)

    def _keep(self, message: Message) -> None:
        if message.header.message_type is MessageType.signal:
            self._signals.append(message)

    async def _read(self) -> Message:
        """Return the next message that may be for us."""
        while True:
            await asyncio.sleep(0)  # what has come already is read without ever waiting for it
            head = await self._reader.readexactly(HEAD_SIZE)
            size = size_of(head)
            if size > MAX_MESSAGE:
                await self._skip(size - HEAD_SIZE)
            elif message := parse(head + await self._reader.readexactly(size - HEAD_SIZE)):
                return message

    async def _skip(self, size: int) -> None:
        while size > 0:
            part = await self._reader.read(min(size, MAX_MESSAGE))
            if not part:
                raise EOFError("the bus went away inside a message")
            size -= len(part)


def size_of(head: bytes) -> int:
    """Return how many bytes the message has that begins with these ``HEAD_SIZE`` bytes.

    Raises:
        Garbage: this is no beginning of a message.
    """
    if head[:1] not in (b"l", b"B") or head[3] != 1:
        raise Garbage("neither byte order nor version of D-Bus")
    size = int(calc_msg_size(head))
    if size > _LONGEST:
        raise Garbage(f"a message of {size} bytes")
    return size


def parse(data: bytes) -> Message | None:
    """Return the message that *data* is; None for a call, or a signal to this connection alone.

    Raises:
        Garbage: it is none.
    """
    try:
        _refuse_bombs(head := data[: _body_at(data)])
        header, _ = Header.from_buffer(head)
        fields = header.fields
        alone = header.message_type is MessageType.signal and HeaderFields.destination in fields
        if alone or header.message_type not in _WANTED:
            return None
        if len(fields.get(HeaderFields.signature, "")) > _LONGEST_SIGNATURE:
            raise Garbage("a signature that is too long")
        _refuse_bombs(data)
        return Message.from_buffer(data)
    except _UNREADABLE as error:
        raise Garbage(f"a message that cannot be read: {error!r:.200}") from error


def _refuse_bombs(data: bytes) -> None:
    """Refuse what jeepney would read for ever, or for seconds; D-Bus has no empty structs.

    A text that looks like such a type is refused as well. Nothing that we ask for has one.
    """
    if b"()" in data or b"((((" in data:
        raise Garbage("empty structs, or too many in each other")


def _body_at(data: bytes) -> int:
    (size,) = struct.unpack(("<" if data[:1] == b"l" else ">") + "I", data[4:8])
    return len(data) - int(size)


@asynccontextmanager
async def open_bus(address: str) -> AsyncIterator[BusLink]:
    """Connect to the first bus of *address* that answers, and say hello.

    Raises: as ``BusLink.log_in``.
    """
    reader, writer = await _connect(address)
    try:
        link = BusLink(reader, writer)
        await link.log_in()
        yield link
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    failure = OSError("no Unix socket in the address of the bus")
    for path in socket_paths(address):
        try:
            return await asyncio.open_unix_connection(path, limit=MAX_MESSAGE)
        except OSError as error:
            failure = error
    raise failure


def socket_paths(address: str) -> list[str]:
    """Return the Unix sockets among the server addresses in *address*, in order.

    (D-Bus specification, "Server Addresses"; an abstract one begins with a NUL.)
    """
    paths: list[str] = []
    for one in address.split(";"):
        with suppress(ValueError, RuntimeError):  # no address, or of no socket
            # jeepney makes a character of each escaped byte.
            paths += [os.fsdecode(p.encode("latin-1")) for p in get_connectable_addresses(one)]
    return paths
