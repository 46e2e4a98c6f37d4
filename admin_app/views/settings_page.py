"""Every setting of this console, what it is, where its value comes from, and Save."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.views.fields import Notice
from admin_app.views.findings import FindingsList
from admin_app.views.setting_row import SettingContent, SettingRow
from shared.errors import Problem
from shared.qt import theme
from shared.qt.layouts import ColumnArea, even_controls, page_head
from shared.qt.text import PlainLabel, WrappedLabel


class SettingsPage(QWidget):
    """Shows and collects; whatever is to be done is a signal."""

    save_wanted = Signal()
    test_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, SettingRow] = {}
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMinimumHeight(4 * theme.UNIT)
        self.password.setAccessibleName(self.tr("Password"))
        self.password.textChanged.connect(self._refresh)
        self.findings = FindingsList(self)
        self.findings.filled.connect(self._show_findings)
        self.test = QPushButton(self.tr("Test the connection"), self)
        self.test.clicked.connect(self.test_wanted)
        self.save = QPushButton(self.tr("Save"), self)
        self.save.setMinimumSize(14 * theme.UNIT, 5 * theme.UNIT)
        self.save.clicked.connect(self.save_wanted)
        self.notice = Notice(self)
        self.where = WrappedLabel("", self)
        self._column = QVBoxLayout()
        self._lay_out()
        self._refresh()

    def show_settings(
        self, groups: Sequence[tuple[str, Sequence[SettingContent]]], where: str
    ) -> None:
        """Build the rows; *where* says in which file a person's own settings are."""
        for title, contents in groups:
            heading = PlainLabel(title, self)
            heading.setFont(theme.scaled_font(heading, theme.HEADING, bold=True))
            self._column.addSpacing(theme.UNIT)
            self._column.addWidget(heading)
            for content in contents:
                row = SettingRow(content, self)
                row.edited.connect(self._refresh)
                self.rows[content.name] = row
                self._column.addWidget(row)
                if content.name == "username":
                    self._add_password()
            if "redis_url" in {content.name for content in contents}:
                self._column.addWidget(self.test, 0, Qt.AlignmentFlag.AlignLeft)
                self._column.addWidget(self.findings)
        self.where.setText(where)
        self._column.addWidget(self.where)
        self._column.addStretch(1)
        even_controls(self)
        self._refresh()

    def allow_password(self, *, editable: bool, given: bool) -> None:
        """Let a password be typed, and say whether there is one already."""
        self.password.setEnabled(editable)
        self.password.setPlaceholderText(
            self.tr("A password is set; type to replace it") if given else self.tr("None is set")
        )

    def changes(self) -> dict[str, str | None]:
        """What was changed; None takes this person's value back."""
        found = {name: row.change() for name, row in self.rows.items()}
        return {name: value for name, (changed, value) in found.items() if changed}

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Name each problem beside its setting and go to the first."""
        sentences = {problem.field: problem.sentence for problem in problems}
        for name, row in self.rows.items():
            row.set_problem(sentences.get(name, ""))
        first = next((row for name, row in self.rows.items() if name in sentences), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self._area.ensureWidgetVisible(first)

    def _add_password(self) -> None:
        name = PlainLabel(self.tr("Password"), self)
        name.setFont(theme.scaled_font(name, theme.BODY, bold=True))
        text = WrappedLabel(
            self.tr("Of the Redis account. It is kept in a file that only you can read."), self
        )
        text.setFont(theme.scaled_font(text, theme.SMALL))
        theme.set_text_colour(text, theme.quiet_colour())
        box = QVBoxLayout()
        box.setSpacing(theme.UNIT // 2)
        for widget in (name, text, self.password):
            box.addWidget(widget)
        self._column.addLayout(box)

    def _show_findings(self) -> None:
        self._area.widget().adjustSize()
        self._area.ensureWidgetVisible(self.findings)

    def _refresh(self) -> None:
        self.save.setEnabled(bool(self.changes() or self.password.text()))

    def _lay_out(self) -> None:
        inner = QWidget(self)
        inner.setLayout(self._column)
        self._column.setContentsMargins(theme.EDGE, theme.GROUP, theme.EDGE, theme.EDGE)
        self._column.setSpacing(theme.GROUP)
        self._area = ColumnArea(inner, self, centred=False)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(theme.EDGE, theme.UNIT, theme.EDGE, theme.GROUP)
        bottom.setSpacing(theme.GROUP)
        bottom.addWidget(self.notice, 1)
        bottom.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = page_head(self.tr("Settings"))
        head.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, 0)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        column.addLayout(bottom)
