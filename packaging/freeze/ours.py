"""What of this project's own files the programs need beside their code."""

from __future__ import annotations

import tomllib
from pathlib import Path

PROGRAMS = ("admin_app", "shared", "tray_client")


def data_files(root: Path) -> list[Path]:
    """The data files of the packages, relative to *root*: what pip would install, too."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = {
        path.relative_to(root)
        for program in PROGRAMS
        for pattern in patterns
        for path in (root / program).rglob(pattern)
    }
    return sorted(path for path in files if path.name != "py.typed")
