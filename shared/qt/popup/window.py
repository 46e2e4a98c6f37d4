"""The popup's window: one message, above everything, without taking the keyboard.

It may appear while a cashier types or scans: what keeps it from taking anything is in ``guard``.
Only an answer closes it, or the program: there is no close button, and Escape answers nothing.
What it shows can be changed while it is open; that asks anew, and the guard starts again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QScreen,
)
from PySide6.QtWidgets import QDialog, QStyle, QVBoxLayout, QWidget

from shared.model import Level
from shared.qt import theme
from shared.qt.popup.answers import Answers
from shared.qt.popup.band import Band, GuardBar
from shared.qt.popup.content import PopupContent
from shared.qt.popup.guard import InputGuard
from shared.qt.popup.placing import READING_WIDTH, PopupRules, largest, placed, screens_for
from shared.qt.popup.reading import Reading
from shared.qt.popup.system import announce, on_x11, window_flags
from shared.qt.rich_text import open_link
from shared.qt.text import WrappedLabel
from shared.text import safe_line

FULL_SCREEN_SCALE = 2.0
"""How much larger the text of a popup is that fills the screen: it is read from afar."""
BORDER = 2
MOST_BUTTONS = 0.5
"""The share of a popup's height that buttons may take; more of them scroll along with the text."""
FAREWELL_MS = 4000
"""How long a popup that was answered elsewhere says so, before it closes."""

_SCROLL_BAR = QStyle.PixelMetric.PM_ScrollBarExtent


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
        self.body.setCursorWidth(1)
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
        self.guard.end()
        self.hide()
        self.deleteLater()

    def place_on(self, screen: QScreen) -> None:
        """Size to the text, at most a share of *screen*, and go where the rules say."""
        self.screen_name = screen.name()
        if self._fills_screen:
            frame = screen.geometry()
            self._arrange_full(frame.size())
        else:
            room = screen.availableGeometry()
            frame = placed(self.size_in(room), room, self.rules.position)
        self.setFixedSize(frame.size())
        self.move(frame.topLeft())
        self.layout_now()

    def size_in(self, room: QRect) -> QSize:
        """Lay out for a screen with *room*, and return the size that is needed there."""
        most = largest(room)
        self._arrange(most)
        return self._wanted(most)

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
        painter.fillRect(self.rect(), theme.level_colour(self.content.level))
        painter.fillRect(self.contentsRect(), self.palette().base())
        if self.reading.scrolls:
            below = self.reading.geometry().bottom() + 1
            painter.fillRect(BORDER, below, self.width() - 2 * BORDER, 1, theme.line_colour())
        if not self._painted:
            self._painted = True
            self._soon.start(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape answers nothing, and Enter only reaches the button that has the focus."""
        event.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only an answer closes a popup, or the program itself."""
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
        self.body.setCursorWidth(0)
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
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.band)
        column.addWidget(self.guard_bar)
        if self._fills_screen:
            column.addStretch(1)
        column.addWidget(self.reading, 0 if self._fills_screen else 1)
        column.addWidget(self.answers)
        column.addWidget(self.farewell)
        if self._fills_screen:
            column.addStretch(1)

    def _fill(self) -> None:
        content = self.content
        self.setWindowTitle(safe_line(content.title))
        self.setAccessibleName(f"{content.level_name}: {safe_line(content.title)}")
        scale = FULL_SCREEN_SCALE if self._fills_screen else 1.0
        self.band.show_content(content, scale)
        self.guard_bar.show_content(content)
        self.reading.show_content(content, scale)
        self.answers.show_content(content, scale)
        QWidget.setTabOrder(self.body, self.answers.buttons()[0])
        self.setAccessibleDescription(self.body.toPlainText())

    def _arrange(self, most: QSize) -> None:
        """Give the buttons their height; if that leaves little for the text, all scrolls as one."""
        inner = most.width() - 2 * BORDER
        self.answers.set_edge(theme.EDGE)
        cramped = self.answers.height_for(inner) > most.height() * MOST_BUTTONS
        if cramped:
            self.answers.set_edge(0)
            inner -= 2 * theme.EDGE + self.style().pixelMetric(_SCROLL_BAR)
        self.answers.setFixedHeight(self.answers.height_for(inner))
        if not cramped:
            self._column.insertWidget(self._column.indexOf(self.reading) + 1, self.answers)
        self.reading.take_in(self.answers if cramped else None)

    def _arrange_full(self, size: QSize) -> None:
        """One column in the middle of the screen, the buttons below the text."""
        edge = max(0, (size.width() - READING_WIDTH) // 2)
        self.reading.set_edge(edge)
        self.answers.set_edge(edge + theme.EDGE)
        self.answers.setFixedHeight(self.answers.height_for(size.width()))
        rest = size.height() - self.band.sizeHint().height() - self.answers.height()
        self.reading.setFixedHeight(min(self.reading.height_for(size.width()), rest))

    def layout_now(self) -> None:
        """Lay everything out: the text cannot know whether it scrolls before."""
        self._column.activate()
        self.answers.relayout()
        self.reading.fit()

    def _wanted(self, most: QSize) -> QSize:
        """The size that the text needs, at most *most*."""
        inner = most.width() - 2 * BORDER
        parts = self.band.sizeHint().height() + self.guard_bar.height() + 2 * BORDER
        parts += self.reading.height_for(inner)
        if self.answers.parentWidget() is self:
            parts += self.answers.height()
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
