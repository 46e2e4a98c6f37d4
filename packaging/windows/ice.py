"""Checks an installer by Windows' own rules for its tables, as far as they are about data.

Microsoft calls them ICE (internal consistency evaluators) and describes each on a page of its own,
below learn.microsoft.com/windows/win32/msi/ice-reference; the functions here have their numbers.
The programs that run them (Orca, MsiVal2) need Windows. Microsoft's page says what a rule demands,
not how: what these functions find is a lower bound.

Not here are the rules about tables that our installers do not have (dialogs, services, fonts, COM,
ODBC, assemblies, patches, merge modules, permissions): ICE06 refuses tables that
``msi_tables.SCHEMA`` does not name. Nor are ICE01, which tests the mechanism, ICE33, which
Microsoft calls obsolete, and ICE03's data types, which are in ``ice_columns``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import ice_columns
import ice_properties
import ice_sequences
import ice_tables
from build_machine import CannotBuildError
from msi_database import Database, read

Rule = Callable[[Database], Iterator[str]]
RULES: dict[str, Rule] = {
    name.upper(): rule
    for module in (ice_columns, ice_properties, ice_sequences, ice_tables)
    for name, rule in vars(module).items()
    if re.fullmatch(r"ice\d+", name)
}
RULES["own properties"] = ice_properties.own_properties

ACCEPTED = {
    "ICE40: REINSTALLMODE is in the table Property": (
        "With *amus* an upgrade replaces a library by an older one, as a rollback has to, and the "
        "installer need not understand the versions that wheels have."
    ),
    "ICE43: StartMenu is in a component of the PC": (
        "The installers are for all users (ALLUSERS=1), and Group Policy installs as SYSTEM: a key "
        "in the installing user's registry would be SYSTEM's, and missing for everybody else."
    ),
    "ICE57: c_.*_exe is of a user and of the PC": (
        "As ICE43: with ALLUSERS=1 the start menu is the PC's."
    ),
    "ICE61: OLDER_FOUND has the very version of this product": (
        "Two builds of one version have different product codes: the second has to replace the "
        "first instead of being installed beside it."
    ),
}
"""Findings (regular expressions) that are meant to be so, and why."""


def findings(db: Database) -> list[str]:
    """What is wrong with *db*, each with its rule's name; without what is meant to be so."""
    found = [f"{name}: {said}" for name, rule in RULES.items() for said in rule(db)]
    return [one for one in found if not any(re.fullmatch(known, one) for known in ACCEPTED)]


def check(msi: Path) -> None:
    """Check that *msi* keeps the rules.

    Raises:
        CannotBuildError: it breaks one.
    """
    found = findings(read(msi))
    if found:
        raise CannotBuildError(f"{msi.name} breaks rules for installers: {'; '.join(found)}.")
