"""A server that sends without end: the tray lets go of it, and stays small.

Nothing here knows how replies are parsed: a tray's link in a process of its own meets a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.errors import SiaranError
from shared.keys import Keys
from shared.model import Endpoint
from shared.redis_bus import RedisAddress, RedisTrayBus
from tests import children

ROOT = Path(__file__).resolve().parents[3]
WITHIN_S = 40.0
SMALL_MB = 160
"""Of memory, at the highest. A tray's link alone takes 35."""
MB = b"x" * (1 << 20)


def endless_string() -> Iterator[bytes]:
    yield b"$5200000000\r\n"
    yield from itertools.repeat(MB)


def longest_strings() -> Iterator[bytes]:
    yield b"*500000\r\n"
    for _ in itertools.repeat(None):
        yield b"$%d\r\n" % (512 << 20)
        yield from itertools.repeat(MB, 512)
        yield b"\r\n"


def strings_of_1_mb() -> Iterator[bytes]:
    yield b"*500000\r\n"
    yield from itertools.repeat(b"$%d\r\n%s\r\n" % (len(MB), MB))


def short_strings() -> Iterator[bytes]:
    yield b"*500000\r\n"
    yield from itertools.repeat(b"$200\r\n%s\r\n" % (b"y" * 200) * 1000)


def numbers() -> Iterator[bytes]:
    yield b"*500000\r\n"
    yield from itertools.repeat(b"*500000\r\n" + b":1234567890\r\n" * 500_000)


def endless_list() -> Iterator[bytes]:
    yield b"*2000000000\r\n"
    yield from itertools.repeat(b":1\r\n" * 100_000)


def lists_in_lists() -> Iterator[bytes]:
    yield from itertools.repeat(b"*1\r\n" * 100_000)


def endless_line() -> Iterator[bytes]:
    yield b"+"
    yield from itertools.repeat(MB)


def endless_error() -> Iterator[bytes]:
    yield b"-ERR "
    yield from itertools.repeat(MB)


ATTACKS = (
    endless_string,
    longest_strings,
    strings_of_1_mb,
    short_strings,
    numbers,
    endless_list,
    lists_in_lists,
    endless_line,
    endless_error,
)
STAGES = {"at once": b"PING", "in an answer": b"XRANGE", "to a subscriber": b"SUBSCRIBE"}
"""The first command that gets the attack instead of its reply."""
TOPICS = (b"{siaran}:all", b"{siaran}:ans:JKT-001")


@asynccontextmanager
async def hostile(attack: Any, stage: bytes) -> AsyncIterator[int]:
    """Answer as Redis would until *stage* is asked for; yield the port."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError):
            while request := await reader.read(1 << 16):
                if stage in request:
                    for part in attack():
                        writer.write(part)
                        await writer.drain()
                writer.write(answer(request))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        # Wine may leave a WSASend pending for good whose peer has closed its end.
        for writer in writers:
            writer.transport.abort()


def answer(request: bytes) -> bytes:
    """What a friendly Redis says to *request*."""
    for topic in TOPICS:
        if b"SUBSCRIBE" in request and topic in request:
            return b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n" % (len(topic), topic)
    return b"+PONG\r\n"


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize("attack", ATTACKS, ids=[one.__name__ for one in ATTACKS])
async def test_what_has_no_end_is_let_go_of_and_the_program_stays_small(
    attack: Any, stage: bytes
) -> None:
    async with hostile(attack, stage) as port:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(children.python(), "-m", "tests.integration.attacks.test_hostile_server", str(port)),
            cwd=ROOT,
            env=children.environment(),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        report = json.loads(output)
        assert report["error"] in {"NotRedis", "LinkLost", "RedisUnreachable", "RedisError"}
        assert report["peak_mb"] < SMALL_MB
        assert time.monotonic() - began < WITHIN_S


def _peak_mb() -> int:
    """The most memory that this program had at once, in MB."""
    if sys.platform == "win32":
        import win32process

        facts = win32process.GetProcessMemoryInfo(win32process.GetCurrentProcess())
        return int(facts["PeakWorkingSetSize"]) >> 20
    # Of this program alone: what getrusage tells begins with the size of whoever started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


async def _be_a_victim(port: int) -> str:
    """Live through one link to the server at *port*; return the kind of error that ended it."""
    bus = RedisTrayBus(RedisAddress(port=port), Keys())
    try:
        async with bus.open(["*"], Endpoint("JKT-001", "till-1")) as link:
            await link.read_log("*", None, 10)
            async for _ in link.arrivals():
                pass
    except SiaranError as error:
        return type(error).__name__
    return "none"


if __name__ == "__main__":
    name = asyncio.run(_be_a_victim(int(sys.argv[1])))
    print(json.dumps({"error": name, "peak_mb": _peak_mb()}))
