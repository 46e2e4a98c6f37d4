"""Changes of the network as the Linux kernel announces them on a netlink socket (rtnetlink(7)).

The kernel repeats itself: a Wi-Fi scan and every router advertisement send a link or an address
again that has not changed. So the last state of each is remembered, and only another one counts.
Each may be counted once without need, when it is first met: the kernel is not asked for a list.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import struct
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

GROUPS = 0x1 | 0x10 | 0x100
"""RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR"""
MAX_DATAGRAM = 64 * 1024
MAX_KNOWN = 1024
"""Links and addresses remembered; a PC has a few, and a stranger one begins anew."""
_AT_A_TIME = 64

_NEW_LINK, _DEL_LINK, _NEW_ADDRESS, _DEL_ADDRESS = 16, 17, 20, 21
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")
_UP_RUNNING_LOWER_UP = 0x1 | 0x40 | 0x10000
_LOOPBACK = 0x8
_TENTATIVE_OR_FAILED = 0x40 | 0x08
_IFA_ADDRESS, _IFA_LOCAL = 1, 2

Key = tuple[int, int, bytes]


class NetworkTable:
    """What is known of links and addresses."""

    def __init__(self) -> None:
        self._known: dict[Key, int] = {}

    def feed(self, datagram: bytes) -> bool:
        """Take in messages of the kernel; return whether they change what a link can do.

        Whatever is cut or unknown is skipped.
        """
        changes = [self._take(kind, body) for kind, body in messages(datagram)]
        return any(changes)

    def _take(self, kind: int, body: bytes) -> bool:
        if kind in (_NEW_LINK, _DEL_LINK) and len(body) >= _LINK.size:
            _family, _type, index, flags, _ = _LINK.unpack_from(body)
            if flags & _LOOPBACK:
                return False
            return self._is_news((kind // 4, index, b""), kind, flags & _UP_RUNNING_LOWER_UP)
        if kind in (_NEW_ADDRESS, _DEL_ADDRESS) and len(body) >= _ADDRESS.size:
            _family, _prefix, flags, _scope, index = _ADDRESS.unpack_from(body)
            key = (kind // 4, index, _own_address(body[_ADDRESS.size :]))
            return self._is_news(key, kind, flags & _TENTATIVE_OR_FAILED)
        return False

    def _is_news(self, key: Key, kind: int, state: int) -> bool:
        if kind in (_DEL_LINK, _DEL_ADDRESS):
            self._known.pop(key, None)
            return True
        if self._known.get(key) == state:
            return False
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[key] = state
        return True


def messages(datagram: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each complete netlink message in *datagram*."""
    at = 0
    while at + _HEADER.size <= len(datagram):
        size, kind, *_ = _HEADER.unpack_from(datagram, at)
        if size < _HEADER.size or at + size > len(datagram):
            return
        yield kind, datagram[at + _HEADER.size : at + size]
        at += size + -size % 4


def _own_address(attributes: bytes) -> bytes:
    """Return this PC's address among *attributes* (on point-to-point links IFA_ADDRESS is not)."""
    found: dict[int, bytes] = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        size, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if size < _ATTRIBUTE.size:
            break
        if kind in (_IFA_ADDRESS, _IFA_LOCAL):
            found[kind] = attributes[at + _ATTRIBUTE.size : at + size][:16]
        at += size + -size % 4
    return found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS, b"")


class NetworkWatch:
    """Calls *changed* in the running event loop while it is open."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._table = NetworkTable()
        self._loop = asyncio.get_running_loop()
        self._socket = _open()
        if self._socket is not None:
            self._loop.add_reader(self._socket.fileno(), self._read, self._socket)

    def close(self) -> None:
        """Stop. Safe to call twice."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _read(self, kernel: socket.socket) -> None:
        # Not for ever: the event loop comes back for what is left.
        found = [self._datagram(kernel) for _ in range(_AT_A_TIME)]
        if any(found):
            self._changed()

    def _datagram(self, kernel: socket.socket) -> bool:
        try:
            datagram, sender = kernel.recvfrom(MAX_DATAGRAM)
        except BlockingIOError:
            return False
        except OSError as error:
            return error.errno == errno.ENOBUFS  # so many changes that some are lost
        return sender[0] == 0 and self._table.feed(datagram)  # port 0 is the kernel


def _open() -> socket.socket | None:
    try:
        kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    except OSError as error:
        log.info("changes of the network cannot be watched: %s", error)
        return None
    try:
        kernel.setblocking(False)
        kernel.bind((0, GROUPS))
    except OSError as error:
        kernel.close()
        log.info("changes of the network cannot be watched: %s", error)
        return None
    return kernel
