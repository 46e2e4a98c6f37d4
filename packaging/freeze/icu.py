"""Removes from ICU's data what Qt never asks for: 32 MB become 3. For Linux; Windows' Qt has none.

Qt uses ICU for collation, names of time zones, legacy encodings and upper case (its undefined
symbols say so; upper case is in ICU's code). Here collation and time zones of our two languages
stay, and what all languages share. ICU's own ``icupkg`` removes the rest. It reads packages only,
so ``objcopy`` takes the package out of the shared library, and ``ld`` makes a library of it again.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ALIGNMENT = 16
LANGUAGE = r"(root|pool|res_index|en|en_001|en_150|en_GB|en_US|id|id_ID|in|in_ID)\.res"
NEEDED = re.compile(
    rf"(coll/(ucadata\.icu|{LANGUAGE})|zone/(tzdbNames\.res|{LANGUAGE})|{LANGUAGE}|"
    r"[a-z]+[A-Z0-9]\w*\.res|(?!unames)\w+\.icu|\w+\.nrm)"
)
"""Names of items; those of tables for all languages are in camel case."""


def small_library(library: Path, folder: Path) -> Path:
    """Write the shared *library* with the needed data alone into *folder*; return the file.

    Raises:
        subprocess.CalledProcessError: *library* does not hold ICU's data, or a tool failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = library.name.rpartition(".")[2]
    package = f"icudt{version}l.dat"  # l: little-endian; icupkg takes the name from the file
    _run(folder, "objcopy", "-O", "binary", "-j", ".rodata", str(library), package)
    items = _run(folder, "icupkg", "-l", package).split()
    unneeded = [item for item in items if not NEEDED.fullmatch(item)]
    (folder / "unneeded.txt").write_text("\n".join(unneeded), encoding="ascii")
    _run(folder, "icupkg", "-r", "unneeded.txt", package)
    return _linked(folder, library.name, package, f"icudt{version}_dat")


def _linked(folder: Path, name: str, package: str, symbol: str) -> Path:
    """The file *package* in *folder* as a shared library *name* that exports it as *symbol*."""
    readonly = ".data=.rodata,alloc,load,readonly,data,contents"
    align = [f"--set-section-alignment=.data={ALIGNMENT}", f"--rename-section={readonly}"]
    start = f"_binary_{package.replace('.', '_')}_start"
    _run(folder, "ld", "-r", "-b", "binary", "-o", "whole.o", package)
    _run(folder, "objcopy", *align, f"--redefine-sym={start}={symbol}", "whole.o", "data.o")
    options = ("-shared", "-soname", name, "-z", "noexecstack", "--build-id=none")
    _run(folder, "ld", *options, "-o", name, "data.o")
    return folder / name


def _run(folder: Path, *command: str) -> str:
    # Debian has icupkg in /usr/sbin, which is not on the path of its users.
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"}
    return subprocess.check_output(command, cwd=folder, env=environment, text=True)
