"""ICE03: each cell of an installer is what its column is for.

The columns are described on the pages of their tables, their kinds on *Column Data Types* and the
pages that it leads to (learn.microsoft.com/windows/win32/msi).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from ice_names import FOLDERS, PROPERTIES
from msi_database import Cells, Database, Table

GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
NAME = re.compile(
    r'(?:[^\\?|><:/*"+,;=\[\] .]{1,8}(?:\.[^\\?|><:/*"+,;=\[\] .]{1,3})?\|)?'
    r'[^\\?|><:/*"]{1,255}'
)
"""A file's name: short|long, or a long one alone."""
REFERENCE = re.compile(r"\[([A-Za-z_][\w.]*)\]")
OPERAND = r'(?:(?<!\w)[%$?&!]?(?!(?:NOT|AND|OR|XOR|EQV|IMP)\b)[A-Za-z_][\w.]*|-?\d+|"[^"]*")'
COMPARISON = re.compile(rf"{OPERAND}(?:\s*~?(?:<>|>=|<=|><|<<|>>|=|<|>)\s*{OPERAND})?")
JOINED = re.compile(r"NOT 1|\(\s*1\s*\)|1 (?:AND|OR|XOR|EQV|IMP) 1")

FOREIGN = {
    ("AppSearch", "Signature_"): "RegLocator",
    ("Component", "Directory_"): "Directory",
    ("Directory", "Directory_Parent"): "Directory",
    ("Feature", "Directory_"): "Directory",
    ("Feature", "Feature_Parent"): "Feature",
    ("FeatureComponents", "Component_"): "Component",
    ("FeatureComponents", "Feature_"): "Feature",
    ("File", "Component_"): "Component",
    ("MsiShortcutProperty", "Shortcut_"): "Shortcut",
    ("Registry", "Component_"): "Component",
    ("RemoveFile", "Component_"): "Component",
    ("Shortcut", "Component_"): "Component",
    ("Shortcut", "Directory_"): "Directory",
    ("Shortcut", "Icon_"): "Icon",
}
"""Columns that name a row of another table."""
LIMITS = {
    ("Component", "Attributes"): (0, 0x7FFF),
    ("CustomAction", "Type"): (1, 0x7FFF),
    ("Feature", "Display"): (0, 0x7FFF),
    ("Feature", "Level"): (0, 0x7FFF),
    ("File", "Attributes"): (0, 0x7FFF),
    ("File", "FileSize"): (0, 0x7FFFFFFF),
    ("File", "Sequence"): (1, 0x7FFF),
    ("Media", "DiskId"): (1, 0x7FFF),
    ("Media", "LastSequence"): (0, 0x7FFF),
    ("RegLocator", "Root"): (0, 3),
    ("RegLocator", "Type"): (0, 18),
    ("Registry", "Root"): (-1, 3),
    ("RemoveFile", "InstallMode"): (1, 3),
    ("Upgrade", "Attributes"): (0, 0x707),
    **{
        (f"{table}Sequence", "Sequence"): (-4, 0x7FFF)
        for table in ("AdminExecute", "AdminUI", "AdvtExecute", "InstallExecute", "InstallUI")
    },
}
"""The smallest and the largest number of a column."""


def ice03(db: Database) -> Iterator[str]:
    """Each cell fits its column; keys are unique; what is named is there."""
    for table in db.tables.values():
        keys = Counter(tuple(row[key] for key in table.keys) for row in table.rows)
        yield from (f"{table.name} has {key} twice" for key, many in keys.items() if many > 1)
        for row in table.rows:
            yield from _of_row(db, table, row)


def conditions(db: Database) -> Iterator[tuple[str, str]]:
    """Each condition, with the table that it is in."""
    for table, column, cell in db.cells():
        if column == "Condition":
            yield table, cell


def referenced(db: Database) -> set[str]:
    """The properties that texts and conditions name."""
    named = {name for _, _, cell in db.cells() for name in REFERENCE.findall(cell)}
    for _, condition in conditions(db):
        bare = re.sub(r'"[^"]*"', "", condition)
        words = re.findall(r"(?<![$?&!%\w.])[A-Za-z_][\w.]*", bare)
        named |= set(words) - {"NOT", "AND", "OR", "XOR", "EQV", "IMP"}
    return named


def properties(db: Database) -> set[str]:
    """The properties that this installer has or looks for."""
    listed = db.by_key("Property").get("SecureCustomProperties", {}).get("Value", "")
    return {
        *(*db.column("Property", "Property"), *db.column("Directory", "Directory")),
        *(*db.column("AppSearch", "Property"), *db.column("Upgrade", "ActionProperty")),
        *listed.split(";"),
    } - {""}


def is_condition(text: str) -> bool:
    """Whether *text* has the grammar of a condition (*Conditional Statement Syntax*)."""
    now, before = COMPARISON.sub("1", text).strip(), ""
    while now != before:
        now, before = JOINED.sub("1", now, count=1), now
    return now == "1"


def _of_row(db: Database, table: Table, row: Cells) -> Iterator[str]:
    for column, cell in row.items():
        place = f"{table.name}.{column} of {next(iter(row.values()))}"
        wrong = _misfit(table.types[column], cell) or _bad_number(table.name, column, cell)
        if wrong:
            yield f"{place} {wrong}"
        elif cell and not CHECKS.get((table.name, column), _anything)(db, cell):
            yield f"{place} is not what belongs there: {cell}"


def _misfit(kind: str, cell: str) -> str:
    """What is wrong with *cell* in a column of type *kind*."""
    if not cell:
        return "is empty" if kind[0].islower() and kind != "s0" else ""
    width = int(kind[1:])
    if kind[0] not in "iI":
        return "is too long" if width and len(cell) > width else ""
    most = 0x7FFF if width == 2 else 0x7FFFFFFF
    return "" if re.fullmatch(r"-?\d+", cell) and abs(int(cell)) <= most else "is no number of it"


def _bad_number(table: str, column: str, cell: str) -> str:
    least, most = LIMITS.get((table, column), (0, 0))
    return "is out of bounds" if most and cell and not least <= int(cell) <= most else ""


def _anything(_db: Database, _cell: str) -> bool:
    return True


def _matches(form: re.Pattern[str]) -> Callable[[Database, str], bool]:
    return lambda _db, cell: bool(form.fullmatch(cell))


def _row_of(table: str) -> Callable[[Database, str], bool]:
    return lambda db, cell: cell in db.by_key(table)


def _is_condition(_db: Database, cell: str) -> bool:
    return is_condition(cell)


def _is_formatted(db: Database, cell: str) -> bool:
    """Whether brackets are in pairs, and the properties in them are known."""
    known = {*properties(db), *PROPERTIES, *FOLDERS}
    in_pairs = not re.search(r"[\[\]]", re.sub(r"\[[^\[\]]+\]", "", cell))
    return in_pairs and known >= set(REFERENCE.findall(cell))


def _is_version(db: Database, cell: str) -> bool:
    return bool(VERSION.fullmatch(cell)) or cell in db.by_key("File")


def _is_default_dir(_db: Database, cell: str) -> bool:
    return all(one == "." or bool(NAME.fullmatch(one)) for one in cell.split(":"))


def _is_property_folder(db: Database, cell: str) -> bool:
    return cell in {*properties(db), *FOLDERS}


CHECKS: dict[tuple[str, str], Callable[[Database, str], bool]] = {
    **{place: _row_of(table) for place, table in FOREIGN.items()},
    **dict.fromkeys(
        [
            *(("Component", "Component"), ("CustomAction", "Action"), ("Directory", "Directory")),
            *(("Feature", "Feature"), ("File", "File"), ("Property", "Property")),
            *(("Registry", "Registry"), ("RemoveFile", "FileKey"), ("Shortcut", "Shortcut")),
            *(("Icon", "Name"), ("RegLocator", "Signature_"), ("AppSearch", "Property")),
            *(("Upgrade", "ActionProperty"), ("MsiShortcutProperty", "MsiShortcutProperty")),
        ],
        _matches(IDENTIFIER),
    ),
    ("Component", "ComponentId"): _matches(GUID),
    ("Upgrade", "UpgradeCode"): _matches(GUID),
    ("Upgrade", "VersionMin"): _matches(VERSION),
    ("Upgrade", "VersionMax"): _matches(VERSION),
    ("File", "Version"): _is_version,
    ("File", "Language"): _matches(re.compile(r"\d{1,5}(,\d{1,5})*")),
    ("File", "FileName"): _matches(NAME),
    ("Shortcut", "Name"): _matches(NAME),
    ("Directory", "DefaultDir"): _is_default_dir,
    ("RemoveFile", "DirProperty"): _is_property_folder,
    ("Shortcut", "WkDir"): _is_property_folder,
    ("Media", "Cabinet"): _matches(re.compile(r"#[A-Za-z_][A-Za-z0-9_.]*")),
    ("Registry", "Key"): _matches(re.compile(r"(?!\\).*(?<!\\)")),
    **dict.fromkeys(
        [
            *(("Registry", "Name"), ("Registry", "Value"), ("CustomAction", "Target")),
            *(
                ("Shortcut", "Arguments"),
                ("Shortcut", "Target"),
                ("LaunchCondition", "Description"),
            ),
        ],
        _is_formatted,
    ),
    **dict.fromkeys(
        [
            (table, "Condition")
            for table in (
                *("Component", "LaunchCondition", "AdminExecuteSequence", "AdminUISequence"),
                *("AdvtExecuteSequence", "InstallExecuteSequence", "InstallUISequence"),
            )
        ],
        _is_condition,
    ),
}
"""What a cell of each column has to be."""
