"""The window's pages, named at its left side."""

from __future__ import annotations

import enum
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from shared.qt import theme
from shared.qt.icons import icon

BAR = 3


class Page(enum.Enum):
    """What the window can show."""

    COMPOSE = "compose"
    SENT = "sent"
    SCHEDULED = "scheduled"
    OUTLETS = "outlets"
    CHANNELS = "channels"
    SETTINGS = "settings"


class RailButton(QToolButton):
    """One page; the present one has a bar at its left and a soft ground."""

    def __init__(self, page: Page, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(name)
        self.setIcon(icon(_ICONS[page], theme.quiet_colour()))
        self.setIconSize(QSize(20, 20))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(5 * theme.UNIT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint icon and name at the left; QToolButton would centre them."""
        del event
        painter = QPainter(self)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        if self.isChecked() or self.underMouse() or self.hasFocus():
            ground = self.palette().color(QPalette.ColorRole.Highlight)
            ground.setAlpha(40 if self.isChecked() else 20)
            painter.fillRect(self.rect(), ground)
        if self.isChecked():
            accent = self.palette().color(QPalette.ColorRole.Highlight)
            painter.fillRect(0, theme.UNIT, BAR, self.height() - 2 * theme.UNIT, accent)
        size = self.iconSize()
        top = (self.height() - size.height()) // 2
        self.icon().paint(painter, theme.GROUP, top, size.width(), size.height())
        font = theme.scaled_font(self, theme.BODY, bold=self.isChecked())
        painter.setFont(font)
        painter.setPen(ink)
        left = theme.GROUP + size.width() + theme.UNIT
        area = self.rect().adjusted(left, 0, -theme.UNIT, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def sizeHint(self) -> QSize:
        """Icon, name, and room at both sides."""
        metrics = self.fontMetrics()
        wide = 2 * theme.GROUP + self.iconSize().width() + theme.UNIT
        return QSize(wide + metrics.horizontalAdvance(self.text()) * 11 // 10, 5 * theme.UNIT)


class Rail(QWidget):
    """One button a page, the settings at the bottom. Arrow keys and Ctrl+1 to 6 choose, too."""

    wanted = Signal(Page)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons = {page: RailButton(page, self._name(page), self) for page in Page}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GROUP, 0, theme.GROUP)
        column.setSpacing(theme.UNIT // 2)
        for number, (page, button) in enumerate(self.buttons.items(), 1):
            if page is Page.SETTINGS:
                column.addStretch(1)
            column.addWidget(button)
            self._group.addButton(button)
            self._connect(page, button, number)
        self.buttons[Page.COMPOSE].setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def _connect(self, page: Page, button: RailButton, number: int) -> None:
        button.toggled.connect(partial(self._toggled, page))
        keys = QKeySequence(f"Ctrl+{number}")
        button.setToolTip(keys.toString(QKeySequence.SequenceFormat.NativeText))
        QShortcut(keys, self.window()).activated.connect(button.click)

    def _toggled(self, page: Page, on: bool) -> None:
        if on:
            self.wanted.emit(page)

    def chosen(self) -> Page:
        """The page whose button is pressed."""
        return next(page for page, button in self.buttons.items() if button.isChecked())

    def choose(self, page: Page) -> None:
        """Go to *page*."""
        self.buttons[page].setChecked(True)

    def _name(self, page: Page) -> str:
        return {
            Page.COMPOSE: self.tr("Compose"),
            Page.SENT: self.tr("Sent"),
            Page.SCHEDULED: self.tr("Scheduled"),
            Page.OUTLETS: self.tr("Outlets"),
            Page.CHANNELS: self.tr("Channels"),
            Page.SETTINGS: self.tr("Settings"),
        }[page]


_ICONS = {
    Page.COMPOSE: "compose",
    Page.SENT: "send",
    Page.SCHEDULED: "scheduled",
    Page.OUTLETS: "outlets",
    Page.CHANNELS: "channels",
    Page.SETTINGS: "settings",
}
