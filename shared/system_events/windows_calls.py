"""The calls to Windows that watching the system needs, and no decision.

By ctypes is what pywin32 312 lacks: ``WTSSessionInfoEx`` (it knows the class, not the structure),
suspend and resume, and changes of the network. QNetworkInformation has only "online" or not, and
needs QtNetwork.
"""

from __future__ import annotations

import asyncio
import ctypes
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from ctypes import POINTER, byref, c_void_p, wintypes
from typing import Any

import pywintypes
import win32event
import win32ts

assert sys.platform == "win32"  # tells the type checker, too

_NOTIFY_FOR_THIS_SESSION = 0
_DEVICE_NOTIFY_WINDOW_HANDLE = 0
_AF_UNSPEC = 0
_WTS_CURRENT_SESSION = 0xFFFFFFFF
_WTS_SESSION_INFO_EX = 25
_INFO_SIZE = 64


class WindowsCalls:
    """See ``shared.system_events.windows.Calls``."""

    def session_info(self) -> bytes:
        query = _typed("wtsapi32", "WTSQuerySessionInformationW", wintypes.BOOL)
        free = _typed("wtsapi32", "WTSFreeMemory", None)
        buffer, size = c_void_p(), wintypes.DWORD()
        asked = (wintypes.DWORD(_WTS_CURRENT_SESSION), _WTS_SESSION_INFO_EX)
        if not query(None, *asked, byref(buffer), byref(size)):
            return b""
        try:
            return ctypes.string_at(buffer, min(size.value, _INFO_SIZE)) if buffer.value else b""
        finally:
            free(buffer)

    def register_session(self, window: int, undo: ExitStack) -> bool:
        try:
            win32ts.WTSRegisterSessionNotification(window, _NOTIFY_FOR_THIS_SESSION)
        except pywintypes.error:
            return False
        undo.callback(_unregister_session, window)
        return True

    def register_power(self, window: int, undo: ExitStack) -> None:
        register = _typed("user32", "RegisterSuspendResumeNotification", wintypes.HANDLE)
        power = register(wintypes.HWND(window), _DEVICE_NOTIFY_WINDOW_HANDLE)
        if power:
            unregister = _typed("user32", "UnregisterSuspendResumeNotification", wintypes.BOOL)
            undo.callback(unregister, wintypes.HANDLE(power))

    def watch_network(self, changed: Callable[[], None], undo: ExitStack) -> None:
        loop: Any = asyncio.get_running_loop()  # of shared.qt.windows_loop
        event: Any = win32event.CreateEvent(None, False, False, None)
        undo.callback(event.Close)
        undo.callback(loop.watch_event(int(event), changed))
        for name in ("NotifyIpInterfaceChange", "NotifyUnicastIpAddressChange"):
            registration = wintypes.HANDLE()
            if not _notify(name)(_AF_UNSPEC, _SET_EVENT, int(event), False, byref(registration)):
                # Waits for a callback that is running; so never called from one.
                undo.callback(_typed("iphlpapi", "CancelMibChangeNotify2", None), registration)


def _unregister_session(window: int) -> None:
    with suppress(SystemError):  # pywin32 312 when Windows (or Wine, always) says no
        win32ts.WTSUnRegisterSessionNotification(window)


_SET_EVENT = ctypes.cast(ctypes.WinDLL("kernel32").SetEvent, c_void_p)
"""Windows calls back in threads of its own, in which no Python has to run: ``SetEvent`` itself is
the callback, and its one argument the context, which comes first. On 64-bit Windows the caller
passes the others in registers, and SetEvent leaves them alone."""


def _notify(name: str) -> Any:
    notify = _typed("iphlpapi", name, wintypes.DWORD)
    notify.argtypes = (
        *(wintypes.USHORT, c_void_p, c_void_p),
        *(wintypes.BOOLEAN, POINTER(wintypes.HANDLE)),
    )
    return notify


def _typed(library: str, name: str, result: Any) -> Any:
    """A function with the type of its result: the default, int, cuts a handle in two."""
    function = getattr(ctypes.WinDLL(library), name)
    function.restype = result
    return function
