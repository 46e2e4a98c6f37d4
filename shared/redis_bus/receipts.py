"""Writing receipts: one hash a message, by a script that may be run again at any time.

What is in Redis only grows: a stage that is there keeps its first time, and each counter moves in
the same step that adds the stage. So a reply that got lost, a tray that was killed, or two sessions
of one PC can never make a counter drift. The first acknowledgement of an outlet stands beside the
endpoints' in the same hash, under ``@<outlet>``: of the two, only an endpoint's name has a ``/``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from redis.exceptions import ResponseError

from shared.codec import MAX_REPLY, WireError
from shared.documents import MAX_RECEIPT, decode_document
from shared.keys import Keys
from shared.model import Endpoint, Natural
from shared.receipts import COUNTS_MS, GRACE_MS, MAX_USER, RECEIPT_DAYS_MS, Answer, Receipt
from shared.redis_bus.client import Client
from shared.redis_bus.log_scripts import READ_SCRIPT
from shared.redis_bus.receipt_scripts import (
    EARLIER_RECEIPT_SCRIPT,
    LOOK_SCRIPT,
    RECEIPT_SCRIPT,
)
from shared.redis_bus.scripts import is_unknown, run_scripts, sha1

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
