"""Beside the channel of a new message: how many PCs it has, and how many of them are silent."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject

from admin_app.session import ConsoleSession
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared.bus import LinkState, LinkStatus
from shared.tasks import TaskBag

COUNT_EVERY_S = 10.0
"""How often it is counted anew while the form is shown; hidden, it costs nothing."""
NOBODY_EVERY_S = 2.0
"""The same while nobody follows the channel: somebody may be installing the first tray."""
CLICKS_S = 0.15
"""How long it waits for the next of several channels to be chosen."""


class AudienceController(QObject):
    """Counts when the form is shown, when another channel is chosen, and now and then."""

    def __init__(self, window: MainWindow, session: ConsoleSession) -> None:
        super().__init__()
        self._form = window.form
        self._session = session
        self._shown = window.page_seen is Page.COMPOSE
        self._counting: asyncio.Task[None] | None = None
        self._tasks = TaskBag("audience")
        window.page_shown.connect(self._page_shown)
        window.form.channels.changed.connect(self._begin)
        session.status_changed.connect(self._follow)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    def _page_shown(self, page: Page | None) -> None:
        self._shown = page is Page.COMPOSE
        self._begin()

    def _follow(self, status: LinkStatus) -> None:
        if status.state is LinkState.CONNECTED:
            self._begin()

    def _begin(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        if self._shown and not self._tasks.closed:
            self._counting = self._tasks.spawn(self._keep_counting(), name="count")

    async def _keep_counting(self) -> None:
        await asyncio.sleep(CLICKS_S)
        while True:
            channels = self._form.channels.chosen()
            audience = await self._session.audience(channels) if channels else None
            self._form.show_audience(audience, full=self._session.full)
            somebody = audience is not None and audience.expected > 0
            await asyncio.sleep(COUNT_EVERY_S if somebody else NOBODY_EVERY_S)
