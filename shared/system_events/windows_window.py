"""The hidden window itself: every call to Windows that watching needs, and no decision.

It is a top-level window that is never shown: message-only windows get no broadcasts, so no
``WM_POWERBROADCAST``. PCs with Modern Standby tell resumes only those who registered, so it does
that too. Not yet tried on real Windows; types are checked with ``mypy --platform win32``.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from ctypes import wintypes

from shared.system_events import windows_calls as win
from shared.system_events.windows import WM_LOOK, WM_NETWORK

assert sys.platform == "win32"  # tells the type checker, too

_WM_CLOSE = 0x0010
_WM_TIMER = 0x0113
_WM_STOP = 0x8003
_NOTIFY_FOR_THIS_SESSION = 0
_DEVICE_NOTIFY_WINDOW_HANDLE = 0
_AF_UNSPEC = 0
_WTS_CURRENT_SESSION = 0xFFFFFFFF
_WTS_SESSION_INFO_EX = 25
_INFO_SIZE = 64
_REGISTER_AGAIN_MS = 60_000


class HiddenWindow:
    """See ``shared.system_events.windows.Window``."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self._closing = False
        self._lock = threading.Lock()

    def run(self, heard: Callable[[int, int], None]) -> None:
        """See ``Window``."""
        with ExitStack() as undo:
            handle = self._open(heard, undo)
            with self._lock:
                self._handle = handle
                if self._closing:
                    return
            undo.callback(self._forget)
            self._register(handle, undo)
            heard(WM_LOOK, 0)
            _pump()

    def close(self) -> None:
        """See ``Window``."""
        with self._lock:
            self._closing = True
            if self._handle is not None:
                win.user32.PostMessageW(self._handle, _WM_STOP, 0, 0)

    def session_info(self) -> bytes:
        """See ``Window``."""
        buffer, size = ctypes.c_void_p(), wintypes.DWORD()
        if not win.wtsapi32.WTSQuerySessionInformationW(
            *(None, _WTS_CURRENT_SESSION, _WTS_SESSION_INFO_EX),
            *(ctypes.byref(buffer), ctypes.byref(size)),
        ):
            return b""
        try:
            return ctypes.string_at(buffer, min(size.value, _INFO_SIZE)) if buffer.value else b""
        finally:
            win.wtsapi32.WTSFreeMemory(buffer)

    def _forget(self) -> None:
        with self._lock:
            self._handle = None

    def _open(self, heard: Callable[[int, int], None], undo: ExitStack) -> int:
        """Make the window; *undo* destroys it, and keeps its procedure alive until then."""

        def procedure(handle: int, message: int, wparam: int, lparam: int) -> int:
            if message == _WM_STOP:
                win.user32.PostQuitMessage(0)
            elif message == _WM_TIMER:
                _register_session(handle, heard)
            elif message != _WM_CLOSE:  # taskkill sends it to every window: it means the others
                heard(message, wparam)
                return int(win.user32.DefWindowProcW(handle, message, wparam, lparam))
            return 0

        name = f"SiaranSystemEvents-{id(self):x}"
        module = win.kernel32.GetModuleHandleW(None)
        window_class = win.WNDCLASSW(
            lpfnWndProc=win.WNDPROC(procedure), hInstance=module, lpszClassName=name
        )
        _check(win.user32.RegisterClassW(ctypes.byref(window_class)))
        undo.callback(lambda: win.user32.UnregisterClassW(window_class.lpszClassName, module))
        place = (0, 0, 0, 0)
        handle = win.user32.CreateWindowExW(
            *(0, name, "Siaran", 0), *place, *(None, None, module, None)
        )
        _check(handle)
        undo.callback(win.user32.DestroyWindow, handle)
        return int(handle)

    def _register(self, handle: int, undo: ExitStack) -> None:
        """Ask for every kind of message; what Windows refuses is only not heard."""
        _register_session(handle, lambda _message, _wparam: None)
        undo.callback(win.wtsapi32.WTSUnRegisterSessionNotification, handle)
        power = win.user32.RegisterSuspendResumeNotification(handle, _DEVICE_NOTIFY_WINDOW_HANDLE)
        if power:
            undo.callback(win.user32.UnregisterSuspendResumeNotification, power)
        self._register_network(handle, undo)

    def _register_network(self, handle: int, undo: ExitStack) -> None:
        def changed(_context: int | None, _row: int | None, _kind: int) -> None:
            # In a thread of Windows' pool: whatever it means, the window's own thread tells.
            win.user32.PostMessageW(handle, WM_NETWORK, 0, 0)

        self._changed = win.CHANGE_CALLBACK(changed)  # ctypes would let it go while it is in use
        for notify in (
            win.iphlpapi.NotifyIpInterfaceChange,
            win.iphlpapi.NotifyUnicastIpAddressChange,
        ):
            registration = wintypes.HANDLE()
            if notify(_AF_UNSPEC, self._changed, None, False, ctypes.byref(registration)) == 0:
                # Waits for a callback that is running; so never called from one.
                undo.callback(win.iphlpapi.CancelMibChangeNotify2, registration)


def _register_session(handle: int, heard: Callable[[int, int], None]) -> None:
    """Ask for session changes, and again later if their service has not started yet."""
    if win.wtsapi32.WTSRegisterSessionNotification(handle, _NOTIFY_FOR_THIS_SESSION):
        win.user32.KillTimer(handle, 1)
        heard(WM_LOOK, 0)
    else:
        win.user32.SetTimer(handle, 1, _REGISTER_AGAIN_MS, None)


def _pump() -> None:
    message = wintypes.MSG()
    while win.user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
        win.user32.DispatchMessageW(ctypes.byref(message))


def _check(result: int | None) -> None:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())
