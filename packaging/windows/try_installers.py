"""Tries the installers on Windows: ``python packaging/windows/try_installers.py FOLDER``.

FOLDER has ``SiaranTray.msi`` and ``SiaranConsole.msi``. They are installed with settings; the tray
takes these, and comes back after it was killed; all is removed again but people's data. A step of
the recipe for Windows (``.github/workflows/windows.yml``); needs an administrator, and nothing but
Python. ``--without-tasks``: on a PC whose Task Scheduler does not run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from trying import NO_SERVER, NotSoError, demand, run, tried, wait_for_tray

assert sys.platform == "win32"  # tells the type checker, too
import winreg  # noqa: E402

TRAY, CONSOLE = "SiaranTray.msi", "SiaranConsole.msi"
OUTLET, CHANNELS = "JKT-014", ["Channel 1", "Channel 3"]
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
SETTINGS_KEY = r"Software\Siaran\Tray"
TASK = r"\Siaran\Tray"
COMES_BACK_WITHIN_S = 300.0
"""The task looks every few minutes."""


def main(arguments: Sequence[str]) -> int:
    """Try the installers in the folder; return the exit code."""
    [folder] = (Path(one).resolve() for one in arguments if not one.startswith("--"))
    return tried(lambda: _try(folder, tasks="--without-tasks" not in arguments))


def _try(folder: Path, *, tasks: bool) -> None:
    programs = Path(os.environ["PROGRAMFILES"]) / "Siaran"
    _install(folder)
    _look_at_registry()
    if tasks:
        run("schtasks", "/query", "/tn", TASK)
    _start(programs / "Tray")
    if tasks:
        _come_back(programs / "Tray")
    _remove(folder)
    demand(not programs.exists(), "the folder of the programs is gone")
    data = Path(os.environ["LOCALAPPDATA"]) / "Siaran" / "Tray"
    demand(data.is_dir(), "the user's messages are still there")
    print("Removed; the user's messages are still there.", flush=True)


def _install(folder: Path) -> None:
    given = f'REDIS_URL={NO_SERVER} OUTLET={OUTLET} CHANNELS="{";".join(CHANNELS)}"'
    for msi, settings in ((TRAY, given), (CONSOLE, "")):
        _msiexec(f'/i "{folder / msi}" /l*v "{folder / msi}.log" {settings}')
        print(f"{msi} is installed.", flush=True)


def _remove(folder: Path) -> None:
    for msi in (TRAY, CONSOLE):
        _msiexec(f'/x "{folder / msi}"')


def _msiexec(arguments: str) -> None:
    # One text: msiexec wants quotes inside an argument, where a list would put them around it.
    code = subprocess.run(f"msiexec {arguments} /qn /norestart", check=False).returncode
    demand(code == 0, f"msiexec {arguments} ends with 0, not {code}")


def _look_at_registry() -> None:
    with _key(SETTINGS_KEY) as key:
        demand(winreg.QueryValueEx(key, "outlet")[0] == OUTLET, "the registry has the outlet")
    with _key(RUN_KEY) as key:
        demand(bool(winreg.QueryValueEx(key, "Siaran")[0]), "the tray starts with every session")


def _key(name: str) -> winreg.HKEYType:
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    try:
        return winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, name, access=access)
    except FileNotFoundError as error:
        raise NotSoError(rf"HKLM\{name} is there") from error


def _start(home: Path) -> None:
    subprocess.Popen([home / "SiaranTray.exe"])
    status = wait_for_tray(home)
    demand(
        str(status["endpoint"]).startswith(f"{OUTLET}/"), f"the tray knows its outlet ({status})"
    )
    demand(status["channels"] == ["*", *CHANNELS], f"the tray knows its channels ({status})")
    print(f"The tray runs as {status['endpoint']}.", flush=True)


def _come_back(home: Path) -> None:
    run("taskkill", "/f", "/im", "SiaranTray.exe")
    wait_for_tray(home, COMES_BACK_WITHIN_S)
    print("The tray was killed, and came back.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
