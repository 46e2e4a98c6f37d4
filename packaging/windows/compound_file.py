"""Writes a small compound file (MS-CFB), the container of Windows Installer's files.

Version 3, 512-byte sectors; all streams are short ones and share the mini stream.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping, Sequence

SECTOR, MINI = 512, 64
SHORT = 4096
"""Longer streams would have sectors of their own; ours are not."""
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE_ROOT, _STREAM, _BLACK = 5, 2, 1
_PER_SECTOR = SECTOR // 4


def compound_file(class_id: str, streams: Mapping[str, bytes]) -> bytes:
    """A file of *streams*, whose root has *class_id*.

    Raises:
        ValueError: a stream has 4 KiB or more, or all are too many for one table.
    """
    if any(len(data) >= SHORT for data in streams.values()):
        raise ValueError("too much for one transform")
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    mini, mini_fat, starts = _mini_stream([streams[name] for name in names])
    root = (class_id, len(mini))
    directory = _directory(names, [len(streams[name]) for name in names], starts, root)
    parts = [_padded(part, SECTOR) for part in (directory, mini_fat, mini)]
    chains = [len(part) // SECTOR for part in parts]
    fat = [_FAT]
    begins = []
    for length in chains:
        begins.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + length), _END] if length else []
    if len(fat) > _PER_SECTOR:
        raise ValueError("too much for one transform")
    parts[0] = _with_root_start(parts[0], begins[2])
    head = _header(begins[0], begins[1], chains[1])
    table = struct.pack(f"<{_PER_SECTOR}I", *fat, *[_FREE] * (_PER_SECTOR - len(fat)))
    return head + table + b"".join(parts)


def _mini_stream(contents: Sequence[bytes]) -> tuple[bytes, bytes, list[int]]:
    """All of them one after the other, the table of their sectors, and where each begins."""
    data, fat, starts = b"", list[int](), list[int]()
    for content in contents:
        count = -(-len(content) // MINI)
        starts.append(len(fat) if count else _END)
        fat += [*range(len(fat) + 1, len(fat) + count), _END] if count else []
        data += _padded(content, MINI)
    fat += [_FREE] * (-len(fat) % _PER_SECTOR)
    return data, struct.pack(f"<{len(fat)}I", *fat), starts


def _directory(
    names: Sequence[str], sizes: Sequence[int], starts: Sequence[int], root: tuple[str, int]
) -> bytes:
    """The root and its streams, which are a balanced tree by the length of their names."""
    links: dict[int, tuple[int, int]] = {}
    top = _tree(1, len(names) + 1, links)
    class_id, size = root
    entries = _entry("Root Entry", _STORAGE_ROOT, (_NONE, _NONE, top), 0, size, class_id)
    for number, (name, length, start) in enumerate(zip(names, sizes, starts, strict=True), 1):
        entries += _entry(name, _STREAM, (*links[number], _NONE), start, length)
    empty = bytes(68) + struct.pack("<III", _NONE, _NONE, _NONE) + bytes(48)
    return entries + empty * (-(len(names) + 1) % 4)


def _tree(low: int, high: int, links: dict[int, tuple[int, int]]) -> int:
    if low >= high:
        return _NONE
    middle = (low + high) // 2
    links[middle] = (_tree(low, middle, links), _tree(middle + 1, high, links))
    return middle


def _entry(
    name: str, kind: int, links: tuple[int, int, int], start: int, size: int, class_id: str = ""
) -> bytes:
    text = name.encode("utf-16-le")
    named = struct.pack("<64sHBB", text, len(text) + 2, kind, _BLACK)
    identity = uuid.UUID(class_id).bytes_le if class_id else bytes(16)
    return (
        named + struct.pack("<III", *links) + identity + bytes(20) + struct.pack("<IQ", start, size)
    )


def _with_root_start(directory: bytes, start: int) -> bytes:
    return directory[:116] + struct.pack("<I", start) + directory[120:]


def _header(directory: int, mini_fat: int, mini_fat_sectors: int) -> bytes:
    magic = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    shape = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<IIII", 0, 1, directory, 0)
    minis = struct.pack("<III", SHORT, mini_fat, mini_fat_sectors)
    rest = struct.pack("<II", _END, 0) + struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    return magic + shape + places + minis + rest


def _padded(data: bytes, to: int) -> bytes:
    return data + bytes(-len(data) % to)
