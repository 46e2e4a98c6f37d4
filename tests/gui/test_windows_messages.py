"""What Windows says of power, sessions and its end, posted to the real window of a program.

Wine has no sessions and no sleep; the messages are those that Windows documents.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from shared.hotkey import parse_hotkey
from shared.qt.hidden_window import HiddenWindow
from shared.qt.runner import QuitRequest
from shared.system_events import SessionState, watch_system
from shared.system_events.windows import WM_POWERBROADCAST, WM_WTSSESSION_CHANGE
from tests.conftest import until
from tray_client.hotkey import HotkeyWatch, virtual_key

if sys.platform != "win32":
    pytest.skip("needs Windows: its messages", allow_module_level=True)

import win32api
import win32con
import win32gui

LOCK, UNLOCK, RESUME = 7, 8, 0x12
ENDSESSION_LOGOFF = 0x80000000
ALT_F12 = (0x7B << 16) | win32con.MOD_ALT


class Heard(HiddenWindow):
    """A window of the tray, which the test can find."""

    opened: list[int] = []  # noqa: RUF012  # of one test at a time

    def __init__(self, heard: Callable[[int, int], None]) -> None:
        super().__init__(heard)
        self.opened[:] = [self.number]


async def test_power_and_sessions_reach_the_listeners(qapp: QApplication) -> None:
    news: list[object] = []
    async with watch_system(open_window=Heard) as system:
        [window] = Heard.opened
        system.session_changed.connect(news.append)
        system.resumed.connect(lambda: news.append("resumed"))
        win32gui.PostMessage(window, WM_WTSSESSION_CHANGE, LOCK, 0)
        await until(lambda: system.session is SessionState.LOCKED)
        win32gui.PostMessage(window, WM_WTSSESSION_CHANGE, UNLOCK, 0)
        await until(lambda: system.session is SessionState.ACTIVE)
        win32gui.PostMessage(window, WM_POWERBROADCAST, RESUME, 0)
        await until(lambda: "resumed" in news)
    assert news == [SessionState.LOCKED, SessionState.ACTIVE, "resumed"]
    assert not win32gui.IsWindow(window)
    assert [one.name for one in threading.enumerate() if one.name == "system-events"] == []


async def test_a_broadcast_reaches_the_hidden_window_and_a_close_does_not(
    qapp: QApplication,
) -> None:
    heard: list[tuple[int, int]] = []
    window = HiddenWindow(lambda *message: heard.append(message))
    assert not win32gui.IsWindowVisible(window.number)
    assert win32gui.GetParent(window.number) == 0
    sender = threading.Thread(
        target=win32gui.SendMessageTimeout,
        args=(win32con.HWND_BROADCAST, WM_POWERBROADCAST, RESUME, 0, win32con.SMTO_NORMAL, 5_000),
    )
    sender.start()
    await until(lambda: (WM_POWERBROADCAST, RESUME) in heard)
    win32gui.SendMessage(window.number, win32con.WM_CLOSE, 0, 0)
    assert win32gui.IsWindow(window.number), "taskkill asks every window: it means the others"
    assert heard.count((WM_POWERBROADCAST, RESUME)) == 1
    await until(lambda: not sender.is_alive())
    window.let_go()


async def test_the_end_of_the_session_is_a_wish_for_the_program_s_end(qapp: QApplication) -> None:
    request = QuitRequest(qapp)
    window = HiddenWindow(lambda *_message: None)
    end = win32api.SendMessage
    assert end(window.number, win32con.WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF) == 1
    assert end(window.number, win32con.WM_ENDSESSION, 0, 0) == 0, "another program refused"
    assert not request._event.is_set()
    assert end(window.number, win32con.WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF) == 1
    end(window.number, win32con.WM_ENDSESSION, 1, ENDSESSION_LOGOFF)
    await request.wait()
    window.let_go()


async def test_a_change_of_the_network_is_an_event_that_no_python_waits_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import ExitStack

    from shared.system_events import windows_calls

    changes: list[str] = []
    notify = windows_calls._notify

    def at_once(name: str) -> Callable[..., int]:
        """Windows tells once at the registration, if asked to: as if something had changed."""
        real = notify(name)
        return lambda family, act, event, _first, place: int(real(family, act, event, True, place))

    monkeypatch.setattr(windows_calls, "_notify", at_once)
    with ExitStack() as undo:
        windows_calls.WindowsCalls().watch_network(
            lambda: changes.append(threading.current_thread().name), undo
        )
        await until(lambda: changes)
    assert set(changes) == {"MainThread"}


async def test_the_hot_key_is_ours_alone_and_is_heard(qapp: QApplication) -> None:
    watch, other = HotkeyWatch("Alt+F12"), HotkeyWatch("")
    assert watch.is_ours
    assert virtual_key(parse_hotkey("Alt+F12").key) == ALT_F12 >> 16
    pressed: list[bool] = []
    watch.pressed.connect(lambda: pressed.append(True))
    win32api.PostThreadMessage(win32api.GetCurrentThreadId(), win32con.WM_HOTKEY, 1, ALT_F12)
    await until(lambda: pressed)
    assert pressed == [True]
    assert not other.is_ours
    assert not HotkeyWatch("Alt+F12").is_ours, "somebody has it"
    watch.stop()
    again = HotkeyWatch("Alt+F12")
    assert again.is_ours
    again.stop()
