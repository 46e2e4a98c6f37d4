"""The arrows of the architecture: who may import whom. Walks the source, runs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "admin_app", "tray_client")

HEAVY = {"PySide6", "qasync", "shared.redis_bus", "nacl", "asyncio", "_ssl", "jeepney"}
"""What nobody should wait for who only asks for help or a version."""

QT_FREE = [
    "shared",  # but shared/qt
    "admin_app/__main__.py",
    "admin_app/waiting.py",
    "admin_app/repair_command.py",
    "admin_app/report_options.py",
    "admin_app/report_command.py",
    "admin_app/reminding.py",
    "admin_app/reducing.py",
    "admin_app/history_command.py",
    "admin_app/export.py",
    "admin_app/command_tools.py",
    "admin_app/audience.py",
    "admin_app/chores.py",
    "admin_app/cli.py",
    "admin_app/draft.py",
    "admin_app/endpoints_command.py",
    "admin_app/history.py",
    "admin_app/linked.py",
    "admin_app/memory_repair.py",
    "admin_app/options.py",
    "admin_app/outlets_file.py",
    "admin_app/reach.py",
    "admin_app/reports.py",
    "admin_app/sending.py",
    "admin_app/series.py",
    "admin_app/session.py",
    "admin_app/troubles.py",
    "admin_app/zones.py",
    "tray_client/__main__.py",
    "tray_client/archive.py",
    "tray_client/cli.py",
    "tray_client/inbox.py",
    "tray_client/judge.py",
    "tray_client/options.py",
    "tray_client/popup_queue.py",
    "tray_client/records.py",
    "tray_client/salvage.py",
    "tray_client/schema.py",
    "tray_client/session.py",
]


def modules() -> Iterator[tuple[str, set[str]]]:
    """Each source file, and the modules that it imports anywhere in its text."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), imports_of(path)


def imports_of(path: Path) -> set[str]:
    """Full names of everything *path* imports, late imports included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importing(prefix: str, found: set[str]) -> bool:
    """Whether *found* has the module *prefix* or something below it."""
    return any(name == prefix or name.startswith(f"{prefix}.") for name in found)


ALL = dict(modules())


def offenders(prefix: str, allowed: tuple[str, ...], within: str = "") -> list[str]:
    """Files below *within* that import *prefix* although they are not among *allowed*."""
    return [
        path
        for path, found in ALL.items()
        if path.startswith(within) and importing(prefix, found) and not path.startswith(allowed)
    ]


def test_only_the_bus_uses_redis_py() -> None:
    assert offenders("redis", ("shared/redis_bus/",)) == []


def test_only_composition_roots_and_command_lines_import_the_redis_bus() -> None:
    allowed = ("shared/redis_bus/", "admin_app/app.py", "tray_client/app.py", "admin_app/cli.py")
    assert offenders("shared.redis_bus", allowed) == []


def test_only_what_watches_the_system_speaks_d_bus() -> None:
    assert offenders("jeepney", ("shared/system_events/",)) == []
    assert offenders("shared.system_events.dbus_link", ("shared/system_events/",)) == []


def test_no_qt_below_sessions() -> None:
    for path, found in ALL.items():
        free = any(path == name or path.startswith(f"{name}/") for name in QT_FREE)
        if free and not path.startswith("shared/qt/"):
            assert not importing("PySide6", found), path
            assert not importing("qasync", found), path
            assert not importing("shared.qt", found), path


def test_views_know_no_session_bus_or_settings_file() -> None:
    for prefix in ("admin_app.session", "admin_app.sending", "shared.settings", "shared.redis_bus"):
        assert offenders(prefix, (), "admin_app/views/") == []


def test_the_two_programs_never_import_each_other_nor_shared_either_of_them() -> None:
    assert offenders("tray_client", ("tray_client/",)) == []
    assert offenders("admin_app", ("admin_app/",)) == []


def test_only_entry_points_import_the_composition_roots() -> None:
    assert offenders("admin_app.app", ("admin_app/cli.py",)) == []
    assert offenders("tray_client.app", ("tray_client/lives.py",)) == []
    assert offenders("tray_client.lives", ("tray_client/cli.py",)) == []


def test_no_long_list_of_windows_names_is_carried_for_a_few_of_them() -> None:
    """They are 160 KB of the MSIs, read by each start; pywin32's other modules have most, too."""
    for names in ("winerror", "win32con"):
        assert offenders(names, ()) == []


def test_packaging_and_tests_are_no_packages() -> None:
    for folder in ("packaging", "tests"):
        assert list((ROOT / folder).rglob("__init__.py")) == []


@pytest.mark.parametrize("package", ["admin_app", "tray_client"])
@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_command_line_loads_neither_qt_nor_redis_nor_asyncio(
    package: str, argument: str
) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['x', {argument!r}]\n"
        f"try: runpy.run_module({package!r}, run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        f"sys.stderr.write(','.join(sys.modules.keys() & {HEAVY}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout
