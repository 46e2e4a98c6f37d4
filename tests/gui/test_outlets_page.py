"""The page of outlets: are all shops reachable, who is missing, and what is to be done about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from admin_app.outlets import Standing, overview
from admin_app.views.outlet_grid import SIZES, describe_outlet
from admin_app.views.outlets_page import Choice, OutletsPage
from admin_app.views.rail import Page
from admin_app.views.standings import square_pixmap
from shared.bus import ChannelInfo
from shared.errors import RedisUnreachable
from shared.outlets import ExpectedOutlet
from tests.conftest import LogGuard, until
from tests.fakes import FakeConsoleLink, FakeServer
from tests.gui.desk import Desk, open_desk, report


@pytest.fixture
def server() -> FakeServer:
    """Five outlets: one well, one partly, one silent, one off, and one that is only listed."""
    server = FakeServer()
    server.reports = [
        report("JKT-001/till-1", server, refused=2, troubles=["trusted-keys"]),
        report("BDG-002/a", server, rival="f" * 32),
        report("BDG-002/b", server, seen_at=server.now_ms - 1_000_000),
        report("SBY-003/a", server, seen_at=server.now_ms - 1_000_000, channels=["Channel 2"]),
        report("DPS-004/a", server, left=True),
    ]
    server.outlets = [ExpectedOutlet(outlet="MDN-005", name="Polonia <b>x</b>")]
    return server


def cells(page: OutletsPage, column: int) -> list[str]:
    """What stands in a column of the table."""
    model = page.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


async def shown(desk: Desk, outlets: int = 5) -> OutletsPage:
    """Turn to the page, and wait until it shows so many outlets."""
    desk.window.show_page(Page.OUTLETS)
    page = desk.window.outlets
    await until(lambda: len(page._seen.outlets) == outlets)
    return page


async def test_the_page_answers_in_a_sentence_in_squares_and_in_a_table(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        assert page.answer.text().startswith("2 of 5 outlet")
        words = [label.text() for label in page.legend.words.values() if label.isVisible()]
        assert words == [
            "1 connected",
            "1 partly connected",
            "1 switched off",
            "1 silent",
            "1 never seen",
        ]
        assert cells(page, 0) == [
            "BDG-002",
            "BDG-002",
            "DPS-004",
            "JKT-001",
            "MDN-005 Polonia <b>x</b>",
            "SBY-003",
        ]
        assert cells(page, 2) == [
            "Connected",
            "Silent",
            "Switched off",
            "Connected",
            "Never seen",
            "Silent",
        ]
        assert "Another PC uses this name, too" in cells(page, 6)[0]
        assert cells(page, 6)[3].startswith("2 message")


async def test_search_choice_and_sorting_find_what_is_wrong(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        page.search.setText("channel sby")
        assert cells(page, 0) == ["SBY-003"]
        page.search.setText("")
        for choice, names in (
            (Choice.SILENT, ["BDG-002", "SBY-003"]),
            (Choice.RIVALS, ["BDG-002"]),
            (Choice.REFUSALS, ["JKT-001"]),
            (Choice.TROUBLES, ["JKT-001"]),
            (Choice.NEVER, ["MDN-005 Polonia <b>x</b>"]),
        ):
            place = page.choice.findData(choice)
            assert page.choice.itemText(place).endswith(f"({len(names)})")
            page.choice.setCurrentIndex(place)
            assert cells(page, 0) == names
        page.choice.setCurrentIndex(0)
        page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        assert cells(page, 2)[:3] == ["Never seen", "Silent", "Silent"]
        page.search.setText("nothing at all")
        assert page.model.rowCount() == 0
        assert page.table.accessibleDescription()


async def test_channels_are_called_by_their_labels_and_found_by_either_name(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    server.channels["Channel 2"] = ChannelInfo("Channel 2", "Surabaya")
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        assert cells(page, 4)[-1] == "Surabaya"
        for words in ("surabaya", "channel 2 sby"):
            page.search.setText(words)
            assert cells(page, 0) == ["SBY-003"]


async def test_the_keyboard_walks_over_the_squares_and_opens_an_outlet(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        grid = page.grid
        QTest.keyClick(grid, Qt.Key.Key_End)
        assert grid.accessibleDescription().startswith("SBY-003: Silent\n0 of 1 PCs connected")
        QTest.keyClick(grid, Qt.Key.Key_Home)
        QTest.keyClick(grid, Qt.Key.Key_Left)
        assert grid.accessibleDescription().startswith("BDG-002: Partly connected")
        page.search.setText("jkt")
        QTest.keyClick(grid, Qt.Key.Key_Return)
        assert page.search.text() == ""
        assert [row.key for row in page.table.chosen()] == ["BDG-002/a", "BDG-002/b"]  # type: ignore[attr-defined]
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.place_of(4).center())
        assert [row.key for row in page.table.chosen()] == ["SBY-003/a"]  # type: ignore[attr-defined]
        assert grid.outlet_at(QPoint(5000, 0)) is None


async def test_what_changes_keeps_the_selection_and_the_keyboard_s_place(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        page.table.choose(range(3, 4))
        QTest.keyClick(page.grid, Qt.Key.Key_End)
        server.reports += [report("AAA-000/x", server), report("SBY-003/a", server)]
        desk.window.show_page(Page.COMPOSE)
        await shown(desk, 6)
        assert [row.key for row in page.table.chosen()] == ["JKT-001/till-1"]  # type: ignore[attr-defined]
        assert page.grid.accessibleDescription().startswith("SBY-003: Connected")


async def test_a_hidden_page_asks_for_nothing(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.page_reader.EVERY_S", 0.01)
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        server.reports.append(report("AAA-000/x", server))
        await shown(desk, 6)
        desk.window.show_page(Page.COMPOSE)
        server.reports.append(report("AAA-001/x", server))
        await until(lambda: desk.outlets._reader._reading is None)
        assert len(page._seen.outlets) == 6


async def test_a_list_is_imported_after_it_was_said_what_it_changes(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    file = tmp_path / "toko.csv"
    file.write_bytes(
        "Kode Toko;Nama;Saluran\nJKT-001;Kemang;Channel 1|Chanel 9\n;x;\n".encode("utf-16")
    )
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        controller = desk.outlets
        page.search.setFocus()
        task = controller._tasks.spawn(controller.take_file(file), name="test")
        await until(page.question.isVisible)
        words = page.question.sentence.text()
        assert words.startswith("toko.csv has 1 outlet")
        assert "Chanel 9" in words
        assert page.question.details.toPlainText() == "Line 3: the outlet is missing."
        QTest.mouseClick(page.question.no, Qt.MouseButton.LeftButton)
        await task
        assert page.search.hasFocus(), "the keyboard is back where it was"
        assert [one.outlet for one in server.outlets] == ["MDN-005"]
        task = controller._tasks.spawn(controller.take_file(file), name="test")
        await until(page.question.isVisible)
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await task
        assert [one.outlet for one in server.outlets] == ["JKT-001"]
        assert not page.question.isVisible()
        assert page.notice.isVisible()
        assert len(page._seen.outlets) == 4


@pytest.mark.parametrize("content", [None, b"", b";;\n/;/;/\n"])
async def test_a_file_that_is_no_list_is_explained(
    qapp: QApplication, tmp_path: Path, server: FakeServer, content: bytes | None
) -> None:
    file = tmp_path / "x.csv"
    if content is not None:
        file.write_bytes(content)
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        await desk.outlets.take_file(file)
        assert page.notice.text()
        assert not page.question.isVisible()
    assert len(server.outlets) == 1


async def test_retired_pcs_are_removed_after_one_question(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        assert not page.remove.isEnabled()
        page.table.choose(range(4, 6))
        QTest.mouseClick(page.remove, Qt.MouseButton.LeftButton)
        await until(page.question.isVisible)
        assert "MDN-005, SBY-003/a" in page.question.sentence.text()
        QTest.keyClick(page.question.no, Qt.Key.Key_Escape)
        await until(lambda: not page.question.isVisible())
        assert len(server.outlets) == 1
        QTest.mouseClick(page.remove, Qt.MouseButton.LeftButton)
        await until(page.question.isVisible)
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: len(page._seen.outlets) == 3)
        assert server.outlets == []
        assert "SBY-003/a" not in {one.endpoint for one in server.reports}
        assert not page.remove.isEnabled()


async def test_nothing_yet_teaches_and_no_connection_says_so(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting")
    nobody = FakeServer()
    async with open_desk(tmp_path, nobody) as desk:
        desk.window.show_page(Page.OUTLETS)
        page = desk.window.outlets
        await until(page.empty.load.isVisible)
        assert "only outlet is needed" in page.empty.words.text()
    nobody.refuse = RedisUnreachable("fake:6379", "Nothing answers at fake:6379.")
    async with open_desk(tmp_path, nobody) as desk:
        desk.window.show_page(Page.OUTLETS)
        page = desk.window.outlets
        await until(lambda: page.state.text() == "Nothing answers at fake:6379.")
        assert not page.empty.load.isVisible()


async def test_what_was_seen_stays_while_the_connection_is_lost(
    qapp: QApplication,
    tmp_path: Path,
    server: FakeServer,
    log_guard: LogGuard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log_guard.expect("reconnecting")
    monkeypatch.setattr("admin_app.linked.PING_S", 0.01)
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        refused = RedisUnreachable("fake:6379", "Nothing answers at fake:6379.")
        server.refuse = refused

        async def lost(*_: object) -> None:
            raise refused

        monkeypatch.setattr("tests.fakes.FakeConsoleLink.channels", lost)
        await until(lambda: desk.session.status.error is not None)
        desk.window.show_page(Page.COMPOSE)
        desk.window.show_page(Page.OUTLETS)
        await until(page.state.isVisible)
        assert page.state.text().startswith("Not up to date since ")
        assert "Nothing answers at fake:6379." in page.state.text()
        assert page.model.rowCount() == 6


def test_squares_differ_in_shape_and_shrink_until_a_thousand_fit(qapp: QApplication) -> None:
    grey = set()
    for standing in Standing:
        image = square_pixmap(standing, SIZES[-1], 1.0).toImage()
        points = [(x, y) for x in range(SIZES[-1]) for y in range(SIZES[-1])]
        grey.add(tuple(image.pixelColor(x, y).alpha() // 64 for x, y in points))
    assert len(grey) >= 4  # partly is told by the shape of what is filled
    page = OutletsPage()
    page.resize(900, 600)
    server = FakeServer()
    reports = [report(f"JKT-{number:04}/a", server) for number in range(1000)]
    page.show_overview(overview(reports, [], 0))
    page.show()
    grid = page.grid
    assert grid.verticalScrollBar().maximum() == 0
    assert grid.place_of(999).bottom() <= grid.viewport().height()
    assert describe_outlet(page._seen.outlets[0]).startswith("JKT-0000: Connected\n1 of 1 PCs")
    page.hide()
    page.deleteLater()


async def test_who_comes_second_with_a_list_is_asked_again(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    file = tmp_path / "toko.csv"
    file.write_bytes(b"JKT-001\nJKT-002\n")
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        task = desk.outlets._tasks.spawn(desk.outlets.take_file(file), name="test")
        await until(page.question.isVisible)
        assert "2 of them are new." in page.question.sentence.text()
        server.outlets = [ExpectedOutlet(outlet="JKT-002"), ExpectedOutlet(outlet="BDG-001")]
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: page.question.sentence.text().startswith("Somebody else has changed"))
        assert "1 of them is new." in page.question.sentence.text()
        assert [one.outlet for one in server.outlets] == ["JKT-002", "BDG-001"]
        QTest.mouseClick(page.question.yes, Qt.MouseButton.LeftButton)
        await task
        assert [one.outlet for one in server.outlets] == ["JKT-001", "JKT-002"]


async def test_what_is_removed_goes_out_of_a_list_that_just_came_too(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = FakeConsoleLink.write_expected_outlets
    fresh = [ExpectedOutlet(outlet="MDN-005"), ExpectedOutlet(outlet="BDG-001")]

    async def too_late(self: FakeConsoleLink, before: str, outlets: object) -> None:
        monkeypatch.setattr(FakeConsoleLink, "write_expected_outlets", written)
        server.outlets = list(fresh)
        await written(self, before, outlets)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeConsoleLink, "write_expected_outlets", too_late)
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        [row] = [row for row in page._seen.pcs if row.outlet == "MDN-005"]
        await desk.session.forget([row])
    assert [one.outlet for one in server.outlets] == ["BDG-001"]


async def test_while_the_server_is_full_nobody_is_called_off(
    qapp: QApplication, tmp_path: Path, server: FakeServer, log_guard: LogGuard
) -> None:
    """Heartbeats are refused then, and messages go on."""
    log_guard.expect("memory is full")
    server.full = True
    server.now_ms += 600_000
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        await until(lambda: desk.session.full)
        await until(lambda: "memory is full" in page.answer.text())
        standings = {one.outlet: one.standing for one in page._seen.outlets}
        assert standings["JKT-001"] is Standing.CONNECTED
        desk.window.show_page(Page.COMPOSE)
        await until(lambda: desk.window.form.audience.text().endswith("how many are connected"))
