"""The inbox: every message this PC has, like a mail list.

Search and choice on top, the list at the left, the whole text at the right. The window only shows
and asks: it reads the archive, and ``read`` and ``answer_wanted`` say what a person did.
Whoever stores that, or a new message, calls ``refresh``. Closing the window hides it.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QItemSelection, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QPalette,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from shared.errors import StorageError
from shared.model import ALL_CHANNELS, Level
from shared.qt import theme
from shared.qt.clipboard import Copier
from shared.qt.layouts import even_controls
from shared.qt.message_rows import MessageList
from shared.qt.text import WrappedLabel, plain_tooltip
from shared.qt.words import channel_name, level_name, localized
from shared.text import safe_line, safe_text
from tray_client.archive import Archive, Choice, Filter, Letter, Query
from tray_client.inbox_model import InboxModel
from tray_client.reading_pane import ReadingPane
from tray_client.records import State

SIZE = QSize(1000, 640)
LIST_WIDTH = 400
"""Device-independent pixels."""
CHOICES: tuple[Choice | None, ...] = (*Filter, None, *reversed(Level))
"""What can be chosen, in this order; None is a line between."""


class SearchField(QLineEdit):
    """What to look for. Down and Enter go on to what was found."""

    leave_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass Down and Enter on."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)


class InboxList(MessageList):
    """The list of messages. Enter opens the text; Ctrl+C copies the whole message."""

    open_wanted = Signal()
    copy_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Ctrl+C; the rest is for the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class InboxWindow(QWidget):
    """The window. ``read``: a new message's text is on the screen; both signals carry its id."""

    read = Signal(str)
    answer_wanted = Signal(str, str)

    def __init__(self, archive: Archive, endpoint: str = "") -> None:
        """*endpoint* is this PC's name."""
        super().__init__(None)
        self._archive = archive
        self._endpoint = endpoint
        self._told: set[str] = set()
        self._failure = ""
        self.copier = Copier(self)
        self.model = InboxModel(archive)
        self.setWindowTitle(self.tr("Siaran inbox"))
        self.resize(SIZE)
        self._build()
        self._lay_out()
        even_controls(self)
        self._connect()

    # --- for the tray ---

    def present(self, choice: Choice | None = None) -> None:
        """Come to the front with the keyboard in the list, showing *choice* if one is given."""
        if choice is not None:
            self.search.clear()
            self.choice.setCurrentIndex(CHOICES.index(choice))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_message(self, message_id: str) -> None:
        """Come to the front and show one message."""
        self.present()
        self._show(message_id)
        self._choose_shown()

    def refresh(self) -> None:
        """A message arrived or has come further: show it, and leave everything else as it is."""
        if not self.isVisible():
            return  # it is brought up to date when it is shown
        self._failure = ""
        self.model.refresh()
        self._show_counts()
        if self.pane.letter is not None:
            self._show(self.pane.letter.entry.id)

    # --- Qt ---

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the window was hidden."""
        super().showEvent(event)
        self.refresh()

    # --- inside ---

    def _build(self) -> None:
        self.search = SearchField(self)
        self.search.setPlaceholderText(self.tr("Search title, text, sender or channel"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(self.tr("Messages to show"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for row, choice in enumerate(CHOICES):
            if choice is None:
                self.choice.insertSeparator(row)
            else:
                self.choice.addItem(_choice_name(choice))
        self.list = InboxList(self.model, self)
        self.list.setAccessibleName(self.tr("Messages"))
        self.pane = ReadingPane(self, self._endpoint)
        self.hint = WrappedLabel("", self)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setMargin(theme.EDGE)
        self.hint.setBackgroundRole(QPalette.ColorRole.Base)
        self.hint.setAutoFillBackground(True)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(theme.GROUP, theme.GROUP, theme.GROUP, theme.GROUP)
        top.setSpacing(theme.UNIT)
        top.addWidget(self.search, 1)
        top.addWidget(self.choice)
        self._right = QStackedWidget(self)
        self._right.addWidget(self.hint)
        self._right.addWidget(self.pane)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setChildrenCollapsible(False)
        for widget, least in ((self.list, 240), (self._right, 280)):
            widget.setMinimumWidth(least)
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([LIST_WIDTH, SIZE.width() - LIST_WIDTH])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._ask)
        self.search.leave_wanted.connect(self._enter_list)
        self.choice.currentIndexChanged.connect(self._ask)
        self.model.settled.connect(self._say_hint)
        self.model.failed.connect(self._fail)
        self.model.rowsInserted.connect(self._choose_shown)
        self.list.selectionModel().selectionChanged.connect(self._chosen)
        self.list.open_wanted.connect(self._enter_text)
        self.list.doubleClicked.connect(self.pane.body.setFocus)
        self.list.copy_wanted.connect(self._copy)
        self.pane.body.copied.connect(self.copier.ensure)
        self.copier.failed.connect(self._say_not_copied)
        self.pane.painted.connect(self._painted)
        self.pane.answer_wanted.connect(self.answer_wanted)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self._find)
        QShortcut(Qt.Key.Key_Escape, self).activated.connect(self._escape)

    def _ask(self) -> None:
        """List what search and choice say now."""
        name = channel_name(ALL_CHANNELS)
        self._failure = ""
        self.model.set_query(Query(self.search.text(), self._choice(), name))
        self._say_hint()

    def _choice(self) -> Choice:
        return CHOICES[self.choice.currentIndex()] or Filter.ALL

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _escape(self) -> None:
        """Leave the search, else the window."""
        if self.search.text():
            self.search.clear()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.close()

    def _enter_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.list.selectionModel().hasSelection():
            self.list.setCurrentIndex(self.list.start_index())

    def _enter_text(self) -> None:
        self._enter_list()
        self.pane.body.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen(self, selected: QItemSelection) -> None:
        indexes = selected.indexes()
        if indexes:
            self._show(self.model.entry(indexes[0]).id)

    def _show(self, message_id: str) -> None:
        try:
            letter = self._archive.letter(message_id)
        except StorageError as error:
            self._fail(localized(error))
            return
        if letter is not None:
            self.pane.show_letter(letter)
            self._right.setCurrentWidget(self.pane)

    def _choose_shown(self) -> None:
        """Mark the row of the message that is being read, when it is in the list (again)."""
        if self.pane.letter is None or self.list.selectionModel().hasSelection():
            return
        index: QModelIndex = self.model.index_of(self.pane.letter.entry.id)
        if index.isValid():
            self.list.setCurrentIndex(index)

    def _painted(self, message_id: str) -> None:
        letter = self.pane.letter
        if letter is None or letter.entry.state is not State.RECEIVED or message_id in self._told:
            return
        self._told.add(message_id)
        self.read.emit(message_id)

    def _copy(self) -> None:
        if self.pane.letter is not None:
            self.copier.copy(_as_text(self.pane.letter))

    def _say_not_copied(self) -> None:
        """Where the eye is: the clipboard is not free."""
        words = self.tr("Not copied: another program is using the clipboard. Try again.")
        place = self.pane.title.mapToGlobal(self.pane.title.rect().bottomLeft())
        QToolTip.showText(place, plain_tooltip(words), self)

    def _show_counts(self) -> None:
        try:
            counts = self._archive.counts()
        except StorageError as error:
            self._fail(localized(error))
            return
        for row, choice in enumerate(CHOICES):
            if choice is not None:
                number = self.locale().toString(counts[choice])
                self.choice.setItemText(row, f"{_choice_name(choice)} ({number})")

    def _fail(self, sentence: str) -> None:
        self._failure = sentence
        self._say_hint()

    def _say_hint(self) -> None:
        self.list.set_hint(self._list_hint())
        empty = self.model.rowCount() == 0
        choose = self.tr("Choose a message to read it here.")
        self.hint.setText(self._failure or ("" if empty else choose))
        theme.set_text_colour(self.hint, theme.quiet_colour())

    def _list_hint(self) -> str:
        if self._failure:
            return safe_text(self._failure)
        if self.model.busy:
            return self.tr("Searching …")
        if self.search.text().strip():
            return self.tr(
                "Nothing found. Every word has to be in the title, the text, the sender or the"
                " channel. Press Esc to see all messages again."
            )
        choice = self._choice()
        if choice is Filter.ALL:
            return self.tr(
                "No message has come yet. What head office sends to this PC appears here,"
                " and stays here to be read again."
            )
        if choice is Filter.UNREAD:
            return self.tr("Nothing unread: every message here has been answered.")
        return self.tr("No message of this kind.")


def _choice_name(choice: Choice) -> str:
    if isinstance(choice, Level):
        return level_name(choice)
    return {
        Filter.ALL: QCoreApplication.translate("inbox", "All messages"),
        Filter.UNREAD: QCoreApplication.translate("inbox", "Unread"),
        Filter.UNACKNOWLEDGED: QCoreApplication.translate("inbox", "Not acknowledged"),
    }[choice]


def _as_text(letter: Letter) -> str:
    """A message for the clipboard."""
    return f"{safe_line(letter.entry.title)}\n\n{safe_text(letter.body)}"
