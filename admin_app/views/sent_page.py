"""Sent: every message like a mail list, with the report of the chosen one beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from admin_app.models import SentModel
from admin_app.views.page_state import PageState
from admin_app.views.report_pane import ReportPane
from shared.model import ALL_CHANNELS, Level
from shared.qt import theme
from shared.qt.layouts import FormArea, page_head
from shared.qt.message_rows import MessageList
from shared.qt.text import WrappedLabel
from shared.qt.words import channel_name, level_name

LIST_WIDTH = 320
TYPING_MS = 300
"""How long the search waits for the next key."""
DAYS = (None, 1, 7, 30)
"""How many days back the choice of a time goes; 1 is today."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the fields above the list say. ``since_ms`` is by this PC's calendar."""

    text: str = ""
    channel: str = ""
    level: Level | None = None
    since_ms: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Choice()


class SentPage(QWidget):
    """The list, what is looked for, and the report."""

    choice_changed = Signal()
    message_chosen = Signal(str)
    """A message's id."""

    def __init__(self, model: SentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.search = QLineEdit(self)
        self.channel = QComboBox(self)
        self.level = QComboBox(self)
        self.time = QComboBox(self)
        self.list = MessageList(model, self)
        self.report = ReportPane(self)
        self.state = PageState(self)
        self.hint = WrappedLabel("", self)
        self._typing = QTimer(self)
        self._set_up()
        self._lay_out()
        self._connect()
        self.set_channels({})
        self.show_hint(busy=True)

    def choice(self) -> Choice:
        """What is looked for."""
        days = DAYS[self.time.currentIndex()]
        since = None
        if days is not None:
            day = QDateTime.currentDateTime().date().addDays(1 - days)
            since = day.startOfDay().toMSecsSinceEpoch()
        level = self.level.currentData()
        return Choice(
            self.search.text().strip(),
            self.channel.currentData() or "",
            Level(level) if level else None,
            since,
        )

    def set_channels(self, channels: Mapping[str, str]) -> None:
        """Offer *channels* (name to label) to choose from, keeping the choice."""
        chosen = self.channel.currentData()
        with QSignalBlocker(self.channel):
            self.channel.clear()
            self.channel.addItem(self.tr("Any channel"), "")
            for name in dict.fromkeys([ALL_CHANNELS, *channels]):
                self.channel.addItem(channel_name(name, channels), name)
            self.channel.setCurrentIndex(max(0, self.channel.findData(chosen)))

    def show_hint(self, *, busy: bool, trouble: str = "") -> None:
        """Say in the empty list what will be there, or why nothing is."""
        if trouble:
            words = trouble
        elif busy:
            words = self.tr("Searching …") if not self.choice().everything else self.tr("Reading …")
        elif self.choice().everything:
            words = self.tr(
                "What you send appears here, with who has received, shown and acknowledged it."
                " Write a title and a message under Compose, then press Send."
            )
        else:
            words = self.tr(
                "Nothing found. Look for other words, or choose any channel, any level and any"
                " time again."
            )
        self.list.set_hint(words)
        empty = self.model.rowCount() == 0
        self.hint.setText("" if empty else self.tr("Choose a message to see who has it."))

    def show_report(self, *, there: bool) -> None:
        """Show the report, or the hint in its place."""
        self._right.setCurrentWidget(self.report if there else self.hint)

    def visible_rows(self) -> range:
        """The rows of the list that can be seen."""
        first = self.list.rowAt(0)
        last = self.list.rowAt(self.list.viewport().height() - 1)
        count = self.model.rowCount()
        return range(max(first, 0), count if last < 0 else last + 1)

    def chosen(self) -> str:
        """The id of the chosen message; empty: none."""
        rows = self.list.selectionModel().selectedRows()
        return self.model.message(rows[0].row()).id if rows else ""

    def choose(self, message_id: str) -> None:
        """Choose a message, if it is among those that are listed."""
        row = self.model.row_of(message_id)
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))

    # --- inside ---

    def _set_up(self) -> None:
        self.search.setPlaceholderText(self.tr("Search title, text and sender"))
        self.search.setAccessibleName(self.tr("Search sent messages"))
        self.search.setClearButtonEnabled(True)
        self.level.addItem(self.tr("Any level"), "")
        for level in reversed(Level):
            self.level.addItem(level_name(level), level.value)
        for name in (
            self.tr("Any time"),
            self.tr("Today"),
            self.tr("Last 7 days"),
            self.tr("Last 30 days"),
        ):
            self.time.addItem(name)
        for field, name in (
            (self.channel, self.tr("Channel")),
            (self.level, self.tr("Level")),
            (self.time, self.tr("Time")),
        ):
            field.setAccessibleName(name)
            field.setMinimumWidth(60)
            field.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.list.setAccessibleName(self.tr("Sent messages"))
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setMargin(theme.EDGE)
        theme.set_text_colour(self.hint, theme.quiet_colour())
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)

    def _lay_out(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(theme.UNIT // 2)
        for field, share in ((self.channel, 6), (self.level, 5), (self.time, 5)):
            fields.addWidget(field, share)
        left = QWidget(self)
        down = QVBoxLayout(left)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(theme.UNIT)
        down.addLayout(page_head(self.tr("Sent")))
        down.addWidget(self.state)
        down.addWidget(self.search)
        down.addLayout(fields)
        down.addWidget(self.list, 1)
        left.setMinimumWidth(260)
        self._right = QStackedWidget(self)
        self._right.addWidget(self.hint)
        self._right.addWidget(self.report)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self._right)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([LIST_WIDTH, 3 * LIST_WIDTH])
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
        column.addWidget(FormArea(self.splitter, self))

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self.choice_changed)
        for field in (self.channel, self.level, self.time):
            field.currentIndexChanged.connect(self.choice_changed)
        self.list.selectionModel().selectionChanged.connect(self._chosen)
        find = QShortcut(QKeySequence.StandardKey.Find, self.list)
        find.setContext(Qt.ShortcutContext.WidgetShortcut)
        find.activated.connect(self.search.setFocus)

    def _chosen(self) -> None:
        message_id = self.chosen()
        if message_id:
            self.message_chosen.emit(message_id)
