"""One key of an X server, through libxcb, on a connection of its own.

libxcb is there wherever Qt shows windows on X11. Of its own connection nothing can go wrong for
Qt's; and unlike Xlib, an error (another program has the key) is an answer and not the end of the
program.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

from shared.hotkey import Hotkey, Modifier

_MODIFIERS = {Modifier.SHIFT: 1, Modifier.CTRL: 4, Modifier.ALT: 8, Modifier.WIN: 64}
_LOCKS = (0, 2, 16, 18)
"""Caps lock and Num lock make no difference, so each of their states is asked for."""
_KEY_RELEASE = 3
_ASYNC = 1
_FIRST_F_KEY = 0xFFBE
_RESPONSE = 0x7F


class _Roots(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.POINTER(ctypes.c_uint32)),
        ("rem", ctypes.c_int),
        ("i", ctypes.c_int),
    )


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class X11Key:
    """A grabbed key. *pressed* is called when it is let go: only then is the keyboard free."""

    def __init__(self, pressed: Callable[[], object], parent: QObject) -> None:
        self._pressed = pressed
        self._xcb = _library("libxcb.so.1")
        self._symbols = _library("libxcb-keysyms.so.1")
        self._connection = ctypes.c_void_p(self._xcb.xcb_connect(None, None))
        self._notifier = QSocketNotifier(
            self._xcb.xcb_get_file_descriptor(self._connection),
            QSocketNotifier.Type.Read,
            parent,
        )
        self._notifier.activated.connect(self._read)

    @classmethod
    def take(cls, hotkey: Hotkey, pressed: Callable[[], object], parent: QObject) -> X11Key | None:
        """Make the key ours; None if that cannot be."""
        try:
            one = cls(pressed, parent)
        except OSError:  # no libxcb-keysyms
            return None
        if one._grab(hotkey):
            return one
        one.release()
        return None

    def release(self) -> None:
        """Give it back; the server does so when the connection ends."""
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self._xcb.xcb_disconnect(self._connection)

    def _grab(self, hotkey: Hotkey) -> bool:
        if self._xcb.xcb_connection_has_error(self._connection):
            return False
        roots = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection))
        code = self._key_code(_symbol(hotkey.key))
        held = sum(_MODIFIERS[one] for one in hotkey.modifiers)
        return code != 0 and all(
            self._grab_one(roots.data[0], held | lock, code) for lock in _LOCKS
        )

    def _grab_one(self, root: int, modifiers: int, code: int) -> bool:
        cookie = self._xcb.xcb_grab_key_checked(
            self._connection, 0, root, modifiers, code, _ASYNC, _ASYNC
        )
        error = self._xcb.xcb_request_check(self._connection, cookie)
        _free(error)
        return not error

    def _key_code(self, symbol: int) -> int:
        table = ctypes.c_void_p(self._symbols.xcb_key_symbols_alloc(self._connection))
        codes = self._symbols.xcb_key_symbols_get_keycode(table, symbol)
        code = int(codes[0]) if codes else 0
        _free(ctypes.cast(codes, ctypes.c_void_p).value)
        self._symbols.xcb_key_symbols_free(table)
        return code

    def _read(self) -> None:
        while event := self._xcb.xcb_poll_for_event(self._connection):
            kind = ctypes.c_uint8.from_address(event).value & _RESPONSE
            _free(event)
            if kind == _KEY_RELEASE:
                self._pressed()
        if self._xcb.xcb_connection_has_error(self._connection):
            self._notifier.setEnabled(False)


def _symbol(key: str) -> int:
    return ord(key.lower()) if len(key) == 1 else _FIRST_F_KEY + int(key[1:]) - 1


def _library(name: str) -> ctypes.CDLL:
    library = ctypes.CDLL(name)
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    if "keysyms" in name:
        library.xcb_key_symbols_alloc.restype = pointer
        library.xcb_key_symbols_get_keycode.restype = ctypes.POINTER(ctypes.c_uint8)
        library.xcb_key_symbols_get_keycode.argtypes = [pointer, number]
        return library
    small, word = ctypes.c_uint8, ctypes.c_uint16
    library.xcb_connect.restype = pointer
    library.xcb_get_setup.restype = pointer
    library.xcb_setup_roots_iterator.restype = _Roots
    library.xcb_setup_roots_iterator.argtypes = [pointer]
    library.xcb_grab_key_checked.restype = _Cookie
    library.xcb_grab_key_checked.argtypes = [pointer, small, number, word, small, small, small]
    library.xcb_request_check.restype = pointer
    library.xcb_request_check.argtypes = [pointer, _Cookie]
    library.xcb_poll_for_event.restype = pointer
    return library


def _free(memory: int | None) -> None:
    if memory:
        ctypes.CDLL(None).free(ctypes.c_void_p(memory))
