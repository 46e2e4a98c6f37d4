"""The rules by which an endpoint follows a log. A pure state machine: no clock, no I/O.

A cursor is the last log entry that was processed, None before the first reading. Live frames and
log readings both name each entry's predecessor ``p``, so a hole is *seen*, whatever made it: a cut
link, a trim, a fail-over, a restored backup, a forged frame. The rule behind all of them: a cursor
moves forward only along the chain of predecessors, and what cannot be explained is read again from
the log, which alone is true. Showing a message twice is prevented elsewhere, by its id.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.model import IMPOSSIBLE_MS, START, StreamId


class Linked(Protocol):
    """Anything that knows its own log id and its predecessor's."""

    @property
    def id(self) -> StreamId: ...

    @property
    def previous(self) -> StreamId: ...


@dataclass(frozen=True, slots=True)
class FrameStep:
    """What a live frame means: where the cursor is now, and whether the log has to be read."""

    cursor: StreamId | None
    read_log: bool


def on_frame(cursor: StreamId | None, frame: Linked, *, known: bool = False) -> FrameStep:
    """Take one live frame. Its message is stored in any case; only the cursor is decided here.

    *known*: its message was stored before. Such a frame at or below the cursor is the live copy of
    an entry that a reading has brought already, which is no sign of a hole.
    """
    if cursor is not None:
        if frame.previous == cursor and frame.id > cursor:
            return FrameStep(frame.id, read_log=False)
        if frame.id <= cursor and known:
            return FrameStep(cursor, read_log=False)
    return FrameStep(cursor, read_log=True)


class ReadVerdict(enum.Enum):
    """What a reading of the log after the cursor showed."""

    FOLLOWS = "the entries continue the cursor"
    BROKEN = "they do not: read the whole log again"
    RESTARTED = "the log ends below the cursor: read the whole log again"
    TRIMMED = "entries after the cursor are gone for good"
    IMPOSSIBLE = "the cursor is at an id that no clock gives: read the whole log again"


@dataclass(frozen=True, slots=True)
class ReadStep:
    """The verdict and where the cursor is after the entries have been stored."""

    verdict: ReadVerdict
    cursor: StreamId | None


def on_read(cursor: StreamId | None, last: StreamId | None, entries: Sequence[Linked]) -> ReadStep:
    """Judge a reading of the log after *cursor*.

    *last* is the log's last generated id at the moment the entries were read (None: there is no
    such log); anything at or below it was there to be read.
    """
    end = last or START
    if cursor is None:
        return ReadStep(ReadVerdict.FOLLOWS, entries[-1].id if entries else end)
    if cursor.ms >= IMPOSSIBLE_MS:
        # Who publishes removes such an entry, and a stranger can put it back behind what was sent:
        # that nothing follows it does not say that nothing came.
        return ReadStep(ReadVerdict.IMPOSSIBLE, cursor)
    if not entries:
        if end == cursor:
            return ReadStep(ReadVerdict.FOLLOWS, cursor)
        if end < cursor:
            return ReadStep(ReadVerdict.RESTARTED, cursor)
        return ReadStep(ReadVerdict.TRIMMED, end)
    if entries[0].previous == cursor:
        return ReadStep(ReadVerdict.FOLLOWS, entries[-1].id)
    return ReadStep(ReadVerdict.BROKEN, cursor)


def lost_between(cursor: StreamId | None, last: StreamId | None, entries: Sequence[Linked]) -> bool:
    """Whether entries after *cursor* are gone, seen from the first reading of the whole log.

    The first entry that is left names its predecessor; if that is beyond the cursor, there were
    entries in between. Of an empty log only the last id is left to tell.
    """
    if cursor is None:
        return False
    return (entries[0].previous if entries else last or START) > cursor


def after_whole_log(last: StreamId | None, entries: Sequence[Linked]) -> StreamId:
    """Where the cursor is after everything the log holds was read, backwards too."""
    end = last or START
    return max(end, entries[-1].id) if entries else end
