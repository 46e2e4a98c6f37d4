"""The report of one message: three numbers, how fast it went, and who has and who has not.

The pane shows what it is given and says what somebody wants. While it shows nothing it asks for
nothing; which of the tables is open decides what has to be summed up.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from admin_app.evidence import Doubts
from admin_app.report_rows import OutletRow, Progress, Row, count_silent
from admin_app.reports import Figures
from admin_app.views.fields import ChoiceButton, Notice
from admin_app.views.figure import Figure
from admin_app.views.page_state import PageState
from admin_app.views.question_line import QuestionLine
from admin_app.views.reach_chart import ReachChart
from admin_app.views.report_tables import order_of, outlets_model, pcs_model
from admin_app.views.rows_table import RowsTable
from shared.model import Ack, Message
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import ElidedLabel, PlainLabel, ReadOnlyText, WrappedLabel
from shared.qt.words import channel_names, level_name, localized, moment, number
from shared.receipts import Counts, Stage

TEXT_LINES = 3
"""Lines of the message's text that are seen at once."""
CHART_FROM = 560
"""Device-independent pixels of the pane's height below which the text of the message is left out,
so that the table keeps its room."""


class View(enum.Enum):
    """What the table lists."""

    SILENT = "silent"
    PCS = "pcs"
    OUTLETS = "outlets"
    UNKNOWN = "unknown"


class ReportPane(QWidget):
    """Shows one report."""

    remind_wanted = Signal()
    recall_wanted = Signal()
    export_wanted = Signal()
    print_wanted = Signal()
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message: Message | None = None
        self._all: Sequence[Row] = ()
        self._rows: Sequence[Row] = ()
        self._silent = 0
        self._counts = Counts()
        self._busy = False
        self.over = False
        """Whether the message was recalled or replaced."""
        self._build()
        self._lay_out()
        self._connect()
        self._filter()

    # --- for the controller ---

    def show_message(self, message: Message, labels: Mapping[str, str]) -> None:
        """Begin the report of *message*, of which nothing else is known yet."""
        self.message = message
        colour = theme.level_colour(message.level)
        name = theme.LEVELS[message.level].icon
        self._sign.setPixmap(pixmap(name, colour, 20, self.devicePixelRatioF()))
        self.title.set_line(message.title)
        parts = (
            level_name(message.level),
            channel_names(message.channels, labels),
            message.sender,
            moment(message.sent_at, zone=True),
            self.tr("opens {time}").format(time=moment(message.show_at, zone=True))
            if message.show_at
            else "",
            self.tr("expires {time}").format(time=moment(message.expires_at, zone=True))
            if message.expires_at
            else "",
        )
        self.details.set_line(" · ".join(part for part in parts if part))
        self.body.set_text(message.body)
        self._fit_body()
        self.answers.setVisible(False)
        self.say("")
        self.state.forget()
        self.show_fate("", over=False)
        self.search.clear()
        asks = message.ack is not Ack.NONE
        for widget in (self.remind, self.acknowledged, self.views[View.SILENT]):
            widget.setVisible(asks)
        if not asks and self.view is View.SILENT:
            self.views[View.PCS].setChecked(True)
        self.show_figures(Figures(Counts(), message.ack))
        self.show_rows([], complete=False)
        self.show_outlets([])

    def show_fate(self, sentence: str, *, over: bool) -> None:
        """Say that it was recalled or replaced, or what it replaces; *over*: it stands no more."""
        self.over = over
        self.fate.setText(sentence)
        self.fate.setVisible(bool(sentence))
        font = self.title.font()
        font.setStrikeOut(over)
        self.title.setFont(font)
        self.allow()

    def show_figures(self, figures: Figures) -> None:
        """Show the numbers and the curves."""
        counts, by_outlet = figures.counts, figures.by_outlet
        answered = self.tr("{n} of {whole} PCs have acknowledged it.")
        if by_outlet:
            answered = self.tr("{n} of {whole} outlets have acknowledged it.")
        for figure, stage, verb, sentence in (
            (
                self.received,
                Stage.RECEIVED,
                self.tr("received it"),
                self.tr("{n} of {whole} PCs have received it."),
            ),
            (
                self.displayed,
                Stage.DISPLAYED,
                self.tr("showed it"),
                self.tr("{n} of {whole} PCs have shown it."),
            ),
            (
                self.acknowledged,
                Stage.ACKNOWLEDGED,
                self.tr("outlets acknowledged it") if by_outlet else self.tr("acknowledged it"),
                answered,
            ),
        ):
            share = figures.share(stage)
            words = sentence.format(n=number(share[0]), whole=number(share[1]))
            figure.show_share(*share, verb, words)
        asks = figures.ack is not Ack.NONE
        stages = [one for one in Stage if one is not Stage.ACKNOWLEDGED or asks]
        self.chart.show_curves([figures.reach(stage) for stage in stages], counts.displayed)
        self.speed.setText(self.chart.sentence())
        self._counts = counts
        self._show_remarks()
        self._show_doubts(figures.doubts)

    def show_rows(self, rows: Sequence[Row], *, complete: bool) -> None:
        """Show every PC; *complete*: all were read once."""
        self._all = rows
        rows = self._rows = [row for row in rows if row.known]
        self._silent = count_silent(rows, by_outlet=self._by_outlet)
        self._name_views()
        if self._counts.recalled:
            self._show_remarks()
        ordered = sorted(self._all, key=lambda row: order_of(row.endpoint))
        self.pcs.set_rows(ordered)
        hint = self.tr("Reading who has it …")
        if complete:
            hint = self.tr("No PC was expected to show this message, and none has.")
            if rows:
                hint = self.tr("Everybody has acknowledged it.")
            if self.search.text():
                hint = self.tr("Nothing found.")
        self.pcs_table.set_hint(hint)
        self.outlets_table.set_hint(hint)
        self._show_answers(rows)

    def show_outlets(self, outlets: Sequence[OutletRow]) -> None:
        """Show the outlets."""
        self.outlets.set_rows(outlets)

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Say what happened; empty: nothing."""
        self.notice.say(sentence, bad=bad)
        self.notice.setVisible(bool(sentence))

    def set_busy(self, busy: bool) -> None:
        """Offer nothing to save or print while pages are being made."""
        self._busy = busy
        self.allow()

    @property
    def view(self) -> View:
        """Which table is open."""
        return next(view for view, button in self.views.items() if button.isChecked())

    @property
    def silent(self) -> int:
        """How many have not acknowledged: PCs, or outlets if those are asked."""
        return self._silent

    @property
    def lists_outlets(self) -> bool:
        """Whether the open table is one of outlets."""
        return self.view is View.OUTLETS or (self.view is View.SILENT and self._by_outlet)

    def allow(self) -> None:
        """Offer what makes sense now."""
        self.remind.setEnabled(self._silent > 0 and not self.over)
        self.recall.setEnabled(not self.over)
        for button in (self.export, self.print):
            button.setEnabled(bool(self._all) and not self._busy)

    # --- inside ---

    @property
    def _by_outlet(self) -> bool:
        return self.message is not None and self.message.ack is Ack.OUTLET

    def _build(self) -> None:
        self._sign = QLabel(self)
        self.title = ElidedLabel("", self)
        self.title.setFont(theme.scaled_font(self.title, theme.HEADING, bold=True))
        self.details = ElidedLabel("", self)
        self.details.setFont(theme.scaled_font(self.details, theme.SMALL))
        theme.set_text_colour(self.details, theme.quiet_colour())
        self.fate = WrappedLabel("", self)
        self.body = ReadOnlyText("", self)
        self.body.setAccessibleName(self.tr("Text of the message"))
        self.received = Figure(theme.QUIET, self)
        self.displayed = Figure(("#1A63D6", "#79AEFF"), self)
        self.acknowledged = Figure(theme.GOOD, self)
        self.chart = ReachChart(self)
        self.speed = PlainLabel("", self)
        self.remarks = WrappedLabel("", self)
        self.answers = WrappedLabel("", self)
        self.doubts = WrappedLabel("", self)
        theme.set_text_colour(self.doubts, theme.pick(theme.WARNING))
        self.doubts.hide()
        self.state = PageState(self)
        self.pcs, self.outlets = pcs_model(self._sent_at), outlets_model(self._sent_at)
        self.pcs_table = RowsTable(self.pcs, self)
        self.outlets_table = RowsTable(self.outlets, self)
        self.pcs_table.setAccessibleName(self.tr("PCs"))
        self.outlets_table.setAccessibleName(self.tr("Outlets"))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search …"))
        self.search.setToolTip(self.tr("Search outlet, PC or person"))
        self.search.setAccessibleName(self.tr("Search in the report"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(70)
        self.views = {view: ChoiceButton(self) for view in View}
        self._group = QButtonGroup(self)
        for button in self.views.values():
            self._group.addButton(button)
        self.views[View.PCS].setChecked(True)
        self.remind = QPushButton(self.tr("Remind …"), self)
        self.remind.setToolTip(self.tr("Ask again those who have not acknowledged it"))
        self.recall = QPushButton(self.tr("Recall …"), self)
        self.recall.setToolTip(self.tr("Close it on every screen, and show it nowhere any more"))
        self.export = QPushButton(self.tr("Save …"), self)
        self.print = QPushButton(self.tr("Print …"), self)
        self.question = QuestionLine(self)
        self.notice = Notice(self)
        self.notice.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GROUP, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        for part in (self._heading(), self.fate, self.body, self.state, self._figures()):
            column.addWidget(part)
        column.addWidget(self.speed)
        column.addWidget(self.chart, 2)
        for part in (self.doubts, self.remarks, self.answers, self._table_bar()):
            column.addWidget(part)
        self._tables = QStackedWidget(self)
        for table in (self.pcs_table, self.outlets_table):
            self._tables.addWidget(table)
        column.addWidget(self._tables, 3)
        column.addWidget(self.question)
        column.addWidget(self.notice)
        column.addWidget(self._buttons(), 0, Qt.AlignmentFlag.AlignRight)

    def _heading(self) -> QWidget:
        heading = QWidget(self)
        row = QHBoxLayout(heading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._sign, self.title):  # beside the name of the page
            part.setMinimumHeight(theme.CONTROL)
        words.addWidget(self.title)
        words.addWidget(self.details)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return heading

    def _figures(self) -> QWidget:
        figures = QWidget(self)
        row = QHBoxLayout(figures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        for figure in (self.received, self.displayed, self.acknowledged):
            row.addWidget(figure)
        figures.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return figures

    def _table_bar(self) -> QWidget:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT // 2)
        for button in self.views.values():
            row.addWidget(button)
        row.addSpacing(theme.UNIT // 2)
        row.addWidget(self.search, 1)
        return bar

    def _buttons(self) -> QWidget:
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT // 2)
        row.addWidget(self.export)
        row.addWidget(self.print)
        row.addWidget(self.recall)
        row.addWidget(self.remind)
        return buttons

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self._group.buttonToggled.connect(self._turn)
        self.remind.clicked.connect(self.remind_wanted)
        self.recall.clicked.connect(self.recall_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.print.clicked.connect(self.print_wanted)
        self.print.setShortcut(QKeySequence.StandardKey.Print)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the text of the message out where there is little room."""
        super().resizeEvent(event)
        self._fit_body()

    def _fit_body(self) -> None:
        """As many lines as the text has, but not many."""
        lines = TEXT_LINES if self.height() >= CHART_FROM else TEXT_LINES - 1
        most = lines * self.fontMetrics().lineSpacing() + 2
        needed = self.body.height_for(max(self.width() - theme.GROUP, 100))
        self.body.setFixedHeight(min(most, needed))

    def _sent_at(self) -> int:
        return self.message.sent_at if self.message is not None else 0

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a window of 900 pixels."""
        return QSize(380, 360)

    def _turn(self, button: QPushButton, on: bool) -> None:
        del button
        if on:
            self._tables.setCurrentIndex(1 if self.lists_outlets else 0)
            self._filter()
            self.view_changed.emit()

    def _filter(self) -> None:
        text = self.search.text()
        self.outlets.set_filter(_is_silent if self.view is View.SILENT else None, text)
        self.pcs.set_filter(_FILTERS.get(self.view, _is_known), text)

    def _name_views(self) -> None:
        names = {
            View.SILENT: self.tr("Not acknowledged ({n})").format(n=number(self._silent)),
            View.PCS: self.tr("PCs ({n})").format(n=number(len(self._rows))),
            View.OUTLETS: self.tr("Outlets"),
            View.UNKNOWN: self.tr("Not known ({n})").format(
                n=number(len(self._all) - len(self._rows))
            ),
        }
        for view, name in names.items():
            self.views[view].setText(name)
        self.views[View.UNKNOWN].setVisible(len(self._all) > len(self._rows))
        if self.view is View.UNKNOWN and len(self._all) == len(self._rows):
            self.views[View.PCS].setChecked(True)
        self.allow()

    def _show_remarks(self) -> None:
        found, counts = [], self._counts
        if counts.recalled:
            found.append(self._recalled(counts.recalled))
        if counts.expired:
            found.append(self.tr("Expired unanswered on %Ln PC(s).", "", counts.expired))
        if counts.reminded:
            found.append(self.tr("Last reminded at {time}.").format(time=moment(counts.reminded)))
        if counts.reduced:
            found.append(self.tr("Only the totals and who did not answer are still kept."))
        self.remarks.setText(" ".join(found))
        self.remarks.setVisible(bool(found))

    def _show_doubts(self, doubts: Doubts) -> None:
        """Say what somebody has spoiled, and what counts then."""
        self.doubts.setText(localized(doubts.sentence))
        self.doubts.setVisible(bool(doubts))

    def _recalled(self, count: int) -> str:
        """On how many PCs, and on how many of those it was seen before."""
        seen = sum(
            1 for row in self._rows if row.progress is Progress.RECALLED and row.displayed_at
        )
        if not seen:
            return self.tr("Recalled on %Ln PC(s), where nobody had seen it.", "", count)
        words = self.tr("Recalled on %Ln PC(s): on {seen} it was on the screen already.", "", count)
        return words.format(seen=number(seen))

    def _show_answers(self, rows: Sequence[Row]) -> None:
        """How often each short answer was given, if the message offers any."""
        if self.message is None or not self.message.replies:
            return
        given = Counter(row.reply for row in rows if row.reply and row.claim is None)
        names = list(dict.fromkeys([*self.message.replies, *given]))
        words = " · ".join(f"{name}: {number(given[name])}" for name in names)
        self.answers.setText(self.tr("Answers: {answers}").format(answers=words))
        self.answers.setVisible(True)


def _is_silent(row: Row | OutletRow) -> bool:
    return row.pending and (isinstance(row, OutletRow) or row.known)


def _is_known(row: Row) -> bool:
    return row.known


def _is_unknown(row: Row) -> bool:
    return not row.known


_FILTERS = {View.SILENT: _is_silent, View.UNKNOWN: _is_unknown}
"""Which PCs a view lists; the others list those that are known."""
