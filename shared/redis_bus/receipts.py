"""Receipts: one hash a message, written by a script that may be run again at any time.

What is in Redis only grows: a stage that is there keeps its first time, and each counter moves in
the same step that adds the stage. So a reply that got lost, a tray that was killed, or two sessions
of one PC can never make a counter drift. The first acknowledgement of an outlet stands beside the
endpoints' in the same hash, under ``@<outlet>``: an endpoint's name never begins with ``@``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from shared.codec import MAX_REPLY
from shared.keys import Keys
from shared.model import Endpoint, Message
from shared.receipts import COUNTED, COUNTS_MS, RECEIPT_DAYS_MS, Answer, Counts, Receipt
from shared.redis_bus.scripts import sha1

PAGE = 500
"""Receipts asked for at once; Redis may give some more or less."""

# KEYS: the receipts, the counters. ARGV: endpoint, outlet, received, displayed, acknowledged (ms,
# empty: not yet), os user, how it was closed, when to forget (ms), Pub/Sub channel of the outlet,
# message id, when to forget the counters (ms), the reply. Receipts that come after they would be
# forgotten are dropped. Returns this endpoint's entry and the outlet's. PUBLISH may be denied
# (before Redis 7 an account cannot be limited to it): then the others learn of it with their next
# heartbeat.
RECEIPT_SCRIPT = """
local now = redis.call('TIME')
if now[1] * 1000 >= tonumber(ARGV[8]) then
  return {false, false}
end
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local entry = raw and cjson.decode(raw) or {}
local changed = false
for _, stage in ipairs({{'r', ARGV[3], 'received'}, {'d', ARGV[4], 'displayed'},
                        {'a', ARGV[5], 'acknowledged'}, {'c', ARGV[7], ARGV[7]}}) do
  if stage[2] ~= '' and not entry[stage[1]] and not (stage[1] == 'c' and entry['a']) then
    entry[stage[1]] = tonumber(stage[2]) or stage[2]
    redis.call('HINCRBY', KEYS[2], stage[3], 1)
    changed = true
    if stage[1] == 'a' then
      entry['u'] = ARGV[6]
      if ARGV[12] ~= '' then
        entry['y'] = ARGV[12]
      end
    end
  end
end
if changed then
  raw = cjson.encode(entry)
  redis.call('HSET', KEYS[1], ARGV[1], raw)
end
local place = '@' .. ARGV[2]
if changed and ARGV[5] ~= '' then
  local first = {e = ARGV[1], a = tonumber(ARGV[5]), u = ARGV[6], y = ARGV[12]}
  if redis.call('HSETNX', KEYS[1], place, cjson.encode(first)) == 1 then
    redis.call('HINCRBY', KEYS[2], 'outlets', 1)
  end
  redis.pcall('PUBLISH', ARGV[9], ARGV[10])
end
for i, key in ipairs(KEYS) do
  if redis.call('PTTL', key) == -1 then
    redis.call('PEXPIREAT', key, ARGV[i == 1 and 8 or 11])
  end
end
return {raw, redis.call('HGET', KEYS[1], place)}
"""


class _Entry(msgspec.Struct, frozen=True):
    """One value of the hash (JSON): times of the stages, who acknowledged, how it ended, the reply.

    ``e``: of an outlet's entry, which endpoint answered.
    """

    r: int | None = None
    d: int | None = None
    a: int | None = None
    u: str = ""
    c: str = ""
    y: str = ""
    e: str = ""


async def write_receipts(
    client: Redis, keys: Keys, endpoint: Endpoint, receipts: Sequence[Receipt]
) -> list[Answer]:
    """Write all of *receipts*, in one round trip unless the script is new to the server."""
    answers = await _run(client, keys, endpoint, receipts, "EVALSHA", sha1(RECEIPT_SCRIPT))
    if any(isinstance(answer, NoScriptError) for answer in answers):
        answers = await _run(client, keys, endpoint, receipts, "EVAL", RECEIPT_SCRIPT)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [
        _answer(receipt.message_id, own, outlet)
        for receipt, (own, outlet) in zip(receipts, answers, strict=True)
    ]


async def read_answers(
    client: Redis, keys: Keys, endpoint: Endpoint, message_ids: Sequence[str]
) -> list[Answer]:
    """Ask what is known of *message_ids* at this endpoint and its outlet."""
    pipe = client.pipeline(transaction=False)
    for message_id in message_ids:
        pipe.hmget(keys.receipts(message_id), [str(endpoint), f"@{endpoint.outlet}"])
    rows = await pipe.execute()
    return [
        _answer(message_id, own, outlet)
        for message_id, (own, outlet) in zip(message_ids, rows, strict=True)
    ]


async def read_counts(client: Redis, keys: Keys, message_ids: Sequence[str]) -> list[Counts]:
    """Read the counters of messages: the same cost, however many endpoints there are."""
    pipe = client.pipeline(transaction=False)
    for message_id in message_ids:
        pipe.execute_command("HGETALL", keys.receipt_counts(message_id))
    return [_counts(answer) for answer in await pipe.execute()]


async def note_expected(client: Redis, keys: Keys, message: Message, count: int) -> None:
    """Keep how many endpoints were expected to show *message*, as it was when it was sent."""
    key = keys.receipt_counts(message.id)
    pipe = client.pipeline(transaction=False)
    pipe.execute_command("HSETNX", key, "expected", count)
    pipe.execute_command("PEXPIREAT", key, message.due_at() + COUNTS_MS)
    await pipe.execute()


async def read_receipts(
    client: Redis, keys: Keys, message: Message
) -> AsyncIterator[list[Receipt]]:
    """Read all receipts of *message*, some at a time."""
    position: Any = 0
    found: Any
    while True:
        position, found = await client.hscan(keys.receipts(message.id), position, count=PAGE)
        yield [
            _receipt(message, name.decode("utf-8", "replace"), raw)
            for name, raw in found.items()
            if not name.startswith(b"@")
        ]
        if int(position) == 0:
            return


def _counts(answer: Any) -> Counts:
    pairs = (
        answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
    )
    found = {name.decode("ascii", "replace"): value for name, value in pairs}
    known = {name: int(found[name]) for name in COUNTED if found.get(name, b"").isdigit()}
    return Counts(**known)


def _receipt(message: Message, endpoint: str, raw: bytes) -> Receipt:
    entry = _decoded(raw)
    return Receipt(
        message.id,
        message.sent_at,
        entry.r or 0,
        entry.d,
        entry.a,
        os_user=entry.u,
        closed=entry.c,
        reply=entry.y[:MAX_REPLY],
        endpoint=endpoint,
    )


async def load_script(client: Redis) -> None:
    """Make the script known, so that accounts of outlets need no right to bring their own."""
    await client.execute_command("SCRIPT LOAD", RECEIPT_SCRIPT)


async def _run(
    client: Redis,
    keys: Keys,
    endpoint: Endpoint,
    receipts: Sequence[Receipt],
    command: str,
    script: str,
) -> list[Any]:
    pipe = client.pipeline(transaction=False)
    for receipt in receipts:
        names = (keys.receipts(receipt.message_id), keys.receipt_counts(receipt.message_id))
        pipe.execute_command(command, script, 2, *names, *_values(keys, endpoint, receipt))
    return await pipe.execute(raise_on_error=False)


def _values(keys: Keys, endpoint: Endpoint, receipt: Receipt) -> list[str | int]:
    return [
        str(endpoint),
        endpoint.outlet,
        receipt.received_at,
        _or_empty(receipt.displayed_at),
        _or_empty(receipt.acknowledged_at),
        receipt.os_user,
        receipt.closed,
        receipt.sent_at + RECEIPT_DAYS_MS,
        keys.answers_of(endpoint.outlet),
        receipt.message_id,
        receipt.sent_at + COUNTS_MS,
        receipt.reply,
    ]


def _or_empty(at: int | None) -> str | int:
    return "" if at is None else at


def _answer(message_id: str, own: bytes | None, outlet: bytes | None) -> Answer:
    here, there = _decoded(own), _decoded(outlet)
    return Answer(
        message_id,
        here_at=here.a,
        here_user=here.u,
        here_reply=here.y[:MAX_REPLY],
        outlet_by=there.e,
        outlet_at=there.a,
        outlet_user=there.u,
        outlet_reply=there.y[:MAX_REPLY],
    )


def _decoded(raw: bytes | None) -> _Entry:
    """What is no entry (any endpoint may write there) counts as none."""
    try:
        return msgspec.json.decode(raw or b"", type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Entry()
