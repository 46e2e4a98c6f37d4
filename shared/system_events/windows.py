"""Windows: what the messages to a hidden window mean. Calls nothing of Windows itself.

The window is Qt's and is made above (``shared.qt.hidden_window``), so all of it happens in the
event loop's thread; ``windows_calls`` has the registrations.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from shared.system_events import OpenWindow, SessionState
from shared.system_events.events import Events

log = logging.getLogger(__name__)

WM_POWERBROADCAST = 0x0218
WM_WTSSESSION_CHANGE = 0x02B1

_PBT_APMRESUMEAUTOMATIC = 0x12
_CONNECTS = (1, 3)  # WTS_CONSOLE_CONNECT, WTS_REMOTE_CONNECT
_DISCONNECTS = (2, 4)
_LOCK, _UNLOCK = 7, 8

# WTSINFOEXW: Level; at 8, as its union holds 64-bit numbers: SessionId, SessionState, SessionFlags.
_INFO = struct.Struct("<I4xIii")
_WTS_ACTIVE = 0
_FLAG_LOCKED = 0  # Windows 7 has them reversed; we need Windows 10 anyway

REGISTER_AGAIN_S = 60.0
"""The service that tells of sessions may start later than the tray."""


class Calls(Protocol):
    """What Windows is asked for; *undo* gets what ends each registration."""

    def session_info(self) -> bytes:
        """Return the ``WTSINFOEXW`` of this session; empty when Windows does not tell."""

    def register_session(self, window: int, undo: ExitStack) -> bool:
        """Have ``WM_WTSSESSION_CHANGE`` sent to *window*; whether Windows does."""

    def register_power(self, window: int, undo: ExitStack) -> None:
        """Have ``WM_POWERBROADCAST`` sent to *window* on PCs with Modern Standby, too."""

    def watch_network(self, changed: Callable[[], None], undo: ExitStack) -> None:
        """Call *changed* in the running event loop when interfaces or addresses change."""


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
    """Turns messages into events."""

    def __init__(self, calls: Calls, events: Events) -> None:
        self._calls = calls
        self._events = events
        self._facts = Facts()

    def look(self) -> None:
        """Ask for the state of the session: something may have been missed."""
        if told := self._calls.session_info():
            self._set(facts_of(told))

    def heard(self, message: int, wparam: int) -> None:
        """Take in one message."""
        if message == WM_WTSSESSION_CHANGE:
            self._set(self._facts.after(wparam))
        elif message == WM_POWERBROADCAST and wparam == _PBT_APMRESUMEAUTOMATIC:
            self._events.note_resume()

    def _set(self, facts: Facts) -> None:
        self._facts = facts
        self._events.set_session(facts.state)


@asynccontextmanager
async def window_sources(
    events: Events, open_window: OpenWindow, calls: Calls, *, again_s: float = REGISTER_AGAIN_S
) -> AsyncIterator[None]:
    """Feed *events* from a window while the context lasts."""
    interpreter = Interpreter(calls, events)
    with ExitStack() as undo:
        window = open_window(interpreter.heard)
        undo.callback(window.let_go)
        calls.register_power(window.number, undo)
        calls.watch_network(events.note_network, undo)
        interpreter.look()

        async def register() -> None:
            while not calls.register_session(window.number, undo):  # noqa: ASYNC110
                await asyncio.sleep(again_s)  # Windows does not tell when it starts
            interpreter.look()

        undo.callback(asyncio.create_task(register()).cancel)
        yield
