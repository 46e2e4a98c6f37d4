"""Log files for IT: one line an event, rotating, bounded, nothing secret.

Text that came from outside is logged with ``%r``: it must not be able to fake a line of the log.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import time
from collections import deque
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from shared import held_files
from shared.event_log import add_event_log
from shared.private import create_folder, open_private

MAX_BYTES = 1_000_000
KEPT_FILES = 3
MOST_WAITING = 1000
"""Records kept while another program holds the file."""
AGAIN_S = 10.0
"""How long a file that is held is left alone: trying takes a while."""
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _OneLine(logging.Formatter):
    """Keeps an event on one line, except for a traceback, which is indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        head, *rest = super().format(record).splitlines()
        return "\n    ".join([head, *rest])


def set_up(folder: Path | None, name: str, *, to_stderr: bool = False) -> None:
    """Send INFO and above to ``<folder>/<name>.log``; a folder that refuses costs only the file.

    On Windows, what ``shared.event_log`` marks goes to the Event Log, too.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.getLogger("qasync").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    if folder is not None:
        try:
            _add(root, _file_handler(folder, name))
        except OSError as error:
            to_stderr = True
            logging.getLogger(__name__).warning("no log file in %s: %s", folder, error)
    if to_stderr and sys.stderr is not None:
        _add(root, logging.StreamHandler(sys.stderr))
    if sys.platform == "win32":
        add_event_log(root, name)
    logging.raiseExceptions = False  # a full disk must not disturb the program


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Makes files that only their user may read: titles of messages are in them.

    Loses no record while another program holds one of the files. Until the file can be opened,
    records wait here; until it can be renamed, it grows beyond its bound.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=MAX_BYTES,
            backupCount=KEPT_FILES,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
        self._waiting: deque[logging.LogRecord] = deque(maxlen=MOST_WAITING)
        self._not_before = 0.0
        try:
            self.stream = self._open()
        except OSError as error:
            if not held_files.is_held(error, writes=True):
                raise
            self._not_before = time.monotonic() + AGAIN_S

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*, or keep it until the file can be opened."""
        try:
            self._waiting.append(record)
            while self._waiting and self._is_open():
                if self.shouldRollover(self._waiting[0]):
                    self.doRollover()
                if self._is_open():
                    logging.StreamHandler.emit(self, self._waiting.popleft())
        except Exception:  # noqa: BLE001  # as every handler of logging does
            self.handleError(record)

    def doRollover(self) -> None:  # noqa: N802  # logging's name
        """Begin a new file; if that cannot be done now, go on with this one for a while."""
        path = Path(self.baseFilename)
        size = 0
        if self.stream is not None:
            size = self.stream.tell()
            self.stream.close()
            self.stream = None
        try:
            self._make_room(path)
            path.replace(_numbered(path, 1))
            self.maxBytes = MAX_BYTES
        except OSError:
            self.maxBytes = size + MAX_BYTES // 10

    def close(self) -> None:
        """Write what waits, if the file lets it be done by now."""
        with self.lock or nullcontext():
            self._not_before = 0.0
            while self._waiting and self._is_open():
                logging.StreamHandler.emit(self, self._waiting.popleft())
        super().close()

    def _is_open(self) -> bool:
        if self.stream is None and time.monotonic() >= self._not_before:
            try:
                self.stream = self._open()
            except OSError:
                self._not_before = time.monotonic() + AGAIN_S
        return self.stream is not None

    def _make_room(self, path: Path) -> None:
        """Let no file be ``path.1``; a file that could not be moved the last time is not lost."""
        names = [_numbered(path, number) for number in range(1, KEPT_FILES + 1)]
        free = next((at for at, name in enumerate(names) if not name.exists()), KEPT_FILES - 1)
        for at in range(free, 0, -1):
            names[at - 1].replace(names[at])

    def _open(self) -> TextIOWrapper:
        file = os.fdopen(
            open_private(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
        )
        return cast("TextIOWrapper", file)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _file_handler(folder: Path, name: str) -> logging.Handler:
    create_folder(folder)
    return _PrivateFile(folder / f"{name}.log")


def _add(root: logging.Logger, handler: logging.Handler) -> None:
    handler.setFormatter(_OneLine(_FORMAT))
    root.addHandler(handler)
