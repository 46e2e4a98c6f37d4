"""Makes the Windows programs on Linux: ``python3 run.py freeze --windows``.

The result is in ``dist/windows``: the folder ``siaran`` with both programs, and ``siaran-console``
and ``siaran-tray`` with one each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from frozen import FOLDERS, frozen_programs, megabytes
from wine_root import CannotBuildError, need_machine

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist" / "windows"


def main(argv: Sequence[str] | None = None) -> int:
    """Build as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="run.py freeze --windows", description=__doc__)
    parser.parse_args(argv)
    try:
        need_machine()
        build(DIST)
    except CannotBuildError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(place: Path) -> None:
    """Put everything into *place*.

    Raises:
        CannotBuildError: this machine cannot.
    """
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(frozen_programs(), place)
    for name in FOLDERS:
        print(f"{(place / name).relative_to(ROOT)}: {megabytes(place / name):.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
