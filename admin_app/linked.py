"""The console's link with Redis: kept, and used for what has to be done surely. No Qt.

While it lasts, the channels are read again and again, which is a sign of life, too, and the chores
are done that any console does for all: series are sent ahead, and old receipts reduced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from admin_app.channels import unlisted, with_defaults
from admin_app.chores import keep_series_ahead, reduce_receipts
from admin_app.sending import Sender
from shared.bus import Access, ChannelInfo, ConsoleBus, ConsoleLink, LinkStatus
from shared.documents import Entries
from shared.errors import LinkLost, RedisUnreachable, SiaranError
from shared.link_keeper import LinkKeeper, link_details
from shared.phrases import phrase
from shared.signals import Signal
from shared.tasks import TaskBag, sleep_unless

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PING_S = 5.0
"""How often the link is tried, so that the indicator is honest, and another console's changes to
the channels appear."""
RESEND_WITHIN_S = 10.0
"""How long a message whose reply was lost waits for a new link before the admin is told."""


class Linked:
    """A link that is opened again whenever it is lost, and the channels that there are."""

    def __init__(self, bus: ConsoleBus, sender: Sender) -> None:
        self._keeper = LinkKeeper(
            bus.address, bus.open, self._use, details=link_details(bus.account)
        )
        self.status_changed = self._keeper.status_changed
        self.directory: list[ChannelInfo] = with_defaults([])
        self.directory_changed: Signal[[list[ChannelInfo]]] = Signal()
        self.unreadable_channels = 0
        """Entries of the directory that cannot be read."""
        self._unlisted: list[str] = []
        self.access = Access.UNKNOWN
        self.access_changed: Signal[[Access]] = Signal()
        """Whom the server lets in."""
        self._sender = sender
        self._link: ConsoleLink | None = None
        self.full = False
        """Whether PCs cannot report now, because Redis' memory is full."""
        self.full_changed: Signal[[bool]] = Signal()
        self._linked = asyncio.Event()
        self._doubted = asyncio.Event()

    async def run(self) -> None:
        """Keep a link until cancelled."""
        await self._keeper.run()

    @property
    def status(self) -> LinkStatus:
        """How the console stands with Redis."""
        return self._keeper.status

    @property
    def channel_names(self) -> list[str]:
        """All that may have been sent to."""
        return list(dict.fromkeys([*(info.name for info in self.directory), *self._unlisted]))

    def _connected_link(self) -> ConsoleLink:
        if self._link is None:
            raise _not_connected(self.status)
        return self._link

    async def _surely(self, act: Callable[[ConsoleLink], Awaitable[Result]]) -> Result:
        """Do *act*, which is harmless to do again; when the reply is lost, over the next link."""
        try:
            return await act(self._connected_link())
        except LinkLost as error:
            log.info("no reply, trying again")
            return await self._again(act, error)

    def _names(self) -> list[str]:
        return self.channel_names

    async def _again(
        self, act: Callable[[ConsoleLink], Awaitable[Result]], error: SiaranError
    ) -> Result:
        try:
            async with asyncio.timeout(RESEND_WITHIN_S):
                while True:
                    self._doubted.set()  # the loop below has not noticed that the link is lost
                    await self._linked.wait()
                    assert self._link is not None
                    try:
                        return await act(self._link)
                    except LinkLost as again:
                        error = again
                        await asyncio.sleep(0.2)
        except TimeoutError:
            raise RedisUnreachable(
                self.status.address,
                phrase(
                    "Redis did not confirm the message, so it is not known whether it was sent."
                ),
                phrase("Press Send again when the connection is back: nobody will see it twice."),
            ) from error

    async def _use(self, link: ConsoleLink) -> None:
        await self._read_channels(link)
        self._link = link
        self._linked.set()
        self._keeper.ready()
        chores = TaskBag("console")
        chores.spawn(keep_series_ahead(link, self._sender), name="recurring messages")
        chores.spawn(reduce_receipts(link, self._sender, self._names), name="old receipts")
        chores.spawn(self._find_access(link), name="access")
        try:
            while True:
                await self._rest()
                await self._read_channels(link)  # a sign of life, too
        finally:
            self._link = None
            self._linked.clear()
            await chores.aclose()

    def _note_full(self, *, full: bool) -> None:
        if full is not self.full:
            self.full = full
            words = "full: PCs cannot report" if full else "no longer full"
            log.log(logging.WARNING if full else logging.INFO, "Redis' memory is %s", words)
            self.full_changed.emit(full)

    async def _find_access(self, link: ConsoleLink) -> None:
        self.access = await link.access()
        self.access_changed.emit(self.access)

    async def _rest(self) -> None:
        """Wait for the next ping; not if somebody's command has just found the link lost."""
        self._doubted.clear()
        await sleep_unless(self._doubted, PING_S)

    async def _read_channels(self, link: ConsoleLink) -> None:
        await self._sender.now_ms(link)
        self._note_full(full=await link.is_full())
        self._take_directory(await link.channels(), await unlisted(link))

    def _take_directory(self, stored: Entries[ChannelInfo], unlisted: list[str]) -> None:
        self.unreadable_channels = stored.unreadable
        directory = with_defaults(stored)
        if (directory, unlisted) != (self.directory, self._unlisted):
            self.directory, self._unlisted = directory, unlisted
            self.directory_changed.emit(directory)


def _not_connected(status: LinkStatus) -> SiaranError:
    if status.error is not None:
        return status.error
    return RedisUnreachable(
        status.address,
        phrase("The console is not connected to Redis yet."),
        phrase("Wait until it is; nothing you typed is lost."),
    )
