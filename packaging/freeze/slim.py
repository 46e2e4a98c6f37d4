"""What the frozen programs carry, and what they leave out, for Linux and Windows.

The only place that knows how the two differ. A library stays if something that stays links to it;
so dropping a plugin drops what only that plugin needed. Each rule is kept because ``tests/frozen``
show that the programs still do everything without what it drops.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import PurePath

Entry = tuple[str, str, str]
"""PyInstaller's: place in the frozen folder, file on this machine, kind."""

LEVERS = {
    "plugins": "Qt's plugins and libraries that nothing here uses",
    "host": "on Linux: libraries that every distribution has",
    "icu": "on Linux: most of ICU's data",
    "data": "Qt's own translations",
    "modules": "Python modules that nothing here uses",
    "hooks": "Qt in commands that open no window",
    "metadata": "importlib.metadata until it is used",
    "docstrings": "docstrings and assertions",
    "copies": "a second archive of modules in the other program",
    "strip": "on Linux: symbols",
}
"""What is left out, one by one, so that what each gives can be measured."""

HOOKS = {"pyi_rth_pyside6"}
"""It imports Qt even for ``--version`` (169 instead of 100 ms), to set where Qt's plugins are. Qt
from PyPI knows that without being told."""

HIDDEN_IMPORTS = ["_cffi_backend", "numbers", "pprint"]
"""What no analysis of Python code can see: PyNaCl's compiled half imports the first, Python's
``_decimal`` and PySide's packed sentences about wrong arguments the others."""

NOT_OURS = [
    *("cryptography", "hiredis", "OpenSSL", "requests", "attr", "attrs", "typing_extensions"),
    *("yaml", "jsonschema", "setuptools", "pkg_resources", "PIL", "packaging"),
]
"""What dependencies and tools use if it is there, as it is beside the tests; and build tools."""
UNUSED_STDLIB = ["tkinter", "unittest", "test", "lib2to3", "distutils", "multiprocessing"]
FALLBACKS = ["_pydatetime", "_pydecimal", "sqlite3.__main__", "win32evtlogutil"]
"""What nothing here imports: Python's own form of what it has in C, SQLite's shell, and what the
standard library's handler for the Event Log, which is not ours, imports when it is made."""
NEVER_CALLED = [
    "concurrent.futures.process",  # concurrent.futures, asked for it; it wants multiprocessing
    "email.policy",  # email.message, for a message in the newer form
    "getopt",  # base64's and quopri's own command lines
    *("http.client", "smtplib"),  # logging.handlers, to send what is logged
    "py_compile",  # zipfile, to pack a library
    "statistics",  # random's own test
    *("tarfile", "bz2", "lzma"),  # shutil and zipfile, for archives packed otherwise
    "tracemalloc",  # warnings, to say where something was made; does without
]
"""What parts of the standard library import when they are called as nothing here calls them."""
OTHER_SYSTEMS = {
    "win32": (
        "asyncio.unix_events",
        *(f"platformdirs.{one}" for one in ("_android", "android", "ios", "macos", "unix")),
    )
}
"""What libraries import on other systems alone, by the system that does without."""
UNUSED_QT = ["PySide6.QtDBus", "PySide6.QtNetwork", "PySide6.QtOpenGL"]

PLUGINS = {
    "linux": (
        *("platforms/libqxcb", "platforms/libqoffscreen"),
        *("platforminputcontexts/libcompose", "platforminputcontexts/libibus"),
        "printsupport/",
    ),
    "win32": ("platforms/qwindows", "styles/", "printsupport/"),
}
"""Qt's plugins that are needed. Pictures are SVGs, drawn by QtSvg itself: none for them.

Without a screen the Linux programs draw for tests; the Windows ones have always one, or Wine's.
"""

HOST_LIBRARIES = re.compile(
    r"lib(X11|X11-xcb|Xau|Xdmcp|Xext|xcb.*|xkbcommon.*|dbus-1|glib-2\.0|gthread-2\.0|pcre2-8|"
    r"fontconfig|freetype|png16|expat|brotli.*|bsd|md|uuid|ssl|crypto|sqlite3|z|zstd|ffi|"
    r"cups|avahi-.*|gnutls|p11-kit|idn2|unistring|tasn1|nettle|hogweed|gmp|gssapi_krb5|k5crypto|"
    r"krb5|krb5support|com_err|keyutils|"
    r"systemd|gcrypt|gpg-error|cap|lz4|lzma|bz2|stdc\+\+|gcc_s)[.-].*so.*"
)
"""On Linux: what the distribution has, keeps safe and updates. The .deb depends on it."""

WINDOWS_RUNTIME = re.compile(r"(?:(\w+)/)?((?:msvcp|vcruntime)140\w*\.dll)", re.IGNORECASE)
"""The C++ runtime. Python, PySide6 and shiboken6 bring one each; a process loads the first."""


def excludes(platform: str, keep: Collection[str] = ()) -> list[str]:
    """Modules to leave out."""
    if "modules" in keep:
        return []
    unused = [*UNUSED_STDLIB, *FALLBACKS, *NEVER_CALLED, *UNUSED_QT]
    return [*NOT_OURS, *unused, *OTHER_SYSTEMS.get(platform, ())]


def slim_data(entries: Iterable[Entry], binaries: Iterable[Entry]) -> list[Entry]:
    """The data files that are needed: ours, and links to *binaries* that stay."""
    there = {PurePath(_place(entry)).name for entry in binaries}
    needed = [entry for entry in entries if _data_needed(_place(entry))]
    return [e for e in needed if e[2] != "SYMLINK" or PurePath(e[1]).name in there]


def _data_needed(place: str) -> bool:
    """Not Qt's translations: ours have what Qt says in them, too."""
    return not re.match(r"PySide6/.*translations/", place)


def slim_binaries(
    entries: Iterable[Entry],
    platform: str,
    imports: Callable[[str], Iterable[str]],
    keep: Collection[str] = (),
) -> list[Entry]:
    """The binaries that are needed; *imports* names the libraries that a file links to.

    *keep*: levers that are not to be pulled.
    """
    entries = _one_runtime(entries) if platform == "win32" else list(entries)
    if "host" not in keep:
        entries = [entry for entry in entries if not _from_host(_place(entry), platform)]
    if "plugins" in keep:
        return entries
    candidates = [entry for entry in entries if _wanted(_place(entry), platform)]
    libraries = {PurePath(_place(one)).name: one for one in candidates if _droppable(one, platform)}
    roots = [entry for entry in candidates if not _droppable(entry, platform)]
    needed: set[str] = set()
    todo = [entry[1] for entry in roots]
    while todo:
        for name in imports(todo.pop()):
            if name in libraries and name not in needed:
                needed.add(name)
                todo.append(libraries[name][1])
    return [e for e in candidates if e in roots or PurePath(_place(e)).name in needed]


def _one_runtime(entries: Iterable[Entry]) -> list[Entry]:
    """Keep one C++ runtime, for all: PySide6's, the newest, without which Qt may not start."""
    others: list[Entry] = []
    runtime: dict[str, Entry] = {}
    for entry in entries:
        found = WINDOWS_RUNTIME.fullmatch(_place(entry))
        if not found:
            others.append(entry)
        elif found[1] == "PySide6" or found[2].lower() not in runtime:
            runtime[found[2].lower()] = (found[2], *entry[1:])
    return [*others, *runtime.values()]


def _wanted(place: str, platform: str) -> bool:
    plugin = re.search(r"/plugins/(.+)", place)
    return plugin is None or plugin.group(1).startswith(PLUGINS[platform])


def _from_host(place: str, platform: str) -> bool:
    return platform == "linux" and "/" not in place and bool(HOST_LIBRARIES.fullmatch(place))


def _droppable(entry: Entry, platform: str) -> bool:
    """Whether *entry* is a library that stays only for others that need it."""
    place = _place(entry)
    if "/plugins/" in place or entry[2] == "EXTENSION":
        return False
    if platform == "win32":
        return place.startswith("PySide6/") and place.endswith(".dll")
    return bool(re.match(r"lib(?!python).*\.so(\.|$)", PurePath(place).name))


def _place(entry: Entry) -> str:
    return entry[0].replace("\\", "/")
