"""Child processes of tests that run our own programs: on Windows, Windows' Python runs them, too.

What a signal does on Unix is here by each system's own means: freezing, and the end without a word.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

QT_PLATFORM = "windows" if sys.platform == "win32" else "offscreen"
"""Qt's platform for the windows of children."""
KILL = 9
"""SIGKILL, which Windows has not: there ``os.kill`` ends the process with this as its code."""
KILLED = KILL if sys.platform == "win32" else -KILL
"""The exit code of a process that killed itself with ``os.kill(os.getpid(), KILL)``."""


def python() -> str:
    """The interpreter itself: a virtual environment's ``python.exe`` is only what starts it."""
    base = getattr(sys, "_base_executable", sys.executable)
    return str(base) if sys.platform == "win32" else sys.executable


def environment(**more: str) -> dict[str, str]:
    """This process' variables and *more*, for a child that may open windows."""
    launcher = {"__PYVENV_LAUNCHER__": sys.executable} if python() != sys.executable else {}
    return {**os.environ, "QT_QPA_PLATFORM": QT_PLATFORM, **launcher, **more}


def own_environment(given: Mapping[str, str] | None = None, **more: str) -> dict[str, str]:
    """``environment`` without any setting of Siaran but those *given*."""
    kept = {name: value for name, value in environment().items() if not name.startswith("SIARAN_")}
    return {**kept, **(given or {}), **more}


def run_program(*command: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m`` *command*, without any setting of Siaran's around it, to its end."""
    return subprocess.run(
        [python(), "-m", *command],
        env=own_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


@contextmanager
def that_says(word: bytes, code: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run *code*, which prints *word* when it is ready and ends with its standard input."""
    with subprocess.Popen(
        [python(), "-c", code],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == word
        try:
            yield process
        finally:
            process.communicate()


def freeze(process: subprocess.Popen[bytes]) -> None:
    """Let none of its threads run."""
    if sys.platform == "win32":
        _ask_nt("NtSuspendProcess", process)
    else:
        process.send_signal(signal.SIGSTOP)


def thaw(process: subprocess.Popen[bytes]) -> None:
    """Let it go on. Does nothing to one that runs."""
    if sys.platform == "win32":
        if process.poll() is None:
            _ask_nt("NtResumeProcess", process)
    else:
        process.send_signal(signal.SIGCONT)


if sys.platform == "win32":

    def _ask_nt(call: str, process: subprocess.Popen[bytes]) -> None:
        import ctypes

        status = getattr(ctypes.WinDLL("ntdll"), call)(ctypes.c_void_p(int(process._handle)))
        assert status == 0, f"{call}: {status & 0xFFFFFFFF:#x}"
