"""One message to read: its whole text, and the answer it asks for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import PlainLabel, ReadOnlyText, WrappedLabel
from shared.qt.words import channel_name, level_name, moment
from shared.text import safe_line
from tray_client.archive import Entry, Letter
from tray_client.inbox_model import state_name
from tray_client.records import State


class ReadingPane(QWidget):
    """Shows one message. ``painted`` and ``acknowledge_wanted`` carry its id."""

    painted = Signal(str)
    acknowledge_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter: Letter | None = None
        self._soon = QTimer(self)  # whoever hears of it may change this pane: not inside paintEvent
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_screen)
        self._build()
        self._lay_out()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._tint()

    def show_letter(self, letter: Letter) -> None:
        """Show *letter*; if it is the present one, only how far it has come."""
        before, self.letter = self.letter, letter
        if before is None or (before.entry.id, before.body) != (letter.entry.id, letter.body):
            self._fill(letter)
        self._show_state(letter.entry)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note that the message is on the screen now."""
        super().paintEvent(event)
        self._soon.start(0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system from light to dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _build(self) -> None:
        self._sign = QLabel(self)
        self._level = PlainLabel("", self)
        self._level.setFont(theme.scaled_font(self._level, theme.BODY, bold=True))
        self.title = WrappedLabel("", self)
        self.title.setFont(theme.scaled_font(self.title, theme.HEADING, bold=True))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.byline = WrappedLabel("", self)
        self._note = WrappedLabel(
            self.tr("Unverified: this text did not come from a Siaran console."), self
        )
        self.state = WrappedLabel("", self)
        for label in (self.byline, self._note, self.state):
            label.setFont(theme.scaled_font(label, theme.SMALL, bold=label is self._note))
        self.body = ReadOnlyText("", self)
        self.body.setFont(theme.scaled_font(self.body, theme.READING))
        self.body.setAccessibleName(self.tr("Message"))
        self.body.setViewportMargins(0, 0, theme.UNIT, 0)
        by_keyboard = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.body.setTextInteractionFlags(self.body.textInteractionFlags() | by_keyboard)
        self.acknowledge = QPushButton(self.tr("Acknowledge"), self)
        self.acknowledge.setMinimumSize(QSize(3 * theme.TOUCH, theme.TOUCH))
        self.acknowledge.clicked.connect(self._answer)

    def _lay_out(self) -> None:
        level = QHBoxLayout()
        level.setSpacing(theme.UNIT)
        level.addWidget(self._sign)
        level.addWidget(self._level, 1)
        answer = QHBoxLayout()
        answer.setSpacing(theme.GROUP)
        answer.addWidget(self.state, 1)
        answer.addWidget(self.acknowledge)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.EDGE, theme.GROUP, theme.EDGE, theme.GROUP)
        column.setSpacing(theme.UNIT)
        column.addLayout(level)
        for label in (self.title, self.byline, self._note):
            column.addWidget(label)
        column.addSpacing(theme.UNIT)
        column.addWidget(self.body, 1)
        column.addLayout(answer)

    def _fill(self, letter: Letter) -> None:
        entry = letter.entry
        self._level.setText(level_name(entry.level))
        self.title.setText(safe_line(entry.title))
        place = channel_name(entry.channel)
        parts = (safe_line(entry.sender), safe_line(place), moment(entry.due_at, zone=True))
        self.byline.setText(" · ".join(part for part in parts if part))
        self._note.setVisible(not entry.verified)
        self.body.set_text(letter.body)
        self._tint()

    def _show_state(self, entry: Entry) -> None:
        self.state.setText(_state_sentence(entry))
        if self.acknowledge.hasFocus() and not entry.waits:
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)
        self.acknowledge.setVisible(entry.waits)
        self.acknowledge.setEnabled(True)

    def _tint(self) -> None:
        for label in (self.byline, self.state):
            theme.set_text_colour(label, theme.quiet_colour())
        theme.set_text_colour(self._note, theme.pick(theme.WARNING))
        if self.letter is not None:
            level = self.letter.entry.level
            colour = theme.level_colour(level)
            name = theme.LEVELS[level].icon
            self._sign.setPixmap(pixmap(name, colour, 20, self.devicePixelRatioF()))
            theme.set_text_colour(self._level, colour)

    def _answer(self) -> None:
        """Once: the answer shows when it has been stored."""
        if self.letter is not None:
            self.acknowledge.setEnabled(False)
            self.acknowledge_wanted.emit(self.letter.entry.id)

    def _on_screen(self) -> None:
        if self.letter is not None and self.isVisible():
            self.painted.emit(self.letter.entry.id)


def _state_sentence(entry: Entry) -> str:
    if entry.state is State.ACKNOWLEDGED and entry.acknowledged_at is not None:
        words = QCoreApplication.translate("inbox", "Acknowledged at {time}")
        return words.format(time=moment(entry.acknowledged_at))
    return state_name(entry.state)
