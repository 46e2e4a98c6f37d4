"""One message on all the screens that show it: the popup, and for an emergency its mirrors.

A mirror is the same window on another screen. It follows the popup in everything, and an answer on
any of them is the answer. Screens come and go while a message is open: what stood on one that
vanished comes back to one that is there, and a new one gets its mirror.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from shared.qt.popup.content import PopupContent
from shared.qt.popup.placing import PopupRules, screens_for
from shared.qt.popup.window import Popup

SETTLE_MS = 300
"""Screens change in several steps; the last one counts."""


class Stage(QObject):
    """The windows of one message. Signals are those of the popup, whichever window they are of."""

    painted = Signal(str)
    acknowledged = Signal(str)
    replied = Signal(str, str)
    postponed = Signal(str, int)
    acted = Signal(str)
    gone = Signal()

    def __init__(self, content: PopupContent, rules: PopupRules) -> None:
        super().__init__()
        self._rules = rules
        self._place = (1, 1)
        self.popup = Popup(content, rules=rules)
        self.popup.painted.connect(self.painted)
        self.popup.gone.connect(self.gone)
        self._listen(self.popup)
        self.mirrors: list[Popup] = []
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._arrange)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.screenAdded.connect(self._screen_added)
        app.screenRemoved.connect(self._settling.start)
        app.primaryScreenChanged.connect(self._settling.start)
        for screen in QGuiApplication.screens():
            self._watch(screen)

    def show(self) -> None:
        """Open on every screen that the rules say."""
        first, *others = screens_for(self.popup.content.level, self._rules.screens)
        self.popup.present(first)
        for screen in others:
            self._mirror(screen)

    def replace(self, content: PopupContent) -> None:
        """Show *content* instead, everywhere."""
        for window in self._windows():
            window.replace(content)

    def set_place(self, place: int, total: int) -> None:
        """Say where in the queue the message stands."""
        self._place = (place, total)
        for window in self._windows():
            window.set_place(place, total)

    def take_keyboard(self) -> None:
        """Give the popup the keyboard."""
        self.popup.take_keyboard()

    def raise_(self) -> None:
        """Bring every window to the front again, without taking anything."""
        for window in self._windows():
            window.raise_()

    def part_with(self, words: str) -> None:
        """Say what became of the message elsewhere; ``gone`` follows."""
        for window in self._windows():
            window.part_with(words)

    def withdraw(self) -> None:
        """Close everywhere without an answer."""
        self._settling.stop()
        for mirror in self.mirrors:
            mirror.withdraw()
        self.mirrors = []
        self.popup.withdraw()
        self.deleteLater()

    def _windows(self) -> Iterator[Popup]:
        yield self.popup
        yield from self.mirrors

    def _mirror(self, screen: QScreen) -> None:
        mirror = Popup(self.popup.content, rules=self._rules, owner=self.popup)
        self._listen(mirror)
        mirror.set_place(*self._place)
        self.mirrors.append(mirror)
        mirror.present(screen)

    def _listen(self, window: Popup) -> None:
        window.acknowledged.connect(self.acknowledged)
        window.replied.connect(self.replied)
        window.postponed.connect(self.postponed)
        window.acted.connect(self.acted)

    def _screen_added(self, screen: QScreen) -> None:
        self._watch(screen)
        self._settling.start()

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self._settling.start)

    def _arrange(self) -> None:
        """Bring everything back to where it can be seen."""
        self.popup.come_back()
        for mirror in self.mirrors:
            mirror.withdraw()
        self.mirrors = []
        if self._mirrored():
            for screen in QGuiApplication.screens():
                if screen.name() != self.popup.screen_name:
                    self._mirror(screen)

    def _mirrored(self) -> bool:
        return len(screens_for(self.popup.content.level, self._rules.screens)) > 1
