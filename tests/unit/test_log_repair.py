"""What ``repair --logs`` removes, judged without a server."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from admin_app.log_repair import repair_logs
from shared.model import DAY_MS, StreamId
from shared.repair import RepairLink
from tests.fakes import envelope_of, make_message

NOW = 1_800_000_000_000
LOG = b"{siaran}:log-all"


class OneLog:
    """One log with one message of an hour ago, under an id that is far ahead."""

    def __init__(self, redis_ms: int) -> None:
        self.redis_ms = redis_ms
        self.id = StreamId(NOW + 100 * DAY_MS, 0)
        self.removed: list[StreamId] = []
        self.envelope = envelope_of(make_message(sent_at=NOW - 3_600_000))

    async def time_ms(self) -> int:
        return self.redis_ms

    async def last_ids(self) -> dict[bytes, StreamId]:
        return {LOG: self.id}

    async def entries_from(self, _log: bytes, _first: StreamId) -> list[tuple[StreamId, bytes]]:
        return [(self.id, self.envelope)]

    async def remove_entries(self, _log: bytes, ids: Sequence[StreamId], *, set_back: bool) -> bool:
        self.removed += ids
        return set_back


@pytest.mark.parametrize("wrong_by", [0, 10 * DAY_MS, -10 * DAY_MS])
async def test_what_pcs_still_need_stays_though_redis_clock_is_wrong(wrong_by: int) -> None:
    server = OneLog(NOW + wrong_by)
    link: RepairLink = server  # type: ignore[assignment]
    [found] = await repair_logs(link, 7 * DAY_MS, do=True, wall=lambda: NOW)
    assert (found.needed, found.going, server.removed) == (1, 0, [])


async def test_what_has_expired_by_both_clocks_goes() -> None:
    server = OneLog(NOW + 10 * DAY_MS)
    link: RepairLink = server  # type: ignore[assignment]
    [found] = await repair_logs(link, 7 * DAY_MS, do=True, wall=lambda: NOW + 8 * DAY_MS)
    assert (found.needed, found.going, server.removed) == (0, 1, [server.id])


async def test_what_lives_longer_by_the_setting_is_needed_longer() -> None:
    server = OneLog(NOW + 8 * DAY_MS)
    link: RepairLink = server  # type: ignore[assignment]
    [found] = await repair_logs(link, 30 * DAY_MS, do=True, wall=lambda: NOW + 8 * DAY_MS)
    assert (found.needed, server.removed) == (1, [])
