"""What every build asks of this machine: missing Debian packages, and a cache of what was made.

Everything that is fetched comes from the Debian mirror that apt uses and from the package index
that pip uses. What is made of it is kept in the cache folder (``SIARAN_CACHE``, else
``~/.cache/siaran``) under the hash of what it was made from; so the second build finds it there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

SUITE = "trixie"
"""The Debian whose packages are unpacked into folders of their own."""
NEEDED_FOR_INSTALLERS = {"osslsigncode": "osslsigncode", "msibuild": "msitools", "gcab": "gcab"}
NEEDED = {
    **NEEDED_FOR_INSTALLERS,
    "mmdebstrap": "mmdebstrap",
    "openssl": "openssl",
    "unshare": "util-linux",
    "update-ca-certificates": "ca-certificates",
}
"""Debian's packages by their programs."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class CannotBuildError(Exception):
    """This machine cannot build for Windows; the text says why."""


def cache_folder() -> Path:
    """Where everything that is made once is kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("SIARAN_CACHE") or Path(home) / "siaran") / "windows"


def digest(*parts: str | bytes | Path) -> str:
    """A short hash of texts and files, for names in the cache folder."""
    sum_ = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        sum_.update(len(data).to_bytes(8, "big") + data)
    return sum_.hexdigest()[:16]


def cached(name: str, key: str, make: Callable[[Path], object]) -> Path:
    """The folder *name* for *key*, made by *make* unless it is there; other keys' are removed."""
    folder = cache_folder() / f"{name}-{key}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    for old in folder.parent.glob(f"{name}-*"):
        shutil.rmtree(old)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{name}-", suffix=".part", dir=folder.parent))
    try:
        make(unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def need_machine(*, wine: bool = True) -> None:
    """Install what is missing; without *wine* only what makes installers.

    Raises:
        CannotBuildError: this machine cannot make it work.
    """
    if sys.platform != "linux" or not shutil.which("apt-get"):
        raise CannotBuildError("Installers for Windows are made on Debian, or a system like it.")
    needed = NEEDED if wine else NEEDED_FOR_INSTALLERS
    missing = [package for program, package in needed.items() if not shutil.which(program)]
    if wine and not CERTIFICATES.exists():
        missing.append("ca-certificates")
    if os.geteuid() != 0 and (wine or missing):
        reasons = [f"to install {', '.join(missing)}"] if missing else []
        reasons += ["to mount Wine's folders"] if wine else []
        raise CannotBuildError(f"Building for Windows needs root, {' and '.join(reasons)}.")
    install(missing)
    if wine and subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        raise CannotBuildError("This machine does not let root mount folders (unshare --mount).")


def install(packages: Sequence[str]) -> None:
    """Install Debian *packages*.

    Raises:
        CannotBuildError: apt cannot.
    """
    if not packages:
        return
    print(f"Installing {', '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-y", "--no-install-recommends"]
    for command in (["apt-get", "-qq", "update"], [*apt, "install", *packages]):
        if subprocess.run(command, env=environment, check=False).returncode:
            raise CannotBuildError(f"apt cannot install {', '.join(packages)}.")


def debian_mirror() -> str:
    """The address of the Debian mirror that apt uses.

    Raises:
        CannotBuildError: there is none.
    """
    form = "$(ORIGIN) $(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        origin, _, address = line.partition(" ")
        if origin == "Debian" and "security" not in address:
            return address.rstrip("/")
    raise CannotBuildError("apt knows no Debian mirror.")
