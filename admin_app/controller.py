"""Between the form and the session: what happens when the admin sends something."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
from PySide6.QtCore import QDateTime, QObject, Qt, QTimer

from admin_app.ahead import USUAL_LIFE_MS, StoredSeries, draft_of, opened_series, series_of
from admin_app.channels import labels
from admin_app.draft import Draft, DraftFile, problems_of
from admin_app.look_of import content_of
from admin_app.sending import Sent
from admin_app.series import occurrences
from admin_app.session import ConsoleSession
from admin_app.templates import Template
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from admin_app.zones import local_zone, wall_time
from shared.bus import ChannelInfo
from shared.errors import BadInput, SiaranError
from shared.model import ALL_CHANNELS, DAY_MS, LOUD_LEVELS, Message, new_message_id
from shared.qt.dialogs import confirm
from shared.qt.popup import Popup
from shared.qt.words import channel_names, level_name, localized, moment
from shared.tasks import TaskBag, first_of
from shared.text import safe_line

SAVE_DRAFT_AFTER_MS = 500
YEAR_MS = 366 * DAY_MS
LEAVES_WITHIN_S = 5.0
"""How long a closing window waits for a message that was about to leave."""


class Controller(QObject):
    """Connects one window to one session."""

    def __init__(
        self,
        window: MainWindow,
        session: ConsoleSession,
        drafts: DraftFile,
        *,
        undo_s: int = 0,
        sender: str = "",
    ) -> None:
        super().__init__()
        self._window = window
        self._session = session
        self._drafts = drafts
        self._undo_s = undo_s
        self._sender = sender
        self.trial: Popup | None = None
        """The popup that shows on this PC what is being written."""
        self._undone = asyncio.Event()
        self._leave_now = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        self._last: Message | None = None
        self._despite_clock = False
        """Whether the admin has said that a message leaves although Redis' clock is in doubt."""
        self._tasks = TaskBag("console window")
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(SAVE_DRAFT_AFTER_MS)
        self._save.timeout.connect(self.save_draft)
        self._connect()
        window.form.show_draft(drafts.load())
        kept = drafts.aside.load()
        self._aside = kept if kept.written else None
        """A message that waits while something else is changed."""
        self._say_task(window.form.draft())
        self._show_preview()

    def save_draft(self) -> None:
        """Keep what the form holds."""
        self._drafts.save(self._window.form.draft())

    async def aclose(self) -> None:
        """Let a message leave that was about to, stop what else is under way, keep the draft."""
        self._save.stop()
        self._end_trial()
        if self._leaving is not None:
            self._leave_now.set()
            await asyncio.wait({self._leaving}, timeout=LEAVES_WITHIN_S)
        self.save_draft()
        await self._tasks.aclose()

    def change_message(self, draft: Draft) -> None:
        """Write *draft*, which takes the place of a message, in the form."""
        self._begin(draft)

    def change_series(self, one: StoredSeries) -> None:
        """Write what *one* sends in the form."""
        self._tasks.spawn(self._begin_change(one), name="change series")

    async def _begin_change(self, one: StoredSeries) -> None:
        """What comes next is asked of Redis' clock: by one that is ahead, days were left out."""
        try:
            now = await self._session.time_ms()
        except SiaranError:
            now = QDateTime.currentMSecsSinceEpoch()
        first = next(occurrences(one.content, now, now + YEAR_MS), now)
        self._begin(
            msgspec.structs.replace(
                draft_of(one.id, one.content, first),
                id=new_message_id(),
                every=one.content.every,
                series=one.id,
                series_before=one.stored,
            )
        )
        self._window.form.more.open()

    def _begin(self, draft: Draft) -> None:
        form = self._window.form
        self._set_aside(form.draft())
        form.begun.emit()
        form.show_draft(draft)
        form.notice.say("")
        self._say_task(draft)
        self._window.show_page(Page.COMPOSE)
        self._save.start()

    def _set_aside(self, draft: Draft) -> None:
        """Keep a message that somebody was writing until what is begun now is done."""
        if draft.written and draft.place == (None, ""):
            self._aside = draft
            self._drafts.aside.save(draft)

    def _bring_back(self) -> None:
        """Go on with the message that was set aside, when the form is free."""
        if self._aside is None or self._window.form.draft().written:
            return
        self._window.form.show_draft(self._aside)
        self._forget_aside()
        self.save_draft()

    def _forget_aside(self) -> None:
        self._aside = None
        self._drafts.aside.save(Draft())

    def _drop_task(self) -> None:
        self._window.form.clear_for_next()
        self._bring_back()

    def _say_task(self, draft: Draft) -> None:
        """Say what the form is used for, if not for a new message; also after a restart."""
        words = ""
        if draft.series_before is not None:
            words = self.tr("This changes the recurring message “{title}”.")
        elif draft.replaces is not None:
            words = self.tr("This takes the place of “{title}”.")
        self._window.form.task.say(words.format(title=safe_line(draft.title, 60)))

    def _connect(self) -> None:
        form, session = self._window.form, self._session
        form.send_wanted.connect(self._send)
        form.undo.clicked.connect(self._undone.set)
        form.recall.clicked.connect(self._recall)
        form.follow.clicked.connect(self._show_report)
        form.task.dropped.connect(self._drop_task)
        form.edited.connect(self._save.start)
        form.edited.connect(self._show_preview)
        form.cleared.connect(self._show_preview)
        form.try_here.clicked.connect(self._try_here)
        session.status_changed.connect(self._window.link.set_status)
        session.directory_changed.connect(self._show_channels)
        self._window.link.set_status(session.status)
        self._show_channels(session.directory)

    def _show_channels(self, directory: list[ChannelInfo]) -> None:
        self._labels = labels(directory)
        offered = [info for info in directory if not info.retired]
        self._window.form.set_channels(labels(offered))
        self._show_preview()

    def _show_preview(self) -> None:
        form = self._window.form
        form.preview.show_content(content_of(form.draft(), self._sender, self._labels))

    def _try_here(self) -> None:
        """Open the popup on this PC, as the tray would; nothing is sent."""
        self._end_trial()
        content = content_of(self._window.form.draft(), self._sender, self._labels)
        self.trial = trial = Popup(content)
        for done in (trial.acknowledged, trial.replied, trial.postponed, trial.acted):
            done.connect(self._end_trial)
        trial.present(self._window.screen())

    def _end_trial(self) -> None:
        if self.trial is not None:
            self.trial.withdraw()
            self.trial = None

    def _send(self) -> None:
        form = self._window.form
        if not form.send.isEnabled():
            return
        missing = form.unfilled()
        if missing:
            form.notice.say(self.tr("Fill in {name} first.").format(name=missing[0]), bad=True)
            form.templates.fill.lines[missing[0]].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        draft = form.draft()
        if draft.every is not None and not draft.series:
            form.begin_series(new_message_id())
            draft = form.draft()
        problems = problems_of(draft)
        form.show_problems(problems)
        if problems:
            form.notice.say("")
            return
        self._last = None
        form.set_sending(sending=True)
        self._tasks.spawn(self._ask_and_send(draft), name="send")

    async def _ask_and_send(self, draft: Draft) -> None:
        form = self._window.form
        try:
            if not await self._meant(draft):
                return
            self._leaving = asyncio.current_task()
            if not await self._held(draft):
                form.notice.say(self.tr("Not sent. You can change it and send it again."))
                return
            done = await self._leave(draft)
            form.left(draft)
            if self._aside is not None and self._aside.id == draft.id:
                self._forget_aside()
            self._bring_back()
            form.notice.say(done)
            self.save_draft()
        except BadInput as error:
            form.show_problems(error.problems)
        except SiaranError as error:
            form.notice.say(self.tr("Not sent. {reason}").format(reason=localized(error)), bad=True)
        finally:
            form.set_sending(sending=False)
        if self._last is not None:
            form.offer_recall()

    async def _leave(self, draft: Draft) -> str:
        """Send *draft*, or begin or change a series with it; return what to say of it."""
        if draft.every is None:
            sent = await self._session.send(draft, despite_clock=self._despite_clock)
            self._last = sent.message
            done = self._sentence(sent)
            if not draft.series:
                return done
            return f"{done} {await self._end_series(opened_series(draft))}".rstrip()
        show_at = draft.show_at or 0
        first = wall_time(show_at, local_zone(show_at))
        life = min(USUAL_LIFE_MS, self._session.retention_ms)
        series = series_of(draft, draft.every, first, life_ms=life)
        one = StoredSeries(draft.series, series, draft.series_before)
        saved = await self._session.save_series(one)
        due = next(occurrences(saved.content, 0, saved.content.begins_at + YEAR_MS), None)
        words = self.tr("It recurs from {time} on. “Scheduled” shows what is sent ahead.")
        return words.format(time=moment(due or saved.content.begins_at, zone=True))

    def _show_report(self) -> None:
        """Go to what was sent last."""
        self._window.show_page(Page.SENT)
        if self._last is not None:
            self._window.sent.choose(self._last.id)

    async def _end_series(self, one: StoredSeries) -> str:
        """It is not to recur any more; return what to say if it does. The message has left."""
        try:
            await self._session.delete_series(one)
        except SiaranError as error:
            words = self.tr("It still recurs, too: end it in “Scheduled”. {reason}")
            return words.format(reason=localized(error))
        return ""

    def _recall(self) -> None:
        message, self._last = self._last, None
        self._window.form.recall.hide()
        if message is not None:
            self._tasks.spawn(self._take_back(message), name="recall")

    async def _take_back(self, message: Message) -> None:
        notice = self._window.form.notice
        try:
            await self._session.recall(message)
        except SiaranError as error:
            notice.say(self.tr("Not recalled. {reason}").format(reason=localized(error)), bad=True)
        else:
            words = self.tr("“{title}” is recalled: open popups close, and no other PC shows it.")
            notice.say(words.format(title=safe_line(message.title, 60)))

    async def _held(self, draft: Draft) -> bool:
        """Give the admin a moment to take *draft* back; False: it was. A loud one never waits."""
        if draft.level in LOUD_LEVELS:
            return True
        self._undone.clear()
        try:
            for left in range(self._undo_s, 0, -1):
                self._window.form.show_hold(left)
                events = (self._undone.wait(), self._leave_now.wait(), asyncio.sleep(1))
                ended = await first_of(*events)
                if ended == 1:
                    break
                if self._undone.is_set():  # also if the time ended in the same moment
                    return False
            return True
        finally:
            self._window.form.end_hold()

    async def _meant(self, draft: Draft) -> bool:
        """Ask once before a message goes to everybody or interrupts people."""
        to_all = ALL_CHANNELS in draft.channels
        open_ends = Template.of(draft, "").placeholders()
        doubt = self._session.clock_doubt
        self._despite_clock = doubt is not None
        if not (to_all or draft.level in LOUD_LEVELS or open_ends or doubt):
            return True
        where = channel_names(draft.channels, self._labels)
        question = self.tr("Send to {where} as {level}?").format(
            where=where, level=level_name(draft.level)
        )
        count = await self._session.count_connected(draft.channels)
        details = [draft.title, *self._particulars(draft)]
        if open_ends:
            words = self.tr("Not filled in: {names}.")
            details.append(words.format(names=", ".join(f"{{{name}}}" for name in open_ends)))
        if count is not None:
            details.append(self._connected(count))
        if doubt is not None:
            details.append(localized(doubt))
        yes, no = self.tr("Send"), self.tr("Back to the message")
        return await confirm(self._window, question, "\n".join(details), yes, no)

    def _particulars(self, draft: Draft) -> Iterator[str]:
        """What about *draft* would surprise whoever has forgotten that it is set."""
        if draft.show_at is not None:
            due = moment(draft.show_at, zone=True)
            yield self.tr("It will be shown at {time}.").format(time=due)
        if draft.every is not None:
            how_often = self._window.form.more.repeat.currentText()
            yield self.tr("It is repeated: {how_often}.").format(how_often=how_often)
        if draft.drill:
            yield self.tr("It is a drill.")

    def _sentence(self, sent: Sent) -> str:
        where = channel_names(sent.message.channels, self._labels)
        done = self.tr("Sent to {where} at {time}.").format(
            where=where, time=moment(sent.message.sent_at, zone=True)
        )
        if sent.message.show_at is not None:
            due = moment(sent.message.show_at, zone=True)
            return f"{done} {self.tr('It will be shown at {time}.').format(time=due)}"
        if sent.connected is None:
            return done
        if sent.connected == 0:
            stored = self.tr(
                "No PC is connected now; the message is stored and shown when they come back."
            )
            return f"{done} {stored}"
        return f"{done} {self._connected(sent.connected)}"

    def _connected(self, count: int) -> str:
        return self.tr("%Ln PC(s) are connected now.", "", count)
