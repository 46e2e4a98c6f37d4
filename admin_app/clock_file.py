"""What a console remembers of Redis' clock, so that its commands believe as slowly as its window.

One small file in the data folder. Where it is missing or cannot be read, Redis is believed at once.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import msgspec

from shared import held_files
from shared.clock import ClockMemory, RedisClock
from shared.codec import WireError
from shared.documents import MAX_OWN_FILE, decode_document
from shared.private import create_folder, write_private

log = logging.getLogger(__name__)

FILE_NAME = "clock.json"


def load_clock(folder: Path) -> RedisClock:
    """Return a clock that goes on from what was kept in *folder*."""
    with contextlib.suppress(OSError, WireError):
        raw = held_files.read_bytes(folder / FILE_NAME)
        return RedisClock(memory=decode_document(raw, ClockMemory, MAX_OWN_FILE))
    return RedisClock()


def keep_clock(folder: Path, clock: RedisClock) -> None:
    """Keep what *clock* has to know at the next start; a disk that refuses costs only that."""
    if not clock.synchronised:
        return
    try:
        create_folder(folder)
        write_private(folder / FILE_NAME, msgspec.json.encode(clock.memory()))
    except OSError as error:
        log.info("Redis' clock is not remembered: %s", error)
