"""Series sent ahead: one message an occurrence whoever sends it, and taken back when it changes."""

from __future__ import annotations

import asyncio
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
from admin_app.chores import keep_series_ahead
from admin_app.draft import Draft
from admin_app.sending import Sender
from admin_app.series import Every, Series
from admin_app.upcoming import read_upcoming
from shared.bus import ConsoleLink, Shelf
from shared.errors import BadInput, ChangedMeanwhile
from shared.model import DAY_MS, HOUR_MS, Level, Message
from shared.settings import Settings
from tests.conftest import LogGuard, until_await
from tests.fakes import FakeConsoleBus, FakeServer

WIB = timezone(timedelta(hours=7))
SENDER = Sender(Settings())


def tomorrow(server: FakeServer, hour: int = 9) -> datetime:
    now = datetime.fromtimestamp(server.now_ms / 1000, WIB)
    return (now + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def daily(server: FakeServer, **fields: object) -> StoredSeries:
    usual = {"channels": ["Channel 1"], "title": "Opening", "body": "Count the till."}
    draft = Draft(**{**usual, **fields})  # type: ignore[arg-type]
    return StoredSeries("", series_of(draft, Every.DAY, tomorrow(server)))


async def coming(link: ConsoleLink, server: FakeServer) -> list[Message]:
    since = server.now_ms - SENDER.retention_ms
    return await read_upcoming(link, ["Channel 1", "Channel 2"], since, server.now_ms)


async def test_a_series_is_sent_ahead_as_far_as_outlets_keep_it_and_once() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        found = await coming(link, server)
        first = round(tomorrow(server).timestamp() * 1000)
        assert [one.show_at for one in found] == [first + day * DAY_MS for day in range(7)][
            : len(found)
        ]
        assert len(found) in (6, 7)
        assert all(one.expires_at == (one.show_at or 0) + DAY_MS for one in found)
        assert await send_ahead(link, SENDER, saved, server.now_ms) == 0
        server.now_ms += DAY_MS
        assert await send_ahead(link, SENDER, saved, server.now_ms) == 1
        assert await read_series(link) == [saved]


async def test_what_was_sent_ahead_is_taken_back_when_the_series_says_something_else() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        before = await coming(link, server)
        content = msgspec.structs.replace(saved.content.content, title="Closing")
        changed = msgspec.structs.replace(saved.content, content=content)
        saved = await save_series(link, SENDER, StoredSeries(saved.id, changed, saved.stored))
        after = await coming(link, server)
        assert [one.title for one in after] == ["Closing"] * len(before)
        assert [one.show_at for one in after] == [one.show_at for one in before]
        await delete_series(link, SENDER, saved)
        assert await coming(link, server) == []
        assert await read_series(link) == []


async def test_only_the_times_that_are_gone_are_taken_back_when_the_days_change() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        before = {one.id: one for one in await coming(link, server)}
        weekdays = msgspec.structs.replace(saved.content, every=Every.WEEKDAY)
        await save_series(link, SENDER, StoredSeries(saved.id, weekdays, saved.stored))
        after = await coming(link, server)
        assert {one.id for one in after} < set(before)
        days = [
            datetime.fromtimestamp((one.show_at or 0) / 1000, WIB).isoweekday() for one in after
        ]
        assert max(days) <= 5


@pytest.mark.parametrize(
    "fields", [{"at": "10:00"}, {"every": Every.WEEKDAY}, {"lives_minutes": 60}, {"title": "B"}]
)
async def test_a_series_that_is_changed_and_changed_back_is_shown_again(
    fields: dict[str, object],
) -> None:
    """What was recalled never opens: the same again has to be another message."""
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        times = [one.show_at for one in await coming(link, server)]
        first = saved.content
        title = fields.pop("title", first.content.title)
        content = msgspec.structs.replace(first.content, title=title)
        other = msgspec.structs.replace(first, content=content, **fields)
        for what in (other, first, other, first):
            saved = await save_series(link, SENDER, StoredSeries(saved.id, what, saved.stored))
        assert [one.show_at for one in await coming(link, server)] == times
        server.now_ms += 30 * DAY_MS
        saved = await save_series(link, SENDER, StoredSeries(saved.id, other, saved.stored))
        assert len(saved.content.taken_back) <= 7


async def test_two_consoles_that_send_at_once_make_one_message_of_each() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with bus.open() as mine, bus.open() as theirs:
        saved = await save_series(mine, SENDER, daily(server))
        count = len(await coming(mine, server))
        logged = len(server.logs["Channel 1"])
        assert await send_ahead(theirs, SENDER, saved, server.now_ms) == 0
        assert len(server.logs["Channel 1"]) == logged == count


async def test_an_occurrence_that_was_cancelled_alone_stays_so() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        first, *others = await coming(link, server)
        await SENDER.publish(link, SENDER.recall_of(first, server.now_ms))
        await send_ahead(link, SENDER, saved, server.now_ms)
        assert await coming(link, server) == others


async def test_what_somebody_else_has_changed_is_neither_sent_nor_taken_back() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, SENDER, daily(server))
        later = msgspec.structs.replace(saved.content, lives_minutes=60)
        await save_series(link, SENDER, StoredSeries(saved.id, later, saved.stored))
        before = await coming(link, server)
        with pytest.raises(ChangedMeanwhile):
            await save_series(link, SENDER, StoredSeries(saved.id, saved.content, b"old"))
        with pytest.raises(ChangedMeanwhile):
            await delete_series(link, SENDER, saved)
        assert await coming(link, server) == before


async def test_a_series_that_cannot_be_sent_keeps_no_other_from_being_sent(
    log_guard: LogGuard,
) -> None:
    log_guard.expect("the series 0 is not sent ahead: ")
    server = FakeServer()
    bad = daily(server, body="x" * 9000).content
    server.shelves[Shelf.SERIES] = {
        "0": msgspec.json.encode(bad),
        "1": msgspec.json.encode(daily(server).content),
    }
    async with FakeConsoleBus(server).open() as link:
        chore = asyncio.create_task(keep_series_ahead(link, SENDER))
        await until_await(lambda: coming(link, server))
        assert {one.title for one in await coming(link, server)} == {"Opening"}
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


@pytest.mark.parametrize("fields", [{"title": " "}, {"channels": []}, {"body": ""}])
async def test_what_cannot_be_sent_is_not_saved(fields: dict[str, object]) -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        with pytest.raises(BadInput):
            await save_series(link, SENDER, daily(server, **fields))
        assert not server.shelves
        assert not server.logs


def test_a_series_begins_with_the_message_that_was_written() -> None:
    first = datetime(2026, 11, 25, 9, 30, tzinfo=WIB)
    at = round(first.timestamp() * 1000)
    draft = Draft(title="T", body="B", level=Level.URGENT, expires_at=at + 2 * HOUR_MS)
    one = series_of(draft, Every.WEEK, first)
    assert (one.at, one.days, one.offset_minutes) == ("09:30", [3], 420)
    assert (one.begins_at, one.lives_minutes) == (at, 120)
    assert series_of(draft, Every.MONTH, first).day == 25
    assert isinstance(one, Series)
