"""What was sent, and the report of one message: what an admin sees while receipts come in."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLineEdit

from admin_app.history import History
from admin_app.report_controller import file_name_of
from admin_app.views.paper import usual_paper
from admin_app.views.printing import choose_printer
from admin_app.views.rail import Page
from admin_app.views.report_pane import View
from admin_app.views.sent_page import SentPage
from shared.errors import RedisUnreachable
from shared.model import Ack, Kind, Level, Message
from shared.qt.message_rows import ROW_ROLE
from shared.receipts import Receipt, Stage
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer, envelope_of, make_message
from tests.gui import pdf_pages
from tests.gui.desk import Desk, open_desk, report


def publish(server: FakeServer, **changes: object) -> Message:
    """Send something a second after what was sent before."""
    server.now_ms += 1000
    message = make_message(**{"sent_at": server.now_ms, **changes})
    for channel in message.channels:
        server.append(channel, envelope_of(message))
    return message


def told(
    message: Message, name: str, *, shown: bool = True, by: str = "", closed: str = ""
) -> Receipt:
    """What *name* reports; acknowledged by the person *by*, if any."""
    at = message.sent_at
    return Receipt(
        message.id,
        at,
        at + 100,
        at + 400 if shown else None,
        at + 5000 if by else None,
        os_user=by,
        closed=closed,
        endpoint=name,
        reply="Done" if by == "ani" else "",
    )


@pytest.fixture
def server() -> FakeServer:
    """Five tills, of which one has never told anything."""
    server = FakeServer()
    server.reports = [report(f"JKT-00{number}/till", server) for number in range(1, 6)]
    return server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for the next look."""
    monkeypatch.setattr("admin_app.sent_controller.NEWS_EVERY_S", 0.02)
    monkeypatch.setattr("admin_app.report_controller.SHOW_EVERY_S", 0.02)
    monkeypatch.setattr("admin_app.reports.TICK_S", 0.02)
    monkeypatch.setattr("admin_app.views.sent_page.TYPING_MS", 1)


def titles(page: SentPage) -> list[str]:
    """What is listed."""
    return [page.model.message(row).title for row in range(page.model.rowCount())]


async def shown(desk: Desk, *wanted: str) -> SentPage:
    """Turn to the page, and wait until these are listed."""
    desk.window.show_page(Page.SENT)
    page = desk.window.sent
    await until(lambda: titles(page) == list(wanted))
    return page


async def opened(desk: Desk, message: Message, pcs: int) -> SentPage:
    """Open the report of *message*, and wait until it lists so many PCs."""
    desk.window.show_page(Page.SENT)
    page = desk.window.sent
    await until(lambda: page.model.row_of(message.id) is not None)
    page.list.setCurrentIndex(page.model.index(page.model.row_of(message.id) or 0))
    await until(lambda: page.report.pcs.total == pcs)
    return page


# --- the list ------------------------------------------------------------------------------------


async def test_what_any_console_sends_appears_on_top_while_the_page_is_open(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    publish(server, title="First")
    publish(server, title="Second", channels=["*"])
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk, "Second", "First")
        publish(server, title="Third", channels=["Channel 2"])
        await until(lambda: titles(page) == ["Third", "Second", "First"])
        assert not page.report.isVisible()
        assert "Choose a message" in page.hint.text()


async def test_each_row_says_how_many_of_the_expected_have_acknowledged(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server, title="Price change", level=Level.URGENT)
    quiet = publish(server, title="For information", ack=Ack.NONE)
    for one in (message, quiet):
        server.expected[one.id] = 5
        server.told[one.id] = [told(one, "JKT-001/till", by="ani"), told(one, "JKT-002/till")]
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk, "For information", "Price change")
        model = page.model
        await until(lambda: model.index(1).data(ROW_ROLE).share is not None)
        assert model.index(1).data(ROW_ROLE).state == "1 of 5"
        assert model.index(1).data(ROW_ROLE).share == pytest.approx(0.2)
        assert model.index(0).data(ROW_ROLE).state == "2 of 5"  # nobody has to acknowledge it
        words = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
        assert words.startswith("Urgent, Price change, Channel 1, ")
        assert words.endswith("1 of 5")


async def test_search_channel_and_level_narrow_the_list_and_nothing_found_teaches(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    publish(server, title="Oil", level=Level.URGENT)
    publish(server, title="Rice", channels=["Channel 2"])
    publish(server, title="Sugar", body="and OIL", channels=["*"])
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk, "Sugar", "Rice", "Oil")
        page.search.setText("oil")
        await until(lambda: titles(page) == ["Sugar", "Oil"])
        page.level.setCurrentIndex(page.level.findData("urgent"))
        await until(lambda: titles(page) == ["Oil"])
        page.search.clear()
        page.level.setCurrentIndex(0)
        page.channel.setCurrentIndex(page.channel.findData("Channel 2"))
        await until(lambda: titles(page) == ["Rice"])
        publish(server, title="Not here")
        publish(server, title="Salt", channels=["Channel 2"])
        await until(lambda: titles(page) == ["Salt", "Rice"])
        page.search.setText("nowhere")
        await until(lambda: "Nothing found" in page.list.accessibleDescription())
        page.time.setCurrentIndex(1)
        assert page.choice().since_ms is not None


async def test_news_of_what_was_looked_for_before_are_not_taken_for_what_is_looked_for_now(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server, title="Rice", channels=["Channel 2"])
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk, "Rice")
        asked, answer = asyncio.Event(), asyncio.Event()
        news = History.news

        async def slow(history: History) -> list[Message]:
            found = await news(history)
            if found:
                asked.set()
                await answer.wait()
            return found

        monkeypatch.setattr(History, "news", slow)
        publish(server, title="Not here")
        await asked.wait()
        page.channel.setCurrentIndex(page.channel.findData("Channel 2"))
        await until(lambda: titles(page) == ["Rice"])
        answer.set()
        publish(server, title="Salt", channels=["Channel 2"])
        await until(lambda: "Salt" in titles(page))
        assert titles(page) == ["Salt", "Rice"]


async def test_what_a_script_sends_to_a_channel_that_nobody_listed_is_found_by_an_open_console(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.linked.PING_S", 0.02)
    publish(server, title="First")
    async with open_desk(tmp_path, server) as desk:
        await shown(desk, "First")
        publish(server, title="Script", channels=["North"])
        server.unlisted["North"] = server.now_ms
        await shown(desk, "Script", "First")


async def test_older_ones_come_as_one_scrolls(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    for number in range(230):
        publish(server, title=str(number), channels=[f"Channel {number % 3 + 1}"])
    async with open_desk(tmp_path, server) as desk:
        desk.window.show_page(Page.SENT)
        page = desk.window.sent
        await until(lambda: page.model.rowCount() >= 50)
        await asyncio.sleep(0.05)
        assert page.model.rowCount() < 230
        for _ in range(230):
            page.list.scrollToBottom()
            await asyncio.sleep(0.01)
            if page.model.complete:
                break
        assert titles(page) == [str(number) for number in range(229, -1, -1)]


async def test_nothing_yet_teaches_and_no_connection_says_so(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting")
    server = FakeServer()
    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk)
        await until(lambda: "What you send appears here" in page.list.accessibleDescription())


async def test_the_list_goes_on_after_the_connection_was_lost(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.sent_controller.AGAIN_S", 0.02)
    publish(server, title="First")
    trouble = RedisUnreachable("fake:6379", "Nothing answers at fake:6379.")

    async def lost(*_: object) -> None:
        raise trouble

    async with open_desk(tmp_path, server) as desk:
        page = await shown(desk, "First")
        with monkeypatch.context() as patch:
            patch.setattr("tests.fakes.FakeConsoleLink.read_logs", lost)
            page.search.setText("fir")
            await until(lambda: "Nothing answers" in page.list.accessibleDescription())
        await until(lambda: titles(page) == ["First"])


# --- the report ----------------------------------------------------------------------------------


async def test_a_report_says_who_has_come_how_far_and_stays_live(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server, title="Price change", replies=["Done", "Later"])
    server.expected[message.id] = 5
    server.told[message.id] = [
        told(message, "JKT-001/till", by="ani"),
        told(message, "JKT-002/till"),
        told(message, "JKT-003/till", shown=False),
    ]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        assert pane.received.accessibleName() == "3 of 5 PCs have received it."
        assert pane.displayed.accessibleName() == "2 of 5 PCs have shown it."
        assert pane.acknowledged.accessibleName() == "1 of 5 PCs have acknowledged it."
        assert pane.answers.text() == "Answers: Done: 1 · Later: 0"
        states = [pane.pcs.index(row, 2).data() for row in range(5)]
        assert states == ["Acknowledged", "Shown", "Received", "Not received", "Not received"]
        server.told[message.id].append(told(message, "JKT-004/till", by="budi"))
        await until(lambda: pane.pcs.index(3, 2).data() == "Acknowledged")
        await until(lambda: pane.acknowledged.accessibleName().startswith("2 of 5"))
        assert pane.chart.sentence().startswith("On the screen: half in ")
        assert pane.chart.accessibleDescription() == pane.speed.text()


async def test_where_an_outlet_answers_once_outlets_are_counted_and_the_rest_need_not_answer(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    server.reports.append(report("JKT-001/other", server))
    message = publish(server, ack=Ack.OUTLET)
    quiet = publish(server, ack=Ack.NONE)
    server.told[message.id] = [
        told(message, "JKT-001/till", by="ani"),
        told(message, "JKT-001/other", by="budi"),
        told(message, "JKT-002/till"),
    ]
    server.places[message.id] = 5
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 6)
        pane = page.report
        await until(lambda: pane.views[View.SILENT].text() == "Not acknowledged (4)")
        assert "1 of 5 outlets have acknowledged it" in pane.acknowledged.accessibleName()
        [*_, curve] = pane.chart._curves
        assert (curve.stage, curve.count, curve.of) == (Stage.ACKNOWLEDGED, 1, 5)
        QTest.mouseClick(pane.views[View.SILENT], Qt.MouseButton.LeftButton)
        await until(lambda: pane.outlets.rowCount() == 4)
        assert pane.outlets_table.isVisible()
        assert {row.outlet for row in pane.outlets.shown} == {f"JKT-00{n}" for n in range(2, 6)}
        QTest.mouseClick(pane.remind, Qt.MouseButton.LeftButton)
        await until(pane.question.isVisible)
        assert "in the 4 outlets" in pane.question.sentence.text()
        QTest.mouseClick(pane.question.no, Qt.MouseButton.LeftButton)
        QTest.mouseClick(pane.views[View.OUTLETS], Qt.MouseButton.LeftButton)
        await until(lambda: pane.outlets.rowCount() == 5)
        QTest.mouseClick(pane.views[View.SILENT], Qt.MouseButton.LeftButton)
        await opened(desk, quiet, 6)
        assert not pane.acknowledged.isVisible()
        assert not pane.views[View.SILENT].isVisible()
        assert pane.view is View.PCS


async def test_who_has_not_is_one_click_away_and_an_outlet_is_a_row(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [told(message, "JKT-001/till", by="ani")]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        assert pane.views[View.SILENT].text() == "Not acknowledged (4)"
        QTest.mouseClick(pane.views[View.SILENT], Qt.MouseButton.LeftButton)
        assert pane.pcs.rowCount() == 4
        pane.pcs_table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        assert pane.pcs.index(0, 0).data() == "JKT-005"
        pane.search.setText("003")
        assert pane.pcs.rowCount() == 1
        pane.search.clear()
        QTest.mouseClick(pane.views[View.OUTLETS], Qt.MouseButton.LeftButton)
        await until(lambda: pane.outlets.rowCount() == 5)
        assert pane.outlets.index(0, 4).data() == "1"
        assert pane.outlets_table.isVisible()


async def test_a_report_that_nobody_sees_asks_for_nothing(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, other = publish(server), publish(server)
    asked: list[str] = []
    before = FakeServer.counts

    def counts(self: FakeServer, message_id: str) -> object:
        asked.append(message_id)
        return before(self, message_id)

    monkeypatch.setattr(FakeServer, "counts", counts)
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        monkeypatch.setattr(page, "visible_rows", lambda: range(0))  # rows are another matter
        page.list.setCurrentIndex(page.model.index(0))
        await until(lambda: asked[-5:] == [other.id] * 5)
        desk.window.show_page(Page.COMPOSE)
        await asyncio.sleep(0.05)
        asked.clear()
        await asyncio.sleep(0.1)
        assert asked == []
        desk.window.show_page(Page.SENT)
        await until(lambda: other.id in asked)
        assert message.id not in asked


async def test_those_who_have_not_are_reminded_after_one_question(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [told(message, "JKT-001/till", by="ani")]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        QTest.mouseClick(pane.remind, Qt.MouseButton.LeftButton)
        await until(pane.question.isVisible)
        assert "on the 4 PCs" in pane.question.sentence.text()
        QTest.mouseClick(pane.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: pane.notice.text().startswith("Reminded."))
        assert server.reminded
        await until(lambda: "Last reminded at" in pane.remarks.text())
        assert titles(page) == ["Title"]  # a reminder is no message of its own
    assert Kind.REMIND.value in str(server.logs["Channel 1"][-1].envelope)


async def test_a_message_is_recalled_after_one_question_and_the_report_says_where(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [
        told(message, "JKT-001/till", shown=False, closed="recalled"),
        told(message, "JKT-002/till", closed="recalled"),
    ]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        assert "on 1 it was on the screen already" in pane.remarks.text()
        QTest.mouseClick(pane.recall, Qt.MouseButton.LeftButton)
        await until(pane.question.isVisible)
        QTest.mouseClick(pane.question.yes, Qt.MouseButton.LeftButton)
        await until(lambda: pane.notice.text().startswith("Recalled."))
        assert pane.fate.text().startswith("Recalled at ")
        assert not pane.recall.isEnabled()
        assert not pane.remind.isEnabled()
        row = page.model.index(0).data(ROW_ROLE)
        assert row.over
        assert row.details.startswith("Recalled ")
    assert Kind.RECALL.value in str(server.logs["Channel 1"][-1].envelope)


async def test_a_replaced_message_says_by_which_and_the_newer_what_it_replaces(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    old = publish(server, title="Old")
    server.sent[old.id] = [server.logs["Channel 1"][-1].id]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, old, 5)
        assert not page.report.fate.isVisible()
        new = publish(server, title="New", replaces=old.id)  # by another console
        await until(lambda: titles(page) == ["New", "Old"])
        rows = [page.model.index(row).data(ROW_ROLE) for row in range(2)]
        assert [row.over for row in rows] == [False, True]
        assert rows[0].details.startswith("Replaces “Old” · ")
        assert "by “New” · " in rows[1].details
        words = page.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
        assert "Replaced " in words
        await until(lambda: "by “New”." in page.report.fate.text())
        assert page.report.title.font().strikeOut()
        await opened(desk, new, 5)
        await until(lambda: "took the place of “Old”" in page.report.fate.text())
        assert not page.report.title.font().strikeOut()
        assert page.report.recall.isEnabled()


async def test_what_cannot_be_reminded_of_is_explained(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server, level=Level.SILENT)
    no_answer = publish(server, ack=Ack.NONE)
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        QTest.mouseClick(pane.remind, Qt.MouseButton.LeftButton)
        await until(pane.question.isVisible)
        QTest.mouseClick(pane.question.yes, Qt.MouseButton.LeftButton)
        await until(pane.notice.isVisible)
        assert "silent" in pane.notice.text()
        await opened(desk, no_answer, 5)
        assert not pane.remind.isVisible()
        assert not pane.notice.isVisible()


async def test_a_report_is_saved_for_a_spreadsheet(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [told(message, "JKT-001/till", by="=cmd|x")]
    file = tmp_path / "report.csv"
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        await desk.report.save(file)
        assert page.report.notice.text() == "Saved as report.csv."
        await desk.report.save(tmp_path / "Report.PDF")
        assert (tmp_path / "Report.PDF").read_bytes().startswith(b"%PDF-")
        await desk.report.save(tmp_path / "no folder" / "x.csv")
        assert "cannot be written" in page.report.notice.text()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert len(rows) == 6
    assert rows[1][0] == "JKT-001"
    assert "'=cmd|x" in rows[1]


async def test_a_report_is_printed_as_chosen_in_the_systems_dialog(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [told(message, "JKT-001/till")]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        choosing = asyncio.create_task(choose_printer(desk.window, "Print the report"))
        dialog = await until(lambda: next(iter(print_dialogs()), None))
        assert dialog.windowTitle() == "Print the report"
        fill_in(dialog, tmp_path / "printed.pdf")
        printer = await choosing
        assert printer is not None
        await desk.report.print_on(printer)
        assert page.report.notice.text() == "Saved as printed.pdf."
    assert pdf_pages.texts(tmp_path / "printed.pdf")[0].count("JKT-") == 5


async def test_a_printed_report_is_the_saved_one_and_small_paper_is_refused(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    message = publish(server)
    server.told[message.id] = [told(message, "JKT-001/till")]
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setPageSize(QPageSize(usual_paper()))
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        await desk.report.print_on(printer)
        assert page.report.notice.text() == "Saved as printed.pdf."
        await desk.report.save(tmp_path / "saved.pdf")
        printer.setOutputFileName(str(tmp_path / "label.pdf"))
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A8))
        await desk.report.print_on(printer)
        assert page.report.notice.text() == "This paper is too small for a report."
        assert page.report.print.isEnabled()
    [printed], [saved] = (pdf_pages.texts(tmp_path / name) for name in ("printed.pdf", "saved.pdf"))
    assert printed == saved
    assert printed.count("JKT-") == 5


async def test_whoever_closes_the_dialog_prints_nothing(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    async with open_desk(tmp_path, server) as desk:
        choosing = asyncio.create_task(choose_printer(desk.window, "Print the report"))
        dialog = await until(lambda: next(iter(print_dialogs()), None))
        dialog.reject()
        assert await choosing is None
        assert print_dialogs() == []


async def test_a_pc_without_a_printer_says_so_and_what_helps(
    qapp: QApplication, tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", "/nowhere/cups.sock")
    message = publish(server)
    async with open_desk(tmp_path, server) as desk:
        pane = (await opened(desk, message, 5)).report
        QTest.keyClick(pane, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: pane.notice.text().startswith("This PC has no printer."))
        assert "Save …" in pane.notice.text()
        assert print_dialogs() == []


def print_dialogs() -> list[QPrintDialog]:
    """Those that are open."""
    windows = QApplication.topLevelWidgets()
    return [one for one in windows if isinstance(one, QPrintDialog) and one.isVisible()]


def fill_in(dialog: QPrintDialog, file: Path) -> None:
    """Print to *file*, as the dialog offers on Linux where there is no printer."""
    place = dialog.findChild(QLineEdit, "filename")
    buttons = dialog.findChild(QDialogButtonBox)
    assert isinstance(place, QLineEdit)
    assert isinstance(buttons, QDialogButtonBox)
    place.setText(str(file))
    buttons.button(QDialogButtonBox.StandardButton.Ok).click()


async def test_nothing_in_a_report_is_taken_for_markup(
    qapp: QApplication, tmp_path: Path, server: FakeServer
) -> None:
    markup = "<img src=x> <b>y</b>"
    message = publish(server, title=markup, body=markup, sender=markup)
    server.told[message.id] = [told(message, "JKT-001/till", by=markup)]
    async with open_desk(tmp_path, server) as desk:
        page = await opened(desk, message, 5)
        pane = page.report
        assert pane.title.whole() == markup
        assert pane.body.toPlainText() == markup
        assert markup in pane.details.whole()
        assert pane.pcs.index(0, 7).data() == markup
        assert "<img" not in (pane.pcs.index(0, 6).data(Qt.ItemDataRole.ToolTipRole) or "")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Price change", "Price change"),
        ('a/b\\c:d*e?"<>|', "a b c d e"),
        ("...", "report"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_file_is_named_after_the_message(title: str, name: str) -> None:
    assert file_name_of(make_message(title=title)) == name
