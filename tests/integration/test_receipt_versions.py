"""Receipts while a roll-out lasts: trays, consoles and accounts of 0.1.0 as it was, and of today.

What earlier programs ran is kept word for word (``EARLIER_RECEIPT_SCRIPT``); the accounts are those
that came with them.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.keys import Keys
from shared.model import DAY_MS, Endpoint, Message
from shared.receipts import COUNTS_MS, GRACE_MS, Receipt
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.redis_bus.receipt_scripts import EARLIER_RECEIPT_SCRIPT, LOOK_SCRIPT, RECEIPT_SCRIPT
from shared.redis_bus.receipts import receipt_arguments
from tests.bench.load import now_of
from tests.fakes import make_message
from tests.redis_server import RedisServer, is_redis_6

pytestmark = pytest.mark.redis
KEYS = Keys()
TILL = Endpoint("JKT-014", "till-1")
ACL = Path(__file__).resolve().parents[2] / "packaging" / "redis" / "users.acl"
EARLIER_SHA1 = "aa93a893f99eb6e4cbfe7c28c6de192d59de8155"
EARLIER_OUTLET = (
    "on >secret resetkeys resetchannels -@all +ping +time +role +multi +exec +subscribe"
    " +xinfo|stream +xrange +hget +hset +evalsha +hmget +hincrby +pttl +pexpireat"
    " %R~{siaran}:log:* %R~{siaran}:log-all ~siaran:endpoints ~siaran:rcpt:*"
    " &{siaran}:all &{siaran}:ch:* &{siaran}:ans:*"
)


class Roll:
    """A server with an outlet's account, and one message on it."""

    def __init__(self, server: RedisServer, rules: str) -> None:
        self.server = server
        if is_redis_6():
            rules = _accounts()._for_redis_6(f"user outlet {rules}").removeprefix("user outlet ")
        reply = server.command("ACL", "SETUSER", "outlet", "reset", *rules.split())
        assert reply == b"+OK\r\n", reply
        self.redis = Redis(port=server.port)
        self.message: Message = make_message(sent_at=now_of(self.redis) - 1000)
        self.answered = Receipt(
            self.message.id,
            self.message.sent_at,
            self.message.sent_at + 5,
            self.message.sent_at + 50,
            self.message.sent_at + 500,
            "sari",
        )

    def earlier_console_connects(self, *, sends: bool) -> None:
        """It loads its script and, when it sends, notes what it knows among the counters."""
        self.redis.script_load(EARLIER_RECEIPT_SCRIPT)
        if sends:
            counts, until = KEYS.receipt_counts(self.message.id), self.message.sent_at + 7 * DAY_MS
            self.redis.hset(counts, mapping={"expected": 1, "until": until})
            self.redis.pexpireat(counts, self.message.sent_at + COUNTS_MS)
            self.redis.pexpireat(KEYS.receipts(self.message.id), until + GRACE_MS)

    def earlier_tray_tells(self) -> Any:
        """As it does: EVALSHA with the outlet's account."""
        arguments = receipt_arguments(KEYS, TILL, self.answered)
        with Redis(port=self.server.port, username="outlet", password="secret") as outlet:
            return outlet.execute_command("EVALSHA", EARLIER_SHA1, *arguments[1:])

    async def tray_tells(self) -> int | None:
        """As today: when it was acknowledged, as the answer has it."""
        address = RedisAddress(port=self.server.port, username="outlet", password="secret")
        async with RedisTrayBus(address, KEYS).open(["*"], TILL) as link:
            return (await link.report([self.answered]))[0].here_at

    def counters(self) -> tuple[int, int]:
        """Received and acknowledged."""
        found = self.redis.hmget(KEYS.receipt_counts(self.message.id), "received", "acknowledged")
        received, acknowledged = (int(one or 0) for one in found)
        return received, acknowledged

    def life_left(self) -> int:
        """Of the receipts, in ms; -1: they never go."""
        return int(self.redis.pttl(KEYS.receipts(self.message.id)))


def _accounts() -> Any:
    """The script that makes accounts, as a module."""
    spec = importlib.util.spec_from_file_location("accounts", ACL.with_name("accounts.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shipped(account: str) -> str:
    """The rights of *account* in users.acl, with another password."""
    [line] = [one for one in ACL.read_text().splitlines() if one.startswith(f"user {account} ")]
    return line.split(" ", 2)[2].replace(f"CHANGE-{account}", "secret")


@pytest.fixture(params=["earlier accounts", "accounts of today"])
def roll(redis_server: RedisServer, request: pytest.FixtureRequest) -> Roll:
    rules = EARLIER_OUTLET if request.param == "earlier accounts" else shipped("outlet")
    return Roll(redis_server, rules)


def console(server: RedisServer) -> RedisConsoleBus:
    return RedisConsoleBus(RedisAddress(port=server.port), KEYS)


def test_the_earlier_script_is_word_for_word_what_0_1_0_runs() -> None:
    assert hashlib.sha1(EARLIER_RECEIPT_SCRIPT.encode()).hexdigest() == EARLIER_SHA1


async def test_a_console_brings_what_trays_of_every_version_run(redis_server: RedisServer) -> None:
    async with console(redis_server).open():
        with Redis(port=redis_server.port) as redis:
            known = [
                redis.script_exists(hashlib.sha1(script.encode()).hexdigest())[0]
                for script in (RECEIPT_SCRIPT, LOOK_SCRIPT, EARLIER_RECEIPT_SCRIPT)
            ]
    assert known == [True, True, True]


async def test_an_earlier_tray_tells_of_a_message_of_a_console_of_today(roll: Roll) -> None:
    async with console(roll.server).open() as link:
        await link.note_sent(roll.message, 1, roll.message.sent_at + 7 * DAY_MS)
        for _ in range(2):
            roll.earlier_tray_tells()
        [counts] = await link.counts([roll.message])
    assert (counts.expected, counts.received, counts.acknowledged) == (1, 1, 1)
    assert roll.life_left() > 9 * DAY_MS


async def test_a_tray_of_today_tells_of_a_message_of_an_earlier_console(roll: Roll) -> None:
    """Nobody has loaded the script of today."""
    roll.earlier_console_connects(sends=True)
    assert [await roll.tray_tells() for _ in range(2)] == [roll.answered.acknowledged_at] * 2
    assert roll.counters() == (1, 1)
    async with console(roll.server).open() as link:
        [counts] = await link.counts([roll.message])
        assert (counts.expected, counts.acknowledged, counts.noted) == (1, 1, False)
        await link.mend_receipts([roll.message], 7 * DAY_MS)
    assert roll.life_left() > 9 * DAY_MS


async def test_with_both_of_0_1_0_and_accounts_of_today_a_receipt_arrives_and_is_told_again(
    redis_server: RedisServer,
) -> None:
    """It may set no expiry and so takes the receipt for refused, until a console of today comes."""
    roll = Roll(redis_server, shipped("outlet"))
    roll.earlier_console_connects(sends=True)
    for _ in range(2):
        with pytest.raises(ResponseError, match="can't run this command"):
            roll.earlier_tray_tells()
        assert roll.counters() == (1, 1)
    async with console(redis_server).open() as link:
        await link.mend_receipts([roll.message], 7 * DAY_MS)
    assert roll.earlier_tray_tells()[0]
    assert roll.counters() == (1, 1)
