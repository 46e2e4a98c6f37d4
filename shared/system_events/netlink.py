"""Changes of the network as the Linux kernel announces them on a netlink socket (rtnetlink(7)).

What a message says is not read: that there is one is news. The kernel repeats itself, and
``Events`` says what comes of that.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

log = logging.getLogger(__name__)

GROUPS = 0x1 | 0x10 | 0x100
"""RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR"""
_AT_A_TIME = 64
_KERNEL = 0
"""Its port."""


class NetworkWatch:
    """Calls *changed* in the running event loop while it is open."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
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
        senders = set()
        with suppress(BlockingIOError):
            for _ in range(_AT_A_TIME):  # not for ever: the event loop comes back for what is left
                senders.add(_sender(kernel))
        if _KERNEL in senders:
            self._changed()


def _sender(kernel: socket.socket) -> int:
    """Take one message and return the port that it came from."""
    try:
        _, (port, _groups) = kernel.recvfrom(1)  # the rest of it is dropped
    except BlockingIOError:
        raise
    except OSError:  # ENOBUFS: so many changes that some are lost
        return _KERNEL
    return int(port)


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
