"""A real redis-server for one test: on a free port, in a folder of its own, ended by the test."""

from __future__ import annotations

import functools
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests import linux_side

READY_WITHIN_S = 15.0
CHOSEN = os.environ.get("SIARAN_TEST_REDIS", "")
"""Another server's program to test with; read at once, since tests run without such variables."""


def server_program() -> str | None:
    """The server that was chosen, or else the machine's redis-server or valkey-server."""
    return CHOSEN or linux_side.which("redis-server") or linux_side.which("valkey-server")


def need_server() -> str:
    """The server's program; the test is loudly skipped where there is none, and fails in CI."""
    program = server_program()
    if program is not None:
        return program
    if os.environ.get("CI"):
        pytest.fail("CI needs redis-server or valkey-server")
    pytest.skip("NO redis-server OR valkey-server: NOT TESTED")


@functools.cache
def server_version() -> tuple[int, int]:
    """Major and minor version of the server; Valkey counts on from Redis 7.2."""
    told = linux_side.run([need_server(), "--version"])
    found = re.search(r"\bv=(\d+)\.(\d+)", told.stdout)
    assert found is not None, told.stdout
    return int(found[1]), int(found[2])


def is_redis_6() -> bool:
    """Whether the server is Redis 6.2, which knows fewer rules for accounts."""
    return server_version() < (7, 0)


def sets_logs_back() -> bool:
    """Whether a log's last id may be set to before an entry that was deleted."""
    return server_version() < (7, 2)


def fitting(configuration: str) -> str:
    """The shipped ``redis.conf`` as the page for IT has it for this server."""
    return (
        re.sub(r"(?m)^maxmemory-clients .*\n", "", configuration) if is_redis_6() else configuration
    )


def run_accounts(script: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a version's ``accounts.py`` as IT does: on the server, which is Linux."""
    if linux_side.which("id") is None:
        pytest.skip("NO LINUX: ACCOUNTS NOT TESTED")
    group = linux_side.run(["id", "-g"]).stdout.strip()
    options = ("--folder", str(folder), "--group", group)
    return linux_side.run([linux_side.python(), script, *options, *arguments])


class RedisServer:
    """Starts, stops, kills and freezes one server; its data survive while the folder does."""

    environ: Mapping[str, str] = MappingProxyType({})
    """Variables that it is started with, besides those of all programs."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._options = options
        self._process: linux_side.Process | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not ended since."""
        return self._process is not None

    def start(self, *options: str) -> None:
        """Start and wait until it answers (an error is an answer, too)."""
        self._run(
            *("--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", self.folder, "--save", "", "--appendonly", "yes"),
            *self._options,
            *options,
        )

    def _run(self, *arguments: str | Path, output: Path | None = None) -> None:
        """Run the server's program with *arguments*, its output in a file, until it answers."""
        command = [need_server(), *arguments]
        self._process = linux_side.start(command, env=self.environ, stdout=output)
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended at once"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)

    def stop(self, how: str = "SIGTERM") -> None:
        """End it, in order (SIGTERM) or not (SIGKILL)."""
        if self._process is not None:
            linux_side.tell(self._process, "SIGCONT")
            linux_side.tell(self._process, how)
            self._process.wait(timeout=READY_WITHIN_S)
            self._process = None

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does; connections stay open."""
        assert self._process is not None
        linux_side.tell(self._process, "SIGSTOP")

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        linux_side.tell(self._process, "SIGCONT")

    def command(self, *arguments: str | bytes) -> bytes:
        """Send one command over a connection of its own; return the raw reply."""
        parts = [part if isinstance(part, bytes) else part.encode() for part in arguments]
        request = b"*%d\r\n" % len(parts) + b"".join(
            b"$%d\r\n%s\r\n" % (len(part), part) for part in parts
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            client.sendall(request)
            return client.recv(1 << 20)

    def _answers(self) -> bool:
        try:
            return bool(self.command("PING"))
        except OSError:
            return False


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
