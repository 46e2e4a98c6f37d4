"""The notification area, scales of screens and other programs' keys, with Windows' own messages.

Wine has one scale and no Explorer that starts again: the messages are those that Windows documents.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ctypes import wintypes
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from shared.model import Level
from tests import children
from tests.conftest import until
from tests.gui.test_inbox_window import desk
from tests.gui.test_popup import open_popup
from tray_client.hotkey import HotkeyWatch
from tray_client.tray import Tray

if sys.platform != "win32":
    pytest.skip("needs Windows: its desktop", allow_module_level=True)

import pywintypes
import win32api
import win32con
import win32gui

WM_DPICHANGED = 0x02E0
HAS_KEY = """
import ctypes, sys
assert ctypes.windll.user32.RegisterHotKey(None, 1, 1, 0x7A)  # Alt+F11
print("ours", flush=True)
sys.stdin.read()
"""


# --- the notification area -----------------------------------------------------------------------


@asynccontextmanager
async def shown_tray() -> AsyncIterator[tuple[Tray, int]]:
    """The tray's icon, and the window that Windows knows it by."""
    tray = Tray("JKT-001/till", ["Channel 1"], [])
    tray.place.look()
    try:
        [window] = tray_windows()
        assert is_shown(window)
        yield tray, window
    finally:
        tray.hide()


def tray_windows() -> list[int]:
    """The windows of Qt's that belong to an icon each."""
    found: list[int] = []

    def note(window: int, _: object) -> None:
        if "TrayIcon" in win32gui.GetClassName(window):
            found.append(window)

    win32gui.EnumThreadWindows(win32api.GetCurrentThreadId(), note, None)
    return found


def is_shown(window: int) -> bool:
    """Whether the notification area has the icon of *window*: what it lacks cannot be changed."""
    try:
        win32gui.Shell_NotifyIcon(win32gui.NIM_MODIFY, (window, 0, 0))
    except pywintypes.error:
        return False
    return True


async def test_the_icon_is_gone_as_soon_as_the_program_ends_it(qapp: QApplication) -> None:
    async with shown_tray() as (tray, window):
        tray.hide()
        assert not is_shown(window)
        assert tray_windows() == []


async def test_a_taskbar_that_starts_again_gets_the_icon_back(qapp: QApplication) -> None:
    async with shown_tray() as (tray, window):
        win32gui.Shell_NotifyIcon(win32gui.NIM_DELETE, (window, 0))  # Explorer forgot it
        assert not is_shown(window)
        created = win32gui.RegisterWindowMessage("TaskbarCreated")
        win32gui.PostMessage(win32con.HWND_BROADCAST, created, 0, 0)
        await until(lambda: is_shown(window))
        assert tray_windows() == [window]
        tray.set_waiting(2)
        assert "2 waiting" in tray.tooltip
        assert is_shown(window)


# --- scales --------------------------------------------------------------------------------------


async def change_scale(widget: QWidget, dpi: int, factor: float) -> None:
    """Tell *widget* what Windows tells a window whose screen is *dpi* now; wait until it is so.

    *factor*: by how much Windows suggests to enlarge it.
    """
    window = int(widget.winId())
    left, top, right, bottom = win32gui.GetWindowRect(window)
    wide, high = round((right - left) * factor), round((bottom - top) * factor)
    wanted = wintypes.RECT(left, top, left + wide, top + high)
    win32gui.SendMessage(window, WM_DPICHANGED, dpi << 16 | dpi, ctypes.addressof(wanted))
    await until(lambda: win32gui.GetWindowRect(window)[2:] == (left + wide, top + high))


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
async def test_a_popup_takes_the_size_for_another_scale_and_the_answer(
    qapp: QApplication, level: Level
) -> None:
    async with open_popup(level=level, body="word " * 50) as popup:
        before = popup.frameGeometry()
        await change_scale(popup, 120, 1.25)
        await change_scale(popup, 96, 0.8)
        assert popup.frameGeometry() == before
        answers: list[str] = []
        popup.acknowledged.connect(answers.append)
        await until(lambda: not popup.guarded)
        QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)
        assert answers == ["1"]


async def test_the_inbox_goes_on_at_another_scale(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "One", "Two") as on:
        for dpi, factor in ((144, 0.75), (96, 1.0)):  # the screen has no room for more
            await change_scale(on.window, dpi, factor)
            await on.choose(0)
            await on.choose(1)
        assert on.titles() == ["Two", "One"]


# --- keys ----------------------------------------------------------------------------------------


@pytest.fixture
def other_program() -> Iterator[subprocess.Popen[bytes]]:
    """Another program that has Alt+F11."""
    with children.that_says(b"ours", HAS_KEY) as program:
        yield program


def test_a_key_of_another_program_stays_its_own(
    qapp: QApplication, other_program: subprocess.Popen[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        watch = HotkeyWatch("Alt+F11")
    assert not watch.is_ours
    assert "another program has it" in caplog.text
    watch.stop()
    other_program.communicate()
    watch = HotkeyWatch("Alt+F11")
    assert watch.is_ours, "it is free"
    watch.stop()
