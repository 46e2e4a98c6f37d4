"""The few calls to Windows that single instance needs, by ctypes. Not run on real Windows yet.

Nothing is decided here: ``shared.instance.windows`` does that, and is tested with a stand-in. Each
function has its argument types set, because the default, int, cuts a 64-bit handle in two.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from ctypes import wintypes

from shared.instance.windows import Answer

assert sys.platform == "win32"  # tells the type checker, too

_ALREADY_EXISTS, _FILE_NOT_FOUND = 183, 2
_MODIFY_STATE, _SYNCHRONIZE = 0x0002, 0x00100000
_FAILED, _INFINITE = 0xFFFFFFFF, 0xFFFFFFFF
_ACCESS = "D:P(A;;0x00100002;;;SY)(A;;0x00100002;;;BA)(A;;GA;;;OW)"
"""SYSTEM and Administrators may set the event and wait for it, its owner may do anything."""
_SDDL_REVISION = 1
_LAST_GUESS = 255


class _SecurityAttributes(ctypes.Structure):
    _fields_ = (
        ("nLength", wintypes.DWORD),
        ("lpSecurityDescriptor", wintypes.LPVOID),
        ("bInheritHandle", wintypes.BOOL),
    )


class _SessionInfo(ctypes.Structure):
    _fields_ = (
        ("SessionId", wintypes.DWORD),
        ("pWinStationName", wintypes.LPWSTR),
        ("State", ctypes.c_int),
    )


class WindowsApi:
    """``shared.instance.windows.Api`` by kernel32, advapi32 and wtsapi32."""

    def __init__(self) -> None:
        self._kernel = _kernel32()

    def create_mutex(self, name: str) -> int:
        handle = self._kernel.CreateMutexW(None, False, name) or 0
        if handle and ctypes.get_last_error() == _ALREADY_EXISTS:
            self.close(handle)
            return 0
        return handle

    def mutex_exists(self, name: str) -> bool:
        handle = self._kernel.OpenMutexW(_SYNCHRONIZE, False, name)
        if handle:
            self.close(handle)
        return bool(handle)

    def create_event(self, name: str | None) -> int:
        return self._kernel.CreateEventW(None, False, False, name) or 0

    def create_shared_event(self, name: str) -> int:
        descriptor = _descriptor(_ACCESS)
        if not descriptor:
            return 0
        attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)
        handle = self._kernel.CreateEventW(ctypes.byref(attributes), True, False, name) or 0
        self._kernel.LocalFree(descriptor)
        # One that is there already is asked for with every right, which Wine does not give; to wait
        # for it needs only this one.
        return handle or self._kernel.OpenEventW(_SYNCHRONIZE, False, name) or 0

    def set_event(self, handle: int) -> None:
        self._kernel.SetEvent(handle)

    def signal(self, name: str) -> Answer:
        handle = self._kernel.OpenEventW(_MODIFY_STATE, False, name)
        if not handle:
            missing = ctypes.get_last_error() == _FILE_NOT_FOUND
            return Answer.NOBODY if missing else Answer.REFUSED
        done = self._kernel.SetEvent(handle)
        self.close(handle)
        return Answer.DONE if done else Answer.REFUSED

    def event_exists(self, name: str) -> bool:
        handle = self._kernel.OpenEventW(_SYNCHRONIZE, False, name)
        if handle:
            self.close(handle)
            return True
        return ctypes.get_last_error() != _FILE_NOT_FOUND

    def wait(self, handles: Sequence[int]) -> int:
        array = (wintypes.HANDLE * len(handles))(*handles)
        woken = self._kernel.WaitForMultipleObjects(len(handles), array, False, _INFINITE)
        return woken if woken < len(handles) else -1

    def close(self, handle: int) -> None:
        self._kernel.CloseHandle(handle)

    def session(self) -> int:
        found = wintypes.DWORD(0)
        self._kernel.ProcessIdToSessionId(self._kernel.GetCurrentProcessId(), ctypes.byref(found))
        return found.value

    def sessions(self) -> list[int]:
        try:
            found = _enumerated_sessions()
        except OSError:
            found = []
        return found or list(range(_LAST_GUESS + 1))  # asking for a name that is not there is cheap


def _descriptor(sddl: str) -> int:
    convert = ctypes.WinDLL(
        "advapi32", use_last_error=True
    ).ConvertStringSecurityDescriptorToSecurityDescriptorW
    convert.argtypes = [
        wintypes.LPCWSTR,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.LPVOID),
        ctypes.POINTER(wintypes.ULONG),
    ]
    convert.restype = wintypes.BOOL
    descriptor = wintypes.LPVOID()
    convert(sddl, _SDDL_REVISION, ctypes.byref(descriptor), None)
    return descriptor.value or 0


def _enumerated_sessions() -> list[int]:
    library = ctypes.WinDLL("wtsapi32", use_last_error=True)
    enumerate_sessions = library.WTSEnumerateSessionsW
    enumerate_sessions.argtypes = [
        wintypes.HANDLE,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.POINTER(ctypes.POINTER(_SessionInfo)),
        ctypes.POINTER(wintypes.DWORD),
    ]
    enumerate_sessions.restype = wintypes.BOOL
    library.WTSFreeMemory.argtypes = [wintypes.LPVOID]
    library.WTSFreeMemory.restype = None
    rows, count = ctypes.POINTER(_SessionInfo)(), wintypes.DWORD(0)
    if not enumerate_sessions(None, 0, 1, ctypes.byref(rows), ctypes.byref(count)):
        return []
    found = [rows[index].SessionId for index in range(count.value)]
    library.WTSFreeMemory(rows)
    return found


def _kernel32() -> ctypes.WinDLL:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    types: dict[str, tuple[object, list[object]]] = {
        "CreateMutexW": (wintypes.HANDLE, [wintypes.LPVOID, wintypes.BOOL, wintypes.LPCWSTR]),
        "OpenMutexW": (wintypes.HANDLE, [wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR]),
        "CreateEventW": (
            wintypes.HANDLE,
            [wintypes.LPVOID, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR],
        ),
        "OpenEventW": (wintypes.HANDLE, [wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR]),
        "SetEvent": (wintypes.BOOL, [wintypes.HANDLE]),
        "CloseHandle": (wintypes.BOOL, [wintypes.HANDLE]),
        "LocalFree": (wintypes.HLOCAL, [wintypes.HLOCAL]),
        "WaitForMultipleObjects": (
            wintypes.DWORD,
            [wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE), wintypes.BOOL, wintypes.DWORD],
        ),
        "GetCurrentProcessId": (wintypes.DWORD, []),
        "ProcessIdToSessionId": (
            wintypes.BOOL,
            [wintypes.DWORD, ctypes.POINTER(wintypes.DWORD)],
        ),
    }
    for name, (result, arguments) in types.items():
        function = getattr(kernel, name)
        function.restype, function.argtypes = result, arguments
    return kernel
