"""Single instance on Unix: the lock, the socket, and folders that must not be trusted."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Unix only", allow_module_level=True)

from shared.errors import AlreadyRunning, StorageError
from shared.instance import (
    Command,
    Outcome,
    claim,
    folder_of,
    is_running,
    still_there,
    tell,
    unix,
)
from shared.instance.answered import Told
from shared.instance.runtime import is_private, own_socket, sockets_in, sockets_of, user_folders
from shared.instance.unix import UnixInstance
from shared.instance.unix_sessions import quit_found
from tests.conftest import until

ME = os.getuid()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a path short enough for sockets, which is also where temporary files go."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield Path(folder)


@pytest.fixture
def runtime(short: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session's runtime folder, below a stand-in for /run/user."""
    folder = short / "run" / str(ME)
    folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def unheard(told: Told) -> None:
    """No tray tells of an answer here."""
    pytest.fail(f"told of {told}")


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Run *work* beside the event loop, which has to obey meanwhile."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_socket_lies_in_the_sessions_folder_and_is_private(runtime: Path) -> None:
    instance = claim(runtime / "data")
    path = own_socket(runtime / "data")
    assert path.parent == runtime / "siaran"
    assert path.is_socket()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    instance.release()
    instance.release()
    assert not path.exists()
    assert not is_running(runtime / "data")


def test_without_a_session_it_lies_below_the_folder_for_temporary_files(short: Path) -> None:
    assert own_socket(short / "data").parent == short / f"siaran-{ME}"


@pytest.mark.parametrize("value", ["", "relative/folder", "/nowhere/at/all"])
def test_a_runtime_folder_that_is_none_is_not_used(
    short: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    assert own_socket(short / "data").parent == short / f"siaran-{ME}"


def test_a_runtime_folder_others_can_write_or_too_long_is_not_used(
    runtime: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.chmod(0o777)
    assert own_socket(short / "data").parent == short / f"siaran-{ME}"
    deep = short / ("x" * 90)
    deep.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert own_socket(short / "data").parent == short / f"siaran-{ME}"


def test_a_link_in_place_of_the_folder_is_not_followed(short: Path) -> None:
    (short / "elsewhere").mkdir(mode=0o700)
    (short / f"siaran-{ME}").symlink_to(short / "elsewhere")
    instance = claim(short / "data")
    [folder] = short.glob(f"siaran-{ME}-*")
    assert is_private(folder, ME)
    assert list((short / "elsewhere").iterdir()) == []
    instance.release()


@pytest.mark.skipif(ME != 0, reason="only root can give a folder away")
def test_who_takes_the_name_of_the_folder_keeps_nobody_from_starting(short: Path) -> None:
    folder = short / f"siaran-{ME}"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    assert not is_private(folder, ME)
    for _ in range(2):  # the same folder again
        instance = claim(short / "data")
        assert sockets_of(short / "data")[0][0].exists()
        instance.release()
    assert len(list(short.glob(f"siaran-{ME}-*"))) == 1
    assert [uid for _, uid in user_folders(short / "none", short)] == [ME, ME]


def test_no_folder_at_all_is_said(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short / "missing"))
    with pytest.raises(StorageError, match=f"siaran-{ME} cannot be used"):
        claim(short / "data")
    assert not is_running(short / "data"), "the lock is free again"


def test_only_one_instance_uses_a_folder(runtime: Path) -> None:
    first = claim(runtime / "data")
    with pytest.raises(AlreadyRunning):
        claim(runtime / "data")
    other = claim(runtime / "other")
    other.release()
    first.release()
    claim(runtime / "data").release()


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
async def test_each_display_has_an_instance_with_a_folder_of_its_own_and_is_told_by_itself(
    runtime: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    data, obeyed = runtime / "data", list[str]()
    instances: dict[str, UnixInstance] = {}
    for display in (":0", ":10.0"):
        monkeypatch.setenv(variable, display)
        instance = instances[display] = unix.claim(data)
        with pytest.raises(AlreadyRunning):
            claim(data)

        def obey(_command: Command, instance: UnixInstance = instance) -> None:
            obeyed.append(instance.folder.name)
            instance.release()

        instance.listen(obey, unheard)
    assert [one.folder for one in instances.values()] == [data, data / "session-2"]
    assert folder_of(data) == data / "session-2"
    assert await asyncio.to_thread(tell, data, Command.QUIT)
    assert obeyed == ["session-2"]
    assert folder_of(data) == data
    monkeypatch.delenv(variable)  # an administrator's shell
    assert is_running(data)
    assert await asyncio.to_thread(tell, data, Command.QUIT)
    assert obeyed == ["session-2", "data"]
    assert not is_running(data)
    assert folder_of(data) == data


def test_a_socket_left_by_a_crash_is_taken_over(runtime: Path) -> None:
    path = own_socket(runtime / "data")
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(str(path))
    assert not tell(runtime / "data", Command.QUIT)
    claim(runtime / "data").release()
    assert not path.exists()


async def test_a_command_sent_while_it_starts_is_obeyed_once_it_listens(runtime: Path) -> None:
    instance = claim(runtime / "data")
    obeyed: list[Command] = []
    asking = in_thread(lambda: tell(runtime / "data", Command.SHOW))
    try:
        instance.listen(lambda _command: None, unheard)
        instance.listen(obeyed.append, unheard)
        await until(lambda: obeyed and not asking.is_alive())
    finally:
        instance.release()
    assert obeyed == [Command.SHOW]


async def test_quit_waits_for_the_end_and_finds_the_instance_without_the_variable(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.instance.runtime.RUN_USER", runtime.parent)
    instance = claim(runtime / "data")
    instance.listen(lambda _command: instance.release(), unheard)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert await asyncio.to_thread(tell, runtime / "data", Command.QUIT)
    assert not is_running(runtime / "data")


async def test_quit_of_one_that_stays_is_a_timeout(runtime: Path) -> None:
    instance = claim(runtime / "data")
    instance.listen(lambda _command: None, unheard)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(tell, runtime / "data", Command.QUIT, timeout_s=0.2)
    instance.release()


async def test_nonsense_on_the_socket_is_no_command(runtime: Path) -> None:
    instance = claim(runtime / "data")
    obeyed: list[Command] = []
    instance.listen(obeyed.append, unheard)
    path = own_socket(runtime / "data")
    for words in (b"", b"explode", b"\xff\xfe", b"quit" * 100):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(words)
    assert await asyncio.to_thread(tell, runtime / "data", Command.SHOW)
    assert obeyed == [Command.SHOW]
    instance.release()


def test_still_there_counts_what_does_not_end() -> None:
    assert still_there([], 0) == 0
    assert still_there([lambda: True, lambda: False, lambda: False], 0.01) == 2


# --- all sessions ---


def found_in(short: Path, timeout_s: float = 10.0) -> Outcome:
    """End the trays below *short*."""
    return quit_found(short / "run", short, timeout_s)


def listening(path: Path) -> socket.socket:
    """Somebody who listens at *path*."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(8)
    server.settimeout(10)
    return server


def test_only_folders_named_after_a_user_are_searched(short: Path) -> None:
    for name in ("siaran-1", "siaran-", "siaran-x", "siaran-²", "other-1", "run/7", "run/x"):
        (short / name).mkdir(parents=True)
    assert list(user_folders(short / "run", short)) == [
        (short / "run" / "7" / "siaran", 7),
        (short / "siaran-1", 1),
    ]
    assert list(user_folders(short / "none", short / "none")) == []


def test_stale_sockets_links_and_other_files_are_ignored(short: Path) -> None:
    folder = short / f"siaran-{ME}"
    with listening(folder / "stale.sock"):
        pass
    with listening(short / "service"):
        (folder / "link.sock").symlink_to(short / "service")
        (folder / "file.sock").write_text("")
        (folder / "notes.txt").write_text("")
        assert sockets_in(folder, ME) == [folder / "stale.sock"]
        assert found_in(short) == Outcome(0, 0)


def test_a_folder_that_others_can_write_is_not_searched(short: Path) -> None:
    folder = short / f"siaran-{ME}"
    with listening(folder / "a.sock"):
        folder.chmod(0o777)
        assert sockets_in(folder, ME) == []
        (short / f"siaran-{ME + 1}").symlink_to(folder)
        assert found_in(short) == Outcome(0, 0)


def test_one_that_hangs_is_counted_and_does_not_hold_up_for_ever(short: Path) -> None:
    with listening(short / f"siaran-{ME}" / "a.sock") as server:
        assert found_in(short, 0.1) == Outcome(asked=1, left=1)
        peer, _ = server.accept()
        with peer:
            assert peer.recv(16) == b"quit"


LISTENER = """
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
os.setuid(65534)
server.listen(8)  # from now on these are the credentials that a client sees
print("ready", flush=True)
peer, _ = server.accept()
print(peer.recv(16), flush=True)
"""
CALLER = """
os.setuid(65534)
short = Path(sys.argv[1])
print(quit_found(short / "run", short, 1))
"""


def as_nobody(code: str, argument: Path) -> subprocess.Popen[str]:
    """Run *code* in a process that is root first, and can become somebody else."""
    imports = (
        "import os, socket, sys\n"
        "from pathlib import Path\n"
        "from shared.instance.unix_sessions import quit_found\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", imports + code, str(argument)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(ME != 0, reason="only root can become somebody else")
def test_nothing_is_said_to_a_listener_of_another_user_than_the_folders(short: Path) -> None:
    folder = short / f"siaran-{ME}"
    folder.mkdir(mode=0o700)
    with as_nobody(LISTENER, folder / "a.sock") as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "ready\n"
        assert found_in(short) == Outcome(0, 0)
        assert listener.stdout.readline() == "b''\n"


@pytest.mark.skipif(ME != 0, reason="only root can become somebody else")
def test_whoever_is_not_root_skips_other_users_with_a_sentence(short: Path) -> None:
    short.chmod(0o755)
    with listening(short / f"siaran-{ME}" / "a.sock"):
        said = as_nobody(CALLER, short).communicate(timeout=30)[0]
    assert said == (
        f"{Outcome(0, 0, (f'User {ME} is out of reach; only root can end their tray.',))}\n"
    )


def test_the_data_folders_owner_is_looked_at_too(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = claim(runtime / "data")
    assert isinstance(instance, UnixInstance)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("shared.instance.runtime.RUN_USER", runtime.parent)
    assert (runtime / "siaran", ME) in [(p.parent, uid) for p, uid in sockets_of(runtime / "data")]
    instance.release()
