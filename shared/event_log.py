"""The few things that IT has to see in the Windows Event Log; everything else is in the log file.

What goes there: the start and the end of a program, a link that Redis refuses, settings that are
wrong (all marked by ``event``), and every error. Event ids stay within 1 to 1000, for which
``EventCreate.exe`` of every Windows can serve as message file; the installer registers it for the
source. Without that registration the texts are there all the same, below a remark of the viewer.

Nothing here may ever disturb a program: what Windows refuses is dropped. ``NTEventLogHandler`` of
the standard library is not used: it registers its source in HKLM whenever it is made (as
administrator it replaced the installer's message file), and it gives every event the same id.
"""

from __future__ import annotations

import logging
import re
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
    """Writes marked records and errors to the Event Log, each as one line.

    *windows* is pywin32's module ``win32evtlog``. Raises ``pywintypes.error`` when Windows refuses.
    """

    def __init__(self, program: str, windows: Any) -> None:
        super().__init__(logging.INFO)
        self.addFilter(is_for_it)
        self._program = program
        self._windows = windows
        self._source = windows.RegisterEventSource(None, SOURCE)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event, or nothing when Windows refuses."""
        event_id = _event_of(record) or Event.ERROR
        try:
            text = self._text(record)
            self._windows.ReportEvent(self._source, _type(record), 0, event_id, None, [text], None)
        except Exception:  # noqa: BLE001, S110  # nobody can be told, and nothing depends on it
            pass

    def close(self) -> None:
        """Give the source back. Safe to call twice."""
        if self._source is not None:
            self._windows.DeregisterEventSource(self._source)
            self._source = None
        super().close()

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
        import win32evtlog

        logger.addHandler(EventLogHandler(program, win32evtlog))
    except Exception as error:  # noqa: BLE001  # pywintypes.error is no OSError
        logging.getLogger(__name__).info("no Event Log: %s", error)


def _event_of(record: logging.LogRecord) -> Event | None:
    kind = getattr(record, _MARK, None)
    return kind if isinstance(kind, Event) else None


def _type(record: logging.LogRecord) -> int:
    """EVENTLOG_ERROR_TYPE, EVENTLOG_WARNING_TYPE or EVENTLOG_INFORMATION_TYPE."""
    if record.levelno >= logging.ERROR:
        return 1
    return 2 if record.levelno >= logging.WARNING else 4
