"""The line of a page that says it is not up to date, or that something of it cannot be read."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from shared.qt import theme
from shared.qt.text import WrappedLabel
from shared.qt.words import localized, moment


class State:
    """How something stands that is read again and again, in words.

    Times are this PC's, since people compare them with the clock on its screen.
    """

    def __init__(self) -> None:
        self.is_stale = False
        self._read_at = 0
        self._remark = ""

    def forget(self) -> str:
        """Something else is shown, which was not read yet; there is nothing to say."""
        self.is_stale, self._read_at, self._remark = False, 0, ""
        return ""

    def fresh(self, remark: str) -> str:
        """Everything was read just now; *remark* says what of it could not be."""
        self.is_stale, self._read_at = False, QDateTime.currentMSecsSinceEpoch()
        self._remark = localized(remark)
        return self._remark

    def stale(self, reason: str, read_at: int | None = None) -> str:
        """It could not be read because of *reason*, a sentence.

        *read_at*: when it was last read, in ms; None: when ``fresh`` was last called; 0: never.
        """
        self.is_stale, words = True, localized(reason)
        if read_at is not None:
            self._read_at = read_at
        if self._read_at:
            said = QCoreApplication.translate("state", "Not up to date since {time}: {reason}")
            words = said.format(time=moment(self._read_at), reason=words)
        return " ".join(part for part in (words, self._remark) if part)


class PageState(WrappedLabel):
    """Hidden while the page shows everything as it is now."""

    staleness_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("State of this page"))
        theme.set_text_colour(self, theme.pick(theme.WARNING))
        self._state = State()
        self._was_stale = False
        self.hide()

    def forget(self) -> None:
        """The page shows something else, which was not read yet."""
        self._say(self._state.forget())

    def fresh(self, remark: str = "") -> None:
        """Everything was read just now; *remark* says what of it could not be."""
        self._say(self._state.fresh(remark))

    def stale(self, reason: str, read_at: int | None = None) -> None:
        """It could not be read because of *reason*; it was last read at *read_at* (ms)."""
        self._say(self._state.stale(reason, read_at))

    def _say(self, sentence: str) -> None:
        if sentence != self.text():
            self.setText(sentence)
        self.setVisible(bool(sentence))
        if self._state.is_stale != self._was_stale:
            self._was_stale = self._state.is_stale
            self.staleness_changed.emit(self._was_stale)


class MenuState(QAction):
    """The same as an entry of a menu that cannot be chosen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setEnabled(False)
        self.setVisible(False)
        self._state = State()

    def fresh(self, remark: str = "") -> None:
        """Everything was read just now; *remark* says what of it could not be."""
        self._say(self._state.fresh(remark))

    def stale(self, reason: str) -> None:
        """It could not be read because of *reason*, a sentence."""
        self._say(self._state.stale(reason))

    def _say(self, sentence: str) -> None:
        self.setText(sentence.replace("&", "&&"))
        self.setVisible(bool(sentence))
