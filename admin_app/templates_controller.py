"""Between the templates in Redis and the form."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QDate, QLocale, QObject, QTime

from admin_app.page_reader import bring_up_to_date
from admin_app.session import ConsoleSession
from admin_app.templates import StoredTemplate, Template, names, rebased
from admin_app.unreadable import Unreadable
from admin_app.views.compose import ComposeForm
from shared.bus import LinkState, LinkStatus
from shared.documents import Entries
from shared.errors import SiaranError
from shared.qt.dialogs import confirm
from shared.qt.words import localized
from shared.tasks import TaskBag


class TemplatesController(QObject):
    """Offers the templates that Redis has, and keeps the form as one of them."""

    def __init__(self, form: ComposeForm, session: ConsoleSession) -> None:
        super().__init__()
        self._form = form
        self._bar = form.templates
        self._session = session
        self._templates: Entries[StoredTemplate] = Entries()
        asked = form.templates.fill.lines  # a draft that was kept asks again
        self._chosen: Template | None = Template.of(form.draft(), "") if asked else None
        """What was chosen, as the admin has edited it since: with its placeholders."""
        self._values: dict[str, str] = {}
        self._tasks = TaskBag("templates")
        session.status_changed.connect(self._status_changed)
        self._bar.about_to_open.connect(self._load)
        self._bar.wanted.connect(self._use)
        self._bar.delete_wanted.connect(self._delete)
        self._bar.save_wanted.connect(self._save)
        self._bar.fill.changed.connect(self._fill)
        form.cleared.connect(self._forget)
        form.begun.connect(self._forget)
        self._status_changed(session.status)

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    def _status_changed(self, status: LinkStatus) -> None:
        if status.state is LinkState.CONNECTED:
            self._load()

    def _load(self) -> None:
        self._tasks.spawn(self._read(), name="read")

    async def _read(self) -> None:
        await bring_up_to_date(self._bar.state, self._take)

    async def _take(self) -> Unreadable:
        found = await self._session.templates()
        if found != self._templates:
            self._templates = found
            self._bar.set_names(names(found))
        return Unreadable(templates=found.unreadable)

    def _use(self, place: int) -> None:
        self._chosen = template = self._templates[place].content
        self._values = {}
        known = {"date": _today(), "time": _now()}
        wanted = template.placeholders()
        self._form.notice.say("")
        self._form.show_template(template)
        self._bar.chose(template.name, wanted, {n: known[n] for n in wanted if n in known})
        self._fill()

    def _fill(self) -> None:
        if self._chosen is not None:
            self._chosen = self._edited(self._chosen)
            self._values = self._bar.fill.values()
            self._form.show_texts(self._chosen.filled(self._values))

    def _edited(self, template: Template) -> Template:
        """*template* with what was written into the form by hand."""
        now = self._form.draft()
        return msgspec.structs.replace(
            template,
            title=rebased(template.title, self._values, now.title),
            body=rebased(template.body, self._values, now.body),
        )

    def _forget(self) -> None:
        self._chosen = None
        self._bar.close_strips()

    def _save(self, name: str) -> None:
        template = Template.of(self._form.draft(), name)
        if self._chosen is not None:  # its placeholders stay what they are
            texts = self._edited(self._chosen)
            template = msgspec.structs.replace(template, title=texts.title, body=texts.body)
        self._tasks.spawn(self._ask_and_save(template), name="save")

    async def _ask_and_save(self, template: Template) -> None:
        notice = self._form.notice
        try:
            await self._read()
            same = _named(self._templates, template.name)
            if same is not None and not await self._may_replace(template.name):
                return
            base = StoredTemplate("", template)
            if same is not None:
                base = StoredTemplate(same.id, template, same.stored)
            await self._session.save_template(base)
            self._bar.naming.hide()
            notice.say(self.tr("The template {name} is saved.").format(name=template.name))
            await self._read()
        except SiaranError as error:
            notice.say(localized(error), bad=True)

    async def _may_replace(self, name: str) -> bool:
        question = self.tr("Replace the template {name}?").format(name=name)
        details = self.tr("All consoles share it.")
        return await confirm(
            self._form, question, details, self.tr("Replace"), self.tr("Keep it as it is")
        )

    def _delete(self, place: int) -> None:
        self._tasks.spawn(self._ask_and_delete(self._templates[place]), name="delete")

    async def _ask_and_delete(self, one: StoredTemplate) -> None:
        name = one.content.name
        question = self.tr("Delete the template {name}?").format(name=name)
        details = self.tr("It is gone from all consoles then.")
        if not await confirm(self._form, question, details, self.tr("Delete"), self.tr("Keep it")):
            return
        try:
            await self._session.delete_template(one)
            self._form.notice.say(self.tr("The template {name} is deleted.").format(name=name))
            await self._read()
        except SiaranError as error:
            self._form.notice.say(localized(error), bad=True)


def _named(templates: Sequence[StoredTemplate], name: str) -> StoredTemplate | None:
    wanted = name.casefold().strip()
    return next((one for one in templates if one.content.name.casefold() == wanted), None)


def _today() -> str:
    return QLocale().toString(QDate.currentDate(), QLocale.FormatType.LongFormat)


def _now() -> str:
    return QLocale().toString(QTime.currentTime(), QLocale.FormatType.ShortFormat)
