"""Another user of the same PC can neither read what a till has nor keep its tray from starting.

The tray runs as root here, its neighbour as a user of no rights in a process that was forked.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if sys.platform == "win32" or os.getuid() != 0:
    pytest.skip("needs root, to be two users", allow_module_level=True)

from shared.instance import is_running
from shared.instance.answered import LocalAnswer
from shared.instance.unix_neighbours import tell_neighbours
from shared.model import new_message_id
from shared.private import private_place
from tests.integration.test_command_line import ROOT, wait_for
from tests.redis_server import free_port

STRANGER = 54321
STARTED_WITHIN_S = 30


@pytest.fixture
def pc() -> Iterator[Path]:
    """A folder that every user of the PC can enter, with a /tmp of its own."""
    folder = Path(tempfile.mkdtemp(prefix="siaran-pc-"))
    folder.chmod(0o755)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def stranger(work: Callable[[], object]) -> Iterator[None]:
    """Another user has done *work*, and keeps what is open until the end of the ``with``."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(STRANGER)
            os.setuid(STRANGER)
            work()
            os.write(tell, b"done")
            signal.pause()
        except BaseException:  # noqa: BLE001  # nothing of the test may go on in this process
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(tell)
    try:
        assert os.read(told, 4) == b"done"
        yield
    finally:
        os.close(told)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@contextmanager
def tray(pc: Path, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A tray with the worst umask, which finds no Redis."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("SIARAN_", "XDG_"))}
    environ |= {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(pc / "tmp")}
    environ |= {"XDG_DATA_HOME": str(pc / "home" / "share"), "HOME": str(pc / "home")}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tray_client", "--data-dir", str(data)),
            *("--redis-url", f"redis://127.0.0.1:{free_port()}"),
        ],
        cwd=ROOT,
        env=environ,
        umask=0,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=STARTED_WITHIN_S)


def is_up(folder: Path) -> bool:
    """Whether a tray in *folder* has got as far as looking for Redis."""
    log = folder / "logs" / "tray.log"
    return log.exists() and "reconnecting" in log.read_text(encoding="utf-8")


def open_to_others(folder: Path) -> list[str]:
    """What others may look into or change, *folder* itself too."""
    return [
        f"{path} {stat.S_IMODE(info.st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if (info := path.lstat()).st_mode & 0o077 and not stat.S_ISLNK(info.st_mode)
    ]


def refuses(work: Callable[[], object]) -> None:
    """Make sure that the stranger may not do *work*."""

    def attempt() -> None:
        with pytest.raises(PermissionError):
            work()

    with stranger(attempt):
        pass


def old_folder(data: Path, mode: int = 0o755) -> Path:
    """What an older version has left: everybody can read everything."""
    (data / "logs").mkdir(parents=True)
    (data / "session-2").mkdir()
    for name in ("instance.lock", "status.json", "logs/tray.log", "session-2/instance.lock"):
        (data / name).write_text("", encoding="utf-8")
        (data / name).chmod(0o644)
    for folder in (data / "logs", data / "session-2", data):
        folder.chmod(mode)
    return data


def hold(path: Path) -> None:
    """Hold the lock on a file for ever; reading it is enough."""
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX)


def test_everything_a_tray_makes_is_private_whatever_the_umask(pc: Path) -> None:
    data = pc / "data"
    with tray(pc, data):
        wait_for(lambda: is_up(data) and (data / "status.json").exists())
        names = {path.name for path in data.rglob("*")}
        assert {"inbox.db", "inbox.db-wal", "inbox.db-shm", "instance.lock", "tray.log"} <= names
        assert open_to_others(data) == []
        [sock] = (pc / "tmp").rglob("*.sock")
        assert open_to_others(sock.parent) == []
        refuses(lambda: list(data.iterdir()))
        refuses(lambda: (data / "inbox.db").read_bytes())
        refuses(lambda: hold(data / "instance.lock"))
        refuses(lambda: socket.socket(socket.AF_UNIX).connect(str(sock)))


@pytest.mark.parametrize("mode", [0o755, 0o775])
def test_what_an_older_version_left_open_is_closed_and_who_holds_its_lock_holds_nothing(
    pc: Path, mode: int
) -> None:
    data = old_folder(pc / "data", mode)
    with stranger(lambda: hold(data / "instance.lock")), tray(pc, data):
        wait_for(lambda: is_up(data))
        assert open_to_others(data) == []
        assert private_place(data, pc / "usual") == data


def test_a_folder_that_others_use_keeps_its_mode_and_the_data_lie_in_a_private_one(
    pc: Path,
) -> None:
    shared = pc / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "draft.json").write_text("{}", encoding="utf-8")  # of an older version

    def squat() -> None:
        hold_made(shared / "instance.lock")
        (shared / "inbox.db").symlink_to("/nowhere")
        (shared / "status.json.new").symlink_to("/nowhere")

    own = shared / "siaran-0"
    with stranger(squat), tray(pc, shared):
        wait_for(lambda: is_up(own))
        assert open_to_others(own) == []
        assert (own / "draft.json").exists()
        assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
        assert private_place(shared, pc / "usual") == own
        assert is_running(own)


def hold_made(path: Path) -> None:
    """Make a file, and hold the lock on it."""
    path.touch()
    hold(path)


def test_who_takes_the_name_of_the_private_folder_too_keeps_nobody_from_starting(pc: Path) -> None:
    shared = pc / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    usual = pc / "home" / "share" / "siaran" / "tray"
    with stranger((shared / "siaran-0").mkdir), tray(pc, shared):
        wait_for(lambda: is_up(usual))
        assert open_to_others(usual) == []


def test_who_takes_the_name_of_the_sockets_folder_keeps_nobody_from_starting(pc: Path) -> None:
    data = pc / "data"
    with stranger((pc / "tmp" / "siaran-0").mkdir), tray(pc, data) as running:
        wait_for(lambda: is_up(data))
        done = subprocess.run(
            [sys.executable, "-m", "tray_client", "--quit", "--all-sessions"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(pc / "tmp")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert running.wait(STARTED_WITHIN_S) == 0


def test_ears_that_take_nothing_hold_nobody_up(pc: Path) -> None:
    kept: list[socket.socket] = []

    def listen() -> None:
        for number in range(20):
            ear = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ear.bind(f"\0siaran-answers-{STRANGER}-{pc.name}-{number}")
            ear.listen(0)
            filled = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            filled.connect(ear.getsockname())
            kept.extend((ear, filled))

    with stranger(listen):
        began = time.monotonic()
        tell_neighbours(LocalAnswer(new_message_id(), 1))
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("where", ["home", "documents"])
def test_a_home_or_a_folder_with_other_things_keeps_its_mode(
    pc: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pc / where
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("HOME", str(pc / "home"))
    if where == "documents":
        (folder / "letter.odt").touch()
    assert private_place(folder, pc / "usual") == folder / "siaran-0"
    folder.chmod(0o700)  # nobody else can enter: as it is
    assert private_place(folder, pc / "usual") == folder
