"""The icon beside the clock: how the link is, and a menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPalette
from PySide6.QtWidgets import QMenu

from shared.bus import LinkState, LinkStatus
from shared.qt import theme
from shared.qt.icons import icon
from shared.qt.text import plain_tooltip
from shared.qt.words import channel_names, localized, moment, whom_to_ask
from shared.text import safe_line
from tray_client.tray_place import TrayPlace

ICON_COLOUR = QColor("#3B82F6")
"""One blue that stands out from light and from dark task bars alike (3:1 or more on both)."""
MENU_WIDTH = 80
"""Characters of a menu line; a longer reason is in the tooltip."""

_ICONS = {
    LinkState.CONNECTING: "app-tray-waiting",
    LinkState.CONNECTED: "app-tray",
    LinkState.RECONNECTING: "app-tray-waiting",
    LinkState.REFUSED: "app-tray-refused",
}


class Tray(QObject):
    """Icon, tooltip and menu of the tray program."""

    quit_wanted = Signal()
    reconnect_wanted = Signal()
    message_wanted = Signal()
    inbox_wanted = Signal()
    later_wanted = Signal(int)
    """Put everything off for so many minutes."""
    quiet_wanted = Signal(int)
    """Do not disturb for so many minutes; 0: come in again."""

    def __init__(
        self,
        who: str,
        channels: list[str],
        problems: list[str],
        *,
        has_address: bool = True,
        support: str = "",
        snoozes: Sequence[int] = (),
        quiet_times: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self._has_address = has_address
        self._something_wrong = bool(problems)
        self._status: LinkStatus | None = None
        self._waiting = 0
        self._quiet_until = 0
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self._make_readable)
        self.status_line = self._line("")
        if who:
            self._line(self.tr("This PC: {who}").format(who=safe_line(who)))
            names = ", ".join(channels) or "*"
            self._line(safe_line(self.tr("Channels: {names}").format(names=names), MENU_WIDTH))
        for problem in map(localized, problems):
            self._line(safe_line(problem, MENU_WIDTH)).setToolTip(plain_tooltip(problem))
        self.rival_line = self._line(self.tr("Another PC uses the same name."))
        self.rival_line.setVisible(False)
        self.trimmed_line = self._line("")
        self.trimmed_line.setVisible(False)
        self.missing_line = self._line(self.tr("No Redis address is set on this PC."))
        self.ask_line = self._line(whom_to_ask(support))
        self.menu.setToolTipsVisible(True)
        self.menu.addSeparator()
        self.answer = self._action(self.tr("Answer the open message"), self.message_wanted)
        self._action(self.tr("Open the inbox"), self.inbox_wanted)
        self.later = self._choices(self.tr("Later"), snoozes, self.later_wanted)
        self.quiet = self._choices(self.tr("Do not disturb"), quiet_times, self.quiet_wanted)
        self.come_in = self._action(self.tr("Disturb me again"), self._ask_in)
        self.come_in.setVisible(False)
        self.reconnect = self._action(self.tr("Connect now"), self.reconnect_wanted)
        self.menu.addSeparator()
        self._action(self.tr("Quit"), self.quit_wanted)
        self.place = TrayPlace(self.menu)
        self.place.clicked.connect(self.message_wanted)
        self.set_waiting(0)
        self.place.look_soon()

    @property
    def tooltip(self) -> str:
        """What the icon says in words."""
        return self.place.words

    @property
    def picture(self) -> QIcon:
        """The icon as it is now."""
        return self.place.picture

    def set_status(self, status: LinkStatus) -> None:
        """Show how the link is."""
        self._status = status
        words = self._words(status)
        self.status_line.setText(safe_line(words, MENU_WIDTH))
        self.status_line.setToolTip(plain_tooltip(words))
        connected = status.state is LinkState.CONNECTED
        self.reconnect.setVisible(not connected)
        self.missing_line.setVisible(not connected and not self._has_address)
        self._offer_help()
        self._refresh()

    def set_rival(self, there_is_one: bool) -> None:
        """Say whether another PC uses this one's name."""
        self.rival_line.setVisible(there_is_one)
        self._offer_help()

    def set_trimmed(self, channels: list[str]) -> None:
        """Say on which channels messages were deleted before this PC could read them."""
        names = channel_names(channels, {})
        text = self.tr("Messages were deleted before this PC could read them: {channels}")
        self.trimmed_line.setText(safe_line(text.format(channels=names), MENU_WIDTH))
        self.trimmed_line.setVisible(True)

    def set_waiting(self, count: int) -> None:
        """Show how many messages wait for an answer."""
        self._waiting = count
        self.answer.setEnabled(count > 0)
        self.later.setEnabled(count > 0)
        self._refresh()

    def set_quiet(self, until_ms: int) -> None:
        """Say until when nobody is to be disturbed; 0: they may be."""
        self._quiet_until = until_ms
        self.come_in.setVisible(bool(until_ms))
        self._refresh()

    def hide(self) -> None:
        """Take the icon away."""
        self.place.hide()
        self.menu.deleteLater()

    def _offer_help(self) -> None:
        """Say whom to ask while there is a reason to."""
        failing = self._status is not None and self._status.error is not None
        wrong = failing or self._something_wrong or self.rival_line.isVisible()
        self.ask_line.setVisible(wrong)

    def _refresh(self) -> None:
        state = self._status.state if self._status else LinkState.CONNECTING
        name = _ICONS[state]
        if self._waiting and state is LinkState.CONNECTED:
            name = "app-tray-unread"
        words = self._words(self._status) if self._status else ""
        if self._quiet_until:
            quiet = self.tr("Do not disturb until {time}").format(time=moment(self._quiet_until))
            words = f"{quiet} · {words}"
        if self._waiting:
            waiting = self.tr("%Ln waiting", "", self._waiting)
            words = f"{waiting} · {words}"
        # Windows cuts tooltips at 127 characters.
        self.place.say(icon(name, ICON_COLOUR), safe_line(f"Siaran · {words}", 127))

    def _words(self, status: LinkStatus) -> str:
        if status.state is LinkState.CONNECTED:
            return self.tr("Connected to {address}").format(address=status.address)
        if status.state is LinkState.CONNECTING:
            return self.tr("Connecting to {address}").format(address=status.address)
        reason = localized(status.error) if status.error else ""
        if status.state is LinkState.REFUSED:
            return self.tr("Refused: {reason}").format(reason=reason)
        return self.tr("Connecting again: {reason}").format(reason=reason)

    def _line(self, text: str) -> QAction:
        action = self.menu.addAction(text)
        action.setEnabled(False)
        return action

    def _action(self, text: str, signal: object) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(signal)
        return action

    def _choices(self, text: str, minutes: Sequence[int], signal: object) -> QMenu:
        """A menu of times; not there if policy allows none."""
        menu = self.menu.addMenu(text)
        menu.menuAction().setVisible(bool(minutes))
        for count in minutes:
            action = menu.addAction(self.tr("%Ln minute(s)", "", count))
            action.triggered.connect(partial(_emit, signal, count))
        return menu

    def _make_readable(self) -> None:
        """Half of the menu is to be read, not chosen: a style's grey is too pale for that."""
        palette = self.menu.palette()
        roles = QPalette.ColorRole
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, theme.quiet_colour())
        self.menu.setPalette(palette)

    def _ask_in(self) -> None:
        self.quiet_wanted.emit(0)


def _emit(signal: Any, value: int, _checked: bool = False) -> None:
    signal.emit(value)
