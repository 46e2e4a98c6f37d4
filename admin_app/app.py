"""The console put together: the only module that sees all of its parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from admin_app.audience_controller import AudienceController
from admin_app.channels_controller import ChannelsController
from admin_app.checkup import Finding
from admin_app.clock_file import keep_clock, load_clock
from admin_app.configuration import Configuration
from admin_app.controller import Controller
from admin_app.draft import DraftFile
from admin_app.look import look
from admin_app.models import SentModel
from admin_app.outlets_controller import OutletsController
from admin_app.report_controller import ReportController
from admin_app.safety_controller import SafetyController
from admin_app.scheduled_controller import ScheduledController
from admin_app.sending import Sender
from admin_app.sent_controller import SentController
from admin_app.session import ConsoleSession
from admin_app.settings_controller import SettingsController
from admin_app.templates_controller import TemplatesController
from admin_app.views import arrangement
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from shared import __version__, held_files
from shared.bus import ConsoleBus, NoBus
from shared.clock import RedisClock
from shared.errors import BadInput, Problem
from shared.event_log import Event, event
from shared.instance import obey_quit
from shared.keys import Keys
from shared.logs import set_up
from shared.phrases import together
from shared.private import make_private, write_private
from shared.qt.icons import app_icon
from shared.qt.language import speak
from shared.qt.runner import QuitRequest, make_application, run
from shared.qt.theme import apply
from shared.qt.words import head_office
from shared.redis_bus import RedisConsoleBus, address_from
from shared.settings import Loaded, Settings, Source, Strictest
from shared.settings_watch import EVERY_S, SettingsWatch
from shared.signing_key import signer_of
from shared.sources import Sources
from shared.tasks import TaskBag

log = logging.getLogger(__name__)
WINDOW_FILE = "window.json"


class ConsoleApp:
    """All objects of one running console."""

    def __init__(self, configuration: Configuration) -> None:
        settings, folder = spoken(configuration), configuration.folder
        sent = SentModel()
        self.configuration = configuration
        self._window_file = folder / WINDOW_FILE
        problems = list(configuration.loaded.problems)
        self._clock = load_clock(folder)
        sender = _sender(configuration.loaded, settings, problems, self._clock)
        bus = _bus(configuration.loaded, configuration.environ)
        self.session = ConsoleSession(bus, sender)
        self.window = MainWindow(sent)
        self.controller = Controller(
            self.window,
            self.session,
            DraftFile(folder),
            undo_s=settings.undo_seconds,
            sender=settings.sender,
        )
        self.templates = TemplatesController(self.window.form, self.session)
        self.audience = AudienceController(self.window, self.session)
        self.sent = SentController(self.window, self.session, sent)
        self.report = ReportController(self.window, self.session, sent)
        self.scheduled = ScheduledController(self.window, self.session)
        self.scheduled.change_wanted.connect(self.controller.change_message)
        self.scheduled.change_series_wanted.connect(self.controller.change_series)
        self.channels = ChannelsController(self.window, self.session)
        self.outlets = OutletsController(self.window, self.session)
        self.settings = SettingsController(self.window, configuration)
        self.safety = SafetyController(
            self.window, self.session, unsigned=not settings.signing_key_file
        )
        self._controllers = (
            *(self.controller, self.templates, self.scheduled, self.channels),
            *(self.audience, self.sent, self.report, self.outlets, self.settings),
            self.safety,
        )
        self.session.status_changed.connect(self.settings.follow)
        self._tasks = TaskBag("console")
        for problem in problems:
            log.warning("%s", problem.sentence, extra=event(Event.SETTING_WRONG))
        if problems:
            self.window.form.notice.say(together(*(one.sentence for one in problems)), bad=True)

    def start(self, page: Page = Page.COMPOSE) -> None:
        """Show the window and connect, in the running event loop."""
        with suppress(OSError):
            arrangement.restore(self.window, held_files.read_bytes(self._window_file))
        self.window.show_page(page)
        self.window.show()
        self._tasks.spawn(self.session.run(), name="session")

    async def aclose(self) -> None:
        """Stop everything, in order: views, link, window."""
        for controller in self._controllers:
            await controller.aclose()
        await self._tasks.aclose()
        keep_clock(self.configuration.folder, self._clock)
        try:
            write_private(self._window_file, arrangement.kept(self.window))
        except OSError as error:
            log.warning("window place not kept: %s", error)
        self.window.hide()
        self.window.deleteLater()


Started = Callable[[ConsoleApp, QuitRequest], None]


def run_console(
    sources: Sources,
    folder: Path,
    environ: Mapping[str, str],
    *,
    started: Started | None = None,
) -> int:
    """Run the console until its window is closed.

    When other settings are in force, because somebody saved some or IT pushed a policy, the console
    is put together anew with them. *started* is called each time that everything runs.
    """
    with suppress(OSError):  # what does not work is said where something is to be kept
        make_private(folder)
    set_up(folder / "logs", "console")
    configuration = configure(sources, folder, environ)
    app = make_application("Siaran", "siaran-console", configuration.settings.theme)
    app.setWindowIcon(app_icon())
    log.info("siaran-console %s starts", __version__, extra=event(Event.STARTED))

    async def main(quit_request: QuitRequest) -> int:
        now: Configuration | None = configuration
        page: Page | None = Page.COMPOSE
        stop = obey_quit(quit_request.ask)
        while now is not None:
            apply(app, now.settings.theme)
            speak(app, now.settings.language)
            console = ConsoleApp(now)
            now = await one_life(console, quit_request, page, started)
            page = console.window.page
        stop()
        log.info("siaran-console ends", extra=event(Event.ENDED))
        return 0

    return run(app, main)


def spoken(configuration: Configuration) -> Settings:
    """The settings; a sender that nobody has named has a name in the language of the windows."""
    settings = configuration.settings
    if configuration.loaded.origins["sender"] is Source.DEFAULT:
        return msgspec.structs.replace(settings, sender=head_office())
    return settings


def configure(sources: Sources, folder: Path, environ: Mapping[str, str]) -> Configuration:
    """The configuration with the real Redis behind it."""
    return Configuration(sources, folder, environ, check=address_from, look=_look)


async def one_life(
    console: ConsoleApp,
    quit_request: QuitRequest,
    page: Page | None = Page.COMPOSE,
    started: Started | None = None,
    *,
    every_s: float = EVERY_S,
) -> Configuration | None:
    """Run *console* until it has to end (None) or other settings are in force (those)."""
    before = console.configuration
    watch = SettingsWatch(before.sources.load, every_s)
    before.saved.connect(watch.look_now)
    console.window.close_wanted.connect(quit_request.ask)
    console.start(page or Page.COMPOSE)
    if started is not None:
        started(console, quit_request)
    try:
        fresh = await watch.changed_before(quit_request.wait(), before.loaded)
        if fresh is None:
            return None
        return configure(before.sources, before.folder, before.environ)
    finally:
        await console.aclose()


async def _look(settings: Settings, environ: Mapping[str, str]) -> Sequence[Finding]:
    return await look(RedisConsoleBus(address_from(settings, environ), _keys(settings)), settings)


def _sender(
    loaded: Loaded, settings: Settings, problems: list[Problem], clock: RedisClock
) -> Sender:
    """A sender that signs as *settings* say; one that cannot sign as it should sends nothing."""
    refusal = loaded.refusal(Strictest.NO_SENDING)
    if refusal is not None:
        return Sender(settings, clock=clock, refusal=refusal)
    try:
        return Sender(settings, signer_of(settings), clock=clock)
    except BadInput as error:
        problems += error.problems
        return Sender(settings, clock=clock, refusal=error)


def _bus(loaded: Loaded, environ: Mapping[str, str]) -> ConsoleBus:
    refusal = loaded.refusal(Strictest.NO_CONNECTION)
    if refusal is not None:
        return NoBus(refusal)
    try:
        return RedisConsoleBus(address_from(loaded.settings, environ), _keys(loaded.settings))
    except BadInput as error:
        return NoBus(error)


def _keys(settings: Settings) -> Keys:
    return Keys(settings.namespace)
