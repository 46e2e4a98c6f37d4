"""The few things that IT has to see in the Windows Event Log; everything else is in the log file.

What goes there: the start and the end of a program, a link that Redis refuses, settings that are
wrong (all marked by ``event``), and every error. Event ids stay within 1 to 1000, for which
``EventCreate.exe`` of every Windows can serve as message file; the installer registers it for the
source. Without that registration the texts are there all the same, below a remark of the viewer.

Nothing here may ever disturb a program: what Windows refuses is dropped. Tested with a stand-in for
advapi32, not yet run on real Windows.
"""

from __future__ import annotations

import logging
import re
import sys
from enum import IntEnum
from typing import Any

from shared.text import safe_line

SOURCE = "Siaran"
MAX_UNITS = 31_839
"""UTF-16 units in one text (ReportEvent's documentation)."""
_MARK = "event"
_PLACEHOLDER = re.compile(r"%(?=[\d%])")


class Event(IntEnum):
    """Event ids, for filters and alarms: never change one."""

    STARTED = 1
    ENDED = 2
    LINK_REFUSED = 10
    SETTING_WRONG = 20
    ERROR = 100


def event(kind: Event) -> dict[str, Event]:
    """The ``extra`` of a log call whose record is for the Event Log, too."""
    return {_MARK: kind}


def is_for_it(record: logging.LogRecord) -> bool:
    """Whether *record* is for the Event Log."""
    return _event_of(record) is not None or record.levelno >= logging.ERROR


class EventLogHandler(logging.Handler):
    """Writes marked records and errors to the Event Log, each as one line."""

    def __init__(self, program: str, advapi: Any) -> None:
        super().__init__(logging.INFO)
        self.addFilter(is_for_it)
        self._program = program
        self._advapi = advapi
        self._source = advapi.RegisterEventSourceW(None, SOURCE)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event, or nothing when Windows refuses."""
        try:
            if self._source:
                self._report(_type(record), _event_of(record) or Event.ERROR, self._text(record))
        except Exception:  # noqa: BLE001, S110  # nobody can be told, and nothing depends on it
            pass

    def close(self) -> None:
        """Give the source back. Safe to call twice."""
        if self._source:
            self._advapi.DeregisterEventSource(self._source)
            self._source = None
        super().close()

    def _report(self, kind: int, event_id: int, text: str) -> None:
        from ctypes import c_wchar_p

        texts = (c_wchar_p * 1)(text)
        self._advapi.ReportEventW(self._source, kind, 0, event_id, None, 1, 0, texts, None)

    def _text(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        cause = f" ({type(error).__name__}: {error})" if error is not None else ""
        return event_text(f"{self._program}: {record.getMessage()}{cause}")


def event_text(text: str) -> str:
    """Return *text* as the Event Log can hold it: one line, short enough.

    The viewer would replace ``%1`` and ``%%1`` by other texts, and our names have such
    (``Channel%201``): a space keeps them apart.
    """
    line = _PLACEHOLDER.sub("% ", safe_line(text[: 2 * MAX_UNITS]))
    return line.encode("utf-16-le")[: 2 * MAX_UNITS].decode("utf-16-le", errors="ignore")


def add_event_log(logger: logging.Logger, program: str) -> None:
    """Let *logger* write to the Event Log too, where there is one."""
    try:
        logger.addHandler(EventLogHandler(program, load_advapi()))
    except (OSError, AttributeError) as error:
        logging.getLogger(__name__).info("no Event Log: %s", error)


def load_advapi() -> Any:
    """advapi32.

    Raises:
        OSError: there is none.
    """
    if sys.platform == "win32":
        from ctypes import WinDLL

        return with_types(WinDLL("advapi32", use_last_error=True))
    raise OSError("only Windows has one")


def with_types(advapi: Any) -> Any:
    """Set the types of the functions: the default, int, cuts a 64-bit handle in two."""
    from ctypes import POINTER, c_int, c_uint32, c_ushort, c_void_p, c_wchar_p

    register, report = advapi.RegisterEventSourceW, advapi.ReportEventW
    register.restype, register.argtypes = c_void_p, [c_wchar_p, c_wchar_p]
    report.restype = c_int
    report.argtypes = [
        *(c_void_p, c_ushort, c_ushort, c_uint32, c_void_p),  # source, type, category, id, user
        *(c_ushort, c_uint32, POINTER(c_wchar_p), c_void_p),  # counts of texts and bytes, both
    ]
    advapi.DeregisterEventSource.argtypes = [c_void_p]
    return advapi


def _event_of(record: logging.LogRecord) -> Event | None:
    kind = getattr(record, _MARK, None)
    return kind if isinstance(kind, Event) else None


def _type(record: logging.LogRecord) -> int:
    """EVENTLOG_ERROR_TYPE, EVENTLOG_WARNING_TYPE or EVENTLOG_INFORMATION_TYPE."""
    if record.levelno >= logging.ERROR:
        return 1
    return 2 if record.levelno >= logging.WARNING else 4
