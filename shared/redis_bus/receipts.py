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

from shared.codec import MAX_REPLY, WireError
from shared.documents import MAX_RECEIPT, decode_document
from shared.keys import Keys
from shared.model import Endpoint, Natural
from shared.receipts import COUNTS_MS, GRACE_MS, RECEIPT_DAYS_MS, Answer, Receipt
from shared.redis_bus.client import Client
from shared.redis_bus.receipt_scripts import RECEIPT_SCRIPT
from shared.redis_bus.resp import ServerError
from shared.redis_bus.scripts import is_unknown, sha1

log = logging.getLogger(__name__)


class Entry(msgspec.Struct, frozen=True):
    """One value of the hash (JSON): times of the stages, who acknowledged, how it ended, the reply.

    ``e``: of an outlet's entry, which endpoint answered.
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
    answers = await _run(client, keys, endpoint, receipts, "EVALSHA", sha1(RECEIPT_SCRIPT))
    if any(is_unknown(answer) for answer in answers):
        answers = await _run(client, keys, endpoint, receipts, "EVAL", RECEIPT_SCRIPT)
    found = [_fields(answer) for answer in answers]
    for receipt, answer in zip(receipts, answers, strict=True):
        if isinstance(answer, Exception):
            log.warning("a receipt of %s is given up: %s", receipt.message_id, answer)
    return [
        _answer(receipt.message_id, endpoint, *fields)
        for receipt, fields in zip(receipts, found, strict=True)
    ]


async def read_answers(
    client: Client, keys: Keys, endpoint: Endpoint, message_ids: Sequence[str]
) -> list[Answer]:
    """Ask what is known of *message_ids* at this endpoint and its outlet."""
    pipe = client.pipeline(transaction=False)
    for message_id in message_ids:
        own, outlet = str(endpoint), f"@{endpoint.outlet}"
        pipe.execute_command("HMGET", keys.receipts(message_id), own, outlet)
    rows = await pipe.execute(raise_on_error=False)
    return [
        _answer(message_id, endpoint, *_fields(row))
        for message_id, row in zip(message_ids, rows, strict=True)
    ]


async def load_script(client: Client) -> None:
    """Make the script known, so that accounts of outlets need no right to bring their own."""
    await client.execute_command("SCRIPT", "LOAD", RECEIPT_SCRIPT)


async def _run(
    client: Client,
    keys: Keys,
    endpoint: Endpoint,
    receipts: Sequence[Receipt],
    command: str,
    script: str,
) -> list[Any]:
    pipe = client.pipeline(transaction=False)
    for receipt in receipts:
        pipe.execute_command(command, *receipt_arguments(keys, endpoint, receipt, script))
    return await pipe.execute(raise_on_error=False)


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
        receipt.os_user,
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


def is_unfit(answer: object) -> bool:
    """Whether *answer* is Redis' word that a key is no hash: with enough rights some account has
    put something else there. Redis 6.2 says it amidst the words of a script's error.
    """
    return isinstance(answer, ServerError) and "WRONGTYPE" in str(answer)


def _fields(answer: Any) -> tuple[bytes | None, bytes | None]:
    """The endpoint's field and its outlet's; raises what Redis has refused for another reason."""
    if is_unfit(answer):
        return None, None
    if isinstance(answer, Exception):
        raise answer
    own, outlet = answer
    return own, outlet


def _or_empty(at: int | None) -> str | int:
    return "" if at is None else at


def _answer(message_id: str, endpoint: Endpoint, own: bytes | None, outlet: bytes | None) -> Answer:
    here, there = decoded(own) or Entry(), decoded(outlet) or Entry()
    if there.a is None or not there.e.startswith(f"{endpoint.outlet}/"):
        there = Entry()  # the script takes it for none, too
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


def decoded(raw: bytes | None) -> Entry | None:
    """Read an entry; None for what is none, as any endpoint may write there."""
    try:
        return decode_document(raw, Entry, MAX_RECEIPT, lenient=True)  # Lua knows bytes only
    except WireError:
        return None
