"""Messages that wait for their time, and those that come again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from admin_app.views.fields import Notice
from admin_app.views.page_state import PageState
from admin_app.views.question_line import QuestionLine
from admin_app.views.rows_table import RowsTable
from admin_app.views.table_model import Column, TableModel
from shared.model import Level
from shared.qt import theme
from shared.qt.icons import icon
from shared.qt.layouts import page_head
from shared.qt.text import WrappedLabel
from shared.qt.words import level_name, moment


@dataclass(frozen=True, slots=True)
class ComingRow:
    """One message that waits. ``recurs``: it belongs to a series. Times are ms."""

    key: str
    due_at: int
    title: str
    where: str
    level: Level
    recurs: bool


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series, in words. ``covered_until`` is ms, None: nothing comes any more."""

    key: str
    title: str
    rhythm: str
    where: str
    level: Level
    covered_until: int | None


class ScheduledPage(QWidget):
    """Shows and collects; whatever is to be done is a signal with the rows' keys."""

    change_wanted = Signal(str)
    cancel_wanted = Signal(list)
    change_series_wanted = Signal(str)
    end_series_wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = False
        self.coming = TableModel(self._coming_columns(), lambda row: f"{row.title} {row.where}")
        self.series = TableModel(self._series_columns(), lambda row: f"{row.title} {row.where}")
        self.coming_table = RowsTable(self.coming, self)
        self.series_table = RowsTable(self.series, self)
        self.change = QPushButton(self.tr("Change …"), self)
        self.cancel = QPushButton(self.tr("Cancel it"), self)
        self.change_series = QPushButton(self.tr("Change …"), self)
        self.end_series = QPushButton(self.tr("End it"), self)
        self.state = PageState(self)
        self.coverage = WrappedLabel("", self)
        self.question = QuestionLine(self)
        self.notice = Notice(self)
        self._set_up()
        self._lay_out()
        self._connect()
        self._choose()

    def show_waiting(self, sentence: str) -> None:
        """Say *sentence* in place of the hints, as long as nothing was ever shown."""
        if not self._known:
            for table in (self.coming_table, self.series_table):
                table.set_hint(sentence)

    def show_coming(self, rows: Sequence[ComingRow]) -> None:
        """Show the messages that wait, the next first."""
        self._known = True
        self._teach()
        self.coming.set_rows(rows)
        self._choose()

    def show_series(self, rows: Sequence[SeriesRow], coverage: str) -> None:
        """Show the series, and say in *coverage* how long they need no console."""
        self.series.set_rows(rows)
        self.coverage.setText(coverage)
        self.coverage.setVisible(bool(coverage))
        self._choose()

    # --- inside ---

    def _coming_columns(self) -> list[Column]:
        return [
            Column(self.tr("When"), _due, lambda r: r.due_at, 22),
            _title_column(self.tr("Title")),
            Column(self.tr("Channel"), lambda r: r.where, lambda r: r.where, 20),
            Column(self.tr("Level"), lambda r: level_name(r.level), lambda r: r.level.rank, 12),
            Column(
                self.tr("Recurring"),
                lambda r: self.tr("Yes") if r.recurs else "",
                lambda r: r.recurs,
                8,
            ),
        ]

    def _series_columns(self) -> list[Column]:
        return [
            _title_column(self.tr("Title")),
            Column(
                self.tr("How often"),
                lambda r: r.rhythm,
                lambda r: r.rhythm,
                42,
                tooltip=lambda r: r.rhythm,  # which ends with the zone
            ),
            Column(self.tr("Channel"), lambda r: r.where, lambda r: r.where, 20),
            Column(
                self.tr("Sent ahead until"),
                lambda r: "" if r.covered_until is None else moment(r.covered_until),
                lambda r: r.covered_until or 0,
                16,
            ),
        ]

    def _set_up(self) -> None:
        self.coming_table.setAccessibleName(self.tr("Messages that wait for their time"))
        self.series_table.setAccessibleName(self.tr("Recurring messages"))
        for button in (self.change, self.cancel, self.change_series, self.end_series):
            button.setMinimumHeight(4 * theme.UNIT)
        theme.set_text_colour(self.coverage, theme.quiet_colour())
        self.coverage.hide()

    def _teach(self) -> None:
        """Say what will be here, and how it gets here."""
        self.coming_table.set_hint(
            self.tr("Nothing is waiting. To schedule a message, write it and open “More”.")
        )
        self.series_table.set_hint(
            self.tr("Nothing recurs. To repeat a message, write it and open “More”.")
        )

    def _lay_out(self) -> None:
        coming = _part(self.tr("Scheduled"), self.coming_table, (self.change, self.cancel))
        series = _part(
            self.tr("Recurring"), self.series_table, (self.change_series, self.end_series)
        )
        below = series.layout()
        assert below is not None
        below.addWidget(self.coverage)
        self.splitter = splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(coming)
        splitter.addWidget(series)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.state)
        column.addWidget(splitter, 1)
        column.addWidget(self.question)
        column.addWidget(self.notice)

    def _connect(self) -> None:
        for table in (self.coming_table, self.series_table):
            table.selection_changed.connect(self._choose)
        self.coming_table.open_wanted.connect(self._change)
        self.series_table.open_wanted.connect(self._change_series)
        self.change.clicked.connect(self._change)
        self.change_series.clicked.connect(self._change_series)
        self.cancel.clicked.connect(lambda: self.cancel_wanted.emit(_keys(self.coming_table)))
        self.end_series.clicked.connect(
            lambda: self.end_series_wanted.emit(_keys(self.series_table))
        )

    def _choose(self) -> None:
        for table, change, gone in (
            (self.coming_table, self.change, self.cancel),
            (self.series_table, self.change_series, self.end_series),
        ):
            count = len(_keys(table))
            change.setEnabled(count == 1)
            gone.setEnabled(count > 0)

    def _change(self) -> None:
        for key in _keys(self.coming_table)[:1]:
            self.change_wanted.emit(key)

    def _change_series(self) -> None:
        for key in _keys(self.series_table)[:1]:
            self.change_series_wanted.emit(key)


def _title_column(name: str) -> Column:
    return Column(
        name,
        lambda row: row.title,
        lambda row: row.title.casefold(),
        24,
        _sign,
        tooltip=lambda row: row.title,
        grows=True,
    )


def _keys(table: RowsTable) -> list[str]:
    return [row.key for row in table.chosen() if isinstance(row, ComingRow | SeriesRow)]


def _sign(row: ComingRow | SeriesRow) -> QIcon:
    return icon(theme.LEVELS[row.level].icon, theme.level_colour(row.level))


def _part(title: str, table: QWidget, buttons: Sequence[QPushButton]) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.UNIT)
    column.addLayout(page_head(title, *buttons))
    column.addWidget(table, 1)
    return part


def _due(row: ComingRow) -> str:
    return moment(row.due_at, zone=True)
