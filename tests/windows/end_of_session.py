"""What Windows does to a program at the end of a session, and at the close of its console.

As a program, with the number of a process: closes the window of the console that it runs in.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field

import win32con
import win32console
import win32gui
import win32process

assert sys.platform == "win32"  # tells the type checker, too

LOGOFF = 0x80000000
"""ENDSESSION_LOGOFF."""
ANSWERS_WITHIN_MS = 5_000
"""What Windows gives each window before it ends the program."""


@dataclass
class Asked:
    """Answers of a program's windows, and how long it took."""

    yes: int = 0
    no: int = 0
    seconds: float = 0.0
    silent: list[int] = field(default_factory=list)
    """Windows that did not answer in time."""


def windows_of(pid: int) -> list[int]:
    """Every top-level window of the process *pid*, hidden ones, too."""
    found: list[int] = []

    def look(window: int, _more: object) -> bool:
        if win32process.GetWindowThreadProcessId(window)[1] == pid:
            found.append(window)
        return True

    win32gui.EnumWindows(look, None)
    return found


def ask_to_end(pid: int) -> Asked:
    """Ask whether the session may end: WM_QUERYENDSESSION to each window."""
    return _tell(windows_of(pid), win32con.WM_QUERYENDSESSION, 0)


def end(pid: int, *, really: bool) -> Asked:
    """Say that the session ends, or (not *really*) that another program has refused."""
    return _tell(windows_of(pid), win32con.WM_ENDSESSION, int(really))


def _tell(windows: list[int], message: int, wparam: int) -> Asked:
    asked, began = Asked(), time.monotonic()
    for window in windows:
        try:
            _, said = win32gui.SendMessageTimeout(
                *(window, message, wparam, LOGOFF), win32con.SMTO_NORMAL, ANSWERS_WITHIN_MS
            )
        except win32gui.error:
            if win32gui.IsWindow(window):
                asked.silent.append(window)
            continue
        asked.yes += bool(said)
        asked.no += not said
    asked.seconds = time.monotonic() - began
    return asked


def close_console(pid: int) -> None:
    """Press the close button of the console window in which *pid* runs."""
    subprocess.run(
        [sys.executable, __file__, str(pid)],
        creationflags=subprocess.DETACHED_PROCESS,
        timeout=30,
        check=True,
    )


def _close(pid: int) -> None:
    win32console.AttachConsole(pid)
    window = win32console.GetConsoleWindow()
    win32console.FreeConsole()
    win32gui.PostMessage(window, win32con.WM_CLOSE, 0, 0)


if __name__ == "__main__":
    _close(int(sys.argv[1]))
