"""Faults of libraries that the project works around: still there, and mended by the diffs we offer.

When one of these fails after a library has got a newer version, the library has perhaps mended it:
then its page in ``packaging/upstream``, and what works around it, can go.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import linux_side

UPSTREAM = Path(__file__).resolve().parents[2] / "packaging" / "upstream"
LIBRARIES = {
    "redis-py-etimedout": "redis",
    "qasync-cancelled-timers": "qasync",
    "qasync-windows-poller": "qasync",
}
HERE = [
    "qasync-cancelled-timers",
    pytest.param(
        "redis-py-etimedout",
        marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux' namespaces"),
    ),
]


def reproduce(name: str, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script *name*, with the libraries in *packages* before those that are installed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if packages is not None:
        environment["PYTHONPATH"] = str(packages)
    return subprocess.run(
        [sys.executable, str(UPSTREAM / f"{name}.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def patched(name: str, folder: Path) -> Path:
    """Put the library into *folder*, and apply the diff *name* to it."""
    if linux_side.which("git") is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs git")
        pytest.skip("NO git: DIFF NOT TESTED")
    library = LIBRARIES[name]
    found = importlib.util.find_spec(library)
    assert found is not None
    assert found.origin is not None
    shutil.copytree(Path(found.origin).parent, folder / library)
    told = folder / "git.txt"
    git = linux_side.start(
        ["git", "apply", "-v", UPSTREAM / f"{name}.diff"],
        cwd=folder,
        env={"GIT_CEILING_DIRECTORIES": linux_side.linux_path(folder.parent)},
        stdout=told,
    )
    code = git.wait(60)
    said = told.read_text(encoding="utf-8")
    assert code == 0, said
    assert "Applied patch" in said
    return folder


@pytest.mark.parametrize("name", HERE)
def test_the_fault_is_there_and_the_diff_mends_it(name: str, tmp_path: Path) -> None:
    as_it_is = reproduce(name)
    assert as_it_is.returncode == 1, as_it_is.stdout + as_it_is.stderr
    mended = reproduce(name, patched(name, tmp_path))
    assert mended.returncode == 0, mended.stdout + mended.stderr


def test_what_the_diff_for_windows_replaces_is_there(tmp_path: Path) -> None:
    """The fault itself shows on Windows only."""
    before = (patched("qasync-windows-poller", tmp_path) / "qasync" / "_windows.py").read_text()
    assert "select(60)" in before


def test_each_fault_has_a_page_a_script_and_a_diff() -> None:
    names = {file.name for file in UPSTREAM.iterdir() if file.is_file()}
    assert names == {"README.md"} | {
        f"{name}.{kind}" for name in LIBRARIES for kind in ("md", "py", "diff")
    }
