"""Proves the installers on a Windows PC that has nothing, as far as Wine is one.

Installs both with msiexec, lets the installed tray show a message from the installed console over a
real Redis, upgrades with a running tray, refuses a downgrade, and removes everything but the user's
data; ``mishaps`` has the bad days. What was proved once is remembered by its content.
"""

from __future__ import annotations

import filecmp
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import signing
from build_machine import cached, digest, install
from frozen import BUILD_TIME, PROBES, ROOT, inputs
from mishaps import NotProvedError, msiexec, prove_mishaps
from msi import ICON_FILE, make_msi
from products import CONSOLE, ICON, RUN_KEY, TRAY, Product
from windows_python import windows_python
from wine import HERE, Wine, fresh_pc, screen

NEWER = "99.0.0"
TRAY_FOLDER, CONSOLE_FOLDER = (rf"C:\Program Files\Siaran\{one}" for one in ("Tray", "Console"))
HOMES = (CONSOLE_FOLDER, TRAY_FOLDER)
CHANNEL = "Kasir #2"
OWNER = "Windows User"
"""What Windows calls the owner of a PC that nobody has named."""
PATIENCE_S = 60.0
LARGEST_PROGRAMS = 70_000_000
"""Bytes of both programs in one folder."""
LARGEST_MSI = 28_000_000
"""Bytes; a whole chain of shops fetches it over its lines."""
INSIDE = ROOT / "tests" / "frozen" / "inside"
ANSWERS = ("what_python_has.py", "what_libraries_have.py", "wrong_arguments.py")
SAME_ANSWERS = {"admin_app": (*ANSWERS, "zones.py"), "tray_client": ANSWERS}
"""Scripts that say the same in a frozen program and in the Python that it was frozen from."""
NOT_ON_WINDOWS = {"fcntl", "pwd", "grp", "termios", "jeepney"}
NEEDED = {"redis-server": "redis-server", "Xvfb": "xvfb", "openssl": "openssl"}


def prove(msis: Path, frozen: Path, version: str) -> None:
    """Prove the two MSIs in *msis*, made of the folders in *frozen*.

    Raises:
        NotProvedError: with the step that failed.
    """
    programs = sum(one.stat().st_size for one in (frozen / "siaran").rglob("*") if one.is_file())
    if programs > LARGEST_PROGRAMS:
        raise NotProvedError(f"The programs have {programs:,} bytes, not {LARGEST_PROGRAMS:,}.")
    for msi in msis.glob("*.msi"):
        if msi.stat().st_size > LARGEST_MSI:
            raise NotProvedError(f"{msi.name} has more than {LARGEST_MSI:,} bytes.")
    key = digest(*inputs(), *sorted(HERE.glob("*.py")), *sorted(msis.glob("*.msi")))
    key = digest(key, *sorted(INSIDE.glob("*.py")))
    cached("proved", key, lambda place: _prove(msis, frozen, version, place))
    print("The installers and the installed programs were proved under Wine.")


def _prove(msis: Path, frozen: Path, version: str, place: Path) -> None:
    install([package for program, package in NEEDED.items() if not shutil.which(program)])
    with tempfile.TemporaryDirectory() as temporary:
        newer, certificate = _signed_installer(frozen, Path(temporary), place)
    with (
        _redis() as address,
        screen(managed=False) as display,
        patch.dict(os.environ, DISPLAY=display),
    ):
        plain = _plain_answers()
        with fresh_pc(binds={msis: "/msis", place: "/newer"}) as pc:
            _live(LifeCycle(pc, address, certificate, frozen, plain))
        prove_mishaps(msis, frozen)
    newer.unlink()
    (place / "proved").write_text(version)


def _live(life: LifeCycle) -> None:
    for step in (
        life.install_both,
        life.miss_nothing,
        life.show_a_message,
        life.upgrade_a_running_tray,
        life.refuse_the_old_one,
        life.remove_everything,
    ):
        begun = time.monotonic()
        step()
        print(f"  {step.__name__.replace('_', ' ')}: {time.monotonic() - begun:.1f} s")


def _signed_installer(frozen: Path, temporary: Path, place: Path) -> tuple[Path, Path]:
    """A newer tray's installer, signed as a release would be; and the certificate."""
    signer, certificate = signing.self_made(temporary, secrets.token_hex())
    programs = temporary / "programs"
    shutil.copytree(frozen / "siaran-tray", programs)
    signer.sign_folder(programs)
    newer = make_msi(TRAY, programs, NEWER, place, BUILD_TIME)
    signer.sign(newer)
    signing.verify(newer, certificate)
    return newer, Path(shutil.copy(certificate, place))


class LifeCycle:
    """The steps, in order, on one PC."""

    def __init__(
        self, pc: Wine, address: str, certificate: Path, frozen: Path, plain: dict[str, Any]
    ) -> None:
        self.pc = pc
        self.address = address
        self.certificate = certificate
        self.frozen = frozen
        self.plain = plain
        """What each of ``SAME_ANSWERS`` says without freezing."""
        self.tray: subprocess.Popen[bytes] | None = None

    def install_both(self) -> None:
        """Silently, with settings, among them a list with blanks; on a PC that has an owner."""
        windows = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion"
        self.pc.run("reg", "add", windows, "/v", "RegisteredOwner", "/d", OWNER, "/f")
        settings = f'REDIS_URL={self.address} CHANNELS="Channel 1;{CHANNEL}" OUTLET=JKT-014'
        self._msiexec(rf"/i Z:\msis\SiaranTray.msi {settings}")
        task = self.pc.drive_c / "windows/system32/tasks/Siaran/Tray"
        self._demand(task.exists(), "the task that brings a lost tray back is there")
        self._msiexec(rf"/i Z:\msis\SiaranConsole.msi REDIS_URL={self.address}")
        self._demand(OWNER not in self._registry(r"Software\Siaran"), "the owner is no account")
        start = f'"{TRAY_FOLDER}\\SiaranTray.exe" --background'
        self._demand(start in self._registry(RUN_KEY), "the tray starts with every session")
        uninstall = self._registry(r"Software\Microsoft\Windows\CurrentVersion\Uninstall")
        for product in (TRAY, CONSOLE):
            self._demand(product.title in uninstall, f"{product.title} can be uninstalled")
            different = self._different(product)
            self._demand(not different, f"the packed files are the installed ones ({different})")
        icons = list((self.pc.drive_c / "windows/Installer").rglob(f"{ICON}*"))
        shown = [one for one in icons if one.read_bytes() == ICON_FILE.read_bytes()]
        self._demand(len(shown) == 2, f"the list of programs has their icons ({icons})")
        self._demand(len(self._files("*.lnk")) == 2, "both are in the start menu")

    def miss_nothing(self) -> None:
        """What was left out: seen from within, the programs find and answer what plain ones do."""
        for folder, probe, package in zip(HOMES, PROBES, ("admin_app", "tray_client"), strict=True):
            home = self.pc.drive_c / folder.removeprefix("C:\\").replace("\\", "/")
            added = [
                shutil.copy(one, home)
                for one in (*INSIDE.glob("*.py"), self.frozen / "probe" / probe)
            ]
            lost = self._inside(folder, probe, "every_module.py", *_modules("shared", package))
            # What nothing in the program imports is not there at all, or not even its package.
            wrong = {
                name: missing
                for name, missing in lost.items()
                if missing not in NOT_ON_WINDOWS and not f"{name}.".startswith(f"{missing}.")
            }
            self._demand(not wrong, f"every module finds what it imports ({wrong})")
            for script in SAME_ANSWERS[package]:
                said = self._inside(folder, probe, script)
                plain = self.plain[script]
                self._demand(said == plain, f"{script} says the same ({said}, not {plain})")
            styles = self._inside(folder, probe, "what_qt_has.py")["styles"]
            self._demand("windows11" in styles, f"Qt has the style of Windows 11 ({styles})")
            for file in added:
                Path(file).unlink()

    def show_a_message(self) -> None:
        """From the installed console on the installed tray, which paints it."""
        self.tray = self.pc.start(rf"{TRAY_FOLDER}\SiaranTray.exe", "--background")
        status = self._until("the tray connects", lambda: self._status("connected"))
        self._demand(status["endpoint"].startswith("JKT-014/"), "the tray knows its outlet")
        self._demand(CHANNEL in status["channels"], "the tray knows its channels")
        again = self.pc.run(rf"{TRAY_FOLDER}\SiaranTray.exe", "--background", check=False)
        self._demand(again.returncode == 0, "the task's second start ends by itself")
        message = ("--title", "Price change", "--message", "From 10 o'clock.")
        self._run(CONSOLE_FOLDER, "siaran-console", "send", "--channel", CHANNEL, *message)
        shown = self._until("the tray shows the message", self._shown)
        self._demand(shown["title"] == "Price change", "it is the message that was sent")

    def upgrade_a_running_tray(self) -> None:
        """It ends; what IT set is kept, what IT gives now is new, signatures are good."""
        self._msiexec(r"/i Z:\newer\SiaranTray.msi OUTLET=JKT-015")
        assert self.tray is not None
        self._demand(self.tray.wait(PATIENCE_S) == 0, "the running tray ended in good order")
        settings = self._registry(TRAY.key)
        for value in (self.address, CHANNEL, "JKT-015"):
            self._demand(value in settings, f"{value} is there after the upgrade")
        for program in ("SiaranTray.exe", "siaran-tray.exe", "_internal/nacl/_sodium.pyd"):
            installed = self.pc.drive_c / "Program Files/Siaran/Tray" / program
            signing.verify(installed, self.certificate)
        self.tray = self.pc.start(rf"{TRAY_FOLDER}\SiaranTray.exe", "--background")
        self._until("the new tray connects", lambda: self._status("connected"))
        self._demand(bool(self._shown()), "the new tray still has the message")

    def refuse_the_old_one(self) -> None:
        """Nothing changes."""
        self._msiexec(r"/i Z:\msis\SiaranTray.msi", refused=True)
        self._demand(bool(self._status("connected")), "the tray goes on")

    def remove_everything(self) -> None:
        """But what belongs to the user."""
        self._msiexec(r"/x Z:\newer\SiaranTray.msi")
        assert self.tray is not None
        self._demand(self.tray.wait(PATIENCE_S) == 0, "the running tray ended in good order")
        consoles = [self.pc.start(rf"{CONSOLE_FOLDER}\SiaranConsole.exe") for _ in range(2)]
        self._until("two consoles run", lambda: self._console_log().count("connected to") >= 2)
        self._msiexec(r"/x Z:\msis\SiaranConsole.msi")
        ends = [one.wait(PATIENCE_S) for one in consoles]
        self._demand(ends == [0, 0], "the running consoles ended in good order")
        left = [*(self.pc.drive_c / "Program Files").rglob("*iaran*"), *self._files("*.lnk")]
        self._demand(not left, f"no file is left ({left})")
        tasks = [*(self.pc.drive_c / "windows/system32/tasks").rglob("Tray")]
        self._demand(not tasks, "the task is gone")
        for key in (r"Software\Siaran", RUN_KEY):
            self._demand("iaran" not in self._registry(key), f"nothing is left in {key}")
        self._demand(bool(self._files("inbox*")), "the user's messages are still there")

    # --- how ---

    def _msiexec(self, what: str, *, refused: bool = False) -> None:
        """Run msiexec; print its log if it ends otherwise than it should."""
        code = msiexec(self.pc, what)
        if (code != 0) is not refused:
            log = (self.pc.home / "msi.log").read_bytes().decode("utf-16", errors="replace")
            print(log[-6000:], file=sys.stderr)
            raise NotProvedError(f"msiexec {what} ended with {code}.")

    def _run(self, folder: str, program: str, *arguments: str) -> str:
        ran = self.pc.run(rf"{folder}\{program}.exe", *arguments, check=False)
        self._demand(ran.returncode == 0, f"{program} {arguments[0]} ({ran.stderr[-500:]})")
        return ran.stdout

    def _inside(self, folder: str, probe: str, script: str, *arguments: str) -> Any:
        said = self._run(folder, probe.removesuffix(".exe"), rf"{folder}\{script}", *arguments)
        return json.loads(said)

    def _tray_says(self, command: str) -> Any:
        program = rf"{TRAY_FOLDER}\siaran-tray.exe"
        said = self.pc.run(program, command, "--json", check=False).stdout
        return json.loads(said) if said.strip() else None

    def _status(self, state: str) -> dict[str, Any] | None:
        status = self._tray_says("status")
        return status if status and status["running"] and status["state"] == state else None

    def _shown(self) -> dict[str, Any] | None:
        messages = self._tray_says("inbox") or []
        return next((one for one in messages if one["state"] == "displayed"), None)

    def _console_log(self) -> str:
        logs = (self.pc.drive_c / "users").rglob("console.log")
        return "".join(one.read_text(encoding="utf-8", errors="replace") for one in logs)

    def _different(self, product: Product) -> list[str]:
        """The files that are not installed as they were frozen."""
        frozen = self.frozen / f"siaran-{product.program}"
        installed = self.pc.drive_c / "Program Files/Siaran" / product.program.capitalize()
        names = [path.relative_to(frozen) for path in frozen.rglob("*") if path.is_file()]
        _, other, missing = filecmp.cmpfiles(frozen, installed, map(str, names), shallow=False)
        return [*other, *missing]

    def _registry(self, key: str) -> str:
        return self.pc.run("reg", "query", rf"HKLM\{key}", "/s", check=False).stdout

    def _files(self, pattern: str) -> list[Path]:
        return [*(self.pc.drive_c / "users").rglob(pattern), *self._common(pattern)]

    def _common(self, pattern: str) -> list[Path]:
        return list((self.pc.drive_c / "ProgramData").rglob(pattern))

    def _until(self, what: str, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not (result := condition()):
            self._demand(time.monotonic() < deadline, what)
            time.sleep(0.3)
        return result

    def _demand(self, fine: bool, what: str) -> None:
        if not fine:
            for log in self.pc.drive_c.rglob("tray.log"):
                print(log.read_text(encoding="utf-8", errors="replace")[-3000:], file=sys.stderr)
            raise NotProvedError(f"Not so: {what}.")


def _modules(*packages: str) -> list[str]:
    files = [file for package in packages for file in (ROOT / package).rglob("*.py")]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return sorted(one.removesuffix(".__init__") for one in names if "__main__" not in one)


def _plain_answers() -> dict[str, Any]:
    """What the scripts say in the Windows Python that the programs were frozen from."""
    with fresh_pc(binds={windows_python(): "/python", INSIDE: "/siaran"}) as pc:
        scripts = SAME_ANSWERS["admin_app"]
        python = r"Z:\python\python.exe"
        said = [pc.run(python, rf"Z:\siaran\{script}").stdout for script in scripts]
    return {script: json.loads(text) for script, text in zip(scripts, said, strict=True)}


@contextmanager
def _redis() -> Iterator[str]:
    """A real server on a free port of this machine; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()
