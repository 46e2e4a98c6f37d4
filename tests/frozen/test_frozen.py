"""The frozen programs do everything that the plain ones do: whatever was left out is not missed.

Their screens are compared with those of the plain programs pixel by pixel, so a missing icon,
font, style or translation shows. Everything else runs against a real redis-server.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import runpy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from PySide6.QtGui import QColor, QImage

from shared import __version__
from shared.model import Level
from shared.qt.theme import LEVELS
from tests.frozen.programs import (
    PLAIN_CONSOLE,
    PLAIN_TRAY,
    PYTHON,
    ROOT,
    Frozen,
    Running,
    run,
    running,
    script_output,
    until,
)
from tests.frozen.screen import Screen
from tests.integration.test_accounts import TlsServer
from tests.redis_cluster import RedisCluster
from tests.redis_server import RedisServer

data_files = runpy.run_path(str(ROOT / "packaging" / "freeze" / "ours.py"))["data_files"]
TILL = ("--outlet", "JKT-014", "--pc", "till-1")
OK_BUTTON = (60, 40)
"""Pixels from the right and the bottom end of a popup."""
CONSOLE_TITLE = "Siaran console"
LARGEST = 75_000_000
"""Bytes of both programs on Linux."""
LARGEST_IDLE_KIB = 34 * 1024
SETTLED_S = 4.0


def test_the_command_lines_need_no_python(frozen: Frozen) -> None:
    for command, name in ((frozen.console, "siaran-console"), (frozen.tray, "siaran-tray")):
        assert run(command, "--version") == f"{name} {__version__}\n"
        assert name in run(command, "--help")


@pytest.mark.parametrize("program", ["console", "tray"])
def test_a_module_that_is_there_finds_all_that_it_imports(frozen: Frozen, program: str) -> None:
    names = modules("shared", {"console": "admin_app", "tray": "tray_client"}[program])
    failed = frozen.inside(program, "every_module.py", *names)
    # What nothing in the program imports is not there at all, or not even its package.
    lost = {
        name: error.removeprefix("No module named ").strip("'") for name, error in failed.items()
    }
    unused = {name for name, missing in lost.items() if f"{name}.".startswith(f"{missing}.")}
    assert set(failed) == unused
    assert len(unused) < len(names) / 4


def modules(*packages: str) -> list[str]:
    """All modules of *packages* that are for this system."""
    paths = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    ours = [name for name in names if not re.search(r"windows|win32|__main__", name)]
    return sorted(name.removesuffix(".__init__") for name in ours)


WRONG_CALLS = ("QWidget", "setText", "setObjectName", "singleShot", "move")


def test_every_data_file_of_ours_is_there(frozen: Frozen) -> None:
    names = data_files(ROOT)
    assert len(names) > 20
    there = frozen.folder / "siaran" / "_internal"
    assert [n for n in names if (there / n).read_bytes() != (ROOT / n).read_bytes()] == []


def test_a_wrong_argument_is_a_type_error(frozen: Frozen) -> None:
    assert frozen.inside("tray", "wrong_arguments.py") == dict.fromkeys(WRONG_CALLS, "TypeError")


def test_qt_has_its_languages_styles_and_times(frozen: Frozen) -> None:
    plain = script_output(PYTHON, "what_qt_has.py")
    assert frozen.inside("tray", "what_qt_has.py") == plain
    assert "Fusion" in plain["styles"]


def test_python_answers_as_it_does_from_source(frozen: Frozen) -> None:
    plain = script_output(PYTHON, "what_python_has.py")
    assert frozen.inside("tray", "what_python_has.py") == plain
    assert frozen.inside("console", "what_python_has.py") == plain


@pytest.mark.parametrize("program", ["console", "tray"])
def test_redis_py_and_qtsvg_answer_as_they_do_from_source(frozen: Frozen, program: str) -> None:
    plain = script_output(PYTHON, "what_libraries_have.py")
    assert frozen.inside(program, "what_libraries_have.py") == plain
    assert plain["drawn"] == ["#0000ff", "#ff0000"]


def test_the_console_knows_time_zones_and_the_tray_speaks_d_bus(frozen: Frozen) -> None:
    plain = script_output(PYTHON, "zones.py")
    assert frozen.inside("console", "zones.py") == plain
    assert frozen.inside("tray", "every_module.py", "jeepney", "jeepney.auth") == {}


def test_a_tray_loads_importlib_metadata_when_it_is_used(frozen: Frozen) -> None:
    found = frozen.inside("tray", "late_metadata.py")
    assert found == {"waits": True, "redis": importlib.metadata.version("redis")}


def test_what_is_not_needed_is_not_there(frozen: Frozen) -> None:
    gone = ["PySide6.QtNetwork", "cryptography", "hiredis", "multiprocessing", "tkinter"]
    assert set(frozen.inside("tray", "every_module.py", *gone)) == set(gone)
    assert not list((frozen.folder / "siaran").rglob("*Qt6Network*"))


def test_both_programs_are_within_their_bound(frozen: Frozen) -> None:
    files = [one for one in (frozen.folder / "siaran").rglob("*") if not one.is_symlink()]
    assert sum(one.stat().st_size for one in files if one.is_file()) <= LARGEST


def test_an_idle_tray_is_within_its_bound(
    frozen: Frozen, redis_server: RedisServer, tmp_path: Path
) -> None:
    start = ("--redis-url", redis_server.url, *TILL)
    with running(frozen.tray, tmp_path / "tray", *start, QT_QPA_PLATFORM="offscreen") as tray:
        tray.wait_connected()
        assert settled_kib(tray.process.pid) <= LARGEST_IDLE_KIB


def settled_kib(pid: int) -> int:
    """Anonymous memory of a process (KiB) when it has stopped to change."""
    last, since = 0, time.monotonic()

    def settled() -> bool:
        nonlocal last, since
        now = anonymous_kib(pid)
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > SETTLED_S

    until(settled)
    return last


def anonymous_kib(pid: int) -> int:
    """Memory of a process that no file holds (KiB)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Anonymous: +(\d+) kB$", text, re.MULTILINE)
    assert found is not None
    return int(found[1])


@contextmanager
def tls_server(folder: Path) -> Iterator[TlsServer]:
    """A server with a certificate for ``localhost``."""
    folder.mkdir()
    ca = trustme.CA()
    server = TlsServer(folder, ca, ca.issue_cert("localhost"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def level_pixels(picture: QImage | None, level: Level) -> int:
    """How many pixels of *picture* have the level's colour."""
    if picture is None:
        return 0
    wanted = QColor(LEVELS[level].light).rgb()
    across, down = range(0, picture.width(), 2), range(0, picture.height(), 2)
    return sum(picture.pixel(x, y) == wanted for y in down for x in across)


def acknowledge(screen: Screen, tray: Running, title: str) -> dict[str, Any]:
    """Click OK as soon as it can be clicked, and return the message as the inbox has it."""

    def answered() -> Any:
        screen.click_near_end(title, *OK_BUTTON)
        return not screen.windows(title)

    until(answered)
    (message,) = [one for one in tray.inbox() if one["title"] == title]
    return message


def test_a_signed_message_over_tls_is_shown_survives_a_crash_and_is_acknowledged(
    frozen: Frozen, screen: Screen, redis_server: RedisServer, tmp_path: Path
) -> None:
    key = tmp_path / "hq.key"
    made = json.loads(run(frozen.console, "keygen", "--json", "--key-id", "hq", "--out", key))
    trusted = {"SIARAN_TRUSTED_KEYS": json.dumps({"hq": {"public": made["public"]}})}
    folder = tmp_path / "tray"
    with tls_server(tmp_path / "tls") as server:
        where = ("--redis-url", server.url_as("localhost"), "--ca-file", server.folder / "ca.pem")
        start = (*where, *TILL)
        with running(frozen.tray, folder, *start, **trusted, **screen.environment) as tray:
            tray.wait_connected()
            send = (*where, "--all", "--level", "urgent", "--json")
            signed = ("--signing-key-file", key, "--title", "Price change", "--message", "Oil.")
            sent = json.loads(run(frozen.console, "send", *send, *signed))
            assert sent["connected"] == 1
            run(frozen.console, "send", *send, "--title", "Forged", "--message", "Not signed.")
            until(lambda: level_pixels(screen.window("Price change"), Level.URGENT) > 1000)
            tray.process.kill()
        with running(frozen.tray, folder, *start, **trusted, **screen.environment) as tray:
            until(lambda: level_pixels(screen.window("Price change"), Level.URGENT) > 1000)
            message = acknowledge(screen, tray, "Price change")
            assert message["state"] == "acknowledged"
            assert message["verified"]
            assert len(tray.inbox()) == 1
            assert run(frozen.tray, "--quit", "--data-dir", folder) == ""
            assert tray.process.wait(timeout=15) == 0


def test_a_cluster_is_spoken_to(frozen: Frozen, screen: Screen, tmp_path: Path) -> None:
    servers = RedisCluster(tmp_path / "cluster", replicas=0)
    try:
        servers.start()
        start = ("--redis-url", servers.url, *TILL)
        with running(frozen.tray, tmp_path / "tray", *start, **screen.environment) as tray:
            tray.wait_connected()
            send = ("send", "--redis-url", servers.url, "--all", "--json")
            words = ("--title", "Price change", "--message", "Oil.", "--wait", "received")
            assert json.loads(run(frozen.console, *send, *words))["received"] == 1
    finally:
        servers.stop()


def test_the_popup_looks_as_it_does_from_source_in_indonesian_and_dark(
    frozen: Frozen,
    screen: Screen,
    other_screen: Screen,
    redis_server: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = ("--redis-url", redis_server.url, "--theme", "dark")
    monkeypatch.setenv("SIARAN_LANGUAGE", "id")
    text = "Harga baru: 10 €, 2 l, „Bimoli“.\nBaris dua."
    with (
        running(frozen.tray, tmp_path / "a", *where, *TILL, **screen.environment) as tray,
        running(PLAIN_TRAY, tmp_path / "b", *where, *TILL, **other_screen.environment) as plain,
    ):
        tray.wait_connected()
        plain.wait_connected()
        run(frozen.console, "send", *where[:2], "--all", "--title", "Oil", "--message", text)
        _until_alike(screen, other_screen, "Oil", tmp_path)


def test_the_console_looks_as_it_does_from_source_and_sends(
    frozen: Frozen,
    screen: Screen,
    other_screen: Screen,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    where = ("--redis-url", redis_server.url)
    with (
        running(frozen.console, tmp_path / "a", *where, **screen.environment),
        running(PLAIN_CONSOLE, tmp_path / "b", *where, **other_screen.environment),
    ):
        _until_alike(screen, other_screen, CONSOLE_TITLE, tmp_path)


def _until_alike(screen: Screen, other: Screen, title: str, folder: Path) -> None:
    """Wait until the window with *title* looks the same on both screens; keep pictures if not."""

    def alike() -> bool:
        ours, theirs = screen.window(title), other.window(title)
        return ours is not None and ours == theirs

    try:
        until(alike)
    finally:
        for name, one in (("frozen", screen), ("plain", other)):
            one.picture().save(str(folder / f"{name}.png"))
