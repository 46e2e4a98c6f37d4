"""Which of Debian's packages a frozen folder needs: read from what its files link to.

The slim freeze leaves to the distribution what it has, keeps safe and updates. A library that is
neither in the folder nor known here fails the build: then somebody has to say where it comes from.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

PACKAGES = {
    r"ld-linux.*|lib(c|m|dl|rt|pthread|util)\.so\.\d+": "libc6 (>= {glibc})",
    r"libEGL\.so\.1": "libegl1",
    r"libGL\.so\.1": "libgl1",
    r"libX11\.so\.6": "libx11-6",
    r"libX11-xcb\.so\.1": "libx11-xcb1",
    r"libcrypto\.so\.3|libssl\.so\.3": "libssl3 | libssl3t64",
    r"libcups\.so\.2": "libcups2 | libcups2t64",
    r"libdbus-1\.so\.3": "libdbus-1-3",
    r"libffi\.so\.8": "libffi8",
    r"libfontconfig\.so\.1": "libfontconfig1",
    r"libfreetype\.so\.6": "libfreetype6",
    r"libgcc_s\.so\.1": "libgcc-s1",
    r"lib(glib|gthread)-2\.0\.so\.0": "libglib2.0-0 | libglib2.0-0t64",
    r"libsqlite3\.so\.0": "libsqlite3-0",
    r"libstdc\+\+\.so\.6": "libstdc++6",
    r"libuuid\.so\.1": "libuuid1",
    r"libxcb\.so\.1": "libxcb1",
    r"libxcb-(cursor|randr|render|render-util|shape|shm|xfixes|xinerama)\.so\.0": r"libxcb-\g<1>0",
    r"libxcb-(image|keysyms)\.so\.0": r"libxcb-\g<1>0",
    r"libxcb-icccm\.so\.4": "libxcb-icccm4",
    r"libxcb-(image|keysyms|sync|util|xkb)\.so\.1": r"libxcb-\g<1>1",
    r"libxkbcommon\.so\.0": "libxkbcommon0",
    r"libxkbcommon-x11\.so\.0": "libxkbcommon-x11-0",
    r"libz\.so\.1": "zlib1g",
    r"libzstd\.so\.1": "libzstd1",
    r"liblzma\.so\.5": "liblzma5",
    r"libbz2\.so\.1\.0": "libbz2-1.0",
    r"libexpat\.so\.1": "libexpat1",
}
"""Library to package, the names of Debian 12 first, then those of Debian 13 and Ubuntu 24.04."""


def depends(folder: Path) -> list[str]:
    """The field ``Depends`` for what is in *folder*.

    Raises:
        LookupError: something links to a library that nobody has said the package of.
    """
    files = [path for path in sorted(folder.rglob("*")) if _is_program(path)]
    text = _headers(files)
    there = {path.name for path in folder.rglob("*.so*")}
    needed = set(re.findall(r"^ +NEEDED +(\S+)$", text, re.MULTILINE)) - there
    glibc = max(re.findall(r"GLIBC_(\d+\.\d+)", text), key=_as_numbers)
    return sorted({_package(library).format(glibc=glibc) for library in needed})


def _package(library: str) -> str:
    for pattern, package in PACKAGES.items():
        match = re.fullmatch(pattern, library)
        if match:
            return match.expand(package)
    raise LookupError(f"Nobody has said which package has {library}: add it to depends.py.")


def _is_program(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _headers(files: Iterable[Path]) -> str:
    command = ["objdump", "-p", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _as_numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
