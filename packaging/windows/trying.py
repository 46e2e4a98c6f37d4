"""What the scripts share that try programs and installers on Windows."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NO_SERVER = "redis://127.0.0.1:1"
"""An address at which nothing answers."""
STARTS_WITHIN_S = 60.0
POLL_S = 1.0


class NotSoError(Exception):
    """What was demanded is not so; the text says what."""


def tried(steps: Callable[[], None]) -> int:
    """Do *steps*; print what is not so, and return the exit code."""
    try:
        steps()
    except NotSoError as error:
        print(f"Not so: {error}.", file=sys.stderr)
        return 1
    return 0


def demand(fine: bool, what: str) -> None:
    """Fail unless it is *fine*.

    Raises:
        NotSoError: with *what*.
    """
    if not fine:
        raise NotSoError(what)


def run(*command: str | Path) -> str:
    """Run a program to its end; return what it prints.

    Raises:
        NotSoError: its exit code is not 0.
    """
    name = Path(command[0]).name
    ran = subprocess.run(
        [*map(str, command)], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    shown = " ".join([name, *map(str, command[1:])])
    demand(ran.returncode == 0, f"{shown} ends with 0, not {ran.returncode}: {ran.stderr[-1000:]}")
    return ran.stdout


def running_tray(home: Path) -> dict[str, Any] | None:
    """How the tray stands whose programs are in *home*, if one runs."""
    # Its exit code says how the tray stands, too; what counts is the text.
    command = [str(home / "siaran-tray.exe"), "status", "--json"]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout
    status = json.loads(said) if said.strip() else {}
    return status if status.get("running") else None


def wait_for_tray(home: Path, within_s: float = STARTS_WITHIN_S) -> dict[str, Any]:
    """Wait until a tray runs and has read its settings; return how it stands.

    Raises:
        NotSoError: none does within *within_s*.
    """
    deadline = time.monotonic() + within_s
    while not (status := running_tray(home)) or not status["endpoint"]:
        demand(time.monotonic() < deadline, f"a tray runs within {within_s:.0f} s")
        time.sleep(POLL_S)
    return status
