"""Between the page of sent messages and the history in Redis.

Messages come in pages as one scrolls; what is sent meanwhile, by whichever console, and how far the
visible ones have come is asked for every other second, and only while the page is shown.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject

from admin_app.channels import labels
from admin_app.history import History, Wanted
from admin_app.models import SentModel
from admin_app.page_reader import bring_up_to_date
from admin_app.sending import Sent
from admin_app.session import ConsoleSession
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared.bus import ChannelInfo, LinkState, LinkStatus
from shared.errors import SiaranError
from shared.model import Message
from shared.qt.words import localized
from shared.tasks import TaskBag, sleep_unless

PAGE = 50
"""Messages loaded at once: two windows full."""
LOOKS = 4
"""Readings of a search between two looks at what it has found."""
NEWS_EVERY_S = 2.0
AGAIN_S = 2.0
"""How long a loading that failed waits."""


class SentController(QObject):
    """Fills the list, follows what is looked for, and keeps the figures of visible rows."""

    def __init__(self, window: MainWindow, session: ConsoleSession, sent: SentModel) -> None:
        super().__init__()
        self._page = window.sent
        self._session = session
        self._sent = sent
        self._history: History | None = None
        self._wanted_rows = PAGE
        self._more = asyncio.Event()
        self._news = asyncio.Event()
        self._loading: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._names: list[str] = []
        self._tasks = TaskBag("sent page")
        self._connect(window)
        self._take_directory(session.directory)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    # --- inside ---

    def _connect(self, window: MainWindow) -> None:
        session, page = self._session, self._page
        window.page_shown.connect(self._page_shown)
        page.choice_changed.connect(self._begin)
        page.list.verticalScrollBar().valueChanged.connect(self._news.set)
        self._sent.more_wanted.connect(self._load_more)
        session.status_changed.connect(self._follow)
        session.directory_changed.connect(self._take_directory)
        session.sent.connect(self._show_own)
        session.recalled.connect(self._note_recall)

    def _follow(self, status: LinkStatus) -> None:
        if status.state is not LinkState.CONNECTED:
            self._news.set()  # the page says at once that it is not up to date
            return
        if self._history is None:
            self._begin()
        else:
            self._more.set()
            self._news.set()

    def _take_directory(self, directory: list[ChannelInfo]) -> None:
        named = labels(directory)
        self._sent.set_labels(named)
        self._page.set_channels(named)
        names = sorted(self._session.channel_names)
        if names != self._names:
            self._names = names
            if self._history is not None:
                self._begin()

    def _begin(self) -> None:
        """Begin a new way through the history, as the fields say now."""
        if self._tasks.closed:
            return  # somebody was still typing when the window closed
        choice = self._page.choice()
        wanted = Wanted(
            channels=frozenset({choice.channel} if choice.channel else ()),
            levels=frozenset({choice.level} if choice.level else ()),
            since_ms=choice.since_ms,
            text=choice.text,
        )
        self._history = self._session.history(wanted)
        self._sent.clear()
        self._wanted_rows = PAGE
        if self._loading is not None:
            self._loading.cancel()
        self._page.show_hint(busy=True)
        self._loading = self._tasks.spawn(self._keep_loading(self._history), name="load")

    def _load_more(self) -> None:
        self._wanted_rows = self._sent.rowCount() + PAGE
        self._more.set()

    async def _keep_loading(self, history: History) -> None:
        """Load as many as are wanted, until the end of the history."""
        while not history.at_end:
            if self._sent.rowCount() >= self._wanted_rows:
                self._more.clear()
                await self._more.wait()
            try:
                found = await history.more(PAGE, looks=LOOKS)
                self._sent.note_orders(history.take_orders())
                self._sent.append(found)
            except SiaranError as error:
                self._page.show_hint(busy=False, trouble=localized(error))
                await self._wait_for_more()
            else:
                self._page.show_hint(busy=not history.at_end)
                self._news.set()
        self._sent.complete = True
        self._page.show_hint(busy=False)

    async def _wait_for_more(self) -> None:
        self._more.clear()
        await sleep_unless(self._more, AGAIN_S)

    def _show_own(self, sent: Sent) -> None:
        """Show at once what was sent from here, if it is among what is looked for."""
        self._sent.note_orders([sent.message])
        if self._history is not None and self._history.wanted.fits(sent.message):
            self._sent.prepend([sent.message])
            self._page.show_hint(busy=False)
            self._news.set()

    def _note_recall(self, recall: Message) -> None:
        self._sent.note_orders([recall])

    def _page_shown(self, page: Page | None) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if page is Page.SENT:
            self._watching = self._tasks.spawn(self._keep_watching(), name="watch")

    async def _keep_watching(self) -> None:
        while True:
            self._news.clear()
            await bring_up_to_date(self._page.state, self._look)
            try:
                async with asyncio.timeout(NEWS_EVERY_S):
                    await self._news.wait()
                await asyncio.sleep(0.1)  # somebody scrolls: look when they pause
            except TimeoutError:
                pass

    async def _look(self) -> None:
        history = self._history
        if history is not None:
            news = await history.news()
            if history is not self._history:
                return  # somebody looks for something else by now
            self._sent.note_orders(history.take_orders())
            self._sent.prepend(news)
        seen = [self._sent.message(row) for row in self._page.visible_rows()]
        counts = await self._session.counts(seen)
        self._sent.set_counts({one.id: now for one, now in zip(seen, counts, strict=True)})
