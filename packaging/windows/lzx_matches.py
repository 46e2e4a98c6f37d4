"""Finds what an LZX stream can copy instead of spell: earlier places with the same bytes.

libzstd's optimal parser does the search (dpkg needs that library, so every Debian has it). zstd,
too, copies from a window and prices the last three distances low, so its choice is a good one for
LZX. What it says is checked byte by byte. Tried with its versions 1.5.4 and 1.5.7.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from collections.abc import Iterator

FRAME = 32_768
"""Bytes that a cabinet stores together (MS-CAB, CFDATA); no match crosses into the next ones."""
WINDOW_BITS = 21
"""The largest window that a cabinet can have: 2 MiB."""
FARTHEST = (1 << WINDOW_BITS) - 3
"""The largest distance that LZX can write: three of its numbers mean repeated distances."""
SHORTEST, LONGEST = 2, 257

# ZSTD_cParameter and ZSTD_paramSwitch_e, as zstd.h numbers them.
_LEVEL, _WINDOW_LOG, _SPLIT_BLOCKS = 100, 101, 1010
_DISABLED = 2
_STRONGEST = 22
_SEQUENCE = struct.Struct("=IIII")
"""ZSTD_Sequence: distance, literals before the match, its length, which repeated distance it is."""
_WHOLE = 1024
"""zstd is given multiples of it: it lists no sequences of a block that is only some bytes long."""

Match = tuple[int, int, int]
"""Where it stands, its length, and the distance that it is copied from, all in bytes."""


class ZstdError(Exception):
    """libzstd is missing or does not do what it is used for."""


def matches(data: bytes) -> Iterator[list[Match]]:
    """The matches in *data*, a list for each frame, none longer than LZX can write.

    Raises:
        ZstdError: libzstd is missing, or found something that is not there.
    """
    inside: list[Match] = []
    end = FRAME
    for match in _found(data):
        at, length, _ = match
        fits = length <= LONGEST and at % FRAME + length <= FRAME
        for piece in (match,) if fits else _pieces(*match):
            while piece[0] >= end:
                yield inside
                inside, end = [], end + FRAME
            inside.append(piece)
    while end < len(data) + FRAME:
        yield inside
        inside, end = [], end + FRAME


def _pieces(at: int, length: int, distance: int) -> Iterator[Match]:
    """A long match in pieces, cut where frames are; a byte that is left over is no match."""
    end = at + length
    while at < end:
        length = min(end - at, LONGEST, FRAME - at % FRAME)
        if length >= SHORTEST:
            yield at, length, distance
        at += length


def _found(data: bytes) -> Iterator[Match]:
    at, whole = 0, len(data)
    for distance, literals, length, _ in _SEQUENCE.iter_unpack(_sequences(data)):
        at += literals
        end = min(at + length, whole)
        if end - at >= SHORTEST and distance <= FARTHEST:
            if distance > at or data[at:end] != data[at - distance : end - distance]:
                raise ZstdError("libzstd found a match that is none.")
            yield at, end - at, distance
        at += length
    if at < whole:
        raise ZstdError("libzstd did not look at everything.")


def _sequences(data: bytes) -> memoryview:
    """What libzstd finds in *data* and the zeros that make it whole, as ZSTD_Sequences."""
    zstd = _library()
    whole = data + bytes(-len(data) % _WHOLE or _WHOLE)
    room = len(whole) // 3 + len(whole) // _WHOLE  # the shortest match, the ends of blocks
    found = mmap.mmap(-1, room * _SEQUENCE.size)
    context = zstd.ZSTD_createCCtx()
    try:
        # 1.5.4 lists the sequences twice of blocks that it splits.
        wanted = (_LEVEL, _STRONGEST), (_WINDOW_LOG, WINDOW_BITS), (_SPLIT_BLOCKS, _DISABLED)
        for name, value in wanted:
            _checked(zstd, zstd.ZSTD_CCtx_setParameter(context, name, value))
        first = ctypes.byref(ctypes.c_char.from_buffer(found))
        count = zstd.ZSTD_generateSequences(context, first, room, whole, len(whole))
        _checked(zstd, count)
    finally:
        zstd.ZSTD_freeCCtx(context)
    return memoryview(found)[: count * _SEQUENCE.size]


def _library() -> ctypes.CDLL:
    try:
        zstd = ctypes.CDLL("libzstd.so.1")
        set_parameter, generate = zstd.ZSTD_CCtx_setParameter, zstd.ZSTD_generateSequences
    except (OSError, AttributeError) as error:
        raise ZstdError("Packing needs libzstd 1.5.4 or newer (Debian: libzstd1).") from error
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    zstd.ZSTD_createCCtx.restype = pointer
    zstd.ZSTD_freeCCtx.argtypes = [pointer]
    zstd.ZSTD_isError.argtypes = [size]
    set_parameter.argtypes, set_parameter.restype = [pointer, ctypes.c_int, ctypes.c_int], size
    generate.argtypes, generate.restype = [pointer, pointer, size, ctypes.c_char_p, size], size
    return zstd


def _checked(zstd: ctypes.CDLL, returned: int) -> None:
    if zstd.ZSTD_isError(returned):
        raise ZstdError("libzstd refused the work.")
