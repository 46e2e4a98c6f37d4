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
    "data": "Qt's own translations, notes of pip",
    "modules": "Python modules that nothing here uses",
    "metadata": "importlib.metadata, and what it loads",
    "late": "modules that are there, until something of them is wanted",
    "halves": "decimal numbers, and the half of datetime that is not compiled",
    "unicode": "on Windows: Unicode's tables, which Windows has",
    "starters": "modules to start with that Python has inside; air in the others",
    "hooks": "what PyInstaller runs before each program",
    "docstrings": "docstrings and assertions",
    "copies": "a second archive of modules in the other program",
    "strip": "on Linux: symbols",
}
"""What is left out, one by one, so that what each gives can be measured."""

METADATA = "importlib.metadata"
ONLY_FOR_METADATA = [METADATA, "email", "http", "urllib.request"]
STAND_INS = {
    METADATA: ("metadata", "no_metadata.py"),
    "decimal": ("halves", "no_decimal.py"),
    "datetime": ("halves", "compiled_datetime.py"),
    "unicodedata": ("unicode", "windows_unicodedata.py"),
    "encodings.idna": ("unicode", "windows_idna.py"),
}
"""Modules with their lever, and what is there in their place; those for Windows only there."""
HOOKS = {"pyi_rth_inspect", "pyi_rth_pyside6"}
"""The first is for tracebacks with source, which is not there. The second imports Qt, even for
``--version``, to tell it where its plugins are; Qt from PyPI knows that by itself."""

HIDDEN_IMPORTS = ["_cffi_backend", "_datetime", "_strptime"]
"""Imported by PyNaCl's compiled half, by a stand-in, and by datetime's compiled half, where no
analysis of Python code can see it."""

ASYNC_ELSEWHERE = ["concurrent.futures.process", "multiprocessing"]
NOT_OURS = [
    *("cryptography", "hiredis", "OpenSSL", "requests", "attr", "attrs", "typing_extensions"),
    *("yaml", "jsonschema", "setuptools", "pkg_resources", "PIL"),
]
"""What msgspec and tools use if it is there, as it is beside the tests; and build tools."""
UNUSED_STDLIB = [
    *(
        "_distutils_hack",
        "distutils",
        "ensurepip",
        "lib2to3",
        "test",
        "tkinter",
        "unittest",
        "venv",
    ),
    *("cgi", "curses", "doctest", "ftplib", "http.cookiejar", "http.server", "pdb", "pydoc"),
    *("pydoc_data", "readline", "rlcompleter", "smtplib", "socketserver", "webbrowser", "xml"),
    *("xmlrpc", "_pydecimal", "bz2", "lzma", "tarfile", "packaging", "_pydatetime"),
    # Asked for by the modules' own tests and tools, or only if there is no compiled half.
    *("statistics", "fractions", "pprint", "getopt", "py_compile", "sqlite3.dump", "tracemalloc"),
    *("importlib._bootstrap", "importlib._bootstrap_external", "_py_abc"),
    "_hashlib",  # OpenSSL's digests; Python has those that are used here itself
]
OTHER_SYSTEMS = {
    "win32": ["asyncio.unix_events", "platformdirs.unix"],
    "linux": [
        *("asyncio.windows_events", "asyncio.windows_utils", "asyncio.proactor_events"),
        "platformdirs.windows",
    ],
}
NO_SYSTEM_OF_OURS = [f"platformdirs.{one}" for one in ("macos", "ios", "android", "_android")]
UNUSED_QT = ["PySide6.QtDBus", "PySide6.QtNetwork", "PySide6.QtOpenGL"]
UNUSED_ENCODINGS = re.compile(
    r"encodings\.(cp(?!65001|1252|437|850)|iso|mac_|koi8|big5|euc|gb|hz|johab|shift|hp_|kz|ptcp|"
    r"tis|palmos|bz2|uu_|quopri|rot_13|zlib)"
)
"""Files, wires and consoles here are UTF-8; the rest are for what Windows and Linux may ask for."""

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
    r"systemd|cups|gcrypt|gpg-error|cap|lz4|lzma|bz2|stdc\+\+|gcc_s)[.-].*so.*"
)
"""On Linux: what the distribution has, keeps safe and updates. The .deb depends on it."""

WINDOWS_RUNTIME = re.compile(r"(?:(\w+)/)?((?:msvcp|vcruntime)140\w*\.dll)", re.IGNORECASE)
"""The C++ runtime. Python, PySide6 and shiboken6 bring one each; a process loads the first."""


def stand_ins(platform: str, keep: Collection[str] = ()) -> dict[str, str]:
    """Names of modules, and the files of this folder that are there in their place."""
    return {
        module: file
        for module, (lever, file) in STAND_INS.items()
        if lever not in keep and (lever != "unicode" or platform == "win32")
    }


def excludes(platform: str, encodings: Iterable[str], keep: Collection[str] = ()) -> list[str]:
    """Modules to leave out, of *encodings* (all that there are) those that nobody needs."""
    unused = [name for name in encodings if UNUSED_ENCODINGS.match(name)]
    replaced = [*stand_ins(platform, keep), *([] if "metadata" in keep else ONLY_FOR_METADATA)]
    if "modules" in keep:
        return replaced
    others = [*OTHER_SYSTEMS[platform], *NO_SYSTEM_OF_OURS]
    return [*ASYNC_ELSEWHERE, *NOT_OURS, *UNUSED_STDLIB, *UNUSED_QT, *others, *unused, *replaced]


def slim_data(entries: Iterable[Entry], binaries: Iterable[Entry]) -> list[Entry]:
    """The data files that are needed: ours, and links to *binaries* that stay."""
    there = {PurePath(_place(entry)).name for entry in binaries}
    needed = [entry for entry in entries if _data_needed(_place(entry))]
    return [e for e in needed if e[2] != "SYMLINK" or PurePath(e[1]).name in there]


def _data_needed(place: str) -> bool:
    """Not Qt's translations, for ours has what Qt says in them, too; nor what pip has noted."""
    return not re.match(r"PySide6/.*translations/", place) and ".dist-info/" not in place


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
