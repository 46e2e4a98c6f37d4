"""Copying on Windows while another program holds the clipboard open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from tests import children
from tests.conftest import until
from tests.gui.test_inbox_window import desk

if sys.platform != "win32":
    pytest.skip("needs Windows: one program at a time has its clipboard", allow_module_level=True)

HOLDS = """
import sys, win32clipboard
win32clipboard.OpenClipboard(0)
print("held", flush=True)
sys.stdin.read()
"""
CONTROL = Qt.KeyboardModifier.ControlModifier


@contextmanager
def held_clipboard() -> Iterator[None]:
    """Another process has the clipboard open, and ends with the context."""
    with children.that_says(b"held", HOLDS):
        yield


@pytest.mark.qt_log_ignore("OleSetClipboard")
@pytest.mark.parametrize("place", ["the list", "the text"])
async def test_what_is_copied_waits_for_the_clipboard(
    qapp: QApplication, tmp_path: Path, place: str
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("before")
    async with desk(tmp_path, "Price change") as on:
        await on.choose(0)
        body = on.window.pane.body
        with held_clipboard():
            if place == "the list":
                QTest.keyClick(on.window.list, Qt.Key.Key_C, CONTROL)
            else:
                QTest.keyClick(body, Qt.Key.Key_A, CONTROL)
                QTest.keyClick(body, Qt.Key.Key_C, CONTROL)
            assert not clipboard.ownsClipboard()
        await until(clipboard.ownsClipboard)
        wanted = "Price change\n\nx" if place == "the list" else "x"
        assert clipboard.text() == wanted


@pytest.mark.qt_log_ignore("OleSetClipboard")
async def test_a_clipboard_that_stays_taken_is_said(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "Price change") as on:
        await on.choose(0)
        with held_clipboard():
            QTest.keyClick(on.window.list, Qt.Key.Key_C, CONTROL)
            await until(QToolTip.isVisible)
            assert "Not copied: another program is using the clipboard" in QToolTip.text()
        QToolTip.hideText()
        QTest.keyClick(on.window.list, Qt.Key.Key_C, CONTROL)
        assert QGuiApplication.clipboard().text().startswith("Price change")
