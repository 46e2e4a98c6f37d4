"""Linux: logind on the system bus, savers on the session bus, the kernel's netlink, two clocks."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from shared.system_events import SessionState, logind
from shared.system_events.bus_keeper import BusKeeper
from shared.system_events.dbus_link import Garbage, Refused, open_bus
from shared.system_events.events import Events
from shared.system_events.logind import LogindFollower, Seat
from shared.system_events.netlink import NetworkWatch
from shared.system_events.screen_saver import ScreenSaverFollower
from shared.system_events.sleep_clocks import SleepClocks
from shared.tasks import TaskBag

assert sys.platform == "linux"  # tells the type checker, too

log = logging.getLogger(__name__)

FIRST_LOOK_S = 2.0


class _Facts:
    """What both buses say, put together."""

    def __init__(self, events: Events, clocks: SleepClocks) -> None:
        self._events = events
        self._clocks = clocks
        self._seat = Seat()
        self._covered = False

    def set_seat(self, seat: Seat) -> None:
        self._seat = seat
        self._tell()

    def set_covered(self, covered: bool) -> None:
        self._covered = covered
        self._tell()

    def note_resume(self) -> None:
        self._clocks.has_slept()  # so that they do not tell it once more, up to a minute later
        self._events.note_resume()

    def _tell(self) -> None:
        self._events.set_session(session_state(self._seat, self._covered))


def session_state(seat: Seat, covered: bool) -> SessionState:
    """Return what logind's view and a screen saver amount to."""
    if not seat.in_front:
        return SessionState.AWAY
    return SessionState.LOCKED if seat.locked or covered else SessionState.ACTIVE


@asynccontextmanager
async def linux_sources(events: Events, environ: Mapping[str, str]) -> AsyncIterator[None]:
    """Feed *events* while the context lasts."""
    clocks = SleepClocks()
    facts = _Facts(events, clocks)
    keepers = [
        BusKeeper(system_bus(environ), LogindFollower(facts.set_seat, facts.note_resume)),
        BusKeeper(session_bus(environ), ScreenSaverFollower(facts.set_covered)),
    ]
    tasks = TaskBag("system events")
    network = NetworkWatch(events.note_network)
    try:
        tasks.spawn(clocks.run(events.note_resume), name="clocks")
        for keeper in keepers:
            tasks.spawn(keeper.run(), name="bus")
        await _first_look(keepers)
        yield
    finally:
        network.close()
        await tasks.aclose()


async def _first_look(keepers: list[BusKeeper]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_LOOK_S):
            for keeper in keepers:
                await keeper.looked.wait()


async def user_at_screen(uid: int, environ: Mapping[str, str]) -> str:
    """See ``shared.system_events.user_at_screen``."""
    try:
        async with open_bus(system_bus(environ)) as link:
            return await logind.user_at_screen(link, uid)
    except (OSError, EOFError, TimeoutError, Garbage, Refused) as error:
        log.info("who is logged on cannot be asked: %s", error)
        return ""


def system_bus(environ: Mapping[str, str]) -> str:
    """Return the address of the system bus (D-Bus specification, "System message bus")."""
    return environ.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/run/dbus/system_bus_socket"


def session_bus(environ: Mapping[str, str]) -> str:
    """Return the address of the user's session bus."""
    folder = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={folder}/bus"
