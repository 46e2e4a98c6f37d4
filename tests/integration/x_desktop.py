"""A screen with a window manager and somebody's hands: Xvfb, openbox and xdotool.

Skipped loudly where they are not installed, and a failure in CI.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("Xvfb", "openbox", "xdotool")
ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 40.0


class Desktop:
    """One X server with a window manager."""

    def __init__(self, display: str, folder: Path) -> None:
        self.environ = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        }

    def do(self, *words: object) -> str:
        """Let xdotool do something; return what it prints."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def activate(self, title: str) -> None:
        """Wait for the window *title* (an expression) and give it the keyboard."""
        soon(lambda: self.do("search", "--onlyvisible", "--name", title))
        self.do("search", "--onlyvisible", "--name", title, "windowactivate")

    def start(self, *command: object) -> subprocess.Popen[bytes]:
        """Start a Python program on this screen."""
        return subprocess.Popen([sys.executable, *map(str, command)], env=self.environ, cwd=ROOT)


@contextmanager
def desktop(folder: Path, size: str = "1280x800") -> Iterator[Desktop]:
    """A running one."""
    need(*PROGRAMS)
    read, write = os.pipe()
    # Without -noreset the server begins anew when its last client leaves, which would be the first
    # look for a window manager, and cut off one that is just connecting.
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    command.append("-noreset")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, pass_fds=[write], **quiet)  # type: ignore[call-overload]
    os.close(write)
    try:
        one = Desktop(f":{_line(read)}", folder)
        manager = subprocess.Popen(["openbox", "--sm-disable"], env=one.environ, **quiet)  # type: ignore[call-overload]
        try:
            soon(lambda: _managed(one))
            assert manager.poll() is None, "the window manager has ended"
            yield one
        finally:
            end(manager)
    finally:
        os.close(read)
        end(server)


def need(*programs: str) -> None:
    """Skip the test, or fail it in CI, if one of *programs* is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI needs {', '.join(missing)}")
    if missing:
        pytest.skip(f"NO {', '.join(missing)}: NOT TESTED")


def soon(condition: Callable[[], Any], within_s: float = DEADLINE_S) -> Any:
    """Wait until *condition* gives something true, and return it."""
    deadline = time.monotonic() + within_s
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.01)
    return result


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that this test has started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _line(pipe: int) -> str:
    ready, _, _ = select.select([pipe], [], [], DEADLINE_S)
    assert ready, "Xvfb does not start"
    return os.read(pipe, 100).decode().strip()


def _managed(one: Desktop) -> bool:
    """Ask something that only a running window manager answers."""
    return one.do("get_num_desktops").isdigit()
