"""Log files for IT: one line an event, rotating, bounded, nothing secret.

Text that came from outside is logged with ``%r``: it must not be able to fake a line of the log.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from shared.event_log import add_event_log
from shared.private import create_folder, open_private

MAX_BYTES = 1_000_000
KEPT_FILES = 3
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
    """Makes files that only their user may read: titles of messages are in them."""

    def _open(self) -> TextIOWrapper:
        file = os.fdopen(
            open_private(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
        )
        return cast("TextIOWrapper", file)


def _file_handler(folder: Path, name: str) -> logging.Handler:
    create_folder(folder)
    return _PrivateFile(
        folder / f"{name}.log",
        maxBytes=MAX_BYTES,
        backupCount=KEPT_FILES,
        encoding="utf-8",
        errors="backslashreplace",
    )


def _add(root: logging.Logger, handler: logging.Handler) -> None:
    handler.setFormatter(_OneLine(_FORMAT))
    root.addHandler(handler)
