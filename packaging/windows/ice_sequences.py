"""The rules of ICE about actions and their order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ice_names import (
    EXECUTES,
    ONLY_HERE,
    ORDER,
    PUBLISHING,
    REQUIRED_ACTIONS,
    STANDARD_ACTIONS,
    UNCONDITIONAL,
)
from msi_database import Cells, Database, repeated

SEQUENCES = tuple(REQUIRED_ACTIONS)
IN_SCRIPT, NO_IMPERSONATION = 0x400, 0x800
KIND = 0x3F
"""Of a custom action's type: what it is. The rest is how it runs."""
KINDS = {1, 2, 5, 6, 7, 17, 18, 19, 21, 22, 23, 34, 35, 37, 38, 50, 51, 53, 54}
INSTALLED_FILE = {17, 18, 21, 22}
ERROR, SET_DIRECTORY, SET_PROPERTY = 19, 35, 51


def ice12(db: Database) -> Iterator[str]:
    """Actions that set a folder are on the right side of CostFinalize."""
    for table, action, at in _custom_actions(db):
        kind = int(action["Type"]) & KIND
        costed = db.places(table).get("CostFinalize")
        of_folder = action["Source"] in db.by_key("Directory")
        if kind in {SET_DIRECTORY, SET_PROPERTY} and costed is None:
            yield f"{table} has no CostFinalize"
        elif kind == SET_DIRECTORY and at < (costed or 0):
            yield f"{action['Action']} comes too early"
        elif kind == SET_PROPERTY and of_folder and at > (costed or 0):
            yield f"{action['Action']} comes too late"


def ice26(db: Database) -> Iterator[str]:
    """Each sequence has the actions that it needs, and none that belong elsewhere."""
    for table, required in REQUIRED_ACTIONS.items():
        there = set(db.places(table))
        yield from (f"{table} needs {one}" for one in sorted(required - there))
        for action, tables in ONLY_HERE.items():
            if action in there and table not in tables:
                yield f"{action} has no place in {table}"


def ice27(db: Database) -> Iterator[str]:
    """Actions are known and in the order of Microsoft's suggested sequences."""
    ours = set(db.column("CustomAction", "Action"))
    for table in SEQUENCES:
        at = db.places(table)
        yield from (f"{one} is no action" for one in sorted({*at} - STANDARD_ACTIONS - ours))
        order = [one for one in sorted(at, key=at.__getitem__) if one in ORDER]
        for before, after in pairwise(order):
            if ORDER.index(before) > ORDER.index(after):
                yield f"{table}: {after} has to come before {before}"
        for search in ("AppSearch", "FindRelatedProducts"):
            if at.get(search, -1) > at.get("CostInitialize", 0):
                yield f"{table}: {search} comes after CostInitialize"
        if "InstallFinalize" in at and not EXECUTES & {*at}:
            yield f"{table} finishes nothing"
        if EXECUTES & {*at} and "InstallFinalize" not in at:
            yield f"{table} never finishes"


def ice28(db: Database) -> Iterator[str]:
    """Nothing restarts the PC in the middle."""
    for table in SEQUENCES:
        if {"ForceReboot", "ScheduleReboot"} & {*db.places(table)}:
            yield f"{table} restarts the PC"


def ice63(db: Database) -> Iterator[str]:
    """Older versions are removed where that is possible."""
    at = db.places("InstallExecuteSequence")
    removes = at.get("RemoveExistingProducts")
    if removes is None:
        return
    between = [one for one in at if at["InstallInitialize"] < at[one] < removes]
    if removes < at["InstallValidate"]:
        yield "RemoveExistingProducts comes before InstallValidate"
    elif removes < at["InstallFinalize"] and between:
        yield f"{', '.join(between)} before RemoveExistingProducts"


def ice68(db: Database) -> Iterator[str]:
    """Custom actions are of a kind that is there; only what is deferred runs as SYSTEM."""
    for row in db.rows("CustomAction"):
        kind = int(row["Type"])
        if kind & KIND not in KINDS:
            yield f"{row['Action']} is of no kind"
        if kind & NO_IMPERSONATION and not kind & IN_SCRIPT:
            yield f"{row['Action']} does not run as SYSTEM"


def ice72(db: Database) -> Iterator[str]:
    """Advertising runs no custom action but what sets properties, or refuses."""
    for table, action, _ in _custom_actions(db):
        of_few = int(action["Type"]) & KIND in {ERROR, SET_DIRECTORY, SET_PROPERTY}
        if table == "AdvtExecuteSequence" and not of_few:
            yield f"{action['Action']} is advertised"


def ice75(db: Database) -> Iterator[str]:
    """A custom action that runs an installed file comes after CostFinalize."""
    for table, action, at in _custom_actions(db):
        costed = db.places(table).get("CostFinalize", 0)
        if int(action["Type"]) & KIND in INSTALLED_FILE and at <= costed:
            yield f"{action['Action']} comes too early"


def ice77(db: Database) -> Iterator[str]:
    """Deferred actions are between InstallInitialize and InstallFinalize."""
    for table, action, at in _custom_actions(db):
        times = db.places(table)
        begin, end = times.get("InstallInitialize", 0), times.get("InstallFinalize", 0)
        if int(action["Type"]) & IN_SCRIPT and not begin < at < end:
            yield f"{action['Action']} cannot be deferred there"


def ice82(db: Database) -> Iterator[str]:
    """What registers the product is complete, and no two actions have one place."""
    missing = {*PUBLISHING} - {*db.places("InstallExecuteSequence")}
    if missing:
        yield f"{', '.join(sorted(missing))} are missing"
    for table in SEQUENCES:
        for at in repeated(db.places(table).values()):
            yield f"{table} has two actions at {at}"


def ice84(db: Database) -> Iterator[str]:
    """What has to run has no condition."""
    for table in SEQUENCES:
        for row in db.rows(table):
            if row["Action"] in UNCONDITIONAL and row["Condition"]:
                yield f"{row['Action']} in {table} has a condition"


def ice93(db: Database) -> Iterator[str]:
    """No custom action has the name of a standard one."""
    ours = STANDARD_ACTIONS & {*db.by_key("CustomAction")}
    yield from (f"{one} is a standard action" for one in sorted(ours))


def ice96(db: Database) -> Iterator[str]:
    """The product can be advertised."""
    for action in ("PublishFeatures", "PublishProduct"):
        if action not in db.places("AdvtExecuteSequence"):
            yield f"{action} is missing"


def _custom_actions(db: Database) -> Iterator[tuple[str, Cells, int]]:
    """Each custom action in each sequence: the sequence, its row, its place."""
    ours = db.by_key("CustomAction")
    for table in SEQUENCES:
        for name, at in db.places(table).items():
            if name in ours:
                yield table, ours[name], at
