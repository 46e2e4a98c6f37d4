"""What fault tests stand on: a real tray process whose screen is written down, and a console.

What was shown is counted from the screen, not from the inbox: ``watched_tray`` writes a line for
each popup when it has been painted, and when it has been answered.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import msgspec

from admin_app.draft import Draft, to_message
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.codec import encode_envelope, encode_payload
from shared.errors import BadInput, SiaranError
from shared.instance import Command, tell
from shared.keys import Keys
from shared.model import DAY_MS, Level
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Settings
from tests import children
from tests.conftest import until
from tests.integration.watched_tray import Plan

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60.0
"""How long anything may take to heal, and the longest back-off is half of it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the report. ``at``: seconds of the system's monotonic clock."""

    what: str
    about: str
    at: float


@dataclass
class Screen:
    """What somebody at the till has seen."""

    path: Path
    events: list[Event] = field(default_factory=list)
    _offset: int = 0

    def look(self) -> list[Event]:
        """Read what is new, and return everything."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._offset)
                whole = file.read().rpartition(b"\n")[0]
            self._offset += len(whole) + 1 if whole else 0
            self.events += [_event(line) for line in whole.decode().splitlines()]
        return self.events

    def answered(self) -> set[str]:
        """Messages on which OK was pressed."""
        return {event.about for event in self.look() if event.what == "answered"}

    def painted_at(self) -> dict[str, float]:
        """When each message was painted first."""
        first: dict[str, float] = {}
        for event in self.look():
            if event.what == "painted":
                first.setdefault(event.about, event.at)
        return first

    def twice(self) -> list[str]:
        """Messages painted again after an answer, or twice in one life of the program."""
        found, answered, painted = [], set[str](), set[str]()
        for event in self.look():
            if event.what == "started":
                painted.clear()
            elif event.what == "answered":
                answered.add(event.about)
            elif event.what == "painted":
                if event.about in answered | painted:
                    found.append(event.about)
                painted.add(event.about)
        return found

    def link(self) -> str:
        """The link's state as the program last announced it in this life."""
        for event in reversed(self.look()):
            if event.what in {"link", "started"}:
                return event.about
        return ""


def _event(line: str) -> Event:
    what, about, at = line.split(" ")
    return Event(what, about, int(at) / 1e9)


class TrayProcess:
    """A tray with a data folder of its own; it may live several times."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        inside: Sequence[str] = (),
        heartbeat_s: int = 60,
        data: Path | None = None,
        environ: Mapping[str, str] = MappingProxyType({}),
        root: Path = ROOT,
    ) -> None:
        """*inside*: a command that runs another, as ``ip netns exec``; *data*: its data folder.

        *root*: whose source it is run from.
        """
        self._root = root
        self.data = data or folder / "data"
        self._spot = folder / "spot"
        self._spot.mkdir(parents=True, exist_ok=True)
        self.screen = Screen(self._spot / "report")
        self._command = [
            *(*inside, children.python(), "-m", "tests.integration.watched_tray", str(self._spot)),
            *("--redis-url", url, "--data-dir", str(self.data)),
            *("--outlet", "JKT-001", "--pc", "till-1", "--channel", "Channel 1"),
        ]
        own = {"SIARAN_HEARTBEAT_SECONDS": str(heartbeat_s), "SIARAN_POPUPS_PER_MINUTE": "1000"}
        self._environ = children.own_environment(own | dict(environ), PYTHONPATH=str(root))
        self._environ["XDG_CONFIG_HOME"] = str(folder / "config")
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, plan: Plan | None = None, *, connected: bool = True) -> None:
        """Begin a life, and wait until it is connected."""
        lives = self.lives()
        (self._spot / "plan.json").write_bytes(msgspec.json.encode(plan or Plan()))
        self._spawn()
        if connected:
            await until(lambda: self.lives() > lives and self.is_connected(), WITHIN_S)

    def _spawn(self) -> None:
        with (self._spot / "stderr").open("ab") as errors:
            command, environ = self._command, self._environ
            self.process = subprocess.Popen(command, cwd=self._root, env=environ, stderr=errors)

    def lives(self) -> int:
        """How often it was put together."""
        return sum(event.what == "started" for event in self.screen.look())

    def is_connected(self) -> bool:
        """Whether it says so."""
        return self.screen.link() == LinkState.CONNECTED.value

    def freeze(self) -> None:
        """Let it do nothing at all, as on a PC that sleeps."""
        assert self.process is not None
        children.freeze(self.process)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        children.thaw(self.process)

    async def ended(self) -> int:
        """Wait for the end of this life; return its exit code."""
        process, self.process = self.process, None
        assert process is not None
        await until(lambda: process.poll() is not None)
        return process.returncode

    async def stop(self) -> None:
        """End this life in order, if there is one."""
        if self.process is not None:
            self.thaw()
            await self._ask_to_end(self.process)
            await self.ended()

    async def _ask_to_end(self, process: subprocess.Popen[bytes]) -> None:
        if sys.platform == "win32":  # which has no SIGTERM
            await asyncio.to_thread(tell, self.data, Command.QUIT, timeout_s=WITHIN_S)
        else:
            process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Leave nothing running."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def limit_files(self, size: int) -> None:
        """Let no file of the running process grow beyond *size* bytes."""
        assert self.process is not None
        import resource  # Unix has it

        hard = resource.RLIM_INFINITY
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Nobody presses OK meanwhile."""
        hold = self._spot / "hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def log(self) -> str:
        """Its log file."""
        path = self.data / "logs" / "tray.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def complaints(self) -> list[str]:
        """What no fault explains: errors in the log, and words on stderr that are not Qt's."""
        errors = (self._spot / "stderr").read_text(encoding="utf-8", errors="replace")
        lines = [line for line in self.log().splitlines() if " ERROR " in line or "CRIT" in line]
        known = ("This plugin does not", " INFO ")  # without a log file, the log is there
        return lines + [one for one in errors.splitlines() if not any(k in one for k in known)]


@asynccontextmanager
async def running_console(url: str) -> AsyncIterator[ConsoleSession]:
    """A console without its window, connected."""
    bus = RedisConsoleBus(RedisAddress.from_url(url), Keys("siaran"))
    session = ConsoleSession(bus, Sender(Settings()))
    task = asyncio.create_task(session.run())
    try:
        await until(lambda: session.status.state is LinkState.CONNECTED)
        yield session
    finally:
        task.cancel()
        await asyncio.wait([task])


async def send(console: ConsoleSession, draft: Draft) -> str:
    """Press Send until Redis has accepted *draft*, as an admin would; return its id."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return (await console.send(draft)).message.id
        except BadInput:
            raise
        except SiaranError:
            assert time.monotonic() < deadline, "nobody takes the message"
            await asyncio.sleep(0.05)


async def stream(
    console: ConsoleSession, count: int, rate: float, *, body: str = "Body"
) -> list[str]:
    """Send *count* messages, *rate* in a second, and return their ids.

    They are *important*: an absence does not fold those, so each has a popup of its own.
    """
    turn, ids = time.monotonic(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, turn - time.monotonic()))
        turn = max(turn + 1 / rate, time.monotonic())  # what an outage cost is not made up for
        title = f"Message {number + 1} of {count}"
        draft = Draft(channels=["Channel 1"], title=title, body=body, level=Level.IMPORTANT)
        ids.append(await send(console, draft))
    return ids


async def send_at_once(url: str, count: int) -> list[str]:
    """Publish *count* messages as fast as one connection takes them; return their ids."""
    bus = RedisConsoleBus(RedisAddress.from_url(url), Keys("siaran"))
    async with bus.open() as link:
        now = await link.time_ms()
        drafts = [
            Draft(channels=["Channel 1"], title=f"{number}", body="Body", level=Level.IMPORTANT)
            for number in range(count)
        ]

        async def publish(draft: Draft) -> None:
            envelope = encode_envelope(encode_payload(to_message(draft, "HQ", now)), [])
            await link.publish(draft.id, draft.channels, envelope, DAY_MS)

        await asyncio.gather(*map(publish, drafts))
    return [draft.id for draft in drafts]
