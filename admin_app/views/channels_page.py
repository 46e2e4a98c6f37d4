"""The channels: which there are, who follows them, and how to add, relabel or retire one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from admin_app.views.fields import Notice
from admin_app.views.page_state import PageState
from shared.qt import theme
from shared.qt.layouts import page_head, soften_selection
from shared.qt.text import WrappedLabel, plain_tooltip
from shared.text import safe_line

LONG = 24
"""Characters from which a name may be cut off, so that it has a tooltip."""
NAME_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One line of the table, in words. ``offered``: the directory has it and it is not retired."""

    name: str
    label: str
    pcs: str
    state: str
    offered: bool
    known: bool = True


class ChannelsPage(QWidget):
    """Shows and collects; whatever is to be done is a signal."""

    add_wanted = Signal(str)
    relabel_wanted = Signal(str, str)
    retire_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, ChannelRow] = {}
        self.table = QTableWidget(0, 4, self)
        self.name = QLineEdit(self)
        self.add = QPushButton(self.tr("Add channel"), self)
        self.relabel = QPushButton(self.tr("Change label"), self)
        self.retire = QPushButton(self.tr("Retire"), self)
        self.state = PageState(self)
        self.notice = Notice(self)
        self._set_up()
        self._lay_out()
        self._connect()
        self._choose()

    def show_rows(self, rows: Sequence[ChannelRow]) -> None:
        """Show *rows*, keeping the selection."""
        chosen = self._chosen()
        self._rows = {row.name: row for row in rows}
        self.table.blockSignals(True)
        self.table.setRowCount(len(rows))
        for line, row in enumerate(rows):
            self._fill(line, row)
        self.table.blockSignals(False)
        self.table.resizeColumnToContents(0)
        for line, row in enumerate(rows):
            if row.name == chosen:
                self.table.selectRow(line)
        self._choose()

    def _fill(self, line: int, row: ChannelRow) -> None:
        for column, text in enumerate((row.label, row.name, row.pcs, row.state)):
            item = QTableWidgetItem(safe_line(text))
            item.setToolTip(plain_tooltip(text) if len(text) > LONG else "")
            item.setData(NAME_ROLE, row.name)
            editable = column == 0 and row.known
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if editable else flags)
            if not row.offered:
                item.setForeground(theme.quiet_colour())
            self.table.setItem(line, column, item)

    def _chosen(self) -> str:
        item = self.table.item(self.table.currentRow(), 0)
        return str(item.data(NAME_ROLE)) if item is not None and item.isSelected() else ""

    def _choose(self) -> None:
        row = self._rows.get(self._chosen())
        self.relabel.setEnabled(row is not None and row.known)
        self.retire.setEnabled(row is not None)
        offered = row is None or row.offered
        self.retire.setText(self.tr("Retire") if offered else self.tr("Offer again"))
        if row is not None and not row.known:
            self.retire.setText(self.tr("Add it"))

    def _add(self) -> None:
        self.add_wanted.emit(self.name.text().strip())

    def _edit_label(self) -> None:
        item = self.table.item(self.table.currentRow(), 0)
        if item is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def _label_edited(self, item: QTableWidgetItem) -> None:
        row = self._rows.get(str(item.data(NAME_ROLE)))
        if row is not None and item.column() == 0 and item.text() != row.label:
            self.relabel_wanted.emit(row.name, item.text())

    def _retire(self) -> None:
        row = self._rows.get(self._chosen())
        if row is not None:
            (self.retire_wanted if row.offered else self.add_wanted).emit(row.name)

    def _set_up(self) -> None:
        headers = (self.tr("Label"), self.tr("Name"), self.tr("PCs"), self.tr("State"))
        self.table.setHorizontalHeaderLabels(headers)
        self.table.setAccessibleName(self.tr("Channels"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setTabKeyNavigation(False)
        soften_selection(self.table)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(4 * theme.UNIT)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.name.setPlaceholderText(self.tr("Name of a new channel, for example Region East"))
        self.name.setAccessibleName(self.tr("Name of a new channel"))
        self.name.setMinimumHeight(4 * theme.UNIT)

    def _lay_out(self) -> None:
        text = WrappedLabel(
            self.tr(
                "A channel's name never changes, because PCs are set to it; its label is what you"
                " see when you send. A retired channel is offered no more."
            ),
            self,
        )
        theme.set_text_colour(text, theme.quiet_colour())
        top = QHBoxLayout()
        top.setSpacing(theme.UNIT)
        top.addWidget(self.name, 1)
        top.addWidget(self.add)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.UNIT)
        bottom.addWidget(self.notice, 1)
        bottom.addWidget(self.relabel)
        bottom.addWidget(self.retire)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
        column.setSpacing(theme.GROUP)
        column.addLayout(page_head(self.tr("Channels")))
        column.addWidget(self.state)
        column.addWidget(text)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.add.clicked.connect(self._add)
        self.name.returnPressed.connect(self._add)
        self.relabel.clicked.connect(self._edit_label)
        self.retire.clicked.connect(self._retire)
        self.table.itemChanged.connect(self._label_edited)
        self.table.itemSelectionChanged.connect(self._choose)
