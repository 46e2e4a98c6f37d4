"""Makes the two installers from the frozen folders."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

import cabinet
from msi_tables import Summary, guid, write
from products import (
    CABINET,
    ICON,
    MANUFACTURER,
    PRODUCTS,
    TASK,
    TRAY,
    InstalledFile,
    Product,
    tables,
)

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


def make_msi(
    product: Product,
    frozen: Path,
    version: str,
    place: Path,
    built_at: int,
    ready: Path | None = None,
) -> Path:
    """Write the installer of *product*, whose programs are in *frozen*, into *place*.

    *version* is what the programs call theirs; *built_at* is in seconds since 1970. *ready*, a
    cabinet that ``make_cabinets`` has made on Windows, is taken instead of a new one.

    Raises:
        CannotBuildError: the cabinet cannot be made, or holds something else than *frozen*.
    """
    with tempfile.TemporaryDirectory() as temporary:
        files = contents(product, frozen, Path(temporary))
        places = {key: where for key, where, _ in files}
        packed = ready or Path(temporary) / CABINET
        if ready is None:
            cabinet.make(packed, places, built_at)
        cabinet.check(packed, places)
        number = numeric(version)
        code = hashlib.sha256(packed.read_bytes()).hexdigest()
        rows = tables(product, number, guid(product.title, number, code), files)
        content = hashlib.sha256(repr(rows).encode() + ICON_FILE.read_bytes()).hexdigest()
        msi = place / f"{product.exe.removesuffix('.exe')}.msi"
        package = guid("package", code, content)
        summary = Summary(product.title, MANUFACTURER, package, built_at)
        write(msi, summary, rows, (CABINET, packed), ICON_FILE)
    return msi


def contents(product: Product, frozen: Path, temporary: Path) -> list[InstalledFile]:
    """What *product* installs, in the order of its cabinet: files of one kind side by side.

    That is the folder *frozen*, and what only the installer brings, which is put into *temporary*.
    """
    files = {path.relative_to(frozen): path for path in frozen.rglob("*") if path.is_file()}
    if product == TRAY:
        task = temporary / "task.xml"
        task.write_text(TASK_XML, encoding="utf-16", newline="\r\n")
        files[Path(task.name)] = task
    order = sorted(files, key=lambda path: (path.suffix, path.as_posix()))
    return [InstalledFile(_key(path), files[path], path) for path in order]


def make_cabinets(frozen: Path, built_at: int) -> list[Path]:
    """Pack the programs in the folder of the frozen folders, each beside its own folder.

    Raises:
        CannotBuildError: a cabinet cannot be made.
    """
    made = []
    for product in PRODUCTS:
        folder = frozen / f"siaran-{product.program}"
        made.append(folder.with_suffix(".cab"))
        with tempfile.TemporaryDirectory() as temporary:
            files = contents(product, folder, Path(temporary))
            cabinet.make(made[-1], {key: place for key, place, _ in files}, built_at)
    return made


def numeric(version: str) -> str:
    """The three numbers that the installer compares: 0.1.0rc1 is 0.1.0."""
    numbers = [*re.findall(r"\d+", version), "0", "0"]
    return ".".join(numbers[:3])


def _key(path: Path) -> str:
    """A name of at most 72 characters that is the same in every build."""
    named = re.sub("[^A-Za-z0-9]", "_", path.name)[:40]
    return f"f_{hashlib.sha256(path.as_posix().encode()).hexdigest()[:12]}_{named}"
