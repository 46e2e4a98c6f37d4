"""Which of Debian's packages a frozen folder needs: what ``dpkg-shlibdeps`` reads from its files.

The slim freeze leaves to the distribution what it has, keeps safe and updates. The names are those
of the system that builds, Debian 12. Debian 13 and Ubuntu 24.04 have ``libssl3t64`` in place of
``libssl3``, and the like for GLib; both provide the older names.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

CONTROL = """\
Source: siaran
Maintainer: Siaran <siaran@localhost>

Package: siaran
Architecture: any
"""
"""The least that dpkg-shlibdeps accepts; it is no part of the package."""


def depends(staging: Path) -> list[str]:
    """Return the field ``Depends`` for the programs and libraries in *staging*.

    Libraries in *staging* itself belong to no package, hence ``--ignore-missing-info``.

    Raises:
        subprocess.CalledProcessError: a file links to a library that is not on this machine.
    """
    (staging / "DEBIAN").mkdir(exist_ok=True)  # it marks the root to which $ORIGIN belongs
    files = [str(path) for path in sorted(staging.rglob("*")) if _is_program(path)]
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0", f"-S{staging}"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "debian").mkdir()
        (Path(folder) / "debian" / "control").write_text(CONTROL, encoding="utf-8")
        found = subprocess.check_output([*command, *files], cwd=folder, text=True)
    return found.strip().removeprefix("shlibs:Depends=").split(", ")


def _is_program(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
