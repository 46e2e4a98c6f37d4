"""What was sent, read backwards through all logs: whole, in order, each once, and found again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.fates import STANDS, Fate, Fates
from admin_app.history import LOOK_AT, History, Wanted, find_message, read_fate
from shared.bus import LogEntry, LogRange
from shared.errors import LinkLost
from shared.model import ALL_CHANNELS, Kind, Level, Message
from tests.fakes import ADDRESS, FakeConsoleBus, FakeConsoleLink, FakeServer, envelope_of
from tests.fakes import make_message as message

EAST, WEST = "East", "West"
START_MS = 1_800_000_000_000


class Office:
    """A server with messages, and ways through them."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.link = FakeConsoleLink(self.server, FakeConsoleBus(self.server))
        self.link.read_logs = self.read_logs  # type: ignore[method-assign]
        self.lost = False
        self.asked = 0
        self.fails_at = 0
        """The number of the question that gets no answer."""

    def send(self, *channels: str, **changes: Any) -> Message:
        """Put one message into its logs, a second after the one before."""
        self.server.now_ms += 1000
        one = message(channels=list(channels), sent_at=self.server.now_ms, **changes)
        self.server.sent[one.id] = [
            self.server.append(channel, envelope_of(one)).id for channel in channels
        ]
        return one

    def history(self, **wanted: object) -> History:
        """A way through what was sent."""
        return History(self._link, [EAST, WEST], Wanted(**wanted))  # type: ignore[arg-type]

    async def read_logs(self, ranges: Sequence[LogRange]) -> list[list[LogEntry]]:
        """What the link reads, but not at once."""
        await asyncio.sleep(0)
        return await FakeConsoleLink.read_logs(self.link, ranges)

    def _link(self) -> FakeConsoleLink:
        self.asked += 1
        if self.lost or self.asked == self.fails_at:
            raise LinkLost(ADDRESS, "The connection was lost.")
        return self.link


@pytest.fixture
def office() -> Office:
    return Office()


def titles(messages: list[Message]) -> list[str]:
    return [one.title for one in messages]


async def everything(history: History, count: int = 7) -> list[Message]:
    """Read to the end in pages of *count*."""
    found: list[Message] = []
    while not history.at_end:
        page = await history.more(count)
        assert len(page) == count or history.at_end
        found += page
    return found


async def test_all_channels_are_one_list_newest_first_and_each_message_once(office: Office) -> None:
    sent = []
    for number in range(4 * LOOK_AT):
        channels = [(EAST,), (WEST,), (ALL_CHANNELS,), (EAST, WEST)][number % 4]
        sent.append(office.send(*channels, title=f"{number}"))
    history = office.history()
    assert await everything(history) == sent[::-1]
    assert await history.more(5) == []


async def test_a_quiet_channel_beside_a_busy_one_keeps_its_place(office: Office) -> None:
    first = office.send(WEST, title="old")
    busy = [office.send(EAST) for _ in range(2 * LOOK_AT + 3)]
    assert await everything(office.history()) == [*busy[::-1], first]


async def test_a_page_reads_no_more_than_it_shows(office: Office) -> None:
    for _ in range(10 * LOOK_AT):
        office.send(EAST)
    history = office.history()
    await history.more(LOOK_AT)
    assert history.looked_at == LOOK_AT
    assert not history.at_end


async def test_filters(office: Office) -> None:
    office.send(EAST, title="a")
    urgent = office.send(WEST, title="b", level=Level.URGENT)
    both = office.send(EAST, WEST, title="c", body="Minyak GORENG")
    office.send(ALL_CHANNELS, title="d", sender="Ops Straße")
    at = both.sent_at
    wanted: list[tuple[dict[str, object], str]] = [
        ({}, "dcba"),
        ({"channels": frozenset({EAST})}, "ca"),
        ({"channels": frozenset({ALL_CHANNELS})}, "d"),
        ({"channels": frozenset({EAST, WEST})}, "cba"),
        ({"levels": frozenset({Level.URGENT, Level.EMERGENCY})}, "b"),
        ({"text": "goreng"}, "c"),
        ({"text": "STRASSE"}, "d"),
        ({"text": "nowhere"}, ""),
        ({"since_ms": at}, "dc"),
        ({"until_ms": at}, "ba"),
        ({"since_ms": urgent.sent_at, "until_ms": at}, "b"),
    ]
    for filters, expected in wanted:
        assert "".join(titles(await everything(office.history(**filters)))) == expected, filters


TEXTS = st.text(
    st.sampled_from('aBcK k.\n\t"\\\\/<é\u212a\u00a0\u00df\u017f0-'), min_size=1, max_size=8
)


@given(TEXTS, TEXTS, st.booleans())
def test_what_is_not_decoded_would_not_have_fit(text: str, body: str, escaped: bool) -> None:
    one = message(title="T", body=f"x{body}x", sender="")
    raw = envelope_of(one)
    if escaped:
        raw = json.dumps(json.loads(raw)).encode()
    wanted = Wanted(text=text)
    assert wanted.may_fit(raw) or not wanted.fits(one)


async def test_a_time_long_ago_is_not_searched_for_in_everything_since(office: Office) -> None:
    for _ in range(6 * LOOK_AT):
        office.send(EAST)
    office.server.now_ms += 3_600_000
    recent = office.send(EAST)
    history = office.history(since_ms=recent.sent_at)
    assert await everything(history) == [recent]
    assert history.looked_at == LOOK_AT


async def test_a_long_search_can_show_what_it_has(office: Office) -> None:
    needle = office.send(EAST, title="needle")
    for _ in range(5 * LOOK_AT):
        office.send(EAST)
    history, found, looks = office.history(text="needle"), list[Message](), 0
    while not history.at_end:
        found += await history.more(10, looks=1)
        looks += 1
    assert found == [needle]
    assert looks > 4


async def test_reminders_recalls_and_garbage_are_not_listed(office: Office) -> None:
    one = office.send(EAST)
    office.send(EAST, kind=Kind.REMIND, reminds=one.id)
    office.server.append(EAST, b"garbage")
    assert await everything(office.history()) == [one]


async def test_news_are_what_came_since_however_much(office: Office) -> None:
    office.send(EAST)
    history = office.history(channels=frozenset({EAST, WEST}))
    assert await history.news() == []
    await history.more(10)
    assert await history.news() == []
    fresh = [office.send(EAST if number % 2 else WEST) for number in range(3 * LOOK_AT)]
    office.send(ALL_CHANNELS)
    assert await history.news() == fresh[::-1]
    assert await history.news() == []
    last = office.send(EAST, WEST)
    assert await history.news() == [last]


async def test_a_lost_link_loses_nothing_of_the_list(office: Office) -> None:
    sent = [office.send(EAST) for _ in range(3 * LOOK_AT)]
    history = office.history()
    found = await history.more(LOOK_AT)
    office.lost = True
    with pytest.raises(LinkLost):
        await history.more(2 * LOOK_AT)
    office.lost = False
    found += await everything(history)
    assert found == sent[::-1]


@pytest.mark.parametrize("nth", range(1, 5))
async def test_what_was_found_before_the_link_was_lost_is_handed_out_later(
    office: Office, nth: int
) -> None:
    sent = [office.send((EAST, WEST, ALL_CHANNELS)[number % 3]) for number in range(4 * LOOK_AT)]
    history = office.history()
    office.fails_at = nth
    with pytest.raises(LinkLost):
        await history.more(4 * LOOK_AT)
    assert await everything(history) == sent[::-1]


@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize("given_up", [False, True])
async def test_news_that_were_read_when_the_next_log_failed_come_with_the_next_question(
    office: Office, nth: int, given_up: bool
) -> None:
    """Whoever turns to another page gives them up in the middle: the list then lacked them."""
    office.send(EAST)
    history = office.history()
    await history.more(1)
    fresh = [office.send((ALL_CHANNELS, EAST, WEST)[number % 3]) for number in range(6)]
    if given_up:
        news = asyncio.create_task(history.news())
        for _ in range(nth):
            await asyncio.sleep(0)
        news.cancel()
        await asyncio.gather(news, return_exceptions=True)
    else:
        office.fails_at = office.asked + nth
        with pytest.raises(LinkLost):
            await history.news()
    assert await history.news() == fresh[::-1]


async def test_a_message_is_found_by_its_id(office: Office) -> None:
    for _ in range(3):
        office.send(EAST)
    wanted = office.send(WEST)
    office.send(WEST)
    assert await find_message(office.link, [EAST, WEST], wanted.id) == wanted
    assert await find_message(office.link, [EAST], wanted.id) is None
    assert await find_message(office.link, [EAST, WEST], message().id) is None


def order(one: Message, kind: Kind) -> dict[str, Any]:
    """The fields of an order about *one*."""
    names = {Kind.RECALL: "recalls", Kind.MESSAGE: "replaces"}
    return {"kind": kind, names[kind]: one.id}


async def test_what_was_recalled_or_replaced_is_known_before_it_is_listed(office: Office) -> None:
    taken, old = office.send(EAST, title="a"), office.send(EAST, WEST, title="b")
    narrow = office.send(EAST, WEST, title="c")
    new = office.send(EAST, WEST, **order(old, Kind.MESSAGE), title="new")
    recall = office.send(EAST, **order(taken, Kind.RECALL))
    office.send(EAST, **order(narrow, Kind.RECALL))  # does not go to all who have it
    ways: list[dict[str, object]] = [
        {},
        {"text": "a"},
        {"channels": frozenset({EAST})},
        {"until_ms": new.sent_at},
    ]
    for filters in ways:
        history, fates = office.history(**filters), Fates()
        while not history.at_end:
            found = await history.more(1, looks=1)
            fates.note(history.take_orders())
            assert taken not in found or fates.of(taken).over
        assert fates.of(taken) == Fate(recalled_at=recall.sent_at)
        assert fates.of(old) == Fate(replaced_by=new)
        assert fates.of(narrow) == fates.of(new) == STANDS
    for one in (taken, old, narrow, new):
        assert await read_fate(office.link, one) == fates.of(one)


async def test_a_recall_that_another_console_sends_is_news(office: Office) -> None:
    one, fates = office.send(EAST), Fates()
    history = office.history()
    await history.more(5)
    recall = office.send(ALL_CHANNELS, **order(one, Kind.RECALL))
    office.send(EAST, **order(one, Kind.RECALL))
    assert await history.news() == []
    assert fates.note(history.take_orders()) == {one.id}
    assert fates.of(one).recalled_at == recall.sent_at  # the first of them
    assert history.take_orders() == []
    assert fates.note([recall]) == set()


async def test_the_fate_of_one_message_is_found_behind_many_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_app.history.AT_ONCE", 3)
    one = office.send(WEST)
    recall = office.send(WEST, **order(one, Kind.RECALL))
    for _ in range(10):
        office.send(WEST)
    assert (await read_fate(office.link, one)).recalled_at == recall.sent_at
    assert await read_fate(office.link, message(channels=[WEST])) == STANDS
