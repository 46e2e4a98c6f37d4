"""asyncio on Qt's loop: what is cancelled wakes nobody, and what is not runs in its turn."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import QEvent, QObject

from shared.qt.event_loop import EventLoop


class TimerEvents(QObject):
    """Counts the timers that ring at one object."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let through."""
        self.count += event.type() is QEvent.Type.Timer
        return False


async def test_a_timeout_that_was_not_needed_never_rings(qapp: Any) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, EventLoop)
    rung: list[str] = []
    for _ in range(20):
        loop.call_later(0.02, rung.append, "cancelled").cancel()
    events = TimerEvents(loop._timer)
    await asyncio.sleep(0.1)
    assert rung == []
    assert events.count <= 3  # the sleep's own, and what call_soon needs to go on after it


async def test_only_the_cancelled_one_of_two_like_calls_is_dropped(qapp: Any) -> None:
    loop = asyncio.get_running_loop()
    rung: list[str] = []
    when = loop.time() + 0.02
    first, second = (loop.call_at(when, rung.append, "rung") for _ in range(2))
    first.cancel()
    first.cancel()
    assert not second.cancelled()
    await asyncio.sleep(0.1)
    assert rung == ["rung"]


async def test_cancelling_after_it_rang_takes_no_other_timer_away(qapp: Any) -> None:
    loop = asyncio.get_running_loop()
    rung: list[str] = []
    first = loop.call_later(0.001, rung.append, "first")
    await asyncio.sleep(0.05)
    others = [loop.call_later(0.02, rung.append, "other") for _ in range(50)]
    first.cancel()
    await asyncio.sleep(0.1)
    assert rung == ["first", *["other"] * len(others)]
