"""D-Bus as bytes: what we write can be read, and no bytes can do more than be refused."""

from __future__ import annotations

import contextlib
import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.system_events.dbus_link import socket_paths
from shared.system_events.dbus_messages import (
    HEAD_SIZE,
    MAX_MESSAGE,
    Message,
    MessageKind,
    decode,
    encode,
    size_of,
)
from shared.system_events.dbus_types import MAX_DEPTH, Garbage, Variant, parse
from shared.system_events.dbus_values import Reader, Writer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
BASICS: dict[str, st.SearchStrategy[Any]] = {
    "y": st.integers(0, 2**8 - 1),
    "b": st.booleans(),
    "n": st.integers(-(2**15), 2**15 - 1),
    "q": st.integers(0, 2**16 - 1),
    "i": st.integers(-(2**31), 2**31 - 1),
    "u": st.integers(0, 2**32 - 1),
    "x": st.integers(-(2**63), 2**63 - 1),
    "t": st.integers(0, 2**64 - 1),
    "d": st.floats(allow_nan=False),
    "s": TEXT,
    "o": TEXT,
}
Typed = tuple[str, st.SearchStrategy[Any]]


def _containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    return st.one_of(
        inner.map(lambda kind: ("a" + kind[0], st.lists(kind[1], max_size=3))),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda kinds: (
                f"({''.join(code for code, _ in kinds)})",
                st.tuples(*(values for _, values in kinds)),
            )
        ),
        st.tuples(st.sampled_from(sorted(BASICS)), inner).map(
            lambda pair: (
                f"a{{{pair[0]}{pair[1][0]}}}",
                st.dictionaries(BASICS[pair[0]], pair[1][1], max_size=3),
            )
        ),
        inner.map(lambda kind: ("v", kind[1].map(lambda value: Variant(kind[0], value)))),
    )


TYPED = st.recursive(st.sampled_from(sorted(BASICS.items())), _containers, max_leaves=6)
VALUES = TYPED.flatmap(lambda kind: st.tuples(st.just(kind[0]), kind[1]))
MESSAGES = st.builds(
    lambda kind, serial, path, name, typed: Message(
        kind, serial, path=path, member=name, signature=typed[0], body=(typed[1],)
    ),
    st.integers(1, 255),
    st.integers(1, 2**32 - 1),
    TEXT,
    TEXT,
    VALUES,
)
SIGNAL = encode(
    Message(
        MessageKind.SIGNAL,
        7,
        path="/a",
        interface="b.c",
        member="D",
        signature="sa{sv}as",
        body=("x", {"Active": Variant("b", True), "Deep": Variant("av", [])}, ["y"]),
    )
)


@given(VALUES)
def test_every_value_that_is_written_is_read_again(typed: tuple[str, Any]) -> None:
    signature, value = typed
    writer = Writer()
    writer.values(signature, value)
    reader = Reader(bytes(writer.data))
    assert reader.values(signature) == (value,)
    assert reader.at == len(writer.data)


@given(MESSAGES)
def test_every_message_that_is_written_is_read_again(message: Message) -> None:
    data = encode(message)
    assert size_of(data[:HEAD_SIZE]) == len(data)
    assert decode(data) == message


def test_big_endian_messages_are_read_as_well() -> None:
    fields = b"\x06\x01s\x00" + struct.pack(">I", 4) + b":1.5\0"
    head = b"B\x02\x00\x01" + struct.pack(">III", 0, 9, len(fields))
    message = decode(head + fields + bytes(-len(fields) % 8))
    assert message.destination == ":1.5"


@given(st.binary(max_size=200))
@example(b"l\x01\x00\x01" + b"\xff" * 12)
def test_random_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    for read in (decode, lambda raw: size_of(raw[:HEAD_SIZE].ljust(HEAD_SIZE, b"\0"))):
        with contextlib.suppress(Garbage):
            read(data)


@given(st.lists(st.tuples(st.integers(0, len(SIGNAL) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_message_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(SIGNAL)
    for at, byte in damage:
        data[at] = byte
    with contextlib.suppress(Garbage):
        decode(bytes(data))


@pytest.mark.parametrize("size", range(len(SIGNAL)))
def test_a_cut_message_is_refused(size: int) -> None:
    with pytest.raises(Garbage):
        decode(SIGNAL[:size])


@given(st.text("ybnqiuxtdsogvha(){}z", max_size=40))
@example("a" * 255)
@example("(" * 255)
@example("a" * 1000)
@example("a{vs}")
@example("{sv}")
def test_a_signature_is_understood_or_refused(signature: str) -> None:
    with contextlib.suppress(Garbage):
        parse(signature)


@pytest.mark.parametrize("signature", ["a", "(", "()", ")", "a{s}", "a{vs}", "{sv}", "z", "(s"])
def test_broken_signatures_are_refused(signature: str) -> None:
    with pytest.raises(Garbage):
        parse(signature)


def test_variants_inside_variants_end_somewhere() -> None:
    nested = b"\x01v\x00" * (MAX_DEPTH + 2)
    with pytest.raises(Garbage, match="deep"):
        Reader(nested).values("v")


def test_a_length_beyond_the_message_is_never_believed() -> None:
    huge = struct.pack("<I", 0xFFFFFFFF)
    for signature in ("s", "ay", "a{sv}", "a(yv)"):
        with pytest.raises(Garbage):
            Reader(huge + bytes(16)).values(signature)


def test_a_message_over_the_limit_is_refused_by_its_first_bytes() -> None:
    with pytest.raises(Garbage, match="bytes"):
        size_of(b"l\x04\x00\x01" + struct.pack("<III", MAX_MESSAGE, 1, 0))


def test_a_header_field_of_another_type_is_refused() -> None:
    writer = Writer()
    writer.values("yyyyuu", ord("l"), 4, 0, 1, 0, 1)
    writer.values("a(yv)", [(5, Variant("s", "not a number"))])
    writer.align(8)
    with pytest.raises(Garbage, match="reply_serial"):
        decode(bytes(writer.data))


@pytest.mark.parametrize(
    ("address", "paths"),
    [
        ("unix:path=/run/dbus/system_bus_socket", ["/run/dbus/system_bus_socket"]),
        ("unix:abstract=/tmp/dbus-x,guid=0a", ["\0/tmp/dbus-x"]),
        ("tcp:host=a;unix:path=/a%20b,guid=1;unix:path=/c", ["/a b", "/c"]),
        ("", []),
        ("nonsense;;:::=,", []),
    ],
)
def test_addresses_of_buses(address: str, paths: list[str]) -> None:
    assert socket_paths(address) == paths
