"""What trays of one PC tell each other: the words, who is believed, and who is not heard."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Unix only", allow_module_level=True)

from shared.instance import Command, unix
from shared.instance.answered import MAX_BYTES, LocalAnswer, Told, decode, encode
from shared.instance.runtime import own_socket
from shared.instance.unix import UnixInstance
from shared.instance.unix_neighbours import MAX_A_SECOND, Ear, ears, tell_neighbours
from tests.conftest import until
from tray_client.neighbours import KNOWN_S, MOST_WAITING, Neighbours

ME, NOBODY = os.getuid(), 65534
ROOT = Path(__file__).resolve().parents[2]
ID = "01a20000-0000-7000-8000-000000000001"
ANSWER = LocalAnswer(ID, 1_800_000_000_000, "Sudah habis, ya")
as_root = pytest.mark.skipif(ME != 0, reason="only root can become somebody else")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a path short enough for sockets, which is also where temporary files go."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield Path(folder)


def unheeded(command: Command) -> None:
    """No command comes here."""
    pytest.fail(f"told to {command}")


# --- the words -----------------------------------------------------------------------------------


def test_an_answer_goes_across_as_it_is() -> None:
    longest = LocalAnswer(ID, 2**53 - 1, "\U0001f6a8" * 40)
    for answer in (ANSWER, longest, LocalAnswer(ID, 0)):
        data = encode(answer)
        assert len(data) <= MAX_BYTES
        assert decode(data) == answer


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"answered",
        b"answered ",
        b"answered {}",
        b"quit",
        b"answered [" + b"[" * 400,
        b'answered {"id":"../../etc/passwd","at":1}',
        b'answered {"id":"%s\n","at":1}' % ID.encode(),
        b'answered {"id":"x%s","at":1}' % ID.encode(),
        b'answered {"id":"%s"}' % ID.encode(),
        b'answered {"id":"%s","at":-1}' % ID.encode(),
        b'answered {"id":"%s","at":9007199254740992}' % ID.encode(),
        b'answered {"id":"%s","at":1e3}' % ID.encode(),
        b'answered {"id":"%s","at":1,"reply":7}' % ID.encode(),
        b'answered {"id":"%s","at":1,"reply":"%s"}' % (ID.encode(), b"x" * 41),
        b'answered {"id":"%s","at":1,"reply":"\xff"}' % ID.encode(),
        b'answered {"id":"%s","at":1}%s' % (ID.encode(), b" " * MAX_BYTES),
    ],
)
def test_garbage_is_no_answer(data: bytes) -> None:
    assert decode(data) is None


# --- sessions of one user ------------------------------------------------------------------------


def in_session(data: Path, display: str, monkeypatch: pytest.MonkeyPatch) -> UnixInstance:
    """The instance of one display."""
    monkeypatch.setenv("DISPLAY", display)
    return unix.claim(data)


async def test_the_sessions_of_one_user_tell_each_other(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trays = [in_session(short / "data", f":{number}", monkeypatch) for number in range(3)]
    heard: list[tuple[int, Told]] = []
    for number, tray in enumerate(trays):

        def hear(told: Told, number: int = number) -> None:
            heard.append((number, told))

        tray.listen(unheeded, hear)
    assert trays[0].hears_others == (sys.platform == "linux")
    await asyncio.to_thread(trays[1].tell_others, ANSWER)
    await until(lambda: len(heard) == 2)
    assert sorted(heard, key=lambda one: one[0]) == [(0, Told(ANSWER)), (2, Told(ANSWER))]
    trays[2].release()
    await asyncio.to_thread(trays[0].tell_others, ANSWER)
    await until(lambda: heard[2:] == [(1, Told(ANSWER))])
    for tray in trays:
        tray.release()


async def test_a_session_that_is_still_starting_or_hangs_hears_it_later(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (in_session(short / "data", f":{number}", monkeypatch) for number in range(2))
    one.tell_others(ANSWER)
    heard: list[Told] = []
    two.listen(unheeded, heard.append)
    await until(lambda: heard == [Told(ANSWER)])
    one.release()
    two.release()


TELL = """
import os, socket, sys
os.setuid(int(sys.argv[2]))
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.sendall(sys.argv[3].encode())
print(client.recv(8))
"""


@as_root
async def test_another_user_who_reaches_the_command_socket_is_not_believed(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray = in_session(short / "data", ":0", monkeypatch)
    heard: list[Told] = []
    obeyed: list[Command] = []
    tray.listen(obeyed.append, heard.append)
    path = own_socket(tray.folder)
    for place in (short, path.parent):
        place.chmod(0o755)
    path.chmod(0o666)
    for user in (NOBODY, ME):
        words = encode(ANSWER).decode()
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TELL, str(path), str(user), words, stdout=subprocess.DEVNULL
        )
        assert await done.wait() == 0
        assert heard == ([] if user == NOBODY else [Told(ANSWER)])
    assert obeyed == []
    tray.release()


# --- sessions of different users -----------------------------------------------------------------

NEIGHBOUR = """
import os, sys
from shared.instance.answered import LocalAnswer
from shared.instance.unix_neighbours import tell_neighbours
os.setuid(int(sys.argv[1]))  # who may not be able to read the modules
for _ in range(int(sys.argv[3])):
    tell_neighbours(LocalAnswer(sys.argv[2], 1_800_000_000_000, "Sudah habis, ya"))
"""


async def as_user(uid: int, times: int = 1) -> None:
    """A tray of the user *uid* tells of ``ANSWER``."""
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-c", NEIGHBOUR, str(uid), ID, str(times), cwd=ROOT
    )
    assert await done.wait() == 0


@on_linux
@as_root
async def test_another_user_is_named_by_the_kernel_and_our_own_has_another_way() -> None:
    heard: list[Told] = []
    ear = Ear(heard.append)
    await as_user(ME)
    await as_user(NOBODY)
    await until(lambda: heard == [Told(ANSWER, NOBODY)])
    ear.close()
    ear.close()
    await as_user(NOBODY)
    assert len(heard) == 1


@on_linux
async def test_a_listener_whose_name_lies_is_told_nothing() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as liar:
        liar.bind(f"\0siaran-answers-{ME + 1}-0123456789abcdef")
        liar.listen(8)
        liar.settimeout(5)
        assert (f"\0siaran-answers-{ME + 1}-0123456789abcdef", ME + 1) in ears()
        await asyncio.to_thread(tell_neighbours, ANSWER)
        peer, _ = liar.accept()
        with peer:
            peer.settimeout(5)
            assert peer.recv(100) == b""


@on_linux
@pytest.mark.parametrize("name", ["siaran-answers-", "siaran-answers-x-1", "siaran-answers-²-1"])
async def test_a_name_that_says_no_user_is_nobody(name: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as odd:
        odd.bind(b"\0" + name.encode())
        odd.listen(1)
        assert all(name not in place for place, _ in ears())


@on_linux
async def test_connections_that_say_nothing_and_floods_end_by_themselves() -> None:
    heard: list[Told] = []
    ear = Ear(heard.append)
    place = ear.place
    silent = []
    for _ in range(4):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.setblocking(False)
        client.connect(place)
        silent.append(client)
    await until(lambda: len(ear._open) == 4)
    await until(lambda: not ear._open, within_s=10)
    for client in silent:
        client.close()
    begun, accepted = time.monotonic(), 0
    while time.monotonic() - begun < 0.5:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.setblocking(False)
            try:
                client.connect(place)
                client.send(b"answered " + b"[" * 2000)
                accepted += 1
            except OSError:
                pass
        await asyncio.sleep(0)
    assert accepted <= 2 * MAX_A_SECOND + 20, "then it is deaf for a second"
    if ME == 0:
        await asyncio.sleep(1.2)
        await as_user(NOBODY)
        await until(lambda: heard == [Told(ANSWER, NOBODY)])
    ear.close()


async def test_who_is_logged_on_is_asked_seldom_and_one_question_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    may_answer = asyncio.Event()

    async def name_of(uid: int) -> str:
        asked.append(uid)
        await may_answer.wait()
        return "sari" if uid == 7 else ""

    neighbours = Neighbours(name_of)
    waiting = [asyncio.create_task(neighbours.name(7)) for _ in range(MOST_WAITING)]
    await until(lambda: asked == [7])
    assert await neighbours.name(7) == "", "too many wait already"
    may_answer.set()
    assert set(await asyncio.gather(*waiting)) == {"sari"}
    assert [await neighbours.name(8), await neighbours.name(7)] == ["", "sari"]
    assert asked == [7, 8]
    later = time.monotonic() + KNOWN_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert await neighbours.name(7) == "sari"
    assert asked == [7, 8, 7]
