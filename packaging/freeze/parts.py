"""What others wrote of a frozen folder: the packages in it, and what those bring along.

Read from the environment that is frozen, so that it cannot differ from it.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sqlite3
import ssl
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

TEXTS = Path(__file__).resolve().parent / "licences"


@dataclass(frozen=True, slots=True)
class Part:
    """One work of others. ``licence`` is an SPDX expression, or free text if there is none."""

    name: str
    version: str
    licence: str
    purl: str
    source: str
    texts: tuple[str, ...] = ()


_LICENCES = {
    "async-timeout": "Apache-2.0",  # redis-py needs it before Python 3.11.3
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
}
"""Of packages whose own words are no SPDX expression."""
_SOURCES = {
    "pyside6-essentials": "https://code.qt.io/cgit/pyside/pyside-setup.git",
    "shiboken6": "https://code.qt.io/cgit/pyside/pyside-setup.git",
}
_LIBRARIES = {
    # File, without its version: name, licence, where its source is.
    "libcrypto": ("OpenSSL", "Apache-2.0", "https://www.openssl.org"),
    "sqlite3": ("SQLite", "blessing", "https://www.sqlite.org"),
    "libffi": ("libffi", "MIT", "https://github.com/libffi/libffi"),
    "vcruntime140": ("Microsoft Visual C++ runtime", "LicenseRef-Microsoft", ""),
}


def parts_of(modules: Iterable[str], files: Iterable[str]) -> list[Part]:
    """All parts of a folder with these Python *modules* and binary *files*, by name."""
    files = [PurePath(file.replace("\\", "/")).name for file in files]
    tops = {name.partition(".")[0] for name in [*modules, *files]} | {"PyInstaller"}
    packages = importlib.metadata.packages_distributions()
    distributions = {one for top in tops for one in packages.get(top, ())}
    parts = [_python(), *map(_distribution, distributions), *_libraries(files)]
    if any(re.match(r"(lib)?Qt6Core", file) for file in files):
        parts.append(_qt())
    icu = [match[1] for file in files if (match := re.match(r"libicudata\.so\.(\d+)", file))]
    parts += [_icu(version) for version in icu[:1]]
    return sorted(parts, key=lambda part: part.name.lower())


def _python() -> Part:
    version = platform.python_version()
    folders = (sysconfig.get_path("stdlib"), sys.base_prefix)
    texts = [p for folder in folders if (p := Path(folder, "LICENSE.txt")).is_file()]
    return Part(
        "CPython",
        version,
        "PSF-2.0",
        f"pkg:generic/cpython@{version}",
        "https://www.python.org",
        tuple(text.read_text(encoding="utf-8") for text in texts[:1]),
    )


def _distribution(name: str) -> Part:
    found = importlib.metadata.distribution(name)
    fields = [one for one in ("License-Expression", "License") if one in found.metadata]
    said = found.metadata[fields[0]] if fields else "unknown"
    key = re.sub(r"[-_.]+", "-", found.name).lower()
    texts = [
        Path(str(file.locate())).read_text(encoding="utf-8").strip()
        for file in found.files or ()
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING|NOTICE)", str(file))
    ]
    purl = f"pkg:pypi/{key}@{found.version}"
    source = _SOURCES.get(key) or _home(found.metadata.get_all("Project-URL") or [])
    return Part(found.name, found.version, _LICENCES.get(key, said), purl, source, tuple(texts))


def _home(addresses: Iterable[str]) -> str:
    """Where a package's source is, of what it says itself."""
    known = dict(one.split(", ", 1) for one in addresses)
    return next(
        (known[name] for name in ("Source", "Source Code", "Homepage") if name in known), ""
    )


def _qt() -> Part:
    version = importlib.metadata.version("PySide6-Essentials")
    names = ("LGPL-3.0", "GPL-3.0", "Qt-parts")
    return Part(
        "Qt",
        version,
        "LGPL-3.0-only",
        f"pkg:generic/qt@{version}",
        f"https://download.qt.io/archive/qt/{version.rpartition('.')[0]}/{version}/",
        tuple((TEXTS / f"{name}.txt").read_text(encoding="utf-8") for name in names),
    )


def _icu(version: str) -> Part:
    text = (TEXTS / "ICU.txt").read_text(encoding="utf-8")
    where = "https://github.com/unicode-org/icu"
    return Part("ICU", version, "Unicode-DFS-2016", f"pkg:generic/icu@{version}", where, (text,))


def _libraries(files: Iterable[str]) -> list[Part]:
    """Libraries that come with Python for Windows; on Linux they are the system's."""
    versions = {"OpenSSL": ssl.OPENSSL_VERSION.split()[1], "SQLite": sqlite3.sqlite_version}
    found = {}
    for file in files:
        stem = re.split(r"[-.]", file.lower())[0]
        if file.lower().endswith(".dll") and stem in _LIBRARIES:
            name, licence, where = _LIBRARIES[stem]
            version = versions.get(name, "")
            slug = name.lower().replace(" ", "-").replace("+", "p")
            purl = f"pkg:generic/{slug}" + (f"@{version}" if version else "")
            found[name] = Part(name, version, licence, purl, where)
    return list(found.values())
