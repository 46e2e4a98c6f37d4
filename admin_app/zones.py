"""Time zones by their IANA names: this PC's own, and those that series name. Without Qt.

A name out of a stored document may be anything, and ``zoneinfo`` makes a path of it: on Windows it
would read ``CON``, which is the keyboard, to its end. So only names are looked up that the system's
zones, or tzdata, have.

This PC's name comes from tzlocal, which reads the files of Linux distributions and maps the names
of Windows' registry. It is believed only where it agrees with the system's own clock: tzlocal does
not know rules in ``TZ`` (``EST5EDT``), and a registry or a container may name another zone than
the one that counts.
"""

from __future__ import annotations

import logging
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import tzlocal

log = logging.getLogger(__name__)

NOT_KNOWN = (LookupError, ValueError, OSError, ImportError)
"""What ``zoneinfo`` and tzlocal raise, also for folders, odd files, and without tzdata."""
NO_TEXT = (TypeError, AttributeError)
"""What tzlocal raises for a name in Windows' registry that is a number, or nothing at all."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(days=91)


def wall_time(at_ms: int, zone: tzinfo) -> datetime:
    """*at_ms* as clocks in *zone* show it. Unlike ``fromtimestamp``, beyond 3000 on Windows too."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone *name*; None, said in the log, if it is not known here."""
    with suppress(*NOT_KNOWN):
        if name in _known():
            return ZoneInfo(name)
    log.warning("the time zone %r is not known here", name[:64])
    return None


def local_zone(at_ms: int) -> tzinfo:
    """Return this PC's zone, or its offset from UTC at *at_ms* where the zone is not known."""
    zone = _named_by_system()
    at = _EPOCH + timedelta(milliseconds=at_ms)
    quarters = (at + _QUARTER * count for count in range(4))
    if zone is not None and all(_agrees(zone, each) for each in quarters):
        return zone
    return timezone(at.astimezone().utcoffset() or timedelta(0))


def name_of(zone: tzinfo | None) -> str:
    """Return the IANA name of *zone*, empty if it is only an offset."""
    return zone.key if isinstance(zone, ZoneInfo) else ""


@cache
def _known() -> set[str]:
    """Some 600 names, in 20 ms; without Debian's ``localtime``, which each PC has another of."""
    return available_timezones() - {"localtime"}


def _named_by_system() -> ZoneInfo | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name = getattr(tzlocal.reload_localzone(), "key", "")  # a PC may travel
    except (*NOT_KNOWN, *NO_TEXT) as error:
        log.info("this PC's time zone is not known: %s", error)
        return None
    return zone_named(name) if name else None


def _agrees(zone: ZoneInfo, at: datetime) -> bool:
    return at.astimezone(zone).utcoffset() == at.astimezone().utcoffset()
