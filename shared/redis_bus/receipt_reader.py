"""What a console reads and keeps of receipts. Counters cost the same for 10 endpoints or 10,000."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shared.bus import ReceiptPage
from shared.codec import MAX_REPLY, WireError
from shared.documents import MAX_ENDPOINT_NAME, MAX_LIST, Entries, decode_list
from shared.keys import Keys
from shared.model import Message
from shared.receipts import COUNTED, COUNTS_MS, GRACE_MS, Buckets, Counts, Receipt, Stage
from shared.redis_bus.client import Client
from shared.redis_bus.receipt_scripts import RECOUNT_SCRIPT
from shared.redis_bus.receipts import Entry, decoded, is_unfit
from shared.redis_bus.resp import ServerError, pairs
from shared.redis_bus.scripts import run_script

PAGE = 250
"""Receipts asked for at once; Redis may give some more or less. Reading one page takes a GUI thread
some 3 ms."""
LAST_BUCKET = 8 * 40
"""No message is 2^40 ms (35 years) old."""
MAX_USER = 100
"""Characters of an account's name that are shown; ours."""
_LETTERS = {stage.value[0]: stage for stage in Stage}
_OUTLETS = "o"


async def read_counts(client: Client, keys: Keys, messages: Sequence[Message]) -> list[Counts]:
    """Read the counters of *messages*; lost ones are made anew from the receipts."""
    found = await _read_counters(client, keys, messages)
    torn = [
        message
        for message, (fields, rows) in zip(messages, found, strict=True)
        if rows and (fields.get("lost") == b"1" or not _is_count(fields.get("received", b"")))
    ]
    if not torn:
        return [_counts(fields) for fields, _ in found]
    for message in torn:
        await _recount(client, keys, message)
    return [_counts(fields) for fields, _ in await _read_counters(client, keys, messages)]


async def _read_counters(
    client: Client, keys: Keys, messages: Sequence[Message]
) -> list[tuple[dict[str, bytes], int]]:
    pipe = client.pipeline(transaction=False)
    for message in messages:
        pipe.execute_command("HGETALL", keys.receipt_counts(message.id))
        pipe.execute_command("HLEN", keys.receipts(message.id))
    answers = await pipe.execute(raise_on_error=False)
    for number, answer in enumerate(answers):
        if is_unfit(answer):  # of one message, which must not take the counters of others with it
            answers[number] = 0 if number % 2 else []
        elif isinstance(answer, Exception):
            raise answer
    return [
        (_fields(fields), int(rows))
        for fields, rows in zip(answers[::2], answers[1::2], strict=True)
    ]


async def _recount(client: Client, keys: Keys, message: Message) -> None:
    names = [keys.receipts(message.id), keys.receipt_counts(message.id)]
    values = [message.sent_at, message.due_at(), message.due_at() + COUNTS_MS]
    await run_script(client, RECOUNT_SCRIPT, names, values)


async def note_sent(
    client: Client, keys: Keys, message: Message, expected: int, until_ms: int, outlets: int
) -> None:
    """Keep how many endpoints, of how many *outlets* (0: not counted), were expected to show it.

    Receipts are taken until *until_ms*.
    """
    counts, receipts = keys.receipt_counts(message.id), keys.receipts(message.id)
    pipe = client.pipeline(transaction=False)
    if outlets:  # before "expected", by which others see that all of it is known
        pipe.execute_command("HSETNX", counts, "places", outlets)
    pipe.execute_command("HSETNX", counts, "expected", expected)
    pipe.execute_command("HSETNX", counts, "until", until_ms)
    pipe.execute_command("PEXPIREAT", counts, max(message.due_at() + COUNTS_MS, until_ms))
    pipe.execute_command("PEXPIREAT", receipts, until_ms + GRACE_MS)
    await pipe.execute()


async def read_receipts(
    client: Client, keys: Keys, message_id: str, position: int, sent_at: int = 0
) -> ReceiptPage:
    """Read some receipts from *position* (0: the beginning)."""
    command = ("HSCAN", keys.receipts(message_id), position, "COUNT", PAGE)
    after, found = await client.execute_command(*command)
    receipts: list[Receipt] = []
    unreadable: list[str] = []
    for raw_name, raw in pairs(found):
        name = raw_name[:MAX_ENDPOINT_NAME].decode("utf-8", "replace")
        if "/" not in name:  # it is an outlet's first acknowledgement
            continue
        entry = decoded(raw) if len(raw_name) <= MAX_ENDPOINT_NAME else None
        if entry is None:
            unreadable.append(name)
        else:
            receipts.append(_receipt(message_id, sent_at, name, entry))
    return ReceiptPage(receipts, int(after), unreadable)


async def note_fact(client: Client, keys: Keys, message_id: str, name: str, value: int) -> None:
    """Write one of the numbers that consoles keep beside the counters."""
    await client.execute_command("HSET", keys.receipt_counts(message_id), name, value)


async def read_silent(client: Client, keys: Keys, message_id: str) -> Entries[str]:
    """Who had not acknowledged when the receipts were reduced."""
    try:
        raw = await client.execute_command("GET", keys.receipt_rest(message_id))
    except ServerError as error:
        if is_unfit(error):
            return Entries(unreadable=1)
        raise
    if raw is None:
        return Entries()
    try:
        return decode_list(raw, str, MAX_LIST)
    except WireError:
        return Entries(unreadable=1)


async def reduce_receipts(
    client: Client, keys: Keys, message: Message, silent: Sequence[str], now_ms: int
) -> None:
    """Keep the names of *silent* for as long as the counters, and let the receipts go.

    In this order, one after the other: whatever is cut short is done again by the next console.
    """
    until = max(message.due_at() + COUNTS_MS, now_ms)
    names = msgspec.json.encode(sorted(silent))
    await client.execute_command("SET", keys.receipt_rest(message.id), names, "PXAT", until)
    await note_fact(client, keys, message.id, "reduced", now_ms)
    await client.execute_command("PEXPIREAT", keys.receipts(message.id), now_ms)


def _fields(answer: Any) -> dict[str, bytes]:
    return {name.decode("ascii", "replace"): value for name, value in pairs(answer)}


def _counts(fields: Mapping[str, bytes]) -> Counts:
    known = {name: int(fields[name]) for name in COUNTED if _is_count(fields.get(name, b""))}
    buckets = _buckets(fields)
    reach = {stage: buckets[letter] for letter, stage in _LETTERS.items()}
    return Counts(**known, reach=reach, outlet_reach=buckets[_OUTLETS])


def _buckets(fields: Mapping[str, bytes]) -> dict[str, Buckets]:
    """The curves, by the letter that their fields begin with."""
    found: dict[str, dict[int, int]] = {letter: {} for letter in (*_LETTERS, _OUTLETS)}
    for name, value in fields.items():
        letter, colon, bucket = name.partition(":")
        if not (colon and letter in found and bucket.isdecimal() and _is_count(value)):
            continue
        if int(value) and len(bucket) <= 3 and int(bucket) <= LAST_BUCKET:
            found[letter][int(bucket)] = int(value)
    return {letter: dict(sorted(buckets.items())) for letter, buckets in found.items()}


def _is_count(value: bytes) -> bool:
    """Any endpoint may write there, so what is no number, or no sensible one, counts as none."""
    return value.isdigit() and len(value) <= 15


def _receipt(message_id: str, sent_at: int, endpoint: str, entry: Entry) -> Receipt:
    return Receipt(
        message_id,
        sent_at,
        entry.r or 0,
        entry.d,
        entry.a,
        os_user=entry.u[:MAX_USER],
        closed=entry.c,
        reply=entry.y[:MAX_REPLY],
        endpoint=endpoint,
    )
