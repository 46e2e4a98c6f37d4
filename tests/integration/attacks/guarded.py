"""A Redis as the page for IT sets it up, attackers on it, and both programs that must not mind.

The server has the shipped ``redis.conf``, and its accounts are those that ``accounts.py`` makes;
only addresses and folders differ. The one for a *stranger* has no accounts, as a Redis that
somebody has just installed.
"""

from __future__ import annotations

import asyncio
import enum
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from admin_app.draft import Draft
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.errors import RedisUnreachable
from shared.keys import Keys
from shared.model import Level
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Settings
from shared.signing_key import create_key_file, load_signer
from tests import linux_side
from tests.conftest import until
from tests.integration.pair import acknowledge, open_popup, running_tray
from tests.redis_server import RedisServer, fitting, is_redis_6, run_accounts
from tray_client.app import TrayApp

SHIPPED = Path(__file__).resolve().parents[3] / "packaging" / "redis"
OUTLET = "JKT-001"
"""The outlet of the tray that is attacked, which has an account of its own, too."""
CHANNEL = "Channel 1"
EMERGENCY = "Leave the building"
PAINTED_WITHIN_S = 5.0
STAYS_S = 2.0
REPLY_WITHIN_S = 20.0

Reply = bytes | int | None | list["Reply"] | Exception
"""What Redis answers; an error is the answer, and is not raised."""


class Who(enum.StrEnum):
    """Who attacks; the values are names of accounts."""

    OUTLET = "outlet"
    OWN = "outlet-JKT-001"
    CONSOLE = "console"
    STRANGER = "stranger"


class Refused(Exception):
    """An error that Redis answers, for example ``NOPERM …``."""


class Raw:
    """One connection that sends any bytes, and reads replies only when asked to."""

    def __init__(self, port: int, login: tuple[str, str] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=REPLY_WITHIN_S)
        self._file = self.socket.makefile("rb")
        if login is not None:
            assert self.say("AUTH", *login) == b"OK"

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def say(self, *command: str | bytes | int) -> Reply:
        """Run one command and return its reply."""
        self.send(*command)
        return self.reply()

    def send(self, *command: str | bytes | int) -> None:
        """Send one command, and leave its reply where it is."""
        self.socket.sendall(encoded(*command))

    def reply(self) -> Reply:
        """Read the next reply.

        Raises:
            ConnectionError: Redis hung up.
        """
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return self._file.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))] if int(rest) >= 0 else None
        if kind == b"-":
            return Refused(rest.decode(errors="replace"))
        return int(rest) if kind == b":" else rest


def encoded(*command: str | bytes | int) -> bytes:
    """One command as Redis reads it."""
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    words = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n%s" % (len(parts), words)


def is_refused(reply: Reply) -> bool:
    """Whether the account may not do that."""
    return isinstance(reply, Refused) and str(reply).startswith("NOPERM")


class ShippedRedis(RedisServer):
    """A server with ``packaging/redis/redis.conf``; only where it listens and keeps files differs.

    Without *aclfile* it has no accounts, and everybody may do everything.
    """

    def __init__(self, folder: Path, aclfile: Path | None) -> None:
        super().__init__(folder)
        self._file = folder / "redis.conf"
        self._aclfile = aclfile

    def start(self, *options: str) -> None:
        """Start and wait until it answers. *options* go before the file's lines."""
        text = fitting((SHIPPED / "redis.conf").read_text(encoding="utf-8"))
        users = f"aclfile {linux_side.linux_path(self._aclfile)}" if self._aclfile else ""
        for line, own in (
            ("bind", "bind 127.0.0.1"),
            ("port", f"port {self.port}"),
            ("aclfile", users),
        ):
            text, found = re.subn(rf"(?m)^{line} .*$", own, text)
            assert found == 1, line
        place = linux_side.linux_path(self.folder)
        self._file.write_text(f"{text}\ndir {place}\n", encoding="utf-8")
        self._run(self._file, *options, output=self.folder / "server.log")


def make_accounts(folder: Path) -> Path:
    """Run ``accounts.py`` in *folder* as IT does, also for one outlet's own account; return it."""
    six = ["--redis-6"] if is_redis_6() else []
    for command in (["make", *six], ["outlet", OUTLET, CHANNEL]):
        change_accounts(folder, *command)
    return folder


def change_accounts(folder: Path, *command: str) -> None:
    """Run ``accounts.py`` in *folder* with a command, as on the server: on Linux."""
    made = run_accounts(SHIPPED / "accounts.py", folder, *command)
    assert made.returncode == 0, made.stderr


@dataclass
class Site:
    """One server, who attacks it, and what both programs need to use it.

    ``accounts``: the folder of ``accounts.py``; None where there are no accounts.
    """

    server: RedisServer
    who: Who
    accounts: Path | None
    folder: Path
    key_id: str = "hq"
    trusted: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key_file = self.folder / f"{self.key_id}.key"
        self.trusted = {self.key_id: {"public": create_key_file(self.key_file, self.key_id)}}

    def password(self, account: str) -> str:
        """As IT finds it."""
        assert self.accounts is not None
        return (self.accounts / "passwords" / account).read_text(encoding="ascii").strip()

    def raw(self, account: str | None = None) -> Raw:
        """A connection with a login: the attacker's, or that of another *account*."""
        name = account or self.who
        login = None if self.accounts is None else (name, self.password(name))
        return Raw(self.server.port, login)

    def url(self, account: str) -> str:
        """The server's address with the login of *account*, if it has accounts."""
        if self.accounts is None:
            return self.server.url
        return self.server.url.replace("//", f"//{account}:{self.password(account)}@")

    def tray(
        self, name: str = "tray", *, outlet: str = OUTLET, trusts: bool = True, **settings: object
    ) -> AbstractAsyncContextManager[TrayApp]:
        """A tray with the data folder *name*. It *trusts* head office's key, or else everybody."""
        settings = {"trusted_keys": self.trusted if trusts else {}, **settings}
        url, folder = self.url("outlet"), self.folder / name
        return running_tray(url, folder, outlet=outlet, guard_ms=0, **settings)

    @asynccontextmanager
    async def console(self, *, signed: bool = True) -> AsyncIterator[ConsoleSession]:
        """Head office, connected; it has the key unless it is not *signed*."""
        bus = RedisConsoleBus(RedisAddress.from_url(self.url("console")), Keys())
        signer = load_signer(self.key_file, "siaran") if signed else None
        session = ConsoleSession(bus, Sender(Settings(), signer))
        task = asyncio.create_task(session.run())
        try:
            await until(lambda: session.status.state is LinkState.CONNECTED)
            yield session
        finally:
            task.cancel()
            await asyncio.wait([task])


async def emergency_arrives(
    console: ConsoleSession,
    tray: TrayApp,
    *,
    channel: str = CHANNEL,
    within_s: float = PAINTED_WITHIN_S,
    stays_s: float = STAYS_S,
    despite_clock: bool = False,
) -> None:
    """An emergency is painted in time and stays until somebody presses OK."""
    begun = time.monotonic()
    async with asyncio.timeout(within_s):
        message_id = await send_emergency(console, channel, despite_clock=despite_clock)
    await painted(tray, message_id, begun, within_s)
    stays_until = time.monotonic() + stays_s
    while time.monotonic() < stays_until:
        assert is_open(tray, message_id), "the emergency went away"
        await asyncio.sleep(0.02)
    assert await acknowledge(tray) == EMERGENCY


async def send_emergency(
    console: ConsoleSession, channel: str = CHANNEL, *, despite_clock: bool = False
) -> str:
    """Press Send until Redis can be reached, as long as an emergency may take; return its id."""
    draft = Draft(channels=[channel], title=EMERGENCY, body="Now.", level=Level.EMERGENCY)
    deadline = time.monotonic() + PAINTED_WITHIN_S
    while True:
        try:
            return (await console.send(draft, despite_clock=despite_clock)).message.id
        except RedisUnreachable:  # the attack has cut the console off, which comes back
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


async def painted(
    tray: TrayApp, message_id: str, begun: float, within_s: float = PAINTED_WITHIN_S
) -> None:
    """Wait until an emergency is on the screen, *within_s* from *begun* (monotonic) at most.

    Earlier ones go first, where this PC has not shown them: their OK is pressed.
    """
    while not is_open(tray, message_id):
        assert time.monotonic() - begun < within_s, "the emergency is not on the screen"
        if (popup := open_popup(tray)) is not None and popup.content.title == EMERGENCY:
            await acknowledge(tray)
        await asyncio.sleep(0.01)


def is_open(tray: TrayApp, message_id: str) -> bool:
    """Whether the message is what the popup shows now."""
    popup = open_popup(tray)
    return popup is not None and popup.content.id == message_id
