"""Markdown on the screen: it looks as meant, loads nothing, and opens only on a click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shared.markdown import link_host, plain
from shared.model import Format
from shared.qt import rich_text
from shared.qt.markdown_document import fill
from shared.qt.rich_text import MessageText, open_link
from tests.unit.test_markdown import ANYTHING

TEXT = "## Today\nThe **2 l bottle**: see [the list](https://hq.example/x).\n- one\n1. two"


@pytest.fixture
def widget(qapp: QApplication) -> Iterator[MessageText]:
    """A widget with everything in it."""
    one = MessageText()
    one.resize(400, 200)
    one.show_text(TEXT, Format.MARKDOWN)
    one.show()
    yield one
    one.deleteLater()


def at_link(widget: MessageText) -> QPoint:
    """A point on the link."""
    cursor = widget.document().find("the list")
    cursor.setPosition(cursor.selectionStart() + 2, QTextCursor.MoveMode.MoveAnchor)
    return widget.cursorRect(cursor).center()


def test_it_is_shown_as_meant(widget: MessageText) -> None:
    assert "The 2 l bottle: see the list (hq.example)." in widget.toPlainText()
    assert widget.document().begin().blockFormat().headingLevel() == 2
    bold = widget.document().find("bottle")
    assert bold.charFormat().fontWeight() > 500
    assert widget.anchorAt(at_link(widget)) == "https://hq.example/x"


def test_plain_text_stays_plain(widget: MessageText) -> None:
    widget.show_text(TEXT)
    assert widget.toPlainText() == TEXT
    assert widget.anchorAt(QPoint(10, 5)) == ""


def test_a_link_opens_on_a_click_alone(widget: MessageText) -> None:
    opened: list[str] = []
    widget.link_clicked.connect(opened.append)
    point = at_link(widget)
    QTest.mouseMove(widget.viewport(), point)
    assert opened == []
    QTest.mousePress(widget.viewport(), Qt.MouseButton.LeftButton, pos=point)
    QTest.mouseRelease(widget.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 190))
    assert opened == []
    QTest.mouseClick(widget.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert opened == ["https://hq.example/x"]


def test_only_https_reaches_the_browser(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Browser:
        @staticmethod
        def openUrl(url: object) -> None:
            opened.append(str(url))

    monkeypatch.setattr(rich_text, "QDesktopServices", Browser)
    for address in ("file:///etc/passwd", "http://hq.example", "//host/share", ""):
        open_link(address)
    assert opened == []
    open_link("https://hq.example/x")
    assert len(opened) == 1


class Strict(QTextDocument):
    """A document that tells when something is to be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[object] = []

    def loadResource(self, kind: int, name: object) -> object:
        """Note it."""
        self.wanted.append((kind, name))
        return None


@settings(max_examples=200)
@given(ANYTHING)
def test_nothing_is_loaded_and_no_text_is_lost(qapp: QApplication, text: str) -> None:
    document = Strict()
    fill(document, text, QApplication.font(), QApplication.palette())
    document.setTextWidth(300)
    assert document.wanted == []
    words = document.toPlainText().replace("\t", " ").replace("\xa0", " ").split()
    assert words == plain(text).replace("\xa0", " ").split()
    for number in range(len(document.allFormats())):
        form = document.allFormats()[number]
        assert not form.isImageFormat()
        assert not form.isTableFormat()
        if form.isCharFormat() and form.toCharFormat().isAnchor():
            assert link_host(form.toCharFormat().anchorHref())
