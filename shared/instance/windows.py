"""Single instance on Windows: a named mutex decides, named events carry commands.

Names begin with ``Local\\``, so each login session has its own, with a folder of its own for its
data (``folders``). Beside them each session has one event that begins with ``Global\\``, by which
SYSTEM or an administrator ends the trays of all sessions before an upgrade. It is never closed:
Windows does that at the very end of the process, so as long as it exists, the program's files are
in use. Another user who makes an event of that name first can end this session's tray, or keep the
upgrade waiting; no more than that.

What was answered, the trays of one user's sessions tell each other by files: each has a folder
``answers`` below its own, in which the others leave one file an answer, and then set an event of
its name (``Global\\``, with the default access: this user, SYSTEM). Whoever sets that event only
makes a tray look. Who may write that folder may answer in this user's name; that is
who may write the user's profile, and the inbox itself. Where another user took the event's name
first, answers are found when the tray starts, or Redis tells them. Sessions of *different* users do
not tell each other here: that needs a pipe whose peer's session Windows names, and it could not be
tried. Their messages stay open in each, and quieter ones close by Redis as those of other PCs do.

The calls themselves are in ``windows_api``. No thread waits: the event loop watches the
events (``shared.qt.windows_loop``), as it watches sockets.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import time
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Protocol

from shared.errors import AlreadyRunning, SiaranError
from shared.instance import POLL_S, Command, Outcome, letters, still_there
from shared.instance.answered import LocalAnswer, Told
from shared.instance.folders import Folder, find, noted_session, others, take
from shared.phrases import phrase

log = logging.getLogger(__name__)

TRAY, CONSOLE = "tray", "console"


class Answer(Enum):
    """What became of an attempt to set another process' event."""

    DONE = auto()
    NOBODY = auto()
    REFUSED = auto()


class Api(Protocol):
    """The calls to Windows. A handle of 0 is none."""

    def create_mutex(self, name: str) -> int:
        """A new mutex, 0 if there is one of that name or it cannot be made."""

    def mutex_exists(self, name: str) -> bool:
        """Whether some process holds a handle of it."""

    def create_event(self, name: str) -> int:
        """An event that resets itself, for this user."""

    def create_shared_event(self, name: str) -> int:
        """An event that stays set, which SYSTEM and Administrators may set, too."""

    def signal(self, name: str) -> Answer:
        """Set the event of that name, and keep no handle of it."""

    def event_exists(self, name: str) -> bool:
        """Whether some process holds a handle of it."""

    def watch(self, handle: int, act: Callable[[], None]) -> Callable[[], None]:
        """Call *act* in the running event loop whenever the event is set, until what is returned
        is called. An event that stays set calls it again and again.
        """

    def close(self, handle: int) -> None:
        """Close a handle."""

    def session(self) -> int:
        """This process' login session."""

    def sessions(self) -> list[int]:
        """All login sessions of this PC, or at least every number that may be one."""


class WindowsInstance:
    """Holds the mutex; has the events watched once asked to listen."""

    def __init__(self, api: Api, mutex: int, name: str, data_dir: Path, own: Folder) -> None:
        self.folder = own.path
        self._data_dir = data_dir
        self._own = own
        self._api = api
        self._mutex = mutex
        self._events = [(api.create_event(_event(name, one)), one) for one in Command]
        self._everywhere = api.create_shared_event(quit_event(api.session()))
        if not self._everywhere:
            log.info("this tray cannot be ended from another session")
        self._answered = api.create_event(_answered_event(data_dir, _session(api)))
        self._watches: list[Callable[[], None]] = []
        self.hears_others = False  # not those of other users

    def listen(self, obey: Callable[[Command], None], heard: Callable[[Told], None]) -> None:
        """See ``Instance``; instead of an earlier one."""
        self._stop_listening()

        def look() -> None:
            for answer in letters.collect(self.folder):
                heard(Told(answer))

        watched: list[tuple[int, Callable[[], None]]] = [(self._answered, look)]
        watched += [(handle, partial(obey, command)) for handle, command in self._events]
        self._watches = [self._api.watch(handle, act) for handle, act in watched if handle]
        if self._everywhere:
            end = partial(obey, Command.QUIT)
            self._watches.append(_watch_once(self._api, self._everywhere, end))
        look()

    def is_alone(self) -> bool:
        """See ``Instance``: the trays of other users cannot tell this one, but can be noticed."""
        others = (one for one in self._api.sessions() if one != self._api.session())
        return not any(self._api.event_exists(quit_event(one)) for one in others)

    def tell_others(self, answer: LocalAnswer) -> None:
        """See ``Instance``."""
        for folder in others(self._data_dir, self.folder):
            session = noted_session(folder)
            if session and letters.leave(folder, answer):
                self._api.signal(_answered_event(self._data_dir, session))

    def release(self) -> None:
        """Stop listening and give the right away. Safe to call twice."""
        self._stop_listening()
        self._own.release()
        if self._mutex:
            events = (event for event, _ in self._events)
            for handle in (*events, self._answered, self._mutex):
                if handle:
                    self._api.close(handle)
            self._mutex = 0

    def _stop_listening(self) -> None:
        while self._watches:
            self._watches.pop()()


def _watch_once(api: Api, handle: int, act: Callable[[], None]) -> Callable[[], None]:
    """Watch an event that stays set; returns what ends that, which is safe to call twice."""

    def end() -> None:
        while watches:
            watches.pop()()

    def fired() -> None:
        end()
        act()

    watches = [api.watch(handle, fired)]
    return end


def claim(data_dir: Path, api: Api | None = None) -> WindowsInstance:
    """See ``shared.instance.claim``."""
    api = api or _api()
    name = _name(data_dir)
    mutex = api.create_mutex(name)
    if not mutex:
        raise AlreadyRunning(phrase("Siaran is already running here."))
    try:
        own = take(data_dir, _session(api))
    except SiaranError:
        api.close(mutex)
        raise
    return WindowsInstance(api, mutex, name, data_dir, own)


def folder_of(data_dir: Path, api: Api | None = None) -> Path | None:
    """See ``shared.instance.folder_of``; None: no instance runs."""
    return find(data_dir, _session(api or _api()))


def tell(data_dir: Path, command: Command, timeout_s: float, api: Api | None = None) -> bool:
    """See ``shared.instance.tell``."""
    windows = api or _api()
    name = _name(data_dir)
    deadline = time.monotonic() + timeout_s
    while (answer := windows.signal(_event(name, command))) is not Answer.DONE:
        if not windows.mutex_exists(name):
            return False
        if answer is Answer.REFUSED or time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL_S)  # it is just starting
    if command is Command.QUIT and still_there(
        [lambda: not windows.mutex_exists(name)], deadline - time.monotonic()
    ):
        raise TimeoutError
    return True


def is_running(data_dir: Path, api: Api | None = None) -> bool:
    """See ``shared.instance.is_running``."""
    return (api or _api()).mutex_exists(_name(data_dir))


def obey_quit(ask: Callable[[], None], api: Api | None = None) -> Callable[[], None]:
    """See ``shared.instance.obey_quit``."""
    windows = api or _api()
    everywhere = windows.create_shared_event(quit_event(windows.session(), CONSOLE))
    if not everywhere:
        log.info("this console cannot be ended from another session")
        return lambda: None
    return _watch_once(windows, everywhere, ask)


def quit_consoles(timeout_s: float, api: Api | None = None) -> Outcome:
    """See ``shared.instance.quit_consoles``."""
    return quit_all(timeout_s, api, CONSOLE)


def quit_all(timeout_s: float, api: Api | None = None, program: str = TRAY) -> Outcome:
    """See ``shared.instance.quit_all``; several of one session count as one."""
    windows = api or _api()
    names = {session: quit_event(session, program) for session in windows.sessions()}
    answers = {session: windows.signal(name) for session, name in names.items()}
    asked = [names[one] for one, answer in answers.items() if answer is Answer.DONE]
    refused = [one for one, answer in answers.items() if answer is Answer.REFUSED]
    left = still_there([_gone(windows, name) for name in asked], timeout_s)
    return Outcome(
        len(asked),
        left,
        tuple(
            f"Session {one} is out of reach; only an administrator can end its {program}."
            for one in refused
        ),
    )


def quit_event(session: int, program: str = TRAY) -> str:
    """Name of the event by which the trays (or consoles) of *session* are ended from outside."""
    return f"Global\\Siaran-Quit-{program}-{session}"


def _gone(api: Api, name: str) -> Callable[[], bool]:
    return lambda: not api.event_exists(name)


def _name(data_dir: Path) -> str:
    return f"Local\\Siaran-{_digest(data_dir)}"


def _answered_event(data_dir: Path, session: str) -> str:
    """Name of the event that says: look into your folder of answers."""
    return f"Global\\Siaran-Answered-{_digest(data_dir)}-{session}"


def _digest(data_dir: Path) -> str:
    folder = str(data_dir.resolve()).casefold()
    return hashlib.sha256(folder.encode()).hexdigest()[:16]


def _session(api: Api) -> str:
    """Which login session it is, as ``folders`` writes it down."""
    return f"session {api.session()}"


def _event(name: str, command: Command) -> str:
    return f"{name}-{command}"


def _api() -> Api:
    if sys.platform == "win32":
        from shared.instance.windows_api import WindowsApi

        return WindowsApi()
    raise NotImplementedError
