"""Folders as Windows has them: names in every script, with spaces and signs of its shell.

The tray's command line runs as a person starts it, with a profile there or a ``data_dir``.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("folders of Windows", allow_module_level=True)

from shared import logs
from shared.settings import Program
from shared.settings_file import save_settings
from tests import children
from tests.fakes import make_message
from tray_client.inbox import Inbox
from tray_client.records import NewMessage
from tray_client.status_file import TrayStatus, read, write

PROFILES = {
    "Cyrillic": Path("Пользователь"),
    "Chinese": Path("用户"),
    "emoji": Path("Kasir 🛒 1"),
    "combining": Path("Ze\u0301"),  # not the one character: Windows tells them apart
    "spaces": Path("A & B (100%) ^!"),
}

FORMS: dict[str, Callable[[Path], str]] = {
    "extended": lambda path: f"\\\\?\\{path}",
    "share": lambda path: f"\\\\localhost\\{path.drive[0]}$\\{path.relative_to(path.anchor)}",
    "slashes": lambda path: path.as_posix(),
}


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A user's folder."""
    return tmp_path / PROFILES[request.param]


def run(*arguments: str, profile: Path) -> subprocess.CompletedProcess[str]:
    """Run the tray's command line for a user with such a *profile*.

    The variables stand in for the folders that Windows has for its user (platformdirs has them).
    """
    roaming, local = profile / "AppData" / "Roaming", profile / "AppData" / "Local"
    variables = {"WIN_PD_OVERRIDE_APPDATA": roaming, "WIN_PD_OVERRIDE_LOCAL_APPDATA": local}
    return subprocess.run(
        [children.python(), "-m", "tray_client", *arguments],
        env=children.own_environment(
            PYTHONUTF8="1", **{name: str(folder) for name, folder in variables.items()}
        ),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def fill(folder: Path) -> str:
    """Keep a message in *folder* as a tray does, and return its title."""
    inbox = Inbox(folder)
    inbox.store([NewMessage(make_message(title="Beras"), "Channel 1", True, 5, 9)], {})
    inbox.close()
    return "Beras"


def titles(*arguments: str, profile: Path) -> list[str]:
    """What ``siaran-tray inbox`` finds."""
    done = run("inbox", "--json", *arguments, profile=profile)
    assert (done.returncode, done.stderr) == (0, "")
    return [one["title"] for one in json.loads(done.stdout)]


def test_messages_and_settings_are_found_in_any_profile(profile: Path) -> None:
    local = profile / "AppData" / "Local"
    local.mkdir(parents=True)
    assert titles(profile=profile) == []
    title = fill(local / "Siaran" / "Tray")
    assert titles(profile=profile) == [title]
    status = run("status", "--json", profile=profile)
    assert json.loads(status.stdout)["running"] is False
    settings = profile / "AppData" / "Roaming" / "Siaran" / "siaran.toml"
    save_settings(settings, Program.TRAY, {"data_dir": str(profile / "empty")})
    assert titles(profile=profile) == []
    settings.write_text("no settings", encoding="utf-8")
    said = run("status", profile=profile).stderr
    assert f"{settings} is not valid TOML" in said


def test_status_and_logs_are_written_in_any_profile(profile: Path, clean_root: None) -> None:
    folder = profile / "data"
    folder.mkdir(parents=True)
    write(folder, TrayStatus(running=True, state="online"))
    assert read(folder, running=True).state == "online"
    logs.set_up(folder / "logs", "tray")
    logging.getLogger("siaran.test").info("told")
    assert (folder / "logs" / "tray.log").read_text(encoding="utf-8").endswith("told\n")


@pytest.mark.parametrize("form", FORMS)
def test_data_dir_may_be_written_in_any_form(tmp_path: Path, form: str) -> None:
    data = tmp_path / "Zweigstelle Süd"
    title = fill(data)
    assert titles("--data-dir", FORMS[form](data), profile=tmp_path) == [title]
    assert titles("--data-dir", FORMS[form](tmp_path / "none yet"), profile=tmp_path) == []


def test_a_folder_with_a_long_name_is_used_or_refused_in_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / Path(*("Zweigstelle Süd" + "-" * 35,) * 5)
    run("inbox", "--json", "--data-dir", str(data), profile=tmp_path)
    data.mkdir(parents=True)
    fill(data)
    done = run("inbox", "--json", "--data-dir", str(data), profile=tmp_path)
    assert done.returncode == 0 or "Traceback" not in done.stderr, done.stderr
