"""The parts of the compose form: a field with its problem below, and the choice of a level."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from shared.model import Level
from shared.qt import theme
from shared.qt.icons import icon, pixmap
from shared.qt.text import PlainLabel, WrappedLabel
from shared.qt.words import level_name, localized

CHOSEN_ALPHA = 32
"""How strong the ground of what is chosen is, of 255: the text on it stays as it is."""


class Field(QWidget):
    """An input with a remark at its right below (a count) and room for its problem."""

    def __init__(self, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.problem = WrappedLabel("", self)
        theme.set_text_colour(self.problem, theme.pick(theme.BAD))
        self._sign = QLabel(self)
        self._sign.setPixmap(pixmap("error", theme.pick(theme.BAD), 16, self.devicePixelRatioF()))
        self.remark = PlainLabel("", self)
        self.remark.setFont(theme.scaled_font(self.remark, theme.SMALL))
        below = QHBoxLayout()
        below.setSpacing(theme.UNIT // 2)
        below.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.problem, 1)
        below.addStretch(0)
        below.addWidget(self.remark, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addWidget(editor, 1)
        column.addLayout(below)
        self.set_problem("")
        self.set_remark("")

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with the input; nothing if it is empty."""
        sentence = localized(sentence)
        self.problem.setText(sentence)
        self._sign.setVisible(bool(sentence))
        self.problem.setVisible(bool(sentence))
        self.editor.setAccessibleDescription(sentence)

    def set_remark(self, text: str, *, wrong: bool = False) -> None:
        """Show *text* below at the right."""
        self.remark.setText(text)
        self.remark.setVisible(bool(text))
        colour = theme.pick(theme.BAD) if wrong else theme.quiet_colour()
        theme.set_text_colour(self.remark, colour)


class Notice(WrappedLabel):
    """One line that says what happened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("What happened"))

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show *sentence*, in the colour of bad news if it is *bad*."""
        self.setText(localized(sentence))
        parent = self.parentWidget()
        usual = (parent or self).palette().windowText().color()
        theme.set_text_colour(self, theme.pick(theme.BAD) if bad else usual)


class MessageEdit(QPlainTextEdit):
    """The message's text. Tab moves on instead of writing a tab; Ctrl+Enter is for Send."""

    send_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass Ctrl+Enter on."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send_wanted.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """About six lines."""
        return QSize(400, 6 * self.fontMetrics().lineSpacing() + 2 * theme.UNIT)


def paint_released(button: QToolButton) -> None:
    """Paint *button* as if it were not pressed: some styles drown the text of one that is."""
    option = QStyleOptionToolButton()
    button.initStyleOption(option)
    state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
    option.state = state & ~QStyle.StateFlag.State_On  # type: ignore[attr-defined]
    QStylePainter(button).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class ChoiceButton(QToolButton):
    """One of several, of which one is chosen: that has a frame, and a soft ground.

    Painted by us, since a shade alone is hard to see when dark, and Windows' style has dark text on
    the accent colour.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(theme.CONTROL)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def colour(self) -> QColor:
        """Of the frame."""
        return self.palette().color(QPalette.ColorRole.Highlight)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and over it what says that it is chosen."""
        del event
        paint_released(self)
        if not self.isChecked():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.colour(), 2))
        ground = self.colour()
        ground.setAlpha(CHOSEN_ALPHA)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)


class LevelButton(ChoiceButton):
    """One level, in its colour."""

    def __init__(self, level: Level, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = level
        self.setText(level_name(level))
        self.setIcon(icon(theme.LEVELS[level].icon, theme.level_colour(level)))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def colour(self) -> QColor:
        """The level's."""
        return theme.level_colour(self._level)


class LevelChoice(QWidget):
    """One button a level, from quiet to loud; exactly one is chosen."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[Level, LevelButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT // 2)
        for level in Level:
            row.addWidget(self._make(level))
        row.addStretch(1)
        self.choose(Level.NORMAL)
        self._group.buttonToggled.connect(self.changed)

    def chosen(self) -> Level:
        """The level chosen."""
        return next(level for level, button in self._buttons.items() if button.isChecked())

    def choose(self, level: Level) -> None:
        """Choose *level*."""
        self._buttons[level].setChecked(True)

    def button(self, level: Level) -> LevelButton:
        """The button of *level*."""
        return self._buttons[level]

    def _make(self, level: Level) -> LevelButton:
        button = LevelButton(level, self)
        self._group.addButton(button)
        self._buttons[level] = button
        return button
