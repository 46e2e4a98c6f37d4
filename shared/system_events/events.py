"""The facts that a platform's side has found, merged and announced.

A resume is often noticed twice (by the bus and by the clocks), and one cable makes a dozen
messages of the system: people and links shall hear of each once. Systems repeat themselves, too (a
Wi-Fi scan, a router's advertisement), and what is new in it is not worth finding out: each news
costs one question to Redis. So the first is told at once, and what goes on is told ever more
rarely. To join everything within half a minute would be simpler, but a cable gets its address
seconds after its link: the link would be told, when it is of no use yet, and the address too late.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from shared.signals import Signal
from shared.system_events import SessionState

log = logging.getLogger(__name__)

SETTLE_S = 1.0
"""Changes of the network within this time are announced as one, at its end."""
LONGEST_SETTLE_S = 30.0
"""It doubles with each announcement up to this, until nothing happens for as long."""
SAME_RESUME_S = 10.0
"""Two signs of a resume within this time are signs of the same."""


class Events:
    """See ``shared.system_events.System``. Belongs to the thread of the running event loop."""

    def __init__(
        self, *, settle_s: float = SETTLE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.session_changed: Signal[[SessionState]] = Signal()
        self.resumed: Signal[[]] = Signal()
        self.network_changed: Signal[[]] = Signal()
        self._session = SessionState.ACTIVE
        self._first_settle_s = self._settle_s = settle_s
        self._clock = clock
        self._last_resume = -SAME_RESUME_S
        self._last_network = -LONGEST_SETTLE_S
        self._settling: asyncio.TimerHandle | None = None

    @property
    def session(self) -> SessionState:
        """The state of the session now."""
        return self._session

    def set_session(self, state: SessionState) -> None:
        """Announce *state* if it is another than before."""
        if state is not self._session:
            self._session = state
            log.info("the session is %s", state.value)
            self.session_changed.emit(state)

    def note_resume(self) -> None:
        """Announce that the PC woke up, once for all signs of it."""
        now = self._clock()
        if now - self._last_resume >= SAME_RESUME_S:
            self._last_resume = now
            log.info("the PC resumed")
            self.resumed.emit()

    def note_network(self) -> None:
        """Announce a change of the network when it has settled; needs the running event loop."""
        if self._settling is None:
            went_on = self._clock() - self._last_network < LONGEST_SETTLE_S
            grown = min(2 * self._settle_s, LONGEST_SETTLE_S)
            self._settle_s = grown if went_on else self._first_settle_s
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(self._settle_s, self._settled)

    def close(self) -> None:
        """Announce nothing that is still settling. Safe to call twice."""
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def _settled(self) -> None:
        self._settling = None
        self._last_network = self._clock()
        log.info("the network changed")
        self.network_changed.emit()
