"""The wheels that run.py's locks name for Windows, in a folder, for a pip that has no network.

pip evaluates the markers of a lock for the machine it runs on, whatever platform it downloads for;
so the lock is read for Windows first.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from build_machine import CannotBuildError, cached, digest
from windows_python import PYTHON_VERSION, REQUIREMENTS

from packaging.requirements import Requirement

WINDOWS = {
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_system": "Windows",
    "python_full_version": f"{PYTHON_VERSION}.2",
    "python_version": PYTHON_VERSION,
    "sys_platform": "win32",
}


def windows_wheels(name: str = "dev") -> Path:
    """The folder with the wheels of the lock *name*.

    Raises:
        CannotBuildError: they cannot be fetched.
    """
    lock = REQUIREMENTS / f"{name}.txt"
    return cached(f"wheels-{name}", digest(lock), lambda folder: _fetch(lock, folder))


def for_windows(lock: str) -> str:
    """The requirements of *lock* that Windows installs, with their hashes, without markers."""
    kept = []
    for block in lock.replace("\\\n", " ").splitlines():
        requirement, *hashes = block.split(" --hash=")
        if not requirement.strip() or requirement.startswith("#"):
            continue
        parsed = Requirement(requirement.strip())
        if parsed.marker is None or parsed.marker.evaluate(dict(WINDOWS)):
            pinned = f"{parsed.name}{parsed.specifier}"
            kept.append(" --hash=".join([pinned, *(one.strip() for one in hashes)]))
    return "".join(f"{line}\n" for line in kept)


def _fetch(lock: Path, folder: Path) -> None:
    print(f"Fetching the wheels of {lock.name} for Windows (about 140 MB, once) ...", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(for_windows(lock.read_text(encoding="utf-8")))
        wanted.flush()
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
        which = ["--platform", "win_amd64", "--python-version", PYTHON_VERSION]
        how = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-d", str(folder)]
        ran = subprocess.run(
            [*pip, *how, *which, "-r", wanted.name], capture_output=True, text=True, check=False
        )
    if ran.returncode:
        sys.stderr.write(ran.stderr[-2000:])
        raise CannotBuildError("The wheels for Windows cannot be fetched from the package index.")
