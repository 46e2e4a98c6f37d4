"""How PCs and outlets stand, in words, and as small squares that differ in shape and in colour.

What is well is calm and plain; what needs somebody stands out and bears a mark.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from admin_app.outlets import Standing
from shared.qt import theme

SIZES = (16, 32, 48)
COLOURS = {
    Standing.CONNECTED: theme.GOOD,
    Standing.PARTLY: theme.WARNING,
    Standing.OFF: theme.QUIET,
    Standing.SILENT: theme.BAD,
    Standing.NEVER: theme.BAD,
}


def standing_name(standing: Standing) -> str:
    """How a PC or an outlet stands, in two words."""
    return {
        Standing.CONNECTED: QCoreApplication.translate("standings", "Connected"),
        Standing.PARTLY: QCoreApplication.translate("standings", "Partly connected"),
        Standing.OFF: QCoreApplication.translate("standings", "Switched off"),
        Standing.SILENT: QCoreApplication.translate("standings", "Silent"),
        Standing.NEVER: QCoreApplication.translate("standings", "Never seen"),
    }[standing]


def standing_icon(standing: Standing) -> QIcon:
    """The square of *standing* for a table or a legend."""
    return _icon(standing, theme.is_dark())


def paint_standing(painter: QPainter, area: QRectF, standing: Standing) -> None:
    """Paint the square of *standing* into *area*."""
    colour = theme.pick(COLOURS[standing])
    line = max(1.0, area.width() / 9)
    square = area.adjusted(line / 2, line / 2, -line / 2, -line / 2)
    painter.setPen(QPen(colour, line, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(_ground(standing, colour))
    painter.drawRect(square)
    _paint_mark(painter, square, standing, colour, line)


def _ground(standing: Standing, colour: QColor) -> QColor:
    if standing is Standing.SILENT:
        return colour
    soft = QColor(colour)
    soft.setAlpha(70 if standing is Standing.CONNECTED else 0)
    return soft


def _paint_mark(
    painter: QPainter, square: QRectF, standing: Standing, colour: QColor, line: float
) -> None:
    """Silent: a bar. Never seen: a cross. Partly: one half. Switched off: a dot."""
    third = square.width() * 0.27
    inner = square.adjusted(third, third, -third, -third)
    painter.setPen(QPen(theme.on_level_colour() if standing is Standing.SILENT else colour, line))
    if standing is Standing.SILENT:
        middle = square.center().y()
        painter.fillRect(
            QRectF(inner.left(), middle - line, inner.width(), 2 * line), theme.on_level_colour()
        )
    elif standing is Standing.NEVER:
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    elif standing is Standing.PARTLY:
        half = [square.topLeft(), square.bottomLeft(), square.bottomRight()]
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(point) for point in half]))
    elif standing is Standing.OFF:
        dot = line * 1.1
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(square.center(), dot, dot)


@lru_cache(maxsize=16)
def _icon(standing: Standing, dark: bool) -> QIcon:
    del dark  # the colours are picked anew for each
    result = QIcon()
    for size in SIZES:
        result.addPixmap(square_pixmap(standing, size, 1.0, margin=size / 8))
    return result


def square_pixmap(standing: Standing, size: int, scale: float, margin: float = 0.0) -> QPixmap:
    """The square of *standing*, *size* device-independent pixels wide, for a screen of *scale*."""
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_standing(painter, QRectF(margin, margin, size - 2 * margin, size - 2 * margin), standing)
    painter.end()
    return picture
