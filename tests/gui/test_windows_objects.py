"""Windows' named mutex and events between processes, with its real calls and Qt's real notifier.

Several sessions and users are in ``tests/unit/test_instance_windows.py``, on a stand-in.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from shared.errors import EXIT_OK, AlreadyRunning
from tests import children
from tests.conftest import until

if sys.platform != "win32":
    pytest.skip("needs Windows: its named objects", allow_module_level=True)

import win32api
import win32con
import win32event
import win32gui
import win32process

from shared.instance import windows_api
from shared.instance.windows import Answer
from shared.system_events.windows import WM_WTSSESSION_CHANGE

ROOT = Path(__file__).resolve().parents[2]
SESSION_LOCK = 7
ID = "01a20000-0000-7000-8000-000000000001"
SET = "import win32event as w, sys; w.SetEvent(w.OpenEvent(2, False, sys.argv[1]))"
SESSION_2 = f"""
import sys
from pathlib import Path
from shared.instance.answered import LocalAnswer
from shared.instance.windows import claim
from shared.instance.windows_api import WindowsApi

class SecondSession(WindowsApi):
    def session(self):
        return 2

    def create_mutex(self, name):  # "Local" is another one there
        return super().create_mutex(name + "-2")

instance = claim(Path(sys.argv[1]), SecondSession())
print(instance.folder.name, instance.is_alone())
instance.tell_others(LocalAnswer("{ID}", 1_800_000_000_000, "Ya"))
instance.release()
"""
LISTENER = """
import sys
from pathlib import Path
from shared.instance import claim
from shared.qt.runner import make_application, run

instance = claim(Path(sys.argv[1]))

def say(text):
    print(text, flush=True)

async def main(quit_request):
    instance.listen(lambda command: quit_request.ask(), lambda told: say(told.answer.id))
    say("listens")
    await quit_request.wait()
    instance.release()
    return 0

sys.exit(run(make_application("test", "test"), main))
"""


class Running:
    """A Python program beside the test; what it says goes to a file."""

    def __init__(self, said: Path, *arguments: str) -> None:
        self._said = said
        with said.open("wb") as file:
            self.process = subprocess.Popen(
                [children.python(), *arguments],
                cwd=ROOT,
                env=children.environment(),
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """All of it so far."""
        return self._said.read_text(encoding="utf-8", errors="replace")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts programs, which end with the test."""
    running: list[Running] = []

    def begin(*arguments: str) -> Running:
        running.append(Running(tmp_path / f"said-{len(running)}.txt", *arguments))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(30)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def windows_of(process: subprocess.Popen[bytes]) -> list[str]:
    """Titles of the visible windows of *process*."""
    titles: list[str] = []

    def look(handle: int, _extra: Any) -> None:
        owner = win32process.GetWindowThreadProcessId(handle)[1]
        if owner == process.pid and win32gui.IsWindowVisible(handle):
            titles.append(win32gui.GetWindowText(handle))

    win32gui.EnumWindows(look, None)
    return titles


async def test_an_event_of_another_process_reaches_the_loop_until_it_is_let_go(
    qapp: QApplication, start: Callable[..., Running]
) -> None:
    loop: Any = asyncio.get_running_loop()
    name = f"Local\\siaran-test-{os.getpid()}"
    event = win32event.CreateEvent(None, False, False, name)
    threads: list[threading.Thread] = []
    end = loop.watch_event(int(event), lambda: threads.append(threading.current_thread()))
    start("-c", SET, name)
    await until(lambda: len(threads) == 1)
    start("-c", SET, name)
    await until(lambda: len(threads) == 2)
    end()
    win32event.SetEvent(event)
    await asyncio.sleep(0)
    assert threads == [threading.main_thread()] * 2
    assert win32event.WaitForSingleObject(event, 0) == win32event.WAIT_OBJECT_0, "nobody took it"


async def test_what_was_set_before_is_noticed_and_the_watch_may_end_in_its_own_call(
    qapp: QApplication,
) -> None:
    loop: Any = asyncio.get_running_loop()
    event = win32event.CreateEvent(None, True, True, None)
    calls: list[str] = []

    def act() -> None:
        calls.append("set")
        end()

    end = loop.watch_event(int(event), act)
    await until(lambda: calls)
    other: list[str] = []
    end_other = loop.watch_event(int(event), lambda: other.append("still set"))
    await until(lambda: len(other) > 2)
    end_other()
    assert calls == ["set"], "it stays set, and nobody watches it"


async def test_one_tray_shows_its_window_for_the_second_and_quits_for_the_third(
    qapp: QApplication, start: Callable[..., Running], tmp_path: Path
) -> None:
    options = ["-m", "tray_client", "--data-dir", str(tmp_path / "data")]
    tray = start(*options)
    await until(lambda: (tmp_path / "data" / "status.json").exists())
    assert windows_of(tray.process) == []
    second = start(*options)
    assert await until(lambda: second.process.poll() is not None) is True
    assert second.process.poll() == AlreadyRunning.exit_code
    await until(lambda: windows_of(tray.process))
    third = run_python(*options, "--quit")
    assert (third.returncode, third.stderr) == (EXIT_OK, "")
    assert tray.process.wait(30) == EXIT_OK
    fourth = run_python(*options, "--quit")
    assert (fourth.returncode, fourth.stderr) == (EXIT_OK, "siaran-tray: no tray was running.\n")


async def test_quit_for_all_sessions_waits_for_the_end_of_every_tray(
    qapp: QApplication, start: Callable[..., Running], tmp_path: Path
) -> None:
    trays = [start("-c", LISTENER, str(tmp_path / name)) for name in ("one", "two")]
    await until(lambda: all("listens" in tray.said() for tray in trays))
    done = run_python("-m", "tray_client", "--quit", "--all-sessions")
    assert (done.returncode, done.stderr) == (EXIT_OK, "")
    assert [tray.process.wait(0) for tray in trays] == [0, 0], "their files were still in use"


async def test_another_session_s_answer_reaches_the_tray(
    qapp: QApplication, start: Callable[..., Running], tmp_path: Path
) -> None:
    tray = start("-c", LISTENER, str(tmp_path / "data"))
    await until(lambda: "listens" in tray.said())
    second = run_python("-c", SESSION_2, str(tmp_path / "data"))
    assert (second.returncode, second.stdout) == (0, "session-2 False\n"), second.stderr
    await until(lambda: ID in tray.said())
    assert not any((tmp_path / "data" / "answers").iterdir())


def test_a_mutex_and_events_end_with_the_last_handle(tmp_path: Path) -> None:
    api, name = windows_api.WindowsApi(), f"Local\\siaran-test-{os.getpid()}-names"
    mutex, event = api.create_mutex(name), api.create_event(f"{name}-event")
    shared = api.create_shared_event(f"{name}-shared")
    assert mutex
    assert event
    assert shared
    assert api.create_mutex(name) == 0
    assert api.create_shared_event(f"{name}-shared"), "a second tray of this session waits for it"
    assert api.mutex_exists(name)
    assert api.event_exists(f"{name}-event")
    assert api.signal(f"{name}-event") is Answer.DONE
    assert win32event.WaitForSingleObject(event, 0) == win32event.WAIT_OBJECT_0
    for handle in (mutex, event):
        api.close(handle)
    assert not api.mutex_exists(name)
    assert api.signal(f"{name}-event") is Answer.NOBODY
    assert api.session() in api.sessions()
    win32api.CloseHandle(shared)


async def test_the_tray_hears_of_its_session_and_ends_with_it(
    qapp: QApplication, start: Callable[..., Running], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    tray = start("-m", "tray_client", "--data-dir", str(data))
    await until(lambda: (data / "status.json").exists())
    tell_windows_of(tray.process, WM_WTSSESSION_CHANGE, SESSION_LOCK)
    await until(lambda: "the session is locked" in (data / "logs" / "tray.log").read_text())
    tell_windows_of(tray.process, win32con.WM_QUERYENDSESSION, 0)
    tell_windows_of(tray.process, win32con.WM_ENDSESSION, 1)
    assert await until(lambda: tray.process.poll() is not None)
    assert tray.process.poll() == EXIT_OK
    assert "siaran-tray ends" in (data / "logs" / "tray.log").read_text()


def tell_windows_of(process: subprocess.Popen[bytes], message: int, wparam: int) -> None:
    """Post a message to each top-level window of *process* that is not shown."""

    def tell(handle: int, _extra: Any) -> None:
        owner = win32process.GetWindowThreadProcessId(handle)[1]
        if owner == process.pid and "QWindowIcon" in win32gui.GetClassName(handle):
            win32gui.PostMessage(handle, message, wparam, 0)

    win32gui.EnumWindows(tell, None)
