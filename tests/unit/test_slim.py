"""What the frozen programs leave out, as far as it can be seen without freezing.

That nothing is missed is shown by ``tests/frozen`` on Linux, and for Windows by the proof of the
installers (``packaging/windows/prove.py``).
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

SLIM = Path(__file__).resolve().parents[2] / "packaging" / "freeze" / "slim.py"
slim = runpy.run_path(str(SLIM))
SYSTEMS = ["linux", "win32"]
PLUGINS = "PySide6/plugins"
ENTRIES = [
    ("PySide6/QtCore.pyd", "QtCore.pyd", "EXTENSION"),
    (f"{PLUGINS}/platforms/qwindows.dll", "qwindows.dll", "BINARY"),
    (f"{PLUGINS}/imageformats/qpdf.dll", "qpdf.dll", "BINARY"),
    *((f"PySide6/{name}.dll", f"{name}.dll", "BINARY") for name in ("Qt6Core", "Qt6Gui", "Qt6Pdf")),
    ("vcruntime140.dll", "python's", "BINARY"),
    (r"PySide6\vcruntime140.dll", "qt's", "BINARY"),
]
IMPORTS = {
    "QtCore.pyd": ["Qt6Core.dll"],
    "qwindows.dll": ["Qt6Gui.dll"],
    "Qt6Gui.dll": ["Qt6Core.dll", "KERNEL32.dll"],
    "qpdf.dll": ["Qt6Pdf.dll"],
}


def places(*keep: str) -> set[str]:
    found = slim["slim_binaries"](ENTRIES, "win32", lambda file: IMPORTS.get(file, []), keep)
    return {place for place, _, _ in found}


@pytest.mark.parametrize("module", ["_decimal", "_hashlib", "email", "ssl", "unicodedata"])
@pytest.mark.parametrize("platform", SYSTEMS)
def test_what_python_and_redis_use_is_never_left_out(module: str, platform: str) -> None:
    assert module not in slim["excludes"](platform)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_of_the_standard_library_only_what_no_program_imports_is_left_out(platform: str) -> None:
    left_out = set(slim["excludes"](platform)) & set(sys.stdlib_module_names)
    assert left_out <= {*slim["UNUSED_STDLIB"], *slim["FALLBACKS"], *slim["NEVER_CALLED"]}


def test_what_only_other_systems_import_is_left_out_and_this_one_s_is_not() -> None:
    for platform, gone, kept in (
        ("win32", "platformdirs.unix", "platformdirs.windows"),
        ("linux", "", "platformdirs.unix"),
    ):
        left_out = slim["excludes"](platform)
        assert not gone or gone in left_out
        assert kept not in left_out


@pytest.mark.parametrize("platform", SYSTEMS)
def test_the_naive_freeze_leaves_out_no_module(platform: str) -> None:
    assert slim["excludes"](platform, slim["LEVERS"]) == []


def test_a_library_stays_only_for_what_links_to_it() -> None:
    assert places() == {
        *("PySide6/QtCore.pyd", f"{PLUGINS}/platforms/qwindows.dll"),
        *("PySide6/Qt6Core.dll", "PySide6/Qt6Gui.dll", "vcruntime140.dll"),
    }
    assert "PySide6/Qt6Pdf.dll" in places("plugins")


def test_of_the_runtimes_of_c_plus_plus_the_one_of_qt_stays() -> None:
    found = slim["slim_binaries"](ENTRIES, "win32", lambda _: [])
    assert [file for place, file, _ in found if "vcruntime" in place] == ["qt's"]


def test_translations_of_qt_are_left_out_and_notes_of_packages_are_not() -> None:
    names = ("PySide6/Qt/translations/qt_id.qm", "redis-8.1.0.dist-info/METADATA", "base.zip")
    entries = [(name, name, "DATA") for name in names]
    assert slim["slim_data"](entries, []) == entries[1:]
