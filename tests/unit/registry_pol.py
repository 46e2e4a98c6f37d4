"""Registry.pol, the file in which Group Policy keeps what the policy editor has written.

``PReg``, version 1, then for each value ``[key;name;type;size;data]`` in UTF-16LE
(Microsoft's MS-GPREG). A value whose name begins with ``**`` is an order: ``**del.NAME`` removes a
value, ``**delvals.`` all values of a key.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

REG_SZ, REG_DWORD = 1, 4
DELETE, DELETE_ALL = "**del.", "**delvals."
_HEADER = b"PReg" + struct.pack("<I", 1)
_SEMICOLON, _OPEN, _CLOSE = (mark.encode("utf-16-le") for mark in ";[]")


class Entry(NamedTuple):
    """One value, below HKEY_LOCAL_MACHINE, or an order."""

    key: str
    name: str
    value: str | int


def write(entries: Iterable[Entry]) -> bytes:
    """The file that holds *entries*."""
    return _HEADER + b"".join(map(_written, entries))


def read(content: bytes) -> Iterator[Entry]:
    """The entries of a file.

    Raises:
        ValueError: it is no Registry.pol, or damaged.
    """
    if not content.startswith(_HEADER):
        raise ValueError("This is no Registry.pol of version 1.")
    at = len(_HEADER)
    while at < len(content):
        at = _expect(content, at, _OPEN)
        key, at = _text(content, at)
        name, at = _text(content, _expect(content, at, _SEMICOLON))
        (kind,) = struct.unpack_from("<I", content, _expect(content, at, _SEMICOLON))
        (size,) = struct.unpack_from("<I", content, _expect(content, at + 6, _SEMICOLON))
        at = _expect(content, at + 12, _SEMICOLON)
        yield Entry(key, name, _value(kind, content[at : at + size]))
        at = _expect(content, at + size, _CLOSE)


def apply(entries: Iterable[Entry], registry: dict[str, dict[str, str | int]]) -> None:
    """Do to *registry* (keys to values) what Windows does on an update of policies."""
    for key, name, value in entries:
        if name.startswith(DELETE_ALL):
            registry.pop(key, None)
        elif name.startswith(DELETE):
            registry.get(key, {}).pop(name.removeprefix(DELETE), None)
        else:
            registry.setdefault(key, {})[name] = value


def _written(entry: Entry) -> bytes:
    is_text = isinstance(entry.value, str)
    data = _zero(entry.value) if isinstance(entry.value, str) else struct.pack("<I", entry.value)
    parts = [
        _zero(entry.key),
        _zero(entry.name),
        struct.pack("<I", REG_SZ if is_text else REG_DWORD),
        struct.pack("<I", len(data)),
        data,
    ]
    return _OPEN + _SEMICOLON.join(parts) + _CLOSE


def _value(kind: int, data: bytes) -> str | int:
    if kind == REG_DWORD:
        return int(struct.unpack("<I", data)[0])
    if kind == REG_SZ:
        return data.decode("utf-16-le").rstrip("\0")
    raise ValueError(f"Siaran's policies have no values of type {kind}.")


def _zero(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def _text(content: bytes, at: int) -> tuple[str, int]:
    end = at
    while content[end : end + 2] != b"\0\0":
        if end >= len(content):
            raise ValueError("A text does not end.")
        end += 2
    return content[at:end].decode("utf-16-le"), end + 2


def _expect(content: bytes, at: int, mark: bytes) -> int:
    if content[at : at + 2] != mark:
        raise ValueError(f"At byte {at} something else than {mark!r} was expected.")
    return at + 2
