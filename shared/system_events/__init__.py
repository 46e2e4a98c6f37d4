"""What the PC does to its user's session: lock and unlock, sleep and resume, another network.

*Displayed* means painted in a session that is unlocked and in front, so the tray has to know; and
a link that slept, or that lost its cable, is opened again at once instead of at the next deadline.

``watch_system`` picks the platform. All sides feed one ``Events``; one that nobody feeds (a
platform that we do not know) says ACTIVE and never anything else: it is the null object. Knows no
Qt: both sides live in the running event loop; Windows' messages come to a window that the caller
opens. Nothing polls more often than once a minute.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.signals import Signal
from shared.text import safe_line

if TYPE_CHECKING:
    from shared.system_events.events import Events

log = logging.getLogger(__name__)


class SessionState(StrEnum):
    """Whether the person of this session can see its screen now."""

    ACTIVE = "active"
    """In front and unlocked, or nothing can be known (no logind, a container)."""
    LOCKED = "locked"
    """In front behind a lock screen or a screen saver."""
    AWAY = "away"
    """Disconnected, or another user's session is in front."""


class System(Protocol):
    """The state now, and signals about its changes, emitted in the event loop's thread."""

    session_changed: Signal[[SessionState]]
    resumed: Signal[[]]
    network_changed: Signal[[]]

    @property
    def session(self) -> SessionState:
        """The state of the session now."""


class Window(Protocol):
    """A hidden top-level window of Windows. ``number``: its HWND."""

    number: int

    def let_go(self) -> None:
        """Destroy it."""


OpenWindow = Callable[[Callable[[int, int], None]], Window]
"""Opens one that calls its argument for each message, with the message's number and wParam."""


@asynccontextmanager
async def watch_system(
    environ: Mapping[str, str] | None = None, open_window: OpenWindow | None = None
) -> AsyncIterator[System]:
    """Watch while the context lasts; ``session`` is right from the start, or after 2 s at most.

    *environ* tells a Linux system where its buses are; by default the program's environment.
    *open_window* is used on Windows, where nothing is watched without.
    Raises nothing: what cannot be watched is logged, and simply never changes.
    """
    from shared.system_events.events import Events

    events = Events()
    try:
        environ = os.environ if environ is None else environ
        async with _sources(events, environ, open_window):
            yield events
    finally:
        events.close()


async def user_at_screen(uid: int, environ: Mapping[str, str] | None = None) -> str:
    """Return the name of the user with the number *uid*, if logged on at a screen of this PC.

    Empty for everybody else, and where nobody can say. Raises nothing.
    """
    if sys.platform == "linux":
        from shared.system_events.linux import user_at_screen as ask

        return safe_line(await ask(uid, os.environ if environ is None else environ))
    return ""


def _sources(
    events: Events, environ: Mapping[str, str], open_window: OpenWindow | None
) -> AbstractAsyncContextManager[None]:
    if sys.platform == "win32" and open_window is not None:
        from shared.system_events.windows import window_sources
        from shared.system_events.windows_calls import WindowsCalls

        return window_sources(events, open_window, WindowsCalls())
    if sys.platform == "linux":
        from shared.system_events.linux import linux_sources

        return linux_sources(events, environ)
    return nullcontext()
