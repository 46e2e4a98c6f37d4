"""Background tasks have an owner, end with it, and never die in silence."""

from __future__ import annotations

import asyncio

import pytest

from shared.errors import LinkLost, SiaranError
from shared.tasks import TaskBag, first_error
from tests.conftest import LogGuard, until


async def test_aclose_cancels_and_waits_for_the_clean_up() -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    bag = TaskBag("owner")
    task = bag.spawn(work(), name="work")
    await asyncio.sleep(0)
    await bag.aclose()
    assert task.cancelled()
    assert steps == ["cleaned up"]
    await bag.aclose()


async def test_the_bag_keeps_its_tasks_alive_and_names_them() -> None:
    bag = TaskBag("owner")
    done: list[int] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(1)

    assert bag.spawn(work(), name="work").get_name() == "owner: work"
    await until(lambda: done)
    await bag.aclose()


async def test_what_kills_a_task_is_logged(log_guard: LogGuard) -> None:
    log_guard.expect("owner: work ended by an error")

    async def work() -> None:
        raise KeyError("oops")

    bag = TaskBag("owner")
    task = bag.spawn(work(), name="work")
    await until(task.done)
    await asyncio.sleep(0)
    assert log_guard.lines == ["ERROR shared.tasks: owner: work ended by an error"]


async def test_a_closed_bag_takes_no_work() -> None:
    async def work() -> None:
        pytest.fail("must never run")

    bag = TaskBag("owner")
    await bag.aclose()
    with pytest.raises(RuntimeError, match="owner is closing"):
        bag.spawn(work(), name="late")


async def test_a_task_may_close_its_own_bag() -> None:
    bag = TaskBag("owner")
    closed: list[bool] = []

    async def work() -> None:
        await bag.aclose()
        closed.append(True)

    bag.spawn(work(), name="work")
    await until(lambda: closed)


def test_first_error_finds_the_one_kind_in_nested_groups() -> None:
    lost = LinkLost("h:1", "Lost.")
    group = ExceptionGroup("", [ExceptionGroup("", [lost]), SiaranError("Other.")])
    assert first_error(group, SiaranError) is lost
    assert first_error(lost, SiaranError) is lost


def test_first_error_hides_no_error_of_another_kind() -> None:
    group = ExceptionGroup("", [LinkLost("h:1", "Lost."), ExceptionGroup("", [KeyError()])])
    assert first_error(group, SiaranError) is None
    assert first_error(KeyError(), SiaranError) is None
