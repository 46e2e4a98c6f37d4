"""A value of another type in the place of a log, a guard, a document, receipts or the registry."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from shared.keys import Keys
from tests.conftest import LogGuard
from tests.integration.attacks.guarded import (
    Raw,
    Refused,
    Site,
    Who,
    emergency_arrives,
)
from tests.integration.pair import connected
from tests.redis_server import is_redis_6

KEYS = Keys()
LOGS = (KEYS.log("Channel 1"), KEYS.log("*"))
OTHERS = (
    *("{siaran}:channels", "{siaran}:unlisted", "{siaran}:templates", "{siaran}:series"),
    *("{siaran}:outlets", "siaran:endpoints", "siaran:seen", "siaran:first"),
    "siaran:seen:Channel%201",
)


def set_over(raw: Raw, name: str) -> list[bool]:
    """Try every way to put another type there, or where nothing is; return which were allowed."""
    raw.say("DEL", name)
    tried = [
        raw.say("SET", name, "x"),
        raw.say("HSET", name, "x", "y"),
        raw.say("EVAL", "return redis.call('SET', KEYS[1], 'x')", "1", name),
        raw.say("EVAL", "return redis.call('HSET', KEYS[1], 'x', 'y')", "1", name),
    ]
    return [not isinstance(reply, Refused) for reply in tried]


@pytest.mark.parametrize("names", [LOGS[:1], LOGS, OTHERS], ids=["log", "both logs", "others"])
async def test_emergencies_arrive_where_the_tray_was_there_and_after_its_next_start(
    qapp: QApplication, site: Site, log_guard: LogGuard, names: tuple[str, ...]
) -> None:
    log_guard.expect("log of |read the whole log again|WRONGTYPE")
    may = site.who is Who.STRANGER or is_redis_6()
    async with site.console() as console:
        async with site.tray() as tray:
            await connected(tray)
            with site.raw() as raw:
                for name in names:
                    assert any(set_over(raw, name)) == may or names is OTHERS
            await emergency_arrives(console, tray, stays_s=0.3)
            await emergency_arrives(console, tray, channel="*", stays_s=0)
        with site.raw() as raw:
            for name in names:
                set_over(raw, name)
        async with site.tray() as tray:
            await connected(tray)
            await emergency_arrives(console, tray, stays_s=0)
