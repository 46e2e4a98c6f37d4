"""The first page of a console that has no Redis yet: asks for the address and tries it at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.views.fields import Field
from admin_app.views.findings import FindingsList
from admin_app.views.setting_row import FileEdit
from shared.errors import Problem
from shared.phrases import together
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.layouts import ColumnArea
from shared.qt.text import PlainLabel, WrappedLabel

TRY_AFTER_MS = 600
"""How long somebody has to stop typing before the address is tried."""


class ConnectionPage(QWidget):
    """Shows and collects; whatever is to be done is a signal."""

    try_wanted = Signal()
    save_wanted = Signal()
    later_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = QLineEdit(self)
        self.username = QLineEdit(self)
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.ca_file = FileEdit(self)
        self.address_field = Field(self.address, self)
        self.address_field.remark.hide()
        self.findings = FindingsList(self)
        self.intro = WrappedLabel("", self)
        self.save = QPushButton(self.tr("Save and connect"), self)
        self.later = QPushButton(self.tr("Not now"), self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TRY_AFTER_MS)
        self._pause.timeout.connect(self.try_wanted)
        self._set_up()
        self._lay_out()
        self._connect()

    def fill(self, address: str, username: str, ca_file: str) -> None:
        """Begin with what is set."""
        self.address.setText(address)
        self.username.setText(username)
        self.ca_file.line.setText(ca_file)
        self._show_certificate()
        self.address.selectAll()

    def lock(self, who: str) -> None:
        """Leave everything to IT: the address is not this person's to change."""
        for widget in (self.address, self.username, self.password, self.ca_file, self.save):
            widget.setEnabled(False)
        self.intro.setText(who)

    def typed(self) -> dict[str, str]:
        """What stands in the fields, as settings. An address may come without ``redis://``."""
        address = self.address.text().strip()
        if address and "://" not in address:
            address = f"redis://{address}"
        return {
            "redis_url": address,
            "username": self.username.text().strip(),
            "ca_file": self.ca_file.line.text().strip(),
        }

    def show_problems(self, problems: list[Problem]) -> None:
        """Say below the address what is wrong with what was typed."""
        self.address_field.set_problem(together(*(problem.sentence for problem in problems)))

    def _set_up(self) -> None:
        self.intro.setText(
            self.tr(
                "Siaran needs a Redis server in your network; IT knows its address. "
                "It is tried while you type, and nothing is sent."
            )
        )
        self.address.setPlaceholderText("redis://hq-redis:6379")
        self.username.setPlaceholderText(self.tr("Only if Redis asks for one"))
        self.ca_file.line.setPlaceholderText(self.tr("Only for a certificate of your own"))
        for line, name in (
            (self.address, self.tr("Redis address")),
            (self.username, self.tr("User name")),
            (self.password, self.tr("Password")),
            (self.ca_file.line, self.tr("Certificate authority")),
        ):
            line.setAccessibleName(name)
            line.setMinimumHeight(4 * theme.UNIT)
        for button in (self.save, self.later):
            button.setMinimumHeight(5 * theme.UNIT)
        self.save.setDefault(True)

    def _connect(self) -> None:
        for line in (self.address, self.username, self.password, self.ca_file.line):
            line.textChanged.connect(self._changed)
            line.returnPressed.connect(self.save_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.later.clicked.connect(self.later_wanted)

    def _changed(self) -> None:
        self.show_problems([])
        self._show_certificate()
        self._pause.start()

    def _show_certificate(self) -> None:
        encrypted = self.address.text().strip().startswith("rediss")
        for widget in (self._ca_label, self.ca_file):
            widget.setVisible(encrypted)

    def _lay_out(self) -> None:
        sign = QLabel(self)
        sign.setPixmap(pixmap("server", theme.quiet_colour(), 48, self.devicePixelRatioF()))
        heading = PlainLabel(self.tr("Where is your Redis server?"), self)
        heading.setFont(theme.scaled_font(heading, theme.HEADING, bold=True))
        self._ca_label = PlainLabel(self.tr("Certificate authority"), self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GROUP)
        grid.setVerticalSpacing(theme.UNIT)
        rows = (
            (PlainLabel(self.tr("&Address"), self), self.address, self.address_field),
            (PlainLabel(self.tr("&User name"), self), self.username, self.username),
            (PlainLabel(self.tr("&Password"), self), self.password, self.password),
            (self._ca_label, self.ca_file, self.ca_file),
        )
        for row, (label, buddy, widget) in enumerate(rows):
            label.setBuddy(buddy)
            label.setMinimumHeight(4 * theme.UNIT)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(widget, row, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.UNIT)
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        buttons.addWidget(self.save)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.EDGE, 2 * theme.EDGE, theme.EDGE, theme.EDGE)
        column.setSpacing(theme.GROUP)
        column.addWidget(sign)
        column.addWidget(heading)
        column.addWidget(self.intro)
        column.addLayout(grid)
        column.addLayout(buttons)
        column.addWidget(self.findings)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ColumnArea(inner, self))
