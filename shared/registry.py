"""What IT has decided for this PC on Windows: policies, and the machine's own settings.

``HKLM\\Software\\Policies\\Siaran`` (locked) and ``HKLM\\Software\\Siaran``, each with ``Console``
and ``Tray`` below it for PCs that have both. Read with ``winreg`` in the 64-bit view: QSettings
would let a user's value override the machine's. A list is a subkey whose values are numbered 1, 2,
3, as the policy editor writes it.

A key that cannot be read makes its layer ``broken``: its demands are unknown. A value of a
type that its setting has no use for is a ``Misfit``. ``%NAME%`` means a variable of the system,
never one of the user's environment, in REG_SZ as in REG_EXPAND_SZ: the policy editor writes both
for the same text box.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shared.errors import Problem
from shared.phrases import phrase
from shared.settings import TABLE, Layer, Misfit, Program, SettingInfo, Source, meant_by
from shared.text import safe_line

REGISTRY_POLICIES = r"Software\Policies\Siaran"
REGISTRY_MACHINE = r"Software\Siaran"
Values = dict[str, Any]

_KINDS = (
    *("REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN"),
    *("REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR"),
    *("REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD"),
)
"""Types of values, each at its number."""
_TEXT = ("REG_SZ", "REG_EXPAND_SZ")
_NUMBER = ("REG_DWORD", "REG_QWORD")
_BYTES = {"REG_DWORD": 4, "REG_QWORD": 8}
_LONGEST_NUMBER = 9
"""Digits of the name of a value in a list that are taken for its number."""


class _Value(NamedTuple):
    """One value of a key; ``size`` in bytes, None where only Windows could tell."""

    name: str
    data: Any
    kind: str
    size: int | None


def registry_layers(program: Program, winreg: Any, problems: list[Problem]) -> tuple[Layer, Layer]:
    """The policies and the machine's settings; *winreg* is the module, or a stand-in for it."""
    found = []
    for source, root in ((Source.POLICY, REGISTRY_POLICIES), (Source.MACHINE, REGISTRY_MACHINE)):
        reader = _Reader(winreg, problems)
        values: Values = {}
        for path in (root, rf"{root}\{program.capitalize()}"):
            values |= reader.settings(path)
        place = rf"HKLM\{root}"
        found.append(Layer(source, place, values, text=True, broken=reader.broken))
    return found[0], found[1]


class _Reader:
    """Reads keys; notes those that cannot be read."""

    def __init__(self, winreg: Any, problems: list[Problem]) -> None:
        self._winreg = winreg
        self._problems = problems
        self.broken = False

    def settings(self, path: str) -> Values:
        """Settings of one key, and slips that mean one; what Siaran does not know is not ours."""
        found: Values = {}
        rows, keys = self._content(path)
        for row in rows:
            name = row.name.lower()
            if name in TABLE:
                found[name] = _value(TABLE[name], row)
            elif meant_by(row.name) is not None:
                found[row.name] = row.data
        for key in keys:
            name = key.lower()
            if name in TABLE:
                self._add_key(found, TABLE[name], rf"{path}\{key}")
            elif meant_by(key) is not None:
                found[key] = Misfit(phrase("a key instead of a value"))
        return found

    def _add_key(self, found: Values, info: SettingInfo, path: str) -> None:
        container = typing.get_origin(info.type)
        if container not in (list, dict):
            found.setdefault(info.name, Misfit(phrase("a key instead of a value")))
            return
        rows, _keys = self._content(path)
        if rows:
            found[info.name] = _listed(rows) if container is list else _table(rows)

    def _content(self, path: str) -> tuple[list[_Value], list[str]]:
        """Values and the names of the keys of the key *path*; nothing if there is none."""
        try:
            return list(_values(self._winreg, path)), list(_keys(self._winreg, path))
        except OSError as error:
            sentence = phrase(
                "{path} cannot be read ({reason}).", path=rf"HKLM\{path}", reason=error.strerror
            )
            self._problems.append(Problem("", sentence))
            self.broken = True
            return [], []


def _value(info: SettingInfo, row: _Value) -> Any:
    """What *row* says of a setting, or why it says nothing."""
    container = typing.get_origin(info.type)
    if container is list:
        if row.kind == "REG_MULTI_SZ":
            return row.data or []
        return _of_kind(row, _TEXT)
    if container is dict or (isinstance(info.type, type) and issubclass(info.type, str)):
        return _of_kind(row, _TEXT)
    return _of_kind(row, (*_NUMBER, *_TEXT))


def _of_kind(row: _Value, wanted: tuple[str, ...]) -> Any:
    if row.kind not in wanted:
        return Misfit(phrase("{kind} instead of {wanted}", kind=row.kind, wanted=wanted[0]))
    due = _BYTES.get(row.kind)
    if None not in (due, row.size) and row.size != due:
        return Misfit(phrase("a number of {n} bytes instead of {due}", n=row.size, due=due))
    return row.data


def _listed(rows: list[_Value]) -> Any:
    """The texts of a list in the order of their numbers."""
    texts = [_of_kind(row, _TEXT) for row in sorted(rows, key=lambda row: _as_number(row.name))]
    return next((text for text in texts if isinstance(text, Misfit)), texts)


def _table(rows: list[_Value]) -> Values:
    return {row.name: _entry(_of_kind(row, _TEXT)) for row in rows}


def _as_number(name: str) -> tuple[int, str]:
    """Numbers before other names; ``²`` is a digit, but no number."""
    is_number = name.isascii() and name.isdigit() and len(name) <= _LONGEST_NUMBER
    return (int(name), "") if is_number else (sys.maxsize, name)


def _entry(text: Any) -> Any:
    """One value of a table setting: JSON, or just the public key."""
    if isinstance(text, Misfit):
        return text
    if text.lstrip().startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text)
    return {"public": text}


# --- keys ----------------------------------------------------------------------------------------


def _values(winreg: Any, path: str) -> Iterator[_Value]:
    """Values of a key as they are stored: REG_EXPAND_SZ would expand by the user's environment."""
    with contextlib.suppress(FileNotFoundError), _opened(winreg, path) as key:
        for index in range(winreg.QueryInfoKey(key)[1]):
            name, data, number = winreg.EnumValue(key, index)
            kind = _KINDS[number] if number < len(_KINDS) else f"REG_{number}"
            yield _Value(name, data, kind, _size(key, name) if kind in _BYTES else None)


def _keys(winreg: Any, path: str) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError), _opened(winreg, path) as key:
        for index in range(winreg.QueryInfoKey(key)[0]):
            yield winreg.EnumKey(key, index)


def _opened(winreg: Any, path: str) -> Any:
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    return winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access)


def _size(key: Any, name: str) -> int | None:
    """The bytes of a value: of a number that is too short, winreg reads what comes after it."""
    if sys.platform != "win32" or not hasattr(key, "handle"):
        return None
    import ctypes  # winreg and pywin32 tell no sizes

    size = ctypes.c_ulong()
    query = ctypes.WinDLL("advapi32").RegQueryValueExW
    query(ctypes.c_void_p(int(key)), ctypes.c_wchar_p(name), None, None, None, ctypes.byref(size))
    return int(size.value)


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
            name = safe_line(match[0], 40)
            raise ValueError(phrase("there is no variable {name} here", name=name))
        return variables[match[1].upper()]

    return _VARIABLE.sub(value_of, text)


def _with(variables: Mapping[str, str], text: str) -> str:
    """Like ``expanded``, as Windows does it: a variable that is not there stays as it is."""
    return _VARIABLE.sub(lambda match: variables.get(match[1].upper(), match[0]), text)


def _quiet_values(winreg: Any, path: str) -> dict[str, Any]:
    try:
        return {row.name: row.data for row in _values(winreg, path)}
    except OSError:
        return {}
