"""Makes the two installers from the frozen folders."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cabinet import cabinet
from msi_tables import Summary, guid, write
from products import ICON, MANUFACTURER, PRODUCTS, TASK, TRAY, Product, tables

ICON_FILE = Path(__file__).resolve().parents[1] / "icons" / ICON

TASK_XML = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Starts Siaran's tray again in a session that has lost it.</Description>
    <URI>\\{TASK}</URI>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition><Interval>PT4M</Interval></Repetition>
      <StartBoundary>2025-01-01T00:00:00</StartBoundary>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Users"><GroupId>S-1-5-32-545</GroupId></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>Parallel</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Users">
    <Exec>
      <Command>%ProgramFiles%\\Siaran\\Tray\\{TRAY.exe}</Command>
      <Arguments>--background</Arguments>
    </Exec>
  </Actions>
</Task>
"""
"""Every four minutes, in the sessions of all users; where a tray runs, it starts none."""


def make_msi(product: Product, frozen: Path, version: str, place: Path, built_at: int) -> Path:
    """Write the installer of *product*, whose programs are in *frozen*, into *place*.

    *version* is what the programs call theirs; *built_at* is in seconds since 1970.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "files"
        shutil.copytree(frozen, folder)
        if product == TRAY:
            (folder / "task.xml").write_text(TASK_XML, encoding="utf-16", newline="\r\n")
        files = [(_key(path.relative_to(folder)), path) for path in _ordered(folder)]
        packed = cabinet(files, built_at)
        number = numeric(version)
        code = hashlib.sha256(packed).hexdigest()
        named = [(key, path, path.relative_to(folder)) for key, path in files]
        rows = tables(product, number, guid(product.title, number, code), named)
        content = hashlib.sha256(repr(rows).encode() + ICON_FILE.read_bytes()).hexdigest()
        msi = place / f"{product.exe.removesuffix('.exe')}.msi"
        package = guid("package", code, content)
        summary = Summary(product.title, MANUFACTURER, package, built_at)
        write(msi, summary, rows, ("siaran.cab", packed), ICON_FILE)
    return msi


def numeric(version: str) -> str:
    """The three numbers that the installer compares: 0.1.0rc1 is 0.1.0."""
    numbers = [*re.findall(r"\d+", version), "0", "0"]
    return ".".join(numbers[:3])


def make_all(frozen: Path, version: str, place: Path, built_at: int) -> list[Path]:
    """Both installers from the folder of the frozen folders, at the same time."""
    with ProcessPoolExecutor() as pool:
        making = [
            pool.submit(make_msi, one, frozen / f"siaran-{one.program}", version, place, built_at)
            for one in PRODUCTS
        ]
        return [one.result() for one in making]


def _ordered(folder: Path) -> list[Path]:
    """Files of one kind side by side, which packs better."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(files, key=lambda path: (path.suffix, path.relative_to(folder).as_posix()))


def _key(path: Path) -> str:
    """A name of at most 72 characters that is the same in every build."""
    named = re.sub("[^A-Za-z0-9]", "_", path.name)[:40]
    return f"f_{hashlib.sha256(path.as_posix().encode()).hexdigest()[:12]}_{named}"
