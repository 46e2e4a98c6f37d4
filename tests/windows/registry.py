"""Windows' registry for tests: Siaran's keys as they are on a PC where nothing is set, raw values.

Needs the rights of an administrator, for HKEY_LOCAL_MACHINE.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

if sys.platform != "win32":
    pytest.skip("the registry is of Windows", allow_module_level=True)

import winreg

from shared.registry import REGISTRY_MACHINE, REGISTRY_POLICIES

ROOTS = (REGISTRY_POLICIES, REGISTRY_MACHINE)
HKLM = winreg.HKEY_LOCAL_MACHINE
WRITE = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY
KINDS = {
    name: getattr(winreg, name)
    for name in (
        *("REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_QWORD"),
        *("REG_DWORD_BIG_ENDIAN", "REG_LINK", "REG_MULTI_SZ"),
    )
}


def utf_16(text: str) -> bytes:
    """*text* without a zero at its end; it may have lone surrogates."""
    return text.encode("utf-16-le", "surrogatepass")


def put(path: str, name: str, kind: int, data: bytes, *, access: int = WRITE) -> None:
    """Store exactly these bytes below HKEY_LOCAL_MACHINE, whatever the type has to hold."""
    with winreg.CreateKeyEx(HKLM, path, 0, access) as key:
        code = ctypes.WinDLL("advapi32").RegSetValueExW(
            ctypes.c_void_p(int(key)), ctypes.c_wchar_p(name), 0, kind, data, len(data)
        )
    assert code == 0, ctypes.WinError(code)


def put_text(path: str, name: str, text: str, *, access: int = WRITE) -> None:
    """Store *text* as everybody does."""
    put(path, name, winreg.REG_SZ, utf_16(f"{text}\0"), access=access)


def remove(path: str, *, access: int = winreg.KEY_WOW64_64KEY, root: int = HKLM) -> None:
    """Remove a key with all that is below it, if it is there."""
    with suppress(FileNotFoundError):
        with winreg.OpenKey(root, path, 0, winreg.KEY_ALL_ACCESS | access) as key:
            below = [winreg.EnumKey(key, index) for index in range(winreg.QueryInfoKey(key)[0])]
        for name in below:
            remove(rf"{path}\{name}", access=access, root=root)
        winreg.DeleteKeyEx(root, path, access, 0)


def exists(path: str) -> bool:
    """Whether there is a key *path* in the 64-bit view."""
    try:
        winreg.OpenKey(HKLM, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY).Close()
    except FileNotFoundError:
        return False
    return True


@contextmanager
def empty_registry() -> Iterator[None]:
    """Nothing of Siaran's in the registry, before and after."""
    if any(map(exists, ROOTS)):
        pytest.skip("this PC has settings of Siaran's, which no test may touch")
    try:
        winreg.CreateKeyEx(HKLM, REGISTRY_MACHINE, 0, WRITE).Close()
    except PermissionError:
        pytest.skip("needs the rights of an administrator: settings for the whole PC")
    remove(REGISTRY_MACHINE)
    try:
        yield
    finally:
        for path in ROOTS:
            remove(path)
