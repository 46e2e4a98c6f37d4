"""Windows: what the messages to a hidden window mean. Calls nothing of Windows itself.

The window lives in a thread of its own, because messages come only to the thread that made it;
everything it hears is handed over to the event loop. Not yet tried on real Windows: the meaning
below is tested with a stand-in for the window, ``windows_window`` is checked by types alone.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from shared.system_events import SessionState
from shared.system_events.events import Events

log = logging.getLogger(__name__)

WM_POWERBROADCAST = 0x0218
WM_WTSSESSION_CHANGE = 0x02B1
WM_NETWORK = 0x8001
"""Our own (WM_APP + 1): the network changed."""
WM_LOOK = 0x8002
"""Our own: something may have been missed, ask for the state of the session again."""

_PBT_APMRESUMEAUTOMATIC = 0x12
_CONNECTS = (1, 3)  # WTS_CONSOLE_CONNECT, WTS_REMOTE_CONNECT
_DISCONNECTS = (2, 4)
_LOCK, _UNLOCK = 7, 8

# WTSINFOEXW: Level; at 8, as its union holds 64-bit numbers: SessionId, SessionState, SessionFlags.
_INFO = struct.Struct("<I4xIii")
_WTS_ACTIVE = 0
_FLAG_LOCKED = 0  # Windows 7 has them reversed; we need Windows 10 anyway

OPEN_WITHIN_S = 2.0
CLOSE_WITHIN_S = 5.0


class Window(Protocol):
    """A hidden window, and the questions that its thread may ask."""

    def run(self, heard: Callable[[int, int], None]) -> None:
        """Open it, send ``WM_LOOK`` to *heard*, then each message and its wParam, until closed.

        Raises:
            OSError: Windows does not let us.
        """

    def session_info(self) -> bytes:
        """Return the ``WTSINFOEXW`` of this session; empty when Windows does not tell."""

    def close(self) -> None:
        """Let ``run`` return, now or as soon as it is called. From any thread, safe twice."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the session."""

    connected: bool = True
    locked: bool = False

    @property
    def state(self) -> SessionState:
        """What they amount to."""
        if not self.connected:
            return SessionState.AWAY
        return SessionState.LOCKED if self.locked else SessionState.ACTIVE

    def after(self, change: int) -> Facts:
        """Return the facts after a ``WM_WTSSESSION_CHANGE`` with this wParam."""
        if change in _CONNECTS:
            return replace(self, connected=True)
        if change in _DISCONNECTS:
            return replace(self, connected=False)
        if change in (_LOCK, _UNLOCK):
            return replace(self, locked=change == _LOCK)
        return self


def facts_of(info: bytes) -> Facts:
    """Return the facts in a ``WTSINFOEXW``; those of an active session when it tells nothing."""
    if len(info) < _INFO.size:
        return Facts()
    level, _session, state, flags = _INFO.unpack_from(info)
    if level != 1:
        return Facts()
    return Facts(connected=state == _WTS_ACTIVE, locked=flags == _FLAG_LOCKED)


class Interpreter:
    """Turns messages into events: hears in the window's thread, tells in the event loop's."""

    def __init__(self, window: Window, events: Events) -> None:
        self.told = asyncio.Event()
        """Set when the first of them has reached *events*."""
        self._window = window
        self._events = events
        self._facts = Facts()
        self._loop = asyncio.get_running_loop()
        self._deaf = False

    def run(self) -> None:
        """Open the window and hear until it is closed; what a thread does."""
        try:
            self._window.run(self.heard)
        except OSError as error:
            log.info("the session cannot be watched: %s", error)
        except Exception:
            log.exception("watching the session")
        self._set(Facts())

    def heard(self, message: int, wparam: int) -> None:
        """Take in one message."""
        if message == WM_WTSSESSION_CHANGE:
            self._set(self._facts.after(wparam))
        elif message == WM_LOOK:
            self._set(facts_of(self._window.session_info()))
        elif message == WM_POWERBROADCAST and wparam == _PBT_APMRESUMEAUTOMATIC:
            self._tell(self._events.note_resume)
        elif message == WM_NETWORK:
            self._tell(self._events.note_network)

    def stop_telling(self) -> None:
        """Ignore what is still on its way. Call it in the event loop's thread."""
        self._deaf = True

    def _set(self, facts: Facts) -> None:
        self._facts = facts
        self._tell(self._events.set_session, facts.state)

    def _tell(self, news: Callable[..., None], *arguments: SessionState) -> None:
        if self._deaf:
            return
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(self._take, news, *arguments)

    def _take(self, news: Callable[..., None], *arguments: SessionState) -> None:
        if not self._deaf:
            news(*arguments)
            self.told.set()


@asynccontextmanager
async def window_sources(events: Events, window: Window) -> AsyncIterator[None]:
    """Feed *events* from *window* while the context lasts."""
    interpreter = Interpreter(window, events)
    thread = threading.Thread(target=interpreter.run, name="system-events", daemon=True)
    thread.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_WITHIN_S):
                await interpreter.told.wait()
        yield
    finally:
        interpreter.stop_telling()
        window.close()
        thread.join(CLOSE_WITHIN_S)
        # What the thread has handed over lies in Qt's queue. A loop that were closed before it is
        # taken out would leave Qt a call to something that is gone, and crash the program.
        await asyncio.sleep(0.01)
