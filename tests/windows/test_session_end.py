"""The end of a Windows session, as the windows of real programs are told of it.

Windows asks every window (WM_QUERYENDSESSION), tells every window how it was decided
(WM_ENDSESSION), and may end a program as soon as it has answered that. So what is checked is what
is there when the answer comes.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from admin_app.draft import DraftFile
from tests import children
from tests.integration.test_command_line import inbox, send, wait_for
from tests.redis_server import RedisServer

if sys.platform != "win32":
    pytest.skip("needs Windows: messages of its sessions", allow_module_level=True)

from tests.windows import end_of_session

ROOT = Path(__file__).resolve().parents[2]
WINDOWS_WAITS_S = 5.0


@contextmanager
def program(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours; killed at the end, if it is still there."""
    process = subprocess.Popen(
        [children.python(), "-m", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=children.own_environment(PYTHONPATH=str(ROOT)),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def tray(server: RedisServer, folder: Path) -> tuple[str, ...]:
    """The tray's command."""
    at = ("--redis-url", server.url, "--data-dir", str(folder))
    return ("tray_client", *at, "--outlet", "JKT-001", "--pc", "till", "--channel", "Channel 1")


def status(folder: Path) -> Any:
    """What the running tray says of itself."""
    file = folder / "status.json"
    return json.loads(file.read_bytes()) if file.exists() else {}


def connected(folder: Path) -> None:
    """Wait until the tray is."""
    wait_for(lambda: status(folder).get("state") == "connected")


def is_whole(folder: Path) -> bool:
    """Whether SQLite finds nothing wrong with the inbox."""
    with closing(sqlite3.connect(folder / "inbox.db")) as database:
        return database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def log(folder: Path) -> str:
    """What the tray's log says."""
    return (folder / "logs" / "tray.log").read_text(encoding="utf-8")


def test_the_tray_puts_everything_away_before_it_answers(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "tray"
    with program(*tray(redis_server, folder)) as process:
        connected(folder)
        first = send(redis_server, "--all", "--title", "One", "--message", "x")["id"]
        wait_for(lambda: [one["state"] for one in inbox(folder)] == ["displayed"])

        asked = end_of_session.ask_to_end(process.pid)
        assert asked.yes
        assert (asked.no, asked.silent) == (0, [])
        end_of_session.end(process.pid, really=False)
        second = send(redis_server, "--all", "--title", "Two", "--message", "x")["id"]
        wait_for(lambda: [one["id"] for one in inbox(folder)] == [first, second])
        assert process.poll() is None, "another program has refused, so it goes on"

        assert end_of_session.ask_to_end(process.pid).no == 0
        ended = end_of_session.end(process.pid, really=True)
        assert "siaran-tray ends" in log(folder)
        assert ended.seconds < WINDOWS_WAITS_S
        assert ended.silent == []
        assert process.wait(WINDOWS_WAITS_S) == 0
    assert b'"left":true' in redis_server.command("HGET", "siaran:endpoints", "JKT-001/till")
    assert is_whole(folder)
    assert "ERROR" not in log(folder)

    with program(*tray(redis_server, folder)):
        connected(folder)
        wait_for(lambda: status(folder)["waiting"] == 2)
        assert [one["id"] for one in inbox(folder)] == [first, second]


def test_a_server_that_hangs_does_not_hold_up_the_end(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "tray"
    with program(*tray(redis_server, folder)) as process:
        connected(folder)
        sent = send(redis_server, "--all", "--title", "One", "--message", "x")["id"]
        wait_for(lambda: [one["state"] for one in inbox(folder)] == ["displayed"])
        redis_server.freeze()
        try:
            assert end_of_session.ask_to_end(process.pid).no == 0
            ended = end_of_session.end(process.pid, really=True)
            assert ended.seconds < WINDOWS_WAITS_S
            assert ended.silent == []
            assert "siaran-tray ends" in log(folder)
        finally:
            redis_server.thaw()
    assert is_whole(folder)
    assert [one["id"] for one in inbox(folder)] == [sent]


def test_what_is_being_typed_in_the_console_is_kept(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    folder, typed = tmp_path / "console", tmp_path / "typed"
    at = ("--redis-url", redis_server.url, "--data-dir", str(folder))
    with program("tests.windows.typing_console", str(typed), "Half a title", *at) as process:
        wait_for(typed.exists)
        assert end_of_session.ask_to_end(process.pid).no == 0
        ended = end_of_session.end(process.pid, really=True)
        assert ended.seconds < WINDOWS_WAITS_S
        assert ended.silent == []
        assert DraftFile(folder).load().title == "Half a title"
        assert "siaran-console ends" in (folder / "logs" / "console.log").read_text()
        assert process.wait(WINDOWS_WAITS_S) == 0
