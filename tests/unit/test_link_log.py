"""What the log says of a link, so that IT need not ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.bus import LinkState, NoBus
from shared.errors import LinkLost, LoginRefused, SiaranError
from shared.event_log import Event, is_for_it
from shared.link_keeper import LinkKeeper, link_details
from shared.redis_bus.address import RedisAddress
from tests.conftest import LogGuard, until


@pytest.mark.parametrize(
    ("account", "channels", "words"),
    [
        ("outlet", 3, " as outlet, 3 channels"),
        ("", 1, ", 1 channel"),
        ("", 0, ", 0 channels"),
        ("hq", None, " as hq"),
        ("", None, ""),
        ("a\nERROR b", None, " as a ERROR b"),
    ],
)
def test_who_and_how_many(account: str, channels: int | None, words: str) -> None:
    assert link_details(account, channels) == words


def test_a_password_in_the_place_of_a_name_is_not_said() -> None:
    assert RedisAddress.from_url("redis://outlet:secret@hq").account == "outlet"
    assert RedisAddress.from_url("redis://secret@hq").account == ""
    assert RedisAddress.from_url("redis://:secret@hq").account == ""
    assert NoBus(LinkLost("hq", "Lost.")).account == ""


async def lived(caplog: pytest.LogCaptureFixture, error: SiaranError) -> list[logging.LogRecord]:
    """The log of a link that connects and then ends by *error*."""

    @asynccontextmanager
    async def open_link() -> AsyncIterator[str]:
        yield "link"

    async def use(_link: str) -> None:
        keeper.ready()
        raise error

    details = link_details("outlet", 3)
    keeper = LinkKeeper("hq:6379", open_link, use, details=details, uniform=lambda _a, b: b)
    with caplog.at_level(logging.INFO, "shared.link_keeper"):
        running = asyncio.create_task(keeper.run())
        await until(lambda: keeper.status.state in (LinkState.REFUSED, LinkState.RECONNECTING))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return caplog.records


async def test_the_connect_line_tells_it_all_and_a_refusal_is_for_the_event_log(
    caplog: pytest.LogCaptureFixture, log_guard: LogGuard
) -> None:
    log_guard.expect("refused: ")
    error = LoginRefused("hq:6379", "Redis at hq:6379 refused the login.")
    connected, refused = await lived(caplog, error)
    assert connected.getMessage() == "connected to hq:6379 as outlet, 3 channels"
    assert not is_for_it(connected)
    assert refused.getMessage() == "refused: Redis at hq:6379 refused the login."
    assert vars(refused)["event"] is Event.LINK_REFUSED


async def test_a_lost_link_is_not_for_the_event_log(
    caplog: pytest.LogCaptureFixture, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    records = await lived(caplog, LinkLost("hq:6379", "Gone."))
    assert [is_for_it(record) for record in records] == [False, False]
