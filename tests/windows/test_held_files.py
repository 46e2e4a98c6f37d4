"""Another program holds a file of ours for a moment, as virus scanners and backups do.

It is a real other process that has the file open: with a share mode of 0, so that no other can
open it, or as most readers do, so that no other can rename or replace it.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("only Windows refuses a file that another program holds", allow_module_level=True)

from admin_app.clock_file import keep_clock, load_clock
from admin_app.draft import Draft, DraftFile
from shared import held_files, logs
from shared.clock import RedisClock
from shared.errors import StorageError
from shared.instance import letters
from shared.instance.answered import LocalAnswer
from shared.private import write_private
from shared.settings import Program, Source
from shared.settings_file import save_password, save_settings
from shared.signing_key import create_key_file, load_signer
from shared.sources import Sources
from tests.conftest import LogGuard
from tests.fakes import make_message
from tests.file_access import NOTHING, READ_WRITE, forbid, held
from tray_client import salvage
from tray_client.inbox import FILE_NAME, Inbox, read_messages
from tray_client.records import NewMessage
from tray_client.status_file import TrayStatus, read, write

pytestmark = pytest.mark.usefixtures("clean_root")

MOMENT_S = 0.7
"""How long a scanner holds a file; within the 1.4 s of ``held_files``."""
ID = make_message().id
SHARES = pytest.mark.parametrize("share", [NOTHING, READ_WRITE], ids=["not shared", "read"])


@SHARES
def test_a_file_is_replaced_as_soon_as_it_is_free(tmp_path: Path, share: int) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(b"old")
    with held(path, share=share, seconds=MOMENT_S):
        write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@SHARES
def test_what_is_held_for_longer_is_an_error_with_its_reason(tmp_path: Path, share: int) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(b"old")
    with held(path, share=share):
        began = time.monotonic()
        with pytest.raises(PermissionError) as caught:
            write_private(path, b"new")
        assert sum(held_files.PAUSES_S) < time.monotonic() - began < 10
    assert caught.value.winerror == 32
    assert path.read_bytes() == b"old"


def test_what_nobody_holds_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    forbid(tmp_path / "file")
    began = time.monotonic()
    with pytest.raises(PermissionError):
        held_files.read_bytes(tmp_path / "folder")
    with pytest.raises(PermissionError):
        held_files.replace(tmp_path / "file", tmp_path / "folder")
    with pytest.raises(FileNotFoundError):
        held_files.read_bytes(tmp_path / "missing")
    assert time.monotonic() - began < sum(held_files.PAUSES_S)


def test_settings_are_saved_over_a_file_that_is_held_for_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text('theme = "dark"\n', encoding="utf-8")
    with held(path, seconds=MOMENT_S):
        save_settings(path, Program.TRAY, {"language": "id"})
    assert path.read_text(encoding="utf-8") == 'theme = "dark"\n\n[tray]\nlanguage = "id"\n'
    with held(save_password(tmp_path, "old"), share=READ_WRITE, seconds=MOMENT_S):
        assert save_password(tmp_path, "new").read_text(encoding="utf-8") == "new\n"


def test_settings_that_cannot_be_saved_are_said_and_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text('theme = "dark"\n', encoding="utf-8")
    with held(path, share=READ_WRITE), pytest.raises(StorageError, match=r"cannot be written \("):
        save_settings(path, Program.TRAY, {"language": "id"})
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == 'theme = "dark"\n'


def test_settings_count_though_their_file_is_held_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    path.write_text('pc = "till"\n', encoding="utf-8")
    with held(path, seconds=MOMENT_S):
        loaded = Sources(Program.TRAY, user_file=path).load()
    assert loaded.settings.pc == "till"
    assert loaded.origins["pc"] is Source.USER
    assert loaded.problems == []


def test_a_draft_that_is_held_at_the_start_is_not_lost(tmp_path: Path) -> None:
    """It was read as an empty one, which then took its place."""
    file = DraftFile(tmp_path)
    file.save(Draft(title="Half written"))
    with held(tmp_path / "draft.json", seconds=MOMENT_S):
        assert file.load().title == "Half written"
    with held(tmp_path / "draft.json", share=READ_WRITE, seconds=MOMENT_S):
        file.save(Draft(title="Nearly done"))
    assert file.load().title == "Nearly done"


def test_what_the_programs_remember_is_read_and_written(tmp_path: Path) -> None:
    clock = RedisClock(wall=lambda: 0, steady=lambda: 0)
    clock.set(1_800_000_000_000)
    keep_clock(tmp_path, clock)
    with held(tmp_path / "clock.json", seconds=MOMENT_S):
        assert load_clock(tmp_path).memory().last >= 1_800_000_000_000
    write(tmp_path, TrayStatus(running=True, state="offline"))
    with held(tmp_path / "status.json", seconds=MOMENT_S):
        write(tmp_path, TrayStatus(running=True, state="online"))
    with held(tmp_path / "status.json", seconds=MOMENT_S):
        assert read(tmp_path, running=True).state == "online"
    create_key_file(tmp_path / "hq.key", "hq")
    with held(tmp_path / "hq.key", seconds=MOMENT_S):
        load_signer(tmp_path / "hq.key", "siaran")


def test_an_answer_of_another_session_is_taken_when_it_is_free(tmp_path: Path) -> None:
    """It was deleted unread if it was free again when it came to that."""
    assert letters.leave(tmp_path, answer())
    [letter] = (tmp_path / letters.FOLDER).iterdir()
    with held(letter, seconds=MOMENT_S):
        assert letters.collect(tmp_path) == [answer()]
    assert letters.leave(tmp_path, answer())
    [letter] = (tmp_path / letters.FOLDER).iterdir()
    with held(letter):
        assert letters.collect(tmp_path) == []
    assert letters.collect(tmp_path) == [answer()]


def test_an_inbox_is_opened_when_it_is_free_and_has_everything(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    message = make_message()
    inbox.store([NewMessage(message, "Channel 1", True, 5, 9)], {})
    inbox.close()
    with held(tmp_path / FILE_NAME, seconds=MOMENT_S):
        inbox = Inbox(tmp_path)
    inbox.close()
    assert [one.id for one in read_messages(tmp_path)] == [message.id]


def test_a_damaged_inbox_is_set_aside_when_it_is_free(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("the inbox was damaged")
    (tmp_path / FILE_NAME).write_bytes(b"rubbish")
    with held(tmp_path / FILE_NAME, share=READ_WRITE, seconds=MOMENT_S):
        aside = salvage.set_aside(tmp_path / FILE_NAME)
    assert aside.read_bytes() == b"rubbish"


def test_records_wait_for_a_log_that_is_held_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a program wrote no log until it ended."""
    monkeypatch.setattr(logs, "AGAIN_S", 0.0)
    (tmp_path / "tray.log").write_text("before\n", encoding="utf-8")
    log = logging.getLogger("siaran.test")
    with held(tmp_path / "tray.log"):
        logs.set_up(tmp_path, "tray")
        log.info("first")
    log.info("second")
    assert words(tmp_path / "tray.log") == ["before", "first", "second"]


def test_records_that_wait_are_written_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "tray.log").touch()
    with held(tmp_path / "tray.log"):
        handler = logs._file_handler(tmp_path, "tray")
        handler.handle(record("only"))
    handler.close()
    assert words(tmp_path / "tray.log") == ["only"]


@pytest.mark.parametrize("name", ["tray.log", "tray.log.1", "tray.log.2", "tray.log.3"])
def test_no_record_is_lost_whichever_file_is_held_when_logs_rotate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 100)
    for number in (1, 2, 3):
        (tmp_path / f"tray.log.{number}").write_text(f"old{number}\n", encoding="utf-8")
    handler = logs._file_handler(tmp_path, "tray")
    for number in range(9):
        handler.handle(record(f"a{number}"))
    with held(tmp_path / name, share=READ_WRITE):
        for number in range(40):
            handler.handle(record(f"b{number:02d}-" + 20 * "x"))
    for number in range(2):
        handler.handle(record(f"c{number}"))
    handler.close()
    kept = [text[:3] for path in oldest_first(tmp_path) for text in words(path)]
    assert [one for one in kept if one[0] in "bc"] == [
        *(f"b{n:02d}" for n in range(40)),
        "c0",
        "c1",
    ]


def answer() -> LocalAnswer:
    """What somebody answered in another session."""
    return LocalAnswer(ID, 1, "Yes")


def record(text: str) -> logging.LogRecord:
    """One event."""
    return logging.LogRecord("siaran.test", logging.INFO, __file__, 1, text, None, None)


def words(path: Path) -> list[str]:
    """The last word of each line of a log."""
    return [line.split()[-1] for line in path.read_text(encoding="utf-8").splitlines()]


def oldest_first(folder: Path) -> list[Path]:
    """The files of a log."""
    return sorted(folder.iterdir(), reverse=True)
