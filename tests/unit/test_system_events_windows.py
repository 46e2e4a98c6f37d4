"""What Windows' messages mean. The window is a stand-in: a queue that a thread reads."""

from __future__ import annotations

import queue
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.system_events import SessionState
from shared.system_events.events import Events
from shared.system_events.windows import (
    WM_LOOK,
    WM_NETWORK,
    WM_POWERBROADCAST,
    WM_WTSSESSION_CHANGE,
    Facts,
    facts_of,
    window_sources,
)
from tests.conftest import LogGuard, until

ACTIVE, LOCKED, AWAY = SessionState.ACTIVE, SessionState.LOCKED, SessionState.AWAY
CONSOLE_CONNECT, CONSOLE_DISCONNECT, REMOTE_CONNECT, REMOTE_DISCONNECT = 1, 2, 3, 4
LOGON, LOCK, UNLOCK, REMOTE_CONTROL = 5, 7, 8, 9
WTS_ACTIVE, WTS_CONNECTED, WTS_DISCONNECTED = 0, 1, 4


def info(state: int, flags: int, level: int = 1) -> bytes:
    """The beginning of a WTSINFOEXW as Windows fills it, and some of the rest."""
    return struct.pack("<I4xIii", level, 3, state, flags) + bytes(40)


class StandIn:
    """A window whose messages the test writes."""

    def __init__(self, told: bytes = b"", *, fails: bool = False) -> None:
        self.told = told
        self.closed = 0
        self._fails = fails
        self._messages: queue.Queue[tuple[int, int] | None] = queue.Queue()

    def run(self, heard: Callable[[int, int], None]) -> None:
        if self._fails:
            raise OSError("no window station")
        heard(WM_LOOK, 0)
        while (message := self._messages.get()) is not None:
            heard(*message)

    def session_info(self) -> bytes:
        return self.told

    def send(self, message: int, wparam: int = 0) -> None:
        self._messages.put((message, wparam))

    def close(self) -> None:
        self.closed += 1
        self._messages.put(None)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (info(WTS_ACTIVE, 1), ACTIVE),
        (info(WTS_ACTIVE, 0), LOCKED),
        (info(WTS_ACTIVE, -1), ACTIVE),
        (info(WTS_DISCONNECTED, 1), AWAY),
        (info(WTS_DISCONNECTED, 0), AWAY),
        (info(WTS_CONNECTED, 1), AWAY),
        (info(WTS_DISCONNECTED, 0, level=2), ACTIVE),
        (info(WTS_ACTIVE, 0)[:19], ACTIVE),
        (b"", ACTIVE),
    ],
)
def test_the_state_at_the_start(told: bytes, state: SessionState) -> None:
    assert facts_of(told).state is state


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ([LOCK], LOCKED),
        ([LOCK, UNLOCK], ACTIVE),
        ([LOCK, CONSOLE_DISCONNECT], AWAY),
        ([LOCK, CONSOLE_DISCONNECT, CONSOLE_CONNECT], LOCKED),
        ([LOCK, CONSOLE_DISCONNECT, CONSOLE_CONNECT, UNLOCK], ACTIVE),
        ([REMOTE_DISCONNECT], AWAY),
        ([CONSOLE_DISCONNECT, REMOTE_CONNECT], ACTIVE),
        ([CONSOLE_DISCONNECT, UNLOCK], AWAY),
        ([LOGON, REMOTE_CONTROL, 11, 0, 12345], ACTIVE),
    ],
)
def test_the_state_after_changes(changes: list[int], state: SessionState) -> None:
    facts = Facts()
    for change in changes:
        facts = facts.after(change)
    assert facts.state is state


@given(st.binary(max_size=64))
def test_any_information_is_survived(told: bytes) -> None:
    assert facts_of(told).state in SessionState


async def test_messages_become_events_in_the_loops_thread(qapp: Any) -> None:
    window, events = StandIn(info(WTS_ACTIVE, 0)), Events(settle_s=0.01)
    news: list[object] = []
    threads: set[int] = set()

    def hear(what: object) -> None:
        news.append(what)
        threads.add(threading.get_ident())

    events.session_changed.connect(hear)
    events.resumed.connect(lambda: hear("resumed"))
    events.network_changed.connect(lambda: hear("network"))
    async with window_sources(events, window):
        assert events.session is LOCKED
        window.send(WM_WTSSESSION_CHANGE, UNLOCK)
        window.send(WM_POWERBROADCAST, 4)  # it falls asleep
        window.send(0x0010)
        window.send(WM_POWERBROADCAST, 0x12)
        window.send(WM_POWERBROADCAST, 0x12)
        window.send(WM_NETWORK)
        window.send(WM_NETWORK)
        await until(lambda: "network" in news)
    assert news == [LOCKED, ACTIVE, "resumed", "network"]
    assert threads == {threading.get_ident()}
    assert window.closed == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "system-events"]


async def test_the_state_is_asked_again_when_something_may_have_been_missed() -> None:
    window, events = StandIn(info(WTS_ACTIVE, 1)), Events()
    async with window_sources(events, window):
        window.told = info(WTS_DISCONNECTED, 0)
        window.send(WM_LOOK)
        await until(lambda: events.session is AWAY)
        window.send(WM_WTSSESSION_CHANGE, REMOTE_CONNECT)
        await until(lambda: events.session is LOCKED)


async def test_a_window_that_cannot_be_opened_leaves_an_active_session() -> None:
    events = Events()
    async with window_sources(events, StandIn(fails=True)):
        assert events.session is ACTIVE


async def test_a_watch_that_breaks_forgets_a_lock_and_says_so(log_guard: LogGuard) -> None:
    log_guard.expect("watching the session")
    window, events = StandIn(info(WTS_ACTIVE, 0)), Events()
    async with window_sources(events, window):
        assert events.session is LOCKED
        window._messages.put((WM_WTSSESSION_CHANGE, None))  # type: ignore[arg-type]
        window._messages.put(())  # type: ignore[arg-type]
        await until(lambda: events.session is ACTIVE)
