"""What is on the pages of a PDF, read by poppler, which is not ours: a Linux program everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import linux_side


def texts(file: Path) -> list[str]:
    """The text of each page, line by line as it stands there."""
    text = _run("pdftotext", "-layout", file, "-")
    return text.split("\f")[:-1]


def size(file: Path) -> tuple[int, int]:
    """Width and height of the paper in points."""
    found = re.search(r"Page size: +([\d.]+) x ([\d.]+)", _run("pdfinfo", file))
    assert found is not None
    return round(float(found[1])), round(float(found[2]))


def pictures(file: Path, folder: Path, dpi: int) -> list[Path]:
    """Each page as a grey PNG file."""
    _run("pdftoppm", "-gray", "-png", "-r", str(dpi), file, folder / "page")
    return sorted(folder.glob("page-*.png"))


def _run(program: str, *arguments: str | Path) -> str:
    if linux_side.which(program) is None:
        pytest.skip(f"needs {program} (poppler-utils)")
    done = linux_side.run([program, *arguments])
    assert done.returncode == 0, done.stderr
    return done.stdout
