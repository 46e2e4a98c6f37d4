"""The rules of ICE about properties, conditions and the table Upgrade."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import ice_columns
from ice_names import COMMAND_LINE_PROPERTIES, PROPERTIES, REQUIRED_PROPERTIES
from msi_database import Database, repeated

ONLY_DETECT, MAX_INCLUSIVE = 0x2, 0x200
"""Of a row's attributes in ``Upgrade``."""
VERSION = re.compile(r"\d+(\.\d+){0,3}")


def ice05(db: Database) -> Iterator[str]:
    """The properties are there that every installer needs."""
    there = db.by_key("Property")
    yield from (f"{name} is missing" for name in REQUIRED_PROPERTIES if name not in there)


def ice16(db: Database) -> Iterator[str]:
    """The product's name has at most 63 characters."""
    name = db.value("ProductName")
    if len(name) > 63:
        yield f"{name} is too long"


def ice24(db: Database) -> Iterator[str]:
    """The product's code, version and language have the right form.

    A version is at most 255.255.65535 (*ProductVersion property*); codes have capital letters.
    """
    for name in ("ProductCode", "UpgradeCode"):
        if not ice_columns.GUID.fullmatch(db.value(name)):
            yield f"{name} is no GUID in capitals"
    if not _is_product_version(db.value("ProductVersion")):
        yield "ProductVersion is no version"
    if not db.value("ProductLanguage").isdecimal():
        yield "ProductLanguage is no number of a language"


def ice40(db: Database) -> Iterator[str]:
    """REINSTALLMODE is what the command line says."""
    if db.value("REINSTALLMODE"):
        yield "REINSTALLMODE is in the table Property"


def ice46(db: Database) -> Iterator[str]:
    """No property differs from one of the installer's, or from another, in its case alone."""
    known = {*PROPERTIES, *ice_columns.properties(db), *ice_columns.referenced(db)}
    spelt = Counter(one.lower() for one in known)
    yield from (f"{one} is spelt in two ways" for one, times in spelt.items() if times > 1)


def ice61(db: Database) -> Iterator[str]:
    """The table Upgrade removes older versions of this product, and tells of what it found."""
    secure = db.value("SecureCustomProperties").split(";")
    code, version = db.value("UpgradeCode"), _numbers(db.value("ProductVersion"))
    for name in repeated(db.column("Upgrade", "ActionProperty")):
        yield f"{name} is in two rows"
    for row in db.rows("Upgrade"):
        name, low, high = row["ActionProperty"], row["VersionMin"], row["VersionMax"]
        if name not in secure or not name.isupper() or db.value(name):
            yield f"{name} is not secure, public and empty"
        if not all(_is_product_version(one) for one in (low, high) if one):
            yield f"{name} has no version as a bound"
        elif low and high and _numbers(low) > _numbers(high):
            yield f"{name} has no versions between its bounds"
        elif row["UpgradeCode"] == code and not int(row["Attributes"]) & ONLY_DETECT:
            inclusive = int(row["Attributes"]) & MAX_INCLUSIVE
            if not high or _numbers(high) > version:
                yield f"{name} has newer versions"
            elif inclusive and _numbers(high) == version:
                yield f"{name} has the very version of this product"


def ice74(db: Database) -> Iterator[str]:
    """FASTOEM is not in the table Property."""
    if db.value("FASTOEM"):
        yield "FASTOEM is in the table Property"


def ice79(db: Database) -> Iterator[str]:
    """Conditions name components and features that are there."""
    components, features = db.by_key("Component"), db.by_key("Feature")
    for _, condition in ice_columns.conditions(db):
        for sign, name in re.findall(r"([$?&!])([A-Za-z_][\w.]*)", _unquoted(condition)):
            if name not in (components if sign in "$?" else features):
                yield f"{name} in {condition}"


def ice86(db: Database) -> Iterator[str]:
    """No condition asks for AdminUser: Privileged is the one that a policy sets, too."""
    for _, condition in ice_columns.conditions(db):
        if re.search(r"\bAdminUser\b", condition):
            yield condition


def ice87(db: Database) -> Iterator[str]:
    """What belongs on a command line is not in the table Property."""
    there = COMMAND_LINE_PROPERTIES & {*db.by_key("Property")}
    yield from (f"{one} is in the table Property" for one in sorted(there))


def own_properties(db: Database) -> Iterator[str]:
    """What a search sets, and what a setting is given by, is not one of the installer's properties.

    No rule of Microsoft's. The installer itself fills USERNAME from the registry.
    """
    found = {*db.column("AppSearch", "Property")}
    conditions = {one for table, one in ice_columns.conditions(db) if table == "Component"}
    yield from (f"{one} is the installer's" for one in sorted(PROPERTIES & (found | conditions)))


def _is_product_version(text: str) -> bool:
    numbers = _numbers(text) if VERSION.fullmatch(text) else []
    limits = (255, 255, 65535)
    return bool(numbers) and all(one <= most for one, most in zip(numbers, limits, strict=False))


def _numbers(version: str) -> list[int]:
    return [int(one) for one in version.split(".")[:3] if one.isdecimal()]


def _unquoted(condition: str) -> str:
    return re.sub(r'"[^"]*"', '""', condition)
