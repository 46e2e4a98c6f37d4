"""Receipts: one hash a message, written by a script that may be run again at any time, and read.

What is in Redis only grows: a stage that is there keeps its first time, and each counter moves in
the same step that adds the stage. So a reply that got lost, a tray that was killed, or two sessions
of one PC can never make a counter drift. The first acknowledgement of an outlet stands beside the
endpoints' in the same hash, under ``@<outlet>``: of the two, only an endpoint's name has a ``/``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import sample
from typing import Any

import msgspec
from redis.exceptions import ResponseError

from shared.bus import ReceiptPage
from shared.codec import MAX_REPLY, WireError
from shared.documents import MAX_LIST, MAX_RECEIPT, Entries, decode_document, decode_list
from shared.keys import Keys
from shared.model import Endpoint, Message, Natural
from shared.receipts import (
    COUNTED,
    COUNTS_MS,
    GRACE_MS,
    MAX_USER,
    RECEIPT_DAYS_MS,
    Answer,
    Buckets,
    Counts,
    Receipt,
    Stage,
)
from shared.redis_bus.client import Client, is_unknown, run_script, run_scripts, sha1
from shared.redis_bus.connection import pairs
from shared.redis_bus.documents import read_entries, read_text
from shared.redis_bus.logs import READ_SCRIPT
from shared.redis_bus.receipt_scripts import (
    COUNTS_SCRIPT,
    EARLIER_RECEIPT_SCRIPT,
    LOOK_SCRIPT,
    MADE,
    NOTE_SCRIPT,
    RECEIPT_SCRIPT,
    RECOUNT_SCRIPT,
)

# --- writing --------------------------------------------------------------------------------------

log = logging.getLogger(__name__)

MAX_CLOSED = 20
"""Characters of how a message ended; ``recalled`` is the longest."""
AGAINST = "!"
"""What the name of a contradiction's field begins with, before the endpoint's."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of the hash (JSON): times of the stages, who acknowledged, how it ended, the reply.

    ``e``: of an outlet's entry, which endpoint answered; of a contradiction, whose it is.
    """

    r: Natural | None = None
    d: Natural | None = None
    a: Natural | None = None
    u: str = ""
    c: str = ""
    y: str = ""
    e: str = ""


async def write_receipts(
    client: Client, keys: Keys, endpoint: Endpoint, receipts: Sequence[Receipt]
) -> list[Answer]:
    """Write all of *receipts*, in one round trip unless the script is new to the server.

    What some account has made of one message's receipts keeps none of another from being written.
    """
    answers = await _write(client, keys, endpoint, receipts)
    for receipt, answer in zip(receipts, answers, strict=True):
        if is_unfit(answer):
            log.warning("a receipt of %s is given up: %s", receipt.message_id, answer)
    return [
        _answer(receipt.message_id, endpoint, answer)
        for receipt, answer in zip(receipts, answers, strict=True)
    ]


async def _write(
    client: Client, keys: Keys, endpoint: Endpoint, receipts: Sequence[Receipt]
) -> list[Any]:
    """Run the script for each receipt: ours; where no console knows it, that of earlier versions.

    The earlier one has written everything when it finds that it may set no expiry; so what there is
    is read then.
    """
    calls = [receipt_arguments(keys, endpoint, one)[1:] for one in receipts]
    scripts = ("EVALSHA", RECEIPT_SCRIPT), ("EVALSHA", EARLIER_RECEIPT_SCRIPT)
    answers = await run_scripts(client, calls, *scripts, ("EVAL", RECEIPT_SCRIPT))
    cut = [place for place, answer in enumerate(answers) if _lacks_right(answer)]
    if cut:
        ids = [receipts[place].message_id for place in cut]
        for place, row in zip(cut, await _fields_of(client, keys, endpoint, ids), strict=True):
            if isinstance(row, list) and row[0] is not None:
                answers[place] = row
    return answers


def _lacks_right(answer: object) -> bool:
    """Whether a script has met a command that its account may not run (any version's words)."""
    words = str(answer).lower()
    return isinstance(answer, ResponseError) and ("can't run" in words or "no permission" in words)


async def read_answers(
    client: Client, keys: Keys, endpoint: Endpoint, message_ids: Sequence[str]
) -> list[Answer]:
    """Ask what is known of *message_ids* at this endpoint and its outlet."""
    return await look(client, keys, endpoint, [Receipt(name, 0, 0) for name in message_ids], False)


async def contradict(
    client: Client, keys: Keys, endpoint: Endpoint, truths: Sequence[Receipt]
) -> list[Answer]:
    """Put what this endpoint says of itself beside what somebody else has written in its name."""
    return await look(client, keys, endpoint, truths, True)


async def look(
    client: Client, keys: Keys, endpoint: Endpoint, of: Sequence[Receipt], against: bool
) -> list[Answer]:
    """Read what is known of the messages that *of* names; *against*: write its truths before."""
    calls = [
        [
            1,
            keys.receipts(one.message_id),
            str(endpoint),
            endpoint.outlet,
            _truth(endpoint, one) if against else "",
            max(one.sent_at, one.due_at) + RECEIPT_DAYS_MS,
        ]
        for one in of
    ]
    ids = [one.message_id for one in of]
    answers = await run_scripts(client, calls, ("EVALSHA", LOOK_SCRIPT))
    if any(is_unknown(answer) for answer in answers):  # consoles of an earlier version
        answers = await _fields_of(client, keys, endpoint, ids)
    return [_answer(name, endpoint, answer) for name, answer in zip(ids, answers, strict=True)]


async def _fields_of(
    client: Client, keys: Keys, endpoint: Endpoint, message_ids: Sequence[str]
) -> list[Any]:
    pipe = client.pipeline()
    for message_id in message_ids:
        names = str(endpoint), f"@{endpoint.outlet}", f"{AGAINST}{endpoint}"
        pipe.execute_command("HMGET", keys.receipts(message_id), *names)
    return await pipe.execute(raise_on_error=False)


async def load_scripts(client: Client) -> None:
    """Make the scripts known, so that accounts of outlets need no right to bring their own."""
    for script in (RECEIPT_SCRIPT, LOOK_SCRIPT, EARLIER_RECEIPT_SCRIPT, READ_SCRIPT):
        await client.execute_command("SCRIPT", "LOAD", script)


def receipt_arguments(
    keys: Keys, endpoint: Endpoint, receipt: Receipt, script: str = ""
) -> list[str | int]:
    """What follows ``EVALSHA`` to write *receipt* of *endpoint*; or ``EVAL``, with its *script*."""
    due_at = max(receipt.sent_at, receipt.due_at)
    return [
        script or sha1(RECEIPT_SCRIPT),
        2,
        keys.receipts(receipt.message_id),
        keys.receipt_counts(receipt.message_id),
        str(endpoint),
        endpoint.outlet,
        receipt.received_at,
        _or_empty(receipt.displayed_at),
        _or_empty(receipt.acknowledged_at),
        receipt.os_user[:MAX_USER],
        receipt.closed,
        due_at + RECEIPT_DAYS_MS,
        keys.answers_of(endpoint.outlet),
        receipt.message_id,
        due_at + COUNTS_MS,
        receipt.sent_at,
        due_at,
        receipt.confirmed,
        GRACE_MS,
        receipt.reply,
    ]


def _truth(endpoint: Endpoint, receipt: Receipt) -> bytes:
    """The contradiction as it is stored; ``e`` tells it from a receipt of an outlet ``!<name>``."""
    return msgspec.json.encode(
        Entry(
            r=receipt.received_at,
            d=receipt.displayed_at,
            a=receipt.acknowledged_at,
            u=receipt.os_user[:MAX_USER],
            c=receipt.closed,
            y=receipt.reply,
            e=str(endpoint),
        )
    )


def is_unfit(answer: object) -> bool:
    """Whether *answer* is Redis' word that a key is no hash: with enough rights some account has
    put something else there. Redis 6.2 says it amidst the words of a script's error.
    """
    return isinstance(answer, ResponseError) and "WRONGTYPE" in str(answer)


def _or_empty(at: int | None) -> str | int:
    return "" if at is None else at


def _answer(message_id: str, endpoint: Endpoint, answer: Any) -> Answer:
    """What a row of fields says; raises what Redis has refused for another reason than a key that
    is no hash."""
    if is_unfit(answer):
        answer = ()
    if isinstance(answer, Exception):
        raise answer
    own, outlet, against = (*answer, None, None, None)[:3]
    here, there, word = (decoded(raw) or Entry() for raw in (own, outlet, against))
    if there.a is None or not there.e.startswith(f"{endpoint.outlet}/"):
        there = Entry()  # the script takes it for none, too
    name = str(endpoint)
    return Answer(
        message_id,
        here_at=here.a,
        here_user=here.u,
        here_reply=here.y[:MAX_REPLY],
        outlet_by=there.e,
        outlet_at=there.a,
        outlet_user=there.u,
        outlet_reply=there.y[:MAX_REPLY],
        entry=None if own is None else receipt_of(message_id, 0, name, here),
        contradiction=receipt_of(message_id, 0, name, word) if word.e == name else None,
    )


def receipt_of(message_id: str, sent_at: int, endpoint: str, entry: Entry) -> Receipt:
    """What *entry* says of *endpoint*."""
    return Receipt(
        message_id,
        sent_at,
        entry.r or 0,
        entry.d,
        entry.a,
        os_user=entry.u[:MAX_USER],
        closed=entry.c[:MAX_CLOSED],
        reply=entry.y[:MAX_REPLY],
        endpoint=endpoint,
    )


def decoded(raw: bytes | None) -> Entry | None:
    """Read an entry; None for what is none, as any endpoint may write there."""
    try:
        return decode_document(raw, Entry, MAX_RECEIPT, lenient=True)  # Lua knows bytes only
    except WireError:
        return None


# --- reading --------------------------------------------------------------------------------------

# What a console reads and keeps of receipts. Counters cost the same for 10 endpoints or 10,000.

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
