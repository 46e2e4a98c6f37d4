"""The rules of ICE about files, components, folders, the registry, shortcuts and the summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ice_columns import GUID
from ice_names import (
    FOLDERS_32_BIT,
    FOLDERS_64_BIT,
    PER_USER_FOLDERS,
    PROFILE_FOLDERS,
    PROPERTIES,
    SYSTEM_FOLDERS,
)
from msi_database import Database, repeated
from msi_tables import SCHEMA

HKEY_CURRENT_USER = ("-1", "1")
"""Roots of rows in ``Registry`` that are one user's, or may be."""
SOURCE_ONLY, OPTIONAL, REGISTRY_KEY_PATH, PERMANENT, SIXTY_FOUR_BIT = 0x1, 0x2, 0x4, 0x10, 0x100
"""Of a component's attributes."""
COMPRESSED = 0x2000 | 0x4000
"""Of a file's attributes: it is in a cabinet, or it is not, whatever the summary says."""
MOST_COMPONENTS = 1600


def ice02(db: Database) -> Iterator[str]:
    """A component's key path is its own."""
    for row in db.rows("Component"):
        there = "Registry" if int(row["Attributes"]) & REGISTRY_KEY_PATH else "File"
        key = db.by_key(there).get(row["KeyPath"])
        if row["KeyPath"] and (key is None or key["Component_"] != row["Component"]):
            yield f"{row['Component']} has the key path of another"


def ice04(db: Database) -> Iterator[str]:
    """Files are numbered, each for itself, up to the last number of the medium."""
    numbers = [int(one) for one in db.column("File", "Sequence")]
    last = max((int(one) for one in db.column("Media", "LastSequence")), default=0)
    yield from (f"file {one} is on no medium" for one in numbers if not 0 < one <= last)
    yield from (f"two files have the number {one}" for one in repeated(numbers))


def ice06(db: Database) -> Iterator[str]:
    """Tables and columns are those that Microsoft describes."""
    for name, table in db.tables.items():
        described = dict(column.split(":") for column in SCHEMA.get(name, "").split())
        keys = [column for column, kind in described.items() if kind.endswith("*")]
        wanted = {column: kind.rstrip("*") for column, kind in described.items()}
        if list(table.types.items()) != list(wanted.items()) or table.keys != keys:
            yield f"{name} has other columns"


def ice08(db: Database) -> Iterator[str]:
    """No two components have one id."""
    yield from (f"{one} is twice" for one in repeated(db.column("Component", "ComponentId")) if one)


def ice09(db: Database) -> Iterator[str]:
    """What is installed into the system's folder stays there."""
    for row in db.rows("Component"):
        permanent = int(row["Attributes"]) & PERMANENT
        if SYSTEM_FOLDERS & set(db.parents(row["Directory_"])[:1]) and not permanent:
            yield f"{row['Component']} is not permanent"


def ice14(db: Database) -> Iterator[str]:
    """A feature without a parent follows none, and none is its own parent."""
    for row in db.rows("Feature"):
        if row["Feature"] == row["Feature_Parent"]:
            yield f"{row['Feature']} is its own parent"
        if not row["Feature_Parent"] and int(row["Attributes"]) & 0x2:
            yield f"{row['Feature']} follows a parent that it does not have"


def ice18(db: Database) -> Iterator[str]:
    """A component without a key path has a file: its folder would be removed when it is empty."""
    filled = {*db.column("File", "Component_"), *db.column("RemoveFile", "Component_")}
    for row in db.rows("Component"):
        if not row["KeyPath"] and row["Component"] not in filled:
            yield f"{row['Component']} is an empty folder"


def ice21(db: Database) -> Iterator[str]:
    """Every component belongs to a feature."""
    of_features = set(db.column("FeatureComponents", "Component_"))
    for name in db.column("Component", "Component"):
        if name not in of_features:
            yield f"{name} belongs to no feature"


def ice29(db: Database) -> Iterator[str]:
    """Names of streams differ in their first 62 characters."""
    yield from (f"{one} is twice" for one in repeated([name[:62] for name in db.streams]))


def ice30(db: Database) -> Iterator[str]:
    """No two files have one name in one folder, as little with short as with long names."""
    folders = {row["Component"]: row["Directory_"] for row in db.rows("Component")}
    for which in (0, -1):
        places = [
            (folders.get(row["Component_"], ""), row["FileName"].split("|")[which].lower())
            for row in db.rows("File")
        ]
        yield from (f"{name} is twice in {folder}" for folder, name in repeated(places))


def ice35(db: Database) -> Iterator[str]:
    """What is in a cabinet does not run from there."""
    cabinets = [one for one in db.column("Media", "Cabinet") if one]
    for row in db.rows("Component"):
        if cabinets and int(row["Attributes"]) & (SOURCE_ONLY | OPTIONAL):
            yield f"{row['Component']} may run from the source"


def ice36(db: Database) -> Iterator[str]:
    """Every icon is used."""
    used = {*db.column("Shortcut", "Icon_"), db.value("ARPPRODUCTICON")}
    yield from (f"{one} is not used" for one in db.by_key("Icon") if one not in used)


def ice38(db: Database) -> Iterator[str]:
    """Files in a profile have a key path in the registry's part of this user.

    As Microsoft's page puts it, of ``Component`` and ``Directory``; only with files, as ICE43 is
    about shortcuts.
    """
    with_files = set(db.column("File", "Component_"))
    for row in db.rows("Component"):
        if row["Component"] in with_files and PROFILE_FOLDERS & {*db.parents(row["Directory_"])}:
            yield f"{row['Component']} is in a profile"


def ice39(db: Database) -> Iterator[str]:
    """The summary says what the tables say: 64 bits, compressed files, this version's schema."""
    if not db.summary:
        return
    if not GUID.fullmatch(db.summary.get("Revision number (UUID)", "")):
        yield "the package code is no GUID in capitals"
    if db.summary.get("Source", "").partition(" ")[0] != "2":
        yield "the files are not said to be compressed, with long names"
    if any(int(one or 0) & COMPRESSED for one in db.column("File", "Attributes")):
        yield "files are said to be compressed twice"


def ice43(db: Database) -> Iterator[str]:
    """A shortcut's component has its key path in the registry's part of this user."""
    for shortcut in db.rows("Shortcut"):
        key = db.by_key("Component").get(shortcut["Component_"], {}).get("KeyPath", "")
        root = db.by_key("Registry").get(key, {}).get("Root")
        if shortcut["Target"].startswith("[") and root not in HKEY_CURRENT_USER:
            yield f"{shortcut['Shortcut']} is in a component of the PC"


def ice45(db: Database) -> Iterator[str]:
    """Reserved bits are not set."""
    bits = {
        "Feature": ("Attributes", 0x3F),
        "File": ("Attributes", 0x1 | 0x2 | 0x4 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000),
        "RemoveFile": ("InstallMode", 0x3),
    }
    for table, (column, known) in bits.items():
        if any(int(one or 0) & ~known for one in db.column(table, column)):
            yield f"{table} has reserved bits"


def ice47(db: Database) -> Iterator[str]:
    """A feature has at most 1,600 components."""
    for feature, many in Counter(db.column("FeatureComponents", "Feature_")).items():
        if many > MOST_COMPONENTS:
            yield f"{feature} has {many} components"


def ice48(db: Database) -> Iterator[str]:
    """No folder is a path of one PC."""
    for name, path in ((row["Directory"], row["DefaultDir"]) for row in db.rows("Directory")):
        if ":\\" in path or "\\\\" in path or ":\\" in db.value(name):
            yield f"{name} is a fixed path"


def ice49(db: Database) -> Iterator[str]:
    """The value of a key itself is a text."""
    for row in db.rows("Registry"):
        if not row["Name"] and row["Value"].startswith("#") and not row["Value"].startswith("##"):
            yield f"{row['Registry']} is no text"


def ice52(db: Database) -> Iterator[str]:
    """What is found by a search is passed on: such a property has no small letters."""
    yield from (
        f"{one} is private" for one in db.column("AppSearch", "Property") if not one.isupper()
    )


def ice53(db: Database) -> Iterator[str]:
    """Nothing is written among the installer's own values, or where policies are."""
    private = re.compile(
        r"software\\(microsoft\\windows\\currentversion\\installer|policies)(\\|$)", re.IGNORECASE
    )
    yield from (
        f"{row['Registry']} is none of ours"
        for row in db.rows("Registry")
        if private.match(row["Key"])
    )


def ice54(db: Database) -> Iterator[str]:
    """No key path takes its version from another file."""
    files, keys = db.by_key("File"), set(db.column("Component", "KeyPath"))
    for name, row in files.items():
        if name in keys and row["Version"] in files:
            yield f"{name} has the version of another file"


def ice56(db: Database) -> Iterator[str]:
    """All folders are below one, TARGETDIR."""
    for row in db.rows("Directory"):
        root = row["Directory_Parent"] in {"", row["Directory"]}
        if root != (row["Directory"] == "TARGETDIR"):
            yield f"{row['Directory']} is a root"
        if root and row["DefaultDir"] not in {"SourceDir", "SOURCEDIR"}:
            yield f"{row['Directory']} has a bad DefaultDir"


def ice57(db: Database) -> Iterator[str]:
    """No component has both, what is the PC's and what is a user's.

    A shortcut below a profile counts as a user's.
    """
    users = {
        row["Component_"]
        for row in db.rows("Shortcut")
        if PROFILE_FOLDERS & {*db.parents(row["Directory_"])}
    }
    registry = [(row["Component_"], row["Root"]) for row in db.rows("Registry")]
    users |= {component for component, root in registry if root in HKEY_CURRENT_USER}
    pcs = {component for component, root in registry if root not in HKEY_CURRENT_USER}
    for component in sorted(users & (pcs | set(db.column("File", "Component_")))):
        yield f"{component} is of a user and of the PC"


def ice58(db: Database) -> Iterator[str]:
    """There are at most 80 media."""
    if len(db.rows("Media")) > 80:
        yield "too many media"


def ice60(db: Database) -> Iterator[str]:
    """A file with a version has a language."""
    for row in db.rows("File"):
        if row["Version"] and not row["Language"]:
            yield f"{row['File']} has no language"


def ice64(db: Database) -> Iterator[str]:
    """New folders in a profile are removed."""
    removed = set(db.column("RemoveFile", "DirProperty"))
    for name in db.by_key("Directory"):
        below = PROFILE_FOLDERS & {*db.parents(name)[1:]}
        if below and name not in removed | PROFILE_FOLDERS:
            yield f"{name} stays in the profile"


def ice67(db: Database) -> Iterator[str]:
    """A shortcut and its target are in one component."""
    files = db.by_key("File")
    for row in db.rows("Shortcut"):
        target = re.fullmatch(r"\[#(.+)\]", row["Target"])
        if target and files.get(target[1], {}).get("Component_") != row["Component_"]:
            yield f"{row['Shortcut']} is in another component than its target"


def ice69(db: Database) -> Iterator[str]:
    """Texts name files and components of their own component."""
    files = db.by_key("File")
    for table in ("Registry", "Shortcut"):
        for row in db.rows(table):
            for sign, name in re.findall(r"\[([#!$])([^\]]+)\]", "\n".join(row.values())):
                there = name if sign == "$" else files.get(name, {}).get("Component_")
                if there != row["Component_"]:
                    yield f"{next(iter(row.values()))} names {name}"


def ice70(db: Database) -> Iterator[str]:
    """Numbers in the registry are numbers."""
    for row in db.rows("Registry"):
        value = row["Value"]
        if re.match(r"#(?![#%x])", value) and not re.fullmatch(r"#[+-]?(\d+|\[.+\])", value):
            yield f"{row['Registry']} is no number"


def ice71(db: Database) -> Iterator[str]:
    """The first medium has the number 1."""
    if "1" not in db.by_key("Media"):
        yield "there is no medium 1"


def ice80(db: Database) -> Iterator[str]:
    """A package with 64-bit components says so, and puts them into folders for 64 bits."""
    platform, _, languages = db.summary.get("Template", "x64;1033").partition(";")
    if platform not in {"x64", "Arm64"}:
        yield "the summary says nothing of 64 bits"
    if int(db.summary.get("Version", "200").split()[0]) < 200:
        yield "the schema is too old for 64 bits"
    if db.value("ProductLanguage") not in languages.split(","):
        yield "the summary has another language"
    for row in db.rows("Component"):
        large = bool(int(row["Attributes"]) & SIXTY_FOUR_BIT)
        wrong = FOLDERS_32_BIT if large else FOLDERS_64_BIT
        if wrong & {*db.parents(row["Directory_"])}:
            yield f"{row['Component']} is in a folder for another number of bits"


def ice90(db: Database) -> Iterator[str]:
    """A shortcut's folder is no public property."""
    for row in db.rows("Shortcut"):
        if row["Directory_"].isupper():
            yield f"{row['Shortcut']} is in {row['Directory_']}"


def ice91(db: Database) -> Iterator[str]:
    """No file and no shortcut is in one user's own folder."""
    folders = {row["Component"]: row["Directory_"] for row in db.rows("Component")}
    places = [(row["File"], folders.get(row["Component_"], "")) for row in db.rows("File")]
    places += [(row["Shortcut"], row["Directory_"]) for row in db.rows("Shortcut")]
    for name, folder in places:
        if PER_USER_FOLDERS & {*db.parents(folder)}:
            yield f"{name} is in one user's {folder}"


def ice92(db: Database) -> Iterator[str]:
    """What stays has an id."""
    for row in db.rows("Component"):
        if int(row["Attributes"]) & PERMANENT and not row["ComponentId"]:
            yield f"{row['Component']} has no id"


def ice99(db: Database) -> Iterator[str]:
    """No folder has the name of one of the installer's properties."""
    reserved = (PROPERTIES - {"TARGETDIR"}) & {*db.by_key("Directory")}
    yield from (f"{one} is the installer's" for one in sorted(reserved))


def ice101(db: Database) -> Iterator[str]:
    """Names of features have at most 38 characters."""
    yield from (f"{one} is too long" for one in db.by_key("Feature") if len(one) > 38)
