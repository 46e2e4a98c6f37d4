"""Keeping a link to Redis for as long as a program lives: open, use, lose, wait, open again.

Both programs do this, and both must never give up: a refused login heals when somebody mends the
account, an unexpected error must not leave a tray deaf. The state has one setter, which announces
it; icon, label and log all follow.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from shared.backoff import delays, was_stable
from shared.bus import LinkState, LinkStatus
from shared.errors import InternalError, SiaranError
from shared.event_log import Event, event
from shared.signals import Signal
from shared.tasks import first_error, sleep_unless
from shared.text import safe_line

log = logging.getLogger(__name__)
Link = TypeVar("Link")
Uniform = Callable[[float, float], float]


class LinkKeeper(Generic[Link]):
    """Opens links and hands each to ``use``, which returns only by raising.

    ``details`` follows the address in the log (`` as outlet, 3 channels``).
    """

    def __init__(
        self,
        address: str,
        open_link: Callable[[], AbstractAsyncContextManager[Link]],
        use: Callable[[Link], Awaitable[None]],
        *,
        details: str = "",
        uniform: Uniform = random.uniform,
    ) -> None:
        self.status = LinkStatus(LinkState.CONNECTING, address)
        self.status_changed: Signal[[LinkStatus]] = Signal()
        self._open = open_link
        self._use = use
        self._details = details
        self._uniform = uniform
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Keep a link until cancelled."""
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        before = me.cancelling() if me else 0
        waits = delays(self._uniform)
        while True:
            began = loop.time()
            # A task of its own: a TaskGroup that fails leaves its task marked as being cancelled,
            # and asyncio.timeout() before Python 3.11.3 (Debian 12 has 3.11.2) then ends that task
            # instead of the wait (CPython issues 102780 and 116720).
            error = await loop.create_task(self._one_link(), name="one link")
            if me and me.cancelling() > before:
                raise asyncio.CancelledError  # it came when the link was being lost anyway
            self._set(LinkState.RECONNECTING if error.transient else LinkState.REFUSED, error)
            if was_stable(loop.time() - began):
                waits = delays(self._uniform)
            await self._pause(next(waits))

    def ready(self) -> None:
        """Called by ``use`` when the link does all it should."""
        self._set(LinkState.CONNECTED, None)

    def hurry(self) -> None:
        """Do not wait out the current delay (the PC resumed, the network changed)."""
        self._hurry.set()

    async def _one_link(self) -> SiaranError:
        """Live through one link and return what ended it."""
        try:
            async with self._open() as link:
                await self._use(link)
        except SiaranError as error:
            return error
        except ExceptionGroup as group:
            return first_error(group, SiaranError) or _unexpected(group)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may go deaf of it
            return _unexpected(error)
        return _unexpected(RuntimeError("the use of a link ended without an error"))

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        await sleep_unless(self._hurry, seconds)

    def _set(self, state: LinkState, error: SiaranError | None) -> None:
        before = self.status
        if state is before.state and str(error) == str(before.error):
            return
        self.status = LinkStatus(state, before.address, error)
        if error is None:
            log.info("%s to %s%s", state.value, before.address, self._details)
        else:
            refused = state is LinkState.REFUSED
            extra = event(Event.LINK_REFUSED) if refused else None
            log.warning("%s: %s", state.value, error, extra=extra)
        self.status_changed.emit(self.status)


def link_details(account: str, channels: int | None = None) -> str:
    """What follows the address in the log: as whom, and how many channels besides All channels."""
    name = f" as {safe_line(account)}" if account else ""
    if channels is None:
        return name
    return f"{name}, {channels} channel{'' if channels == 1 else 's'}"


def _unexpected(error: Exception) -> SiaranError:
    log.error("unexpected error, starting the link anew", exc_info=error)
    return InternalError(error)
