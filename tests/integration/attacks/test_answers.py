"""Answers that nobody gave: receipts written in another PC's name, and the bell that tells of them.

Whoever can read the outlets' password may write receipts. A message of head office that is urgent
stays on the screen all the same, and what comes afterwards does, too.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from admin_app.session import ConsoleSession
from shared.keys import Keys
from shared.model import Ack, Level
from tests.conftest import until
from tests.integration.attacks.guarded import (
    CHANNEL,
    EMERGENCY,
    OUTLET,
    STAYS_S,
    Raw,
    Site,
    emergency_arrives,
    is_open,
    is_refused,
)
from tests.integration.pair import connected, open_popup
from tray_client.app import TrayApp
from tray_client.inbox import read_messages
from tray_client.records import InboxMessage, State

KEYS = Keys()
HERE, OTHER = f"{OUTLET}/till-1", f"{OUTLET}/till-9"
LOUD = pytest.mark.parametrize("level", [Level.URGENT, Level.EMERGENCY])


async def send(console: ConsoleSession, level: Level, ack: Ack = Ack.PC) -> str:
    """Send one; return its id."""
    draft = Draft(channels=[CHANNEL], title=EMERGENCY, body="Now.", level=level, ack=ack)
    return (await console.send(draft)).message.id


def forge(raw: Raw, message_id: str) -> bool:
    """Write what closed every popup once; whether Redis took it."""
    key, at = KEYS.receipts(message_id), int(time.time() * 1000)
    own = json.dumps({"r": at, "d": at, "a": at, "u": "nobody", "y": ""})
    outlet = f'{{"e":"{OTHER}","a":{at},"u":"nobody","y":""}}'
    taken = raw.say("HSET", key, HERE, own, f"@{OUTLET}", outlet)
    rung = raw.say("PUBLISH", KEYS.answers_of(OUTLET), message_id)
    return not is_refused(taken) and not is_refused(rung)


async def stays_open(tray: TrayApp, message_id: str) -> None:
    """It is on the screen for as long as the attack took before, and longer."""
    until_then = time.monotonic() + STAYS_S
    while time.monotonic() < until_then:
        assert is_open(tray, message_id), "somebody else's receipt closed it"
        await asyncio.sleep(0.02)


def stored(folder: Path, message_id: str) -> InboxMessage:
    """What the tray's inbox says."""
    return next(one for one in read_messages(folder) if one.id == message_id)


def claim(tray: TrayApp) -> str:
    """What the open popup says of answers."""
    popup = open_popup(tray)
    return "" if popup is None else popup.reading.claim.text().replace("\u200b", "")


@LOUD
@pytest.mark.parametrize("ack", [Ack.PC, Ack.OUTLET])
async def test_a_receipt_that_nobody_gave_closes_nothing_urgent(
    qapp: QApplication, site: Site, level: Level, ack: Ack
) -> None:
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        message_id = await send(console, level, ack)
        await until(lambda: is_open(tray, message_id))
        with site.raw() as raw:
            taken = forge(raw, message_id)
        if taken:
            await until(lambda: "nobody" in claim(tray))
        await stays_open(tray, message_id)
        found = stored(site.folder / "tray", message_id)
        assert (found.state, found.acknowledged_at) == (State.DISPLAYED, None)
        await emergency_arrives(console, tray)


async def test_a_message_that_was_forged_answered_before_it_came_is_shown(
    qapp: QApplication, outlet_site: Site
) -> None:
    async with outlet_site.console() as console:
        message_id = await send(console, Level.EMERGENCY, Ack.OUTLET)
        with outlet_site.raw() as raw:
            assert forge(raw, message_id)
        async with outlet_site.tray() as tray:
            await until(lambda: is_open(tray, message_id))
            assert claim(tray) == f"Already answered by {OTHER} (nobody)."
            await stays_open(tray, message_id)
            await emergency_arrives(console, tray)


async def test_policy_lets_no_receipt_close_anything(qapp: QApplication, outlet_site: Site) -> None:
    async with (
        outlet_site.tray(answers_from_others=False) as tray,
        outlet_site.console() as console,
    ):
        await connected(tray)
        message_id = await send(console, Level.IMPORTANT)
        await until(lambda: is_open(tray, message_id))
        with outlet_site.raw() as raw:
            assert forge(raw, message_id)
        await until(lambda: "nobody" in claim(tray))
        await stays_open(tray, message_id)
        await emergency_arrives(console, tray)


async def test_an_endless_change_of_receipts_keeps_nobody_from_answering(
    qapp: QApplication, outlet_site: Site
) -> None:
    """Each change would begin the guard anew, if more than the first one were shown."""
    async with outlet_site.tray() as tray, outlet_site.console() as console:
        await connected(tray)
        message_id = await send(console, Level.EMERGENCY, Ack.OUTLET)
        await until(lambda: is_open(tray, message_id))
        popup = open_popup(tray)
        assert popup is not None
        with outlet_site.raw() as raw:
            assert forge(raw, message_id)
            await until(lambda: "nobody" in claim(tray))
            await until(lambda: not popup.guarded)
            key, bell = KEYS.receipts(message_id), KEYS.answers_of(OUTLET)
            stop = time.monotonic() + STAYS_S
            number = 0
            while time.monotonic() < stop:
                number += 1
                entry = f'{{"e":"{OUTLET}/till-{number}","a":{number},"u":"x","y":""}}'
                raw.say("HSET", key, f"@{OUTLET}", entry)
                raw.say("PUBLISH", bell, message_id)
                assert not popup.guarded
                await asyncio.sleep(0.02)
        assert f"{OTHER} (nobody)" in claim(tray), "who was named first stays"
        await emergency_arrives(console, tray)
