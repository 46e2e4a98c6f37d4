"""Tries frozen programs on Windows: ``python packaging/windows/try_programs.py FOLDER``.

FOLDER has ``siaran-console`` and ``siaran-tray``, as ``run.py freeze --apart`` makes them. Their
command lines start; the tray starts, says how it stands, and ends. A step of the recipe for Windows
(``.github/workflows/windows.yml``); needs nothing but Python.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from trying import NO_SERVER, NotSoError, demand, run, running_tray, tried, wait_for_tray

ENDS_WITHIN_S = 60.0


def main(arguments: Sequence[str]) -> int:
    """Try the programs in the folder; return the exit code."""
    [folder] = (Path(argument) for argument in arguments)
    return tried(lambda: _try(folder.resolve()))


def _try(folder: Path) -> None:
    for program in ("console", "tray"):
        version = run(folder / f"siaran-{program}" / f"siaran-{program}.exe", "--version")
        demand(version.strip() != "", f"siaran-{program} says its version")
        print(f"siaran-{program} --version: {version.strip()}", flush=True)
    home = folder / "siaran-tray"
    tray = subprocess.Popen([home / "SiaranTray.exe", "--redis-url", NO_SERVER])
    try:
        wait_for_tray(home)
        print("The tray runs and says how it stands.", flush=True)
        run(home / "siaran-tray.exe", "--quit")
        demand(tray.wait(ENDS_WITHIN_S) == 0, "the tray ends in good order")
        demand(not running_tray(home), "no tray runs")
        print("The tray has ended.", flush=True)
    except subprocess.TimeoutExpired as error:
        raise NotSoError("the tray ends when it is told to") from error
    finally:
        if tray.poll() is None:
            tray.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
