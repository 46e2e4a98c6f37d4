"""Fills a Redis as many PCs and years of sending would, with the programs' own scripts.

``python -m tests.bench.load redis://127.0.0.1:6379 endpoints 10000``
``python -m tests.bench.load redis://127.0.0.1:6379 history 100000``
``python -m tests.bench.load redis://127.0.0.1:6379 receipts 10000 --seconds 5``

Never point it at a Redis that somebody uses. The last prints the message's id at once, so that its
report can be opened while the receipts arrive.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from redis import Redis

from shared.bus import EndpointReport
from shared.codec import encode_envelope, encode_payload
from shared.keys import Keys
from shared.model import (
    ALL_CHANNELS,
    DAY_MS,
    DEFAULT_CHANNELS,
    PROTOCOL_VERSION,
    Endpoint,
    Kind,
    Level,
    Message,
    new_message_id,
)
from shared.receipts import COUNTS_MS, Receipt
from shared.redis_bus.receipt_scripts import RECEIPT_SCRIPT
from shared.redis_bus.receipts import receipt_arguments

PCS_PER_OUTLET = 10
BATCH = 500
TITLES = ("Price change", "Fire drill", "Stock count tonight", "Perubahan harga minyak goreng")


def endpoints_of(count: int) -> list[Endpoint]:
    """*count* endpoints, ten in each outlet."""
    return [
        Endpoint(f"JKT-{number // PCS_PER_OUTLET:04d}", f"till-{number % PCS_PER_OUTLET + 1}")
        for number in range(count)
    ]


def now_of(client: Redis) -> int:
    """Redis' clock in ms."""
    seconds, microseconds = client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


def register(
    client: Redis, keys: Keys, count: int, *, channel: str = DEFAULT_CHANNELS[0], silent: int = 17
) -> list[Endpoint]:
    """Register *count* endpoints on *channel*; the last *silent* of them were seen yesterday."""
    now, endpoints = now_of(client), endpoints_of(count)
    for some in _batches(endpoints):
        pipe = client.pipeline(transaction=False)
        for endpoint in some:
            name = str(endpoint)
            away = endpoint in endpoints[max(0, count - silent) :]
            at = now - DAY_MS if away else now
            pipe.hset(keys.endpoints, name, msgspec.json.encode(_report(endpoint, channel, at)))
            for key in (keys.seen, keys.seen_on(channel)):
                pipe.zadd(key, {name: at})
            pipe.zadd(keys.first_seen, {name: now - 30 * DAY_MS})
        pipe.execute()
    return endpoints


def fill_history(client: Redis, keys: Keys, count: int, *, days: int = 6) -> None:
    """Write *count* messages of the last *days* into the logs, one in ten to all channels.

    The newest 1,000 have counters.
    """
    chance = random.Random(1)
    newest = now_of(client) - 1000
    last: dict[str, str] = {}
    for numbers in _batches(range(count)):
        pipe = client.pipeline(transaction=False)
        for number in numbers:
            at = newest - (count - number) * days * DAY_MS // count
            channel = chance.choice(DEFAULT_CHANNELS) if number % 10 else ALL_CHANNELS
            message = make_message(at, channel, number)
            entry_id = f"{at}-{number % 1000}"
            fields = {"e": _envelope(message), "p": last.get(channel, "0-0")}
            pipe.xadd(keys.log(channel), fields, id=entry_id)  # type: ignore[arg-type]
            pipe.set(keys.sent(message.id), entry_id, px=14 * DAY_MS)
            last[channel] = entry_id
            if number >= count - 1000:
                reached = chance.randint(0, 1000)
                values = f"expected 1000 received 1000 displayed 990 acknowledged {reached}"
                counts = keys.receipt_counts(message.id)
                pipe.execute_command("HSET", counts, *values.split())
                pipe.pexpireat(counts, at + COUNTS_MS)
        pipe.execute()


def publish(
    client: Redis, keys: Keys, expected: int, *, channel: str = DEFAULT_CHANNELS[0]
) -> Message:
    """Put one message into the log, as sent to *expected* endpoints, without ringing the bell."""
    message = make_message(now_of(client), channel, 0)
    entry_id = client.xadd(keys.log(channel), {"e": _envelope(message), "p": "0-0"})
    client.set(keys.sent(message.id), entry_id, px=14 * DAY_MS)
    client.hset(keys.receipt_counts(message.id), "expected", str(expected))
    return message


def write_receipts(
    client: Redis,
    keys: Keys,
    message: Message,
    endpoints: Sequence[Endpoint],
    *,
    seconds: float = 0.0,
    acknowledged: float = 0.8,
) -> None:
    """Report *message* as displayed on *endpoints*, evenly over *seconds* (0: at full speed).

    Of each ten, *acknowledged* have been answered already, so one receipt tells all of it.
    """
    client.script_load(RECEIPT_SCRIPT)
    chance, began = random.Random(1), time.monotonic()
    size = max(1, min(BATCH, len(endpoints) // 50))
    for number in range(0, len(endpoints), size):
        now = now_of(client)
        pipe = client.pipeline(transaction=False)
        for endpoint in endpoints[number : number + size]:
            answered = now if chance.random() < acknowledged else None
            at = max(message.sent_at, now - chance.randint(0, 1500))
            receipt = Receipt(
                message.id, message.sent_at, at, min(now, at + 200), answered, "kasir"
            )
            evalsha(pipe, keys, endpoint, receipt)
        pipe.execute()
        ahead = began + seconds * (number + size) / len(endpoints) - time.monotonic()
        time.sleep(max(0.0, ahead))


def evalsha(pipe: Any, keys: Keys, endpoint: Endpoint, receipt: Receipt) -> None:
    """Add the writing of one receipt to *pipe*."""
    pipe.execute_command("EVALSHA", *receipt_arguments(keys, endpoint, receipt))


def make_message(at: int, channel: str, number: int) -> Message:
    """The message *number* of a history."""
    levels = list(Level)
    return Message(
        v=PROTOCOL_VERSION,
        id=new_message_id(at),
        kind=Kind.MESSAGE,
        channels=[channel],
        sent_at=at,
        title=f"{TITLES[number % len(TITLES)]} {number}",
        body="From 10:00 the 2 l bottle costs 32,500. Please change the label on the shelf. " * 4,
        level=levels[number % 3],
        sender="Head office",
    )


def _envelope(message: Message) -> bytes:
    return encode_envelope(encode_payload(message))


def _report(endpoint: Endpoint, channel: str, at: int) -> EndpointReport:
    return EndpointReport(
        outlet=endpoint.outlet,
        pc=endpoint.pc,
        channels=[channel],
        version="0.1.0",
        system="Windows 10",
        instance=f"{abs(hash(endpoint)):032x}",
        machine="0123456789abcdef",
        started_at=at - DAY_MS,
        seen_at=at,
    )


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for number in range(0, len(items), BATCH):
        yield items[number : number + BATCH]


def main() -> int:
    """Fill what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("url")
    parser.add_argument("what", choices=["endpoints", "history", "receipts"])
    parser.add_argument("count", type=int)
    parser.add_argument("--seconds", type=float, default=0.0)
    arguments = parser.parse_args()
    keys = Keys()
    with Redis.from_url(arguments.url) as client:
        if arguments.what == "history":
            fill_history(client, keys, arguments.count)
            return 0
        endpoints = register(client, keys, arguments.count)
        if arguments.what == "receipts":
            message = publish(client, keys, len(endpoints))
            print(message.id, flush=True)
            write_receipts(client, keys, message, endpoints, seconds=arguments.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
