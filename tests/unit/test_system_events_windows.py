"""What Windows' messages mean, on a stand-in for the window and the registrations.

The real ones: ``tests/gui/test_windows_messages.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.system_events import SessionState
from shared.system_events.events import Events
from shared.system_events.windows import (
    WM_POWERBROADCAST,
    WM_WTSSESSION_CHANGE,
    Facts,
    facts_of,
    window_sources,
)
from tests.conftest import until

ACTIVE, LOCKED, AWAY = SessionState.ACTIVE, SessionState.LOCKED, SessionState.AWAY
CONSOLE_CONNECT, CONSOLE_DISCONNECT, REMOTE_CONNECT, REMOTE_DISCONNECT = 1, 2, 3, 4
LOGON, LOCK, UNLOCK, REMOTE_CONTROL = 5, 7, 8, 9
WTS_ACTIVE, WTS_CONNECTED, WTS_DISCONNECTED = 0, 1, 4


def info(state: int, flags: int, level: int = 1) -> bytes:
    """The beginning of a WTSINFOEXW as Windows fills it, and some of the rest."""
    return struct.pack("<I4xIii", level, 3, state, flags) + bytes(40)


class StandIn:
    """A Windows with one window, whose messages the test writes."""

    number = 0x1_2345

    def __init__(self, told: bytes = b"", *, refusals: int = 0) -> None:
        self.told = told
        self.done: list[str] = []
        self._refusals = refusals

    def open(self, heard: Callable[[int, int], None]) -> StandIn:
        self.send = heard
        return self

    def let_go(self) -> None:
        self.done.append("window")

    def session_info(self) -> bytes:
        return self.told

    def register_session(self, window: int, undo: ExitStack) -> bool:
        assert window == self.number
        self._refusals -= 1
        if self._refusals >= 0:
            return False
        undo.callback(self.done.append, "session")
        return True

    def register_power(self, window: int, undo: ExitStack) -> None:
        assert window == self.number
        undo.callback(self.done.append, "power")

    def watch_network(self, changed: Callable[[], None], undo: ExitStack) -> None:
        self.network = changed
        undo.callback(self.done.append, "network")


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


async def test_messages_become_events() -> None:
    windows, events = StandIn(info(WTS_ACTIVE, 0)), Events(settle_s=0.01)
    news: list[object] = []
    events.session_changed.connect(news.append)
    events.resumed.connect(lambda: news.append("resumed"))
    events.network_changed.connect(lambda: news.append("network"))
    async with window_sources(events, windows.open, windows):
        assert events.session is LOCKED
        windows.told = info(WTS_ACTIVE, 1)
        windows.send(WM_WTSSESSION_CHANGE, UNLOCK)
        windows.send(WM_POWERBROADCAST, 4)  # it falls asleep
        windows.send(0x0010, 0)
        windows.send(WM_POWERBROADCAST, 0x12)
        windows.send(WM_POWERBROADCAST, 0x12)
        windows.network()
        windows.network()
        await until(lambda: "network" in news)
    assert news == [LOCKED, ACTIVE, "resumed", "network"]
    assert sorted(windows.done[:-1]) == ["network", "power", "session"]
    assert windows.done[-1] == "window", "it is registered, so it goes last"


async def test_a_service_that_starts_late_is_asked_again_and_then_for_the_state() -> None:
    windows, events = StandIn(info(WTS_ACTIVE, 1), refusals=2), Events()
    async with window_sources(events, windows.open, windows, again_s=0.01):
        assert events.session is ACTIVE
        windows.told = info(WTS_DISCONNECTED, 0)
        await until(lambda: events.session is AWAY)
        windows.send(WM_WTSSESSION_CHANGE, REMOTE_CONNECT)
        assert events.session is LOCKED
    assert "session" in windows.done


async def test_the_watch_ends_also_while_the_service_has_not_started() -> None:
    windows, events = StandIn(refusals=1_000), Events()
    async with window_sources(events, windows.open, windows):
        assert events.session is ACTIVE
    assert windows.done == ["network", "power", "window"]
