"""What all platforms' system events share: merging, and the null object."""

from __future__ import annotations

import asyncio
import sys

import pytest

from shared.system_events import SessionState, watch_system
from shared.system_events import events as events_module
from shared.system_events.events import LONGEST_SETTLE_S, SAME_RESUME_S, Events
from tests.conftest import until


def test_a_session_is_active_until_something_else_is_known() -> None:
    assert Events().session is SessionState.ACTIVE


def test_only_another_state_is_announced() -> None:
    events = Events()
    heard: list[SessionState] = []
    events.session_changed.connect(heard.append)
    for state in (SessionState.ACTIVE, SessionState.LOCKED, SessionState.LOCKED, SessionState.AWAY):
        events.set_session(state)
    assert heard == [SessionState.LOCKED, SessionState.AWAY]
    assert events.session is SessionState.AWAY


def test_two_signs_of_one_resume_are_one_and_the_next_resume_is_another() -> None:
    now = 1000.0
    events = Events(clock=lambda: now)
    heard: list[float] = []
    events.resumed.connect(lambda: heard.append(now))
    events.note_resume()
    now += SAME_RESUME_S / 2
    events.note_resume()
    now += SAME_RESUME_S
    events.note_resume()
    assert heard == [1000.0, now]


async def test_many_changes_of_the_network_are_announced_as_one_and_later_ones_again() -> None:
    events = Events(settle_s=0.05)
    heard: list[int] = []
    events.network_changed.connect(lambda: heard.append(1))
    for _ in range(100):
        events.note_network()
    assert heard == []
    await until(lambda: heard)
    events.note_network()
    await until(lambda: len(heard) == 2)
    assert heard == [1, 1]


async def test_what_goes_on_is_announced_ever_more_rarely_until_it_is_over() -> None:
    """A link, then its address some seconds later: both at once. A chatter of hours: rarely."""
    now, loop = 1000.0, asyncio.get_running_loop()
    events = Events(settle_s=0.05, clock=lambda: now)
    heard: list[float] = []
    events.network_changed.connect(lambda: heard.append(loop.time()))

    async def waited() -> float:
        noted = loop.time()
        heard.clear()
        events.note_network()
        await until(lambda: heard)
        return heard[0] - noted

    assert await waited() >= 0.05 * 0.9
    assert await waited() >= 0.1 * 0.9
    assert await waited() >= 0.2 * 0.9
    assert await waited() >= 0.4 * 0.9
    assert await waited() >= 0.8 * 0.9
    now += LONGEST_SETTLE_S
    assert await waited() < 0.8


async def test_no_change_is_told_later_than_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "LONGEST_SETTLE_S", 0.1)
    events = Events(settle_s=0.06, clock=lambda: 0.0)
    heard: list[int] = []
    events.network_changed.connect(lambda: heard.append(1))
    loop = asyncio.get_running_loop()
    began = loop.time()

    def again() -> bool:
        events.note_network()
        return len(heard) >= 6

    await until(again)
    assert 0.5 < loop.time() - began < 0.06 * 2**6


async def test_a_steady_stream_of_changes_does_not_put_off_the_news() -> None:
    events = Events(settle_s=0.1)
    heard: list[int] = []
    events.network_changed.connect(lambda: heard.append(1))

    def again() -> bool:
        events.note_network()
        return bool(heard)

    await until(again, within_s=10)
    events.close()


async def test_nothing_is_announced_after_closing() -> None:
    events = Events(settle_s=0.01)
    heard: list[int] = []
    events.network_changed.connect(lambda: heard.append(1))
    events.note_network()
    events.close()
    events.close()
    await asyncio.sleep(0.05)
    assert heard == []


async def test_an_unknown_platform_is_an_active_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    async with watch_system() as system:
        assert system.session is SessionState.ACTIVE
