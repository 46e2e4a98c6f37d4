"""What is on the pages of a PDF, read by poppler, which is not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest


def texts(file: Path) -> list[str]:
    """The text of each page, line by line as it stands there."""
    text = _run("pdftotext", "-layout", str(file), "-")
    return text.split("\f")[:-1]


def size(file: Path) -> tuple[int, int]:
    """Width and height of the paper in points."""
    found = re.search(r"Page size: +([\d.]+) x ([\d.]+)", _run("pdfinfo", str(file)))
    assert found is not None
    return round(float(found[1])), round(float(found[2]))


def pictures(file: Path, folder: Path, dpi: int) -> list[Path]:
    """Each page as a grey PNG file."""
    _run("pdftoppm", "-gray", "-png", "-r", str(dpi), str(file), str(folder / "page"))
    return sorted(folder.glob("page-*.png"))


def _run(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (poppler-utils)")
    done = subprocess.run([program, *arguments], capture_output=True, check=True)
    return done.stdout.decode()
