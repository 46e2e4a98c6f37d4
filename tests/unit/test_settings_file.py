"""A person's settings file is changed where it has to be, and nowhere else."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from shared.errors import StorageError
from shared.private import is_open_to_others
from shared.settings import Program
from shared.settings_file import save_password, save_settings

WRITTEN = """\
# Ask Wati before changing this.
theme = "dark"   # her eyes

[tray]
username = "outlet"
"""


def assert_private(path: Path) -> None:
    """Fail if others than its user may do anything with *path*; on Linux, if its mode is odd."""
    assert not is_open_to_others(path)
    if sys.platform != "win32":
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600)


def test_comments_and_the_other_program_s_settings_stay(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    save_settings(path, Program.CONSOLE, {"redis_url": "redis://hq", "sender": "Pusat “1”"})
    text = path.read_text(encoding="utf-8")
    assert text.startswith(WRITTEN)
    assert '[console]\nredis_url = "redis://hq"' in text
    assert "Pusat “1”" in text


def test_taking_a_value_back_removes_it_wherever_it_would_show(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text(f'{WRITTEN}\n[console]\ntheme = "light"\n', encoding="utf-8")
    save_settings(path, Program.CONSOLE, {"theme": None})
    text = path.read_text(encoding="utf-8")
    assert "theme" not in text
    assert "[console]" not in text
    assert 'username = "outlet"' in text


def test_the_file_is_the_owner_s_alone_in_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "siaran.toml"
    save_settings(path, Program.CONSOLE, {"theme": "dark"})
    assert_private(path)
    assert_private(path.parent)
    assert [one.name for one in path.parent.iterdir()] == ["siaran.toml"]


def test_a_broken_file_is_left_as_it_is_and_said(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text("theme = ", encoding="utf-8")
    with pytest.raises(StorageError, match="not valid TOML"):
        save_settings(path, Program.CONSOLE, {"theme": "dark"})
    assert path.read_text(encoding="utf-8") == "theme = "


def test_a_table_s_name_used_for_something_else_is_said(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text("console = 5\n", encoding="utf-8")
    with pytest.raises(StorageError, match="no table"):
        save_settings(path, Program.CONSOLE, {"theme": "dark"})


def test_a_folder_that_cannot_be_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be"):
        save_settings(tmp_path / "file" / "siaran.toml", Program.CONSOLE, {"theme": "dark"})


def test_a_full_disk_costs_nothing_that_was_there() -> None:
    path = Path("/dev/full")
    if not path.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(StorageError):
        save_settings(path / "siaran.toml", Program.CONSOLE, {"theme": "dark"})


def test_a_password_is_kept_where_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = save_password(tmp_path, "kopi & gula")
    assert path.read_text(encoding="utf-8") == "kopi & gula\n"
    assert_private(path)
