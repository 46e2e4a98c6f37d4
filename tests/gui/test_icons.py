"""Icons are drawn in any colour, at any scale, and never stop a program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from shared.qt import icons
from tests.conftest import LogGuard

COLOUR = QColor("#FF8A5C")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{}</svg>'
FILLED = '<rect width="12" height="24" fill="currentColor"/>'
ALPHA = QImage.Format.Format_Alpha8


@pytest.fixture
def folder(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another folder of icons; none of them is remembered from before."""
    monkeypatch.setattr(icons, "_FOLDER", tmp_path)
    icons._source.cache_clear()
    icons._icon.cache_clear()
    yield tmp_path
    icons._source.cache_clear()
    icons._icon.cache_clear()


def image(name: str, size: int = 16, scale: float = 1.0) -> QImage:
    return icons.pixmap(name, COLOUR, size, scale).toImage()


@pytest.mark.parametrize("name", sorted(path.stem for path in icons._FOLDER.glob("*.svg")))
def test_only_the_programs_own_sign_has_colours_of_its_own(qapp: QApplication, name: str) -> None:
    black, tinted = icons.pixmap(name, QColor("black"), 48), icons.pixmap(name, COLOUR, 48)
    own = name in {icons.app_drawing(16), icons.app_drawing(64)}
    assert (black.toImage() == tinted.toImage()) == own
    assert black.toImage().convertToFormat(ALPHA) == tinted.toImage().convertToFormat(ALPHA)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_a_picture_is_drawn_in_the_pixels_of_its_screen(folder: Path, scale: float) -> None:
    (folder / "half.svg").write_text(SVG.format(FILLED))
    drawn = image("half", 16, scale)
    assert (drawn.width(), drawn.devicePixelRatio()) == (16 * scale, scale)
    middle = drawn.height() // 2
    row = [drawn.pixelColor(x, middle) for x in range(drawn.width())]
    half = drawn.width() // 2
    assert {one.name() for one in row[:half]} == {COLOUR.name()}
    assert {one.alpha() for one in row[half + drawn.width() % 2 :]} == {0}


def test_groups_and_turns_are_drawn(folder: Path) -> None:
    right = FILLED.replace("<rect", '<rect x="12"')
    (folder / "right.svg").write_text(SVG.format(right))
    turned = f'<g transform="translate(24 24) rotate(180)">{FILLED}</g>'
    (folder / "turned.svg").write_text(SVG.format(turned))
    assert image("turned") == image("right")


@pytest.mark.parametrize("content", [None, "", "no SVG", '<svg xmlns="x"><path d="M1 1'])
def test_a_damaged_icon_is_empty_and_said_in_the_log(
    folder: Path, content: str | None, log_guard: LogGuard
) -> None:
    log_guard.expect("icon bad ")
    if content is not None:
        (folder / "bad.svg").write_text(content, "utf-8")
    empty = QImage(image("bad").size(), QImage.Format.Format_ARGB32_Premultiplied)
    empty.fill(0)
    assert image("bad") == empty
    assert not icons.icon("bad", COLOUR).isNull()
    assert sum("icon bad " in line for line in log_guard.lines) == 1  # not with each picture
