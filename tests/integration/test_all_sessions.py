"""``siaran-tray --quit --all-sessions`` against real trays, as an installer calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("the stand-in for other sessions is Unix only", allow_module_level=True)

import tray_client.cli
from shared.instance import Command, Outcome, is_running
from shared.instance.unix_sessions import quit_found
from tests.integration.test_command_line import ROOT, run, wait_for
from tests.redis_server import free_port

INSTALLER = """
import sys
from pathlib import Path
import shared.instance.unix
from tray_client.cli import main
shared.instance.unix.RUN_USER = Path(sys.argv.pop(1))
sys.exit(main())
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tmp", "run", f"run/{os.getuid()}"):
            (Path(folder) / name).mkdir(mode=0o700)
        yield Path(folder)


@contextmanager
def tray(
    data: Path, short: Path, *, session: bool, display: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """A real tray, which finds no Redis; with a runtime folder of its session or without."""
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(short / "tmp")}
    environ |= {"DISPLAY": display} if display else {}
    environ.pop("XDG_RUNTIME_DIR", None)
    if session:
        environ["XDG_RUNTIME_DIR"] = str(short / "run" / str(os.getuid()))
    url = f"redis://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tray_client", "--redis-url", url, "--data-dir", str(data)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(lambda: is_running(data))
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


def installer(short: Path) -> subprocess.CompletedProcess[str]:
    """What an installer runs; it knows nobody's settings or folders."""
    return subprocess.run(
        [sys.executable, "-c", INSTALLER, str(short / "run"), "--quit", "--all-sessions"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(short / "tmp"), "SIARAN_DATA_DIR": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sockets(short: Path) -> list[Path]:
    """All sockets of trays."""
    return list(short.rglob("*.sock"))


def log_of(data: Path) -> str:
    """The tray's log."""
    path = data / "logs" / "tray.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_every_tray_has_ended_when_the_installer_goes_on(short: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with tray(one, short, session=True) as first, tray(two, short, session=False) as second:
        wait_for(lambda: "reconnecting" in log_of(one))  # the other may still be starting
        wait_for(lambda: len(sockets(short)) == 2)
        done = installer(short)
        assert (done.returncode, done.stderr) == (0, "")
        assert (first.poll(), second.poll()) == (0, 0), "it waited for the processes' end"
    assert sockets(short) == []
    assert "siaran-tray ends" in log_of(one)
    assert "siaran-tray ends" in log_of(two)
    again = installer(short)
    assert again.returncode == 0
    assert again.stderr == "siaran-tray: no tray was running.\n"


def test_a_user_who_is_logged_in_twice_has_a_tray_and_an_inbox_in_each_session(
    short: Path, tmp_path: Path
) -> None:
    with (
        tray(tmp_path, short, session=True, display=":71") as first,
        tray(tmp_path, short, session=True, display=":72") as second,
    ):
        for folder in (tmp_path, tmp_path / "session-2"):
            wait_for(partial(_is_up, folder))
            assert (folder / "inbox.db").exists()
        with tray(tmp_path, short, session=True, display=":72") as third:
            assert third.wait(20) == 0  # there is one in this session
        assert (first.poll(), second.poll()) == (None, None)
        done = installer(short)
        assert (done.returncode, done.stderr) == (0, "")
        assert (first.poll(), second.poll()) == (0, 0)


def _is_up(folder: Path) -> bool:
    return "reconnecting" in log_of(folder)


def test_a_frozen_tray_does_not_keep_the_others_from_ending(short: Path, tmp_path: Path) -> None:
    with (
        tray(tmp_path / "one", short, session=True) as frozen,
        tray(tmp_path / "two", short, session=True) as well,
    ):
        wait_for(lambda: len(sockets(short)) == 2)
        wait_for(lambda: "reconnecting" in log_of(tmp_path / "two"))
        frozen.send_signal(signal.SIGSTOP)
        outcome = quit_found(short / "run", short / "tmp", 5.0)
        assert outcome == Outcome(asked=2, left=1)
        assert well.poll() == 0
        assert frozen.poll() is None


@pytest.mark.parametrize(
    ("outcome", "code", "sentence"),
    [
        (Outcome(3, 1), 4, "1 tray does not end."),
        (Outcome(3, 2), 4, "2 trays do not end."),
        (Outcome(1, 0, ("User 7 is out of reach.",)), 0, "User 7 is out of reach.\n"),
        (Outcome(0, 0), 0, "no tray was running.\n"),
    ],
)
def test_the_exit_code_and_sentence_say_what_became_of_them(
    outcome: Outcome,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tray_client.cli, "quit_all", lambda: outcome)
    assert tray_client.cli.main(["--quit", "--all-sessions"]) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_all_sessions_alone_is_bad_input_and_ends_nothing() -> None:
    done = run("tray_client", "--all-sessions")
    assert done.returncode == 2
    assert b"--all-sessions goes with --quit" in done.stderr


def test_a_start_beside_a_hanging_tray_says_so_without_a_traceback(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hangs(_folder: Path, _command: Command) -> bool:
        raise TimeoutError

    monkeypatch.setattr(tray_client.cli, "tell", hangs)
    with tray(tmp_path, short, session=True):
        assert tray_client.cli.main(["--data-dir", str(tmp_path)]) == 0
    assert "already running" in capsys.readouterr().err
