"""Files that another program holds for a moment: virus scanners, indexers, backups, on Windows.

A program that opens a file there decides how others may share it meanwhile. If not at all, the file
cannot be opened; without the right to delete, it cannot be renamed or replaced. Such programs let
go within a moment, so what fails for this reason is tried again, as often as SQLite does it with
its own files (``winIoerrRetry``: ten times within 1.4 s). Linux refuses nothing for this reason.

Limit: the thread waits, also if it is the one of the windows.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PAUSES_S = tuple(0.025 * number for number in range(1, 11))


def patiently(action: Callable[[], T], *, writes: bool = False) -> T:
    """Do *action*, again and again while another program holds its file, and return its result.

    *writes*: it opens a file for writing.

    Raises:
        OSError: what *action* raises; or that the file was held for longer than 1.4 s.
    """
    for pause in PAUSES_S:
        try:
            return action()
        except OSError as error:
            if not is_held(error, writes=writes):
                raise
        time.sleep(pause)
    try:
        return action()
    except OSError as error:
        raise (_as_windows_says(error, writes=writes) or error) from None


def read_bytes(path: Path) -> bytes:
    """Return what *path* holds.

    Raises:
        OSError: it cannot be read, or another program holds it for longer than 1.4 s.
    """
    return patiently(path.read_bytes)


def replace(source: Path, target: Path) -> None:
    """Rename *source*, and put it in the place of a *target* that is there.

    Raises:
        OSError: it cannot be done, or another program holds one of them for longer than 1.4 s.
    """
    patiently(lambda: source.replace(target))


def is_held(error: OSError, *, writes: bool = False) -> bool:
    """Whether *error*, of opening or renaming a file, may come from another program's hold."""
    return _as_windows_says(error, writes=writes) is not None


if sys.platform == "win32":
    import _winapi
    import ctypes

    _ACCESS_DENIED = 5
    _HOLDS = {32, 33}
    """ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION."""
    _DELETE = 0x10000
    _SHARE_ALL = 7

    def _as_windows_says(error: OSError, *, writes: bool) -> OSError | None:
        """Return *error* with Windows' reason for it; None: it comes from no other program.

        Python's ``open`` tells every reason as EACCES, and renaming tells a held target as one
        that may not be touched: then opening the file again shows why.
        """
        is_renaming = error.filename2 is not None
        code = error.winerror
        if code not in _HOLDS:
            if error.errno != errno.EACCES or (code is not None and not is_renaming):
                return None
            path = error.filename2 if is_renaming else error.filename
            code = _reason(path, _DELETE if is_renaming else _access(writes=writes))
        if code not in _HOLDS:  # free by now; or not for us
            return None if code else error
        words = ctypes.FormatError(code).rstrip(" .\r\n")
        return OSError(None, words, error.filename, code, error.filename2)

    def _access(*, writes: bool) -> int:
        return _winapi.GENERIC_WRITE if writes else _winapi.GENERIC_READ

    def _reason(path: object, access: int) -> int:
        """Why *path* cannot be opened for *access*: a code of Windows, 0 if it can be."""
        if not isinstance(path, str | os.PathLike):
            return _ACCESS_DENIED
        try:
            handle = _winapi.CreateFile(
                os.fspath(path), access, _SHARE_ALL, 0, _winapi.OPEN_EXISTING, 0, 0
            )
        except OSError as error:
            return error.winerror
        _winapi.CloseHandle(handle)
        return 0

else:

    def _as_windows_says(error: OSError, *, writes: bool) -> OSError | None:
        del error, writes
        return None
