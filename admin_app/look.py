"""One look at a server: connect, ask, and grade what was found. For scripts and for the window."""

from __future__ import annotations

from admin_app.checkup import Finding, of_server, seen_behind
from shared.bus import ConsoleBus
from shared.settings import Settings


async def look(bus: ConsoleBus, settings: Settings) -> list[Finding]:
    """Say what is there, what works, and what is weak.

    Raises:
        SiaranError: nothing could be looked at.
    """
    async with bus.open() as link:
        seen = await seen_behind(link)
    return of_server(settings, bus.address, seen)
