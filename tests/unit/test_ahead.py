"""Series sent ahead: one message an occurrence whoever sends it, and taken back when it changes."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

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
from admin_app.chores import AHEAD_EVERY_S, keep_series_ahead
from admin_app.draft import Draft, Every
from admin_app.sending import Sender
from admin_app.series import Series, covered_until, occurrences
from admin_app.templates import Template
from admin_app.upcoming import read_upcoming
from shared.bus import ConsoleLink, Shelf
from shared.errors import BadInput, ChangedMeanwhile, LinkLost, NotPermitted
from shared.model import DAY_MS, HOUR_MS, Level, Message, new_message_id
from shared.settings import Settings
from tests.conftest import LogGuard, until, until_await
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer, clock_of

WIB = timezone(timedelta(hours=7))


def hq(server: FakeServer) -> Sender:
    """A console whose time goes with the server's."""
    return Sender(Settings(), clock=clock_of(server))


def tomorrow(server: FakeServer, hour: int = 9) -> datetime:
    now = datetime.fromtimestamp(server.now_ms / 1000, WIB)
    return (now + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def daily(server: FakeServer, **fields: object) -> StoredSeries:
    usual = {"channels": ["Channel 1"], "title": "Opening", "body": "Count the till."}
    draft = Draft(**{**usual, **fields})  # type: ignore[arg-type]
    return StoredSeries(new_message_id(), series_of(draft, Every.DAY, tomorrow(server)))


async def coming(link: ConsoleLink, server: FakeServer) -> list[Message]:
    since = server.now_ms - hq(server).retention_ms
    return await read_upcoming(link, ["Channel 1", "Channel 2"], since, server.now_ms)


async def test_a_series_is_sent_ahead_as_far_as_outlets_keep_it_and_once() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        found = await coming(link, server)
        first = round(tomorrow(server).timestamp() * 1000)
        assert [one.show_at for one in found] == [first + day * DAY_MS for day in range(7)][
            : len(found)
        ]
        assert len(found) in (6, 7)
        assert all(one.expires_at == (one.show_at or 0) + DAY_MS for one in found)
        assert await send_ahead(link, hq(server), saved, server.now_ms) == 0
        server.now_ms += DAY_MS
        assert await send_ahead(link, hq(server), saved, server.now_ms) == 1
        assert await read_series(link) == [saved]


async def test_what_was_sent_ahead_is_taken_back_when_the_series_says_something_else() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        before = await coming(link, server)
        content = msgspec.structs.replace(saved.content.content, title="Closing")
        changed = msgspec.structs.replace(saved.content, content=content)
        saved = await save_series(link, hq(server), StoredSeries(saved.id, changed, saved.stored))
        after = await coming(link, server)
        assert [one.title for one in after] == ["Closing"] * len(before)
        assert [one.show_at for one in after] == [one.show_at for one in before]
        await delete_series(link, hq(server), saved)
        assert await coming(link, server) == []
        assert await read_series(link) == []


async def test_only_the_times_that_are_gone_are_taken_back_when_the_days_change() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        before = {one.id: one for one in await coming(link, server)}
        weekdays = msgspec.structs.replace(saved.content, every=Every.WEEKDAY)
        await save_series(link, hq(server), StoredSeries(saved.id, weekdays, saved.stored))
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
        saved = await save_series(link, hq(server), daily(server))
        times = [one.show_at for one in await coming(link, server)]
        first = saved.content
        title = fields.pop("title", first.content.title)
        content = msgspec.structs.replace(first.content, title=title)
        other = msgspec.structs.replace(first, content=content, **fields)
        for what in (other, first, other, first):
            saved = await save_series(link, hq(server), StoredSeries(saved.id, what, saved.stored))
        assert [one.show_at for one in await coming(link, server)] == times
        server.now_ms += 30 * DAY_MS
        saved = await save_series(link, hq(server), StoredSeries(saved.id, other, saved.stored))
        assert len(saved.content.taken_back) <= 7


async def test_two_consoles_that_send_at_once_make_one_message_of_each() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with bus.open() as mine, bus.open() as theirs:
        saved = await save_series(mine, hq(server), daily(server))
        count = len(await coming(mine, server))
        logged = len(server.logs["Channel 1"])
        assert await send_ahead(theirs, hq(server), saved, server.now_ms) == 0
        assert len(server.logs["Channel 1"]) == logged == count


async def test_an_occurrence_that_was_cancelled_alone_stays_so() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        first, *others = await coming(link, server)
        await hq(server).publish(link, hq(server).recall_of(first, server.now_ms))
        await send_ahead(link, hq(server), saved, server.now_ms)
        assert await coming(link, server) == others


async def test_what_somebody_else_has_changed_is_neither_sent_nor_taken_back() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        later = msgspec.structs.replace(saved.content, lives_minutes=60)
        await save_series(link, hq(server), StoredSeries(saved.id, later, saved.stored))
        before = await coming(link, server)
        with pytest.raises(ChangedMeanwhile):
            await save_series(link, hq(server), StoredSeries(saved.id, saved.content, b"old"))
        with pytest.raises(ChangedMeanwhile):
            await delete_series(link, hq(server), saved)
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
        chore = asyncio.create_task(keep_series_ahead(link, hq(server)))
        await until_await(lambda: coming(link, server))
        assert {one.title for one in await coming(link, server)} == {"Opening"}
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


async def test_a_link_lost_while_a_series_is_sent_ahead_is_no_warning_of_its_own() -> None:
    """That it connects again is one; the series are sent ahead by the next link."""
    server = FakeServer()
    server.shelves[Shelf.SERIES] = {"1": msgspec.json.encode(daily(server).content)}
    bus = FakeConsoleBus(server)
    bus.fails_after = 0
    async with bus.open() as link:
        chore = asyncio.create_task(keep_series_ahead(link, hq(server)))
        await until(lambda: (bus.fails_after or 0) < 0)
        await asyncio.sleep(0)
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


@pytest.mark.parametrize("fields", [{"title": " "}, {"channels": []}, {"body": ""}])
async def test_what_cannot_be_sent_is_not_saved(fields: dict[str, object]) -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        with pytest.raises(BadInput):
            await save_series(link, hq(server), daily(server, **fields))
        assert not server.shelves
        assert not server.logs


def named(one: StoredSeries, title: str) -> StoredSeries:
    """*one*, changed to send *title*."""
    content = msgspec.structs.replace(one.content.content, title=title)
    return StoredSeries(one.id, msgspec.structs.replace(one.content, content=content), one.stored)


async def chores(link: ConsoleLink, server: FakeServer) -> None:
    """What any console does with every series, now and then."""
    for one in await read_series(link):
        await send_ahead(link, hq(server), one, server.now_ms)


@pytest.mark.parametrize("lost", range(1, 9))
async def test_a_new_series_whose_reply_was_lost_and_that_is_saved_again_is_one(lost: int) -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with bus.open() as link:
        one = daily(server)
        for _ in range(lost):
            bus.lose_replies = 1
            with contextlib.suppress(LinkLost):
                await save_series(link, hq(server), one)
            bus.lose_replies = 0
        await save_series(link, hq(server), named(one, "Written anew"))
        found = await coming(link, server)
        assert [one.title for one in found] == ["Written anew"] * len(found)
        assert len({one.show_at for one in found}) == len(found) >= 6
        assert len(await read_series(link)) == 1


@pytest.mark.parametrize("recalled", range(6))
async def test_what_a_console_that_was_cut_off_has_not_taken_back_another_one_does(
    recalled: int,
) -> None:
    """Else both the old and the new message were shown, every day."""
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with bus.open() as link:
        saved = await save_series(link, hq(server), daily(server))
        bus.fails_after = recalled
        with pytest.raises(LinkLost):
            await save_series(link, hq(server), named(saved, "New"))
        bus.fails_after = None
        await chores(link, server)
        found = await coming(link, server)
        assert [one.title for one in found] == ["New"] * len(found)
        entries = len(server.logs["Channel 1"])
        await chores(link, server)
        assert len(server.logs["Channel 1"]) == entries  # nothing is recalled twice
        [saved] = await read_series(link)
        bus.fails_after = recalled
        with pytest.raises(LinkLost):
            await delete_series(link, hq(server), saved)
        bus.fails_after = None
        await chores(link, server)
        assert await coming(link, server) == []
        assert await read_series(link) == []


@pytest.mark.parametrize("deleted", [False, True])
async def test_what_another_console_sends_from_what_it_had_read_before_is_taken_back_too(
    deleted: bool,
) -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        server.now_ms += DAY_MS
        [read_before] = await read_series(link)
        if deleted:
            await delete_series(link, hq(server), saved)
        else:
            await save_series(link, hq(server), named(saved, "New"))
        assert await send_ahead(link, hq(server), read_before, server.now_ms) == 1
        assert "Opening" not in [one.title for one in await coming(link, server)]


async def test_what_was_sent_farther_ahead_than_this_console_would_is_taken_back_too() -> None:
    """Two consoles with another retention, or one that was set meanwhile."""
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server))
        assert len(await coming(link, server)) >= 6
        await delete_series(link, Sender(Settings(retention_hours=24)), saved)
        assert await coming(link, server) == []


async def test_a_message_that_would_stay_too_long_is_said_before_anything_is_saved() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        with pytest.raises(BadInput, match="24 hours"):
            await save_series(
                link,
                Sender(Settings(retention_hours=24)),
                daily(server, expires_at=server.now_ms + 6 * DAY_MS),
            )
        assert not server.shelves


async def test_what_may_not_be_sent_is_not_left_for_another_console_to_send() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with bus.open() as link:
        bus.refuse_publish = NotPermitted(ADDRESS, "No.")
        with pytest.raises(NotPermitted):
            await save_series(link, hq(server), daily(server))
        bus.refuse_publish = None
        await chores(link, server)
        assert await read_series(link) == []
        assert await coming(link, server) == []


async def test_a_channel_that_may_not_be_used_keeps_no_other_series_from_being_sent(
    log_guard: LogGuard,
) -> None:
    log_guard.expect("is not sent ahead: No.")
    server = FakeServer()
    bus = FakeConsoleBus(server)
    shelf = {"0": daily(server, channels=["Channel 2"], title="A"), "1": daily(server, title="B")}
    server.shelves[Shelf.SERIES] = {
        name: msgspec.json.encode(one.content) for name, one in shelf.items()
    }
    bus.refuse_channels = {"Channel 2": NotPermitted(ADDRESS, "No.")}
    async with bus.open() as link:
        chore = asyncio.create_task(keep_series_ahead(link, hq(server)))
        await until_await(lambda: coming(link, server))
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


async def test_a_drill_that_recurs_is_marked_every_time() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), daily(server, drill=True))
        found = await coming(link, server)
        assert all(one.drill and one.title == "TEST · Opening" for one in found)
        meant = msgspec.structs.replace(saved.content, drill=False)
        await save_series(link, hq(server), StoredSeries(saved.id, meant, saved.stored))
        assert not any(one.drill for one in await coming(link, server))


@pytest.mark.parametrize(
    "field",
    ['"offset_minutes":99999', '"begins_at":1000000000000000000', '"lives_minutes":99999999999999'],
)
async def test_a_series_that_no_calendar_knows_is_left_out_and_stops_no_other(field: str) -> None:
    server = FakeServer()
    good = msgspec.json.encode(daily(server).content)
    bad = good.replace(b'"at":', f'{field},"at":'.encode(), 1)
    server.shelves[Shelf.SERIES] = {"0": bad, "1": good}
    async with FakeConsoleBus(server).open() as link:
        assert [one.id for one in await read_series(link)] == ["1"]


@pytest.mark.parametrize("hours", [1, 2, 3, 24])
def test_with_a_short_retention_nothing_is_missed_between_two_looks(hours: int) -> None:
    begin = 1_800_000_000_000
    one = daily(FakeServer()).content
    step = min(AHEAD_EVERY_S * 1000, covered_until(0, hours * HOUR_MS) / 2)
    found, now = set[int](), float(begin)
    while now < begin + 3 * DAY_MS:
        found.update(occurrences(one, round(now), covered_until(round(now), hours * HOUR_MS)))
        now += step + 60_000
    assert found >= set(occurrences(one, begin, begin + 3 * DAY_MS))


def test_a_monthly_one_changed_in_a_short_month_stays_on_its_day() -> None:
    draft = Draft(title="T", body="B", channels=["*"])
    before = series_of(draft, Every.MONTH, datetime(2027, 1, 31, 9, tzinfo=WIB))
    seen = datetime(2027, 2, 28, 9, tzinfo=WIB)
    stored = msgspec.json.encode(before)
    other = msgspec.structs.replace(draft, title="New", series="x", series_before=stored)
    assert series_of(other, Every.MONTH, seen).day == 31
    east = seen.astimezone(timezone(timedelta(hours=9)))  # a console in another zone
    assert series_of(other, Every.MONTH, east).at == "09:00"
    assert series_of(other, Every.MONTH, seen.replace(hour=10)).day == 28
    assert series_of(other, Every.WEEK, seen).days == [7]


def test_a_series_that_begins_at_odd_seconds_has_its_first_time_too() -> None:
    """A message that a script has scheduled in two hours, made one of every day."""
    first = datetime(2026, 11, 25, 9, 30, 17, 250_000, tzinfo=WIB)
    one = series_of(Draft(title="T", body="B"), Every.DAY, first)
    at = round(first.timestamp() * 1000)
    assert list(occurrences(one, at - DAY_MS, at)) == [at - 17_250]


@pytest.mark.parametrize("late", [0, HOUR_MS, 2 * DAY_MS])
def test_a_series_that_is_moved_beyond_its_expiry_is_refused(late: int) -> None:
    """Each of its messages stayed for a minute, and hardly anybody saw one."""
    first = datetime(2026, 11, 25, 9, 30, tzinfo=WIB)
    at = round(first.timestamp() * 1000)
    with pytest.raises(BadInput, match="expire before anybody"):
        series_of(Draft(title="T", body="B", expires_at=at - late), Every.DAY, first)


def test_a_series_begins_with_the_message_that_was_written() -> None:
    first = datetime(2026, 11, 25, 9, 30, tzinfo=WIB)
    at = round(first.timestamp() * 1000)
    draft = Draft(title="T", body="B", level=Level.URGENT, expires_at=at + 2 * HOUR_MS)
    one = series_of(draft, Every.WEEK, first)
    assert (one.at, one.days, one.offset_minutes) == ("09:30", [3], 420)
    assert (one.begins_at, one.lives_minutes) == (at, 120)
    assert series_of(draft, Every.MONTH, first).day == 25
    assert isinstance(one, Series)


BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 8, 3, 9, tzinfo=BERLIN)


def in_berlin(first: datetime = SUMMER, draft: Draft | None = None) -> Series:
    """What a console in Berlin begins with."""
    return series_of(draft or Draft(title="T", body="B", channels=["*"]), Every.DAY, first)


def test_a_series_goes_by_the_zone_of_the_console_that_made_it() -> None:
    one = in_berlin()
    assert (one.zone, one.offset_minutes, one.at) == ("Europe/Berlin", 120, "09:00")
    winter = round(datetime(2026, 12, 1, 9, tzinfo=BERLIN).timestamp() * 1000)
    assert winter in occurrences(one, winter - HOUR_MS, winter + HOUR_MS)


def test_a_series_keeps_its_zone_as_it_is_changed_unless_its_time_is_another() -> None:
    stored = msgspec.json.encode(in_berlin())
    draft = Draft(title="New", body="B", channels=["*"], series="x", series_before=stored)
    abroad = datetime(2026, 12, 1, 15, tzinfo=ZoneInfo("Asia/Jakarta"))  # nine in Berlin
    kept = in_berlin(abroad, draft)
    assert (kept.zone, kept.offset_minutes, kept.at) == ("Europe/Berlin", 120, "09:00")
    moved = in_berlin(abroad.replace(hour=16), draft)
    assert (moved.zone, moved.offset_minutes, moved.at) == ("Asia/Jakarta", 420, "16:00")


@pytest.mark.parametrize(("first", "zone"), [(SUMMER, "Europe/Berlin"), (None, "")])
def test_a_series_of_an_earlier_console_gets_the_zone_of_one_that_reads_its_offset_so(
    first: datetime | None, zone: str
) -> None:
    """In winter a console in Berlin shows it an hour off, and leaves it there."""
    stored = msgspec.json.encode(msgspec.structs.replace(in_berlin(), zone=""))
    draft = Draft(title="New", body="B", channels=["*"], series="x", series_before=stored)
    kept = in_berlin(first or datetime(2026, 12, 1, 8, tzinfo=BERLIN), draft)
    assert (kept.zone, kept.offset_minutes, kept.at) == (zone, 120, "09:00")


def test_a_series_that_begins_in_an_hour_that_comes_twice_begins_with_its_first_time() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    one, at = in_berlin(second), round(second.timestamp() * 1000)
    assert list(occurrences(one, at - DAY_MS, at)) == [at - HOUR_MS]


async def test_what_was_sent_ahead_for_another_moment_of_the_same_id_is_taken_back() -> None:
    """An earlier console that changes a series drops its zone: an hour between them in winter."""
    server = FakeServer(now_ms=round(datetime(2026, 12, 1, 12, tzinfo=BERLIN).timestamp() * 1000))
    async with FakeConsoleBus(server).open() as link:
        saved = await save_series(link, hq(server), StoredSeries(new_message_id(), in_berlin()))
        before = [one.show_at or 0 for one in await coming(link, server)]
        for zone, shift in (("", -HOUR_MS), ("Europe/Berlin", 0)):
            other = msgspec.structs.replace(saved.content, zone=zone)
            saved = await save_series(link, hq(server), StoredSeries(saved.id, other, saved.stored))
            times = [one.show_at for one in await coming(link, server)]
            assert times == [at + shift for at in before]
        await delete_series(link, hq(server), saved)
        assert await coming(link, server) == []


async def test_a_series_that_nobody_thought_of_keeps_no_other_from_being_sent(
    log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another account wrote may be read as a series, and still be one that no console made."""
    log_guard.expect("is not sent ahead")
    server, tried = FakeServer(), list[str]()
    for name in ("a", "b"):
        raw = msgspec.json.encode(
            Series(content=Template(name=name, title=name, channels=["*"]), every=Every.DAY, at="9")
        )
        server.shelves.setdefault(Shelf.SERIES, {})[name] = raw

    async def fails(_link: object, _sender: object, one: StoredSeries, _now: int) -> int:
        tried.append(one.id)
        raise OverflowError("date value out of range")

    monkeypatch.setattr("admin_app.chores.send_ahead", fails)
    link = FakeConsoleLink(server, FakeConsoleBus(server))
    task = asyncio.create_task(keep_series_ahead(link, hq(server)))
    await until(lambda: tried == ["a", "b"])
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
