"""The tables of a Windows Installer database, and how they become one (with msitools' msibuild).

Written table by table, as the Windows Installer documents them, because the compilers that run on
Linux leave out what we need: component conditions, file versions, properties of shortcuts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NAMESPACE = uuid.UUID("6f1a2c0e-6d0b-5b53-9a0c-0f5f5b7c2a11")
"""All ids come from this and a name: the same product has the same ids in every build."""

SCHEMA = {
    "_SummaryInformation": "PropertyId:i2* Value:l255",
    "Property": "Property:s72* Value:l0",
    "Directory": "Directory:s72* Directory_Parent:S72 DefaultDir:l255",
    "Component": "Component:s72* ComponentId:S38 Directory_:s72 Attributes:i2 Condition:S255 "
    "KeyPath:S72",
    "Feature": "Feature:s38* Feature_Parent:S38 Title:L64 Description:L255 Display:I2 Level:i2 "
    "Directory_:S72 Attributes:i2",
    "FeatureComponents": "Feature_:s38* Component_:s72*",
    "File": "File:s72* Component_:s72 FileName:l255 FileSize:i4 Version:S72 Language:S20 "
    "Attributes:I2 Sequence:i2",
    "Media": "DiskId:i2* LastSequence:i2 DiskPrompt:L64 Cabinet:S255 VolumeLabel:S32 Source:S72",
    "Registry": "Registry:s72* Root:i2 Key:l255 Name:L255 Value:L0 Component_:s72",
    "Shortcut": "Shortcut:s72* Directory_:s72 Name:l128 Component_:s72 Target:s72 Arguments:S255 "
    "Description:L255 Hotkey:I2 Icon_:S72 IconIndex:I2 ShowCmd:I2 WkDir:S72",
    "MsiShortcutProperty": "MsiShortcutProperty:s72* Shortcut_:s72 PropertyKey:s0 "
    "PropVariantValue:s0",
    "Upgrade": "UpgradeCode:s38* VersionMin:S20* VersionMax:S20* Language:S255* Attributes:i4* "
    "Remove:S255 ActionProperty:s72",
    "LaunchCondition": "Condition:s255* Description:l255",
    "Icon": "Name:s72* Data:v0",
    "AppSearch": "Property:s72* Signature_:s72*",
    "RegLocator": "Signature_:s72* Root:i2 Key:s255 Name:S255 Type:I2",
    "CustomAction": "Action:s72* Type:i2 Source:S72 Target:S255",
    "RemoveFile": "FileKey:s72* Component_:s72 FileName:L255 DirProperty:s72 InstallMode:i2",
    **dict.fromkeys(
        (
            "InstallExecuteSequence",
            "InstallUISequence",
            "AdminExecuteSequence",
            "AdminUISequence",
            "AdvtExecuteSequence",
        ),
        "Action:s72* Condition:S255 Sequence:I2",
    ),
}
"""Columns as the SDK types them (a capital letter: may be empty), keys with a star."""

Row = Sequence[str | int | None]
Tables = Mapping[str, Sequence[Row]]


def guid(*names: str) -> str:
    """The id of whatever *names* name, as the installer writes it."""
    return "{" + str(uuid.uuid5(NAMESPACE, "/".join(names))).upper() + "}"


def idt(table: str, rows: Sequence[Row]) -> str:
    """*rows* in the installer's text format."""
    columns = [column.split(":") for column in SCHEMA[table].split()]
    names = "\t".join(name for name, _ in columns)
    types = "\t".join(kind.rstrip("*") for _, kind in columns)
    keys = "\t".join(name for name, kind in columns if kind.endswith("*"))
    lines = [names, types, f"{table}\t{keys}"]
    for row in rows:
        assert len(row) == len(columns), (table, row)
        lines.append("\t".join("" if cell is None else str(cell) for cell in row))
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Summary:
    """What Windows reads before anything else of the database."""

    title: str
    author: str
    package_code: str
    built_at: int
    """Seconds since 1970."""

    def rows(self) -> list[Row]:
        """For 64-bit Windows and English; compressed files, long names."""
        moment = f"{datetime.fromtimestamp(self.built_at, UTC):%Y/%m/%d %H:%M:%S}"
        return [
            *((1, "1252"), (2, "Installation Database"), (3, self.title), (4, self.author)),
            *((5, "Installer"), (7, "x64;1033"), (9, self.package_code), (12, moment)),
            *((13, moment), (14, "500"), (15, "2"), (18, "Siaran"), (19, "2")),
        ]


def write(
    msi: Path, summary: Summary, tables: Tables, cabinet: tuple[str, Path], icon: Path
) -> None:
    """Write the database *msi* with the *cabinet* (name in it, and file) and the *icon* in it.

    Raises:
        subprocess.CalledProcessError: msibuild refused.
    """
    msi.unlink(missing_ok=True)
    build = ["msibuild", str(msi.resolve())]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "Icon").mkdir()  # binary cells are files in a folder of the table's name, here
        shutil.copy(icon, folder / "Icon" / f"{icon.name}.ibd")
        for table, rows in {"_SummaryInformation": summary.rows(), **tables}.items():
            file = folder / f"{table}.idt"
            file.write_text(idt(table, rows), encoding="ascii", newline="")
            _quietly([*build, "-i", str(file)], folder)
        name, file = cabinet
        _quietly([*build, "-a", name, str(file.resolve())], folder)


def _quietly(command: list[str], folder: Path) -> None:
    # msibuild takes the summary's times for this machine's.
    environment = {**os.environ, "TZ": "UTC"}
    subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=environment)
