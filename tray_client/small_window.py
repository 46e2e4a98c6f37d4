"""Stands in for the icon beside the clock where there is no place for one (GNOME, bare systems).

It says in words what the icon would, offers the same menu, and is never in the way: it opens in
the corner without taking the keyboard, and closing it makes it small.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from shared.qt import theme
from shared.qt.text import WrappedLabel

WIDTH = 320
PICTURE = 32


class SmallWindow(QWidget):
    """Icon, words, and two buttons. ``open_wanted``: somebody wants to see what there is."""

    open_wanted = Signal()

    def __init__(self, menu: QMenu) -> None:
        super().__init__(None)
        self.setWindowTitle(self.tr("Siaran"))
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self._picture = QLabel(self)
        self._picture.setFixedSize(PICTURE, PICTURE)
        self.words = WrappedLabel("", self)
        self.open = QPushButton(self.tr("Messages"), self)
        self.open.clicked.connect(self.open_wanted)
        self.more = QPushButton(self.tr("More"), self)
        self.more.setMenu(menu)
        for button in (self.open, self.more):
            button.setMinimumSize(2 * theme.TOUCH, theme.TOUCH)
            button.setAutoDefault(False)
        self._lay_out()
        self.setFixedWidth(WIDTH)

    def say(self, picture: QIcon, words: str) -> None:
        """Show what the icon beside the clock would show."""
        self.setWindowIcon(picture)
        self._picture.setPixmap(picture.pixmap(PICTURE, PICTURE))
        self.words.setText(words)
        self._picture.setAccessibleName(words)

    def present(self) -> None:
        """Open in the lower right corner, where the icon would be."""
        screen = QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        self.adjustSize()
        corner = QPoint(room.right() - self.width(), room.bottom() - self.height() - theme.TOUCH)
        self.move(corner - QPoint(theme.GROUP, theme.GROUP))
        self.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """There is no other way to the menu, so it stays, but small."""
        event.ignore()
        self.showMinimized()

    def changeEvent(self, event: QEvent) -> None:
        """Where nothing keeps minimised windows, it comes back instead of getting lost."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and not self.isVisible():
            QTimer.singleShot(0, self, self.showNormal)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(theme.GROUP)
        above.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        above.addWidget(self.words, 1)
        below = QHBoxLayout()
        below.setSpacing(theme.UNIT)
        below.addStretch(1)
        below.addWidget(self.open)
        below.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GROUP, theme.GROUP, theme.GROUP, theme.GROUP)
        column.setSpacing(theme.GROUP)
        column.addLayout(above)
        column.addLayout(below)
