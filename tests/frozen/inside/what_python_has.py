"""Prints what Python's own modules answer."""

import datetime
import hashlib
import json
import random
import socket
import ssl
import time
import unicodedata
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from urllib.parse import urlsplit

import msgspec

TEXTS = ["plain", "ﬁsh \uff21\uff11", "e\u0301 é", "한글", "㌀ ﷺ ½ ™ Ⅷ", "😀 \u0130 ß", "a\0é", ""]
NAMES = [
    *("localhost", "redis.example", "redis.example.", "bücher.example", "Toko-KÖLN.example"),
    *("日本.example", "a..b", "ü..b", f"{'x' * 64}.example", f"{'ü' * 64}.example", ""),
]
DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
CODE_PAGES = ("cp437", "cp850", "cp1252", "cp1250", "gbk", "big5hkscs")
"""A console of Windows, or a file that came from one, may have any of them."""
NOON = datetime.datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=datetime.UTC)
JAKARTA = datetime.timezone(datetime.timedelta(hours=7), "WIB")


def or_error(call: Callable[[], object]) -> object:
    """What *call* gives, or the kind of its error."""
    try:
        found = call()
        return found.decode() if isinstance(found, bytes) else found
    except Exception as error:  # noqa: BLE001  # whatever it is, it is printed
        return type(error).__name__


def host_of(address: str) -> str | None:
    """The host in *address*."""
    return urlsplit(address).hostname


class Item(msgspec.Struct):
    """Of the kinds that are on the wire, in files, and in the settings."""

    at: datetime.datetime
    day: datetime.date
    share: float
    id: uuid.UUID
    note: str | None = None


def round_trip() -> list[str]:
    """Through msgspec, which asks for a decimal type while it is loaded."""
    item = Item(NOON, NOON.date(), 0.25, uuid.UUID(int=7), "Rp 1.500")
    data = msgspec.json.encode(item)
    assert msgspec.json.decode(data, type=Item) == item
    return [data.decode(), str(msgspec.json.decode(b'{"share": 2.50, "n": 12345678901234567890}'))]


print(
    json.dumps(
        {
            "forms": {
                form: [unicodedata.normalize(form, text) for text in TEXTS]
                for form in ("NFC", "NFD", "NFKC", "NFKD")
            },
            "names": [or_error(partial(name.encode, "idna")) for name in NAMES],
            "read": [
                or_error(partial(name.decode, "idna"))
                for name in (b"redis.example", b"xn--bcher-kva.example", b"\xfc")
            ],
            "found": bool(socket.getaddrinfo("127.0.0.1", 6379)),
            "lost": or_error(lambda: socket.getaddrinfo("bücher.invalid", 6379)),
            "addresses": [
                or_error(partial(host_of, address))
                for address in ("redis://bücher.example:6379", "redis://a℀b.example")
            ],
            "digests": {one: hashlib.new(one, b"toko").hexdigest() for one in DIGESTS},
            "dates": [
                NOON.astimezone(JAKARTA).isoformat(),
                f"{NOON:%d %b %Y %H:%M:%S %Z}",
                str(datetime.datetime.fromisoformat("2026-03-01T19:30:15+07:00") - NOON),
                str(datetime.datetime.strptime("1 Mar 2026 19:30 +0700", "%d %b %Y %H:%M %z")),
                str(datetime.date(2026, 3, 1).isocalendar()),
                time.strftime("%A", time.strptime("2026-03-01", "%Y-%m-%d")),
            ],
            "decimals": [str(Decimal("1.10") + 2), str(msgspec.convert("0.30", Decimal))],
            "pages": {one: "é".encode(one).hex() for one in CODE_PAGES},
            "tls": ssl.create_default_context().verify_mode.name,
            "chance": random.Random(7).sample(range(100), 5),
            "wire": round_trip(),
        }
    )
)
