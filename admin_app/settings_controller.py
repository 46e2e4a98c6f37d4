"""Between the pages about settings and the configuration behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject

from admin_app.checkup import of_failure
from admin_app.configuration import Changes, Configuration, Entry
from admin_app.views.findings import FindingsList
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from admin_app.views.setting_row import SettingContent
from shared.bus import LinkState, LinkStatus
from shared.errors import BadInput, Problem, SiaranError
from shared.qt.words import head_office, localized, whom_to_ask
from shared.settings import Group, Language, Source, Theme
from shared.tasks import TaskBag

translate = QCoreApplication.translate


class SettingsController(QObject):
    """Connects the settings page and the connection page to the configuration."""

    def __init__(self, window: MainWindow, configuration: Configuration) -> None:
        super().__init__()
        self._window = window
        self._configuration = configuration
        self._tasks = TaskBag("settings pages")
        self._trying: asyncio.Task[None] | None = None
        self._first_answer = True
        self._fill()
        self._connect()

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    def follow(self, status: LinkStatus) -> None:
        """Ask for the connection if the first attempt to use it fails."""
        waiting = status.state is LinkState.CONNECTING
        if status.state is LinkState.CONNECTED and self._window.page is None:
            self._window.show_page(Page.COMPOSE)
        elif self._first_answer and not waiting and status.error is not None:
            self.ask_for_connection()
            self._window.connection.findings.show_findings(
                [of_failure(status.error)] if self._configuration.has_address else []
            )
        self._first_answer = self._first_answer and waiting

    def ask_for_connection(self) -> None:
        """Show the page about the connection."""
        self._window.ask_for_connection()

    # --- the settings page ---

    def _fill(self) -> None:
        configuration, page = self._configuration, self._window.settings
        by_group: dict[Group, list[SettingContent]] = {group: [] for group in Group}
        for entry in configuration.entries():
            by_group[entry.info.group].append(content_of(entry))
        # What the person at the desk wants comes before what IT has set up once.
        ordered = sorted(by_group.items(), key=lambda item: item[0] is not Group.PROGRAM)
        groups = [(_group_name(group), rows) for group, rows in ordered if rows]
        where = self.tr("Your own settings are kept in {file}.").format(
            file=configuration.sources.user_file or "…"
        )
        page.show_settings(groups, where)
        page.allow_password(
            editable=configuration.password_editable(), given=configuration.password_given
        )
        self._fill_connection()

    def _fill_connection(self) -> None:
        configuration, page = self._configuration, self._window.connection
        settings = configuration.settings
        known = configuration.has_address
        page.fill(settings.redis_url if known else "", settings.username, settings.ca_file)
        entry = configuration.entry("redis_url")
        if not entry.editable:
            words = self.tr("Redis' address cannot be changed here ({source}). {ask}")
            source = _source_name(entry.source).lower()
            page.lock(words.format(source=source, ask=whom_to_ask(settings.support)))

    def _connect(self) -> None:
        page, first, link = self._window.settings, self._window.connection, self._window.link
        page.save_wanted.connect(self._save)
        page.test_wanted.connect(self._test)
        first.try_wanted.connect(self._try)
        first.save_wanted.connect(self._save_connection)
        first.later_wanted.connect(self._later)
        link.change_wanted.connect(self.ask_for_connection)

    def _save(self) -> None:
        page = self._window.settings
        self._saved(page.changes(), page.password.text(), page.show_problems, page.notice.say)

    def _test(self) -> None:
        page = self._window.settings
        self._look(page.changes(), page.password.text(), page.findings)

    # --- the connection page ---

    def _later(self) -> None:
        self._window.show_page(Page.COMPOSE)

    def _try(self) -> None:
        page = self._window.connection
        if page.address.text().strip() and page.address.isEnabled():
            self._look(self._connection_changes(), page.password.text(), page.findings)

    def _save_connection(self) -> None:
        page = self._window.connection

        def say(sentence: str, *, bad: bool = False) -> None:
            page.address_field.set_problem(sentence if bad else "")

        self._saved(self._connection_changes(), page.password.text(), page.show_problems, say)

    def _connection_changes(self) -> dict[str, str | None]:
        """What differs from what is set; settings that are locked stay out."""
        found: dict[str, str | None] = {}
        for name, value in self._window.connection.typed().items():
            entry = self._configuration.entry(name)
            first_address = name == "redis_url" and not self._configuration.has_address
            if entry.editable and (value != entry.value or first_address):
                found[name] = value if value else None
        return found

    # --- both ---

    def _saved(
        self,
        changes: Changes,
        password: str,
        show_problems: Callable[[list[Problem]], None],
        say: Callable[..., None],
    ) -> None:
        try:
            show_problems([])
            self._configuration.save(changes, password)
        except BadInput as error:
            show_problems(error.problems)
        except SiaranError as error:
            say(localized(error), bad=True)
        else:
            say(self.tr("Saved."))

    def _look(self, changes: Changes, password: str, where: FindingsList) -> None:
        if self._trying is not None:
            self._trying.cancel()
        self._trying = self._tasks.spawn(self._find(changes, password, where), name="look")

    async def _find(self, changes: Changes, password: str, where: FindingsList) -> None:
        where.show_waiting(self.tr("Trying the connection …"))
        where.show_findings(await self._configuration.look(changes, password))


def content_of(entry: Entry) -> SettingContent:
    """What the row of *entry* shows, in the person's language."""
    info = entry.info
    source = _source_name(entry.source)
    if info.admin and entry.source is not Source.POLICY:
        source = translate("settings", "{source}; for IT to change").format(source=source)
    elif info.restart:
        source = translate("settings", "{source}; a change takes effect at the next start").format(
            source=source
        )
    unnamed = info.name == "sender" and entry.source is Source.DEFAULT
    return SettingContent(
        name=info.name,
        label=translate("settings", info.label),
        help=translate("settings", info.help),
        value=head_office() if unnamed else entry.value,
        source=source,
        editable=entry.editable,
        own=entry.own,
        file=info.name.endswith("_file"),
        choices=_choices(info.type),
    )


def _choices(kind: object) -> list[tuple[str, str]]:
    if kind is Language:
        return [
            (Language.SYSTEM.value, translate("settings", "As the system")),
            (Language.ENGLISH.value, "English"),
            (Language.INDONESIAN.value, "Bahasa Indonesia"),
        ]
    if kind is not Theme:
        return []
    return [
        (Theme.SYSTEM.value, translate("settings", "As the system")),
        (Theme.LIGHT.value, translate("settings", "Light")),
        (Theme.DARK.value, translate("settings", "Dark")),
    ]


def _source_name(source: Source) -> str:
    return {
        Source.POLICY: translate("settings", "Set by your organisation"),
        Source.COMMAND_LINE: translate("settings", "From the command line"),
        Source.ENVIRONMENT: translate("settings", "From the environment"),
        Source.USER: translate("settings", "Set by you"),
        Source.MACHINE: translate("settings", "Set for this PC"),
        Source.DEFAULT: translate("settings", "Default"),
    }[source]


def _group_name(group: Group) -> str:
    return {
        Group.CONNECTION: translate("settings", "Connection to Redis"),
        Group.PROGRAM: translate("settings", "This program"),
        Group.OUTLET: translate("settings", "Outlet"),
        Group.POPUPS: translate("settings", "Messages on the screen"),
        Group.SIGNING: translate("settings", "Signing"),
        Group.RULES: translate("settings", "Rules for all"),
    }[group]
