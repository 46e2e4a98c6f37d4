"""Between the report of the chosen message and what Redis knows of it.

A report lives while it is seen: another message, another page or a closed window ends its questions
to Redis. What comes in is shown a few times a second at most, however many receipts arrive.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPageSize

from admin_app.channels import labels
from admin_app.export import ENCODING, to_csv
from admin_app.models import SentModel
from admin_app.reports import Report
from admin_app.session import ConsoleSession
from admin_app.unreadable import Unreadable
from admin_app.views.fate_words import fate_sentence, replaces_sentence
from admin_app.views.main_window import MainWindow
from admin_app.views.paper import PaperTooSmall, usual_paper, write_pdf
from admin_app.views.rail import Page
from admin_app.views.report_pages import ReportPages
from shared.errors import SiaranError
from shared.model import Message
from shared.qt.dialogs import choose_place
from shared.qt.words import localized
from shared.tasks import TaskBag, sleep_unless

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

log = logging.getLogger(__name__)

SHOW_EVERY_S = 0.5
"""How often the tables are brought up to date while something changes."""


class ReportController(QObject):
    """Opens, shows and closes reports, saves them, and reminds those who have not answered."""

    def __init__(self, window: MainWindow, session: ConsoleSession, sent: SentModel) -> None:
        super().__init__()
        self._window = window
        self._page = window.sent
        self._pane = window.sent.report
        self._session = session
        self._sent = sent
        self._report: Report | None = None
        self._following: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._tasks = TaskBag("report")
        self._original: Message | None = None
        window.page_shown.connect(self._page_shown)
        self._page.message_chosen.connect(self._open)
        self._pane.view_changed.connect(self._show_view)
        self._pane.export_wanted.connect(self._export)
        self._pane.print_wanted.connect(self._print)
        self._pane.remind_wanted.connect(self._remind)
        self._pane.recall_wanted.connect(self._recall)
        sent.modelReset.connect(self._choose_again)
        sent.rowsInserted.connect(self._choose_again)
        sent.dataChanged.connect(self._show_fate)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    async def save(self, path: Path, paper: QPageSize.PageSizeId | None = None) -> None:
        """Write the report to *path*; as PDF on *paper*, by default that of this country."""
        if self._report is None:
            return
        try:
            if path.suffix.lower() == ".pdf":
                await self._work_off(write_pdf(self._pages(), path, paper or usual_paper()))
            else:
                text = await asyncio.to_thread(to_csv, list(self._report.rows.values()))
                await asyncio.to_thread(path.write_text, text, ENCODING, newline="")
        except OSError as error:
            words = self.tr("{file} cannot be written: {reason}")
            said = words.format(file=path.name, reason=error.strerror)
            self._pane.say(said, bad=True)
        else:
            self._pane.say(self.tr("Saved as {file}.").format(file=path.name))

    async def print_on(self, printer: QPrinter) -> None:
        """Print the report on *printer* with what was chosen for it."""
        from admin_app.views.printing import print_pages

        if self._report is None:
            return
        try:
            await self._work_off(print_pages(self._pages(), printer))
        except PaperTooSmall:
            self._pane.say(self.tr("This paper is too small for a report."), bad=True)
        except OSError:
            self._pane.say(self.tr("The printer did not take the report."), bad=True)
        else:
            said = self.tr("Sent to the printer {name}.").format(name=printer.printerName())
            if file := printer.outputFileName():
                said = self.tr("Saved as {file}.").format(file=Path(file).name)
            self._pane.say(said)

    # --- inside ---

    async def _work_off(self, steps: Iterator[None]) -> None:
        """Make pages, step by step between the events of the window."""
        self._pane.say(self.tr("Preparing the pages …"))
        self._pane.set_busy(True)
        try:
            for _ in steps:
                await asyncio.sleep(0)
        finally:
            self._pane.set_busy(False)

    def _pages(self) -> ReportPages:
        assert self._report is not None
        return ReportPages(
            self._report.message,
            labels(self._session.directory),
            self._report.figures,
            [row for row in self._report.known() if row.pending],
            self._pane.fate.text(),
        )

    def _open(self, message_id: str) -> None:
        if self._report is not None and self._report.message.id == message_id:
            return
        row = self._sent.row_of(message_id)
        if row is None:
            return
        message = self._sent.message(row)
        self._report = self._session.report(message)
        self._original = None
        self._pane.show_message(message, labels(self._session.directory))
        self._show_fate()
        self._page.show_report(there=True)
        self._follow()

    def _page_shown(self, page: Page | None) -> None:
        if page is Page.SENT:
            self._follow()
        else:
            self._stop()

    def _stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None

    def _follow(self) -> None:
        self._stop()
        if self._report is not None:
            self._following = self._tasks.spawn(self._keep_up(self._report), name="follow")

    async def _keep_up(self, report: Report) -> None:
        self._changed.clear()
        report.figures_changed.connect(self._pane.show_figures)
        report.rows_changed.connect(self._note)
        report.trouble_changed.connect(self._show_state)
        report.unreadable_changed.connect(self._show_state)
        self._pane.show_figures(report.figures)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._find_original(report.message))
                group.create_task(report.run())
                group.create_task(self._keep_showing(report))
        finally:
            report.figures_changed.disconnect(self._pane.show_figures)
            report.rows_changed.disconnect(self._note)
            report.trouble_changed.disconnect(self._show_state)
            report.unreadable_changed.disconnect(self._show_state)

    async def _find_original(self, message: Message) -> None:
        """Look for what *message* has replaced, which may be far down the list."""
        if message.replaces and self._original is None:
            try:
                self._original = await self._session.find(message.replaces)
            except SiaranError as error:
                log.info("%s not found: %s", message.replaces, error)
            self._show_fate()

    def _show_fate(self) -> None:
        if self._report is None:
            return
        message, original = self._report.message, self._original
        fate = self._sent.fate(message)
        sentences = [fate_sentence(fate)]
        if message.replaces:
            title, at = (original.title, original.sent_at) if original else ("", None)
            sentences.append(replaces_sentence(title, at))
        said = " ".join(one for one in sentences if one)
        if (said, fate.over) != (self._pane.fate.text(), self._pane.over):
            self._pane.show_fate(said, over=fate.over)

    def _note(self, rows: object) -> None:
        del rows
        self._changed.set()

    async def _keep_showing(self, report: Report) -> None:
        complete = False
        while True:
            self._changed.clear()
            complete = report.complete
            await self._show(report)
            while not self._changed.is_set() and report.complete == complete:
                await sleep_unless(self._changed, SHOW_EVERY_S)
            await asyncio.sleep(SHOW_EVERY_S if complete else 0.1)

    async def _show(self, report: Report) -> None:
        self._pane.show_rows(list(report.rows.values()), complete=report.complete)
        await asyncio.sleep(0)  # the window may do something in between
        if self._pane.lists_outlets:
            self._pane.show_outlets(report.outlets())

    def _show_view(self) -> None:
        if self._report is not None and self._pane.lists_outlets:
            self._pane.show_outlets(self._report.outlets())

    def _show_state(self, change: object) -> None:
        """Say that the report is old, or that it lacks something."""
        del change
        report, state = self._report, self._pane.state
        if report is None:
            return
        if report.trouble is not None:
            state.stale(localized(report.trouble), report.read_at)
        else:
            state.fresh(Unreadable(receipts=report.unreadable).sentence)

    def _choose_again(self) -> None:
        """Mark the row of the message whose report is open, when it is in the list (again)."""
        if self._report is None or self._page.chosen():
            return
        row = self._sent.row_of(self._report.message.id)
        if row is not None:
            self._page.list.setCurrentIndex(self._sent.index(row))

    def _export(self) -> None:
        self._tasks.spawn(self._choose_and_save(), name="export")

    async def _choose_and_save(self) -> None:
        if self._report is None:
            return
        name = file_name_of(self._report.message)
        papers = {
            self.tr("Pages to print, A4"): QPageSize.PageSizeId.A4,
            self.tr("Pages to print, Letter"): QPageSize.PageSizeId.Letter,
        }
        usual = usual_paper()
        kinds = {self.tr("Table for a spreadsheet"): "csv"}
        kinds |= dict.fromkeys(sorted(papers, key=lambda words: papers[words] != usual), "pdf")
        chosen = await choose_place(self._window, self.tr("Save the report"), name, kinds)
        if chosen is not None:
            path, kind = chosen
            await self.save(path, papers.get(kind))

    def _print(self) -> None:
        self._tasks.spawn(self._choose_and_print(), name="print")

    async def _choose_and_print(self) -> None:
        from admin_app.views.printing import any_printer, choose_printer

        if not any_printer():
            words = self.tr(
                "This PC has no printer. Use Save … to make a PDF and print it elsewhere."
            )
            self._pane.say(words, bad=True)
            return
        printer = await choose_printer(self._window, self.tr("Print the report"))
        if printer is not None:
            await self.print_on(printer)

    def _remind(self) -> None:
        self._tasks.spawn(self._ask_and_remind(), name="remind")

    async def _ask_and_remind(self) -> None:
        report, pane = self._report, self._pane
        if report is None:
            return
        pane.say("")
        question = self.tr(
            "Show it again on the %Ln PC(s) where nobody has acknowledged it?", "", report.silent
        )
        if report.figures.by_outlet:
            question = self.tr(
                "Show it again in the %Ln outlet(s) where nobody has acknowledged it?",
                "",
                report.silent,
            )
        yes, no = self.tr("Remind them"), self.tr("Leave them")
        if not await pane.question.ask(question, yes, no):
            return
        pane.remind.setEnabled(False)
        try:
            await self._session.remind(report.message)
        except SiaranError as error:
            pane.say(localized(error), bad=True)
        else:
            pane.say(self.tr("Reminded. Whoever acknowledges it now disappears from this list."))
        finally:
            pane.allow()

    def _recall(self) -> None:
        self._tasks.spawn(self._ask_and_recall(), name="recall")

    async def _ask_and_recall(self) -> None:
        report, pane = self._report, self._pane
        if report is None:
            return
        pane.say("")
        question = self.tr("Recall this message? Open popups close, and no PC shows it any more.")
        if not await pane.question.ask(question, self.tr("Recall"), self.tr("Keep")):
            return
        try:
            await self._session.recall(report.message)
        except SiaranError as error:
            pane.say(localized(error), bad=True)
        else:
            pane.say(self.tr("Recalled. PCs that are off now never show it."))


def file_name_of(message: Message) -> str:
    """``Price change``, without what no file system takes."""
    words = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", message.title)
    return " ".join(words.split())[:60].strip(" .") or "report"
