"""The few calls to Windows that single instance needs, by pywin32.

Nothing is decided here: ``shared.instance.windows`` does that, and is tested with a stand-in, too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pywintypes
import win32api
import win32event
import win32ts

from shared.instance.windows import Answer

assert sys.platform == "win32"  # tells the type checker, too

_FILE_NOT_FOUND, _ALREADY_EXISTS = 2, 183
_MODIFY_STATE, _SYNCHRONIZE = 0x0002, 0x00100000
_ACCESS = "D:P(A;;0x00100002;;;SY)(A;;0x00100002;;;BA)(A;;GA;;;OW)"
"""SYSTEM and Administrators may set the event and wait for it, its owner may do anything."""
_SDDL_REVISION = 1
_LAST_GUESS = 255


class WindowsApi:
    """``shared.instance.windows.Api``."""

    def create_mutex(self, name: str) -> int:
        mutex, _ = _attempt(win32event.CreateMutex, None, False, name)
        is_new = win32api.GetLastError() != _ALREADY_EXISTS
        return _kept(mutex) if is_new else 0  # the handle of another one's closes itself

    def mutex_exists(self, name: str) -> bool:
        return _attempt(win32event.OpenMutex, _SYNCHRONIZE, False, name)[0] is not None

    def create_event(self, name: str) -> int:
        return _kept(_attempt(win32event.CreateEvent, None, False, False, name)[0])

    def create_shared_event(self, name: str) -> int:
        import win32security

        attributes = win32security.SECURITY_ATTRIBUTES()
        attributes.SECURITY_DESCRIPTOR = (
            win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
                _ACCESS, _SDDL_REVISION
            )
        )
        event, _ = _attempt(win32event.CreateEvent, attributes, True, False, name)
        # One that is there already is asked for with every right, which Wine does not give; to wait
        # for it needs only this one.
        return _kept(event or _attempt(win32event.OpenEvent, _SYNCHRONIZE, False, name)[0])

    def signal(self, name: str) -> Answer:
        event, error = _attempt(win32event.OpenEvent, _MODIFY_STATE, False, name)
        if event is not None:
            _, error = _attempt(win32event.SetEvent, event)
        if not error:
            return Answer.DONE
        return Answer.NOBODY if error == _FILE_NOT_FOUND else Answer.REFUSED

    def event_exists(self, name: str) -> bool:
        return _attempt(win32event.OpenEvent, _SYNCHRONIZE, False, name)[1] != _FILE_NOT_FOUND

    def watch(self, handle: int, act: Callable[[], None]) -> Callable[[], None]:
        import asyncio

        loop: Any = asyncio.get_running_loop()  # of shared.qt.windows_loop
        end: Callable[[], None] = loop.watch_event(handle, act)
        return end

    def close(self, handle: int) -> None:
        win32api.CloseHandle(handle)

    def session(self) -> int:
        return int(win32ts.ProcessIdToSessionId(os.getpid()))  # type: ignore[no-untyped-call]

    def sessions(self) -> list[int]:
        found, _ = _attempt(win32ts.WTSEnumerateSessions)
        sessions = [int(one["SessionId"]) for one in found or ()]
        return sessions or list(range(_LAST_GUESS + 1))  # asking for a name of none is cheap


def _attempt(call: Callable[..., Any], *arguments: object) -> tuple[Any, int]:
    """What Windows returned, and 0; or None, and the number of its error."""
    try:
        return call(*arguments), 0
    except pywintypes.error as error:
        return None, error.winerror


def _kept(handle: Any) -> int:
    """Take a handle from pywin32, which would close it; 0 for none."""
    return 0 if handle is None else int(handle.Detach())
