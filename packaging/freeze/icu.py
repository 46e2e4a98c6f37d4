"""Leaves out of ICU's data what Qt never asks for: 32 MB become 3. For Linux; Windows' Qt has none.

Qt uses ICU for collation, names of time zones, legacy encodings and upper case (its undefined
symbols say so; upper case is in ICU's code). Here collation and time zones of our two languages
stay, and what all languages share. Format: ICU's ``udata.h`` and ``ucmndata.h``.
"""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

ALIGNMENT = 16
LANGUAGE = r"(root|pool|res_index|en|en_001|en_150|en_GB|en_US|id|id_ID|in|in_ID)\.res"
NEEDED = re.compile(
    rf"(coll/(ucadata\.icu|{LANGUAGE})|zone/(tzdbNames\.res|{LANGUAGE})|{LANGUAGE}|"
    r"[a-z]+[A-Z0-9]\w*\.res|(?!unames)\w+\.icu|\w+\.nrm)"
)
"""Names below the package's; those of tables for all languages are in camel case."""


def small_library(library: Path, folder: Path) -> Path:
    """Write the shared *library* with the needed data alone into *folder*; return the file.

    Raises:
        ValueError: *library* does not look like ICU's data.
        subprocess.CalledProcessError: the linker, of binutils, failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = library.read_bytes()
    begin = _begin(whole)
    items = _items(whole, begin)
    kept = {name: item for name, item in items.items() if NEEDED.fullmatch(name.partition("/")[2])}
    (header_size,) = struct.unpack_from("<H", whole, begin)
    (folder / "icudata").write_bytes(whole[begin : begin + header_size] + _table(kept))
    symbol = next(iter(items)).partition("/")[0].rstrip("lb") + "_dat"
    return _linked(folder, library.name, symbol)


def _begin(whole: bytes) -> int:
    """Where the data begin: a header whose magic bytes and format are known."""
    for match in re.finditer(rb"\xda\x27", whole):
        begin = match.start() - 2
        if whole[begin + 12 : begin + 16] == b"CmnD":
            return begin
    raise ValueError("no ICU data here")


def _items(whole: bytes, begin: int) -> dict[str, bytes]:
    """The items by name, in the order of the file, which is that of their names."""
    (header_size,) = struct.unpack_from("<H", whole, begin)
    table = begin + header_size
    (count,) = struct.unpack_from("<I", whole, table)
    pairs = [struct.unpack_from("<II", whole, table + 4 + 8 * i) for i in range(count)]
    ends = [data for _, data in pairs[1:]] + [len(whole) - table]
    found = {}
    for (name_at, data_at), end in zip(pairs, ends, strict=True):
        name = whole[table + name_at : whole.index(b"\0", table + name_at)].decode("ascii")
        found[name] = whole[table + data_at : table + end]
    return found


def _table(items: Mapping[str, bytes]) -> bytes:
    """A table of contents and its *items*."""
    names, data = bytearray(), bytearray()
    name_places, data_places = [], []
    for name, item in items.items():
        name_places.append(len(names))
        names += name.encode("ascii") + b"\0"
        data_places.append(len(data))
        data += item + bytes(-len(item) % ALIGNMENT)
    head = 4 + 8 * len(items)
    names += bytes(-(head + len(names)) % ALIGNMENT)
    first = head + len(names)
    places = zip(name_places, data_places, strict=True)
    toc = b"".join(struct.pack("<II", head + name, first + at) for name, at in places)
    return struct.pack("<I", len(items)) + toc + bytes(names) + bytes(data)


def _linked(folder: Path, name: str, symbol: str) -> Path:
    """The file ``icudata`` in *folder* as a shared library *name* that exports it as *symbol*."""
    readonly = ".data=.rodata,alloc,load,readonly,data,contents"
    align = [f"--set-section-alignment=.data={ALIGNMENT}", f"--rename-section={readonly}"]
    link = ["-shared", "-soname", name, "-z", "noexecstack", "--build-id=none"]
    for command in (
        ["ld", "-r", "-b", "binary", "-o", "whole.o", "icudata"],
        ["objcopy", *align, f"--redefine-sym=_binary_icudata_start={symbol}", "whole.o", "data.o"],
        ["ld", *link, "-o", name, "data.o"],
    ):
        subprocess.check_call(command, cwd=folder)
    return folder / name
