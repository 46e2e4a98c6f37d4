"""Promise 6 with real hands: a cashier types, scans and taps while messages come up.

The tray program, a second program in a process of its own, a window manager and a real server;
xdotool types and clicks through the moment of arrival, and every character and click is counted
where it belongs.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.x_desktop import Desktop, desktop, end, soon
from tests.redis_server import RedisServer

TYPED = "".join(chr(ord("a") + number % 26) for number in range(400))
BAR_CODE = "8991234567895"
BURST = 4
PAUSE_S = 0.3
"""Between two things that a person does; a scanner makes none."""
GUARDED_S = 0.6
"""Clicks are aimed this long after the first paint; the guard holds for a second."""
ARRIVALS = 8
"""So many messages may come up on a busy machine until one is clicked through in time."""


class Shop:
    """A till program and a tray on one screen."""

    def __init__(self, screen: Desktop, server: RedisServer, folder: Path) -> None:
        self.screen = screen
        self._server = server
        self._till = folder / "till"
        self._tray = folder / "tray-witness"
        self._data = folder / "data"
        self._arguments = ("--redis-url", server.url, "--data-dir", self._data, "--outlet", "JKT-1")
        screen.environ["SIARAN_POPUP_HOTKEY"] = "Ctrl+Alt+M"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Start both programs, the till first: it has the keyboard."""
        here = Path(__file__).parent
        till = self.screen.start(here / "till_program.py", self._till)
        tray = self.screen.start(here / "touched_tray.py", self._tray, *self._arguments)
        try:
            soon(self._at_work)
            soon(lambda: "connected" in self.tray())
            yield
        finally:
            end(tray)
            end(till)

    def _at_work(self) -> bool:
        """Whether the till has the keyboard; a manager that was still starting is asked again."""
        self.screen.activate("^Till$")
        return "active" in self.till()

    def send(self) -> None:
        """A message for everybody at the till."""
        self._server.command("PUBLISH", "{siaran}:ch:Channel%201", "Price change")

    def till(self) -> list[str]:
        """What the till program has got."""
        return _lines(self._till)

    def tray(self) -> list[str]:
        """What the popup did."""
        return _lines(self._tray)

    def typed(self) -> str:
        """The characters that arrived at the till."""
        keys = [line.removeprefix("key ") for line in self.till() if line.startswith("key ")]
        return "".join("\n" if key == "Enter" else key for key in keys)

    def ok(self) -> tuple[int, int]:
        """Where OK is, once it can be pressed."""
        line = soon(lambda: next((one for one in self.tray() if one.startswith("ready")), None))
        _, across, down = line.split()
        return int(across), int(down)

    def painted(self) -> int:
        """How many popups have come up."""
        return self.tray().count("painted")

    def answers(self) -> int:
        """How many of them were answered."""
        return self.tray().count("answered")

    def can_be_answered(self) -> bool:
        """Whether the guard of the last popup is over, or it has been answered."""
        return sum(line.startswith("ready") for line in self.tray()) == self.painted()

    def ask_for_keyboard(self) -> None:
        """What the tray's menu does, too: start the program a second time."""
        command = ("-m", "tray_client", "--data-dir", self._data)
        assert self.screen.start(*command).wait(30) in (0, 5)
        soon(lambda: "active" in self.tray())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


@contextmanager
def shop(server: RedisServer, folder: Path) -> Iterator[Shop]:
    """An open one."""
    with desktop(folder) as screen:
        one = Shop(screen, server, folder)
        with one.open():
            yield one


def test_every_key_arrives_at_the_till_while_a_message_comes_up(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with shop(redis_server, tmp_path) as on:
        typing = subprocess.Popen(["xdotool", "type", "--delay", "8", TYPED], env=on.screen.environ)
        soon(lambda: len(on.typed()) > 50)
        on.send()
        soon(lambda: "painted" in on.tray())
        assert len(on.typed()) < len(TYPED), "the message came too late to prove anything"
        on.screen.do("key", "space", "Return", "Escape")  # between the others, in the same second
        assert typing.wait(60) == 0
        soon(lambda: len(on.typed()) >= len(TYPED) + 3)
        assert [key for key in on.typed() if key.isalpha()] == list(TYPED)
        on.screen.do("mousemove", *on.ok(), "click", "1")
        soon(lambda: "answered" in on.tray())
        on.screen.do("type", "--delay", "8", BAR_CODE)
        soon(lambda: on.typed().endswith(BAR_CODE))
        assert "inactive" not in on.till(), "the popup took the keyboard"
        print(f"\ntyped {len(TYPED)} + {len(BAR_CODE)}, arrived all, in order; lost 0")


def test_taps_reach_the_till_until_the_guard_is_over(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with shop(redis_server, tmp_path) as on:
        on.send()
        on.screen.do("mousemove", *on.ok(), "click", "1")  # now it is known where OK will be
        soon(lambda: on.answers() == 1)
        before, clicks = click_through_an_arrival(on)
        answered = on.answers()
        soon(lambda: on.till().count("press") == before + clicks)
        soon(lambda: on.till().count("release") == before + clicks)
        soon(on.can_be_answered)
        assert on.answers() == answered
        on.screen.do("click", "1")
        soon(lambda: on.answers() == answered + 1)
        assert on.till().count("press") == before + clicks
        assert "inactive" not in on.till(), "the popup took the keyboard"
        print(f"\nclicked {clicks} times where OK is, arrived at the till: all")


def test_the_hotkey_gives_the_popup_the_keyboard(redis_server: RedisServer, tmp_path: Path) -> None:
    with shop(redis_server, tmp_path) as on:
        on.screen.do("key", "ctrl+alt+m")  # no popup is open: nothing happens
        on.send()
        on.ok()
        on.screen.do("key", "ctrl+alt+m")
        soon(lambda: "active" in on.tray())
        on.screen.do("key", "space", "Return")
        soon(lambda: sum(one.startswith("ready") for one in on.tray()) == 2)
        assert "answered" not in on.tray()
        time.sleep(PAUSE_S)
        on.screen.do("key", "Tab", "Tab")
        time.sleep(PAUSE_S)
        on.screen.do("key", "space")
        soon(lambda: "answered" in on.tray())
        soon(lambda: on.till()[-1] == "active")
        on.screen.do("type", "--delay", "8", BAR_CODE)
        soon(lambda: on.typed() == BAR_CODE)


def click_through_an_arrival(on: Shop) -> tuple[int, int]:
    """Click where OK is going to be, before and after a message comes up.

    Returns how many clicks the till had before, and how many were made. An arrival whose guard was
    over before the last click was made proves nothing (the machine was busy) and is repeated.
    """
    for _ in range(ARRIVALS):
        before = on.till().count("press")
        clicks = _click_until(on, on.painted() + 1)
        if not on.can_be_answered():
            return before, clicks
        time.sleep(PAUSE_S)  # a click that came late has answered by then
        if on.answers() < on.painted():
            on.screen.do("click", "1")
        soon(lambda: on.answers() == on.painted())
    raise AssertionError("this machine is too busy to click within a second of an arrival")


def _click_until(on: Shop, popups: int) -> int:
    """Click, have a message sent, and go on until shortly after *popups* have come up in all."""
    clicks, painted_at = 0, None
    while painted_at is None or time.monotonic() < painted_at + GUARDED_S:
        on.screen.do("click", "--repeat", BURST, "--delay", 12, 1)
        clicks += BURST
        if clicks == 5 * BURST:
            on.send()
        if painted_at is None and on.painted() == popups:
            painted_at = time.monotonic()
        assert clicks < 2000
    return clicks


def test_a_bar_code_cannot_answer_even_when_the_popup_was_given_the_keyboard(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with shop(redis_server, tmp_path) as on:
        on.send()
        on.ok()
        on.ask_for_keyboard()
        on.screen.do("type", "--delay", "3", "--args", "1", BAR_CODE, "key", "Return")
        on.screen.do("key", "space", "Return")
        soon(lambda: sum(one.startswith("ready") for one in on.tray()) == 2)
        time.sleep(PAUSE_S)
        on.screen.do("key", "Tab", "Tab")  # over "Later" to OK
        time.sleep(PAUSE_S)
        on.screen.do("type", "--delay", "3", "--args", "1", BAR_CODE, "key", "Return")
        on.screen.do("key", "Escape")
        time.sleep(PAUSE_S)
        assert "answered" not in on.tray()
        on.screen.do("key", "Return")
        soon(lambda: "answered" in on.tray())
        soon(lambda: on.till()[-1] == "active")  # the keyboard is back where it was
        on.screen.do("type", "--delay", "8", BAR_CODE)
        soon(lambda: on.typed().endswith(BAR_CODE))
