"""What reaches the Windows Event Log: on a stand-in for pywin32, on Windows by the real one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import logs
from shared.event_log import (
    MAX_UNITS,
    SOURCE,
    Event,
    EventLogHandler,
    add_event_log,
    event,
    event_text,
)
from tests.conftest import LogGuard

ERROR, WARNING, INFORMATION = 1, 2, 4
HANDLE = 0x1_2345_6789
"""More than 32 bits."""


class EventLog:
    """The three functions of ``win32evtlog``."""

    def __init__(self) -> None:
        self.written: list[tuple[int, int, str]] = []
        self.sources: list[str] = []
        self.closed: list[int] = []
        self.fails = False

    def RegisterEventSource(self, server: None, source: str) -> int:
        assert server is None
        self._answer()
        self.sources.append(source)
        return HANDLE

    def ReportEvent(self, source: int, kind: int, category: int, event_id: int, *rest: Any) -> None:
        [user, texts, data] = rest
        assert (source, category, user, data) == (HANDLE, 0, None, None)
        self._answer()
        [text] = texts
        self.written.append((kind, event_id, text))

    def DeregisterEventSource(self, source: int) -> None:
        self.closed.append(source)

    def _answer(self) -> None:
        if self.fails:
            raise Refusal("the service is stopped")


class Refusal(Exception):
    """Stands for pywintypes.error, which is no OSError."""


@pytest.fixture
def windows() -> EventLog:
    """A Windows that works."""
    return EventLog()


@pytest.fixture
def log(windows: EventLog, log_guard: LogGuard) -> Iterator[logging.Logger]:
    """A logger that writes to the Event Log."""
    log_guard.expect("siaran.test")
    logger = logging.getLogger("siaran.test")
    logger.setLevel(logging.INFO)
    handler = EventLogHandler("tray", windows)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_only_marked_records_and_errors_are_written_each_with_its_type(
    log: logging.Logger, windows: EventLog
) -> None:
    log.info("received 1")
    log.warning("reconnecting")
    log.info("siaran-tray %s starts", "1.0", extra=event(Event.STARTED))
    log.warning("refused: the password", extra=event(Event.LINK_REFUSED))
    log.error("a disk is full")
    assert windows.sources == ["Siaran"]
    assert windows.written == [
        (INFORMATION, 1, "tray: siaran-tray 1.0 starts"),
        (WARNING, 10, "tray: refused: the password"),
        (ERROR, 100, "tray: a disk is full"),
    ]


def test_somebody_elses_extra_of_the_same_name_is_no_mark(
    log: logging.Logger, windows: EventLog
) -> None:
    log.info("click", extra={"event": "a widget"})
    log.error("click", extra={"event": 5000})
    assert windows.written == [(ERROR, 100, "tray: click")]


def test_an_exception_is_named_on_the_same_line(log: logging.Logger, windows: EventLog) -> None:
    log.error("cannot judge", exc_info=ValueError("bad\nvalue"))
    assert windows.written == [(ERROR, 100, "tray: cannot judge (ValueError: bad value)")]


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


def test_a_windows_that_refuses_disturbs_nobody(log: logging.Logger, windows: EventLog) -> None:
    windows.fails = True
    log.error("lost")
    windows.fails = False
    log.error("written")
    assert windows.written == [(ERROR, 100, "tray: written")]


def test_without_a_source_nothing_is_written(
    windows: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows.fails = True
    monkeypatch.setitem(sys.modules, "win32evtlog", windows)
    logger = logging.getLogger("siaran.test.refused")
    add_event_log(logger, "tray")
    assert logger.handlers == []


def test_the_source_is_given_back_once(windows: EventLog) -> None:
    handler = EventLogHandler("tray", windows)
    handler.close()
    handler.close()
    assert windows.closed == [HANDLE]


def test_where_there_is_no_event_log_the_program_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "win32evtlog", None)
    logger = logging.getLogger("siaran.test.none")
    add_event_log(logger, "tray")
    assert logger.handlers == []


def test_set_up_adds_it_on_windows(
    windows: EventLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.raiseExceptions)
    log_guard.expect("a disk is full")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "win32evtlog", windows)
        patch.setattr(sys, "platform", "win32")
        logs.set_up(None, "console")
    added = [one for one in root.handlers if one not in before[0]]
    try:
        logging.getLogger("siaran.test.up").error("a disk is full")
    finally:
        root.handlers, root.level, logging.raiseExceptions = before
    assert [type(one) for one in added] == [EventLogHandler]
    assert windows.written == [(ERROR, 100, "console: a disk is full")]


@pytest.mark.skipif(sys.platform != "win32", reason="needs Windows: its Event Log")
def test_windows_takes_an_event() -> None:
    report(f"test {os.getpid()}")


@pytest.mark.skipif(sys.platform != "win32", reason="needs Windows: its Event Log")
def test_windows_gives_the_event_back() -> None:
    import win32evtlog

    report(f"test {os.getpid()} %1")
    log = win32evtlog.OpenEventLog(None, "Application")
    newest = win32evtlog.EVENTLOG_BACKWARDS_READ | win32evtlog.EVENTLOG_SEQUENTIAL_READ
    found = [
        (one.EventType, one.EventID & 0xFFFF, one.StringInserts)
        for one in win32evtlog.ReadEventLog(log, newest, 0)
        if one.SourceName == SOURCE
    ]
    assert (WARNING, Event.LINK_REFUSED, (f"tray: test {os.getpid()} % 1",)) in found


def report(text: str) -> None:
    """Write *text* by the real Event Log; a refusal fails the test."""
    import win32evtlog

    handler = EventLogHandler("tray", Reporting(win32evtlog))
    details = {"levelno": logging.WARNING, "msg": text, **event(Event.LINK_REFUSED)}
    handler.handle(logging.makeLogRecord(details))
    handler.close()
    handler.close()


class Reporting:
    """``win32evtlog``, whose refusals the handler does not get to hide."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def ReportEvent(self, *arguments: Any) -> None:
        try:
            self._real.ReportEvent(*arguments)
        except Exception as error:  # noqa: BLE001
            pytest.fail(f"refused: {error!r}")
