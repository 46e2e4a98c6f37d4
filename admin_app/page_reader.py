"""Keeps a page of the console as Redis is, and has it say so when that fails.

A page is read while it is seen; hidden, it costs nothing. Whatever ends a reading, a fault of the
program too, is said in the page's ``PageState`` and tried again, at once when the link comes or
goes. What was read before stays on the page.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject

from admin_app.session import ConsoleSession
from admin_app.unreadable import Unreadable
from admin_app.views.main_window import MainWindow
from admin_app.views.page_state import MenuState, PageState
from admin_app.views.rail import Page
from shared.bus import LinkState, LinkStatus
from shared.errors import InternalError, SiaranError
from shared.qt.words import localized
from shared.tasks import TaskBag, sleep_unless

log = logging.getLogger(__name__)

Read = Callable[[], Awaitable[Unreadable | None]]
"""Brings a page up to date, and returns what of it could not be read."""
EVERY_S = 10.0
"""How often a page is read while it is seen."""


async def bring_up_to_date(state: PageState | MenuState, read: Read) -> bool:
    """Run *read* and say in *state* how that went; return whether it went well."""
    try:
        unreadable = await read()
    except SiaranError as error:
        state.stale(localized(error))
        return False
    except Exception as error:
        log.exception("a page cannot be read")
        state.stale(localized(InternalError(error)))
        return False
    state.fresh(unreadable.sentence if unreadable else "")
    return True


class PageReader(QObject):
    """Reads one page again and again while it is seen."""

    def __init__(
        self,
        window: MainWindow,
        page: Page,
        session: ConsoleSession,
        state: PageState,
        read: Read,
    ) -> None:
        super().__init__()
        self._page = page
        self._state = state
        self._read = read
        self._linked: bool | None = None
        self._hurry = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._tasks = TaskBag("page")
        window.page_shown.connect(self._page_shown)
        session.status_changed.connect(self._follow)

    async def aclose(self) -> None:
        """Stop reading."""
        await self._tasks.aclose()

    async def read_now(self) -> None:
        """Read the page once, whether it is seen or not."""
        await bring_up_to_date(self._state, self._read)

    def _page_shown(self, page: Page | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if page is self._page:
            self._reading = self._tasks.spawn(self._keep_reading(), name="read")

    async def _keep_reading(self) -> None:
        while True:
            self._hurry.clear()
            await self.read_now()
            await sleep_unless(self._hurry, EVERY_S)

    def _follow(self, status: LinkStatus) -> None:
        """Read at once when the link has come or gone."""
        linked = status.state is LinkState.CONNECTED
        if linked != self._linked:
            self._linked = linked
            self._hurry.set()
