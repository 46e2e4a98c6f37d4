"""Saying in the endpoint registry that this tray lives, and noticing who else uses its name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from shared.bus import EndpointReport, TrayLink, Trouble
from shared.clock import RedisClock
from shared.errors import RedisError, RedisUnreachable, SiaranError
from shared.model import ALL_CHANNELS
from shared.signals import Signal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrayIdentity:
    """What this tray says of itself in every heartbeat."""

    outlet: str
    pc: str
    version: str
    system: str
    instance: str
    machine: str
    os_user: str = ""
    """Whose session it is: the receipt says who acknowledged."""


class Troubles:
    """What is wrong with this PC right now. Parts of the tray set and clear their own codes."""

    def __init__(self) -> None:
        self._codes: set[Trouble] = set()

    def set(self, trouble: Trouble, *, there: bool = True) -> None:
        """Note that *trouble* is *there*, or no longer; the next heartbeat says so."""
        if there:
            self._codes.add(trouble)
        else:
            self._codes.discard(trouble)

    def codes(self) -> list[str]:
        """Return the codes as the heartbeat has them, sorted."""
        return sorted(code.value for code in self._codes)


class Registrar:
    """Registers one tray.

    ``rival``: instance of another PC that uses its name, or empty. ``refused``: how many messages
    this tray has refused since it started.
    """

    def __init__(
        self,
        identity: TrayIdentity,
        channels: Sequence[str],
        clock: RedisClock,
        *,
        heartbeat_s: float,
        troubles: Troubles,
        requires_signatures: bool | None = None,
    ) -> None:
        self.rival = ""
        self.rival_changed: Signal[[bool]] = Signal()
        self.refused = 0
        self._identity = identity
        self._channels = [channel for channel in channels if channel != ALL_CHANNELS]
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._troubles = troubles
        self._requires_signatures = requires_signatures
        self._can_register = True
        self._started_at = clock.redis_ms()

    def restart_clock(self) -> None:
        """Redis was asked for the time: until now it was the PC's own, which may be wrong."""
        self._started_at = self._clock.redis_ms()

    async def register(self, link: TrayLink) -> None:
        """Say that this endpoint is alive. Who may not, or cannot now, still reads."""
        try:
            self._notice_rival(await link.heartbeat(self._report()))
        except RedisUnreachable:
            raise
        except RedisError as error:  # no right, no memory, or something else is in its place
            if self._can_register:
                log.warning("no heartbeat: %s", error)
            self._can_register = False
        else:
            self._can_register = True

    async def say_goodbye(self, link: TrayLink) -> None:
        """Say that this endpoint stops by itself, if that can be said within a second."""
        try:
            async with asyncio.timeout(1):
                await link.leave(self._report(left=True))
        except (SiaranError, TimeoutError) as error:
            log.info("left without a word: %s", error)

    def _notice_rival(self, before: EndpointReport | None) -> None:
        rival = before.instance if before is not None and self._is_rival(before) else ""
        if rival != self.rival:
            self.rival = rival
            name = f"{self._identity.outlet}/{self._identity.pc}"
            if rival:
                log.warning("another PC uses the name %s, too", name)
            self.rival_changed.emit(bool(rival))

    def _is_rival(self, before: EndpointReport) -> bool:
        """Whether *before*, found under our name, is of another PC that is alive.

        Several users of one PC are no rivals: they have one machine and an instance each. A cloned
        image may have both in common with us; but it started at another time, and still speaks.
        """
        me = self._identity
        alive_ms = self._clock.redis_ms() - 2000 * self._heartbeat_s
        if before.left or before.seen_at < alive_ms:
            return False
        cloned = before.instance == me.instance and before.started_at != self._started_at
        return before.machine != me.machine or (cloned and before.seen_at > self._started_at)

    def _report(self, *, left: bool = False) -> EndpointReport:
        who = self._identity
        return EndpointReport(
            outlet=who.outlet,
            pc=who.pc,
            channels=self._channels,
            version=who.version,
            system=who.system,
            instance=who.instance,
            machine=who.machine,
            rival=self.rival,
            started_at=self._started_at,
            seen_at=self._clock.redis_ms(),
            left=left,
            refused=self.refused,
            troubles=self._troubles.codes(),
            requires_signatures=self._requires_signatures,
        )
