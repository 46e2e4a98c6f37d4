"""redis-py's connections as they are used here: no Redis, lost, cancelled, without bounds."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.redis_bus import connection as module
from shared.redis_bus.address import RedisAddress
from shared.redis_bus.client import ServerClient
from shared.redis_bus.connection import (
    CUT,
    MAX_ELEMENTS,
    NOT_KEPT,
    SHORT,
    Connection,
    LostError,
    Reply,
    code_of,
    demand_no_error,
    pairs,
    said,
)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[RedisAddress]:
    """A server that is none, or almost one."""
    served: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:  # leaving it waits, on Python 3.12 and later, until all are served
        try:
            yield RedisAddress(port=server.sockets[0].getsockname()[1])
        finally:
            for task in served:
                task.cancel()
            await asyncio.gather(*served, return_exceptions=True)


def saying(*parts: bytes) -> Serve:
    """What answers whatever it is asked with *parts*, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return serve


async def answer_to_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer everything but SLOW at once."""
    while data := await reader.read(1000):
        if b"SLOW" not in data:
            writer.write(b"+OK\r\n" * data.count(b"*"))


async def asked(*parts: bytes, commands: int = 1) -> list[Reply]:
    """What a client makes of *parts*, and of an end after them."""
    async with serving(saying(*parts)) as address:
        client = ServerClient(address)
        try:
            return await client.ask([("PING",)] * commands)
        finally:
            await client.aclose()


@pytest.mark.parametrize(
    ("raw", "reply"),
    [
        (b"+PONG\r\n", b"PONG"),
        (b"+two\nlines\r\n", b"two\nlines"),  # fakeredis says some errors so
        (b":-7\r\n", -7),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"$0\r\n\r\n", b""),
        (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        (b"*0\r\n", []),
        (b"*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n", [b"a", [1, None]]),
    ],
)
async def test_replies_are_what_the_server_said(raw: bytes, reply: object) -> None:
    assert await asked(raw) == [reply]
    assert await asked(*(raw[i : i + 1] for i in range(len(raw)))) == [reply]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x03\x00\x02\x02\x46",  # an alert of TLS
        b"220 mail ready\n",
        b":seven\r\n",
        b"\r\n",
        b"%1\r\n",
        b"+" + b"x" * 100_000,
        b"$-7\r\n",
        b"$99999999999\r\n",
        b"*99999999999\r\n",
        b"*x\r\n",
        b"-MOVED\r\n",
        b"*1\r\n" * 5000 + b":1\r\n",
    ],
)
async def test_what_is_no_redis_is_told_from_what_is(raw: bytes) -> None:
    with pytest.raises(InvalidResponse):
        await asked(raw)


@pytest.mark.parametrize("raw", [b"", b"+PO", b"$5\r\nab", b"*2\r\n:1\r\n", b"+PONG\r"])
async def test_an_end_in_the_middle_is_a_lost_connection(raw: bytes) -> None:
    """A server that ends is never told as a stranger."""
    with pytest.raises(CUT) as caught:
        await asked(raw)
    assert not isinstance(caught.value, InvalidResponse)


async def test_an_error_is_a_reply_with_its_code_and_may_be_among_others() -> None:
    first, second = await asked(b"-NOPERM no\r\n*2\r\n+OK\r\n-WRONGTYPE Operation\r\n", commands=2)
    assert said(first) == "NOPERM no"
    assert code_of(first) == "NOPERM"
    assert second[0] == b"OK"
    assert said(second[1]) == "WRONGTYPE Operation"
    assert said(b"OK") == said(LostError("x")) == ""
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        demand_no_error(second)


@pytest.mark.parametrize(
    "text", ["LOADING Redis is loading", "NOAUTH Authentication required.", "WRONGPASS no"]
)
async def test_an_answer_that_ends_the_connection_has_its_text(text: str) -> None:
    with pytest.raises(CUT) as caught:
        await asked(f"-{text}\r\n".encode())
    assert said(caught.value) == text


async def test_what_is_lost_stays_lost() -> None:
    async with serving(saying()) as address:
        client = ServerClient(address)
        for _ in range(3):
            with pytest.raises(CUT):
                await client.execute_command("PING")
        await client.aclose()


async def test_an_end_that_the_system_reports_is_no_missing_message() -> None:
    """On Python 3.11 and later ETIMEDOUT is what asyncio raises at the end of a time limit."""
    async with serving(answer_to_all) as address:
        listener = await Connection.open(address)
        reading = asyncio.create_task(listener.read())
        await asyncio.sleep(0)
        reader = listener._link._reader
        assert reader is not None
        reader.set_exception(OSError(errno.ETIMEDOUT, "Connection timed out"))
        with pytest.raises(RedisTimeoutError):
            await reading
        with pytest.raises(LostError):
            await listener.send([("PING",)])
        await listener.aclose()


async def test_a_cancellation_is_never_lost_and_the_next_command_may_connect() -> None:
    async with serving(answer_to_all) as address:
        for steps in range(60):
            client = ServerClient(address)
            task = asyncio.create_task(client.execute_command("SLOW"))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await client.execute_command("PING") == b"OK"
            client.give_up()
            with pytest.raises(LostError):
                await client.execute_command("PING")
            await client.aclose()


async def test_who_waits_for_a_reply_hears_that_the_connection_was_given_up() -> None:
    async with serving(answer_to_all) as address:
        client = ServerClient(address)
        assert await client.execute_command("PING") == b"OK"
        task = asyncio.create_task(client.execute_command("SLOW"))
        await asyncio.sleep(0.01)
        client.give_up()
        with pytest.raises(CUT):
            await task


async def test_a_server_that_reads_nothing_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the system keeps what it would not take."""
    monkeypatch.setattr(module, "COMMAND_TIMEOUT_S", 0.2)

    async def read_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    async with serving(read_nothing) as address:
        connection = await Connection.open(address)
        with pytest.raises(TimeoutError):
            await connection.ask([("SET", "a", b"x" * 20_000_000)])
        transport = connection._transport
        assert transport is not None
        assert transport.get_write_buffer_size() > 0
        await connection.aclose()
        assert transport.get_write_buffer_size() == 0


async def test_each_reply_has_a_deadline_that_moves_while_bytes_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "COMMAND_TIMEOUT_S", 0.25)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"$10\r\n")
        for _ in range(10):
            await asyncio.sleep(0.05)
            writer.write(b"x")
        writer.write(b"\r\n")
        while await reader.read(1000):  # and never answer that
            pass

    async with serving(drip) as address:
        client = ServerClient(address)
        assert await client.execute_command("GET") == b"x" * 10
        with pytest.raises(TimeoutError):
            await client.execute_command("GET")
        await client.aclose()


# --- bounds --------------------------------------------------------------------------------------


async def test_no_more_of_a_reply_is_kept_than_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection goes on: what comes after it is read as ever."""
    monkeypatch.setattr(module, "MAX_KEPT", 100_000)
    long = b"$60000\r\n" + b"x" * 60_000 + b"\r\n"
    short = b"$%d\r\n%s\r\n" % (SHORT, b"y" * SHORT)
    reply, after = await asked(b"*4\r\n" + long + long + short + b":5\r\n", long, commands=2)
    assert reply == [b"x" * 60_000, NOT_KEPT, b"y" * SHORT, 5]
    assert after == b"x" * 60_000


async def test_a_reply_is_the_same_wherever_its_parts_are_cut() -> None:
    """Lines and strings lie across the ends of what is read at once."""
    rows = [[b"%d-0" % n, [b"e", b"x" * (n % 700), b"t", b"1"]] for n in range(2000)]
    raw = b"*%d\r\n" % len(rows)
    for name, fields in rows:
        assert isinstance(fields, list)
        raw += b"*2\r\n$%d\r\n%s\r\n*4\r\n" % (len(name), name)
        raw += b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in fields)
    assert await asked(raw) == [rows]


@pytest.mark.parametrize(
    "element", [b"$-1\r\n", b":1\r\n", b"*0\r\n", b"$100\r\n%s\r\n" % (b"x" * 100)]
)
async def test_a_list_that_goes_on_for_ever_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, element: bytes
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 10_000)
    with pytest.raises(InvalidResponse):
        await asked(b"*%d\r\n" % MAX_ELEMENTS, element * 1000)


async def test_strings_without_an_end_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little of them is kept."""
    monkeypatch.setattr(module, "MAX_KEPT", 1000)
    monkeypatch.setattr(module, "MAX_PASSED", 50_000)
    with pytest.raises(InvalidResponse):
        await asked(b"*100\r\n", *[b"$10000\r\n%s\r\n" % (b"x" * 10_000)] * 6)


@given(st.lists(st.binary()))
def test_whatever_is_sent_would_be_read_as_it_was(arguments: list[bytes]) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)  # a command is a list of strings, as a reply can be

    async def read_back() -> object:
        async with serving(echo) as address:
            client = ServerClient(address)
            try:
                return await client.execute_command("ECHO", *arguments)
            finally:
                await client.aclose()

    assert asyncio.run(read_back()) == [b"ECHO", *arguments]


def test_pairs_are_names_with_their_values() -> None:
    assert list(pairs([b"a", 1, b"b", 2])) == [(b"a", 1), (b"b", 2)]
