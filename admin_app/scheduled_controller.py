"""Between the page of scheduled messages and the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QLocale, QObject, QTime, Signal

from admin_app.ahead import StoredSeries, ids_ahead
from admin_app.channels import labels
from admin_app.draft import Every
from admin_app.page_reader import PageReader
from admin_app.recalling import draft_in_place_of
from admin_app.series import Series, covered_until, occurrences, zone_of
from admin_app.session import ConsoleSession
from admin_app.unreadable import Unreadable
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from admin_app.views.scheduled_page import ComingRow, SeriesRow
from admin_app.zones import local_zone, name_of
from shared.bus import ChannelInfo
from shared.errors import SiaranError
from shared.model import Message
from shared.qt.words import channel_names, localized, moment, zone_name
from shared.tasks import TaskBag


class ScheduledController(QObject):
    """Reads what waits while the page is shown, and changes or cancels it.

    ``change_wanted`` carries a draft that takes the place of a message, ``change_series_wanted`` a
    ``StoredSeries``: both are written in the form.
    """

    change_wanted = Signal(object)
    change_series_wanted = Signal(object)

    def __init__(self, window: MainWindow, session: ConsoleSession) -> None:
        super().__init__()
        self._page = window.scheduled
        self._session = session
        self._labels: dict[str, str] = {}
        self._coming: dict[str, Message] = {}
        self._series: dict[str, StoredSeries] = {}
        self._own_zone = ""
        self._reader = PageReader(window, Page.SCHEDULED, session, self._page.state, self._read)
        self._tasks = TaskBag("scheduled page")
        window.page_shown.connect(self._page_shown)
        session.directory_changed.connect(self._take_directory)
        self._page.change_wanted.connect(self._change)
        self._page.change_series_wanted.connect(
            lambda key: self.change_series_wanted.emit(self._series[key])
        )
        self._page.cancel_wanted.connect(self._cancel)
        self._page.end_series_wanted.connect(self._end)
        self._take_directory(session.directory)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._reader.aclose()
        await self._tasks.aclose()

    def _take_directory(self, directory: list[ChannelInfo]) -> None:
        self._labels = dict(labels(directory))

    def _page_shown(self, page: Page | None) -> None:
        if page is Page.SCHEDULED:
            self._page.notice.say("")
            self._page.show_waiting(self.tr("Reading …"))

    async def _read(self) -> Unreadable:
        now = await self._session.time_ms()
        self._coming = {one.id: one for one in await self._session.upcoming()}
        series = await self._session.series()
        self._series = {one.id: one for one in series}
        until = covered_until(now, self._session.retention_ms)
        ours = {
            name
            for one in self._series.values()
            for name in ids_ahead(one, now, self._session.retention_ms)
        }
        self._page.show_coming([self._coming_row(m, ours) for m in self._coming.values()])
        self._own_zone = name_of(local_zone(now))
        rows = [self._series_row(one, now, until) for one in self._series.values()]
        self._page.show_series(rows, self._coverage(until) if rows else "")
        return Unreadable(series=series.unreadable)

    def _coming_row(self, message: Message, recurring: set[str]) -> ComingRow:
        return ComingRow(
            key=message.id,
            due_at=message.due_at(),
            title=message.title,
            where=channel_names(message.channels, self._labels),
            level=message.level,
            recurs=message.id in recurring,
        )

    def _series_row(self, one: StoredSeries, now: int, until: int) -> SeriesRow:
        times = list(occurrences(one.content, now, until))
        content = one.content.content
        return SeriesRow(
            key=one.id,
            title=content.title,
            rhythm=self._rhythm(one.content),
            where=channel_names(content.channels, self._labels),
            level=content.level,
            covered_until=times[-1] if times else None,
        )

    def _rhythm(self, series: Series) -> str:
        names = {
            Every.DAY: self.tr("Every day"),
            Every.WEEKDAY: self.tr("Monday to Friday"),
            Every.WEEK: self.tr("Every {days}").format(days=_days(series.days)),
            Every.MONTH: self.tr("Monthly on day {day}").format(day=series.day),
        }
        zone = _zone(series, self._own_zone)
        words = self.tr("{rhythm} at {time} ({zone})") if zone else self.tr("{rhythm} at {time}")
        return words.format(rhythm=names[series.every], time=_clock(series.at), zone=zone)

    def _coverage(self, until: int) -> str:
        return self.tr(
            "Recurring messages are with the PCs until {time}, whether a console runs or not."
            " Any console that is open sends the next ones ahead."
        ).format(time=moment(until))

    def _change(self, key: str) -> None:
        self._tasks.spawn(self._begin_change(self._coming[key]), name="change")

    async def _begin_change(self, message: Message) -> None:
        try:
            draft = draft_in_place_of(message, await self._session.time_ms())
        except SiaranError as error:
            self._page.notice.say(localized(error), bad=True)
        else:
            self.change_wanted.emit(draft)

    def _cancel(self, keys: Sequence[str]) -> None:
        messages = [self._coming[key] for key in keys]
        titles = "\n".join(message.title for message in messages)
        question = self.tr("Cancel %Ln message(s)? No PC will show them.", "", len(keys))
        act = [lambda one=one: self._session.recall(one) for one in messages]
        done = self.tr("Cancelled.")
        self._tasks.spawn(self._ask_and_do(question, titles, act, done), name="cancel")

    def _end(self, keys: Sequence[str]) -> None:
        some = [self._series[key] for key in keys]
        titles = "\n".join(one.content.content.title for one in some)
        question = self.tr(
            "End %Ln recurring message(s)? What was sent ahead is recalled.", "", len(keys)
        )
        act = [lambda one=one: self._session.delete_series(one) for one in some]
        done = self.tr("Ended.")
        self._tasks.spawn(self._ask_and_do(question, titles, act, done), name="end")

    async def _ask_and_do(
        self,
        question: str,
        details: str,
        acts: Sequence[Callable[[], Awaitable[None]]],
        done: str,
    ) -> None:
        yes, no = self.tr("Yes"), self.tr("No")
        if not await self._page.question.ask(question, yes, no, details):
            return
        failed: SiaranError | None = None
        for act in acts:  # one that cannot be done keeps no other from being done
            try:
                await act()
            except SiaranError as error:
                failed = error
        self._page.notice.say(localized(failed) if failed else done, bad=failed is not None)
        await self._reader.read_now()


def _days(days: Sequence[int]) -> str:
    return ", ".join(QLocale().dayName(day) for day in days)


def _clock(text: str) -> str:
    """``HH:MM`` as people here write it."""
    return QLocale().toString(QTime.fromString(text, "HH:mm"), QLocale.FormatType.ShortFormat)


def _zone(series: Series, own: str) -> str:
    """What to say of the zone of *series* beside its time: nothing if it is *own*, the reader's.

    Indonesia's zones have names that people say anyway; any other is called by its city.
    """
    name = name_of(zone_of(series))
    if not name:
        return _offset(series.offset_minutes)
    city = name.rpartition("/")[2].replace("_", " ")
    return zone_name(name) or ("" if name == own else city)


def _offset(minutes: int) -> str:
    known = {420: "WIB", 480: "WITA", 540: "WIT"}
    sign, rest = "+" if minutes >= 0 else "-", abs(minutes)
    return known.get(minutes, f"UTC{sign}{rest // 60}:{rest % 60:02}")
