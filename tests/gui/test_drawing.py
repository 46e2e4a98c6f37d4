"""Our own reader of SVGs draws what QtSvg, which the frozen programs do not carry, draws."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from shared.qt.drawing import Drawing
from shared.qt.icons import _FOLDER

COLOUR = QColor("#1A63D6")
SIZES = (16, 20, 24, 32, 40, 48, 64, 72, 128)
"""Pixels: every size that an icon is asked for, from 100 to 300 %."""
ROOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"'


def empty(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    return image


def ours(text: str, size: int) -> QImage:
    image = empty(size)
    painter = QPainter(image)
    Drawing(text).paint(painter, QRectF(image.rect()), COLOUR)
    painter.end()
    return image


def qts(text: str, size: int) -> QImage:
    image = empty(size)
    painter = QPainter(image)
    source = QByteArray(text.replace("currentColor", COLOUR.name()).encode())
    QSvgRenderer(source).render(painter, QRectF(image.rect()))
    painter.end()
    return image


@pytest.mark.parametrize("name", sorted(path.stem for path in _FOLDER.glob("*.svg")))
def test_every_icon_is_drawn_as_qtsvg_draws_it(qapp: QApplication, name: str) -> None:
    text = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert [size for size in SIZES if ours(text, size) != qts(text, size)] == []


@pytest.mark.parametrize("sweep", ["0 0", "0 1", "1 0", "1 1"])
@pytest.mark.parametrize("end", ["5 0", "-3 4", "0 6"])
def test_arcs_bend_as_they_should(qapp: QApplication, sweep: str, end: str) -> None:
    text = f'{ROOT}><path fill="none" stroke="currentColor" d="M12 12a4 4 0 {sweep} {end}"/></svg>'
    assert ours(text, 96) == qts(text, 96)
    assert ours(text, 96) != empty(96)


@pytest.mark.parametrize(
    "inside",
    [
        "",  # not closed
        "><ellipse/></svg>",
        '><path d="M1 1Q2 2 3 3"/></svg>',
        '><path d="M1 1L2"/></svg>',
        '><path d="M1 1L2 !"/></svg>',
        '><path d="M1 1a2 3 0 0 0 1 1"/></svg>',
        '><path transform="rotate(45)" d="M1 1h2"/></svg>',
        '><g><path d="M1 1h2"/></g></svg>',
    ],
)
def test_what_is_not_understood_is_no_drawing(qapp: QApplication, inside: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Drawing(ROOT + inside)
    assert Drawing(f"{ROOT}></svg>").box == QRectF(0, 0, 24, 24)
