"""A key that gives the open popup the keyboard, whatever window is in front.

X11 and Windows each know one call for this. Wayland has none for programs, and there the tray's
menu is the way. If another program has the key already, it stays theirs, and the log says so.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Protocol

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject, Signal
from PySide6.QtGui import QGuiApplication

from shared.hotkey import Hotkey, Modifier, parse_hotkey

log = logging.getLogger(__name__)

_HOTKEY_ID = 1
_WM_HOTKEY = 0x0312
_WINDOWS_MODIFIERS = {Modifier.ALT: 1, Modifier.CTRL: 2, Modifier.SHIFT: 4, Modifier.WIN: 8}
_NO_REPEAT = 0x4000


class Grab(Protocol):
    """A key that is ours."""

    def release(self) -> None:
        """Give it back."""


class HotkeyWatch(QObject):
    """Emits ``pressed`` while the key *text* is ours; an empty *text* is none."""

    pressed = Signal()

    def __init__(self, text: str) -> None:
        super().__init__()
        hotkey = parse_hotkey(text) if text else None
        self._grab = None if hotkey is None else self._take(hotkey)
        if hotkey is not None and self._grab is None:
            log.info("the hotkey %s cannot be had here, or another program has it", text)

    @property
    def is_ours(self) -> bool:
        """Whether the key works."""
        return self._grab is not None

    def stop(self) -> None:
        """Give the key back."""
        if self._grab is not None:
            self._grab.release()
            self._grab = None

    def _take(self, hotkey: Hotkey) -> Grab | None:
        if sys.platform == "win32":
            return _WindowsKey.take(hotkey, self)
        if QGuiApplication.platformName() == "xcb":
            from tray_client.x11_key import X11Key

            return X11Key.take(hotkey, self.pressed.emit, self)
        return None


class _WindowsKey(QAbstractNativeEventFilter):
    """``RegisterHotKey`` for the GUI thread, whose messages Qt lets us see.

    By ctypes: of pywin32, only the 220 KB of ``win32gui`` have it, and its arguments are numbers.
    """

    def __init__(self, watch: HotkeyWatch) -> None:
        super().__init__()
        self._watch = watch

    @classmethod
    def take(cls, hotkey: Hotkey, watch: HotkeyWatch) -> _WindowsKey | None:
        """Make the key ours."""
        if sys.platform != "win32":
            return None
        import ctypes

        held = sum(_WINDOWS_MODIFIERS[one] for one in hotkey.modifiers) | _NO_REPEAT
        if not ctypes.windll.user32.RegisterHotKey(None, _HOTKEY_ID, held, virtual_key(hotkey.key)):
            return None
        one = cls(watch)
        _app().installNativeEventFilter(one)
        return one

    def release(self) -> None:
        """Give it back."""
        if sys.platform == "win32":
            import ctypes

            _app().removeNativeEventFilter(self)
            ctypes.windll.user32.UnregisterHotKey(None, _HOTKEY_ID)

    def nativeEventFilter(self, kind: Any, message: int) -> Any:
        """Look for our key among the thread's messages."""
        if sys.platform == "win32" and QByteArray(kind) == b"windows_generic_MSG":
            from ctypes import wintypes

            found = wintypes.MSG.from_address(int(message))
            if found.message == _WM_HOTKEY and found.wParam == _HOTKEY_ID:
                self._watch.pressed.emit()
        return False, 0


def virtual_key(key: str) -> int:
    """Windows' number of a key."""
    return ord(key) if len(key) == 1 else 0x6F + int(key[1:])


def _app() -> QCoreApplication:
    app = QCoreApplication.instance()
    assert app is not None
    return app
