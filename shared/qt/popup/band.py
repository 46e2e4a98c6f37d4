"""The popup's upper edge: level by colour, icon and word; and how long the guard still holds."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.popup.content import PopupContent
from shared.qt.text import ElidedLabel, PlainLabel

SIGN = 20
GUARD_HEIGHT = 4


class Band(QWidget):
    """The strip in the level's colour: icon, level, channel and the place in the queue."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = QColor()
        self._held = QPoint()
        self._sign = QLabel(self)
        self._level = PlainLabel("", self)
        self._source = ElidedLabel("", self)
        self.place = PlainLabel("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.EDGE, theme.UNIT, theme.EDGE, theme.UNIT)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._sign)
        whose = QHBoxLayout()
        whose.setSpacing(theme.UNIT // 2)
        whose.addWidget(self._level)
        whose.addWidget(self._source, 1)
        row.addLayout(whose, 1)
        row.addWidget(self.place)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_content(self, content: PopupContent, scale: float = 1.0) -> None:
        """Say whose message it is and how loud, *scale* times as large as usual."""
        style = theme.LEVELS[content.level]
        self._colour = theme.level_colour(content.level)
        ink = theme.on_level_colour()
        size = round(SIGN * scale)
        self._sign.setFixedSize(size, size)
        self._sign.setPixmap(pixmap(style.icon, ink, size, self.devicePixelRatioF()))
        self._sign.setAccessibleName(content.level_name)
        for label in (self._level, self._source, self.place):
            label.setFont(theme.scaled_font(label, theme.BODY * scale, bold=True))
        self._level.setText(content.level_name.upper())
        self._source.set_line(f"· {content.source}")
        for label in (self._level, self._source, self.place):
            theme.set_text_colour(label, ink)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the window: it may stand in the way of what somebody has to read."""
        self._held = event.globalPosition().toPoint() - self.window().pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the window along."""
        self.window().move(event.globalPosition().toPoint() - self._held)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill with the level's colour."""
        QPainter(self).fillRect(event.rect(), self._colour)


class GuardBar(QWidget):
    """Fills from left to right while the popup cannot be answered yet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = 0.0
        self._colour = QColor()
        self.setFixedHeight(GUARD_HEIGHT)

    def show_content(self, content: PopupContent) -> None:
        """Take the level's colour."""
        self._colour = theme.level_colour(content.level)
        self.update()

    def set_share(self, share: float) -> None:
        """Show *share* of the time as gone."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the part that is gone."""
        del event
        width = self.width() * self._share
        QPainter(self).fillRect(QRectF(0, 0, width, self.height()), self._colour)
