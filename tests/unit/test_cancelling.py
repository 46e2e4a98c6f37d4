"""Ending in spite of libraries that lose a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from shared.redis_bus.translate import translated
from shared.tasks import TaskBag


async def swallow_one_cancellation() -> None:
    """What ``asyncio.wait_for`` does before Python 3.12 when a send ends just then."""
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(3600)


async def test_a_cancellation_that_was_lost_inside_a_redis_call_is_raised_after_it() -> None:
    went_on = False

    async def work() -> None:
        nonlocal went_on
        async with translated("hq:6379", connected=True):
            await swallow_one_cancellation()
        went_on = True

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_a_bag_ends_tasks_that_swallow_the_first_cancellation() -> None:
    bag = TaskBag("test")

    async def stubborn() -> None:
        await swallow_one_cancellation()
        await asyncio.sleep(3600)

    task = bag.spawn(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    await bag.aclose()
    assert task.cancelled()
