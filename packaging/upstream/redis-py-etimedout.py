"""redis-py 8.1.0 on Python 3.11 or later: a connection that TCP has given up reads as "no message".

python redis-py-etimedout.py        # on Linux; no server

A subscriber with TCP keep-alive is connected over the loopback device of a network namespace of its
own. Then the device goes down, as if a cable was pulled. Nobody answers the kernel's probes, and
reading fails with OSError(ETIMEDOUT). Where this user may make no namespace, the same exception is
put where asyncio puts it.

Exit status 1: the fault is there.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
import time
from typing import Any

import redis.asyncio

LIMIT_S = 0.5
KEEPALIVE = {socket.TCP_KEEPIDLE: 1, socket.TCP_KEEPINTVL: 1, socket.TCP_KEEPCNT: 2}
NEW_USER, NEW_NET = 0x10000000, 0x40000000


def own_network() -> bool:
    """Enter a network namespace that has only a loopback device; return whether that worked."""
    if ctypes.CDLL(None).unshare(NEW_USER | NEW_NET):
        return False
    loopback(up=True)
    return True


def loopback(*, up: bool) -> None:
    """Switch the loopback device on or off (SIOCSIFFLAGS, IFF_UP)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        fcntl.ioctl(one, 0x8914, struct.pack("16sh14x", b"lo", int(up)))


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As much of a server as SUBSCRIBE needs."""
    while data := await reader.read(1000):
        if b"SUBSCRIBE" in data:
            writer.write(b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
        else:
            writer.write(b"+OK\r\n" * data.count(b"*"))


async def measure(*, real: bool) -> bool:
    """Return whether the fault is there."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = redis.asyncio.Redis(
        port=server.sockets[0].getsockname()[1],
        protocol=2,
        driver_info=None,
        socket_connect_timeout=1,
        socket_keepalive=True,
        socket_keepalive_options=KEEPALIVE,
    )
    subscription = client.pubsub()
    await subscription.subscribe("a")
    print("subscribed:", await subscription.get_message(timeout=1))
    connection: Any = subscription.connection
    reader = connection._reader
    if real:
        loopback(up=False)
    else:
        reader.set_exception(OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))
    while reader.exception() is None:  # nothing is read meanwhile  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    print("asyncio's reader has:", repr(reader.exception()), "" if real else "(put there)")
    return await reads_nothing(subscription)


async def reads_nothing(subscription: redis.asyncio.client.PubSub) -> bool:
    """Ask for a message again and again, for up to a minute each, as programs do."""
    turns, begin, others = 0, time.monotonic(), list[float]()

    async def something_else() -> None:
        while True:
            await asyncio.sleep(0.01)
            others.append(time.monotonic())

    other = asyncio.create_task(something_else())
    try:
        while time.monotonic() - begin < LIMIT_S:
            await subscription.get_message(timeout=60)
            turns += 1
    except redis.RedisError as error:
        print(f"get_message(timeout=60) raised {type(error).__name__}: {error}")
        return False
    finally:
        other.cancel()
    if turns < 2:  # connected again
        return False
    print(f"get_message(timeout=60) returned None {turns} times in {LIMIT_S} s")
    print(f"another task that sleeps 0.01 s at a time ran {len(others)} times meanwhile")
    connection: Any = subscription.connection
    print("is_connected:", connection.is_connected)
    return True


async def main() -> None:
    """Run it, and leave without waiting for a network that is gone."""
    status = int(await measure(real=own_network()))
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    same = asyncio.TimeoutError is TimeoutError
    print(f"redis-py {redis.__version__}, Python {sys.version.split()[0]};", end=" ")
    print("asyncio.TimeoutError is TimeoutError:", same)
    asyncio.run(main())
