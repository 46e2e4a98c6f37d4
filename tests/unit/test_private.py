"""Files and folders of both programs that only their user may read."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("modes are of Unix", allow_module_level=True)

from admin_app.draft import Draft, DraftFile
from shared.private import make_private, private_place, write_private
from shared.settings_file import save_password
from tray_client.inbox import Inbox
from tray_client.status_file import TrayStatus, write


@pytest.fixture(autouse=True)
def worst_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[int]:
    """Modes of all files and folders in *folder*."""
    return {stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def test_what_the_programs_keep_is_private_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    DraftFile(folder).save(Draft(title="Secret"))
    save_password(folder, "secret")
    write(folder, TrayStatus(running=True))
    inbox = Inbox(folder)
    assert (folder / "inbox.db-wal").exists()
    assert modes(tmp_path) == {0o700, 0o600}
    inbox.close()


def test_the_console_mends_what_an_older_one_left_open(tmp_path: Path) -> None:
    (tmp_path / "data" / "logs").mkdir(parents=True, mode=0o755)
    for name in ("draft.json", "draft-aside.json", "window.json", "logs/console.log.1"):
        (tmp_path / "data" / name).touch(mode=0o664)
    assert private_place(tmp_path / "data", tmp_path) == tmp_path / "data"
    make_private(tmp_path / "data")
    assert modes(tmp_path) == {0o700, 0o600}


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "status.json.new").symlink_to(victim)
    with pytest.raises(OSError, match=r"status\.json\.new"):
        write_private(tmp_path / "status.json", b"x")
    assert not victim.exists()


def test_what_is_not_ours_in_our_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "letter.odt").touch(mode=0o644)
    make_private(tmp_path)
    assert stat.S_IMODE((tmp_path / "letter.odt").stat().st_mode) == 0o644
