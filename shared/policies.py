"""What IT has decided for this PC: policies, and the machine's own settings.

Windows: ``HKLM\\Software\\Policies\\Siaran`` (locked) and ``HKLM\\Software\\Siaran``, each with
``Console`` and ``Tray`` below it for PCs that have both. Read with ``winreg`` in the 64-bit view:
QSettings would let a user's value override the machine's, and does not expand REG_EXPAND_SZ.
A list is a subkey whose values are numbered 1, 2, 3, as the policy editor writes it.

Linux: JSON files in ``/etc/siaran/policies/managed`` and ``/etc/siaran/siaran.toml``, with objects
or tables ``console`` and ``tray``. They count only if nobody but root could have written them.
"""

from __future__ import annotations

import contextlib
import json
import stat
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.errors import Problem
from shared.phrases import phrase
from shared.settings import TABLE, Layer, Program, Source

REGISTRY_POLICIES = r"Software\Policies\Siaran"
REGISTRY_MACHINE = r"Software\Siaran"
TRUSTED_UIDS = frozenset({0})
"""Who may own a file that decides for everybody on this PC: root."""


def for_program(values: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """Merge the part ``console`` or ``tray`` of *values* over the rest of them."""
    general = {name: value for name, value in values.items() if name not in list(Program)}
    own = values.get(program, {})
    return general | (dict(own) if isinstance(own, Mapping) else {})


# --- files ---------------------------------------------------------------------------------------


def json_policy_layer(
    folder: Path,
    program: Program,
    problems: list[Problem],
    *,
    uids: frozenset[int] = TRUSTED_UIDS,
) -> Layer:
    """Policies of all ``*.json`` in *folder*; of two files the later name wins."""
    values: dict[str, Any] = {}
    with contextlib.suppress(OSError):  # no folder, no policies
        for path in sorted(folder.glob("*.json")):
            if is_trustworthy(path, problems, uids=uids):
                values |= for_program(_read_json(path, problems), program)
    return Layer(Source.POLICY, str(folder), values)


def is_trustworthy(
    path: Path, problems: list[Problem], *, uids: frozenset[int] = TRUSTED_UIDS
) -> bool:
    """Whether only *uids*, normally root, could have written *path* and its folder."""
    if sys.platform == "win32":
        return True
    for place in (path, path.parent):
        try:
            facts = place.stat()
        except FileNotFoundError:
            return True  # there is nothing to mistrust
        except OSError as error:
            problems.append(
                Problem(
                    "",
                    phrase(
                        "{place} cannot be read ({reason}).", place=place, reason=error.strerror
                    ),
                )
            )
            return False
        if facts.st_uid not in uids or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            sentence = phrase(
                "{place} is ignored: others than its owner could have written it. "
                "Let it belong to root, with mode 644 or 755.",
                place=place,
            )
            problems.append(Problem("", sentence))
            return False
    return True


def _read_json(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problems.append(
            Problem(
                "", phrase("{path} cannot be read ({reason}).", path=path, reason=error.strerror)
            )
        )
        return {}
    except (ValueError, RecursionError) as error:
        problems.append(
            Problem(
                "",
                phrase("{path} is not valid JSON: {reason}.", path=path, reason=str(error)[:120]),
            )
        )
        return {}
    if not isinstance(values, dict):
        problems.append(Problem("", phrase("{path} has to hold a JSON object.", path=path)))
        return {}
    values.pop("$schema", None)  # for editors
    return values


# --- Windows registry ----------------------------------------------------------------------------


def registry_layers(program: Program, winreg: Any) -> tuple[Layer, Layer]:
    """The policies and the machine's settings; *winreg* is the module, or a stand-in for it."""
    found = []
    for source, root in ((Source.POLICY, REGISTRY_POLICIES), (Source.MACHINE, REGISTRY_MACHINE)):
        values: dict[str, Any] = {}
        for path in (root, rf"{root}\{program.capitalize()}"):
            values |= _read_key(winreg, path)
        found.append(Layer(source, rf"HKLM\{root}", values, text=True))
    return found[0], found[1]


def _read_key(winreg: Any, path: str) -> dict[str, Any]:
    """Settings of one key; what Siaran does not know is left to others."""
    values: dict[str, Any] = {}
    for name, value in _values(winreg, path):
        if name.lower() in TABLE:
            values[name.lower()] = value
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
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access) as key:
            for index in range(winreg.QueryInfoKey(key)[1]):
                name, value, kind = winreg.EnumValue(key, index)
                if kind == winreg.REG_EXPAND_SZ:
                    value = winreg.ExpandEnvironmentStrings(value)
                yield name, value
    except FileNotFoundError:
        return


def _as_number(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (sys.maxsize, name)


def _entry(text: Any) -> Any:
    """One value of a table setting: JSON, or just the public key."""
    if isinstance(text, str) and text.lstrip().startswith("{"):
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return {"public": text}
