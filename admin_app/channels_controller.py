"""Between the page of channels and the session."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from admin_app.channels import Change, Followers, added, relabelled, retired, unknown
from admin_app.page_reader import PageReader
from admin_app.session import ConsoleSession
from admin_app.unreadable import Unreadable
from admin_app.views.channels_page import ChannelRow
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared.bus import ChannelInfo
from shared.errors import SiaranError
from shared.qt.dialogs import confirm
from shared.qt.words import localized
from shared.tasks import TaskBag


class ChannelsController(QObject):
    """Keeps the page as the directory is, and changes the directory as the page wants."""

    def __init__(self, window: MainWindow, session: ConsoleSession) -> None:
        super().__init__()
        self._window = window
        self._page = window.channels
        self._session = session
        self._followers: dict[str, Followers] | None = None
        self._reader = PageReader(window, Page.CHANNELS, session, self._page.state, self._read)
        self._tasks = TaskBag("channels page")
        session.directory_changed.connect(self._show)
        self._page.add_wanted.connect(self._add)
        self._page.relabel_wanted.connect(self._relabel)
        self._page.retire_wanted.connect(self._retire)
        self._show(session.directory)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._reader.aclose()
        await self._tasks.aclose()

    def _add(self, name: str) -> None:
        done = self.tr("{name} is offered now.").format(name=name)
        self._tasks.spawn(self._change(lambda now: added(now, name), done), name="add")

    def _relabel(self, name: str, label: str) -> None:
        done = self.tr("{name} is shown as {label} now.").format(name=name, label=label)
        what = partial(relabelled, name=name, label=label)
        self._tasks.spawn(self._change(what, done), name="relabel")

    def _retire(self, name: str) -> None:
        self._tasks.spawn(self._ask_and_retire(name), name="retire")

    async def _ask_and_retire(self, name: str) -> None:
        count = self._followers.get(name, Followers(0, 0)).known if self._followers else 0
        details = self.tr("It is offered no more. What was sent to it stays.")
        if count:
            details += " " + self.tr("%Ln PC(s) still follow it.", "", count)
        question = self.tr("Retire the channel {name}?").format(name=name)
        if await confirm(self._window, question, details, self.tr("Retire"), self.tr("Keep it")):
            done = self.tr("{name} is retired.").format(name=name)
            await self._change(partial(retired, name=name), done)

    async def _change(self, what: Change, done: str) -> None:
        try:
            await self._session.change_channels(what)
        except SiaranError as error:
            self._page.notice.say(localized(error), bad=True)
            self._show(self._session.directory)  # an edited label goes back
        else:
            self._page.name.clear()
            self._page.notice.say(done)
            await self._reader.read_now()

    async def _read(self) -> Unreadable:
        """The directory comes by itself; read who follows its channels."""
        self._followers = await self._session.followers()
        self._show(self._session.directory)
        return Unreadable(channels=self._session.unreadable_channels)

    def _show(self, directory: list[ChannelInfo]) -> None:
        rows = [self._row(info) for info in directory]
        for name in unknown(directory, list(self._followers or {})):
            state = self.tr("Followed by PCs, but not offered here")
            rows.append(ChannelRow(name, name, self._pcs(name), state, offered=False, known=False))
        self._page.show_rows(rows)

    def _row(self, info: ChannelInfo) -> ChannelRow:
        state = self.tr("Retired") if info.retired else self.tr("Offered")
        if not info.readable:
            state = self.tr("Offered, but its entry cannot be read")
        pcs = self._pcs(info.name)
        return ChannelRow(info.name, info.label, pcs, state, offered=not info.retired)

    def _pcs(self, name: str) -> str:
        if self._followers is None:
            return "…"
        counts = self._followers.get(name, Followers(0, 0))
        if not counts.known:
            return self.tr("No PC yet")
        return self.tr("{connected} of {known} connected").format(
            connected=counts.connected, known=counts.known
        )
