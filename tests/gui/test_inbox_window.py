"""The inbox window: a mail list that is quick, keeps its place, and only shows and asks."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from shared.model import Ack, Format, Level
from shared.qt.message_rows import ROW_ROLE
from tests.conftest import until
from tests.fakes import make_message
from tray_client.archive import PAGE, Archive, Filter
from tray_client.claims import Claim
from tray_client.inbox import FILE_NAME, Inbox
from tray_client.inbox_window import CHOICES, InboxWindow
from tray_client.records import NewMessage, Proof, State

NOW = 1_800_000_000_000
MARKUP = "<img src=x> & <b>y</b>"


class Desk:
    """An inbox and its window; what the window asks for is stored at once, as the tray does."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox(folder)
        self.archive = Archive.open(folder, lambda: NOW)
        self.window = InboxWindow(self.archive, "JKT-014/till-1")
        self.tester = QAbstractItemModelTester(self.window.model)
        self.tester.setUseFetchMore(False)  # or it loads everything
        self.read: list[str] = []
        self.number = 0
        self.window.read.connect(self._displayed)
        self.window.answer_wanted.connect(self.answer)

    def put(self, title: str = "Title", **fields: object) -> str:
        """Store a message, each a second after the other; return its id."""
        self.number += 1
        sent_at = NOW - 100_000_000 + self.number * 1000
        usual = {"title": title, "body": "x", "sender": "HQ", "sent_at": sent_at}
        message = make_message(**{**usual, **fields})
        self.inbox.store([NewMessage(message, "Channel 1", True, NOW, NOW + 1000)])
        return message.id

    def answer(self, message_id: str, reply: str = "") -> None:
        """Store an answer."""
        self.inbox.mark_acknowledged(message_id, NOW, "", reply)
        self.window.refresh()

    def titles(self) -> list[str]:
        """What the list shows, from the top."""
        model = self.window.model
        return [model.index(row).data() for row in range(model.rowCount())]

    def states(self) -> list[str]:
        """How far each has come."""
        model = self.window.model
        return [model.index(row).data(ROW_ROLE).state for row in range(model.rowCount())]

    def key(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        """Press a key in the list, or elsewhere."""
        QTest.keyClick(widget or self.window.list, key)

    async def settled(self) -> None:
        """Wait until the list is up to date."""
        await until(lambda: not self.window.model.busy)

    async def open(self) -> None:
        """Show the window."""
        self.window.present()
        # ``isActiveWindow`` already asks Windows, whose message has yet to come; keys wait for it.
        await until(lambda: QApplication.activeWindow() is self.window)
        await self.settled()

    async def choose(self, row: int) -> str:
        """Click a row; return the message's id once it is shown."""
        index = self.window.model.index(row)
        message_id = self.window.model.entry(index).id
        self.window.list.setCurrentIndex(index)
        await until(lambda: self.shown() == message_id)
        return message_id

    def shown(self) -> str | None:
        """What is read now."""
        letter = self.window.pane.letter
        return None if letter is None else letter.entry.id

    def chosen(self) -> str | None:
        """What is marked in the list."""
        indexes = self.window.list.selectionModel().selectedIndexes()
        return self.window.model.entry(indexes[0]).id if indexes else None

    def close(self) -> None:
        """End everything."""
        self.window.close()
        self.window.deleteLater()
        self.archive.close()
        self.inbox.close()

    def _displayed(self, message_id: str) -> None:
        self.read.append(message_id)
        self.inbox.mark_displayed(message_id, NOW)
        self.window.refresh()


@asynccontextmanager
async def desk(folder: Path, *titles: str) -> AsyncIterator[Desk]:
    """An open window over messages with *titles*, the oldest first."""
    one = Desk(folder)
    for title in titles:
        one.put(title)
    try:
        await one.open()
        yield one
    finally:
        one.close()


async def test_an_empty_inbox_says_what_will_be_here(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        assert "No message has come yet" in on.window.list.accessibleDescription()
        assert on.window.hint.text() == ""
        on.put("First")
        on.window.refresh()
        await until(lambda: on.titles() == ["First"])
        await until(lambda: "Choose a message" in on.window.hint.text())


async def test_rows_say_everything_in_words(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        on.answer(on.put("Old", sender="Ms Dewi", level=Level.URGENT))
        on.put("New", sender="")
        on.window.refresh()
        await on.settled()
        new, old = (on.window.model.index(row).data(ROW_ROLE) for row in (0, 1))
        assert (new.title, new.details, new.state) == ("New", "Normal · Channel 1", "New")
        assert (old.details, old.state) == ("Urgent · Ms Dewi · Channel 1", "Acknowledged")
        assert (new.bold, old.bold) == (True, False)
        spoken = on.window.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
        assert all(word in spoken for word in ("Urgent", "Old", "Ms Dewi", "Acknowledged"))


async def test_reading_is_told_once_and_only_when_it_is_on_the_screen(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, "One", "Two") as on:
        assert on.read == []
        first = await on.choose(0)
        await until(lambda: on.read == [first])
        await until(lambda: on.states() == ["Not acknowledged", "New"])
        second = await on.choose(1)
        await until(lambda: on.read == [first, second])
        await on.choose(0)
        on.window.close()
        on.window.present()
        await on.settled()
        QApplication.processEvents()
        assert on.read == [first, second]


async def test_acknowledging_asks_once_and_the_row_follows(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, "One") as on:
        wanted: list[tuple[str, str]] = []
        on.window.answer_wanted.connect(lambda *what: wanted.append(what))
        message_id = await on.choose(0)
        QTest.mouseClick(on.window.pane.acknowledge, Qt.MouseButton.LeftButton)
        assert wanted == [(message_id, "")]
        await until(lambda: on.states() == ["Acknowledged"])
        assert not on.window.pane.acknowledge.isVisible()
        assert on.window.pane.state.text().startswith("Acknowledged at")


async def test_a_reply_can_be_chosen_here_too(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        on.put("Rice", replies=["Yes", "No & none <b>ordered</b>"])
        on.window.refresh()
        await on.settled()
        await on.choose(0)
        pane = on.window.pane
        assert [button.text() for button in pane.replies.buttons] == [
            "Yes",
            "No && none <b>ordered</b>",
        ]
        QTest.mouseClick(pane.replies.buttons[1], Qt.MouseButton.LeftButton)
        await until(lambda: pane.state.text().endswith(": No & none <b>ordered</b>"))
        assert not pane.replies.isVisible()
        on.put("Plain")
        on.window.refresh()
        await on.settled()
        await on.choose(0)
        assert (pane.replies.buttons, pane.replies.isVisible()) == ([], False)


async def test_the_pane_says_who_answered_what_is_still_open(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path) as on:
        outlet = on.put("1", ack=Ack.OUTLET, replies=["Yes"])
        own = on.put("2", ack=Ack.OUTLET, replies=["Yes"])
        on.inbox.note_claim(outlet, Claim("JKT-014/till-2", "sari", "Yes"))
        on.inbox.note_claim(own, Claim("JKT-014/till-1", "budi"))
        session = on.put("3")
        on.inbox.mark_told(session, NOW, Claim("JKT-014/till-1", "agus"))
        on.window.refresh()
        await on.settled()
        pane = on.window.pane
        await on.choose(0)
        assert pane.state.text() == "Answered by JKT-014/till-1 (agus)."
        await on.choose(2)
        assert pane.state.text() == "Already answered by JKT-014/till-2 (sari): Yes"
        assert (pane.acknowledge.text(), pane.replies.isVisible()) == ("Close", False)
        await on.choose(1)
        assert pane.state.text() == (
            "Reported as acknowledged by JKT-014/till-1 (budi), but not on this screen."
        )
        assert (pane.acknowledge.text(), pane.replies.isVisible()) == ("Acknowledge", True)


async def test_the_pane_says_how_a_message_ended(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        by_another, read, old = on.put("1"), on.put("2", ack=Ack.NONE), on.put("3")
        on.put("4", replaces=old, format=Format.MARKDOWN, body="[New](https://x.id)")
        on.inbox.mark_answered(by_another, Claim("JKT-014/till-2", "sari", "Yes"))
        on.window.refresh()
        await on.settled()
        pane = on.window.pane
        await on.choose(2)
        assert pane.acknowledge.text() == "Mark as read"
        on.inbox.mark_closed(read)
        on.window.refresh()
        texts = []
        for row in (3, 2, 1):
            await on.choose(row)
            texts.append(pane.state.text())
        assert texts == [
            "Answered by JKT-014/till-2 (sari): Yes",
            "Read",
            "Replaced by a newer message",
        ]
        await on.choose(0)
        assert pane.body.toPlainText() == "New (x.id)"
        assert "https://x.id" in pane.body.toHtml()
        await on.choose(1)
        assert "x.id" not in pane.body.toHtml(), "plain text is no link because the last was one"


async def test_an_answered_message_leaves_the_unread_and_stays_on_the_right(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, "One", "Two", "Three") as on:
        on.window.present(Filter.UNREAD)
        await on.settled()
        message_id = await on.choose(1)
        await until(lambda: on.read)
        QTest.mouseClick(on.window.pane.acknowledge, Qt.MouseButton.LeftButton)
        await until(lambda: on.titles() == ["Three", "One"])
        assert on.shown() == message_id
        assert on.chosen() is None
        assert on.read == [message_id]
        on.window.present(Filter.ALL)
        await until(lambda: on.chosen() == message_id)


async def test_markup_is_text_everywhere(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path) as on:
        on.put(MARKUP, body=MARKUP, sender=MARKUP)
        on.window.refresh()
        await on.settled()
        await on.choose(0)
        pane = on.window.pane
        assert pane.body.toPlainText() == MARKUP
        assert pane.title.text() == MARKUP
        assert pane.byline.text().startswith(MARKUP)
        formats = {one.textFormat() for one in on.window.findChildren(QLabel) if one.text()}
        assert formats == {Qt.TextFormat.PlainText}
        assert pane.body.loadResource(2, "file:///etc/passwd") is None


async def test_searching_letter_by_letter_narrows_and_escape_shows_all_again(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, "Oil", "Oil and rice", "Rice") as on:
        message_id = await on.choose(1)
        QTest.keyClick(on.window.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert on.window.focusWidget() is on.window.search
        for letter, found in (("o", 2), ("i", 2), ("l", 2), (" ", 2), ("R", 1)):
            QTest.keyClicks(on.window.search, letter)
            await on.settled()
            assert len(on.titles()) == found
        assert on.chosen() == message_id
        QTest.keyClicks(on.window.search, "x")
        await on.settled()
        assert "Nothing found" in on.window.list.accessibleDescription()
        on.key(Qt.Key.Key_Escape, on.window.search)
        await until(lambda: len(on.titles()) == 3)
        assert on.chosen() == message_id
        assert on.window.focusWidget() is on.window.list
        on.key(Qt.Key.Key_Escape)
        assert not on.window.isVisible()


async def test_a_search_looks_through_all_pages(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "Needle", *["Hay"] * (3 * PAGE)) as on:
        on.window.search.setText("needle")
        assert on.window.model.busy
        assert "Searching" in on.window.list.accessibleDescription()
        await until(lambda: on.titles() == ["Needle"])
        await on.settled()


async def test_older_messages_are_loaded_as_one_scrolls(qapp: QApplication, tmp_path: Path) -> None:
    number = 3 * PAGE - 7
    async with desk(tmp_path, *map(str, range(number))) as on:
        assert len(on.titles()) == PAGE
        bar = on.window.list.verticalScrollBar()

        def scrolled() -> bool:
            bar.setValue(bar.maximum())
            return len(on.titles()) == number

        await until(scrolled)
        assert on.titles() == [str(one) for one in reversed(range(number))]


async def test_what_arrives_moves_neither_the_place_nor_the_choice(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, *map(str, range(60))) as on:
        message_id = await on.choose(20)
        bar = on.window.list.verticalScrollBar()
        bar.setValue(bar.maximum() // 2 + 5)
        resets: list[bool] = []
        on.window.model.modelReset.connect(lambda: resets.append(True))

        def place() -> tuple[object, int]:
            index = on.window.list.indexAt(on.window.list.rect().topLeft())
            return index.data(), on.window.list.visualRect(index).top()

        before = place()
        for title in ("new", "newer"):
            on.put(title)
        on.put("late", sent_at=NOW - 100_000_000 + 59_500)
        on.window.refresh()
        await until(lambda: on.titles()[:4] == ["newer", "new", "59", "late"])
        await on.settled()
        assert place() == before
        assert on.chosen() == on.shown() == message_id
        assert resets == []


async def test_at_the_top_one_sees_what_arrives(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, *map(str, range(60))) as on:
        on.put("new")
        on.window.refresh()
        await until(lambda: on.titles()[0] == "new")
        assert on.window.list.verticalScrollBar().value() == 0


async def test_choices_count_and_narrow(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "One", "Two") as on:
        on.put("Fire", level=Level.EMERGENCY)
        on.answer(on.put("Done"))
        await on.settled()
        box = on.window.choice
        assert box.itemText(0) == "All messages (4)"
        assert box.itemText(CHOICES.index(Filter.UNREAD)) == "Unread (3)"
        assert box.itemText(CHOICES.index(Level.EMERGENCY)) == "Emergency (1)"
        box.setCurrentIndex(CHOICES.index(Level.EMERGENCY))
        await until(lambda: on.titles() == ["Fire"])
        box.setCurrentIndex(CHOICES.index(Level.SILENT))
        await on.settled()
        assert "No message of this kind" in on.window.list.accessibleDescription()


async def test_the_keyboard_does_everything(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, *map(str, range(60))) as on:
        clipboard = QGuiApplication.clipboard()
        assert on.window.focusWidget() is on.window.list
        for key, title in (
            (Qt.Key.Key_Down, "59"),
            (Qt.Key.Key_Down, "58"),
            (Qt.Key.Key_End, "0"),
            (Qt.Key.Key_Up, "1"),
            (Qt.Key.Key_Home, "59"),
        ):
            on.key(key)
            assert on.window.pane.title.text() == title
        on.key(Qt.Key.Key_PageDown)
        assert int(on.window.pane.title.text()) < 55
        QTest.keyClick(on.window.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert clipboard.text().startswith(f"{on.window.pane.title.text()}\n\n")
        on.key(Qt.Key.Key_Return)
        assert on.window.focusWidget() is on.window.pane.body
        body = on.window.pane.body
        QTest.keyClick(body, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(body, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert clipboard.text() == body.toPlainText() != ""
        on.key(Qt.Key.Key_Down, on.window.search)
        assert on.window.focusWidget() is on.window.list


async def test_letters_of_a_scanner_choose_nothing(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "4711", "Other") as on:
        QTest.keyClicks(on.window.list, "4711")
        assert (on.chosen(), on.shown()) == (None, None)


async def test_one_message_can_be_asked_for(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "Old", *["New"] * (2 * PAGE)) as on:
        on.window.close()
        message_id = on.inbox.waiting()[0].id
        on.window.open_message(message_id)
        await until(lambda: on.read == [message_id])
        assert on.window.isVisible()
        assert on.window.pane.title.text() == "Old"


async def test_while_it_is_hidden_nothing_is_read_and_it_catches_up(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with desk(tmp_path, "One") as on:
        on.window.close()
        on.put("Two")
        on.window.refresh()
        assert on.titles() == ["One"]
        await on.open()
        assert on.titles() == ["Two", "One"]


async def test_an_inbox_that_cannot_be_read_says_so(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "One") as on:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
            db.executescript("ALTER TABLE messages RENAME TO gone")
        on.window.refresh()
        await until(lambda: "cannot be used" in on.window.hint.text())
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
            db.executescript("ALTER TABLE gone RENAME TO messages")
        on.window.refresh()
        await on.settled()
        assert (on.titles(), on.window.hint.text()) == (
            ["One"],
            "Choose a message to read it here.",
        )


async def test_every_control_has_a_name(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "One") as on:
        window = on.window
        await on.choose(0)
        assert isinstance(window.search, QLineEdit)
        assert isinstance(window.choice, QComboBox)
        assert isinstance(window.pane.acknowledge, QAbstractButton)
        assert window.pane.acknowledge.text() == "Acknowledge"
        for control in (window.search, window.choice, window.list, window.pane.body):
            assert control.accessibleName()


async def test_a_row_is_updated_in_place(qapp: QApplication, tmp_path: Path) -> None:
    async with desk(tmp_path, "One", "Two", "Three") as on:
        changed: list[int] = []

        def note(first: QModelIndex, _last: QModelIndex) -> None:
            changed.append(first.row())

        on.window.model.dataChanged.connect(note)
        on.answer(on.window.model.entry(on.window.model.index(1)).id)
        await on.settled()
        assert changed == [1]
        assert on.window.model.entry(on.window.model.index(1)).state is State.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("proof", "verified", "words"),
    [
        (Proof.SIGNED, True, ""),
        (Proof.UNKNOWN, True, ""),
        (Proof.UNSIGNED, True, "not signed"),
        (Proof.UNCHECKED, True, "signature not checked"),
        (Proof.UNVERIFIED, False, ""),
    ],
)
async def test_the_pane_says_what_is_known_of_the_sender(
    qapp: QApplication, tmp_path: Path, proof: Proof, verified: bool, words: str
) -> None:
    async with desk(tmp_path) as on:
        message = make_message(title="T", sent_at=NOW - 1000)
        on.inbox.store([NewMessage(message, "Channel 1", verified, NOW, NOW + 1000, proof=proof)])
        on.window.refresh()
        await on.settled()
        await on.choose(0)
        pane = on.window.pane
        assert pane.byline.text().endswith(f" · {words}") == bool(words)
        assert pane._note.isVisible() == (not verified)
