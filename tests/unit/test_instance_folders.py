"""Each login session of a user has a folder of its own for its data."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import AlreadyRunning, StorageError
from shared.instance.folders import MOST, find, holder_of, noted_session, others, take
from shared.private import LOCK_NAME


def test_the_first_session_has_the_folder_itself_and_the_next_ones_one_each(tmp_path: Path) -> None:
    folders = [take(tmp_path, f":{number}") for number in range(3)]
    paths = [tmp_path, tmp_path / "session-2", tmp_path / "session-3"]
    assert [one.path for one in folders] == paths
    assert [find(tmp_path, f":{number}") for number in range(3)] == paths
    folders[1].release()
    folders[1].release()
    assert holder_of(paths[1]) is None
    assert find(tmp_path, ":1") == paths[0]  # of whoever runs, for who has none
    again = take(tmp_path, ":7")
    assert again.path == paths[1]
    for folder in (folders[0], folders[2], again):
        folder.release()
    assert find(tmp_path, ":1") is None


@pytest.mark.parametrize(("holder", "other"), [(":1", ":1"), ("", ":1"), (":1", ""), ("", "")])
def test_one_session_has_one_and_who_does_not_know_takes_none_beside_others(
    tmp_path: Path, holder: str, other: str
) -> None:
    first = take(tmp_path, holder)
    with pytest.raises(AlreadyRunning):
        take(tmp_path, other)
    first.release()
    take(tmp_path, other).release()


def test_the_same_session_is_found_behind_others(tmp_path: Path) -> None:
    folders = [take(tmp_path, ":1"), take(tmp_path, ":2")]
    with pytest.raises(AlreadyRunning):
        take(tmp_path, ":2")
    for folder in folders:
        folder.release()


def test_what_a_crash_has_left_takes_no_room(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(":1", encoding="utf-8")
    assert holder_of(tmp_path) is None
    folder = take(tmp_path, ":2")
    assert folder.path == tmp_path
    assert holder_of(tmp_path) == ":2"
    folder.release()


def test_the_other_sessions_are_found_without_touching_their_locks(tmp_path: Path) -> None:
    folders = [take(tmp_path, f"session {number}") for number in range(3)]
    paths = [one.path for one in folders]
    assert others(tmp_path, paths[1]) == [paths[0], paths[2]]
    assert [noted_session(path) for path in paths] == ["session 0", "session 1", "session 2"]
    folders[2].release()
    assert noted_session(paths[2]) == noted_session(tmp_path / "session-9") == ""
    (tmp_path / "session-9").write_text("no folder", encoding="utf-8")
    assert others(tmp_path, paths[0]) == paths[1:]
    for folder in folders:
        folder.release()


def test_there_is_an_end(tmp_path: Path) -> None:
    folders = [take(tmp_path, f":{number}") for number in range(MOST)]
    with pytest.raises(AlreadyRunning):
        take(tmp_path, "one more")
    for folder in folders:
        folder.release()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="file"):
        take(tmp_path / "file", ":1")
    assert find(tmp_path / "file", ":1") is None
