"""Consoles that change, end and send ahead one series all at once, on a real server."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from admin_app.ahead import (
    StoredSeries,
    delete_series,
    read_series,
    save_series,
    send_ahead,
    series_of,
)
from admin_app.draft import Draft, Every
from admin_app.sending import Sender
from admin_app.upcoming import read_upcoming
from shared.bus import ConsoleLink
from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.model import DAY_MS, new_message_id
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Settings
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis
WIB = timezone(timedelta(hours=7))
SENDER = Sender(Settings())


class Consoles:
    """What each of them does, at moments that a seed draws."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.over = False

    async def edits(self, link: ConsoleLink, name: str) -> None:
        """Somebody changes what is sent and how long it stays, and may end it."""
        for number in range(4):
            await asyncio.sleep(self._random.uniform(0, 0.02))
            for one in await read_series(link):
                with suppress(ChangedMeanwhile):
                    if self._random.random() < 0.1:
                        await delete_series(link, SENDER, one)
                    else:
                        await self._edit(link, one, f"{name}{number}")

    async def _edit(self, link: ConsoleLink, one: StoredSeries, title: str) -> None:
        content = msgspec.structs.replace(one.content.content, title=title)
        minutes = self._random.choice([60, 120])
        changed = msgspec.structs.replace(one.content, content=content, lives_minutes=minutes)
        await save_series(link, SENDER, StoredSeries(one.id, changed, one.stored))

    async def sends_ahead(self, link: ConsoleLink) -> None:
        """A slow console sends what it had read some time before."""
        while not self.over:
            now = await link.time_ms()
            for one in await read_series(link):
                await asyncio.sleep(self._random.uniform(0, 0.03))
                await send_ahead(link, SENDER, one, now)


@pytest.mark.parametrize("seed", range(3))
async def test_in_the_end_each_time_has_one_message_and_it_says_what_was_saved_last(
    redis_server: RedisServer, seed: int
) -> None:
    bus, consoles = RedisConsoleBus(RedisAddress(port=redis_server.port), Keys()), Consoles(seed)
    async with bus.open() as one, bus.open() as other, bus.open() as third:
        first = datetime.fromtimestamp(await one.time_ms() / 1000, WIB) + timedelta(hours=2)
        draft = Draft(channels=["Channel 1"], title="First", body="B")
        series = series_of(draft, Every.DAY, first)
        await save_series(one, SENDER, StoredSeries(new_message_id(), series))
        sending = asyncio.create_task(consoles.sends_ahead(third))
        await asyncio.gather(consoles.edits(one, "A"), consoles.edits(other, "B"))
        consoles.over = True
        await sending
        now = await one.time_ms()
        left = await read_series(one)
        for series_left in left:
            await send_ahead(one, SENDER, series_left, now)
        coming = await read_upcoming(one, ["Channel 1"], now - 7 * DAY_MS, now)
    assert {message.title for message in coming} == {it.content.content.title for it in left}
    assert set(Counter(message.show_at for message in coming).values()) <= {1}
    assert len(coming) >= 6 * len(left)
