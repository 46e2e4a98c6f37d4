"""The popup: one message, above everything, without taking the keyboard.

It may appear while a cashier types or scans. So it is shown without being activated and accepts no
focus, and for its first second it lets clicks through to the window beneath (a bar shows how long).
Only then can it be acknowledged. Asked for from the tray menu, it takes the keyboard like any
dialog.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QCursor,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QScreen,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from shared.model import Level
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import PlainLabel, ReadOnlyText, WrappedLabel
from shared.text import safe_line

WIDTH = 520
"""Device-independent pixels."""
SCREEN_SHARE = 0.8
"""The most of a screen's height that a popup takes."""
LEAST_LINES = 3
"""Lines of the message that are visible however little room there is."""
GUARD_MS = 1000
"""How long a new popup can be neither clicked nor answered."""


@dataclass(frozen=True, slots=True)
class PopupContent:
    """What a popup shows, ready to read."""

    id: str
    level: Level
    level_name: str
    source: str
    title: str
    body: str
    byline: str
    verified: bool
    action: str = ""
    """What a second button offers, instead of an answer."""


class Band(QWidget):
    """The strip in the level's colour: icon, level, channel and the place in the queue."""

    def __init__(self, content: PopupContent, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = theme.level_colour(content.level)
        ink = theme.on_level_colour()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.EDGE, theme.UNIT, theme.EDGE, theme.UNIT)
        row.setSpacing(theme.UNIT)
        sign = QLabel(self)
        style = theme.LEVELS[content.level]
        sign.setPixmap(pixmap(style.icon, ink, 20, self.devicePixelRatioF()))
        sign.setAccessibleName(content.level_name)
        text = PlainLabel(f"{content.level_name.upper()} · {safe_line(content.source, 60)}", self)
        self.place = PlainLabel("", self)
        for label in (text, self.place):
            label.setFont(theme.scaled_font(label, theme.BODY, bold=True))
            theme.set_text_colour(label, ink)
        row.addWidget(sign)
        row.addWidget(text)
        row.addStretch(1)
        row.addWidget(self.place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill with the level's colour."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._colour)


class GuardBar(QWidget):
    """Fills from left to right while the popup cannot be answered yet."""

    def __init__(self, colour: QColor, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = colour
        self._share = 0.0
        self.setFixedHeight(3)

    def set_share(self, share: float) -> None:
        """Show *share* of the time as gone."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the part that is gone."""
        del event
        width = round(self.width() * self._share)
        QPainter(self).fillRect(QRect(0, 0, width, self.height()), self._colour)


class Popup(QDialog):
    """One message on the screen. ``painted`` and ``acknowledged`` carry the message id.

    ``ready``: from now on it can be answered.
    """

    painted = Signal(str)
    ready = Signal()
    acknowledged = Signal(str)
    acted = Signal(str)

    def __init__(self, content: PopupContent, *, guard_ms: int = GUARD_MS) -> None:
        super().__init__(None)
        self.content = content
        self._painted = False
        self._soon = QTimer(self)  # a slot that closed the popup inside paintEvent would crash Qt
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_screen)
        self._leaving = False
        self.setWindowTitle(safe_line(content.title))
        self.setWindowFlags(
            Qt.WindowType.Dialog
            | Qt.WindowType.CustomizeWindowHint
            | Qt.WindowType.WindowTitleHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setModal(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._build()
        self._guard = QVariantAnimation(self)
        self._guard.setStartValue(0.0)
        self._guard.setEndValue(1.0)
        self._guard.setDuration(guard_ms)
        self._guard.valueChanged.connect(self.guard_bar.set_share)
        self._guard.finished.connect(self._open_to_input)

    # --- for the presenter ---

    def present(self, screen: QScreen | None = None) -> None:
        """Show the popup on *screen*, the one with the mouse pointer by default."""
        self._place_on(screen or QGuiApplication.screenAt(QCursor.pos()))
        self._set_transparent(transparent=True)
        self._allow_answers(allowed=False)
        self.open()
        self.raise_()

    def set_place(self, place: int, total: int) -> None:
        """Say where in the queue this popup stands."""
        text = self.tr("{place} of {total}").format(place=place, total=total)
        self.band.place.setText(text if total > 1 else "")

    def take_keyboard(self) -> None:
        """Come to the front and take the keyboard: somebody asked for it.

        The guard starts anew, or the Enter that ended a scan would acknowledge.
        """
        if self._painted:
            self._start_guard()
        window = self.windowHandle()
        if window is not None:
            window.setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, False)
        self.raise_()
        self.activateWindow()
        self.body.setFocus(Qt.FocusReason.OtherFocusReason)

    def withdraw(self) -> None:
        """Close without an answer: another message's turn has come, or the program ends."""
        if self._soon.isActive():
            self.painted.emit(self.content.id)
        self._leaving = True
        self._soon.stop()
        self._guard.stop()
        self.close()
        self.deleteLater()

    @property
    def guarded(self) -> bool:
        """Whether it cannot be answered yet."""
        return not self.ok.isEnabled()

    # --- Qt ---

    def showEvent(self, event: QShowEvent) -> None:
        """Tell screen readers what has come."""
        super().showEvent(event)
        self.setAccessibleName(f"{self.content.level_name}: {safe_line(self.content.title)}")
        self.setAccessibleDescription(self.body.toPlainText())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note that the message is on the screen now."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self._soon.start(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape answers nothing, and Enter only reaches the button that has the focus."""
        event.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only an answer closes a popup, or the program itself."""
        if self._leaving:
            super().closeEvent(event)
        else:
            event.ignore()

    def reject(self) -> None:
        """A popup cannot be dismissed unanswered."""

    # --- inside ---

    def _build(self) -> None:
        content = self.content
        self.band = Band(content, self)
        self.guard_bar = GuardBar(theme.level_colour(content.level), self)
        title = WrappedLabel(safe_line(content.title), self)
        title.setFont(theme.scaled_font(title, theme.HEADING, bold=True))
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        byline = WrappedLabel(content.byline, self)
        byline.setFont(theme.scaled_font(byline, theme.SMALL))
        theme.set_text_colour(byline, theme.quiet_colour())
        self.body = ReadOnlyText(content.body, self)
        self.body.setFont(theme.scaled_font(self.body, theme.READING))
        self.body.setAccessibleName(self.tr("Message"))
        self.ok = QPushButton(self.tr("OK"), self)
        self.ok.setMinimumSize(QSize(3 * theme.TOUCH, theme.TOUCH))
        self.ok.setAutoDefault(False)
        self.ok.clicked.connect(self._acknowledge)
        self.action = QPushButton(content.action, self)
        self.action.setMinimumSize(QSize(3 * theme.TOUCH, theme.TOUCH))
        self.action.setAutoDefault(False)
        self.action.setVisible(bool(content.action))
        self.action.clicked.connect(self._act)
        self._lay_out(title, byline)

    def _lay_out(self, title: QWidget, byline: QWidget) -> None:
        text = QVBoxLayout()
        text.setContentsMargins(theme.EDGE, theme.GROUP, theme.EDGE, theme.GROUP)
        text.setSpacing(theme.UNIT)
        text.addWidget(title)
        text.addWidget(byline)
        if not self.content.verified:
            text.addWidget(self._unverified_note())
        text.addSpacing(theme.UNIT)
        text.addWidget(self.body, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(theme.EDGE, 0, theme.EDGE, theme.EDGE)
        buttons.setSpacing(theme.UNIT)
        buttons.addStretch(1)
        buttons.addWidget(self.action)
        buttons.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.band, self.guard_bar):
            column.addWidget(widget)
        column.addLayout(text, 1)
        column.addLayout(buttons)

    def _unverified_note(self) -> QWidget:
        note = WrappedLabel(self.tr("Unverified: it is not known who sent this."), self)
        note.setFont(theme.scaled_font(note, theme.SMALL, bold=True))
        theme.set_text_colour(note, theme.pick(theme.WARNING))
        return note

    def _place_on(self, screen: QScreen | None) -> None:
        """Size to the text, at most a share of the screen, and centre."""
        screen = screen or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        width = min(WIDTH, room.width())
        self.setFixedWidth(width)
        text_height = self.body.height_for(width - 2 * theme.EDGE)
        few_lines = LEAST_LINES * self.body.fontMetrics().lineSpacing()
        self.body.setMinimumHeight(min(text_height, few_lines))
        layout = self.layout()
        assert layout is not None
        layout.activate()
        rest = layout.minimumHeightForWidth(width) - self.body.minimumHeight()
        height = min(rest + text_height, int(room.height() * SCREEN_SHARE))
        self.resize(width, height)
        frame = QRect(QPoint(0, 0), QSize(width, height))
        frame.moveCenter(room.center())
        self.move(frame.topLeft())

    def _set_transparent(self, *, transparent: bool) -> None:
        """Let clicks through, or not any more."""
        self.winId()  # makes the native window, which carries the flag
        window = self.windowHandle()
        if window is not None:
            window.setFlag(Qt.WindowType.WindowTransparentForInput, transparent)

    def _on_screen(self) -> None:
        """The first paint is done: it has been displayed, and the guard counts from here."""
        self._start_guard()
        self.painted.emit(self.content.id)

    def _start_guard(self) -> None:
        self._set_transparent(transparent=True)
        self._allow_answers(allowed=False)
        self._guard.stop()
        self._guard.start()

    def _open_to_input(self) -> None:
        self._set_transparent(transparent=False)
        self.guard_bar.set_share(0.0)
        self._allow_answers(allowed=True)
        self.ready.emit()

    def _allow_answers(self, *, allowed: bool) -> None:
        self.ok.setEnabled(allowed)
        self.action.setEnabled(allowed)

    def _acknowledge(self) -> None:
        if self.guarded or self._leaving:
            return
        self._leaving = True
        self.acknowledged.emit(self.content.id)

    def _act(self) -> None:
        if self.guarded or self._leaving:
            return
        self._leaving = True
        self.acted.emit(self.content.id)
