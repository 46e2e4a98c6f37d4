"""Publishes what it reads from its input, again and again, until it is ended. Takes a port."""

from __future__ import annotations

import socket
import sys
import threading

from shared.keys import Keys
from shared.model import ALL_CHANNELS
from tests.integration.attacks.guarded import CHANNEL, encoded

AT_ONCE = 50


def main() -> None:
    """Flood every channel of a tray on the default channel."""
    payload, topics = sys.stdin.buffer.read(), map(Keys().topic, (ALL_CHANNELS, CHANNEL))
    some = b"".join(encoded("PUBLISH", topic, payload) for topic in topics)
    some *= max(1, min(AT_ONCE, 1_000_000 // len(some)))
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
        threading.Thread(target=_swallow, args=[client], daemon=True).start()
        while True:
            client.sendall(some)


def _swallow(client: socket.socket) -> None:
    """Replies that nobody reads would stop the flood."""
    while client.recv(1 << 16):
        pass


if __name__ == "__main__":
    main()
