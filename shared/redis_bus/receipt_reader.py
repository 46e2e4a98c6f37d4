"""What a console reads and keeps of receipts. Counters cost the same for 10 endpoints or 10,000."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import sample
from typing import Any

import msgspec

from shared.bus import ReceiptPage
from shared.codec import WireError
from shared.documents import MAX_LIST, MAX_RECEIPT, Entries, decode_list
from shared.keys import Keys
from shared.model import Message
from shared.receipts import COUNTED, COUNTS_MS, GRACE_MS, Buckets, Counts, Stage
from shared.redis_bus.client import Client
from shared.redis_bus.connection import pairs
from shared.redis_bus.paging import read_entries, read_text
from shared.redis_bus.receipt_scripts import (
    COUNTS_SCRIPT,
    MADE,
    NOTE_SCRIPT,
    RECOUNT_SCRIPT,
)
from shared.redis_bus.receipts import AGAINST, decoded, is_unfit, receipt_of
from shared.redis_bus.scripts import run_script, run_scripts

PAGE = 250
"""Receipts asked for at once; Redis may give some more or less. Reading one page takes a GUI thread
some 3 ms."""
MOST_RECOUNTED = 3
"""Messages whose counters are made anew with one reading, of any: each may hold Redis up for 0.3 s,
and any outlet's account can say again and again that they were lost."""
LAST_BUCKET = 8 * 40
"""No message is 2^40 ms (35 years) old."""
_LETTERS = {stage.value[0]: stage for stage in Stage}
_OUTLETS = "o"
_FACTS = ("expected", "places", "until", "reminded", "reduced")
_NAMES = (*COUNTED, "lost")


async def read_counts(client: Client, keys: Keys, messages: Sequence[Message]) -> list[Counts]:
    """Read the counters of *messages*; some lost ones are made anew from the receipts."""
    found = await _read_counters(client, keys, messages)
    torn = [message for message, one in zip(messages, found, strict=True) if one.torn]
    if torn:
        for message in sample(torn, min(MOST_RECOUNTED, len(torn))):
            await _recount(client, keys, message)
        found = await _read_counters(client, keys, messages)
    return [_counts(one) for one in found]


@dataclass(frozen=True, slots=True)
class _Found:
    """What Redis has of one message: fields of the receipts, what consoles noted, the counters."""

    entries: int = 0
    facts: Mapping[str, bytes] = field(default_factory=dict)
    counters: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def torn(self) -> bool:
        """Whether there are receipts without counters."""
        lost = self.counters.get("lost") == b"1"
        return bool(self.entries) and (lost or not _is_count(self.counters.get("received", b"")))


async def _read_counters(client: Client, keys: Keys, messages: Sequence[Message]) -> list[_Found]:
    pipe = client.pipeline()
    for one in messages:
        pipe.execute_command("HLEN", keys.receipts(one.id))
        pipe.execute_command("HGETALL", keys.receipt_facts(one.id))
    noted = await pipe.execute(raise_on_error=False)
    calls = [[1, keys.receipt_counts(one.id), *_NAMES] for one in messages]
    ways = ("EVALSHA", COUNTS_SCRIPT), ("EVAL", COUNTS_SCRIPT)
    counted = await run_scripts(client, calls, *ways)
    return [
        _Found(int(_fit(entries) or 0), _fields(_fit(facts) or []), _fields(_fit(counters) or []))
        for entries, facts, counters in zip(noted[::2], noted[1::2], counted, strict=True)
    ]


def _fit(answer: Any) -> Any:
    """The *answer* about one message, None if its key is no hash: that takes no other with it."""
    if is_unfit(answer):
        return None
    if isinstance(answer, Exception):
        raise answer
    return answer


async def _recount(client: Client, keys: Keys, message: Message) -> None:
    names = [keys.receipts(message.id), keys.receipt_counts(message.id)]
    values = [message.sent_at, message.due_at(), message.due_at() + COUNTS_MS]
    await run_script(client, RECOUNT_SCRIPT, names, values)


async def note_sent(
    client: Client, keys: Keys, message: Message, expected: int, until_ms: int, outlets: int
) -> None:
    """Keep how many endpoints, of how many *outlets* (0: not counted), were expected to show it.

    Receipts are taken until *until_ms*. Makes the hashes of receipts and counters, with their
    expiry.
    """
    await _note(client, keys, message, expected, until_ms, outlets, "1")


async def mend_receipts(
    client: Client, keys: Keys, messages: Sequence[Message], receipts_ms: int
) -> None:
    """Give the receipts of *messages* the expiry that whoever sent them has not set.

    They are taken for *receipts_ms* from when a message was due, if nobody has said for how long.
    """
    for message in messages:
        await _note(client, keys, message, -1, message.due_at() + receipts_ms, 0, "")


async def _note(
    client: Client,
    keys: Keys,
    message: Message,
    expected: int,
    until_ms: int,
    outlets: int,
    sent: str,
) -> None:
    receipts, counts = keys.receipts(message.id), keys.receipt_counts(message.id)
    names = [receipts, counts, keys.receipt_until(message.id), keys.receipt_facts(message.id)]
    forget = message.due_at() + COUNTS_MS
    values = [expected, outlets, until_ms, GRACE_MS, forget, sent]
    await run_script(client, NOTE_SCRIPT, names, values)


async def read_receipts(
    client: Client, keys: Keys, message_id: str, position: int, sent_at: int = 0
) -> ReceiptPage:
    """Read some receipts from *position* (0: the beginning)."""
    key = keys.receipts(message_id)
    found = await read_entries(client, "HSCAN", key, position, PAGE, MAX_RECEIPT)
    page = ReceiptPage([], found.position, strange=found.strange)
    for raw_name, raw in found.entries:
        name, entry = raw_name.decode("utf-8", "replace"), decoded(raw)
        page.whole |= name == MADE
        if "/" not in name:  # an outlet's first acknowledgement
            continue
        if entry is None:
            page.unreadable.append(name)
        elif name == AGAINST + entry.e:
            page.contradictions.append(receipt_of(message_id, sent_at, entry.e, entry))
        else:
            page.receipts.append(receipt_of(message_id, sent_at, name, entry))
    return page


async def note_fact(client: Client, keys: Keys, message_id: str, name: str, value: int) -> None:
    """Write one of the numbers that consoles note; and where earlier versions look for it."""
    facts, pipe = keys.receipt_facts(message_id), client.pipeline()
    pipe.execute_command("HSET", facts, name, value)
    pipe.execute_command("PEXPIREAT", facts, value + COUNTS_MS)
    pipe.execute_command("HSET", keys.receipt_counts(message_id), name, value)
    await pipe.execute()


async def read_silent(client: Client, keys: Keys, message_id: str) -> Entries[str]:
    """Who had not acknowledged when the receipts were reduced."""
    found = await read_text(client, keys.receipt_rest(message_id), MAX_LIST)
    if found is None:
        return Entries()
    try:
        return decode_list(found[0], str, MAX_LIST)
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


def _counts(found: _Found) -> Counts:
    """What consoles have noted is taken from the counters only while none has noted anything."""
    counters = found.counters
    noted = "until" in found.facts
    if noted:
        counters = {name: value for name, value in counters.items() if name not in _FACTS}
    fields = {**counters, **found.facts}
    known: dict[str, Any] = {
        name: int(fields[name]) for name in COUNTED if _is_count(fields.get(name, b""))
    }
    buckets = _buckets(found.counters)
    reach = {stage: buckets[letter] for letter, stage in _LETTERS.items()}
    counts = Counts(**known, reach=reach, outlet_reach=buckets[_OUTLETS])
    return replace(counts, entries=found.entries, noted=noted)


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
