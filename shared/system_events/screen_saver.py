"""Whether a screen saver or a lock screen covers the screen, as desktops tell on the session bus.

Not every desktop sets logind's ``LockedHint`` (Cinnamon and MATE do not always), and a screen that
is only dark hides a popup as well. Which of the savers runs differs; those that do not, refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jeepney import DBusAddress, Message

from shared.system_events.dbus_link import BUS, BusLink, Refused

SAVERS = tuple(
    DBusAddress(f"/org/{who}/ScreenSaver", f"org.{who}.ScreenSaver", f"org.{who}.ScreenSaver")
    for who in ("freedesktop", "gnome", "cinnamon", "mate", "xfce")
)


class ScreenSaverFollower:
    """Tells *seen* after each look whether the screen is covered."""

    def __init__(self, seen: Callable[[bool], None]) -> None:
        self._seen = seen

    async def begin(self, link: BusLink) -> None:
        """See ``Follower``."""
        for saver in SAVERS:
            await link.listen(
                sender=saver.bus_name, interface=saver.interface, member="ActiveChanged"
            )
            # A saver that crashed while it was active must not leave the screen covered for ever.
            await link.listen(sender=BUS, member="NameOwnerChanged", arg0=saver.bus_name)
        await self._look(link)

    async def heard(self, link: BusLink, _signals: Sequence[Message]) -> None:
        """See ``Follower``."""
        await self._look(link)

    def forget(self) -> None:
        """See ``Follower``."""
        self._seen(False)

    async def _look(self, link: BusLink) -> None:
        self._seen(any([await _is_active(link, saver) for saver in SAVERS]))


async def _is_active(link: BusLink, saver: DBusAddress) -> bool:
    try:
        return bool(await link.ask(saver, "GetActive", returns="b"))
    except Refused:
        return False
