"""The project's own icons: small SVGs in one stroke style, tinted when they are loaded.

Every file draws with ``currentColor`` in a 24-unit square, so one drawing serves both themes, all
levels and every scale.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from shared.qt.drawing import Drawing

_FOLDER = Path(__file__).parent / "resources"
_SIZES = (16, 20, 24, 32, 40, 48, 64)
"""Of buttons, menus and the tray, at 100 to 200 % and beyond."""
_APP_SIZES = (*_SIZES, 128)


def icon(name: str, colour: QColor) -> QIcon:
    """The icon *name* in *colour*, sharp at every usual size and scale."""
    return _icon(name, colour.name())


def pixmap(name: str, colour: QColor, size: int, scale: float = 1.0) -> QPixmap:
    """The icon *name* drawn *size* device-independent pixels wide for a screen of *scale*."""
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _drawing(name).paint(painter, QRectF(picture.rect()), colour)
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


@lru_cache(maxsize=64)
def _icon(name: str, colour: str) -> QIcon:
    result = QIcon()
    for size in _SIZES:
        result.addPixmap(pixmap(name, QColor(colour), size))
    return result


@lru_cache(maxsize=64)
def _drawing(name: str) -> Drawing:
    return Drawing((_FOLDER / f"{name}.svg").read_text(encoding="utf-8"))


def app_icon() -> QIcon:
    """The sign of both programs, for windows and task bars."""
    result = QIcon()
    for size in _APP_SIZES:
        result.addPixmap(pixmap(app_drawing(size), QColor(0, 0, 0), size))  # has its own colours
    return result


def app_drawing(size: int) -> str:
    """The drawing of the programs' sign for *size* pixels: small ones have fewer, wider strokes."""
    return "app-small" if size < 32 else "app"
