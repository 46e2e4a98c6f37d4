"""Choosing where a message goes: all channels, one of them, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from shared.model import ALL_CHANNELS
from shared.qt import theme
from shared.qt.words import channel_name

SEVERAL = "\0several"
"""What the box holds when several are chosen; no channel can have this name."""
COLUMNS = 2
MOST_BESIDE = 24
"""Characters of the longest name with which names still stand in columns."""
MOST_ROWS = 5
"""Rows of channels that are visible at once; more scroll."""


class ChannelPicker(QWidget):
    """A box with *All channels*, every channel, and *Several channels*, which opens a list."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox(self)
        self.box.setAccessibleName(self.tr("Channel"))
        self.box.setMinimumHeight(4 * theme.UNIT)
        self.list = QScrollArea(self)
        self.list.setWidgetResizable(True)
        self.list.setAccessibleName(self.tr("Channels"))
        self._checks: dict[str, QCheckBox] = {}
        self._labels: Mapping[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addWidget(self.box)
        column.addWidget(self.list)
        self.setFocusProxy(self.box)
        self.box.currentIndexChanged.connect(self._turned)
        self.set_channels({})

    def set_channels(self, labels: Mapping[str, str]) -> None:
        """Offer *All channels* and then those of *labels* (name to label), keeping the choice."""
        chosen = [ALL_CHANNELS] if self.box.currentData() is None else self.chosen()
        several = self.box.currentData() == SEVERAL
        self._labels = labels
        with QSignalBlocker(self.box):
            self.box.clear()
            for name in dict.fromkeys([ALL_CHANNELS, *labels]):
                self.box.addItem(channel_name(name, labels), name)
            if len(labels) > 1:
                self.box.addItem(self.tr("Several channels …"), SEVERAL)
        self._fill_list(list(labels))
        self._choose(chosen, several=several)

    def chosen(self) -> list[str]:
        """Names of the channels, or ``["*"]``; empty when several are wanted and none is ticked."""
        data = self.box.currentData()
        if data == SEVERAL:
            return [name for name, check in self._checks.items() if check.isChecked()]
        return [data] if data else []

    def choose(self, channels: Sequence[str]) -> None:
        """Choose *channels*, offered any more or not; of none, some are still to be ticked."""
        self._choose(channels, several=len(channels) != 1)

    def check(self, channel: str) -> QCheckBox:
        """The tick of *channel* among several."""
        return self._checks[channel]

    def _choose(self, channels: Sequence[str], *, several: bool) -> None:
        with QSignalBlocker(self):
            for name, check in self._checks.items():
                check.setChecked(name in channels)
            if several:
                self._fill_list([*self._checks, *channels])
            for name in channels if several else []:
                self._checks[name].setChecked(True)
            self._turn_to(SEVERAL if several else channels[0])
            self.list.setVisible(several)

    def _turn_to(self, data: str) -> None:
        index = self.box.findData(data)
        if index < 0:
            name = self.tr("Several channels …") if data == SEVERAL else channel_name(data)
            self.box.addItem(name, data)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)

    def _turned(self) -> None:
        several = self.box.currentData() == SEVERAL
        self.list.setVisible(several)
        if several and not self.chosen():
            first = next(iter(self._checks.values()), None)
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _fill_list(self, names: Sequence[str]) -> None:
        ticked = {name for name, check in self._checks.items() if check.isChecked()}
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(theme.UNIT, theme.UNIT, theme.UNIT, theme.UNIT)
        grid.setHorizontalSpacing(theme.GROUP)
        grid.setVerticalSpacing(theme.UNIT // 2)
        self._checks = {}
        longest = max((len(channel_name(name, self._labels)) for name in names), default=0)
        columns = COLUMNS if longest <= MOST_BESIDE else 1
        for place, name in enumerate(dict.fromkeys(names)):
            check = QCheckBox(channel_name(name, self._labels).replace("&", "&&"), content)
            check.setChecked(name in ticked)
            check.toggled.connect(self.changed)
            self._checks[name] = check
            grid.addWidget(check, *divmod(place, columns))
        self.list.setWidget(content)
        down = -(-len(self._checks) // columns)
        rows = min(MOST_ROWS, down)
        row = content.sizeHint().height() // max(1, down)
        self.list.setFixedHeight(max(row * rows, 4 * theme.UNIT) + 2 * self.list.frameWidth())
