"""Packs the modules that Python starts with, before the loader of ``siaran.pyz`` is there.

PyInstaller stores them as they are, and with them those that Python itself has inside and never
reads from a file.
"""

from __future__ import annotations

import importlib.util
import marshal
import zipfile
from _imp import is_frozen
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

UNCHECKED = (1).to_bytes(4, "little") + bytes(8)
"""Flags and hash of a compiled module whose source nobody looks for (PEP 552)."""


def packed(library: Path, place: Path, more: Mapping[str, Path]) -> Path:
    """A small copy of *library* in *place*, with *more*: sources of modules by their names."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(library) as old, zipfile.ZipFile(place, "w") as new:
        for name in old.namelist():
            if not is_frozen(_module(name)):
                _put(new, name, old.read(name))
        for module, source in more.items():
            _put(new, f"{module.replace('.', '/')}.pyc", _compiled(module, source))
    return place


def _module(file: str) -> str:
    parts = PurePosixPath(file).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # of 1980: the same bytes in every build
    archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)


def _compiled(module: str, source: Path) -> bytes:
    file = f"{module.replace('.', '/')}.py"
    code = compile(source.read_bytes(), file, "exec", dont_inherit=True, optimize=2)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + marshal.dumps(code)
