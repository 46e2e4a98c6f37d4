"""What all tests share: coroutine tests, real servers, a log in which nothing goes unnoticed."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import inspect
import logging
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import needs
from tests.redis_server import RedisServer

TEST_TIMEOUT_S = 120.0
# Windows has a desktop wherever it runs; Wine hides Qt's variables from what it starts.
os.environ.setdefault("QT_QPA_PLATFORM", "windows" if sys.platform == "win32" else "offscreen")
# Two shared cores: how long one example takes says nothing about the code.
hypothesis.settings.register_profile("siaran", deadline=None)
hypothesis.settings.load_profile("siaran")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what this system cannot run."""
    needs.configure(config)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run coroutine tests: on Qt's loop where the test uses Qt, on asyncio's own elsewhere."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def limited() -> None:
        async with asyncio.timeout(TEST_TIMEOUT_S):
            await pyfuncitem.obj(**arguments)

    with asyncio.Runner(loop_factory=_loop_factory(pyfuncitem)) as runner:
        runner.run(limited())
    if "qapp" in pyfuncitem.fixturenames:
        # The loop is a QObject with timers: a later test's thread must not be what destroys it.
        del runner
        gc.collect()
    return True


def _loop_factory(item: pytest.Function) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if "qapp" not in item.fixturenames:
        return None
    from shared.qt.event_loop import EventLoop

    app: Any = item.funcargs["qapp"]
    return lambda: EventLoop(app)


async def until(condition: Callable[[], Any], within_s: float = 40.0) -> Any:
    """Wait until *condition* gives something true, and return it; fail after *within_s*."""
    deadline = time.monotonic() + within_s
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.01)
    return result


async def until_await(condition: Callable[[], Awaitable[Any]], within_s: float = 40.0) -> Any:
    """Like ``until`` for a condition that has to be awaited."""
    deadline = time.monotonic() + within_s
    while not (result := await condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.01)
    return result


class LogGuard(logging.Handler):
    """Fails the test for every warning or error in the log that it did not expect."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.expected: list[re.Pattern[str]] = []
        self.lines: list[str] = []

    def expect(self, pattern: str) -> None:
        """Lines that match *pattern* may appear."""
        self.expected.append(re.compile(pattern))

    def emit(self, record: logging.LogRecord) -> None:
        """Collect one line."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def unexpected(self) -> list[str]:
        """Lines that nobody expected."""
        return [
            line
            for line in self.lines
            if not any(pattern.search(line) for pattern in self.expected)
        ]


@pytest.fixture(autouse=True)
def log_guard() -> Iterator[LogGuard]:
    """Catches unexpected warnings; ``log_guard.expect(pattern)`` allows some."""
    guard = LogGuard()
    logging.getLogger().addHandler(guard)
    yield guard
    logging.getLogger().removeHandler(guard)
    unexpected = guard.unexpected()
    if unexpected:
        pytest.fail("unexpected in the log:\n" + "\n".join(unexpected))


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes this process's time zone another: ``set_zone("Europe/Berlin")``.

    On Windows it knows those alone that have one offset: its rules for summers are America's.
    """

    def set_to(name: str) -> None:
        monkeypatch.setenv("TZ", WINDOWS_ZONES.get(name, name) if _is_windows() else name)
        _read_zone()

    yield set_to
    monkeypatch.undo()
    _read_zone()


WINDOWS_ZONES = {"Asia/Jakarta": "WIB-7"}


def _is_windows() -> bool:
    return sys.platform == "win32"


def _read_zone() -> None:
    """Let the C library read ``TZ`` again; Python has no function for it on Windows."""
    if sys.platform == "win32":
        ctypes.CDLL("ucrtbase")._tzset()
    else:
        time.tzset()


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The one QApplication, made as the programs make it, in English whatever the system speaks.

    Times and dates are Britain's: those of the system are for the tests that are about it.
    """
    from PySide6.QtCore import QLocale

    from shared.qt.runner import make_application
    from shared.settings import Language

    app = make_application("Siaran", "siaran-test", language=Language.ENGLISH)
    QLocale.setDefault(QLocale("en_GB"))
    return app


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running real server; loudly skipped where there is none, and a failure in CI."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def no_installed_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's own Siaran settings out of the tests."""
    for name in list(os.environ):
        if name.startswith("SIARAN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg-config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg-data"))


@pytest.fixture
def clean_root() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level, raises = list(root.handlers), root.level, logging.raiseExceptions
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raises
