"""Random lives of receipts: told in any order, twice, with replies and whole keys lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from shared.keys import Keys
from shared.model import Endpoint, Message
from shared.receipts import Counts, Receipt, Stage
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.redis_bus.receipt_scripts import RECEIPT_SCRIPT
from shared.redis_bus.receipts import receipt_arguments
from tests.bench.load import now_of
from tests.fakes import make_message
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis
KEYS = Keys()
STAGES = list(Stage)
ENDPOINTS = [Endpoint(outlet, pc) for outlet in "AB" for pc in "12"]

RECEIPTS, COUNTERS = (0, -1, False), (0, -2, False)
"""Steps in which a key is evicted."""
tells = st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans())
"""An endpoint, how far it has come, and whether the reply is lost."""
lives = st.sampled_from([RECEIPTS, COUNTERS]).flatmap(
    lambda loss: st.lists(st.one_of(tells, st.just(loss)), max_size=20)
)
"""One key is lost, however often; what Redis confirmed before it lost both is nobody's to know."""


class Life:
    """One message: what is in Redis, and what should be."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.message: Message = make_message(sent_at=now_of(redis))
        self.reached = dict.fromkeys(ENDPOINTS, -1)
        self.told = dict.fromkeys(ENDPOINTS, -1)
        self.counted: dict[Stage, set[Endpoint]] = {stage: set() for stage in Stage}
        self.held: dict[Endpoint, int] = {}

    def tell(self, endpoint: Endpoint, stage: int, *, lost: bool) -> None:
        """*endpoint* has come to *stage*, or further before, and says so."""
        self.reached[endpoint] = max(self.reached[endpoint], stage)
        self._send(endpoint, lost=lost)

    def evict_receipts(self) -> None:
        """A console has looked before, and all that was under way has arrived."""
        for endpoint, stage in self.reached.items():
            if stage > self.told[endpoint]:
                self._send(endpoint, lost=False)
        self.redis.delete(KEYS.receipts(self.message.id))
        self.held = {}

    def evict_counters(self) -> None:
        """What is left of the receipts is all that can be counted."""
        self.redis.delete(KEYS.receipt_counts(self.message.id))
        self.counted = {
            stage: {one for one, held in self.held.items() if held >= rank}
            for rank, stage in enumerate(STAGES)
        }

    def _send(self, endpoint: Endpoint, *, lost: bool) -> None:
        stage, at = self.reached[endpoint], self.message.sent_at
        before = STAGES[self.told[endpoint]].value if self.told[endpoint] >= 0 else ""
        receipt = Receipt(
            self.message.id,
            at,
            at + 1,
            at + 200 if stage >= 1 else None,
            at + 900 if stage >= 2 else None,
            confirmed=before,
        )
        self.redis.execute_command(
            "EVAL", *receipt_arguments(KEYS, endpoint, receipt, RECEIPT_SCRIPT)
        )
        if not lost:
            self.told[endpoint] = stage
        self.held[endpoint] = max(stage, self.held.get(endpoint, -1))
        for reached in STAGES[: stage + 1]:
            self.counted[reached].add(endpoint)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives)
def test_a_console_sees_what_happened_whatever_the_way(
    redis_server: RedisServer, runner: asyncio.Runner, way: list[tuple[int, int, bool]]
) -> None:
    async def look(message: Message) -> Counts:
        async with RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as link:
            return (await link.counts([message]))[0]

    with Redis(port=redis_server.port) as redis:
        life = Life(redis)
        for step in way:
            if step == RECEIPTS:
                runner.run(look(life.message))
                life.evict_receipts()
            elif step == COUNTERS:
                life.evict_counters()
            else:
                number, stage, lost = step
                life.tell(ENDPOINTS[number], stage, lost=lost)
        counts = runner.run(look(life.message))
    for reached in Stage:
        assert counts.of(reached) == len(life.counted[reached])
        assert sum(counts.reach[reached].values()) == len(life.counted[reached])
