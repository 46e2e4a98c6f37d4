"""Outlets: whether all shops can be reached, and every PC that ever was or should have been there.

One sentence, one square per outlet, and below them a table of the PCs. The page shows and asks;
whatever is to be done is a signal.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from admin_app.outlets import Overview, PcRow, Standing
from admin_app.troubles import trouble_words
from admin_app.views.fields import Notice
from admin_app.views.outlet_grid import OutletGrid
from admin_app.views.page_state import PageState
from admin_app.views.question_line import QuestionLine
from admin_app.views.rows_table import RowsTable
from admin_app.views.standings import standing_icon, standing_name
from admin_app.views.table_model import Column, TableModel
from shared.qt import theme
from shared.qt.layouts import ColumnArea, page_head
from shared.qt.text import PlainLabel, WrappedLabel
from shared.qt.words import channel_names, localized, moment, number
from shared.text import safe_line

GRID_SHARE = 0.35
"""Of the page's height, at most, for the squares."""


class Choice(enum.Enum):
    """Which PCs the table shows."""

    ALL = "all"
    CONNECTED = "connected"
    SILENT = "silent"
    OFF = "off"
    NEVER = "never"
    RIVALS = "rivals"
    REFUSALS = "refusals"
    TROUBLES = "troubles"
    UNLISTED = "unlisted"


class OutletsPage(QWidget):
    """Shows an ``Overview``."""

    import_wanted = Signal()
    remove_wanted = Signal(list)
    """Rows of PCs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen = Overview()
        self._labels: Mapping[str, str] = {}
        self.model = TableModel(_columns(self._channels), self._words)
        self.state = PageState(self)
        self.answer = WrappedLabel("", self)
        self.grid = OutletGrid(self)
        self.legend = Legend(self)
        self.search = QLineEdit(self)
        self.choice = QComboBox(self)
        self.table = RowsTable(self.model, self)
        self.load = QPushButton(self.tr("Import list …"), self)
        self.remove = QPushButton(self.tr("Remove …"), self)
        self.question = QuestionLine(self)
        self.notice = Notice(self)
        self.empty = _EmptyOutlets(self)
        self._set_up()
        self._lay_out()
        self._connect()
        self.show_overview(self._seen)
        self.empty.show_sentence(self.tr("Looking for outlets …"))

    # --- for the controller ---

    def show_overview(self, seen: Overview) -> None:
        """Show *seen*; search, choice and selection stay."""
        self._seen = seen
        self._stack.setCurrentIndex(0 if seen.pcs else 1)
        self.empty.show_teaching()
        self.answer.setText(_answer(seen))
        self.legend.show_counts(dict(seen.counts()))
        self.grid.set_rows(seen.outlets)
        self.model.set_rows(seen.pcs)
        self._show_choices()
        self._selection_changed()

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """Call channels by these names."""
        if labels != self._labels:
            self._labels = labels
            self.model.set_rows(self._seen.pcs)

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Say what happened; empty: nothing."""
        self.notice.say(sentence, bad=bad)
        self.notice.setVisible(bool(sentence))

    # --- inside ---

    def _set_up(self) -> None:
        self.answer.setFont(theme.scaled_font(self.answer, theme.HEADING))
        self.notice.hide()
        self.search.setPlaceholderText(self.tr("Search outlet, PC, channel or version"))
        self.search.setAccessibleName(self.tr("Search outlets"))
        self.search.setClearButtonEnabled(True)
        self.choice.setAccessibleName(self.tr("Which PCs to show"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for choice in Choice:
            self.choice.addItem(_choice_name(choice), choice)
        for field in (self.search, self.choice):
            field.setMinimumHeight(4 * theme.UNIT)
        self.table.setAccessibleName(self.tr("PCs"))
        self.remove.setToolTip(self.tr("Take PCs out that are used no more"))
        self.count = PlainLabel("", self)
        theme.set_text_colour(self.count, theme.quiet_colour())

    def _lay_out(self) -> None:
        self._stack = QStackedWidget(self)
        self._stack.installEventFilter(self)
        self._stack.addWidget(self._full())
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
        column.setSpacing(theme.GROUP)
        column.addLayout(page_head(self.tr("Outlets"), self.load))
        column.addWidget(self.question)
        column.addWidget(self.state)
        column.addWidget(self._stack, 1)
        column.addWidget(self.notice)

    def _full(self) -> QWidget:
        page = QWidget(self)
        find = QHBoxLayout()
        find.setSpacing(theme.UNIT)
        find.addWidget(self.search, 1)
        find.addWidget(self.choice)
        bottom = QHBoxLayout()
        bottom.addWidget(self.count, 1)
        bottom.addWidget(self.remove)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.answer)
        column.addWidget(self.legend)
        column.addWidget(self.grid)
        column.addSpacing(theme.UNIT)
        column.addLayout(find)
        column.addWidget(self.table, 1)
        column.addLayout(bottom)
        return page

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.choice.currentIndexChanged.connect(self._filter)
        self.table.selection_changed.connect(self._selection_changed)
        self.grid.outlet_wanted.connect(self._show_outlet)
        self.load.clicked.connect(self.import_wanted)
        self.empty.load.clicked.connect(self.import_wanted)
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self.table.chosen()))
        self.state.staleness_changed.connect(self._dim_answer)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave most of the height to the table, also while a question takes some of it."""
        if watched is self._stack and event.type() == QEvent.Type.Resize:
            self.grid.set_most_height(int(self._stack.height() * GRID_SHARE))
        return super().eventFilter(watched, event)

    def _dim_answer(self, stale: bool) -> None:
        """What was true before is not said aloud."""
        usual = self.palette().windowText().color()
        theme.set_text_colour(self.answer, theme.quiet_colour() if stale else usual)

    def _channels(self, row: PcRow) -> str:
        return channel_names(row.channels, self._labels)

    def _words(self, row: PcRow) -> str:
        """Where a search looks: channels by their names, too."""
        names = " ".join(row.channels)
        return f"{row.key} {row.name} {names} {self._channels(row)} {_version(row)}"

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _filter(self) -> None:
        self.model.set_filter(_KEEPS[self.choice.currentData()], self.search.text())
        self._say_count()
        self._selection_changed()

    def _say_count(self) -> None:
        shown, total, say = self.model.rowCount(), self.model.total, self.locale().toString
        if shown == total:
            self.count.setText(self.tr("%Ln PC(s)", "", total))
        else:
            words = self.tr("{shown} of {total} PCs")
            self.count.setText(words.format(shown=say(shown), total=say(total)))
        self.table.set_hint(self.tr("No PC of this kind. Press Esc in the search to see all."))

    def _show_choices(self) -> None:
        with QSignalBlocker(self.choice):
            for place, choice in enumerate(Choice):
                keep = _KEEPS[choice]
                count = sum(1 for row in self._seen.pcs if keep(row)) if keep else self.model.total
                number = self.locale().toString(count)
                self.choice.setItemText(place, f"{_choice_name(choice)} ({number})")
        self._say_count()

    def _show_outlet(self, outlet: str) -> None:
        """Choose the PCs of *outlet* in the table, whatever was searched for before."""
        with QSignalBlocker(self.search), QSignalBlocker(self.choice):
            self.search.clear()
            self.choice.setCurrentIndex(0)
        self._filter()
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        places = [place for place, row in enumerate(self.model.shown) if row.outlet == outlet]
        if places:
            self.table.choose(range(places[0], places[-1] + 1))

    def _selection_changed(self) -> None:
        count = len(self.table.selectionModel().selectedRows())
        self.remove.setEnabled(count > 0)
        self.remove.setText(self.tr("Remove %n PC(s) …", "", count) if count else _remove())


class Legend(QWidget):
    """What the squares mean, and how many outlets stand so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.EDGE)
        self._signs: dict[Standing, QLabel] = {}
        self.words: dict[Standing, PlainLabel] = {}
        self._entries = {standing: self._entry(standing) for standing in Standing}
        for entry in self._entries.values():
            row.addWidget(entry)
        row.addStretch(1)

    def show_counts(self, counts: dict[Standing, int]) -> None:
        """Show those that occur."""
        for standing in Standing:
            count = counts.get(standing, 0)
            pixmap = standing_icon(standing).pixmap(QSize(16, 16), self.devicePixelRatioF())
            self._signs[standing].setPixmap(pixmap)
            number = self.locale().toString(count)
            self.words[standing].setText(f"{number} {standing_name(standing).lower()}")
            self._entries[standing].setVisible(count > 0)

    def _entry(self, standing: Standing) -> QWidget:
        entry = QWidget(self)
        self._signs[standing] = QLabel(entry)
        self.words[standing] = PlainLabel("", entry)
        row = QHBoxLayout(entry)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT // 2)
        row.addWidget(self._signs[standing])
        row.addWidget(self.words[standing])
        return entry


class _EmptyOutlets(QWidget):
    """Says what will appear here, and offers the first step."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = WrappedLabel("", self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_text_colour(self.words, theme.quiet_colour())
        self.load = QPushButton(self.tr("Import list …"), self)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setSpacing(theme.GROUP)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addWidget(self.load, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ColumnArea(inner, self))

    def show_teaching(self) -> None:
        """There is really nothing yet."""
        self.load.show()
        self.words.setText(
            self.tr(
                "No outlet PC has been connected yet. Each appears here by itself with its first"
                " sign of life.\n\nImport a list of your outlets to see at once which are still"
                " missing: a CSV file with the columns outlet, pc, channels and name, of which"
                " only outlet is needed."
            )
        )

    def show_sentence(self, sentence: str) -> None:
        """Nothing is known: say why."""
        self.load.hide()
        self.words.setText(sentence)


def _answer(seen: Overview) -> str:
    """Whether all shops can be reached."""
    if seen.full:
        return QCoreApplication.translate(
            "outlets",
            "PCs cannot report now, because the server's memory is full. This is how they stood"
            " before.",
        )
    counts, total = seen.counts(), len(seen.outlets)
    reached = counts.get(Standing.CONNECTED, 0) + counts.get(Standing.PARTLY, 0)
    if total and reached == total:
        return QCoreApplication.translate("outlets", "All %Ln outlet(s) can be reached.", "", total)
    words = QCoreApplication.translate(
        "outlets", "{reached} of %Ln outlet(s) can be reached now.", "", total
    )
    return words.format(reached=number(reached))


def _columns(channels: Callable[[PcRow], str]) -> list[Column]:
    return [
        Column(
            QCoreApplication.translate("outlets", "Outlet"),
            _outlet_text,
            lambda row: row.order,
            19,
            tooltip=_outlet_text,
        ),
        Column(
            QCoreApplication.translate("outlets", "PC"),
            lambda row: row.pc or "-",
            lambda row: row.pc.casefold(),
            10,
            tooltip=lambda row: row.pc,
        ),
        Column(
            QCoreApplication.translate("outlets", "State"),
            lambda row: standing_name(row.standing),
            lambda row: _STANDINGS.index(row.standing),
            21,
            icon=lambda row: standing_icon(row.standing),
        ),
        Column(
            QCoreApplication.translate("outlets", "Last seen"),
            lambda row: moment(row.seen_at) if row.seen_at else "-",
            lambda row: row.seen_at,
            17,
        ),
        Column(
            QCoreApplication.translate("outlets", "Channels"),
            channels,
            lambda row: channels(row).casefold(),
            14,
            tooltip=channels,
        ),
        Column(QCoreApplication.translate("outlets", "Version"), _version, _version, 8),
        Column(
            QCoreApplication.translate("outlets", "Remarks"),
            _remarks,
            _trouble,
            24,
            tooltip=_remarks,
        ),
    ]


_STANDINGS = list(Standing)


def _outlet_text(row: PcRow) -> str:
    return f"{row.outlet} {row.name}" if row.name else row.outlet


def _version(row: PcRow) -> str:
    return safe_line(row.report.version) if row.report else ""


def _remarks(row: PcRow) -> str:
    found = []
    if row.report and row.report.rival:
        found.append(QCoreApplication.translate("outlets", "Another PC uses this name, too"))
    if row.report and row.report.refused:
        found.append(
            QCoreApplication.translate("outlets", "%Ln message(s) refused", "", row.report.refused)
        )
    found += [
        localized(trouble_words(code)) for code in (row.report.troubles if row.report else [])
    ]
    if not row.report and not row.pc:
        found.append(
            QCoreApplication.translate("outlets", "No PC of this outlet was ever connected")
        )
    return " · ".join(found)


def _trouble(row: PcRow) -> tuple[int, int, int]:
    """Sort by what somebody should look at."""
    if row.report is None:
        return (0, 0, 0)
    report = row.report
    return (-1 if report.rival else 0, -len(report.troubles), -report.refused)


_KEEPS: dict[Choice, Callable[[PcRow], bool] | None] = {
    Choice.ALL: None,
    Choice.CONNECTED: lambda row: row.standing is Standing.CONNECTED,
    Choice.SILENT: lambda row: row.standing is Standing.SILENT,
    Choice.OFF: lambda row: row.standing is Standing.OFF,
    Choice.NEVER: lambda row: row.standing is Standing.NEVER,
    Choice.RIVALS: lambda row: row.report is not None and bool(row.report.rival),
    Choice.REFUSALS: lambda row: row.report is not None and row.report.refused > 0,
    Choice.TROUBLES: lambda row: row.report is not None and bool(row.report.troubles),
    Choice.UNLISTED: lambda row: not row.listed,
}


def _choice_name(choice: Choice) -> str:
    return {
        Choice.ALL: QCoreApplication.translate("outlets", "All PCs"),
        Choice.CONNECTED: QCoreApplication.translate("outlets", "Connected"),
        Choice.SILENT: QCoreApplication.translate("outlets", "Silent"),
        Choice.OFF: QCoreApplication.translate("outlets", "Switched off"),
        Choice.NEVER: QCoreApplication.translate("outlets", "Never seen"),
        Choice.RIVALS: QCoreApplication.translate("outlets", "Two PCs of one name"),
        Choice.REFUSALS: QCoreApplication.translate("outlets", "Refusing messages"),
        Choice.TROUBLES: QCoreApplication.translate("outlets", "Reporting trouble"),
        Choice.UNLISTED: QCoreApplication.translate("outlets", "Not in the list"),
    }[choice]


def _remove() -> str:
    return QCoreApplication.translate("outlets", "Remove …")
