"""Publishes what it reads from its input, again and again, until it is ended.

Takes a port, then a topic and an account with its password; else all channels, without a login.
"""

from __future__ import annotations

import socket
import sys
import threading

from shared.keys import Keys
from shared.model import ALL_CHANNELS
from tests.integration.attacks.guarded import CHANNEL, encoded

AT_ONCE = 50
TOPICS = (ALL_CHANNELS, CHANNEL)


def main() -> None:
    """Flood the topic, or every channel of a tray on the default channel."""
    port, *rest = sys.argv[1:]
    payload, topics = sys.stdin.buffer.read(), rest[:1] or map(Keys().topic, TOPICS)
    some = b"".join(encoded("PUBLISH", topic, payload) for topic in topics)
    some *= max(1, min(AT_ONCE, 1_000_000 // len(some)))
    with socket.create_connection(("127.0.0.1", int(port))) as client:
        if rest[1:]:
            client.sendall(encoded("AUTH", *rest[1:]))
        threading.Thread(target=_swallow, args=[client], daemon=True).start()
        while True:
            client.sendall(some)


def _swallow(client: socket.socket) -> None:
    """Replies that nobody reads would stop the flood."""
    while client.recv(1 << 16):
        pass


if __name__ == "__main__":
    main()
