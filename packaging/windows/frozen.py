"""Freezes the Windows programs with a Windows Python under Wine, and keeps them by their content.

Makes the folders ``siaran`` (both programs), ``siaran-console`` and ``siaran-tray``; and ``probe``,
with what lets a proof look at the programs from within (``tests/frozen/probe.py``).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from build_machine import CannotBuildError, cached, digest
from windows_python import windows_python
from wine import fresh_pc, wine_root

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("siaran", "siaran-console", "siaran-tray")
PROBES = ("probe-console.exe", "probe-tray.exe")
SOURCES = ("shared", "admin_app", "tray_client", "packaging/freeze", "packaging/icons")
BUILD_TIME = 1_735_689_600
"""Seconds since 1970 in everything that is built: the same input gives the same bytes."""
WINE_MARKS = (b"Wine builtin DLL", b"Wine placeholder DLL")


def frozen_programs() -> Path:
    """The folder that holds the three frozen folders."""
    return cached("frozen", digest(*inputs()), _freeze)


def inputs() -> list[str | Path]:
    """Everything that the frozen programs depend on."""
    files = [ROOT / "packaging" / "siaran.spec", ROOT / "tests/frozen/probe.py", Path(__file__)]
    for source in SOURCES:
        files += sorted(p for p in (ROOT / source).rglob("*") if _counts(p))
    parts: list[str | Path] = [windows_python().name, wine_root().name]
    for file in files:
        parts += [str(file.relative_to(ROOT)), file]
    return parts


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"


def _freeze(folder: Path) -> None:
    print("Freezing the Windows programs (a few minutes) ...", flush=True)
    binds = {windows_python(): "/python", ROOT: "/siaran", folder: "/out"}
    with fresh_pc(binds=binds) as pc:
        pc.run(
            *(r"Z:\python\python.exe", "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"),
            *("--distpath", r"Z:\out", "--workpath", r"Z:\prefix\work"),
            *(r"Z:\siaran\packaging\siaran.spec", "--", "--apart"),
            timeout_s=1200,
            SOURCE_DATE_EPOCH=str(BUILD_TIME),
            # As packaging/freeze/freeze.py says.
            PYTHONNODEBUGRANGES="1",
            PYINSTALLER_ZLIB_COMPRESSION_LEVEL="9",
        )
        (folder / "probe").mkdir()
        for probe in PROBES:
            shutil.copy2(pc.home / "work" / "siaran" / probe, folder / "probe")
    for name in FOLDERS:
        check_no_wine(folder / name)
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, (BUILD_TIME, BUILD_TIME))


def check_no_wine(folder: Path) -> None:
    """Check that no library in *folder* is Wine's own instead of Windows'.

    Raises:
        CannotBuildError: one is.
    """
    for file in folder.rglob("*"):
        if file.suffix.lower() in {".dll", ".exe", ".pyd"}:
            head = file.read_bytes()[:4096]
            if any(mark in head for mark in WINE_MARKS):
                raise CannotBuildError(f"{file.name} is Wine's own; the freeze must not carry it.")


def megabytes(folder: Path) -> float:
    """Size of all files in *folder*, in MB (10^6 bytes)."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
