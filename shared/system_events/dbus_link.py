"""One connection to a message bus: enough D-Bus to ask and to listen, nothing more.

A library would do it too, but the smallest is half a megabyte of which this needs a few percent,
and Qt's own (QtDBus) must not be known below the sessions.

There is no reading task: a call reads until its reply comes and keeps the signals it meets, so
nothing can pile up while nobody listens; the kernel holds the rest back. Signals that are sent to
this connection alone are dropped: those that a service announces go to everybody, and the bus
checks who sent them only for match rules. Any user of the PC may send one to us directly, and
could otherwise make a till believe that it is locked.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import unquote

from shared.system_events.dbus_messages import (
    HEAD_SIZE,
    MAX_MESSAGE,
    NO_AUTO_START,
    Message,
    MessageKind,
    decode,
    encode,
    size_of,
)
from shared.system_events.dbus_types import Garbage

ANSWER_WITHIN_S = 10.0
_KEPT_SIGNALS = 64
BUS = "org.freedesktop.DBus"


class Refused(Exception):
    """The bus or a service answered with an error; the connection is fine."""


class Target(NamedTuple):
    """Whom to call: a service, its object, and the interface of the method."""

    service: str
    path: str
    interface: str


_BUS = Target(BUS, "/org/freedesktop/DBus", BUS)


class BusLink:
    """A connection that has said hello."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._serial = 0
        # When it is full, the oldest go: each only says that there is something new to look at.
        self._signals: deque[Message] = deque(maxlen=_KEPT_SIGNALS)

    async def call(
        self, target: Target, member: str, signature: str = "", *values: Any, returns: str = ""
    ) -> Any:
        """Call a method and return the one value of its reply, which has the type *returns*.

        Raises:
            Refused: the answer is an error, or of another type.
            OSError, EOFError, TimeoutError, Garbage: the connection is of no use any more.
        """
        self._serial += 1
        request = Message(
            MessageKind.CALL,
            self._serial,
            *(target.path, target.interface, member),
            destination=target.service,
            signature=signature,
            body=values,
            flags=NO_AUTO_START,
        )
        self._writer.write(encode(request))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._writer.drain()
            reply = await self._reply(self._serial)
        if reply.kind == MessageKind.ERROR or reply.signature != returns:
            raise Refused(reply.error_name or f"{member} returns {reply.signature!r}")
        return reply.body[0] if returns else None

    async def listen(self, **rule: str) -> None:
        """Hear the signals that match *rule* (type, sender, path, interface, member, arg0).

        Raises: as ``call``.
        """
        text = ",".join(f"{key}='{value}'" for key, value in {"type": "signal", **rule}.items())
        await self.call(_BUS, "AddMatch", "s", text)

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
        self._writer.write(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        async with asyncio.timeout(ANSWER_WITHIN_S):
            line = await self._line()
        if not line.startswith(b"OK "):
            raise Refused("the bus does not let us in")
        self._writer.write(b"BEGIN\r\n")
        await self.call(_BUS, "Hello", returns="s")

    async def _line(self) -> bytes:
        try:
            line = await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as error:
            raise Garbage("a line that never ends") from error
        return line

    async def _reply(self, serial: int) -> Message:
        while True:
            message = await self._read()
            answer = message.kind in (MessageKind.REPLY, MessageKind.ERROR)
            if answer and message.reply_serial == serial:
                return message
            self._keep(message)

    def _keep(self, message: Message) -> None:
        if message.kind == MessageKind.SIGNAL and not message.destination:
            self._signals.append(message)

    async def _read(self) -> Message:
        head = await self._reader.readexactly(HEAD_SIZE)
        return decode(head + await self._reader.readexactly(size_of(head) - HEAD_SIZE))


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
    paths = []
    for one in address.split(";"):
        transport, _, rest = one.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        if transport == "unix" and pairs.get("path"):
            paths.append(unquote(pairs["path"]))
        elif transport == "unix" and pairs.get("abstract"):
            paths.append("\0" + unquote(pairs["abstract"]))
    return paths
