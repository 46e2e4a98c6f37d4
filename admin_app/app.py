"""The console put together: the only module that sees all of its parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from admin_app.controller import Controller
from admin_app.draft import DraftFile
from admin_app.models import SentModel
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from admin_app.views.main_window import MainWindow
from shared import __version__
from shared.bus import ConsoleBus, NoBus
from shared.errors import BadInput, Problem
from shared.keys import Keys
from shared.logs import set_up
from shared.qt.icons import app_icon
from shared.qt.runner import QuitRequest, make_application, run
from shared.redis_bus import RedisConsoleBus, address_from
from shared.settings import Loaded, Settings
from shared.signing import Signer
from shared.signing_key import load_signer
from shared.tasks import TaskBag

log = logging.getLogger(__name__)
WINDOW_FILE = "window.bin"


class ConsoleApp:
    """All objects of one running console."""

    def __init__(self, loaded: Loaded, folder: Path, environ: Mapping[str, str]) -> None:
        settings = loaded.settings
        sent = SentModel()
        self._window_file = folder / WINDOW_FILE
        problems = list(loaded.problems)
        sender = Sender(settings, _signer(settings, problems))
        self.session = ConsoleSession(_bus(settings, environ), sender)
        self.window = MainWindow(sent)
        self.controller = Controller(self.window, self.session, sent, DraftFile(folder))
        self._tasks = TaskBag("console")
        for problem in problems:
            log.warning("%s", problem.sentence)
        if problems:
            self.window.form.say(" ".join(one.sentence for one in problems), bad=True)

    def start(self) -> None:
        """Show the window and connect, in the running event loop."""
        if self._window_file.exists():
            self.window.restore(self._window_file.read_bytes())
        self.window.show()
        self._tasks.spawn(self.session.run(), name="session")

    async def aclose(self) -> None:
        """Stop everything, in order: views, link, window."""
        await self.controller.aclose()
        await self._tasks.aclose()
        try:
            self._window_file.write_bytes(self.window.geometry_state())
        except OSError as error:
            log.warning("window place not kept: %s", error)
        self.window.hide()
        self.window.deleteLater()


Started = Callable[[ConsoleApp, QuitRequest], None]


def run_console(
    loaded: Loaded,
    folder: Path,
    environ: Mapping[str, str],
    *,
    started: Started | None = None,
) -> int:
    """Run the console until its window is closed; *started* is called once everything runs."""
    set_up(folder / "logs", "console")
    app = make_application("Siaran", "siaran-console", loaded.settings.theme)
    app.setWindowIcon(app_icon())
    log.info("siaran-console %s starts", __version__)

    async def main(quit_request: QuitRequest) -> int:
        console = ConsoleApp(loaded, folder, environ)
        console.window.close_wanted.connect(quit_request.ask)
        console.start()
        if started is not None:
            started(console, quit_request)
        try:
            await quit_request.wait()
        finally:
            await console.aclose()
            log.info("siaran-console ends")
        return 0

    return run(app, main)


def _signer(settings: Settings, problems: list[Problem]) -> Signer | None:
    if not settings.signing_key_file:
        return None
    try:
        return load_signer(Path(settings.signing_key_file), settings.namespace)
    except BadInput as error:
        problems += error.problems
        return None


def _bus(settings: Settings, environ: Mapping[str, str]) -> ConsoleBus:
    try:
        return RedisConsoleBus(address_from(settings, environ), Keys(settings.namespace))
    except BadInput as error:
        return NoBus(error)
