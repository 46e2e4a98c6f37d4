"""The faults, each a small script of what goes wrong while messages are sent.

Tests run them with short streams, ``tests/bench/bench_faults.py`` with longer ones. A fault gets a
``Stage``, sends, and notes when things were in order again; ``run`` waits for the screen, sends one
more message as proof that nothing comes twice, starts the tray once more, and counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from admin_app.session import ConsoleSession
from tests.children import KILLED
from tests.conftest import until
from tests.integration.fault_links import Cable, Proxy
from tests.integration.fault_tools import (
    WITHIN_S,
    TrayProcess,
    running_console,
    send_at_once,
    stream,
)
from tests.integration.watched_tray import Plan
from tests.redis_server import RedisServer
from tray_client.inbox import read_messages

YEAR_MS = 365 * 86_400_000
OPENED_OFFLINE = "still not connected: opening what is waiting here"
NOTICED_WITHIN_S = 15.0
GIVEN_UP_WITHIN_S = 15.0
DIES_AT = 7
"""So many messages have come to the step at which the tray dies."""
EXPLAINED = ("not written down yet: ", "cannot be used", "no log file in", " INFO ", " WARNING ")
"""Without a log file everything goes to standard error."""
APPEND_ALWAYS = ("--appendfsync", "always")


@dataclass(frozen=True)
class Size:
    """How much is sent in each of a fault's parts, how fast, and how long an outage lasts."""

    part: int = 25
    rate: float = 50.0
    outage_s: float = 20.0


@dataclass
class Outcome:
    """What came of one fault."""

    sent: list[str] = field(default_factory=list)
    shown: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    heal_s: float = 0.0
    """From the end of the fault until everything sent by then had been painted."""


class Stage:
    """A server, a console, a tray, and what was sent."""

    def __init__(
        self, server: RedisServer, console: ConsoleSession, tray: TrayProcess, size: Size
    ) -> None:
        self.server, self.console, self.tray, self.size = server, console, tray, size
        self.sent: list[str] = []
        self._before = 0
        self._ended_at = time.monotonic()

    async def send(self, count: int | None = None, *, body: str = "Body") -> None:
        """Send one part of the stream."""
        count = self.size.part if count is None else count
        self.sent += await stream(self.console, count, self.size.rate, body=body)

    def in_order(self) -> None:
        """The fault has ended."""
        self._before, self._ended_at = len(self.sent), time.monotonic()

    async def all_answered(self) -> None:
        """Wait for the screen, if need be to the deadline."""
        wanted = set(self.sent)
        with suppress(AssertionError):  # what is lost is counted
            await until(lambda: wanted <= self.tray.screen.answered(), WITHIN_S)

    def outcome(self) -> Outcome:
        """Count."""
        painted, twice = self.tray.screen.painted_at(), self.tray.screen.twice()
        until_then = [painted.get(one, self._ended_at) for one in self.sent[: self._before]]
        return Outcome(
            sent=self.sent,
            shown=len(painted.keys() & set(self.sent)),
            lost=[one for one in self.sent if one not in painted],
            twice=twice,
            complaints=self.tray.complaints(),
            heal_s=max([self._ended_at, *until_then]) - self._ended_at,
        )


Fault = Callable[[Stage], Awaitable[None]]


async def run(
    fault: Fault,
    folder: Path,
    size: Size,
    *,
    redis: tuple[str, ...] = (),
    plan: Plan | None = None,
    wire: Cable | None = None,
    data: Path | None = None,
) -> Outcome:
    """Play *fault* with everything of its own in *folder*, and return what came of it.

    *redis*: the server's options; *wire*: what the tray is connected by, else it is on this PC;
    *data*: the tray's data folder, if it is to be elsewhere.
    """
    (folder / "redis").mkdir(parents=True)
    server = RedisServer(folder / "redis", *redis, *(_options(wire) if wire else ()))
    await asyncio.to_thread(server.start)
    if wire is None:
        tray = TrayProcess(server.url, folder, data=data)
    else:
        url = f"redis://{wire.host}:{server.port}"
        tray = TrayProcess(url, folder, inside=wire.inside, data=data)
    try:
        async with running_console(server.url) as console:
            await tray.start(plan)
            return await play(fault, Stage(server, console, tray, size))
    finally:
        tray.kill()
        server.stop()


async def run_by_proxy(folder: Path, size: Size) -> Outcome:
    """Play ``half_open`` through a proxy that stalls."""
    (folder / "redis").mkdir(parents=True)
    server = RedisServer(folder / "redis")
    await asyncio.to_thread(server.start)
    try:
        async with Proxy(server.port) as proxy, running_console(server.url) as console:
            tray = TrayProcess(proxy.url, folder)
            try:
                await tray.start()
                return await play(half_open(proxy), Stage(server, console, tray, size))
            finally:
                tray.kill()
    finally:
        server.stop()


def _options(wire: Cable) -> tuple[str, ...]:
    """Let the server be reached by *wire*, and let it give up a silent client after 4 s."""
    return (
        *("--bind", "127.0.0.1", wire.host),
        *("--protected-mode", "no", "--tcp-keepalive", "1"),
    )


async def play(fault: Fault, stage: Stage) -> Outcome:
    """Play *fault* on a *stage* that is ready."""
    await fault(stage)
    await stage.all_answered()
    healed = stage.outcome()
    await stage.tray.stop()  # what is met again after a restart would be painted again, ...
    await stage.tray.start()
    await stage.send(1)  # ... before this one, which is behind it in every queue
    await stage.all_answered()
    outcome = stage.outcome()
    outcome.heal_s = healed.heal_s
    return outcome


# --- the link and the server ---


async def connection_killed(on: Stage) -> None:
    """Redis cuts connections again and again; *normal* ones are the console's, too."""
    for kind in ("pubsub", "normal", "pubsub"):
        await on.send()
        on.server.command("CLIENT", "KILL", "TYPE", kind)
    await on.send()
    on.in_order()


async def redis_killed(on: Stage) -> None:
    """Redis dies and starts again."""
    await on.send()
    on.server.stop("SIGKILL")
    sending = asyncio.ensure_future(on.send())
    await until(lambda: not on.tray.is_connected())
    await asyncio.to_thread(on.server.start)
    on.in_order()
    await sending
    await on.send()


async def redis_frozen(on: Stage) -> None:
    """Redis answers nobody for a while; connections stay open."""
    await on.send()
    on.server.freeze()
    sending = asyncio.ensure_future(on.send())
    await asyncio.sleep(on.size.outage_s)
    on.server.thaw()
    on.in_order()
    await sending
    await on.send()


async def scripts_flushed(on: Stage) -> None:
    """Redis forgets the publishing script, again and again."""
    for _ in range(4):
        await on.send()
        on.server.command("SCRIPT", "FLUSH")
    await on.send()
    on.in_order()


async def output_buffer_overflows(on: Stage) -> None:
    """The tray does not read, and Redis hangs up when too much waits for it."""
    limit = ("CONFIG", "SET", "client-output-buffer-limit")
    on.server.command(*limit, "pubsub 65536 0 0")
    on.tray.freeze()
    big = "\N{CJK UNIFIED IDEOGRAPH-8336}" * 8000
    deadline = time.monotonic() + WITHIN_S
    while _subscribers(on.server):
        assert time.monotonic() < deadline, "Redis holds back any amount"
        await on.send(5, body=big)
    await on.send(5, body=big)
    on.tray.thaw()
    on.in_order()


class Line(Protocol):
    """A proxy or a wire."""

    def stall(self) -> None: ...

    def flow(self) -> None: ...


def half_open(line: Line) -> Fault:
    """Nothing comes through any more in the middle of the stream, and no socket is closed."""

    async def fault(on: Stage) -> None:
        await on.send()
        line.stall()
        await on.send()
        await until(lambda: not on.tray.is_connected(), NOTICED_WITHIN_S)
        line.flow()
        on.in_order()
        await on.send()

    return fault


def expires_while_idle(line: Line) -> Fault:
    """Redis' keep-alive gives up an idle tray, which hears nothing of that."""

    async def fault(on: Stage) -> None:
        await on.send()
        await on.all_answered()
        line.stall()
        while not await _comes_true(lambda: not _subscribers(on.server), GIVEN_UP_WITHIN_S):
            # A reply was on its way. TCP sends it again for a quarter of an hour, and keep-alive
            # does not count meanwhile: the line was not idle.
            line.flow()
            await until(on.tray.is_connected)
            line.stall()
        line.flow()
        on.in_order()
        await on.send()

    return fault


async def _comes_true(condition: Callable[[], bool], within_s: float) -> bool:
    with suppress(AssertionError):
        await until(condition, within_s)
    return condition()


def _subscribers(server: RedisServer) -> bool:
    return b"id=" in server.command("CLIENT", "LIST", "TYPE", "pubsub")


# --- the PC ---


async def suspended(on: Stage) -> None:
    """The PC sleeps while messages are sent."""
    await on.send()
    on.tray.freeze()
    await asyncio.gather(on.send(), asyncio.sleep(on.size.outage_s))
    on.tray.thaw()
    on.in_order()
    await on.send()


async def off_for_the_first_half(on: Stage) -> None:
    """The tray is not running while half of the messages are sent."""
    await on.tray.stop()
    await on.send(2 * on.size.part)
    on.in_order()
    await on.tray.start()
    await on.send(2 * on.size.part)


async def popup_left_open(on: Stage) -> None:
    """Nobody is at the till; whoever comes back answers all."""
    with on.tray.left_alone():
        await on.send(4 * on.size.part)
    on.in_order()


async def burst(on: Stage) -> None:
    """A thousand messages in about a second."""
    on.sent += await send_at_once(on.server.url, 1000)
    on.in_order()


def killed(*steps: str) -> Fault:
    """The tray dies at one step of a message after the other: of a live one, and catching up."""

    async def fault(on: Stage) -> None:
        for step in steps:
            await on.tray.stop()
            await on.tray.start(Plan(kill_at=step, kill_after=DIES_AT))
            await on.send()
            assert await on.tray.ended() == KILLED
            await on.tray.start(Plan(kill_at=step, kill_after=DIES_AT), connected=False)
            assert await on.tray.ended() == KILLED
            on.in_order()
            await on.tray.start()
            await on.all_answered()

    return fault


async def clock_jumps(on: Stage) -> None:
    """The PC's clock, a year fast from the beginning, is a year slow after a restart."""
    await on.send()
    await on.tray.stop()
    await on.send()
    on.in_order()
    await on.tray.start(Plan(clock_ms=-YEAR_MS))
    await on.send()


async def clock_jumps_without_redis(on: Stage) -> None:
    """The PC starts with a clock a year fast, messages wait for an answer, and no Redis is there.

    By that clock all of them have expired.
    """
    with on.tray.left_alone():
        await on.send()
        await until(lambda: _received(on) == len(on.sent))
        await on.tray.stop()
    on.server.stop()
    await on.tray.start(Plan(clock_ms=YEAR_MS), connected=False)
    await until(lambda: OPENED_OFFLINE in on.tray.log())
    await asyncio.to_thread(on.server.start)
    on.in_order()
    await on.send()


def _received(on: Stage) -> int:
    return len(read_messages(on.tray.data))


# --- the disk ---


def refusing(refuse: Callable[[Stage], None], allow: Callable[[Stage], None]) -> Fault:
    """The disk takes nothing for a while; what is on the screen then is answered meanwhile."""

    async def fault(on: Stage) -> None:
        with on.tray.left_alone():
            await on.send()
            await until(lambda: on.tray.screen.painted_at())
            refuse(on)
            await on.send()
        # New messages, or only the answers, find no room: SQLite's log has kept some for itself.
        await until(lambda: not on.tray.is_connected() or refused(on))
        allow(on)
        on.in_order()
        await on.send()

    return fault


def refused(on: Stage) -> bool:
    """Whether the tray has said that its disk takes nothing."""
    return any("cannot be used" in line for line in on.tray.complaints())


def more_complaints(on: Stage, before: int) -> bool:
    """Whether the tray has said what is wrong."""
    return len(on.tray.complaints()) > before


def explained(outcome: Outcome) -> Outcome:
    """*outcome* without complaints of the disk."""
    outcome.complaints = [
        line for line in outcome.complaints if not any(words in line for words in EXPLAINED)
    ]
    return outcome


def whole(outcome: Outcome) -> None:
    """Everything was shown, once, and nothing went wrong that the fault does not explain."""
    assert outcome.lost == []
    assert outcome.twice == []
    assert outcome.complaints == []
