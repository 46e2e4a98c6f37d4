"""Redis' language: what is written, and what is made of the answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.redis_bus.resp import (
    MAX_DEPTH,
    NotRespError,
    ServerError,
    demand_no_error,
    packed,
    pairs,
    read_reply,
)


def reader(raw: bytes, limit: int = 1 << 16) -> asyncio.StreamReader:
    """A connection on which *raw* came before its end."""
    stream = asyncio.StreamReader(limit)
    stream.feed_data(raw)
    stream.feed_eof()
    return stream


async def read(raw: bytes) -> Any:
    """The first reply in *raw*."""
    return await read_reply(reader(raw))


def test_commands_are_lists_of_strings_with_their_lengths_in_bytes() -> None:
    sent = packed([("SET", "käse", b"\r\n"), ("EXPIRE", "x", 60)])
    assert sent == (
        b"*3\r\n$3\r\nSET\r\n$5\r\nk\xc3\xa4se\r\n$2\r\n\r\n\r\n"
        b"*3\r\n$6\r\nEXPIRE\r\n$1\r\nx\r\n$2\r\n60\r\n"
    )


@pytest.mark.parametrize(
    ("raw", "reply"),
    [
        (b"+PONG\r\n", b"PONG"),
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
    assert await read(raw) == reply


async def test_an_error_is_a_reply_too_and_may_be_among_others() -> None:
    good, bad = await read(b"*2\r\n+OK\r\n-WRONGTYPE Operation against a key\r\n")
    assert good == b"OK"
    assert isinstance(bad, ServerError)
    assert bad.code == "WRONGTYPE"
    assert str(bad) == "WRONGTYPE Operation against a key"
    with pytest.raises(ServerError, match="WRONGTYPE"):
        demand_no_error([good, bad])


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x03\r\n", b":seven\r\n", b"\r\n", b"%1\r\n"],
)
async def test_what_is_no_redis_is_told_from_what_is(raw: bytes) -> None:
    with pytest.raises(NotRespError):
        await read(raw)


async def test_a_line_without_an_end_is_not_read_for_ever() -> None:
    with pytest.raises(NotRespError):
        await read_reply(reader(b"+" + b"x" * 100, limit=50))


async def test_lists_in_lists_without_an_end_are_none() -> None:
    assert await read(b"*1\r\n" * MAX_DEPTH + b":1\r\n")
    with pytest.raises(NotRespError):
        await read(b"*1\r\n" * 5000 + b":1\r\n")


@pytest.mark.parametrize("raw", [b"", b"+PO", b"$5\r\nab", b"*2\r\n:1\r\n"])
async def test_an_end_in_the_middle_is_a_lost_connection(raw: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await read(raw)


@given(st.lists(st.binary(), min_size=1))
def test_whatever_is_sent_would_be_read_as_it_was(arguments: list[bytes]) -> None:
    async def read_back() -> object:  # a command is a list of strings, as a reply can be
        return await read(packed([arguments]))

    assert asyncio.run(read_back()) == arguments


def test_pairs_are_names_with_their_values() -> None:
    assert list(pairs([b"a", 1, b"b", 2])) == [(b"a", 1), (b"b", 2)]
