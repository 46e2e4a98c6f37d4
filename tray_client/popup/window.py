"""The popup's window: one message, above everything, without taking the keyboard.

It may appear while a cashier types or scans: what keeps it from taking anything is in ``guard``.
Only an answer closes it, or the program: there is no close button, and Escape answers nothing.
What it shows can be changed while it is open; that asks anew, and the guard starts again.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QScreen,
)
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from shared.model import Level
from shared.qt import theme
from shared.qt.rich_text import open_link
from shared.qt.text import WrappedLabel
from shared.settings import PopupPosition, PopupScreens
from shared.text import safe_line, safe_text
from tray_client.popup.answers import Answers
from tray_client.popup.band import Band, GuardBar
from tray_client.popup.content import PopupContent
from tray_client.popup.guard import GUARD_MS, InputGuard
from tray_client.popup.placing import READING_WIDTH, largest, placed, screens_for
from tray_client.popup.reading import Reading

FULL_SCREEN_SCALE = 1.6
"""How much larger the text of a popup is that fills the screen: it is read from afar."""
FLAGS = (
    Qt.WindowType.Dialog
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
"""Without the system's frame: the band is what it can be moved by."""
BORDER = 2
FAREWELL_MS = 4000
"""How long a popup that was answered elsewhere says so, before it closes."""


@dataclass(frozen=True, slots=True)
class PopupRules:
    """What IT has decided about popups."""

    screens: PopupScreens = PopupScreens.EVERY
    position: PopupPosition = PopupPosition.CENTRE
    fullscreen: bool = False
    """Whether an emergency fills its screens."""
    guard_ms: int = GUARD_MS


class Popup(QDialog):
    """One message on the screen. ``painted`` and ``acknowledged`` carry the message id.

    ``ready``: from now on it can be answered. With an *owner* it is a mirror: the same message on
    another screen, which closes with its owner.
    """

    painted = Signal(str)
    ready = Signal()
    acknowledged = Signal(str)
    replied = Signal(str, str)
    postponed = Signal(str, int)
    acted = Signal(str)
    gone = Signal()

    def __init__(
        self,
        content: PopupContent,
        *,
        rules: PopupRules | None = None,
        guard_ms: int | None = None,
        owner: Popup | None = None,
    ) -> None:
        super().__init__(owner)
        self.content = content
        self.rules = rules or PopupRules()
        self._painted = False
        self._leaving = False
        self._soon = QTimer(self)  # a slot that closed the popup inside paintEvent would crash Qt
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_screen)
        self.screen_name = ""
        self._fills_screen = self.rules.fullscreen and content.level is Level.EMERGENCY
        self.setWindowFlags(window_flags())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setModal(owner is None and not on_x11())
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        edge = 0 if self._fills_screen else BORDER
        self.setContentsMargins(edge, edge, edge, edge)
        self._build()
        self.guard = InputGuard(self, self.rules.guard_ms if guard_ms is None else guard_ms)
        self.guard.share_changed.connect(self.guard_bar.set_share)
        self.guard.closed.connect(self._shut)
        self.guard.opened.connect(self._opened)
        self._fill()

    # --- for the presenter ---

    def present(self, screen: QScreen | None = None) -> None:
        """Show the popup on *screen*, by default where its level and the rules want it."""
        self.place_on(screen or screens_for(self.content.level, self.rules.screens)[0])
        self.guard.close()
        if self.isModal():
            self.open()
        else:
            self.show()
        self.raise_()

    def replace(self, content: PopupContent) -> None:
        """Show *content* instead, in the same place, and ask anew."""
        self.content = content
        self._painted = False
        self._leaving = False
        self.guard.close()
        self._fill()
        self.come_back()
        self.update()

    def set_place(self, place: int, total: int) -> None:
        """Say where in the queue this popup stands."""
        text = self.tr("{place} of {total}").format(place=place, total=total)
        self.band.place.setText(text if total > 1 else "")

    def take_keyboard(self) -> None:
        """Come to the front and take the keyboard: somebody asked for it."""
        if self._painted:
            self.guard.start()
        self.guard.accept_keyboard(accept=True)
        self.raise_()
        self.activateWindow()
        self.body.setFocus(Qt.FocusReason.OtherFocusReason)

    def part_with(self, words: str) -> None:
        """Say *words* in place of the buttons: what became of it elsewhere. It lets clicks through.

        ``gone`` comes when people have had time to read that.
        """
        self._leaving = True
        self.guard.close()
        self.farewell.setText(safe_line(words))
        self.farewell.show()
        self.answers.hide()
        announce(self, words)
        QTimer.singleShot(FAREWELL_MS, self, self.gone.emit)

    def withdraw(self) -> None:
        """Close without an answer: another message's turn has come, or the program ends."""
        if self._soon.isActive():
            self.painted.emit(self.content.id)
        self._leaving = True
        self._soon.stop()
        self.guard.close()
        self.close()
        self.deleteLater()

    def place_on(self, screen: QScreen) -> None:
        """Size to the text, at most a share of *screen*, and go where the rules say."""
        self.screen_name = screen.name()
        if self._fills_screen:
            frame = screen.geometry()
            self.reading.set_edge(max(0, (frame.width() - READING_WIDTH) // 2))
        else:
            room = screen.availableGeometry()
            frame = placed(self._wanted(largest(room)), room, self.rules.position)
        self.answers.setFixedHeight(self.answers.height_for(frame.width() - 2 * BORDER))
        self.setFixedSize(frame.size())
        self.move(frame.topLeft())
        self.answers.relayout()
        self.reading.fit()

    def come_back(self) -> None:
        """Take the place and size that fit now: a monitor vanished, or changed its resolution."""
        screens = {screen.name(): screen for screen in QGuiApplication.screens()}
        self.place_on(screens.get(self.screen_name) or QGuiApplication.primaryScreen())

    @property
    def guarded(self) -> bool:
        """Whether it cannot be answered yet."""
        return not self.guard.is_open

    # --- Qt ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note that the message is on the screen now."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.band_colour(self.content.level))
        painter.fillRect(self.contentsRect(), self.palette().base())
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

    def changeEvent(self, event: QEvent) -> None:
        """Some window managers offer to minimise it all the same: it comes back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.isMinimized():
            QTimer.singleShot(0, self, self.showNormal)

    def reject(self) -> None:
        """A popup cannot be dismissed unanswered."""

    # --- inside ---

    def _build(self) -> None:
        self.band = Band(self)
        self.guard_bar = GuardBar(self)
        self.reading = Reading(self)
        self.body = self.reading.body
        self.body.link_clicked.connect(self._follow_link)
        self.answers = Answers(self)
        self.ok = self.answers.ok
        self.action = self.answers.action
        self.answers.confirmed.connect(self._acknowledge)
        self.answers.replied.connect(self._reply)
        self.answers.postponed.connect(self._postpone)
        self.answers.acted.connect(self._act)
        self.farewell = WrappedLabel("", self)
        self.farewell.setFont(theme.scaled_font(self.farewell, theme.READING, bold=True))
        self.farewell.setContentsMargins(theme.EDGE, 0, theme.EDGE, theme.EDGE)
        self.farewell.setMinimumHeight(theme.TOUCH)
        self.farewell.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.band, self.guard_bar):
            column.addWidget(widget)
        column.addWidget(self.reading, 1)
        column.addWidget(self.answers)
        column.addWidget(self.farewell)

    def _fill(self) -> None:
        content = self.content
        self.setWindowTitle(safe_line(content.title))
        self.setAccessibleName(f"{content.level_name}: {safe_line(content.title)}")
        self.band.show_content(content)
        self.guard_bar.show_content(content)
        self.reading.show_content(content, FULL_SCREEN_SCALE if self._fills_screen else 1.0)
        self.answers.show_content(content)
        QWidget.setTabOrder(self.body, self.answers.buttons()[0])
        self.setAccessibleDescription(self.body.toPlainText())

    def _wanted(self, most: QSize) -> QSize:
        """The size that the text needs, at most *most*."""
        inner = most.width() - 2 * BORDER
        parts = self.band.sizeHint().height() + self.guard_bar.height() + 2 * BORDER
        parts += self.answers.height_for(inner) + self.reading.height_for(inner)
        return QSize(most.width(), min(parts, most.height()))

    def _on_screen(self) -> None:
        """The first paint is done: it has been displayed, and the guard counts from here."""
        self.guard.start()
        announce(self, f"{self.accessibleName()}. {self.accessibleDescription()}")
        self.painted.emit(self.content.id)

    def _shut(self) -> None:
        self.answers.allow(allowed=False)

    def _opened(self) -> None:
        self.answers.allow(allowed=True)
        self.ready.emit()

    def _may_answer(self) -> bool:
        """Once, and not while the guard holds."""
        if self.guarded or self._leaving:
            return False
        self._leaving = True
        return True

    def _acknowledge(self) -> None:
        if self._may_answer():
            self.acknowledged.emit(self.content.id)

    def _reply(self, words: str) -> None:
        if self._may_answer():
            self.replied.emit(self.content.id, words)

    def _postpone(self, minutes: int) -> None:
        if self._may_answer():
            self.postponed.emit(self.content.id, minutes)

    def _act(self) -> None:
        if self._may_answer():
            self.acted.emit(self.content.id)

    def _follow_link(self, address: str) -> None:
        if not self.guarded:
            open_link(address)


def on_x11() -> bool:
    """Whether an X server shows the windows.

    There no window manager may touch a popup. A manager puts a frame of its own around a window
    before it can know that clicks are to pass, and that frame takes them (openbox 3.6 never learns
    it); and Qt asks for the keyboard for every modal window (``QXcbWindow::show``).
    """
    return QGuiApplication.platformName() == "xcb"


def window_flags() -> Qt.WindowType:
    """The kind of window that a popup is here."""
    return FLAGS | Qt.WindowType.X11BypassWindowManagerHint if on_x11() else FLAGS


def announce(window: QWidget, words: str) -> None:
    """Let a screen reader say *words* now, although *window* has no focus."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(window, safe_text(words))
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
