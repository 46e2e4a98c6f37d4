"""The inbox: messages and cursors move together, once, forwards, and outlive the program."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import StorageError
from shared.model import Level, Message, StreamId, new_message_id
from tests.conftest import LogGuard
from tests.fakes import make_message
from tray_client.inbox import FILE_NAME, Inbox, InboxDamaged, read_messages
from tray_client.records import NewMessage, Proof, State
from tray_client.schema import MIGRATIONS

AT = StreamId(1_800_000_000_000, 3)
LATER = StreamId(1_800_000_000_001, 0)


def new(message: Message | None = None, channel: str = "Channel 1") -> NewMessage:
    """An accepted message."""
    return NewMessage(message or make_message(), channel, True, received_at=5, expires_at=9)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An empty inbox in ``tmp_path``."""
    with closing(Inbox(tmp_path)) as opened:
        yield opened


def states(folder: Path) -> list[State]:
    """The states of all messages, as another program sees them."""
    return [message.state for message in read_messages(folder)]


def spoil(folder: Path, script: str) -> None:
    """Change the database behind the inbox' back."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.executescript(script)


# --- one transaction -----------------------------------------------------------------------------


def test_message_and_cursor_are_stored_together(inbox: Inbox, tmp_path: Path) -> None:
    one = new(make_message(title="a", body="b", level=Level.URGENT, show_at=7))
    [stored] = inbox.store([replace(one, proof=Proof.SIGNED)], {"Channel 1": AT})
    assert inbox.cursor("Channel 1") == AT
    assert read_messages(tmp_path) == inbox.waiting() == [stored]
    assert (stored.id, stored.title, stored.body) == (one.message.id, "a", "b")
    assert (stored.level, stored.show_at, stored.expires_at) == (Level.URGENT, 7, 9)
    assert (stored.state, stored.received_at, stored.verified) == (State.RECEIVED, 5, True)
    assert stored.proof is Proof.SIGNED


def test_a_failing_message_leaves_neither_message_nor_cursor(inbox: Inbox, tmp_path: Path) -> None:
    inbox.store([], {"Channel 1": AT})
    too_big = new(make_message(sent_at=2**63))

    def arriving() -> Iterator[NewMessage]:
        yield new()
        yield too_big

    with pytest.raises((StorageError, OverflowError)):
        inbox.store(arriving(), {"Channel 1": LATER})
    assert read_messages(tmp_path) == []
    assert inbox.cursor("Channel 1") == AT


def test_a_disk_that_refuses_changes_nothing(inbox: Inbox, tmp_path: Path) -> None:
    inbox.store([], {"Channel 1": AT})
    spoil(
        tmp_path,
        "CREATE TRIGGER full BEFORE INSERT ON cursors "
        "BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
    )
    with pytest.raises(StorageError, match="disk is full"):
        inbox.store([new()], {"Channel 1": LATER})
    assert read_messages(tmp_path) == []
    assert inbox.cursor("Channel 1") == AT
    spoil(tmp_path, "DROP TRIGGER full;")
    assert len(inbox.store([new()], {"Channel 1": LATER})) == 1
    assert inbox.cursor("Channel 1") == LATER


def test_a_message_is_stored_once(inbox: Inbox, tmp_path: Path) -> None:
    message = make_message(channels=["Channel 1", "Channel 2"])
    copies = [new(message), new(message, "Channel 2")]
    assert len(inbox.store(copies)) == 1
    assert inbox.store(copies, {"Channel 2": AT}) == []
    assert len(read_messages(tmp_path)) == 1
    assert inbox.cursor("Channel 2") == AT
    assert inbox.has(message.id)
    assert not inbox.has(new_message_id())


def test_a_cursor_may_go_backwards(inbox: Inbox) -> None:
    inbox.store([], {"Channel 1": LATER})
    inbox.store([], {"Channel 1": AT})
    assert inbox.cursor("Channel 1") == AT


def test_only_cursors_of_followed_channels_are_kept(inbox: Inbox, tmp_path: Path) -> None:
    inbox.store([], {"Channel 1": AT, "Channel 2": AT, "*": AT})
    inbox.follow(["*", "Channel 2", "Channel 3"])
    inbox.close()
    with closing(Inbox(tmp_path)) as again:
        kept = [again.cursor(name) for name in ("*", "Channel 1", "Channel 2", "Channel 3")]
    assert kept == [AT, None, AT, None]


# --- states --------------------------------------------------------------------------------------


def test_states_only_advance(inbox: Inbox, tmp_path: Path) -> None:
    [stored] = inbox.store([new()])
    inbox.mark_displayed(stored.id, 10)
    inbox.mark_displayed(stored.id, 11)
    assert states(tmp_path) == [State.DISPLAYED]
    inbox.mark_acknowledged(stored.id, 20)
    inbox.mark_acknowledged(stored.id, 21)
    inbox.mark_displayed(stored.id, 22)
    assert inbox.expire(9) == []
    [message] = read_messages(tmp_path)
    assert message.state is State.ACKNOWLEDGED
    assert (message.displayed_at, message.acknowledged_at) == (10, 20)
    assert inbox.waiting() == []


@pytest.mark.parametrize("painted", [False, True])
def test_an_expired_message_stays_expired(inbox: Inbox, tmp_path: Path, painted: bool) -> None:
    [stored] = inbox.store([new()])
    if painted:
        inbox.mark_displayed(stored.id, 10)
    assert inbox.expire(8) == []
    assert inbox.expire(9) == [stored.id]
    inbox.mark_displayed(stored.id, 11)
    inbox.mark_acknowledged(stored.id, 12)
    assert states(tmp_path) == [State.EXPIRED]
    assert inbox.waiting() == []


def test_an_acknowledgement_needs_no_painting(inbox: Inbox, tmp_path: Path) -> None:
    [stored] = inbox.store([new()])
    inbox.mark_acknowledged(stored.id, 12)
    assert states(tmp_path) == [State.ACKNOWLEDGED]


def test_waiting_messages_come_oldest_first(inbox: Inbox) -> None:
    stored = [inbox.store([new()])[0] for _ in range(3)]
    inbox.mark_displayed(stored[2].id, 10)
    inbox.mark_acknowledged(stored[1].id, 10)
    assert [message.id for message in inbox.waiting()] == [stored[0].id, stored[2].id]


# --- outliving the program -----------------------------------------------------------------------


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    odd = make_message(title="<img src=x>", body="😀 مرحبا\0\n'; DROP TABLE messages; --")
    with closing(Inbox(tmp_path)) as first:
        first.store([new(odd), new()], {"Channel 1": AT, "*": StreamId(2**64 - 1, 2**64 - 1)})
        first.mark_acknowledged(first.waiting()[1].id, 4)
        first.set_fact("name", "old")
        first.set_fact("name", "välue")
        before = read_messages(tmp_path)
    with closing(Inbox(tmp_path)) as second:
        assert second.cursor("Channel 1") == AT
        assert second.cursor("*") == StreamId(2**64 - 1, 2**64 - 1)
        assert [message.body for message in second.waiting()] == [odd.body]
        assert (second.fact("name"), second.fact("other")) == ("välue", None)
        assert second.store([new(odd)]) == []
    assert read_messages(tmp_path) == before


def test_another_program_reads_beside_an_open_inbox(inbox: Inbox, tmp_path: Path) -> None:
    assert read_messages(tmp_path) == []
    inbox.store([new()], {"Channel 1": AT})
    assert len(read_messages(tmp_path)) == 1
    inbox.store([new()])
    assert len(read_messages(tmp_path)) == 2


def test_where_there_is_no_inbox_there_are_no_messages(tmp_path: Path) -> None:
    assert read_messages(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_folder_named_relatively_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Inbox(Path("data"))) as inbox:
        inbox.store([new()])
        assert len(read_messages(Path("data"))) == 1


def test_a_folder_with_odd_characters_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / ("50% off #1 é" if sys.platform == "win32" else "50% off? #1 é")
    with closing(Inbox(folder)) as inbox:
        inbox.store([new()])
        assert len(read_messages(folder)) == 1


# --- what cannot be used -------------------------------------------------------------------------


def test_an_inbox_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    Inbox(tmp_path).close()
    newer = len(MIGRATIONS) + 1
    spoil(tmp_path, f"PRAGMA user_version = {newer};")
    with pytest.raises(StorageError, match="newer Siaran"):
        Inbox(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (newer,)


def test_what_has_expired_on_arrival_asks_nobody(inbox: Inbox, tmp_path: Path) -> None:
    late = NewMessage(make_message(), "Channel 1", True, received_at=9, expires_at=9, expired=True)
    [stored] = inbox.store([late])
    assert not stored.wants_popup
    assert states(tmp_path) == [State.EXPIRED]
    assert inbox.waiting() == []


# --- damage --------------------------------------------------------------------------------------

DAMAGED = r"inbox was damaged; it is set aside"


def reopened(folder: Path) -> Inbox:
    """Open a damaged inbox; what it was has to be kept beside it."""
    inbox = Inbox(folder)
    assert inbox.rebuilt
    assert (folder / f"{FILE_NAME}.damaged").exists()
    return inbox


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(DAMAGED)
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database" * 100)
    with pytest.raises(StorageError, match="is damaged") as caught:
        read_messages(tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)
    with closing(reopened(tmp_path)) as inbox:
        [stored] = inbox.store([new()], {"Channel 1": AT})
    with closing(Inbox(tmp_path)) as inbox:
        assert not inbox.rebuilt
        assert inbox.waiting() == [stored]


def test_nonsense_in_a_table_is_damage(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(DAMAGED)
    with closing(Inbox(tmp_path)) as inbox:
        [kept] = inbox.store([new()], {"Channel 1": AT})
    spoil(tmp_path, "INSERT INTO cursors VALUES ('Channel 2', 'nonsense');")
    with closing(reopened(tmp_path)) as inbox:
        assert inbox.cursor("Channel 1") is None, "what a cursor accounts for may be lost"
        assert inbox.waiting() == [kept]


def test_messages_that_can_be_read_outlive_the_damage(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(DAMAGED)
    with closing(Inbox(tmp_path)) as inbox:
        many = inbox.store([new(make_message(body="x" * 3000)) for _ in range(40)])
        for message in many:
            inbox.mark_acknowledged(message.id, 7)
        inbox.store([new()], {"Channel 1": AT})
    place = tmp_path / FILE_NAME
    with place.open("r+b") as file:  # the last pages become rubbish
        size = file.seek(0, 2)
        file.seek(size - 8 * 4096)
        file.write(b"\xee" * 8 * 4096)
    try:
        inbox = reopened(tmp_path)
    except AssertionError:
        pytest.skip("the damage fell where opening does not look")
    with closing(inbox):
        kept = read_messages(tmp_path)
        assert {one.state for one in kept} <= {State.ACKNOWLEDGED, State.RECEIVED}
        assert inbox.store([NewMessage(new().message, "Channel 1", True, 5, 9)])
        spoil(tmp_path, "PRAGMA integrity_check;")


def test_damage_where_opening_does_not_look_is_repaired_at_the_next_start(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(DAMAGED)
    with closing(Inbox(tmp_path)) as inbox:
        for message in inbox.store([new(make_message(body="x" * 3000)) for _ in range(200)]):
            inbox.mark_acknowledged(message.id, 7)
        db = inbox._db
        [(page,)] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'messages_by_time'")
        [(size,)] = db.execute("PRAGMA page_size")
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xee" * size)
    with closing(Inbox(tmp_path)) as inbox:
        assert not inbox.rebuilt
        with pytest.raises(InboxDamaged):
            inbox.store([new()], {"Channel 1": AT})
        assert inbox.suspect
    with closing(reopened(tmp_path)) as inbox:
        assert not inbox.suspect
        assert inbox.store([new()], {"Channel 1": AT})
        assert states(tmp_path).count(State.ACKNOWLEDGED) == 200
    with closing(Inbox(tmp_path)) as inbox:
        assert not inbox.rebuilt


def test_in_a_rebuilt_inbox_no_channel_is_new(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect(DAMAGED)
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database" * 100)
    with closing(reopened(tmp_path)) as inbox:
        inbox.follow(["Channel 1"])
    with closing(Inbox(tmp_path)) as inbox:
        assert inbox.begins_at("Channel 1", 77) == 0
        assert inbox.begins_at("Channel 2", 77) == 77
        assert inbox.begins_at("Channel 2", 99) == 77


def test_a_full_disk_is_named_and_heals(inbox: Inbox, tmp_path: Path) -> None:
    inbox._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match="full"):
        inbox.store([new(make_message(body="x" * 8000)) for _ in range(20)], {"Channel 1": AT})
    assert inbox.cursor("Channel 1") is None
    inbox._db.execute("PRAGMA max_page_count = 100000")
    assert inbox.store([new()], {"Channel 1": AT})
    assert len(read_messages(tmp_path)) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = "already exists" if sys.platform == "win32" else "Not a directory"
    with pytest.raises(StorageError, match=said):
        Inbox(tmp_path / "file" / "data")
