"""One setting: its name, something to change it with, and where its value comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.views.fields import Field
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import PlainLabel, WrappedLabel


@dataclass(frozen=True, slots=True)
class SettingContent:
    """What a row shows. ``choices``: value and word; ``own``: this person set it."""

    name: str
    label: str
    help: str
    value: str
    source: str
    editable: bool
    own: bool
    file: bool = False
    choices: Sequence[tuple[str, str]] = ()


class FileEdit(QWidget):
    """A path, typed or chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.browse = QPushButton(self.tr("Choose …"), self)
        self.browse.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a file"), self.line.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.line.setText)
        dialog.open()


class SettingRow(QWidget):
    """Shows one setting and holds what was typed for it."""

    edited = Signal()

    def __init__(self, content: SettingContent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self._taken_back = False
        self.editor = self._make_editor()
        self.editor.setEnabled(content.editable)
        self.field = Field(self.editor, self)
        self.field.remark.hide()
        self.source = PlainLabel(content.source, self)
        self.source.setFont(theme.scaled_font(self.source, theme.SMALL))
        theme.set_text_colour(self.source, theme.quiet_colour())
        self.reset = QToolButton(self)
        self.reset.setText(self.tr("Reset"))
        self.reset.setToolTip(self.tr("Use what is set for this PC, or the default"))
        self.reset.setAutoRaise(True)
        self.reset.setVisible(content.own and content.editable)
        self.reset.clicked.connect(self._take_back)
        self._lay_out()

    def change(self) -> tuple[bool, str | None]:
        """Whether this row was changed, and to what; None takes this person's value back."""
        if self._taken_back:
            return True, None
        value = self._value()
        return value != self.content.value, value

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with what was typed."""
        self.field.set_problem(sentence)

    def _make_editor(self) -> QWidget:
        if self.content.choices:
            return self._make_choice()
        if self.content.file:
            edit = FileEdit(self)
            edit.browse.setVisible(self.content.editable)
            self._watch(edit.line)
            return edit
        line = QLineEdit(self)
        self._watch(line)
        return line

    def _make_choice(self) -> QComboBox:
        combo = QComboBox(self)
        for value, word in self.content.choices:
            combo.addItem(word, value)
        combo.setCurrentIndex(combo.findData(self.content.value))
        combo.currentIndexChanged.connect(self._changed)
        combo.setAccessibleName(self.content.label)
        return combo

    def _watch(self, line: QLineEdit) -> None:
        line.setText(self.content.value)
        line.setCursorPosition(0)
        line.setMinimumHeight(4 * theme.UNIT)
        line.setAccessibleName(self.content.label)
        line.textEdited.connect(self._changed)
        line.textChanged.connect(self._changed)

    def _changed(self) -> None:
        self._taken_back = False
        self.field.set_problem("")
        self.edited.emit()

    def _take_back(self) -> None:
        self._taken_back = True
        self.reset.setEnabled(False)
        self.editor.setEnabled(False)
        self.source.setText(self.tr("Reset when you save"))
        self.edited.emit()

    def _value(self) -> str:
        if isinstance(self.editor, QComboBox):
            return str(self.editor.currentData())
        line = self.editor.line if isinstance(self.editor, FileEdit) else self.editor
        assert isinstance(line, QLineEdit)
        return line.text().strip()

    def _lay_out(self) -> None:
        name = PlainLabel(self.content.label, self)
        name.setBuddy(self.editor)
        name.setFont(theme.scaled_font(name, theme.BODY, bold=True))
        head = QHBoxLayout()
        head.setSpacing(theme.UNIT)
        head.addWidget(name)
        if not self.content.editable:
            lock = QLabel(self)
            lock.setPixmap(pixmap("lock", theme.quiet_colour(), 14, self.devicePixelRatioF()))
            lock.setToolTip(self.content.source)
            head.addWidget(lock)
        head.addStretch(1)
        head.addWidget(self.source)
        head.addWidget(self.reset)
        text = WrappedLabel(self.content.help, self)
        text.setFont(theme.scaled_font(text, theme.SMALL))
        theme.set_text_colour(text, theme.quiet_colour())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addLayout(head)
        column.addWidget(text)
        column.addWidget(self.field)
