"""What goes wrong on a PC while installers run, and what is left of it; under Wine.

Each step has a PC of its own, with the Windows Python outside it to hold files open.
"""

from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from frozen import BUILD_TIME
from msi import make_msi
from products import TRAY
from windows_python import windows_python
from wine import Wine, fresh_pc

PROGRAM_FILES = "Program Files"
LONGEST_PATH = 259
"""Characters of a path on Windows (MAX_PATH without its end)."""
SMALL_DISK, LARGE_DISK = "24m", "200m"
"""Less than the tray has, and more."""
HOLD = (
    "import ctypes, sys, time; k = ctypes.windll.kernel32; "
    "h = k.CreateFileW(sys.argv[1], 0x80000000, 0, None, 3, 0, None); "
    "open(sys.argv[2], 'w').write(str(h)); time.sleep(600)"
)
"""Opens a file so that no other program can open it, and says so."""
RESTART_LATER = 3010 & 0xFF
"""ERROR_SUCCESS_REBOOT_REQUIRED, of which Linux sees one byte."""
PATIENCE_S = 60.0
NEWER = "99.0.0"
LIBRARY = "_internal/base_library.zip"
"""A file that every program of ours reads at its start."""


class NotProvedError(Exception):
    """The programs or the installers did not do what they have to."""


def prove_mishaps(msis: Path, frozen: Path) -> None:
    """Prove what the MSI of the tray in *msis*, of the folders in *frozen*, does on bad days.

    Raises:
        NotProvedError: with what is not so.
    """
    steps = (
        leftovers_are_replaced,
        long_path_works,
        full_disk_is_repaired,
        file_in_use_waits,
        running_tray_is_repaired,
        upgrade_of_a_file_in_use_waits,
    )
    for step in steps:
        begun = time.monotonic()
        step(msis, frozen / "siaran-tray")
        print(f"  {step.__name__.replace('_', ' ')}: {time.monotonic() - begun:.1f} s")


def leftovers_are_replaced(msis: Path, frozen: Path) -> None:
    """Files of another version, ours are replaced, others are let alone."""
    with _pc(msis) as pc:
        folder = pc.drive_c / PROGRAM_FILES / "Siaran" / "Tray" / "_internal"
        folder.mkdir(parents=True)
        old = folder / "base_library.zip"
        old.write_bytes(b"of another version")
        old.chmod(0o444)
        (folder / "of_another.pyd").write_bytes(b"of another version")
        gone = r"C:\gone\siaran-tray.exe"
        pc.run("reg", "add", rf"HKLM\{TRAY.key}", "/v", "Program", "/d", gone, "/f")
        _demand(msiexec(pc, r"/i Z:\msis\SiaranTray.msi") == 0, "it is installed over leftovers")
        _demand_same(frozen, folder.parent)
        _demand(_version(pc, rf"C:\{PROGRAM_FILES}\Siaran\Tray"), "the tray runs")
        _demand(msiexec(pc, r"/x Z:\msis\SiaranTray.msi") == 0, "it is removed")
        left = [one.name for one in folder.parent.rglob("*") if one.is_file()]
        _demand(left == ["of_another.pyd"], f"nothing but the other's file is left ({left})")


def long_path_works(msis: Path, frozen: Path) -> None:
    """With Program Files so deep that the longest path is Windows' longest, the tray runs.

    Its folder has some 200 characters then. Wine would install at longer ones, too.
    """
    below = max(len(str(one.relative_to(frozen))) for one in frozen.rglob("*"))
    room = LONGEST_PATH - below - len("\\Siaran\\Tray\\")
    place = ("C:\\" + "\\".join(["folder with blanks".ljust(40, "x")] * 6))[:room]
    with _pc(msis) as pc:
        key = r"HKLM\Software\Microsoft\Windows\CurrentVersion"
        pc.run("reg", "add", key, "/v", "ProgramFilesDir", "/d", place, "/f")
        _demand(msiexec(pc, r"/i Z:\msis\SiaranTray.msi") == 0, "it is installed at a long path")
        _demand(_version(pc, rf"{place}\Siaran\Tray"), "the tray runs at a long path")
        _demand(msiexec(pc, r"/x Z:\msis\SiaranTray.msi") == 0, "it is removed from a long path")
        left = [one for one in pc.drive_c.rglob("*iaran*.exe") if one.is_file()]
        _demand(not left, f"nothing is left ({left})")


def full_disk_is_repaired(msis: Path, frozen: Path) -> None:
    """What a full disk has spoilt, a repair makes good.

    That the installation fails and is undone is not to be seen here: Wine's InstallFiles goes on
    when a file cannot be written, and ends with 0. Windows ends with 1603.
    """
    with _disk() as disk, _pc(msis, disk) as pc:
        msiexec(pc, r"/i Z:\msis\SiaranTray.msi")
        _demand(shutil.disk_usage(disk).free == 0, "the disk is full")
        subprocess.run(["mount", "-o", f"remount,size={LARGE_DISK}", str(disk)], check=True)
        code = msiexec(pc, r"/i Z:\msis\SiaranTray.msi REINSTALL=ALL")
        _demand(code == 0, f"a repair ends well ({code})")
        _demand_same(frozen, disk / "Siaran" / "Tray")


def file_in_use_waits(msis: Path, frozen: Path) -> None:
    """A file that another program holds is replaced with the next start of the PC."""
    with _pc(msis) as pc:
        _demand(msiexec(pc, r"/i Z:\msis\SiaranTray.msi") == 0, "it is installed")
        folder = _home(pc)
        (folder / LIBRARY).write_bytes(b"damaged")
        with _held(pc, _inside(LIBRARY)):
            code = msiexec(pc, r"/i Z:\msis\SiaranTray.msi REINSTALL=ALL")
        _demand(
            code == RESTART_LATER, f"a repair asks for a restart, and restarts nothing ({code})"
        )
        _restart(pc)
        _demand_same(frozen, folder)
        _demand_nothing_waits(folder)


def running_tray_is_repaired(msis: Path, frozen: Path) -> None:
    """A repair ends the tray first, as an upgrade does; nothing waits for a restart."""
    with _pc(msis) as pc:
        _demand(msiexec(pc, r"/i Z:\msis\SiaranTray.msi") == 0, "it is installed")
        folder = _home(pc)
        tray = pc.start(_inside(TRAY.exe), "--background")
        _until(lambda: _is_running(pc), "the tray runs")
        sounds = folder / "_internal" / "tray_client" / "resources"
        (sounds / "urgent.wav").write_bytes(b"damaged")
        (sounds / "emergency.wav").unlink()
        code = msiexec(pc, r"/i Z:\msis\SiaranTray.msi REINSTALL=ALL")
        _demand(code == 0, f"a repair ends well while the tray runs ({code})")
        _demand(tray.wait(PATIENCE_S) == 0, "the running tray ended in good order")
        _demand_same(frozen, folder)
        tray = pc.start(_inside(TRAY.exe), "--background")
        _until(lambda: _is_running(pc), "the tray runs after the repair")
        pc.run(_inside("siaran-tray.exe"), "--quit")
        _demand(tray.wait(PATIENCE_S) == 0, "the repaired tray ends in good order")


def upgrade_of_a_file_in_use_waits(msis: Path, frozen: Path) -> None:
    """An upgrade leaves a file that another program holds to the next start, and loses none."""
    with tempfile.TemporaryDirectory() as temporary, _pc(msis) as pc:
        newer = Path(temporary) / "programs"
        shutil.copytree(frozen, newer)
        with (newer / LIBRARY).open("ab") as library:
            library.write(b"of a newer version")
        made = make_msi(TRAY, newer, NEWER, Path(temporary), BUILD_TIME)
        shutil.copy(made, pc.home / "newer.msi")
        _demand(msiexec(pc, r"/i Z:\msis\SiaranTray.msi") == 0, "it is installed")
        with _held(pc, _inside(LIBRARY)):
            code = msiexec(pc, r"/i Z:\prefix\newer.msi")
        _demand(
            code == RESTART_LATER, f"an upgrade asks for a restart, and restarts nothing ({code})"
        )
        _restart(pc)
        _demand_same(newer, _home(pc))
        _demand_nothing_waits(_home(pc))


def _home(pc: Wine) -> Path:
    """The folder of the installed tray, seen from Linux."""
    return pc.drive_c / PROGRAM_FILES / "Siaran" / "Tray"


def _inside(name: str) -> str:
    """The path on the PC of a file of the installed tray."""
    return rf"C:\{PROGRAM_FILES}\Siaran\Tray" + "\\" + name.replace("/", "\\")


def _restart(pc: Wine) -> None:
    pc.shut_down()
    pc.run("wineboot", "--init", check=False)


def _demand_nothing_waits(folder: Path) -> None:
    left = [one.name for one in folder.rglob("*.tmp")]
    _demand(not left, f"nothing waits any more ({left})")


def _is_running(pc: Wine) -> bool:
    said = pc.run(_inside("siaran-tray.exe"), "status", "--json", check=False).stdout
    return bool(said.strip() and json.loads(said)["running"])


@contextmanager
def _pc(msis: Path, disk: Path | None = None) -> Iterator[Wine]:
    binds = {windows_python(): "/python", msis: "/msis"}
    if disk:
        binds[disk] = f"/prefix/wine/drive_c/{PROGRAM_FILES}"
    with fresh_pc(binds=binds) as pc:
        yield pc


@contextmanager
def _disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", folder]
        subprocess.run(mount, check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def _held(pc: Wine, file: str) -> Iterator[None]:
    """Hold *file* open in another program."""
    flag = pc.home / "held"
    holder = pc.start(r"Z:\python\python.exe", "-c", HOLD, file, r"Z:\prefix\held")
    try:
        _until(lambda: flag.exists() and bool(flag.read_text()), "the file is held")
        _demand(flag.read_text() != "-1", "the file can be held")
        yield
    finally:
        holder.terminate()
        holder.wait()


def msiexec(pc: Wine, what: str) -> int:
    """Run msiexec as a script of IT would: quotes inside an argument need cmd."""
    script = pc.home / "it.cmd"
    script.write_text(f"@msiexec {what} /qn /l*v Z:\\prefix\\msi.log\r\n", encoding="ascii")
    return pc.run("cmd", "/c", r"Z:\prefix\it.cmd", check=False).returncode


def _demand_same(frozen: Path, installed: Path) -> None:
    names = [str(one.relative_to(frozen)) for one in frozen.rglob("*") if one.is_file()]
    _, other, missing = filecmp.cmpfiles(frozen, installed, names, shallow=False)
    _demand(not other + missing, f"all files are as they were packed ({other + missing})")


def _version(pc: Wine, folder: str) -> str:
    return pc.run(rf"{folder}\siaran-tray.exe", "--version", check=False).stdout.strip()


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        _demand(time.monotonic() < deadline, what)
        time.sleep(0.2)


def _demand(fine: object, what: str) -> None:
    if not fine:
        raise NotProvedError(f"Not so: {what}.")
