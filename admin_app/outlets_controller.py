"""Between the page of outlets and the session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from admin_app.channels import labels
from admin_app.outlets import ListChange, PcRow, compare
from admin_app.outlets_file import OutletsFile, read_outlets_file
from admin_app.page_reader import PageReader
from admin_app.session import ConsoleSession
from admin_app.unreadable import Unreadable
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared.bus import ChannelInfo
from shared.errors import ChangedMeanwhile, SiaranError
from shared.qt.dialogs import choose_file
from shared.qt.words import localized
from shared.tasks import TaskBag

log = logging.getLogger(__name__)

MOST_NAMED = 3
"""Things that a sentence names before it says how many more there are."""


class OutletsController(QObject):
    """Keeps the page as the registry is, imports lists and removes what is retired."""

    def __init__(self, window: MainWindow, session: ConsoleSession) -> None:
        super().__init__()
        self._window = window
        self._page = window.outlets
        self._session = session
        self._reader = PageReader(window, Page.OUTLETS, session, self._page.state, self._read)
        self._tasks = TaskBag("outlets page")
        session.directory_changed.connect(self._take_directory)
        self._take_directory(session.directory)
        self._page.import_wanted.connect(self._import)
        self._page.remove_wanted.connect(self._remove)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._reader.aclose()
        await self._tasks.aclose()

    async def take_file(self, path: Path) -> None:
        """Read *path*, say what would change, and take it over if that is wanted."""
        page = self._page
        page.say("")
        try:
            raw = await asyncio.to_thread(path.read_bytes)
            read = await asyncio.to_thread(read_outlets_file, raw)
            if not read.outlets:
                page.say(self._bad_lines(read), bad=True)
            else:
                await self._take_over(path.name, read)
        except SiaranError as error:
            page.say(localized(error), bad=True)
        except OSError as error:
            words = self.tr("{file} cannot be read: {reason}")
            page.say(words.format(file=path.name, reason=error.strerror), bad=True)

    # --- inside ---

    async def _take_over(self, name: str, read: OutletsFile) -> None:
        """Ask and write; ask again if another console has changed the list meanwhile."""
        page, again = self._page, ""
        while True:
            seen = await self._session.outlets()
            change = compare(seen.listed.outlets, read.outlets, self._session.directory)
            if not await page.question.ask(
                again + self._what_changes(name, change, read),
                self.tr("Use this list"),
                self.tr("Cancel"),
                "\n".join(localized(problem.sentence) for problem in read.problems),
            ):
                return None
            try:
                await self._session.write_outlets(seen.listed, read.outlets)
            except ChangedMeanwhile:
                again = self.tr("Somebody else has changed the list meanwhile.") + " "
            else:
                page.say(self.tr("%Ln outlet(s) are expected now.", "", change.total))
                return await self._reader.read_now()

    def _take_directory(self, directory: list[ChannelInfo]) -> None:
        self._page.set_labels(labels(directory))

    async def _read(self) -> Unreadable:
        seen = await self._session.outlets()
        self._page.show_overview(seen)
        return seen.unreadable

    def _import(self) -> None:
        self._tasks.spawn(self._choose_and_take(), name="import")

    async def _choose_and_take(self) -> None:
        kinds = self.tr("Lists (*.csv *.txt *.tsv);;All files (*)")
        path = await choose_file(self._window, self.tr("List of outlets"), kinds)
        if path is not None:
            await self.take_file(path)

    def _what_changes(self, name: str, change: ListChange, read: OutletsFile) -> str:
        parts = [
            self.tr("{file} has %Ln outlet(s).", "", change.total).format(file=name),
            self.tr("%Ln of them are new.", "", change.new),
        ]
        if change.gone:
            parts.append(self.tr("%Ln of the present list are not in it.", "", change.gone))
        if change.strange:
            words = self.tr("It names channels that nobody offers: {names}.")
            parts.append(words.format(names=self._some(change.strange)))
        if read.problems:
            parts.append(self._bad_lines(read))
        return " ".join(parts)

    def _bad_lines(self, read: OutletsFile) -> str:
        if not read.problems:
            return self.tr("There is no outlet in this file.")
        return self.tr("%Ln line(s) cannot be used.", "", len(read.problems))

    def _some(self, names: Sequence[str]) -> str:
        shown = ", ".join(names[:MOST_NAMED])
        more = len(names) - MOST_NAMED
        return shown if more <= 0 else self.tr("{names} and %Ln more", "", more).format(names=shown)

    def _remove(self, rows: list[PcRow]) -> None:
        self._tasks.spawn(self._ask_and_remove(rows), name="remove")

    async def _ask_and_remove(self, rows: list[PcRow]) -> None:
        page = self._page
        page.say("")
        words = self.tr("Remove {names}? A PC that still runs comes back by itself.")
        question = words.format(names=self._some([row.key.rstrip("/") for row in rows]))
        if not await page.question.ask(question, self.tr("Remove"), self.tr("Keep")):
            return
        try:
            await self._session.forget(rows)
        except SiaranError as error:
            page.say(localized(error), bad=True)
        else:
            page.say(self.tr("%Ln PC(s) removed.", "", len(rows)))
            await self._reader.read_now()
