"""Windows' functions with their types: ctypes' default, int, cuts handles on 64-bit Windows."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

assert sys.platform == "win32"  # tells the type checker, too

LRESULT = wintypes.LPARAM
WNDPROC = ctypes.WINFUNCTYPE(
    LRESULT, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM
)
CHANGE_CALLBACK = ctypes.WINFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)

user32 = ctypes.WinDLL("user32", use_last_error=True)
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
wtsapi32 = ctypes.WinDLL("wtsapi32", use_last_error=True)
iphlpapi = ctypes.WinDLL("iphlpapi")


class WNDCLASSW(ctypes.Structure):
    """How Windows wants a window class described."""

    _fields_ = (
        ("style", wintypes.UINT),
        ("lpfnWndProc", WNDPROC),
        ("cbClsExtra", ctypes.c_int),
        ("cbWndExtra", ctypes.c_int),
        ("hInstance", wintypes.HINSTANCE),
        ("hIcon", wintypes.HANDLE),
        ("hCursor", wintypes.HANDLE),
        ("hbrBackground", wintypes.HANDLE),
        ("lpszMenuName", wintypes.LPCWSTR),
        ("lpszClassName", wintypes.LPCWSTR),
    )


_MSG = ctypes.POINTER(wintypes.MSG)
_WINDOW_MESSAGE = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)

kernel32.GetModuleHandleW.argtypes = (wintypes.LPCWSTR,)
kernel32.GetModuleHandleW.restype = wintypes.HMODULE

user32.RegisterClassW.argtypes = (ctypes.POINTER(WNDCLASSW),)
user32.RegisterClassW.restype = wintypes.ATOM
user32.UnregisterClassW.argtypes = (wintypes.LPCWSTR, wintypes.HINSTANCE)
user32.UnregisterClassW.restype = wintypes.BOOL
user32.CreateWindowExW.argtypes = (
    *(wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int),
    *(wintypes.HWND, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID),
)
user32.CreateWindowExW.restype = wintypes.HWND
user32.DestroyWindow.argtypes = (wintypes.HWND,)
user32.DestroyWindow.restype = wintypes.BOOL
user32.DefWindowProcW.argtypes = _WINDOW_MESSAGE
user32.DefWindowProcW.restype = LRESULT
user32.PostMessageW.argtypes = _WINDOW_MESSAGE
user32.PostMessageW.restype = wintypes.BOOL
user32.PostQuitMessage.argtypes = (ctypes.c_int,)
user32.PostQuitMessage.restype = None
user32.GetMessageW.argtypes = (_MSG, wintypes.HWND, wintypes.UINT, wintypes.UINT)
user32.GetMessageW.restype = ctypes.c_int  # -1 is an error
user32.DispatchMessageW.argtypes = (_MSG,)
user32.DispatchMessageW.restype = LRESULT
user32.SetTimer.argtypes = (wintypes.HWND, wintypes.WPARAM, wintypes.UINT, ctypes.c_void_p)
user32.SetTimer.restype = wintypes.WPARAM
user32.KillTimer.argtypes = (wintypes.HWND, wintypes.WPARAM)
user32.KillTimer.restype = wintypes.BOOL
user32.RegisterSuspendResumeNotification.argtypes = (wintypes.HANDLE, wintypes.DWORD)
user32.RegisterSuspendResumeNotification.restype = wintypes.HANDLE
user32.UnregisterSuspendResumeNotification.argtypes = (wintypes.HANDLE,)
user32.UnregisterSuspendResumeNotification.restype = wintypes.BOOL

wtsapi32.WTSRegisterSessionNotification.argtypes = (wintypes.HWND, wintypes.DWORD)
wtsapi32.WTSRegisterSessionNotification.restype = wintypes.BOOL
wtsapi32.WTSUnRegisterSessionNotification.argtypes = (wintypes.HWND,)
wtsapi32.WTSUnRegisterSessionNotification.restype = wintypes.BOOL
wtsapi32.WTSQuerySessionInformationW.argtypes = (
    *(wintypes.HANDLE, wintypes.DWORD, ctypes.c_int),
    *(ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(wintypes.DWORD)),
)
wtsapi32.WTSQuerySessionInformationW.restype = wintypes.BOOL
wtsapi32.WTSFreeMemory.argtypes = (ctypes.c_void_p,)
wtsapi32.WTSFreeMemory.restype = None

for _notify in (iphlpapi.NotifyIpInterfaceChange, iphlpapi.NotifyUnicastIpAddressChange):
    _notify.argtypes = (
        *(wintypes.USHORT, CHANGE_CALLBACK, ctypes.c_void_p),
        *(wintypes.BOOLEAN, ctypes.POINTER(wintypes.HANDLE)),
    )
    _notify.restype = wintypes.DWORD
iphlpapi.CancelMibChangeNotify2.argtypes = (wintypes.HANDLE,)
iphlpapi.CancelMibChangeNotify2.restype = wintypes.DWORD
