"""Ctrl+C, pressed for real programs in a console window."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import children
from tests.integration.test_command_line import wait_for
from tests.redis_server import RedisServer

if sys.platform != "win32":
    pytest.skip("needs Windows: its consoles", allow_module_level=True)

from tests.windows import in_a_console

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE_S = 4.0
KEY = "Ctrl+C"


def environment() -> dict[str, str]:
    """This process' without settings, and without Qt's words on screens that Wine lacks."""
    return children.own_environment(
        PYTHONPATH=str(ROOT), QT_LOGGING_RULES="qt.qpa.screen.warning=false"
    )


@contextmanager
def signalled(condition: Callable[[], Any], file: Path) -> Iterator[Path]:
    """A file that is there once *condition* gives something true."""

    def watch() -> None:
        wait_for(condition)
        file.touch()

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield file
    watcher.join()


def tray(server: RedisServer, folder: Path) -> list[str]:
    """The tray's command."""
    at = ("--redis-url", server.url, "--data-dir", str(folder))
    return [children.python(), "-m", "tray_client", *at, "--outlet", "JKT-001", "--pc", "till"]


def test_a_command_that_waits_ends_at_once(redis_server: RedisServer, tmp_path: Path) -> None:
    command = [children.python(), "-m", "admin_app", "send", "--redis-url", redis_server.url]
    command += [
        "--all",
        "--title",
        "Waits",
        "--message",
        "x",
        "--wait",
        "displayed",
        "--count",
        "5",
    ]
    with signalled(lambda: asks(redis_server), tmp_path / "waits") as waits:
        ran = in_a_console.run(command, tmp_path, environment(), key=KEY, when=waits)
    assert (ran.code, ran.screen) == (130, "")
    assert ran.ended_in_s < AT_ONCE_S
    done = subprocess.run(
        [children.python(), "-m", "admin_app", "history", "--redis-url", redis_server.url],
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        check=True,
    )
    assert b"Waits" in done.stdout, "what was sent is sent"


def asks(server: RedisServer) -> bool:
    """Whether it reads the counters of its message again and again (4 times a second)."""
    stats = bytes(server.command("INFO", "commandstats")).splitlines()
    calls = [line for line in stats if line.startswith(b"cmdstat_hscan:")]
    return any(int(line.partition(b"calls=")[2].partition(b",")[0]) > 10 for line in calls)


def test_the_tray_ends_in_good_order(redis_server: RedisServer, tmp_path: Path) -> None:
    folder = tmp_path / "tray"

    def idle() -> bool:
        """Connected, and registered: nothing wakes it for seconds."""
        return b"JKT-001/till" in redis_server.command("HKEYS", "siaran:endpoints")

    with signalled(idle, tmp_path / "idle") as waits:
        ran = in_a_console.run(
            tray(redis_server, folder), tmp_path, environment(), key=KEY, when=waits
        )
    assert (ran.code, ran.screen) == (0, "")
    assert ran.ended_in_s < AT_ONCE_S
    in_good_order(redis_server, folder)


def in_good_order(server: RedisServer, folder: Path) -> None:
    """The tray has said goodbye, and another one can start."""
    assert b'"left":true' in server.command("HGET", "siaran:endpoints", "JKT-001/till")
    assert "siaran-tray ends" in (folder / "logs" / "tray.log").read_text(encoding="utf-8")
    assert not status(folder)["running"]


def status(folder: Path) -> dict[str, Any]:
    """What ``siaran-tray status`` says."""
    done = subprocess.run(
        [children.python(), "-m", "tray_client", "status", "--json", "--data-dir", str(folder)],
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said
