"""Answers left as files in the folder of another session's tray: for Windows' events carry nothing.

A file appears whole (it is renamed), is read once and deleted. How many there may be and how large
they are is bounded; anything unfit is deleted unread.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path

from shared import held_files
from shared.instance.answered import MAX_BYTES, LocalAnswer, decode, encode
from shared.private import make_private, write_private

FOLDER = "answers"
MOST = 256
"""Files that one folder may hold; a tray that looks empties it."""
_SUFFIX = ".answer"


def leave(folder: Path, answer: LocalAnswer) -> bool:
    """Leave *answer* for the tray that uses *folder*; whether that could be done."""
    place = folder / FOLDER
    try:
        make_private(place)
        if sum(1 for _ in place.iterdir()) >= MOST:
            return False
        write_private(place / f"{os.urandom(8).hex()}{_SUFFIX}", encode(answer))
    except OSError:
        return False
    return True


def collect(folder: Path) -> list[LocalAnswer]:
    """Take out what was left for the tray that uses *folder*, in no order."""
    try:
        paths = sorted((folder / FOLDER).iterdir())[:MOST]
    except OSError:
        return []
    found = (_take(path) for path in paths if path.suffix == _SUFFIX)
    return [answer for answer in found if answer is not None]


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _take(path: Path) -> LocalAnswer | None:
    try:
        data = held_files.patiently(partial(_beginning, path))
    except OSError as error:
        if held_files.is_held(error):
            return None  # it is taken another time
        data = b""
    with suppress(OSError):
        held_files.patiently(path.unlink)
    return decode(data)
