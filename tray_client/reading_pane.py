"""One message to read: its whole text, and the answer it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shared.model import Ack
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.popup.answers import AnswerButton
from shared.qt.rich_text import MessageText, open_link
from shared.qt.text import PlainLabel, WrappedLabel, plain_tooltip
from shared.qt.words import channel_name, level_name, moment
from shared.text import safe_line
from tray_client.archive import Letter
from tray_client.claim_words import answered_sentence, claim_sentence
from tray_client.claims import answered_for_outlet
from tray_client.inbox_model import state_name
from tray_client.proof_words import proof_words
from tray_client.records import State


class ReadingPane(QWidget):
    """Shows one message. ``painted`` carries its id, ``answer_wanted`` a reply or nothing, too."""

    painted = Signal(str)
    answer_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None, endpoint: str = "") -> None:
        """*endpoint* is this PC's name."""
        super().__init__(parent)
        self.letter: Letter | None = None
        self._endpoint = endpoint
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
        self._show_state(letter)
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
        self._note = WrappedLabel(self.tr("Unverified: it is not known who sent this."), self)
        self.state = WrappedLabel("", self)
        for label in (self.byline, self._note, self.state):
            label.setFont(theme.scaled_font(label, theme.SMALL, bold=label is self._note))
        self.body = MessageText(self)
        self.body.link_clicked.connect(open_link)
        self.body.setFont(theme.scaled_font(self.body, theme.READING))
        self.body.setAccessibleName(self.tr("Message"))
        self.body.setViewportMargins(0, 0, theme.UNIT, 0)
        by_keyboard = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.body.setTextInteractionFlags(self.body.textInteractionFlags() | by_keyboard)
        self.acknowledge = QPushButton(self.tr("Acknowledge"), self)
        self.acknowledge.setMinimumSize(QSize(3 * theme.TOUCH, theme.TOUCH))
        self.acknowledge.clicked.connect(lambda: self._answer(""))
        self.replies = ReplyGrid(self)
        self.replies.chosen.connect(self._answer)

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
        column.addWidget(self.replies)
        column.addLayout(answer)

    def _fill(self, letter: Letter) -> None:
        entry = letter.entry
        self._level.setText(level_name(entry.level))
        self.title.setText(safe_line(entry.title))
        place = channel_name(entry.channel)
        time, proof = moment(entry.due_at, zone=True), proof_words(entry.proof)
        parts = (safe_line(entry.sender), safe_line(place), time, proof)
        self.byline.setText(" · ".join(part for part in parts if part))
        self._note.setVisible(not entry.verified)
        self.body.show_text(letter.body, letter.format)
        self.replies.offer(letter.replies)
        self._tint()

    def _show_state(self, letter: Letter) -> None:
        waits = letter.entry.waits
        answered = answered_for_outlet(letter.ack, letter.answered_by, self._endpoint)
        self.state.setText(_state_sentence(letter, for_outlet=answered))
        buttons = (self.acknowledge, *self.replies.buttons)
        focused = any(button.hasFocus() for button in buttons)
        if focused and not waits:
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)
        self.acknowledge.setText(self._answer_name(letter, answered=answered))
        self.acknowledge.setVisible(waits)
        self.acknowledge.setEnabled(True)
        self.replies.setVisible(waits and bool(letter.replies) and not answered)
        self.replies.setEnabled(True)

    def _answer_name(self, letter: Letter, *, answered: bool) -> str:
        if answered:
            return self.tr("Close")
        return self.tr("Mark as read") if letter.ack is Ack.NONE else self.tr("Acknowledge")

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

    def _answer(self, reply: str) -> None:
        """Once: the answer shows when it has been stored."""
        if self.letter is not None:
            self.acknowledge.setEnabled(False)
            self.replies.setEnabled(False)
            self.answer_wanted.emit(self.letter.entry.id, reply)

    def _on_screen(self) -> None:
        if self.letter is not None and self.isVisible():
            self.painted.emit(self.letter.entry.id)


class ReplyGrid(QWidget):
    """Short answers to choose from, two in a row where there is room for them.

    ``chosen`` carries one as it was sent.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: list[AnswerButton] = []
        self._words: list[str] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.UNIT)

    def offer(self, replies: Sequence[str]) -> None:
        """Offer *replies* in place of others."""
        for old in self.buttons:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._words = [safe_line(words) for words in replies]
        self.buttons = [self._button(words) for words in replies]
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the new width."""
        super().resizeEvent(event)
        self._arrange()

    def _button(self, words: str) -> AnswerButton:
        button = AnswerButton(words, self)
        button.setToolTip(plain_tooltip(safe_line(words)))
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.chosen.emit(words))
        return button

    def _arrange(self) -> None:
        """Place the buttons; what does not fit a whole row either is cut, and said by its tip."""
        metrics, room = self.fontMetrics(), self.width() - 4 * theme.UNIT
        longest = max((metrics.horizontalAdvance(words) for words in self._words), default=0)
        columns = 2 if 2 * longest + 5 * theme.UNIT <= room else 1
        for place, (button, words) in enumerate(zip(self.buttons, self._words, strict=True)):
            cut = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room // columns)
            button.setText(cut.replace("&", "&&"))
            self._grid.addWidget(button, place // columns, place % columns)


def _state_sentence(letter: Letter, *, for_outlet: bool) -> str:
    entry, who = letter.entry, (letter.answered_by, letter.answered_user, letter.reply)
    elsewhere = entry.state is State.ACKNOWLEDGED and letter.answered_by
    if entry.state is State.ANSWERED or elsewhere:
        return answered_sentence(*who)
    if entry.waits and letter.answered_by:
        return claim_sentence(*who, for_outlet=for_outlet)
    if entry.state is State.RECALLED and letter.replaced:
        return QCoreApplication.translate("inbox", "Replaced by a newer message")
    if entry.state is State.ACKNOWLEDGED and entry.acknowledged_at is not None:
        words = QCoreApplication.translate("inbox", "Acknowledged at {time}")
        sentence = words.format(time=moment(entry.acknowledged_at))
        return f"{sentence}: {safe_line(letter.reply)}" if letter.reply else sentence
    return state_name(entry.state)
