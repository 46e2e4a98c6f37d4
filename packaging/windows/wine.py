"""Runs Windows programs on Linux: Wine in a root folder of its own, and fresh PCs in it.

Wine has to be 10: Debian 12's 8.0 ends Qt programs. So it gets a root folder of its own, Debian 13.
Needs root, for mounts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from build_machine import SUITE, CannotBuildError, cached, debian_mirror, digest

HERE = Path(__file__).resolve().parent
SCREEN = "1366x768x24"
"""What tills have."""
WINE_PACKAGES = ("wine", "wine64", "libwine", "fonts-wine", "ca-certificates")
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
                env=self.environment(environment),
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
            env=self.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def shut_down(self) -> None:
        """End every program of this PC."""
        environment = self.environment()
        for option in ("-k", "-w"):
            server = self.command("wineserver", option)
            subprocess.run(server, env=environment, check=False, timeout=60)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables that programs of this PC start with."""
        display = {"DISPLAY": os.environ["DISPLAY"]} if "DISPLAY" in os.environ else {}
        return ENVIRONMENT | display | dict(more or {})


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def wine_root() -> Path:
    """The root folder with Wine in it.

    Raises:
        CannotBuildError: it cannot be made.
    """
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


@contextmanager
def screen(*, managed: bool = True) -> Iterator[str]:
    """An X server, with a window manager if *managed*; gives its display."""
    read_end, write_end = os.pipe()
    server = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN]
    quiet: dict[str, Any] = {"stderr": subprocess.DEVNULL, "start_new_session": True}
    processes = [
        subprocess.Popen([*server, "-nolisten", "tcp", "-noreset"], pass_fds=[write_end], **quiet)
    ]
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            display = f":{answer.readline().strip()}"
        if managed:  # it speaks of a menu that Debian's package lacks
            environment = {**os.environ, "DISPLAY": display}
            quiet["stdout"] = subprocess.DEVNULL
            processes.append(subprocess.Popen(["openbox"], env=environment, **quiet))
        yield display
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(timeout=15)


@contextmanager
def fresh_pc(*, binds: Mapping[Path, str] | None = None) -> Iterator[Wine]:
    """A PC on which nothing is installed, thrown away at the end."""
    root = wine_root()
    _name_this_machine(root)
    template = cached("prefix", digest(str(root), "1"), lambda home: _make_prefix(root, home))
    with tempfile.TemporaryDirectory(prefix="siaran-pc-") as temporary:
        home = Path(temporary) / "home"
        shutil.copytree(template, home, symlinks=True)
        wine = Wine(root, home, binds or {})
        try:
            yield wine
        finally:
            wine.shut_down()


def _name_this_machine(root: Path) -> None:
    """Let ``localhost`` be found, as it is on every Windows; a bare Debian has no such file."""
    hosts = root / "etc" / "hosts"
    if not hosts.exists() or "localhost" not in hosts.read_text(encoding="ascii"):
        hosts.write_text("127.0.0.1 localhost\n", encoding="ascii")


def _make_prefix(root: Path, home: Path) -> None:
    wine = Wine(root, home, {})
    (home / "home").mkdir()
    wine.run("wineboot", "--init", check=False)
    wine.run("winecfg", "/v", "win10")
    wine.shut_down()
