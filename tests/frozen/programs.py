"""Starting programs, frozen or from source, and asking them how they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).parent / "inside"
WITHIN_S = 30.0
PYTHON_VARIABLES = ("PYTHON", "VIRTUAL_ENV", "QT_", "LD_LIBRARY_PATH")
"""What no outlet's PC has set, and what could help a program that lacks something."""

Command = Sequence[str | Path]


class Frozen:
    """The commands of the frozen programs in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.console: Command = [folder / "siaran" / "siaran-console"]
        self.tray: Command = [folder / "siaran" / "siaran-tray"]

    def inside(self, program: str, script: str, *arguments: str | Path, **more: str) -> Any:
        """Run ``inside/<script>`` among the frozen modules of ``console`` or ``tray``.

        Returns what it prints as JSON.
        """
        probe = [self.folder / "probe" / f"probe-{program}"]
        return script_output(probe, script, *arguments, **more)


PYTHON: Command = [sys.executable]
PLAIN_CONSOLE: Command = [sys.executable, "-m", "admin_app"]
PLAIN_TRAY: Command = [sys.executable, "-m", "tray_client"]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """As on an outlet's PC, with *more*."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(PYTHON_VARIABLES)}
    return {**ours, "PATH": "/usr/bin:/bin", **(more or {})}


def run(command: Command, *arguments: str | Path, **more: str) -> str:
    """Run one command line to its end; return its output. Fails if it fails or complains."""
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT if "-m" in command else "/",
        env=environment(more),
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def script_output(command: Command, script: str, *arguments: str | Path, **more: str) -> Any:
    """Run ``inside/<script>`` by *command*; return what it prints as JSON."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **more}
    return json.loads(run(command, INSIDE / script, *arguments, **environment))


def until(condition: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
    """Wait until *condition* gives something true, and return it."""
    deadline = time.monotonic() + within_s
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)
    return result


class Running:
    """A program with a data folder of its own."""

    def __init__(self, command: Command, folder: Path, process: subprocess.Popen[str]) -> None:
        self.command = command
        self.folder = folder
        self.process = process

    def status(self) -> dict[str, Any]:
        """What the tray says of itself."""
        answer: dict[str, Any] = json.loads((self.folder / "status.json").read_text())
        return answer

    def inbox(self) -> list[dict[str, Any]]:
        """The messages that the tray has."""
        text = run(self.command, "inbox", "--json", "--data-dir", self.folder)
        messages: list[dict[str, Any]] = json.loads(text)
        return messages

    def wait_connected(self) -> None:
        """Wait until the tray is connected."""
        until(lambda: self._has("state", "connected"))

    def _has(self, name: str, value: object) -> bool:
        assert self.process.poll() is None, "it ended"
        return (self.folder / "status.json").exists() and self.status()[name] == value


@contextmanager
def running(
    command: Command, folder: Path, *arguments: str | Path, **more: str
) -> Iterator[Running]:
    """Start a program; what is left of it afterwards is killed. It must not complain."""
    log = folder.with_name(f"{folder.name}.log")
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--data-dir", folder, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT if "-m" in command else "/",
            env=environment(more),
        )
        try:
            yield Running(command, folder, process)
        finally:
            process.kill()
            process.wait(timeout=15)
    assert log.read_text() == ""
