"""Single instance on Windows, on a stand-in for its named objects: several sessions and users.

The real ones, of one session: ``tests/gui/test_windows_objects.py``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from shared.errors import AlreadyRunning, StorageError
from shared.instance import Command, Outcome, letters
from shared.instance.answered import LocalAnswer, Told
from shared.instance.windows import (
    Answer,
    WindowsInstance,
    claim,
    folder_of,
    is_running,
    obey_quit,
    quit_all,
    quit_consoles,
    quit_event,
    tell,
)
from tests.conftest import until

SYSTEM = "SYSTEM"


class Thing:
    """A kernel object; it lives while there are handles of it."""

    def __init__(self, owner: str, *, stays: bool = False, shared: bool = False) -> None:
        self.owner = owner
        self.stays = stays
        self.shared = shared
        self.is_set = False
        self.handles = 0
        self.look: list[Callable[[], None]] = []
        """What those who watch it do when it may have been set."""

    def lets(self, user: str) -> bool:
        """Whether *user* may open it."""
        return user == self.owner or (self.shared and user == SYSTEM)


class Windows:
    """One PC: its named objects, and its login sessions."""

    def __init__(self, sessions: Sequence[int] = (0, 1, 2)) -> None:
        self.lock = threading.RLock()
        self.names: dict[str, Thing] = {}
        self.session_ids = list(sessions)

    def live(self, name: str) -> Thing | None:
        """The object of that name, if anybody has a handle of it."""
        thing = self.names.get(name)
        return thing if thing is not None and thing.handles else None


class Process:
    """``shared.instance.windows.Api`` for one process on that PC."""

    def __init__(self, windows: Windows, session: int, user: str = "") -> None:
        self.windows = windows
        self.user = user or f"user {session}"
        self._session = session
        self._handles: dict[int, Thing] = {}
        self._ends: list[Callable[[], None]] = []
        self._last = 0

    def end(self) -> None:
        """What Windows does at the end of a process."""
        for end in self._ends:
            end()
        for handle in list(self._handles):
            self.close(handle)

    def create_mutex(self, name: str) -> int:
        name = self._full(name)
        return 0 if self.windows.live(name) else self._create(name, Thing(self.user))

    def mutex_exists(self, name: str) -> bool:
        return self.windows.live(self._full(name)) is not None

    def create_event(self, name: str) -> int:
        return self._create(self._full(name), Thing(self.user))

    def create_shared_event(self, name: str) -> int:
        return self._create(name, Thing(self.user, stays=True, shared=True))

    def signal(self, name: str) -> Answer:
        thing = self.windows.live(self._full(name))
        if thing is None:
            return Answer.NOBODY
        if not thing.lets(self.user):
            return Answer.REFUSED
        self._set(thing)
        return Answer.DONE

    def event_exists(self, name: str) -> bool:
        return self.windows.live(self._full(name)) is not None

    def watch(self, handle: int, act: Callable[[], None]) -> Callable[[], None]:
        assert handle, "0 is no handle"
        loop, thing = asyncio.get_running_loop(), self._handles[handle]

        def look() -> None:
            if later in thing.look and thing.is_set:
                thing.is_set = thing.stays
                act()
                if thing.stays:
                    loop.call_soon(look)

        def later() -> None:
            loop.call_soon_threadsafe(look)

        def end() -> None:
            if later in thing.look:
                thing.look.remove(later)

        thing.look.append(later)
        self._ends.append(end)
        later()
        return end

    def close(self, handle: int) -> None:
        with self.windows.lock:
            self._handles.pop(handle).handles -= 1

    def session(self) -> int:
        return self._session

    def sessions(self) -> list[int]:
        return self.windows.session_ids

    def _create(self, name: str, fresh: Thing) -> int:
        there = self.windows.live(name)
        if there is not None and not there.lets(self.user):
            return 0
        self.windows.names[name] = thing = there or fresh
        return self._handle(thing)

    def _handle(self, thing: Thing) -> int:
        self._last += 1
        self._handles[self._last] = thing
        thing.handles += 1
        return self._last

    def _set(self, thing: Thing) -> None:
        with self.windows.lock:
            thing.is_set = True
            for later in list(thing.look):
                later()

    def _full(self, name: str) -> str:
        return name.replace("Local\\", f"Session {self._session}\\")


@pytest.fixture
def windows() -> Windows:
    """A PC with three login sessions."""
    return Windows()


class Tray:
    """A tray in one session: ends as the real one does, when it is told to quit."""

    def __init__(self, windows: Windows, session: int, folder: Path, user: str = "") -> None:
        self.process = Process(windows, session, user)
        self.instance: WindowsInstance = claim(folder, self.process)
        self.obeyed: list[Command] = []
        self.heard: list[Told] = []
        self.stays = False

    def listen(self) -> None:
        """Begin to obey."""
        self.instance.listen(self._obey, self.heard.append)

    def end(self) -> None:
        """Leave in order; the process ends after that."""
        self.instance.release()
        self.instance.release()
        self.process.end()

    def _obey(self, command: Command) -> None:
        self.obeyed.append(command)
        if command is Command.QUIT and not self.stays:
            self.end()


@pytest.fixture
def tray(windows: Windows, tmp_path: Path) -> Iterator[Tray]:
    """A tray in session 1."""
    tray = Tray(windows, 1, tmp_path)
    yield tray
    tray.end()


def test_one_per_folder_and_session(windows: Windows, tray: Tray, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        claim(tmp_path, Process(windows, 1))
    for other in (Tray(windows, 2, tmp_path), Tray(windows, 1, tmp_path / "other")):
        other.end()
    assert is_running(tmp_path, Process(windows, 1))
    tray.end()
    assert not is_running(tmp_path, Process(windows, 1))
    assert not tell(tmp_path, Command.SHOW, 1, Process(windows, 1))


def test_a_tray_of_another_session_is_noticed_whoever_s_it_is(
    windows: Windows, tmp_path: Path
) -> None:
    one = Tray(windows, 1, tmp_path, "kasir")
    assert one.instance.is_alone()
    other = Tray(windows, 2, tmp_path / "other", "sari")
    assert not one.instance.is_alone()
    assert not other.instance.is_alone()
    other.end()
    assert one.instance.is_alone()
    one.end()


ANSWER = LocalAnswer("01a20000-0000-7000-8000-000000000001", 1_800_000_000_000, "Ya")


async def test_the_sessions_of_one_user_tell_each_other_of_answers(
    windows: Windows, tmp_path: Path
) -> None:
    one, two = (Tray(windows, number, tmp_path, "kasir") for number in (1, 2))
    other = Tray(windows, 3, tmp_path / "other", "sari")
    for tray in (one, two, other):
        tray.listen()
    assert not one.instance.hears_others, "not those of other users"
    one.instance.tell_others(ANSWER)
    await until(lambda: two.heard == [Told(ANSWER)])
    two.instance.tell_others(ANSWER)
    await until(lambda: one.heard == [Told(ANSWER)])
    assert (len(two.heard), other.heard) == (1, [])
    assert letters.collect(tmp_path) == letters.collect(two.instance.folder) == []
    for tray in (one, two, other):
        tray.end()


async def test_what_was_told_while_a_tray_was_starting_is_found(
    windows: Windows, tmp_path: Path
) -> None:
    one, two = (Tray(windows, number, tmp_path, "kasir") for number in (1, 2))
    one.instance.tell_others(ANSWER)
    garbage = tmp_path / "session-2" / "answers" / "0.answer"
    garbage.write_bytes(b"answered " + b"[" * 100_000)
    two.listen()
    assert two.heard == [Told(ANSWER)]
    assert not garbage.exists()
    for _ in range(2 * letters.MOST):
        letters.leave(tmp_path, ANSWER)
    assert len(list((tmp_path / "answers").iterdir())) == letters.MOST
    for tray in (one, two):
        tray.end()


async def test_setting_the_event_alone_says_nothing(windows: Windows, tmp_path: Path) -> None:
    tray = Tray(windows, 1, tmp_path, "kasir")
    tray.listen()
    [name] = [one for one in windows.names if "Answered" in one]
    Process(windows, 2, "kasir").signal(name)
    assert Process(windows, 2, "sari").signal(name) is Answer.REFUSED
    assert await asyncio.to_thread(tell, tmp_path, Command.SHOW, 5, Process(windows, 1, "kasir"))
    await until(lambda: tray.obeyed == [Command.SHOW])
    assert tray.heard == []
    tray.end()


def test_two_sessions_of_one_user_have_a_folder_each(windows: Windows, tmp_path: Path) -> None:
    one, two = Tray(windows, 1, tmp_path, "kasir"), Tray(windows, 2, tmp_path, "kasir")
    assert [tray.instance.folder for tray in (one, two)] == [tmp_path, tmp_path / "session-2"]
    assert folder_of(tmp_path, Process(windows, 2, "kasir")) == tmp_path / "session-2"
    one.end()
    three = Tray(windows, 3, tmp_path, "kasir")
    assert three.instance.folder == tmp_path
    for tray in (two, three):
        tray.end()
    assert folder_of(tmp_path, Process(windows, 2, "kasir")) is None


def test_a_folder_that_cannot_be_used_leaves_nothing_taken(
    windows: Windows, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    process = Process(windows, 1)
    with pytest.raises(StorageError):
        claim(tmp_path / "file", process)
    assert not is_running(tmp_path / "file", process)


async def test_commands_reach_it_also_while_it_is_starting_and_after_it_listens_anew(
    windows: Windows, tray: Tray, tmp_path: Path
) -> None:
    assert tell(tmp_path, Command.SHOW, 5, Process(windows, 1))
    tray.listen()
    await until(lambda: tray.obeyed == [Command.SHOW])
    tray.listen()
    assert await asyncio.to_thread(tell, tmp_path, Command.QUIT, 20, Process(windows, 1))
    assert tray.obeyed == [Command.SHOW, Command.QUIT]


async def test_quit_of_one_that_stays_is_a_timeout(
    windows: Windows, tray: Tray, tmp_path: Path
) -> None:
    tray.stays = True
    tray.listen()
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(tell, tmp_path, Command.QUIT, 0.2, Process(windows, 1))


async def test_system_ends_the_trays_of_every_session(windows: Windows, tmp_path: Path) -> None:
    trays = [
        Tray(windows, session, tmp_path / name)
        for session, name in ((1, "one"), (1, "another"), (2, "two"))
    ]
    for tray in trays[:2]:
        tray.listen()
    ending = asyncio.create_task(asyncio.to_thread(quit_all, 20, Process(windows, 0, SYSTEM)))
    await until(lambda: not is_running(tmp_path / "one", trays[0].process))
    trays[2].listen()  # it was only starting
    assert await ending == Outcome(asked=2, left=0)
    assert [tray.obeyed for tray in trays] == [[Command.QUIT]] * 3
    assert quit_all(1, Process(windows, 0, SYSTEM)) == Outcome(0, 0)


async def test_system_ends_the_consoles_of_every_session_and_no_tray(
    windows: Windows, tray: Tray
) -> None:
    tray.listen()
    consoles = [Process(windows, session, "ani") for session in (1, 1, 2)]
    asked: list[Process] = []
    ends: list[Callable[[], None]] = []

    def leave(console: Process) -> None:
        asked.append(console)
        ends[consoles.index(console)]()
        console.end()

    ends += [obey_quit(partial(leave, console), console) for console in consoles]
    outcome = await asyncio.to_thread(quit_consoles, 20, Process(windows, 0, SYSTEM))
    assert outcome == Outcome(asked=2, left=0)
    assert len(asked) == 3
    assert tray.obeyed == []
    assert quit_consoles(1, Process(windows, 0, SYSTEM)) == Outcome(0, 0)


async def test_a_console_that_ends_by_itself_waits_no_more(windows: Windows) -> None:
    console, asked = Process(windows, 1), list[str]()
    end = obey_quit(lambda: asked.append("quit"), console)
    end()
    console.end()
    assert quit_consoles(1, Process(windows, 0, SYSTEM)) == Outcome(0, 0)
    assert asked == []


async def test_one_that_stays_is_told_once_and_counted(windows: Windows, tray: Tray) -> None:
    tray.stays = True
    tray.listen()
    outcome = await asyncio.to_thread(quit_all, 0.3, Process(windows, 0, SYSTEM))
    assert outcome == Outcome(asked=1, left=1)
    assert tray.obeyed == [Command.QUIT], "an event that stays set must not make it spin"


async def test_it_counts_until_the_process_has_ended_not_only_the_tray(
    windows: Windows, tray: Tray
) -> None:
    tray.listen()
    ending = asyncio.create_task(asyncio.to_thread(quit_all, 20, Process(windows, 0, SYSTEM)))
    tray.stays = True
    await until(lambda: tray.obeyed)
    tray.instance.release()
    await asyncio.sleep(0.2)
    assert not ending.done(), "its files are still in use"
    tray.process.end()
    assert await ending == Outcome(asked=1, left=0)


async def test_an_ordinary_user_ends_only_their_own(windows: Windows, tmp_path: Path) -> None:
    mine, other = Tray(windows, 1, tmp_path, "ani"), Tray(windows, 2, tmp_path, "budi")
    mine.listen()
    outcome = await asyncio.to_thread(quit_all, 20, Process(windows, 1, "ani"))
    assert (outcome.asked, outcome.left) == (1, 0)
    assert outcome.skipped == (
        "Session 2 is out of reach; only an administrator can end its tray.",
    )
    assert other.obeyed == []
    other.end()


async def test_a_tray_without_the_shared_event_still_obeys_its_own_user(
    windows: Windows, tmp_path: Path
) -> None:
    squatter = Process(windows, 2, "somebody else")
    assert squatter.create_shared_event(quit_event(1))
    tray = Tray(windows, 1, tmp_path)
    tray.listen()
    assert await asyncio.to_thread(tell, tmp_path, Command.QUIT, 20, Process(windows, 1))
    squatter.end()
