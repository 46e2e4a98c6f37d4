"""What a bus may send: no bytes can do more than be refused, and never for long."""

from __future__ import annotations

import contextlib
import struct
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from jeepney import (
    DBusAddress,
    Endianness,
    HeaderFields,
    Message,
    message_bus,
    new_method_return,
    new_signal,
)

from shared.system_events.dbus_link import (
    HEAD_SIZE,
    MAX_MESSAGE,
    Garbage,
    parse,
    size_of,
    socket_paths,
)

SOMETHING = DBusAddress("/a", interface="b.c")
PROPERTIES = ("x", {"Active": ("b", True), "Deep": ("av", [])}, ["y"])
SIGNAL = new_signal(SOMETHING, "D", "sa{sv}as", PROPERTIES).serialise(7)


def signal_of(signature: bytes, body: bytes, *, kind: bytes = b"g") -> bytes:
    """A signal to everybody with this body, however wrong; its signature is of the type *kind*."""
    size = bytes([len(signature)]) if kind == b"g" else struct.pack("<I", len(signature))
    field = b"\x08\x01" + kind + b"\0" + size + signature + b"\0"
    head = b"l\x04\x00\x01" + struct.pack("<III", len(body), 1, len(field)) + field
    return head + bytes(-len(head) % 8) + body


def array(signature: bytes, size: int = MAX_MESSAGE - 1024) -> bytes:
    """A signal with an array of zeros."""
    return signal_of(b"a" + signature, struct.pack("<II", size, 0) + bytes(size))


@given(st.binary(max_size=200))
@example(b"l\x01\x00\x01" + b"\xff" * 12)
def test_random_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    for read in (parse, lambda raw: size_of(raw[:HEAD_SIZE].ljust(HEAD_SIZE, b"\0"))):
        with contextlib.suppress(Garbage):
            read(data)


@given(st.lists(st.tuples(st.integers(0, len(SIGNAL) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_message_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(SIGNAL)
    for at, byte in damage:
        data[at] = byte
    with contextlib.suppress(Garbage):
        parse(bytes(data))


@given(st.text("ybnqiuxtdsogvha(){}z", max_size=40), st.binary(max_size=80))
@example("a" * 255, bytes(80))
@example("(" * 255, bytes(80))
@example("a{vs}", bytes(80))
@example("{sv}", bytes(80))
def test_a_signature_is_understood_or_refused(signature: str, body: bytes) -> None:
    with contextlib.suppress(Garbage):
        parse(signal_of(signature.encode(), body))


@pytest.mark.parametrize("signature", ["a", "(", "a{s}", "a{vs}", "z", "(s"])
def test_broken_signatures_are_refused(signature: str) -> None:
    with pytest.raises(Garbage):
        parse(signal_of(signature.encode(), bytes(64)))


BOMBS = {
    "an array of empty structs": array(b"()"),
    "empty structs in a variant": signal_of(b"v", b"\x03a()\0" + bytes(3) + b"\xff\xff\0\0" * 9),
    "empty structs in the header": b"l\x04\x00\x01"
    + struct.pack("<III", 0, 1, 40)
    + b"\x04\x03a()\0\0\0"
    + struct.pack("<II", 1 << 31, 0)
    + bytes(24),
    "a type in the header that goes on in the body": b"l\x04\x00\x01"
    + struct.pack("<III", 16, 1, 8)
    + b"\x04\x04aaaa"
    + b"()\0\0" * 5,
    "structs in structs": array(b"(" * 120 + b"y" + b")" * 120),
    "variants in variants": signal_of(b"v", b"\x01v\x00" * 20_000),
    "a signature that is too long": signal_of(b"y" * 60_000, b"", kind=b"s"),
    "a signature that is a number": signal_of(b"", bytes(60), kind=b"u"),
    "a length beyond the message": signal_of(b"s", b"\xff\xff\xff\xff" + bytes(16)),
    "a boolean that is cut": signal_of(b"b", b"\1"),
    "a text that is not UTF-8": signal_of(b"s", b"\x01\0\0\0\xff\0"),
    "a header field that nobody knows": SIGNAL.replace(b"\x02\x01s", b"\x63\x01s"),
    "a file that was not sent": signal_of(b"h", bytes(4)),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_at_once(bomb: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Garbage):
        parse(bomb)
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("signature", [b"n", b"v", b"(nn(n))", b"an", b"s"])
def test_the_longest_message_that_is_read_takes_no_time(signature: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(Garbage):
        parse(array(signature))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("size", range(len(SIGNAL)))
def test_a_cut_message_is_refused(size: int) -> None:
    with pytest.raises(Garbage):
        parse(SIGNAL[:size])


def test_a_message_that_cannot_be_is_refused_by_its_first_bytes() -> None:
    for head in (b"l\x04\x00\x01" + b"\xff" * 12, b"x\x04\x00\x01" + bytes(12), b"l\x04\x00" * 6):
        with pytest.raises(Garbage):
            size_of(head[:HEAD_SIZE])


def _parsed(message: Message) -> Any:
    found = parse(message.serialise(1))
    return found and (found.header.fields.get(HeaderFields.sender), found.body)


def test_only_what_may_be_for_us_is_read() -> None:
    signal = new_signal(SOMETHING, "D", "sa{sv}as", PROPERTIES)
    assert _parsed(signal) == (None, PROPERTIES)
    signal.header.fields[HeaderFields.destination] = ":1.1"
    assert _parsed(signal) is None, "pretends to come from a service"
    call = message_bus.Hello()
    call.header.serial = 1
    assert _parsed(call) is None
    reply = new_method_return(call, "b", (True,))
    reply.header.fields |= {HeaderFields.destination: ":1.1", HeaderFields.sender: ":1.2"}
    assert _parsed(reply) == (":1.2", (True,))


def test_big_endian_messages_are_read_as_well() -> None:
    signal = new_signal(SOMETHING, "D", "sa{sv}as", PROPERTIES)
    signal.header.endianness = Endianness.big
    assert _parsed(signal) == (None, PROPERTIES)


@pytest.mark.parametrize(
    ("address", "paths"),
    [
        ("unix:path=/run/dbus/system_bus_socket", ["/run/dbus/system_bus_socket"]),
        ("unix:abstract=/tmp/dbus-x,guid=0a", ["\0/tmp/dbus-x"]),
        ("tcp:host=a;unix:path=/a%20b,guid=1;unix:path=/c", ["/a b", "/c"]),
        ("unix:path=/r%c3%a9", ["/ré"]),
        ("", []),
        ("nonsense;;:::=,", []),
        ("unix:path=/ж;unix:path;unix:path=/d;", ["/d"]),
    ],
)
def test_addresses_of_buses(address: str, paths: list[str]) -> None:
    assert socket_paths(address) == paths
