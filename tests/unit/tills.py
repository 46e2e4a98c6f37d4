"""One PC without a window: its inbox, its session, and a server whose clock the test turns."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

from shared.bus import LinkState
from shared.clock import RedisClock
from shared.codec import encode_envelope, encode_payload
from shared.model import DAY_MS, START, Message
from shared.signing import Signer, TrustedKey, Verifier
from shared.tasks import TaskBag
from tests.conftest import until
from tests.fakes import FakeServer, FakeTrayBus, envelope_of, make_message
from tray_client.inbox import FILE_NAME, Inbox, read_messages
from tray_client.judge import Judge
from tray_client.records import State
from tray_client.registrar import TrayIdentity
from tray_client.rules import Rules
from tray_client.session import TraySession, kept_clock

YEAR_MS = 365 * DAY_MS
UNHURRIED = Rules(popups_per_minute=1000)
ANYBODY = Verifier({}, "siaran")
SIGNER = Signer("hq", b"1" * 32, "siaran")
HQ = TrustedKey("hq", SIGNER.public)
VERIFIER = Verifier({"hq": HQ}, "siaran")
LOST = r"reconnecting: The connection was lost\."


class Till:
    """One PC: its inbox, its session, and the heads that its screen has seen."""

    def __init__(
        self,
        server: FakeServer,
        folder: Path,
        channels: Sequence[str] = ("Channel 1",),
        heartbeat_s: float = 60.0,
        rules: Rules = UNHURRIED,
        pc: str = "till-1",
        verifier: Verifier = ANYBODY,
        wrong_by: int = -YEAR_MS,
        version: str = "0",
    ) -> None:
        self.inbox = Inbox(folder)
        self.clock = RedisClock(
            wall=lambda: server.now_ms + wrong_by,
            steady=lambda: server.now_ms,
            memory=kept_clock(self.inbox),
        )
        self.session = TraySession(
            FakeTrayBus(server),
            self.inbox,
            Judge(verifier, 7 * DAY_MS),
            self.clock,
            TrayIdentity("JKT-014", pc, version, "test", "instance", "machine"),
            channels,
            rules=rules,
            heartbeat_s=heartbeat_s,
            uniform=lambda low, high: low,
        )
        self.heads: list[str] = []
        self.session.queue_changed.connect(self._look)

    def _look(self) -> None:
        head = self.head()
        if head is not None and self.heads[-1:] != [head]:
            self.heads.append(head)

    def head(self) -> str | None:
        """The id of the message to be on the screen."""
        head = self.session.head()
        return None if head is None else head.id

    def caught_up(self, server: FakeServer) -> bool:
        """Connected, with every cursor at the end of its log."""
        ends = {name: server.last.get(name, START) for name in self.session.channels}
        cursors = {name: self.inbox.cursor(name) for name in self.session.channels}
        return self.session.status.state is LinkState.CONNECTED and cursors == ends


@asynccontextmanager
async def running(
    server: FakeServer,
    folder: Path,
    channels: Sequence[str] = ("Channel 1",),
    heartbeat_s: float = 60.0,
    rules: Rules = UNHURRIED,
    pc: str = "till-1",
    verifier: Verifier = ANYBODY,
    wrong_by: int = -YEAR_MS,
    version: str = "0",
) -> AsyncIterator[Till]:
    """A tray that runs, and is stopped as a crash would: nothing is kept but the inbox."""
    till = Till(server, folder, channels, heartbeat_s, rules, pc, verifier, wrong_by, version)
    tasks = TaskBag("till")
    tasks.spawn(till.session.run(), name="session")
    try:
        yield till
    finally:
        await tasks.aclose()
        till.inbox.close()


async def connected(till: Till) -> None:
    """Wait until the tray is connected."""
    await until(lambda: till.session.status.state is LinkState.CONNECTED)


def publish(server: FakeServer, message: Message, channel: str = "Channel 1") -> str:
    """Send *message* to one channel; its id."""
    server.append(channel, envelope_of(message))
    return message.id


def publish_signed(server: FakeServer, message: Message, channel: str = "Channel 1") -> str:
    """As ``publish``, by head office's key."""
    server.append(channel, signed_by_head_office(message))
    return message.id


def signed_by_head_office(message: Message) -> bytes:
    """The envelope of *message*, with head office's signature."""
    payload = encode_payload(message)
    return encode_envelope(payload, [SIGNER.sign(payload)])


def message_now(server: FakeServer, **changes: object) -> Message:
    """A message sent now."""
    return make_message(**{"sent_at": server.now_ms, **changes})


def stored(folder: Path) -> list[str]:
    """Ids in the inbox, in the order of their arrival."""
    return [message.id for message in read_messages(folder)]


def state_of(folder: Path, message_id: str) -> State:
    """How far one message has come."""
    return next(one.state for one in read_messages(folder) if one.id == message_id)


def spoil(folder: Path, script: str) -> None:
    """Change the database behind the tray's back."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.executescript(script)
