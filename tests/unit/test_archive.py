"""The archive: newest first, found as people write, page by page, and nothing before its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import StorageError
from shared.model import ALL_CHANNELS, Level
from tests.fakes import make_message
from tray_client.archive import BOTTOM, PAGE, TOP, Archive, Entry, Filter, Query
from tray_client.inbox import FILE_NAME, Inbox
from tray_client.records import NewMessage, State

NOW = 1_800_000_000_000


class Shelf:
    """An inbox, an archive beside it, and a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox(folder)
        self.now_ms = NOW
        self.archive = Archive.open(folder, lambda: self.now_ms)

    def put(self, title: str = "Title", channel: str = "Channel 1", **fields: object) -> str:
        """Store a message; return its id."""
        message = make_message(**{"title": title, "sent_at": NOW - 1000, **fields})
        [stored] = self.inbox.store([NewMessage(message, channel, True, NOW, NOW + 1000)])
        return stored.id

    def find(self, query: Query | None = None) -> list[Entry]:
        """Everything that the query finds, page by page."""
        found, place = [], TOP
        while place > BOTTOM:
            page = self.archive.page(query or Query(), place)
            found += page.entries
            place = page.end
        return found

    def titles(self, text: str = "", **query: object) -> list[str]:
        """Titles of what is found."""
        return [entry.title for entry in self.find(Query(text, **query))]  # type: ignore[arg-type]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty inbox with its archive."""
    made = Shelf(tmp_path)
    yield made
    made.archive.close()
    made.inbox.close()


def test_the_newest_come_first_by_the_time_they_were_due(shelf: Shelf) -> None:
    shelf.put("new", sent_at=NOW - 10)
    shelf.put("old, arrived later", sent_at=NOW - 500)
    shelf.put("planned for now", sent_at=NOW - 900, show_at=NOW - 1)
    shelf.put("as old, after it", sent_at=NOW - 500)
    expected = ["planned for now", "new", "as old, after it", "old, arrived later"]
    assert shelf.titles() == expected


def test_what_opens_later_is_not_there_yet(shelf: Shelf) -> None:
    secret = shelf.put("tomorrow", show_at=NOW + 5)
    assert shelf.titles() == shelf.titles("tomorrow") == []
    assert shelf.archive.letter(secret) is None
    assert shelf.archive.counts()[Filter.ALL] == 0
    shelf.now_ms = NOW + 5
    assert shelf.titles() == ["tomorrow"]
    assert shelf.archive.letter(secret) is not None


def test_a_slow_clock_hides_nothing(shelf: Shelf) -> None:
    shelf.put("from the future", sent_at=NOW + 60_000)
    assert shelf.titles() == ["from the future"]


@pytest.mark.parametrize(
    "text",
    [
        "OIL",
        "price oil",
        "oil PRICE",
        "ÜBER",
        "strasse",
        "STRASSE",
        "café",
        "cafe\u0301",
        "dewi",
        "channel 1",
        "100%",
        "a_b",
        "привет",
        " rice  ",
        "",
    ],
)
def test_words_are_found_in_every_part_however_they_are_written(shelf: Shelf, text: str) -> None:
    shelf.put("Price of oil", body="Überall, Straße, café; ПРИВЕТ 100% a_b", sender="Ms Dewi")
    assert shelf.titles(text) == ["Price of oil"]


@pytest.mark.parametrize(
    "text", ["oil gas", "%", "_", "a%b", "*", "'; DROP TABLE messages; --", "normal"]
)
def test_every_word_must_occur_and_signs_mean_themselves(shelf: Shelf, text: str) -> None:
    shelf.put("Price of oil", body="axb 100", sender="Ms Dewi")
    assert shelf.titles(text) == []


def test_all_channels_is_found_by_the_name_that_people_see(shelf: Shelf) -> None:
    shelf.put("To all", channel=ALL_CHANNELS)
    shelf.put("To one")
    assert shelf.titles("semua", all_channels="Semua kanal") == ["To all"]


def test_each_choice_lists_and_counts_the_same(shelf: Shelf) -> None:
    for level in Level:
        ids = [shelf.put(f"{level} {state}", level=level) for state in State]
        shelf.inbox.mark_displayed(ids[1], NOW)
        shelf.inbox.mark_acknowledged(ids[2], NOW + 7)
        with closing(sqlite3.connect(shelf.archive._place())) as db, db:
            for state, message_id in zip(list(State)[3:], ids[3:], strict=True):
                db.execute("UPDATE messages SET state = ? WHERE id = ?", (state, message_id))
    counts = shelf.archive.counts()
    for choice in (*Filter, *Level):
        assert counts[choice] == len(shelf.find(Query(choice=choice)))
    found = {
        choice: {entry.state for entry in shelf.find(Query(choice=choice))} for choice in Filter
    }
    waiting = {State.RECEIVED, State.DISPLAYED}
    assert found[Filter.UNREAD] == waiting
    assert found[Filter.UNACKNOWLEDGED] == waiting | {State.EXPIRED}
    assert found[Filter.ALL] == set(State)
    urgent = shelf.find(Query("acknowledged", Level.URGENT))
    assert [(one.level, one.acknowledged_at) for one in urgent] == [(Level.URGENT, NOW + 7)]


def test_pages_neither_repeat_nor_skip_what_is_there_while_more_arrives(shelf: Shelf) -> None:
    number = 2 * PAGE + 3
    old = [shelf.put(f"old {i}", sent_at=NOW - 1000 + i // 7) for i in range(number)]
    page = shelf.archive.page(Query())
    assert len(page.entries) == PAGE
    shelf.put("new", sent_at=NOW)
    rest = []
    while page.end > BOTTOM:
        rest += page.entries
        page = shelf.archive.page(Query(), page.end)
    assert [entry.id for entry in rest + page.entries] == old[::-1]


def test_a_page_looks_at_a_bounded_number_of_messages(shelf: Shelf) -> None:
    shelf.put("needle", sent_at=NOW - 2000)
    for _ in range(PAGE):
        shelf.put("hay")
    first = shelf.archive.page(Query("needle"))
    assert first.entries == []
    assert first.end > BOTTOM
    assert [one.title for one in shelf.archive.page(Query("needle"), first.end).entries] == [
        "needle"
    ]


def test_one_message_is_read_whole(shelf: Shelf) -> None:
    body = "<img src=x> 😀\n" * 500
    letter = shelf.archive.letter(shelf.put("One", body=body))
    assert letter is not None
    assert (letter.entry.title, letter.body) == ("One", body)
    assert shelf.archive.letter("unknown") is None


def test_the_index_serves_pages_and_counts(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put()
    plans: list[str] = []
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        archive = Archive(db, lambda: NOW)
        queries: list[str] = []
        db.set_trace_callback(queries.append)
        archive.page(Query("x", Level.URGENT))
        archive.counts()
        db.set_trace_callback(None)
        for query in queries:
            plans += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert any("SEARCH messages USING INDEX messages_by_time" in plan for plan in plans)
    assert any("COVERING INDEX messages_by_time" in plan for plan in plans)
    assert not any("ORDER BY" in plan for plan in plans)


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be used"):
        Archive.open(tmp_path, lambda: NOW)
    Inbox(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.executescript("DROP TABLE messages")
    with closing(Archive.open(tmp_path, lambda: NOW)) as archive:
        for attempt in (lambda: archive.page(Query()), archive.counts, lambda: archive.letter("x")):
            with pytest.raises(StorageError, match=FILE_NAME):
                attempt()
