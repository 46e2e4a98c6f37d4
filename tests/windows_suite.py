"""Runs the suite with Windows' own Python, Qt and SQLite, under Wine: our everyday Windows.

Servers and other Linux programs run outside, started by ``linux_side`` for the tests inside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "packaging" / "windows"), str(ROOT)]
from build_machine import CannotBuildError, need_machine  # noqa: E402
from windows_python import windows_python  # noqa: E402
from wine import Wine, fresh_pc  # noqa: E402

from tests import linux_side  # noqa: E402

PYTHON = "Z:\\python\\python.exe"
SCREEN = "1366x768x24"
"""What tills have."""


def main(options: Sequence[str]) -> int:
    """Run pytest with *options*; return its exit code."""
    try:
        need_machine()
        python = windows_python("windows-tests")
    except CannotBuildError as error:
        print(f"run.py test --windows: {error}", file=sys.stderr)
        return 1
    with screen() as display, fresh_pc(binds={python: "/python", ROOT: "/siaran"}) as pc:
        os.environ["DISPLAY"] = display
        pc.run("wineboot", check=False)  # its services start with output to nowhere
        find = paths_of(pc, {"/python": python, "/siaran": ROOT})
        with linux_side.helper(find) as variable:
            return run(pc, variable, options)


def run(pc: Wine, variable: str, options: Sequence[str]) -> int:
    """Run pytest on *pc*, printing what it prints."""
    environment = {
        **pc.environment(),
        linux_side.VARIABLE: variable,
        "PYTHONPATH": "Z:\\siaran",
        "PYTHONUTF8": "0",
    }
    if os.environ.get("CI"):
        environment["CI"] = os.environ["CI"]
    command = pc.command(
        *("sh", "-c", 'cd /siaran && exec wine "$@"', "sh"),
        *(PYTHON, "-m", "pytest", "-p", "no:cacheprovider", *options),
    )
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, check=False
    ).returncode


def paths_of(pc: Wine, binds: Mapping[str, Path]) -> Callable[[str], Path]:
    """What translates Windows' paths on *pc* to Linux' outside."""

    def find(path: str) -> Path:
        drive, rest = path[0].upper(), path[2:].replace("\\", "/")
        if drive == "C":
            return pc.drive_c / rest.lstrip("/")
        for inside, outside in {**binds, "/prefix": pc.home, "/tmp": pc.home / "tmp"}.items():
            if rest == inside or rest.startswith(f"{inside}/"):
                return outside / rest[len(inside) :].lstrip("/")
        raise FileNotFoundError(path)

    return find


@contextmanager
def screen() -> Iterator[str]:
    """An X server with a window manager; gives its display."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN),
            *("-nolisten", "tcp", "-noreset"),
        ],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        display = f":{answer.readline().strip()}"
    environment = {**os.environ, "DISPLAY": display}
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield display
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(timeout=15)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
