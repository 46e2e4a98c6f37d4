"""What pip installs: a package that is missing in pyproject.toml is missing on every PC."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("admin_app", "shared", "tray_client")


def test_every_data_file_is_installed() -> None:
    """setuptools looks for the patterns in the packages themselves, not in folders below."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tool = configuration["tool"]["setuptools"]
    installed = {
        path
        for package in tool["packages"]
        for pattern in tool["package-data"]["*"]
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    there = {
        path
        for program in PROGRAMS
        for path in (ROOT / program).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md", ".ts"}
    }
    assert sorted(installed) == sorted(there)


def test_every_package_of_the_source_is_installed() -> None:
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for program in PROGRAMS
        for path in (ROOT / program).rglob("*.py")
    }
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = configuration["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(folders)
