"""Session state and resume on Linux, against a real dbus-daemon with a stand-in for logind."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, message_bus, new_signal
from jeepney.io.asyncio import open_dbus_connection

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from shared.system_events import SessionState, System, user_at_screen, watch_system
from shared.system_events.bus_keeper import MOST_LOOKS, BusKeeper
from shared.system_events.dbus_link import MAX_MESSAGE, Refused, open_bus
from shared.system_events.logind import MANAGER, SERVICE, LogindFollower, Seat
from tests.conftest import until
from tests.integration.buses import FakeLogind, MessageBus, serving

needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[MessageBus]:
    """A running bus; it plays the system bus and the session bus at once."""
    bus = MessageBus(tmp_path)
    bus.start()
    yield bus
    bus.stop()


@asynccontextmanager
async def watching(address: str) -> AsyncIterator[System]:
    """The whole Linux side on this bus."""
    names = ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS")
    async with watch_system(dict.fromkeys(names, address)) as system:
        yield system


def heard(system: System) -> list[Any]:
    """Everything that *system* announces from now on."""
    news: list[Any] = []
    system.session_changed.connect(news.append)
    system.resumed.connect(lambda: news.append("resumed"))
    return news


@needs_bus
async def test_a_session_is_known_at_the_start_and_followed(bus: MessageBus, qapp: Any) -> None:
    logind = FakeLogind()
    logind.locked = True
    async with logind.on(bus), watching(bus.address) as system:
        assert system.session is SessionState.LOCKED
        news = heard(system)
        logind.change(locked=False)
        await until(lambda: system.session is SessionState.ACTIVE)
        logind.change(active=False, locked=True)
        await until(lambda: system.session is SessionState.AWAY)
        logind.change(active=True)
        await until(lambda: system.session is SessionState.LOCKED)
        assert news == [SessionState.ACTIVE, SessionState.AWAY, SessionState.LOCKED]


@needs_bus
async def test_a_lock_request_alone_locks_nothing(bus: MessageBus) -> None:
    logind = FakeLogind()
    async with logind.on(bus) as service, watching(bus.address) as system:
        before = service.calls.count("GetAll")
        service.signal(
            "/org/freedesktop/login1/session/_31", "org.freedesktop.login1.Session", "Lock"
        )
        await until(lambda: service.calls.count("GetAll") > before)
        assert system.session is SessionState.ACTIVE


@needs_bus
async def test_a_resume_is_announced_once_and_falling_asleep_is_not(bus: MessageBus) -> None:
    logind = FakeLogind()
    async with logind.on(bus), watching(bus.address) as system:
        news = heard(system)
        logind.sleep(True)
        logind.change(locked=True)
        await until(lambda: news)
        assert news == [SessionState.LOCKED]
        logind.sleep(False)
        logind.sleep(False)
        logind.change(locked=False)
        await until(lambda: system.session is SessionState.ACTIVE)
        assert news == [SessionState.LOCKED, "resumed", SessionState.ACTIVE]


@needs_bus
@pytest.mark.skipif(shutil.which("dbus-send") is None, reason="needs dbus-send")
async def test_another_program_can_neither_fake_a_resume_nor_a_lock(bus: MessageBus) -> None:
    logind = FakeLogind()
    async with logind.on(bus) as service, watching(bus.address) as system:
        news = heard(system)
        names = await _names(bus)
        for name in names:
            _send(bus, f"--dest={name}", "PrepareForSleep", "boolean:false")
        _send(bus, "--type=signal", "PrepareForSleep", "boolean:false")
        assert len(names) >= 3
        before = service.calls.count("GetAll")
        logind.change(locked=True)
        await until(lambda: news)
        assert news == [SessionState.LOCKED]
        assert service.calls.count("GetAll") == before + 1


@needs_bus
async def test_whatever_another_program_sends_us_the_link_goes_on(bus: MessageBus) -> None:
    logind = FakeLogind()
    async with logind.on(bus) as service, watching(bus.address) as system:
        async with await open_dbus_connection(bus.address) as stranger:
            for name in await _names(bus):
                for text in ("x" * (2 * MAX_MESSAGE), "()", "((((("):
                    signal = new_signal(DBusAddress("/a", interface="b.c"), "D", "s", (text,))
                    signal.header.fields[HeaderFields.destination] = name
                    await stranger.send(signal)
        logind.change(locked=True)
        await until(lambda: system.session is SessionState.LOCKED)
        assert service.calls.count("GetSession") == 1, "no second link"


async def _names(bus: MessageBus) -> list[str]:
    async with open_bus(bus.address) as link:
        names = await link.call(message_bus.ListNames(), returns="as")
        return [name for name in names if name.startswith(":")]


def _send(bus: MessageBus, option: str, member: str, value: str) -> None:
    signal = f"{MANAGER.interface}.{member}"
    command = ["dbus-send", f"--bus={bus.address}", "--type=signal", option]
    subprocess.run([*command, MANAGER.object_path, signal, value], check=True, timeout=20)


@needs_bus
async def test_without_logind_the_session_is_active_and_a_late_logind_is_noticed(
    bus: MessageBus,
) -> None:
    logind = FakeLogind()
    logind.locked = True
    async with watching(bus.address) as system:
        assert system.session is SessionState.ACTIVE
        async with logind.on(bus):
            await until(lambda: system.session is SessionState.LOCKED)
        await until(lambda: system.session is SessionState.ACTIVE)


@needs_bus
async def test_a_screen_saver_covers_the_session_until_it_ends_or_crashes(bus: MessageBus) -> None:
    name, path = "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"
    active = True
    async with watching(bus.address) as system:
        async with serving(bus, name, lambda _call: ("b", active)) as saver:
            await until(lambda: system.session is SessionState.LOCKED)
            active = False
            saver.signal(path, name, "ActiveChanged", "b", False)
            await until(lambda: system.session is SessionState.ACTIVE)
            active = True
            saver.signal(path, name, "ActiveChanged", "b", True)
            await until(lambda: system.session is SessionState.LOCKED)
        await until(lambda: system.session is SessionState.ACTIVE)


@needs_bus
async def test_a_saver_that_never_stops_telling_is_looked_at_now_and_then(bus: MessageBus) -> None:
    name, path = "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"
    told = 0
    async with (
        serving(bus, name, lambda _call: ("b", told % 2 == 1)) as saver,
        watching(bus.address) as system,
    ):
        began = time.monotonic()
        looks = saver.calls.count("GetActive")

        def again() -> bool:
            nonlocal told
            told += 1
            saver.signal(path, name, "ActiveChanged", "b", told % 2 == 1)
            return time.monotonic() - began > 3 and told % 2 == 1

        await until(again)
        looks = saver.calls.count("GetActive") - looks
        assert 0 < looks <= MOST_LOOKS * (time.monotonic() - began + 1)
        await until(lambda: system.session is SessionState.LOCKED)


@needs_bus
async def test_a_bus_that_goes_away_is_found_again_and_forgotten_meanwhile(
    bus: MessageBus,
) -> None:
    seats: list[Seat] = []
    follower = LogindFollower(seats.append, lambda: None)
    keeper = BusKeeper(bus.address, follower, uniform=lambda _low, _high: 0.05)
    task = asyncio.create_task(keeper.run())
    logind = FakeLogind()
    logind.locked = True
    async with logind.on(bus):
        await until(lambda: Seat(locked=True) in seats)
        bus.stop()
        await until(lambda: seats[-1] == Seat())
    bus.start()
    async with logind.on(bus):
        await until(lambda: seats[-1] == Seat(locked=True))
    task.cancel()
    await asyncio.wait([task])


@needs_bus
async def test_answers_of_the_wrong_type_mean_that_nothing_is_known(bus: MessageBus) -> None:
    async with (
        serving(bus, SERVICE, lambda _call: ("as", ["what?"])),
        watching(bus.address) as system,
    ):
        assert system.session is SessionState.ACTIVE


@needs_bus
async def test_what_a_service_refuses_is_named(bus: MessageBus) -> None:
    async with open_bus(bus.address) as link:
        with pytest.raises(Refused, match=r"ServiceUnknown|NameHasNoOwner"):
            await link.ask(MANAGER, "GetSession", "s", "auto", returns="o")


async def test_no_bus_at_all_is_an_active_session(tmp_path: Path) -> None:
    async with watching(f"unix:path={tmp_path}/nothing") as system:
        assert system.session is SessionState.ACTIVE
    async with watching("tcp:host=localhost;unix:dir=/tmp;nonsense") as system:
        assert system.session is SessionState.ACTIVE


@needs_bus
async def test_only_who_is_logged_on_at_a_screen_is_known(bus: MessageBus) -> None:
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}
    assert await user_at_screen(1001, environ) == "", "no logind"
    logind = FakeLogind()
    logind.users = {1001: "budi\u202e"}
    async with logind.on(bus):
        assert await user_at_screen(1001, environ) == "budi"
        assert await user_at_screen(1002, environ) == "", "logind does not know him"
        for changed in ({"Class": "greeter"}, {"Type": "tty"}, {"State": "closing"}, {"Type": ""}):
            usual, logind.kind = logind.kind, {**logind.kind, **changed}
            assert await user_at_screen(1001, environ) == "", changed
            logind.kind = usual
    async with serving(bus, SERVICE, lambda _call: ("as", ["what?"])):
        assert await user_at_screen(1001, environ) == ""
    bus.stop()
    assert await user_at_screen(1001, environ) == ""
