"""The popup as a picture: what the till will see while somebody still writes it.

It is made of the popup's own parts, laid out as the popup lays them out, and painted without ever
being a window: so it takes no focus, and nothing in it can be pressed.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shared.qt import theme
from shared.qt.popup.content import PopupContent
from shared.qt.popup.placing import WIDTH, PopupRules
from shared.qt.popup.window import Popup
from shared.text import safe_line

SETTLES_MS = 120
"""How long after the last letter the picture is made anew."""
SCREEN = QSize(1366, 768)
"""The till's screen that is taken for granted: the most common one of older tills."""
LEAST_WIDTH = 240


class Preview(QWidget):
    """Shows a content as large as there is room, at most as large as it will be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: PopupContent | None = None
        self._picture = QPixmap()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLES_MS)
        self._soon.timeout.connect(self._make_if_seen)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("As the till will see it"))

    def show_content(self, content: PopupContent) -> None:
        """Show *content*, as soon as nobody types."""
        if content != self._content:
            self._content = content
            self.setAccessibleDescription(
                f"{content.level_name}: {safe_line(content.title)}\n{content.body}"
            )
            self._soon.start()

    def make(self) -> None:
        """Make the picture now."""
        self._soon.stop()
        if self._content is not None:
            self._picture = picture_of(self._content, self.devicePixelRatioF())
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Make what nobody could see before."""
        super().showEvent(event)
        self._soon.start()

    def sizeHint(self) -> QSize:
        """Two thirds of the real size can still be read."""
        return QSize(WIDTH * 2 // 3, WIDTH * 2 // 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture at the top, and a thin line around it."""
        del event
        if self._picture.isNull():
            return
        size = self._picture.deviceIndependentSize().toSize()
        room = self.size().boundedTo(size)
        size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())
        painter.drawPixmap(frame, self._picture)
        painter.setPen(theme.line_colour())
        painter.drawRect(frame.adjusted(0, 0, -1, -1))

    def _make_if_seen(self) -> None:
        """A window without room for the preview, and a start, do not pay for it."""
        if self.isVisible():
            self.make()


def picture_of(content: PopupContent, ratio: float = 1.0) -> QPixmap:
    """Paint the popup of *content* as it is on a usual till; *ratio*: real pixels for each."""
    popup = Popup(content, rules=PopupRules(guard_ms=0))
    try:
        size = popup.size_in(QRect(0, 0, SCREEN.width(), SCREEN.height()))
        picture = QPixmap((size.toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        popup.setFixedSize(size)
        popup.layout_now()
        popup.answers.allow(allowed=True)
        popup.render(picture)
    finally:
        popup.withdraw()
    return picture
