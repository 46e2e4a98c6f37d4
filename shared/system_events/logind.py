"""The session as systemd-logind sees it: in front or not, locked or not; and when the PC resumes.

Every signal is only a reason to look again, so it does not matter what it claims or whether one
was missed. ``Lock`` and ``Unlock`` are no more than that either: they ask the lock screen, and
``LockedHint`` says what came of it. A remote session (xrdp) counts as in front while it exists:
logind does not know whether anybody is connected to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jeepney import DBusAddress, HeaderFields, Message, Properties

from shared.system_events.dbus_link import BUS, BusLink, Refused

SERVICE = "org.freedesktop.login1"
MANAGER = DBusAddress("/org/freedesktop/login1", SERVICE, f"{SERVICE}.Manager")
SCREENS = ("x11", "wayland", "mir")
"""Types of session that show windows."""
MOST_SESSIONS = 16
"""Of one user; as many are looked at."""

Variant = tuple[str, Any]
"""A value behind its type."""


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
        await link.listen(sender=SERVICE, path=MANAGER.object_path, member="PrepareForSleep")
        await link.listen(sender=BUS, member="NameOwnerChanged", arg0=SERVICE)
        await self._look(link)

    async def heard(self, link: BusLink, signals: Sequence[Message]) -> None:
        """See ``Follower``."""
        if any(map(_tells_resume, signals)):
            self._resumed()
        await self._look(link)

    def forget(self) -> None:
        """See ``Follower``."""
        self._seen(Seat())

    async def _look(self, link: BusLink) -> None:
        try:
            if not self._session:
                self._session = await _own_session(link)
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
        path = await link.ask(MANAGER, "GetUser", "u", uid, returns="o")
        user = await _properties(link, path, "User")
        sessions, name = _value(user, "Sessions", "a(so)"), _value(user, "Name", "s")
        for _, session in (sessions or ())[:MOST_SESSIONS]:
            if _is_at_screen(await _properties(link, session, "Session")):
                return name or ""
    except Refused:  # no logind, or it knows no such user
        pass
    return ""


def _is_at_screen(session: dict[str, Variant]) -> bool:
    return (
        _value(session, "Class", "s") == "user"
        and _value(session, "Type", "s") in SCREENS
        and _value(session, "State", "s") in ("active", "online")
    )


def _tells_resume(signal: Message) -> bool:
    # The argument is True before the PC sleeps and False afterwards.
    member = signal.header.fields.get(HeaderFields.member)
    return bool(member == "PrepareForSleep" and signal.body == (False,))


async def _own_session(link: BusLink) -> str:
    """Return the session of this process, or else the graphical one of this user.

    Desktops start programs below ``user@.service``, which belongs to no session. ``auto`` is what
    logind (since systemd 243) calls this choice. There is an object of that name, too, but signals
    come from the real one.
    """
    return str(await link.ask(MANAGER, "GetSession", "s", "auto", returns="o"))


async def _properties(link: BusLink, path: str, interface: str) -> dict[str, Variant]:
    try:
        whose = DBusAddress(path, SERVICE, f"{SERVICE}.{interface}")
    except ValueError:
        raise Refused(f"{path!r} is no path") from None
    found: dict[str, Variant] = await link.call(Properties(whose).get_all(), returns="a{sv}")
    return found


def _value(properties: dict[str, Variant], name: str, signature: str) -> Any:
    """Return the property *name*, or None if it is not there or of another type."""
    found, value = properties.get(name, ("", None))
    return value if found == signature else None


def _seat(properties: dict[str, Variant]) -> Seat:
    return Seat(
        in_front=_value(properties, "Active", "b") is not False,
        locked=_value(properties, "LockedHint", "b") is True,
    )
