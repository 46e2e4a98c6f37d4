"""Makes ``siaran.ico`` from the drawings in ``shared/qt/resources``: ``python make_ico.py``.

Windows picks the size that fits; every size is drawn from an SVG, none is scaled down. The file is
kept in the repository, so that a build needs no graphics.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).resolve().parent

SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
DRAWINGS = HERE.parents[1] / "shared" / "qt" / "resources"


def png(size: int) -> bytes:
    """The drawing, *size* pixels square, as a PNG file."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing = DRAWINGS / ("app-small.svg" if size < 32 else "app.svg")  # as in shared.qt.icons
    QSvgRenderer(str(drawing)).render(painter, QRectF(image.rect()))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt text
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon file of *pictures* (PNG files by their size in pixels)."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    for size, picture in pictures.items():
        side = size % 256  # 0 means 256
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return head + b"".join(pictures.values())


if __name__ == "__main__":
    app = QGuiApplication(sys.argv)
    (HERE / "siaran.ico").write_bytes(ico({size: png(size) for size in SIZES}))
