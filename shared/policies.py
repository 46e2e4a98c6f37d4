"""What IT has decided for this PC: policies, and the machine's own settings.

Windows: ``HKLM\\Software\\Policies\\Siaran`` (locked) and ``HKLM\\Software\\Siaran``, each with
``Console`` and ``Tray`` below it for PCs that have both. Read with ``winreg`` in the 64-bit view:
QSettings would let a user's value override the machine's. A list is a subkey whose values are
numbered 1, 2, 3, as the policy editor writes it.

Linux: JSON files in ``/etc/siaran/policies/managed`` and ``/etc/siaran/siaran.toml``, with objects
or tables ``console`` and ``tray``. They count only if nobody but root could have written them.

What is there but cannot be used makes its layer ``broken``: nobody knows what it demands.
``%NAME%`` in such a value means a variable of the system, never one of the user's environment.
"""

from __future__ import annotations

import contextlib
import json
import re
import stat
import sys
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared import held_files
from shared.errors import Problem
from shared.phrases import Phrase, phrase, reason_of
from shared.settings import TABLE, Layer, Program, Source, meant_by

REGISTRY_POLICIES = r"Software\Policies\Siaran"
REGISTRY_MACHINE = r"Software\Siaran"
TRUSTED_UIDS = frozenset({0})
"""Who may own a file that decides for everybody on this PC: root."""
Values = dict[str, Any]


def for_program(path: Path, values: Values, program: Program, problems: list[Problem]) -> Values:
    """Merge the part ``console`` or ``tray`` of *values* over the rest of them.

    Raises:
        UnusableFile: that part is no table; the problem has been noted.
    """
    general = {name: value for name, value in values.items() if name not in list(Program)}
    own = values.get(program, {})
    if not isinstance(own, Mapping):
        sentence = phrase("In {path}, {name!r} is no table.", path=path, name=program.value)
        problems.append(Problem("", sentence))
        raise UnusableFile
    return general | dict(own)


class UnusableFile(Exception):
    """A file is there but cannot be used; the problem has been noted."""


# --- files ---------------------------------------------------------------------------------------


def json_policy_layer(
    folder: Path,
    program: Program,
    problems: list[Problem],
    *,
    uids: frozenset[int] = TRUSTED_UIDS,
) -> Layer:
    """Policies of all ``*.json`` in *folder*; of two files the later name wins."""
    values: Values = {}
    broken = False
    try:
        files = sorted(path for path in folder.iterdir() if path.name.endswith(".json"))
    except FileNotFoundError:  # no folder, no policies
        files = []
    except OSError as error:
        problems.append(_unreadable(folder, error))
        files, broken = [], True
    for path in files:
        try:
            values |= for_program(path, read_json(path, problems, uids=uids), program, problems)
        except UnusableFile:
            broken = True
    return Layer(Source.POLICY, str(folder), values, broken=broken)


def toml_layer(
    source: Source,
    path: Path,
    program: Program,
    problems: list[Problem],
    *,
    uids: frozenset[int] = TRUSTED_UIDS,
) -> Layer:
    """Settings of the TOML file *path*; none if there is no such file."""
    try:
        values = for_program(path, read_toml(path, problems, uids=uids), program, problems)
    except UnusableFile:
        return Layer(source, str(path), {}, broken=source is not Source.USER)
    return Layer(source, str(path), values)


def read_json(path: Path, problems: list[Problem], *, uids: frozenset[int]) -> Values:
    """Return what a policy file holds; nothing if it is gone.

    Raises:
        UnusableFile: it is there but cannot be used.
    """
    raw = _read(path, problems, uids)
    if raw is None:
        return {}
    try:
        values = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = reason_of(error)
        sentence = phrase(
            "{path} is not valid JSON: {reason}.",
            path=path,
            reason=reason if isinstance(reason, Phrase) else reason[:120],
        )
        problems.append(Problem("", sentence))
        raise UnusableFile from None
    if not isinstance(values, dict):
        problems.append(Problem("", phrase("{path} has to hold a JSON object.", path=path)))
        raise UnusableFile
    values.pop("$schema", None)  # for editors
    return values


def read_toml(path: Path, problems: list[Problem], *, uids: frozenset[int]) -> Values:
    """Return what a TOML file holds; nothing if there is none.

    Raises:
        UnusableFile: it is there but cannot be used.
    """
    raw = _read(path, problems, uids)
    if raw is None:
        return {}
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        sentence = phrase("{path} is not valid TOML: {reason}.", path=path, reason=str(error)[:120])
        problems.append(Problem("", sentence))
        raise UnusableFile from None


def _read(path: Path, problems: list[Problem], uids: frozenset[int]) -> bytes | None:
    """Read a file that nobody but *uids* could have written; None if there is none."""
    if _is_missing(path):
        return None
    if not is_trustworthy(path, problems, uids=uids):
        raise UnusableFile
    try:
        return held_files.read_bytes(path)
    except OSError as error:
        problems.append(_unreadable(path, error))
        raise UnusableFile from None


def _is_missing(path: Path) -> bool:
    """Whether the system says that there is no *path*, and not that nobody may look."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def is_trustworthy(
    path: Path, problems: list[Problem], *, uids: frozenset[int] = TRUSTED_UIDS
) -> bool:
    """Whether *path* is a file that only *uids*, normally root, could have written."""
    if sys.platform == "win32":
        return True
    for place in (path, path.parent):
        try:
            facts = place.stat()
        except OSError as error:
            problems.append(_unreadable(place, error))
            return False
        if facts.st_uid not in uids or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            sentence = phrase(
                "{place} is ignored: others than its owner could have written it. "
                "Let it belong to root, with mode 644 or 755.",
                place=place,
            )
            problems.append(Problem("", sentence))
            return False
        if place is path and stat.S_ISFIFO(facts.st_mode):  # reading it would wait for ever
            problems.append(Problem("", phrase("{path} is no file.", path=path)))
            return False
    return True


def _unreadable(path: Path, error: OSError) -> Problem:
    sentence = phrase("{path} cannot be read ({reason}).", path=path, reason=error.strerror)
    return Problem("", sentence)


def _once(pairs: list[tuple[str, Any]]) -> Values:
    """Refuse an object in which a name stands twice: which one counts is anybody's guess."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(phrase("{name!r} stands in it twice", name=twice))
    return values


# --- Windows registry ----------------------------------------------------------------------------


def registry_layers(program: Program, winreg: Any, problems: list[Problem]) -> tuple[Layer, Layer]:
    """The policies and the machine's settings; *winreg* is the module, or a stand-in for it."""
    found = []
    for source, root in ((Source.POLICY, REGISTRY_POLICIES), (Source.MACHINE, REGISTRY_MACHINE)):
        values: Values = {}
        broken = False
        for path in (root, rf"{root}\{program.capitalize()}"):
            try:
                values |= _read_key(winreg, path)
            except OSError as error:
                problems.append(_unreadable(Path(rf"HKLM\{path}"), error))
                broken = True
        found.append(Layer(source, rf"HKLM\{root}", values, text=True, broken=broken))
    return found[0], found[1]


def _read_key(winreg: Any, path: str) -> Values:
    """Settings of one key, and slips that mean one; what Siaran does not know is left to others.

    Raises:
        OSError: it is there but cannot be read.
    """
    values: Values = {}
    for name, value in _values(winreg, path):
        if name.lower() in TABLE:
            values[name.lower()] = value
        elif meant_by(name) is not None:
            values[name] = value
    for name, info in TABLE.items():
        container = typing.get_origin(info.type)
        if container is list:
            listed = dict(_values(winreg, rf"{path}\{name}"))
            if listed:
                values[name] = [listed[number] for number in sorted(listed, key=_as_number)]
        elif container is dict:
            entries = dict(_values(winreg, rf"{path}\{name}"))
            if entries:
                values[name] = {key: _entry(text) for key, text in entries.items()}
    return values


def _values(winreg: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Values of a key as they are stored: REG_EXPAND_SZ would expand by the user's environment."""
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access) as key:
            for index in range(winreg.QueryInfoKey(key)[1]):
                name, value, _kind = winreg.EnumValue(key, index)
                yield name, value
    except FileNotFoundError:
        return


def _as_number(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (sys.maxsize, name)


def _entry(text: Any) -> Any:
    """One value of a table setting: JSON, or just the public key."""
    if isinstance(text, str) and text.lstrip().startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text)
    return {"public": text}


# --- variables of the system ---------------------------------------------------------------------

_CONTROL = r"SYSTEM\CurrentControlSet\Control"
_NT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_PLACES = {
    "SYSTEMROOT": (_NT, "SystemRoot"),
    "PROGRAMDATA": (rf"{_NT}\ProfileList", "ProgramData"),
    "PUBLIC": (rf"{_NT}\ProfileList", "Public"),
    "PROGRAMFILES": (r"SOFTWARE\Microsoft\Windows\CurrentVersion", "ProgramFilesDir"),
    "COMPUTERNAME": (rf"{_CONTROL}\ComputerName\ActiveComputerName", "ComputerName"),
}
"""Variables that Windows makes itself for every process, and where it takes them from."""
_VARIABLE = re.compile(r"%(?![0-9A-Fa-f]{2}%)([A-Za-z_][A-Za-z0-9_()]*)%")
"""``%NAME%``, but not two characters of a percent-encoded address like ``%C3%A9``."""
_DEEPEST = 4
"""How many variables may name one another: %PROGRAMDATA% names %SYSTEMDRIVE%."""


def system_variables(winreg: Any, host: str) -> dict[str, str]:
    """Variables that no user can change, by their names in capitals.

    On Windows those of *System variables* in its control panel and the places above; elsewhere
    ``COMPUTERNAME`` alone, which is *host*.
    """
    found = {"COMPUTERNAME": host}
    if winreg is None:
        return found
    own = _quiet_values(winreg, rf"{_CONTROL}\Session Manager\Environment")
    found |= {name.upper(): value for name, value in own.items() if isinstance(value, str)}
    for name, (path, value_name) in _PLACES.items():
        value = _quiet_values(winreg, path).get(value_name)
        if isinstance(value, str):
            found[name] = value
    found["SYSTEMDRIVE"] = found.get("SYSTEMROOT", "")[:2]
    found["ALLUSERSPROFILE"] = found.get("PROGRAMDATA", "")
    found["WINDIR"] = found.get("SYSTEMROOT", "")
    for _ in range(_DEEPEST):
        found = {name: _with(found, value) for name, value in found.items()}
    return {name: value for name, value in found.items() if value}


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``%NAME%`` in *text* by *variables*, whose names are in capitals.

    Raises:
        ValueError: there is no such variable.
    """

    def value_of(match: re.Match[str]) -> str:
        if match[1].upper() not in variables:
            raise ValueError(phrase("there is no variable {name} here", name=match[0]))
        return variables[match[1].upper()]

    return _VARIABLE.sub(value_of, text)


def _with(variables: Mapping[str, str], text: str) -> str:
    """Like ``expanded``, as Windows does it: a variable that is not there stays as it is."""
    return _VARIABLE.sub(lambda match: variables.get(match[1].upper(), match[0]), text)


def _quiet_values(winreg: Any, path: str) -> dict[str, Any]:
    try:
        return dict(_values(winreg, path))
    except OSError:
        return {}
