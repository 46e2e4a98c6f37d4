"""What the kernel says about links and addresses, and what of it is news."""

from __future__ import annotations

import socket
import struct

from hypothesis import example, given
from hypothesis import strategies as st

from shared.system_events.netlink import MAX_KNOWN, NetworkTable, messages

NEW_LINK, DEL_LINK, NEW_ADDRESS, DEL_ADDRESS = 16, 17, 20, 21
UP, RUNNING, LOWER_UP, LOOPBACK = 0x1, 0x40, 0x10000, 0x8
TENTATIVE = 0x40


def datagram(kind: int, body: bytes) -> bytes:
    """One netlink message (rtnetlink(7))."""
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def link(kind: int, index: int, flags: int) -> bytes:
    """A message about an interface."""
    return datagram(kind, struct.pack("=BxHiII", 0, 1, index, flags, 0xFFFFFFFF))


def address(kind: int, index: int, text: str, flags: int = 0, *, local: str = "") -> bytes:
    """A message about an address."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    body = struct.pack("=BBBBI", family, 24, flags, 0, index)
    for number, one in ((1, text), (2, local)):
        raw = socket.inet_pton(family, one) if one else b""
        body += struct.pack("=HH", 4 + len(raw), number) + raw if raw else b""
    return datagram(kind, body)


def test_a_cable_that_is_pulled_and_plugged_in_is_news() -> None:
    table = NetworkTable()
    assert table.feed(link(NEW_LINK, 2, UP | RUNNING | LOWER_UP))
    assert table.feed(link(NEW_LINK, 2, UP))
    assert table.feed(link(NEW_LINK, 2, UP | RUNNING | LOWER_UP))
    assert table.feed(link(DEL_LINK, 2, 0))


def test_what_the_kernel_repeats_is_no_news() -> None:
    table = NetworkTable()
    assert table.feed(link(NEW_LINK, 2, UP | RUNNING))
    assert table.feed(address(NEW_ADDRESS, 2, "2001:db8::1"))
    for _ in range(3):
        assert not table.feed(link(NEW_LINK, 2, UP | RUNNING | 0x1000))
        assert not table.feed(address(NEW_ADDRESS, 2, "2001:db8::1"))


def test_an_address_that_becomes_usable_or_goes_is_news() -> None:
    table = NetworkTable()
    assert table.feed(address(NEW_ADDRESS, 2, "fe80::1", TENTATIVE))
    assert table.feed(address(NEW_ADDRESS, 2, "fe80::1"))
    assert table.feed(address(DEL_ADDRESS, 2, "fe80::1"))
    assert table.feed(address(NEW_ADDRESS, 2, "fe80::1"))


def test_two_addresses_with_one_peer_are_two() -> None:
    table = NetworkTable()
    assert table.feed(address(NEW_ADDRESS, 2, "10.0.0.9", local="10.0.0.1"))
    assert table.feed(address(NEW_ADDRESS, 2, "10.0.0.9", local="10.0.0.2"))


def test_the_loopback_interface_is_no_network() -> None:
    assert not NetworkTable().feed(link(NEW_LINK, 1, UP | RUNNING | LOOPBACK))


def test_one_datagram_may_hold_several_messages() -> None:
    table = NetworkTable()
    table.feed(link(NEW_LINK, 2, UP))
    assert table.feed(link(NEW_LINK, 2, UP) + link(NEW_LINK, 3, UP))
    assert not table.feed(link(NEW_LINK, 2, UP) + link(NEW_LINK, 3, UP))


def test_what_is_remembered_is_bounded() -> None:
    table = NetworkTable()
    for index in range(3 * MAX_KNOWN):
        table.feed(link(NEW_LINK, index, UP))
    assert len(table._known) <= MAX_KNOWN


@given(st.binary(max_size=120))
@example(struct.pack("=IHHII", 0, NEW_LINK, 0, 0, 0) * 3)
@example(address(NEW_ADDRESS, 2, "10.0.0.1")[:-3])
@example(datagram(NEW_ADDRESS, bytes(8) + struct.pack("=HH", 0, 1) * 4))
def test_whatever_comes_is_skipped_at_worst(data: bytes) -> None:
    NetworkTable().feed(data)
    assert sum(16 + len(body) for _, body in messages(data)) <= len(data)


@given(st.sampled_from([NEW_LINK, DEL_LINK, NEW_ADDRESS, DEL_ADDRESS]), st.binary(max_size=60))
def test_bodies_of_any_shape_are_survived(kind: int, body: bytes) -> None:
    NetworkTable().feed(datagram(kind, body))
