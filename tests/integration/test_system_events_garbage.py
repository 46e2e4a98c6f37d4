"""A socket that says it is a message bus, and lies: nothing is raised, nothing grows."""

from __future__ import annotations

import asyncio
import struct
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, Message, message_bus, new_method_return, new_signal

from shared.system_events import SessionState, dbus_link, watch_system
from shared.system_events.bus_keeper import BusKeeper
from shared.system_events.dbus_link import MAX_MESSAGE, BusLink, Garbage, open_bus
from shared.system_events.logind import LogindFollower, Seat
from tests.conftest import until

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
LET_IN = b"OK 0123456789abcdef0123456789abcdef\r\n"


def reply_to(serial: int, signature: str, *body: Any) -> Message:
    """A reply to the client's call with this number."""
    call = message_bus.Hello()
    call.header.serial = serial
    reply: Message = new_method_return(call, signature, body)
    return reply


HELLO = reply_to(1, "s", ":1.1").serialise(1)
SIGNAL = new_signal(DBusAddress("/a", interface="b.c"), "D").serialise(2)


@asynccontextmanager
async def pretending(folder: Path, talk: Talk) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that talks like this; its address, and an item for each visit."""
    visits: list[int] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(1)
        # asyncio.streams would log a cancellation as an error of the server.
        with suppress(OSError, EOFError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    path = folder / "false-bus"
    server = await asyncio.start_unix_server(visit, path)
    try:
        yield f"unix:path={path}", visits
    finally:
        server.close()


def saying(*words: bytes) -> Talk:
    """Say this, whatever the client says, and nothing more."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for word in words:
            writer.write(word)
        writer.write_eof()
        await reader.read()  # hanging up at once would take back what was said

    return talk


GARBAGE = {
    "nothing": b"",
    "no": b"REJECTED EXTERNAL\r\n",
    "an endless line": b"x" * (3 * MAX_MESSAGE),
    "noise": LET_IN + bytes(range(256)) * 8,
    "zeros": LET_IN + bytes(4096),
    "a huge message": LET_IN + b"l\x04\x00\x01" + struct.pack("<III", 0xFFFFFFFF, 1, 0xFFFFFFF0),
    "a cut message": LET_IN + HELLO[:-3],
    "another's reply": LET_IN + HELLO.replace(b"\x01\x00\x00\x00", b"\x02\x00\x00\x00"),
    "a signal instead of hello": LET_IN + SIGNAL,
    "hello, then noise": LET_IN + HELLO + b"\xff" * 64,
}


@pytest.mark.parametrize("word", GARBAGE.values(), ids=GARBAGE.keys())
async def test_whatever_a_bus_says_the_keeper_goes_on(tmp_path: Path, word: bytes) -> None:
    seats: list[Seat] = []
    async with pretending(tmp_path, saying(word)) as (address, visits):
        keeper = BusKeeper(
            address, LogindFollower(seats.append, lambda: None), uniform=lambda _low, _high: 0.01
        )
        task = asyncio.create_task(keeper.run())
        await until(lambda: len(visits) >= 3)
        assert keeper.looked.is_set()
        assert set(seats) == {Seat()}
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])


async def test_a_system_with_false_buses_is_an_active_session(tmp_path: Path, qapp: Any) -> None:
    async with pretending(tmp_path, saying(LET_IN, HELLO, b"?" * 5000)) as (address, _):
        names = ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS")
        async with watch_system(dict.fromkeys(names, address)) as system:
            assert system.session is SessionState.ACTIVE


async def test_a_mute_bus_delays_the_start_but_does_not_stop_it(tmp_path: Path) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    loop = asyncio.get_running_loop()
    async with pretending(tmp_path, mute) as (address, _):
        began = loop.time()
        async with watch_system({"DBUS_SYSTEM_BUS_ADDRESS": address}) as system:
            assert system.session is SessionState.ACTIVE
        assert loop.time() - began < 20


async def test_a_flood_of_signals_during_a_call_does_not_grow(tmp_path: Path) -> None:
    rounds = 300
    done = asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(LET_IN + HELLO)
        for _ in range(rounds):
            writer.write(SIGNAL * 20)
            await writer.drain()
        done.set()

    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with pretending(tmp_path, flood) as (address, _), open_bus(address) as link:
        others = asyncio.create_task(count_turns())
        tracemalloc.start()
        with pytest.raises(EOFError):
            await link.listen(member="Whatever")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        others.cancel()
        assert done.is_set()
        assert turns >= rounds * 20, "others have to wait for no more than one signal"
        assert len(await link.signals()) == 64
        assert peak < 1_000_000


async def test_a_flood_that_nobody_listens_to_stays_in_the_kernel(tmp_path: Path) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.transport.set_write_buffer_limits(0)
        writer.write(LET_IN + HELLO)
        while True:
            writer.write(SIGNAL * 20)
            await writer.drain()
            sent += len(SIGNAL) * 20

    async with pretending(tmp_path, flood) as (address, _), open_bus(address):
        await until(lambda: sent > 0)
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 2_000_000


async def test_a_message_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    begin, part = b"l\x04\x00\x01" + struct.pack("<III", size, 1, 0), bytes(1024 * 1024)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(LET_IN + HELLO + begin)
        for _ in range(size // len(part)):
            writer.write(part)
            await writer.drain()
        writer.write(reply_to(2, "").serialise(3))
        await reader.read()

    async with pretending(tmp_path, talk) as (address, _), open_bus(address) as link:
        tracemalloc.start()
        await link.listen(member="Whatever")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 * len(part)


@pytest.mark.parametrize("cut", [0, 5, 40])
async def test_a_bus_that_hangs_up_ends_a_call(tmp_path: Path, cut: int) -> None:
    talk = saying(LET_IN, HELLO, reply_to(2, "s", "far too late").serialise(3)[:cut])
    async with pretending(tmp_path, talk) as (address, _), open_bus(address) as link:
        with pytest.raises(EOFError):
            await link.listen(member="Whatever")


@pytest.mark.parametrize("words", [[], [LET_IN], [LET_IN, HELLO], [LET_IN, HELLO, HELLO[:20]]])
async def test_a_bus_that_stops_answering_is_given_up(
    tmp_path: Path, words: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbus_link, "ANSWER_WITHIN_S", 0.2)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(words))
        await reader.read()

    async def use(address: str) -> None:
        async with open_bus(address) as link:
            await link.listen(member="Whatever")

    async with pretending(tmp_path, talk) as (address, _):
        with pytest.raises(TimeoutError):
            await use(address)


async def test_a_cancellation_is_never_lost(tmp_path: Path) -> None:
    """Cancelled at any moment, also when an answer comes in the same turn of the event loop."""
    replies = [reply_to(serial, "").serialise(serial) for serial in range(2, 12)]

    async def use(address: str) -> None:
        async with open_bus(address) as link:
            while True:
                await link.listen(member="Whatever")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for word in (LET_IN, HELLO, *replies):
            if not writer.is_closing():
                writer.write(word)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    async with pretending(tmp_path, talk) as (address, _):
        for turns in range(60):
            task = asyncio.create_task(use(address))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=5)
            assert task.cancelled(), f"after {turns} turns: {task}"


async def test_a_message_that_is_garbage_ends_the_link(tmp_path: Path) -> None:
    talk = saying(LET_IN, HELLO, b"\xff" * 64)

    async def wait_for(link: BusLink) -> None:
        while True:
            await link.signals()

    async with pretending(tmp_path, talk) as (address, _), open_bus(address) as link:
        with pytest.raises(Garbage):
            await wait_for(link)
