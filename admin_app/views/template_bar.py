"""Templates above the form: choose one and fill it in, or keep what the form holds as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.views.page_state import MenuState
from shared.qt import theme
from shared.qt.text import PlainLabel

COLUMNS = 2
"""Placeholders beside each other."""


class Strip(QFrame):
    """A framed row above the form that wants something typed; Escape closes it."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.hide()

    def clear(self) -> None:
        """Take everything out."""
        layout = self.layout()
        if layout is not None:
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
            QWidget().setLayout(layout)


class FillStrip(Strip):
    """One line for each placeholder of the chosen template."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, QLineEdit] = {}
        self.setAccessibleName(self.tr("Fill in the template"))

    def ask(self, names: Sequence[str], known: Mapping[str, str]) -> None:
        """Ask for *names*; those *known* are filled in already."""
        self.clear()
        self.lines = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.GROUP, theme.UNIT, theme.GROUP, theme.UNIT)
        grid.setHorizontalSpacing(theme.UNIT)
        for place, name in enumerate(names):
            row, column = divmod(place, COLUMNS)
            line = QLineEdit(known.get(name, ""), self)
            line.setMinimumHeight(4 * theme.UNIT)
            line.setAccessibleName(name)
            line.textChanged.connect(self.changed)
            label = PlainLabel(name, self)
            label.setBuddy(line)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(line, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
            self.lines[name] = line
        self.setVisible(bool(names))
        for line in self.lines.values():
            if not line.text():
                line.setFocus(Qt.FocusReason.OtherFocusReason)
                break

    def missing(self) -> list[str]:
        """Placeholders that nobody has filled in."""
        return [name for name, line in self.lines.items() if not line.text().strip()]

    def values(self) -> dict[str, str]:
        """What has been typed, by placeholder; what is empty is left out."""
        return {name: line.text().strip() for name, line in self.lines.items() if line.text()}


class NameStrip(Strip):
    """Asks for the name under which the form is kept as a template."""

    save_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit(self)
        self.name.setMinimumHeight(4 * theme.UNIT)
        self.name.setPlaceholderText(self.tr("Price change"))
        self.save = QPushButton(self.tr("Save template"), self)
        self.save.setMinimumHeight(4 * theme.UNIT)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.setMinimumHeight(4 * theme.UNIT)
        label = PlainLabel(self.tr("&Name of the template"), self)
        label.setBuddy(self.name)
        hint = PlainLabel(
            self.tr("Words in braces, like {product}, are asked for when it is used.")
        )
        hint.setFont(theme.scaled_font(hint, theme.SMALL))
        theme.set_text_colour(hint, theme.quiet_colour())
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        for widget in (label, self.name, self.save, self.cancel):
            row.addWidget(widget, int(widget is self.name))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GROUP, theme.UNIT, theme.GROUP, theme.UNIT)
        column.addLayout(row)
        column.addWidget(hint)
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.cancel.clicked.connect(self.hide)

    def ask(self, name: str) -> None:
        """Ask for the name; *name* is offered."""
        self.name.setText(name)
        self.show()
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        self.save_wanted.emit(self.name.text())


class TemplateBar(QWidget):
    """The button with the menu of templates, and the strip that belongs to what was chosen."""

    wanted = Signal(int)
    delete_wanted = Signal(int)
    save_wanted = Signal(str)
    about_to_open = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton(self.tr("Tem&plates"), self)
        self.button.setMinimumHeight(4 * theme.UNIT)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self.state = MenuState(self)
        self.fill = FillStrip(self)
        self.naming = NameStrip(self)
        self._name = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.fill)
        column.addWidget(self.naming)
        for strip in (self.fill, self.naming):
            strip.installEventFilter(self)
        self._show_if_used()
        self.menu.aboutToShow.connect(self.about_to_open)
        self.naming.save_wanted.connect(self.save_wanted)
        self.set_names([])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take no room while neither strip is open."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._show_if_used()
        return super().eventFilter(watched, event)

    def _show_if_used(self) -> None:
        self.setVisible(not (self.fill.isHidden() and self.naming.isHidden()))

    def set_names(self, names: Sequence[str]) -> None:
        """List *names*, in the order in which ``wanted`` counts them."""
        self.menu.clear()
        self.menu.addAction(self.state)
        for place, name in enumerate(names):
            action = self.menu.addAction(_in_menu(name))
            action.triggered.connect(partial(self.wanted.emit, place))
        if not names:
            self.menu.addAction(self.tr("No templates yet")).setEnabled(False)
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Save as a template …")).triggered.connect(self._ask_name)
        if names:
            gone = self.menu.addMenu(self.tr("Delete"))
            for place, name in enumerate(names):
                action = gone.addAction(_in_menu(name))
                action.triggered.connect(partial(self.delete_wanted.emit, place))

    def chose(self, name: str, placeholders: Sequence[str], known: Mapping[str, str]) -> None:
        """A template is in the form now; ask for its *placeholders*."""
        self._name = name
        self.naming.hide()
        self.fill.ask(placeholders, known)

    def close_strips(self) -> None:
        """Nothing is being filled in any more."""
        self.fill.ask([], {})
        self.naming.hide()

    def _ask_name(self) -> None:
        self.naming.ask(self._name)


def _in_menu(name: str) -> str:
    return name.replace("&", "&&")
