"""Files and folders of both programs on Windows: who is on their access lists.

Wine keeps of a list the rights of the owner and of everybody, and files there inherit nothing. What
is decided about other users is tested on lists that Windows' own parser has read.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

if sys.platform != "win32":
    pytest.skip("access lists are of Windows", allow_module_level=True)

import _winapi

import pywintypes
import win32security

from admin_app.draft import Draft, DraftFile
from shared import private_windows
from shared.errors import BadInput
from shared.logs import _file_handler
from shared.private import (
    create_folder,
    is_open_to_others,
    make_private,
    open_private,
    private_place,
    write_private,
)
from shared.settings import Program
from shared.settings_file import save_password, save_settings
from shared.signing_key import create_key_file, load_signer
from tests.conftest import LogGuard
from tray_client.inbox import Inbox
from tray_client.status_file import TrayStatus, write

ME = private_windows.user()
OURS = f"(A;;FA;;;{ME})(A;;FA;;;SY)(A;;FA;;;BA)"


def read(sddl: str) -> dict[str, int]:
    """What others may do by this access list."""
    return private_windows.others(
        win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(sddl, 1)
    )


def open_up(path: Path) -> None:
    """Let everybody read *path*, and what is made in it."""
    descriptor = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
        f"D:P(A;OICI;FA;;;{ME})(A;OICI;FR;;;WD)", 1
    )
    win32security.SetFileSecurity(str(path), win32security.DACL_SECURITY_INFORMATION, descriptor)


def touch_open(path: Path) -> None:
    """Make a file that everybody can read."""
    path.touch()
    open_up(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which everything that says nothing else is open to everybody."""
    open_up(tmp_path)
    (tmp_path / "plain").touch()
    assert is_open_to_others(tmp_path / "plain")
    return tmp_path


@pytest.mark.parametrize(
    "sddl",
    [
        f"D:P{OURS}",
        f"D:(A;ID;FA;;;{ME})(A;ID;FA;;;SY)(A;ID;FA;;;BA)",  # what a profile passes on
        "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)",  # what Python's mkdir makes
        f"D:P{OURS}(A;OICIIO;GA;;;CO)",
        f"D:P{OURS}(A;;FA;;;S-1-5-21-1-2-3-512)(A;;FA;;;S-1-5-21-1-2-3-519)",
        f"D:P(D;;FA;;;WD){OURS}",
        "D:P",
    ],
)
def test_the_user_and_who_rules_the_pc_are_no_others(sddl: str) -> None:
    assert read(sddl) == {}


@pytest.mark.parametrize(
    ("entry", "sid"),
    [
        ("(A;;FR;;;WD)", "S-1-1-0"),
        ("(A;;FR;;;AU)", "S-1-5-11"),
        ("(A;;FR;;;BU)", "S-1-5-32-545"),
        ("(A;OICIID;0x1200a9;;;BU)", "S-1-5-32-545"),
        ("(A;;FW;;;BG)", "S-1-5-32-546"),
        ("(A;;FR;;;AN)", "S-1-5-7"),
        ("(A;;FR;;;S-1-5-21-1-2-3-1001)", "S-1-5-21-1-2-3-1001"),
        ("(A;;FR;;;S-1-5-21-1-2-3-513)", "S-1-5-21-1-2-3-513"),
    ],
)
def test_whoever_else_is_on_the_list_is_found(entry: str, sid: str) -> None:
    assert list(read(f"D:P{OURS}{entry}")) == [sid]


def test_a_file_without_a_list_is_open_to_everybody() -> None:
    descriptor = win32security.SECURITY_DESCRIPTOR()
    descriptor.SetSecurityDescriptorDacl(1, None, 0)
    assert list(private_windows.others(descriptor)) == ["S-1-1-0"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_our_list_is_protected_and_names_nobody_else(is_folder: bool) -> None:
    descriptor = private_windows.wanted(is_folder=is_folder)
    assert descriptor.GetSecurityDescriptorControl()[0] & win32security.SE_DACL_PROTECTED
    assert private_windows.others(descriptor) == {}
    entries = descriptor.GetSecurityDescriptorDacl()
    assert entries.GetAceCount() == 3
    both = win32security.OBJECT_INHERIT_ACE | win32security.CONTAINER_INHERIT_ACE
    assert {entries.GetAce(number)[0][1] for number in range(3)} == {both if is_folder else 0}


def test_what_the_programs_keep_is_private_in_an_open_folder(folder: Path) -> None:
    DraftFile(folder / "console").save(Draft(title="Secret"))
    save_password(folder / "console", "secret")
    save_settings(folder / "roaming" / "siaran.toml", Program.CONSOLE, {"username": "hq"})
    create_key_file(folder / "hq.key", "hq")
    handler = _file_handler(folder / "logs", "tray")
    inbox = Inbox(folder / "tray")
    write(folder / "tray", TrayStatus(running=True))
    inbox.close()
    handler.close()
    made = sorted(path for path in folder.rglob("*") if path != folder / "plain")
    assert [path.name for path in made if is_open_to_others(path)] == []
    assert len(made) == 11


def test_a_file_is_closed_before_anything_is_in_it(folder: Path) -> None:
    file = open_private(folder / "new", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        assert not is_open_to_others(folder / "new")
    finally:
        os.close(file)


def test_a_start_mends_what_an_older_version_left_open(folder: Path) -> None:
    data = folder / "data"
    (data / "logs").mkdir(parents=True)
    names = ("draft.json", "inbox.db", "inbox.db-wal", "logs/console.log.1", "redis-password")
    for name in names:
        touch_open(data / name)
    for name in ("", "logs"):
        open_up(data / name)
    assert private_place(data, folder) == data
    make_private(data)
    assert [path for path in (data, *data.rglob("*")) if is_open_to_others(path)] == []


def test_what_is_not_ours_in_our_folder_keeps_its_list(folder: Path) -> None:
    data = folder / "data"
    create_folder(data)
    touch_open(data / "letter.odt")
    make_private(data)
    assert is_open_to_others(data / "letter.odt")


def test_a_folder_that_others_use_gets_a_private_one_in_it(folder: Path) -> None:
    touch_open(folder / "letter.odt")
    (folder / "inbox.db").write_bytes(b"old")
    place = private_place(folder, folder / "usual")
    assert place == folder / f"siaran-{ME}"
    make_private(place)
    assert not is_open_to_others(place)
    assert is_open_to_others(folder)
    assert private_place(folder, folder / "usual") == place
    # Of a file that everybody could have written nobody knows whose words it holds.
    assert (place / "inbox.db").exists() is not (folder / "inbox.db").exists()


def test_the_usual_place_is_taken_where_that_name_is_taken(folder: Path) -> None:
    (folder / f"siaran-{ME}").touch()
    assert private_place(folder, folder / "usual") == folder / "usual"


def test_a_new_folder_is_used_as_it_is(folder: Path) -> None:
    assert private_place(folder / "new" / "one", folder) == folder / "new" / "one"
    make_private(folder / "new" / "one")
    assert not is_open_to_others(folder / "new" / "one")
    assert private_place(folder / "new" / "one", folder) == folder / "new" / "one"


def test_a_key_that_others_can_read_signs_nothing(folder: Path) -> None:
    path = folder / "hq.key"
    create_key_file(path, "hq")
    load_signer(path, "siaran")
    open_up(path)
    with pytest.raises(BadInput, match="icacls"):
        load_signer(path, "siaran")


def test_errors_are_pythons_own_and_name_the_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        open_private(tmp_path / "missing" / "file", os.O_WRONLY | os.O_CREAT)
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError, match="there"):
        open_private(tmp_path / "there", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with pytest.raises(OSError, match="there"):
        make_private(tmp_path / "there")
    (tmp_path / "logs").mkdir()
    with pytest.raises(PermissionError, match="logs"):
        open_private(tmp_path / "logs", os.O_WRONLY | os.O_CREAT)


@pytest.mark.parametrize(
    ("mode", "tag", "is_link"),
    [
        (stat.S_IFREG, 0, False),
        (stat.S_IFLNK, stat.IO_REPARSE_TAG_SYMLINK, True),
        (stat.S_IFDIR, stat.IO_REPARSE_TAG_MOUNT_POINT, True),
        (stat.S_IFREG, 0x80000013, False),  # a file that Windows Server stores only once
        (stat.S_IFREG, 0x9000001A, False),  # one in OneDrive
    ],
)
def test_what_stands_for_another_name_is_a_link(mode: int, tag: int, is_link: bool) -> None:
    info: Any = SimpleNamespace(st_mode=mode, st_reparse_tag=tag)
    assert private_windows._is_link(info) is is_link


def test_no_link_is_followed(tmp_path: Path, log_guard: LogGuard) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    touch_open(victim / "inbox.db")
    _winapi.CreateJunction(str(victim), str(tmp_path / "logs"))
    (tmp_path / "status.json.new").symlink_to(victim / "status")
    with pytest.raises(OSError, match=r"status\.json\.new"):
        write_private(tmp_path / "status.json", b"x")
    assert not (victim / "status").exists()
    make_private(tmp_path)
    assert is_open_to_others(victim / "inbox.db")


def test_what_pywin32_raises_never_gets_out() -> None:
    with pytest.raises(FileNotFoundError), private_windows._os_errors(Path("x")):
        raise pywintypes.error(2, "CreateFile", "Not found")
