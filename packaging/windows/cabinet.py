"""The cabinet in an MSI: one folder with all files, packed by gcab on Linux, by makecab on Windows.

The installer finds a file by its name in the cabinet, its key in the table ``File``, and unpacks
all of them in the order of ``Sequence``. So the files are copied under their keys into one folder,
with one date, and packed in the order that is given.

gcab (MSZIP) comes from the makers of msibuild, which puts the cabinet into the MSI. makecab, a part
of Windows, packs tighter (LZX); it reads what to do from a directive file (Microsoft's *MakeCAB
User's Guide*).
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_machine import CannotBuildError

DIRECTIVES = {
    "Cabinet": "on",
    "Compress": "on",
    "CompressionType": "LZX",
    "CompressionMemory": "21",  # bits of the window: 2 MiB, the most there is
    "MaxDiskSize": "0",  # no limit: one cabinet, however large
    "DiskDirectoryTemplate": ".",
    "InfFileName": "nul",  # neither of the two files that it else leaves beside the cabinet
    "RptFileName": "nul",
}
"""What makecab has to know besides the cabinet's name."""


def make(cabinet: Path, files: Mapping[str, Path], at: int) -> None:
    """Write *cabinet* of *files* (key to place), in their order, all changed *at*.

    *at* is in seconds since 1970. gcab takes the dates as UTC, makecab as the machine's own time.

    Raises:
        CannotBuildError: it cannot be made.
    """
    pack = _by_makecab if sys.platform == "win32" else _by_gcab
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for key, place in files.items():
            shutil.copyfile(place, folder / key)
            os.utime(folder / key, (at, at))
        pack(cabinet.resolve(), list(files), folder)


def check(cabinet: Path, files: Mapping[str, Path]) -> None:
    """Unpack *cabinet* with gcab, whoever made it, and compare it with *files* (key to place).

    Raises:
        CannotBuildError: other files are in it, or in another order.
    """
    if _gcab("--list", cabinet).splitlines() != list(files):
        raise CannotBuildError(f"{cabinet.name} has other files than it should, or another order.")
    with tempfile.TemporaryDirectory() as temporary:
        _gcab("--extract", "--directory", temporary, cabinet)
        for key, place in files.items():
            if not filecmp.cmp(Path(temporary) / key, place, shallow=False):
                raise CannotBuildError(f"{cabinet.name} has another {place.name} than it should.")


def directives(cabinet: str, keys: Sequence[str]) -> str:
    """The directive file for makecab: pack the files *keys* beside it into *cabinet*, a name."""
    settings = {"CabinetNameTemplate": cabinet, **DIRECTIVES}
    lines = [".Option Explicit", *(f".Set {name}={value}" for name, value in settings.items())]
    return "".join(f"{line}\r\n" for line in (*lines, *(f'"{key}"' for key in keys)))


def _by_gcab(cabinet: Path, keys: Sequence[str], folder: Path) -> None:
    _gcab("--create", "--zip", "--nopath", cabinet, *keys, folder=folder)


def _gcab(*arguments: str | Path, folder: Path | None = None) -> str:
    # gcab before 1.0 wrote dates in the machine's time.
    environment = {**os.environ, "TZ": "UTC"}
    return _run(["gcab", *map(str, arguments)], folder, environment)


def _by_makecab(cabinet: Path, keys: Sequence[str], folder: Path) -> None:
    file = folder / "cabinet.ddf"
    file.write_text(directives(cabinet.name, keys), encoding="ascii", newline="")
    _run(["makecab", "/f", file.name], folder)
    shutil.move(folder / cabinet.name, cabinet)


def _run(command: list[str], folder: Path | None, environment: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        why = (ran.stdout + ran.stderr).strip()[-2000:]
        raise CannotBuildError(f"{command[0]} cannot make or read a cabinet. It says:\n{why}")
    return ran.stdout
