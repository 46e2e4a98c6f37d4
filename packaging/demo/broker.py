"""A Redis for the demo: the machine's own server on a free port, else the in-memory stand-in."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY_WITHIN_S = 15.0


@dataclass(frozen=True)
class Broker:
    """A running server on 127.0.0.1."""

    port: int
    label: str

    @property
    def url(self) -> str:
        """Its address as the setting ``redis_url`` wants it."""
        return f"redis://127.0.0.1:{self.port}"


@contextmanager
def broker() -> Iterator[Broker]:
    """Start a server, yield it when it answers, and end it."""
    port = _free_port()
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    if server:
        label = f"{Path(server).name} on 127.0.0.1:{port} (without a password: demo only)"
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [server, "--port", str(port), *options]
    else:
        label = f"fakeredis on 127.0.0.1:{port} (demo, no security)"
        command = [sys.executable, str(HERE / "fake_broker.py"), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_answering(process, port)
        yield Broker(port, label)
    finally:
        process.terminate()
        process.wait()


def _wait_until_answering(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the demo's broker ended at once (exit code {process.returncode})")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                client.sendall(b"*1\r\n$4\r\nPING\r\n")
                if client.recv(64).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the demo's broker does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
