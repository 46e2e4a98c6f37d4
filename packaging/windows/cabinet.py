"""Writes a cabinet (LZX) whose bytes depend on its files alone, and on the version of libzstd.

Microsoft's format (MS-CAB): one folder, whose files are packed as one, in blocks of 32 KiB.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lzx import METHOD, compress
from lzx_matches import FRAME

_ARCHIVE = 0x20
_HEAD, _FOLDER, _FILE, _DATA = "<4sIIIIIBBHHHHH", "<IHH", "<IIHHHH", "<IHH"


def cabinet(files: Sequence[tuple[str, Path]], at: int) -> bytes:
    """A cabinet of *files* (name and place), all changed *at* (seconds since 1970)."""
    entries, offset = b"", 0
    date, time = _dos_time(at)
    for name, path in files:
        size = path.stat().st_size
        entries += struct.pack(_FILE, size, offset, 0, date, time, _ARCHIVE)
        entries += name.encode("ascii") + b"\0"
        offset += size
    blocks = list(_blocks(files))
    first_file = struct.calcsize(_HEAD) + struct.calcsize(_FOLDER)
    first_block = first_file + len(entries)
    folder = struct.pack(_FOLDER, first_block, len(blocks), METHOD)
    body = folder + entries + b"".join(blocks)
    size = struct.calcsize(_HEAD) + len(body)
    head = struct.pack(_HEAD, b"MSCF", 0, size, 0, first_file, 0, 3, 1, 1, len(files), 0, 0, 0)
    return head + body


def _blocks(files: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
    data = b"".join(path.read_bytes() for _, path in files)
    for number, packed in enumerate(compress(data)):
        plain = min(FRAME, len(data) - number * FRAME)
        sizes = struct.pack("<HH", len(packed), plain)
        yield struct.pack("<I", _checksum(sizes, _checksum(packed))) + sizes + packed


def _checksum(data: bytes, seed: int = 0) -> int:
    whole = len(data) // 4 * 4
    words = array("I")
    words.frombytes(data[:whole])
    for word in words:
        seed ^= word
    return seed ^ int.from_bytes(data[whole:], "big")


def _dos_time(at: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(at, UTC)
    date = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
    return date, moment.hour << 11 | moment.minute << 5 | moment.second // 2
