"""Running one coroutine as a Qt program, from the first window to an orderly end.

asyncio runs on Qt's own loop (qasync), in the GUI thread. Nothing in Siaran ends the program by
``QApplication.quit()``: by then the loop is ending and no clean-up can be awaited. Instead
everything that wants an end (menu, window, signal, the system's session end) sets the quit request,
``main`` awaits it and returns when it has tidied up.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from shared import __version__
from shared.qt.event_loop import EventLoop
from shared.qt.garbage import GuiThreadCollector
from shared.qt.language import speak
from shared.qt.theme import apply, draw_edges
from shared.settings import Language, Theme

log = logging.getLogger(__name__)

SESSION_END_MS = 4_000
"""How long the end of a session is held up; Windows ends what takes more than 5 seconds."""


class Application(QApplication):
    """The one application of a program. ``quit_wanted``: the system wants it to end.

    Not by an event filter: one on the application sees every event of every object, and for Qt's
    own objects, which have no Python type, PySide searches and thereby makes all types that it has.
    In a tray at rest that was 2 MiB.
    """

    quit_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        """Swallow the system's Quit and pass it on as a wish."""
        if event.type() == QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        return super().event(event)


class QuitRequest(QObject):
    """Somebody wants the program to end: a person, a signal, the system."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__()
        self._event = asyncio.Event()
        assert isinstance(app, Application)
        app.quit_wanted.connect(self.ask)

    def ask(self) -> None:
        """Ask for the end; more than once is fine."""
        self._event.set()

    async def wait(self) -> None:
        """Wait until somebody asks."""
        await self._event.wait()


Main = Callable[[QuitRequest], Coroutine[object, object, int]]


def make_application(
    program_name: str,
    desktop_name: str,
    theme: Theme = Theme.SYSTEM,
    language: Language = Language.SYSTEM,
) -> QApplication:
    """Create the one QApplication. Closing windows never ends it."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    _name_for_the_task_bar(desktop_name)
    app = Application([program_name])
    app.setQuitOnLastWindowClosed(False)
    app.setApplicationName(program_name)  # a display name would be added to every title
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(desktop_name)
    apply(app, theme)
    app.styleHints().colorSchemeChanged.connect(lambda: draw_edges(app))
    speak(app, language)
    return app


def _name_for_the_task_bar(desktop_name: str) -> None:
    """Let Windows group a program's windows with its shortcut, which the installer names so."""
    if sys.platform == "win32":
        from ctypes import WinDLL, c_wchar_p  # of pywin32, only the large win32com has it

        set_id = WinDLL("shell32").SetCurrentProcessExplicitAppUserModelID
        set_id.argtypes = [c_wchar_p]
        set_id(desktop_name.title().replace("-", "."))


def run(app: QApplication, main: Main) -> int:
    """Run *main* until it returns; its value is the exit code."""
    sys.excepthook = _log_uncaught
    # What the modules hold, some 55,000 objects, lives as long as the program. Looking through it
    # at every full collection held up the window for 50 ms.
    gc.freeze()
    if sys.platform == "win32":
        GuiThreadCollector(app)
    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        return runner.run(_with_signals(app, main))


async def _with_signals(app: QApplication, main: Main) -> int:
    quit_request = QuitRequest(app)
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        from shared.qt.windows_console import obey_console

        obey_console(partial(loop.call_soon_threadsafe, quit_request.ask))
    else:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, quit_request.ask)
    task = asyncio.current_task()
    assert task is not None
    app.aboutToQuit.connect(partial(_finish, task, quit_request))
    return await main(quit_request)


def _finish(main: asyncio.Task[int], quit_request: QuitRequest) -> None:
    """End *main* before Windows ends the process.

    Qt says ``aboutToQuit`` while it answers WM_ENDSESSION, the last message of a session. Windows
    need not let a program go on once that is answered, so it is answered when all is put away. The
    end of the asyncio loop ends Qt's loops, this one with them.
    """
    if main.done():
        return
    quit_request.ask()
    waiting = QEventLoop()
    QTimer.singleShot(SESSION_END_MS, waiting, waiting.quit)
    waiting.exec()


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    log.critical("uncaught error in a slot", exc_info=(kind, error, traceback))
