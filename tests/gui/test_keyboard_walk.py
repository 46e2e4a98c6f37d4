"""Every window can be used without a mouse and without eyes.

Walks every page by Tab: whatever takes the focus has a name for a screen reader, everything that
can be used is reached, and backwards the way is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from admin_app.models import SentModel
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from tests.gui.test_inbox_window import desk as inbox_desk

MOST = 300
"""Presses of Tab after which a walk has lost its way."""
TAB = Qt.FocusPolicy.TabFocus


def name_of(widget: QWidget) -> str:
    """What a screen reader calls *widget*."""
    face = QAccessible.queryAccessibleInterface(widget)
    return "" if face is None else face.text(QAccessible.Text.Name)


def usable(window: QWidget) -> list[QWidget]:
    """Everything in *window* that Tab ought to reach."""
    found = []
    for widget in window.findChildren(QWidget):
        wants = bool(widget.focusPolicy().value & TAB.value) and widget.focusProxy() is None
        if wants and widget.isVisible() and widget.isEnabled() and not is_part(widget):
            found.append(widget)
    return found


def is_part(widget: QWidget) -> bool:
    """Whether *widget* is a part of another one that has the focus for it (Qt's own names)."""
    return widget.objectName().startswith("qt_")


def walk(window: QWidget, key: Qt.Key) -> list[QWidget]:
    """Press *key* until it comes round; return what had the focus, in order."""
    seen: list[QWidget] = []
    for _ in range(MOST):
        now = QApplication.focusWidget()
        if now is None or now in seen:
            return seen
        seen.append(now)
        QTest.keyClick(now, key)
    raise AssertionError("the walk does not come round")


def check_walk(window: QWidget) -> None:
    """Walk *window* in both directions."""
    window.activateWindow()
    QApplication.processEvents()
    start = QApplication.focusWidget()
    if start is None:
        usable(window)[0].setFocus(Qt.FocusReason.TabFocusReason)
        start = QApplication.focusWidget()
    assert start is not None
    forward = walk(window, Qt.Key.Key_Tab)
    nameless = [f"{type(one).__name__} {one.objectName()}" for one in forward if not name_of(one)]
    assert nameless == []
    groups = radio_groups(forward)
    missed = [
        f"{type(one).__name__} {name_of(one)!r}"
        for one in usable(window)
        if one not in forward and id(one.parent()) not in groups
    ]
    assert missed == []
    start.setFocus(Qt.FocusReason.TabFocusReason)
    backward = walk(window, Qt.Key.Key_Backtab)
    assert set(map(id, backward)) == set(map(id, forward))


def radio_groups(widgets: list[QWidget]) -> set[int]:
    """Parents of exclusive buttons: Tab stops at one of them, the arrows go to the others."""
    return {id(one.parent()) for one in widgets if getattr(one, "group", lambda: None)()}


@pytest.fixture
def console(qapp: QApplication) -> Iterator[MainWindow]:
    """The console's window, with nothing behind it."""
    window = MainWindow(SentModel())
    window.show()
    yield window
    window.hide()
    window.deleteLater()


@pytest.mark.parametrize("page", Page)
async def test_a_page_of_the_console(qapp: QApplication, console: MainWindow, page: Page) -> None:
    console.show_page(page)
    await asyncio.sleep(0)
    check_walk(console)


async def test_the_page_that_asks_for_redis(qapp: QApplication, console: MainWindow) -> None:
    console.ask_for_connection()
    await asyncio.sleep(0)
    check_walk(console)


async def test_the_inbox(qapp: QApplication, tmp_path: Path) -> None:
    async with inbox_desk(tmp_path, "One", "Two") as on:
        await on.choose(0)
        check_walk(on.window)
