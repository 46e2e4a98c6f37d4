"""Background tasks that cannot get lost.

asyncio keeps only weak references to tasks, and an exception in a forgotten one appears, if at all,
when it is collected. A bag belongs to one owner, holds its tasks, logs what kills them, and ends
them with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

CANCEL_AGAIN_S = 1.0


class TaskBag:
    """The tasks of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing can be started any more."""
        return self._closed

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run *work* until it ends or the bag is closed.

        Raises:
            RuntimeError: the bag is closed already.
        """
        if self._closed:
            work.close()
            raise RuntimeError(f"{self._owner} is closing")
        task = asyncio.get_running_loop().create_task(work, name=f"{self._owner}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def aclose(self) -> None:
        """Cancel every task and wait until all have ended. Safe to call twice.

        A library may swallow a cancellation, so those that go on are cancelled again.
        """
        self._closed = True
        pending = self._tasks - {asyncio.current_task()}
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended by an error", task.get_name(), exc_info=error)


async def first_of(*works: Coroutine[Any, Any, Any]) -> int:
    """Run all of *works* until the first has ended; return which. The others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(number for number, task in enumerate(tasks) if task.done())
    finally:
        for task in tasks:
            task.cancel()


async def sleep_unless(event: asyncio.Event, seconds: float) -> None:
    """Sleep for *seconds*, but only until *event* is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


ErrorType = TypeVar("ErrorType", bound=BaseException)


def first_error(group: BaseException, kind: type[ErrorType]) -> ErrorType | None:
    """Return the first error of *kind* in *group*, but none if anything of another kind is there.

    A TaskGroup wraps what ended it; a caller that expects one kind of error must not swallow a
    programming error that came with it.
    """
    if isinstance(group, BaseExceptionGroup):
        inner = [first_error(error, kind) for error in group.exceptions]
        return None if None in inner else inner[0]
    return group if isinstance(group, kind) else None
