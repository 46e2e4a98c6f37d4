"""The session as systemd-logind sees it: in front or not, locked or not; and when the PC resumes.

Every signal is only a reason to look again, so it does not matter what it claims or whether one
was missed. ``Lock`` and ``Unlock`` are no more than that either: they ask the lock screen, and
``LockedHint`` says what came of it. A remote session (xrdp) counts as in front while it exists:
logind does not know whether anybody is connected to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.system_events.dbus_link import BUS, BusLink, Refused, Target
from shared.system_events.dbus_messages import Message
from shared.system_events.dbus_types import Variant

SERVICE = "org.freedesktop.login1"
MANAGER = Target(SERVICE, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
PROPERTIES = "org.freedesktop.DBus.Properties"
SCREENS = ("x11", "wayland", "mir")
"""Types of session that show windows."""
MOST_SESSIONS = 16
"""Of one user; as many are looked at."""


class Seat(NamedTuple):
    """What logind knows about our session."""

    in_front: bool = True
    locked: bool = False


class LogindFollower:
    """Tells *seen* how the session is after each look, and *resumed* when the PC woke up."""

    def __init__(self, seen: Callable[[Seat], None], resumed: Callable[[], None]) -> None:
        self._seen = seen
        self._resumed = resumed
        self._session = ""

    async def begin(self, link: BusLink) -> None:
        """See ``Follower``."""
        self._session = ""
        await link.listen(sender=SERVICE, path=MANAGER.path, member="PrepareForSleep")
        await link.listen(sender=BUS, member="NameOwnerChanged", arg0=SERVICE)
        await self._look(link)

    async def heard(self, link: BusLink, signals: Sequence[Message]) -> None:
        """See ``Follower``."""
        # The argument is True before the PC sleeps and False afterwards.
        if any(s.member == "PrepareForSleep" and s.body == (False,) for s in signals):
            self._resumed()
        await self._look(link)

    def forget(self) -> None:
        """See ``Follower``."""
        self._seen(Seat())

    async def _look(self, link: BusLink) -> None:
        try:
            if not self._session:
                self._session = await _session_path(link)
                await link.listen(sender=SERVICE, path=self._session)
            properties = await _properties(link, self._session, "Session")
        except Refused:  # no logind, or it knows no session of ours
            self._session = ""
            self.forget()
        else:
            self._seen(_seat(properties))


async def user_at_screen(link: BusLink, uid: int) -> str:
    """Return the name of the user with the number *uid*, if logged on at a screen of this PC.

    Empty for everybody else: services, cron, a shell by ssh.

    Raises: as ``BusLink.call``, but not Refused.
    """
    try:
        path = await link.call(MANAGER, "GetUser", "u", uid, returns="o")
        user = await _properties(link, path, "User")
        sessions, name = user.get("Sessions"), user.get("Name")
        if sessions is None or sessions.signature != "a(so)" or name is None:
            return ""
        for _, session in sessions.value[:MOST_SESSIONS]:
            if _is_at_screen(await _properties(link, session, "Session")):
                return str(name.value)
    except Refused:  # no logind, or it knows no such user
        pass
    return ""


def _is_at_screen(session: dict[str, Variant]) -> bool:
    words = {key: session[key].value for key in ("Class", "Type", "State") if key in session}
    return (
        words.get("Class") == "user"
        and words.get("Type") in SCREENS
        and words.get("State") in ("active", "online")
    )


async def _session_path(link: BusLink) -> str:
    """Return the session of this process, or else the graphical one of this user.

    Desktops start programs below ``user@.service``, which belongs to no session.
    """
    try:
        path = await link.call(MANAGER, "GetSessionByPID", "u", os.getpid(), returns="o")
    except Refused:
        user = await link.call(MANAGER, "GetUser", "u", os.getuid(), returns="o")
        display = (await _properties(link, user, "User")).get("Display")
        path = display.value[1] if display and display.signature == "(so)" else "/"
    if path == "/" or "'" in path:  # none; a quote would end the match rule
        raise Refused("logind knows no session of ours")
    return str(path)


async def _properties(link: BusLink, path: str, interface: str) -> dict[str, Variant]:
    target = Target(SERVICE, path, PROPERTIES)
    found: dict[str, Variant] = await link.call(
        target, "GetAll", "s", f"{SERVICE}.{interface}", returns="a{sv}"
    )
    return found


def _seat(properties: dict[str, Variant]) -> Seat:
    yes, no = Variant("b", True), Variant("b", False)
    return Seat(
        in_front=properties.get("Active", yes) != no,
        locked=properties.get("LockedHint", no) == yes,
    )
