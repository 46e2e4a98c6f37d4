"""What reaches the Windows Event Log, on a stand-in for advapi32."""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared import logs
from shared.event_log import (
    MAX_UNITS,
    Event,
    EventLogHandler,
    add_event_log,
    event,
    event_text,
    with_types,
)
from tests.conftest import LogGuard

ERROR, WARNING, INFORMATION = 1, 2, 4
HANDLE = 0x1_2345_6789
"""More than 32 bits."""


class FakeAdvapi:
    """The three functions; like those of ctypes, they take attributes."""

    def __init__(self, handle: int | None = HANDLE) -> None:
        self.written: list[tuple[int, int, str]] = []
        self.sources: list[str] = []
        self.closed: list[int] = []
        self.fails = False

        def register(server: None, source: str) -> int | None:
            assert server is None
            self.sources.append(source)
            return handle

        def report(*arguments: Any) -> int:
            source, kind, category, event_id, user, count, size, texts, data = arguments
            assert (source, category, user, count, size, data) == (HANDLE, 0, None, 1, 0, None)
            assert isinstance(texts, ctypes.c_wchar_p * 1)
            if self.fails:
                raise OSError("the service is stopped")
            self.written.append((kind, event_id, texts[0] or ""))
            return 1

        self.RegisterEventSourceW = register
        self.ReportEventW = report
        self.DeregisterEventSource = lambda source: self.closed.append(source)


@pytest.fixture
def advapi() -> FakeAdvapi:
    """A Windows that works."""
    return FakeAdvapi()


@pytest.fixture
def log(advapi: FakeAdvapi, log_guard: LogGuard) -> Iterator[logging.Logger]:
    """A logger that writes to the Event Log."""
    log_guard.expect("siaran.test")
    logger = logging.getLogger("siaran.test")
    logger.setLevel(logging.INFO)
    handler = EventLogHandler("tray", advapi)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_only_marked_records_and_errors_are_written_each_with_its_type(
    log: logging.Logger, advapi: FakeAdvapi
) -> None:
    log.info("received 1")
    log.warning("reconnecting")
    log.info("siaran-tray %s starts", "1.0", extra=event(Event.STARTED))
    log.warning("refused: the password", extra=event(Event.LINK_REFUSED))
    log.error("a disk is full")
    assert advapi.sources == ["Siaran"]
    assert advapi.written == [
        (INFORMATION, 1, "tray: siaran-tray 1.0 starts"),
        (WARNING, 10, "tray: refused: the password"),
        (ERROR, 100, "tray: a disk is full"),
    ]


def test_somebody_elses_extra_of_the_same_name_is_no_mark(
    log: logging.Logger, advapi: FakeAdvapi
) -> None:
    log.info("click", extra={"event": "a widget"})
    log.error("click", extra={"event": 5000})
    assert advapi.written == [(ERROR, 100, "tray: click")]


def test_an_exception_is_named_on_the_same_line(log: logging.Logger, advapi: FakeAdvapi) -> None:
    log.error("cannot judge", exc_info=ValueError("bad\nvalue"))
    assert advapi.written == [(ERROR, 100, "tray: cannot judge (ValueError: bad value)")]


def test_ids_are_those_that_event_create_has_messages_for() -> None:
    assert all(1 <= one <= 1000 for one in Event)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one\r\nError 7: two\x00\x1b[2J", "one Error 7: two[2J"),
        ("a\u2028b\u202ec", "a bc"),
        ("log of 'Channel%201', %%7, 100%", "log of 'Channel% 201', % % 7, 100%"),
        ("lone \ud800 half", "lone half"),
        ("x" * 40_000, "x" * MAX_UNITS),
        ("😀" * 40_000, "😀" * (MAX_UNITS // 2)),
        ("%1" * 40_000, ("% 1" * MAX_UNITS)[:MAX_UNITS]),
    ],
)
def test_a_text_is_one_line_that_fits_and_means_itself(text: str, written: str) -> None:
    assert event_text(text) == written


def test_a_windows_that_refuses_disturbs_nobody(log: logging.Logger, advapi: FakeAdvapi) -> None:
    advapi.fails = True
    log.error("lost")
    advapi.fails = False
    log.error("written")
    assert advapi.written == [(ERROR, 100, "tray: written")]


def test_without_a_source_nothing_is_written() -> None:
    advapi = FakeAdvapi(handle=None)
    handler = EventLogHandler("tray", advapi)
    handler.handle(logging.makeLogRecord({"levelno": logging.ERROR, "msg": "x"}))
    handler.close()
    assert (advapi.written, advapi.closed) == ([], [])


def test_the_source_is_given_back_once(advapi: FakeAdvapi) -> None:
    handler = EventLogHandler("tray", advapi)
    handler.close()
    handler.close()
    assert advapi.closed == [HANDLE]


def test_every_function_has_types_that_hold_a_handle_of_64_bits(advapi: FakeAdvapi) -> None:
    advapi.DeregisterEventSource = SimpleNamespace()  # type: ignore[assignment]
    typed = with_types(advapi)
    assert typed.RegisterEventSourceW.restype is ctypes.c_void_p
    assert typed.ReportEventW.argtypes[0] is ctypes.c_void_p
    assert len(typed.ReportEventW.argtypes) == 9
    assert typed.DeregisterEventSource.argtypes == [ctypes.c_void_p]


def test_where_there_is_no_event_log_the_program_goes_on() -> None:
    logger = logging.getLogger("siaran.test.none")
    add_event_log(logger, "tray")
    assert logger.handlers == []


def test_set_up_adds_it_on_windows(
    advapi: FakeAdvapi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    advapi.DeregisterEventSource = SimpleNamespace()  # type: ignore[assignment]
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.raiseExceptions)
    log_guard.expect("a disk is full")
    with monkeypatch.context() as patch:
        patch.setattr(ctypes, "WinDLL", lambda name, use_last_error: advapi, raising=False)
        patch.setattr(sys, "platform", "win32")
        logs.set_up(None, "console")
    added = [one for one in root.handlers if one not in before[0]]
    try:
        logging.getLogger("siaran.test.up").error("a disk is full")
    finally:
        root.handlers, root.level, logging.raiseExceptions = before
    assert [type(one) for one in added] == [EventLogHandler]
    assert advapi.written == [(ERROR, 100, "console: a disk is full")]
