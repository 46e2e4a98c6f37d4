"""Data folders of every older version open, with everything that was in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shared.model import Ack, Format, StreamId
from tests.conftest import LogGuard
from tests.fakes import make_message
from tray_client.archive import Archive, Query
from tray_client.inbox import FILE_NAME, Inbox
from tray_client.records import NewMessage, Recall, State
from tray_client.schema import MIGRATIONS

NOW = 1_800_000_000_000
ENDED = {"acknowledged": State.ACKNOWLEDGED, "expired": State.EXPIRED}
STATES = ("received", "displayed", *ENDED)
VERSIONS = range(1, len(MIGRATIONS) + 1)


def database_of(version: int, folder: Path) -> list[str]:
    """Write an inbox as *version* would have; ids of its messages, one for each state."""
    ids = [make_message().id for _ in STATES]
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {version}")
        db.executemany(
            "INSERT INTO messages (id, channel, title, body, level, sender, sent_at, show_at,"
            " expires_at, verified, state, received_at, displayed_at, acknowledged_at)"
            " VALUES (?, 'Kasir', 'Title', 'Body', 'urgent', 'HQ', ?, NULL, ?, 1, ?, ?, ?, ?)",
            [
                (
                    message_id,
                    NOW,
                    NOW + 5000,
                    state,
                    NOW + 1,
                    None if state == "received" else NOW + 2,
                    NOW + 3 if state == "acknowledged" else None,
                )
                for message_id, state in zip(ids, STATES, strict=True)
            ],
        )
        db.execute("INSERT INTO cursors VALUES ('Kasir', '1800000000000-4')")
        db.execute("INSERT INTO facts VALUES ('instance', 'me')")
        db.commit()
    return ids


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_inbox_keeps_everything(tmp_path: Path, version: int) -> None:
    received, displayed, acknowledged, expired = database_of(version, tmp_path)
    with closing(Inbox(tmp_path)) as inbox:
        assert [one.id for one in inbox.waiting()] == [received, displayed]
        assert inbox.cursor("Kasir") == StreamId(NOW, 4)
        assert inbox.fact("instance") == "me"
        assert not inbox.rebuilt
        for message_id, state in ((acknowledged, State.ACKNOWLEDGED), (expired, State.EXPIRED)):
            kept = inbox.get(message_id)
            assert kept is not None
            assert kept.state is state
        first = inbox.waiting()[0]
        assert (first.format, first.ack, first.replies) == (Format.PLAIN, Ack.PC, ())
        assert (first.snoozed_until, first.reminded_at, first.closed_by) == (0, 0, "")
        assert inbox.unreported(10) == [], "nobody waits for receipts of what is long over"
    with closing(Archive.open(tmp_path, lambda: NOW)) as archive:
        assert len(archive.page(Query()).entries) == len(STATES)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_older_program_stored_can_be_recalled_replaced_and_answered(
    tmp_path: Path, version: int
) -> None:
    received, displayed, *_ended = database_of(version, tmp_path)
    with closing(Inbox(tmp_path)) as inbox:
        [recalled] = inbox.store([Recall(received, "by", ("Kasir",), NOW)])
        assert recalled.state is State.RECALLED
        new = make_message(channels=["Kasir"], replaces=displayed)
        changed = inbox.store([NewMessage(new, "Kasir", True, NOW, NOW + 1)])
        assert [one.id for one in changed] == [displayed, new.id]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_damaged_inbox_of_an_older_version_is_rescued(
    tmp_path: Path, log_guard: LogGuard, version: int
) -> None:
    log_guard.expect(r"set aside")
    ids = database_of(version, tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute("UPDATE cursors SET id = 'nonsense'")
        db.commit()
    with closing(Inbox(tmp_path)) as inbox:
        assert inbox.rebuilt
        assert inbox.cursor("Kasir") is None
        kept = [inbox.get(message_id) for message_id in ids]
        assert [one and one.state.value for one in kept] == list(STATES)
