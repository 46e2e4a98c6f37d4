"""The demo's broker of last resort: fakeredis' TCP server, for machines without redis-server.

It has no security, no persistence and one thread a client: good enough to try Siaran, and labelled
so. Run as ``python fake_broker.py PORT``; it prints ``ready`` and serves until it is ended.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from fakeredis import TcpFakeServer
from fakeredis._clients._tcp_server import TCPFakeRequestHandler
from redis.exceptions import ResponseError


class _Handler(TCPFakeRequestHandler):
    """Answers an error and goes on, as Redis does; fakeredis 2.40 hangs up after any error."""

    def setup(self) -> None:
        super().setup()
        read = self.current_client.read_response

        def read_response(*args: Any, **kwargs: Any) -> Any:
            try:
                return read(*args, **kwargs)
            except ResponseError as error:
                return error

        self.current_client.read_response = read_response  # type: ignore[method-assign]


class FakeBroker(TcpFakeServer):
    """A Redis on *port* of this machine, in memory."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), server_type="redis")
        self.daemon_threads = True
        self.RequestHandlerClass = _Handler

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""


def main() -> None:
    """Serve until ended."""
    logging.disable(logging.CRITICAL)
    with FakeBroker(int(sys.argv[1])) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
