"""The project's own icons: small SVGs in one stroke style, tinted when they are loaded.

Every file draws with ``currentColor`` in a 24-unit square, so one drawing serves both themes, all
levels and every scale. QtSvg draws them, so a new icon may use whatever SVG Tiny 1.2 has.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

log = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent / "resources"
_SIZES = (16, 20, 24, 32, 40, 48, 64)
"""Of buttons, menus and the tray, at 100 to 200 % and beyond."""
_APP_SIZES = (*_SIZES, 128)


def icon(name: str, colour: QColor) -> QIcon:
    """The icon *name* in *colour*, sharp at every usual size and scale."""
    return _icon(name, colour.name())


def pixmap(name: str, colour: QColor, size: int, scale: float = 1.0) -> QPixmap:
    """The icon *name* drawn *size* device-independent pixels wide for a screen of *scale*.

    Empty if the file is missing or is no SVG: a damaged folder does not keep messages from people.
    """
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    tinted = _source(name).replace(b"currentColor", colour.name().encode())
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(tinted)).render(painter, QRectF(picture.rect()))
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
def _source(name: str) -> bytes:
    try:
        source = (_FOLDER / f"{name}.svg").read_bytes()
    except OSError as error:
        log.warning("icon %s cannot be read: %s", name, error)
        return b""
    if not QSvgRenderer(QByteArray(source)).isValid():
        log.warning("icon %s is no SVG", name)
    return source


def app_icon() -> QIcon:
    """The sign of both programs, for windows and task bars."""
    result = QIcon()
    for size in _APP_SIZES:
        result.addPixmap(pixmap(app_drawing(size), QColor(0, 0, 0), size))  # has its own colours
    return result


def app_drawing(size: int) -> str:
    """The drawing of the programs' sign for *size* pixels: small ones have fewer, wider strokes."""
    return "app-small" if size < 32 else "app"
