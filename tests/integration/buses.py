"""A real message bus for one test, and a stand-in for the services that live on it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

from shared.system_events.logind import MANAGER, SERVICE

SESSION = "/org/freedesktop/login1/session/_31"
USERS = "/org/freedesktop/login1/user/_"
PROPERTIES = "org.freedesktop.DBus.Properties"
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
Answer = Callable[[Message], tuple[str, Any] | None]
"""Signature and value of the reply to a call, or None to refuse it."""


class MessageBus:
    """A dbus-daemon in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bus"
        self._config = folder / "bus.conf"
        self._config.write_text(_CONFIG.format(path=self._path), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"unix:path={self._path}"

    def start(self) -> None:
        """Start and wait until it listens: it prints its address then."""
        program = shutil.which("dbus-daemon")
        assert program is not None
        self._path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [program, f"--config-file={self._config}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith(b"unix:")

    def stop(self) -> None:
        """End it. Safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class Service:
    """Owns a name on a bus, answers calls, sends signals."""

    def __init__(self, connection: DBusConnection, answer: Answer) -> None:
        self.calls: list[str] = []
        self._connection = connection
        self._answer = answer
        self._sending: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer until cancelled."""
        while True:
            call = await self._connection.receive()
            if call.header.message_type is not MessageType.method_call:
                continue
            self.calls.append(call.header.fields[HeaderFields.member])
            found = self._answer(call)
            if found is None:
                await self._connection.send(new_error(call, "org.test.No"))
            else:
                signature, value = found
                await self._connection.send(new_method_return(call, signature, (value,)))

    def signal(
        self, path: str, interface: str, member: str, signature: str = "", *values: Any
    ) -> None:
        """Announce something to everybody who listens."""
        message = new_signal(DBusAddress(path, interface=interface), member, signature, values)
        task = asyncio.create_task(self._connection.send(message))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


@asynccontextmanager
async def serving(bus: MessageBus, name: str, answer: Answer) -> AsyncIterator[Service]:
    """Own *name* on *bus* and answer calls to it while the context lasts."""
    async with await open_dbus_connection(bus.address) as connection:
        async with DBusRouter(connection) as router:
            assert await Proxy(message_bus, router).RequestName(name) == (1,)
        service = Service(connection, answer)
        task = asyncio.create_task(service.serve())
        try:
            yield service
        finally:
            task.cancel()
            await asyncio.wait([task])


class FakeLogind:
    """What logind would answer, about one session."""

    def __init__(self) -> None:
        self.active = True
        self.locked = False
        self.kind = {"Class": "user", "Type": "x11", "State": "active"}
        self.users: dict[int, str] = {}
        """Who is logged on, beside the user of the session, by number."""
        self.service: Service | None = None

    @asynccontextmanager
    async def on(self, bus: MessageBus) -> AsyncIterator[Service]:
        """Live on *bus* while the context lasts."""
        async with serving(bus, SERVICE, self._answer) as self.service:
            yield self.service

    def change(self, *, active: bool | None = None, locked: bool | None = None) -> None:
        """Change properties of the session and say so, as logind does."""
        self.active = self.active if active is None else active
        self.locked = self.locked if locked is None else locked
        assert self.service is not None
        changed = (f"{SERVICE}.Session", self._session(), ["State"])
        self.service.signal(SESSION, PROPERTIES, "PropertiesChanged", "sa{sv}as", *changed)

    def sleep(self, begins: bool) -> None:
        """Say that the PC is about to sleep, or that it woke up."""
        assert self.service is not None
        self.service.signal(MANAGER.object_path, MANAGER.interface, "PrepareForSleep", "b", begins)

    def _session(self) -> dict[str, tuple[str, Any]]:
        return {
            "Id": ("s", "1"),
            "Seat": ("(so)", ("seat0", "/org/freedesktop/login1/seat/seat0")),
            "Active": ("b", self.active),
            "LockedHint": ("b", self.locked),
            **{name: ("s", word) for name, word in self.kind.items()},
        }

    def _user(self, uid: int) -> dict[str, tuple[str, Any]]:
        return {
            "Display": ("(so)", ("1", SESSION)),
            "Name": ("s", self.users.get(uid, "nobody else")),
            "Sessions": ("a(so)", [("1", SESSION)]),
        }

    def _answer(self, call: Message) -> tuple[str, Any] | None:
        member, path = (call.header.fields[key] for key in (HeaderFields.member, HeaderFields.path))
        if member == "GetSession" and call.body == ("auto",):
            return "o", SESSION
        if member == "GetUser":
            uid = int(call.body[0])
            known = not self.users or uid in self.users or uid == os.getuid()
            return ("o", f"{USERS}{uid}") if known else None
        if member == "GetAll" and path.startswith(USERS):
            return "a{sv}", self._user(int(path.removeprefix(USERS)))
        if member == "GetAll" and path == SESSION:
            return "a{sv}", self._session()
        return None
