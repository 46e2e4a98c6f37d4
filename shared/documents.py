"""JSON that another account, or another user of this PC, may have written: decoded within bounds.

Every document from Redis passes through ``decode_document``: registry reports, receipts, channels,
templates, series, the list of outlets, the names that a reduced message keeps. Size is checked
before anything is decoded, and all that can be wrong with the rest (nesting, UTF-8, JSON, types,
ranges) is one error, ``WireError``. Whoever reads several counts those that failed (``Entries``),
shows how many there were, and goes on with the others.

Of duplicate keys the last one counts. That does no harm here: nothing of this is signed, and each
document has one reader, so that no two can disagree about what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from shared.codec import MAX_ENVELOPE, Reason, WireError

MAX_RECEIPT = 4 * 1024
"""Bytes of one endpoint's receipt; a genuine one has at most some 800."""
MAX_REPORT = 32 * 1024
"""Bytes of one registry entry; a genuine one has some 400, and 64 channels make at most 26,000."""
MAX_CHANNEL = 4 * 1024
"""Bytes of one entry of the channel directory."""
MAX_SHARED = 4 * MAX_ENVELOPE
"""Bytes of a template or a series, which also lists what it has to recall."""
MAX_LIST = 16 * 1024 * 1024
"""Bytes of a list of outlets or endpoints; that of 50,000 outlets has some 5 MB."""
MAX_ENTRIES = 100_000
"""Entries of the registry that are read, ours: ten times the endpoints that Siaran is made for.
Whoever has the outlets' password can invent any number."""
MAX_PAGES = 1_000
"""Pages of a sorted set of endpoints that are read; one has some 500."""
MAX_ENDPOINT_NAME = 1024
"""Bytes of an endpoint's name, the field of a hash: two names of at most 100 characters."""
MAX_OWN_FILE = 1024 * 1024
"""Bytes of a small file in this PC's data folder."""

Document = TypeVar("Document")
Item = TypeVar("Item")


def decode_document(
    raw: bytes | None, kind: type[Document], most: int, *, lenient: bool = False
) -> Document:
    """Read the JSON *raw*, which may have at most *most* bytes, as a *kind*.

    *lenient*: what is not UTF-8 becomes U+FFFD, for texts that a script has cut.

    Raises:
        WireError: there is none, it is too large, or it is not JSON of that kind.
    """
    if raw is None:
        raise WireError(Reason.MALFORMED, "nothing")
    if len(raw) > most:
        raise WireError(Reason.TOO_LARGE, f"{len(raw)} bytes")
    try:
        text = raw.decode("utf-8", "replace") if lenient else raw
        return msgspec.json.decode(text, type=kind)
    except RecursionError as error:
        raise WireError(Reason.MALFORMED, "nested too deeply") from error
    except ValueError as error:  # msgspec's errors and UnicodeDecodeError are ones
        raise WireError(Reason.MALFORMED, str(error)[:120]) from error


def decode_list(raw: bytes | None, kind: type[Item], most: int) -> Entries[Item]:
    """Read a JSON list, at most *most* bytes of it, whose elements are of *kind*.

    Elements that are not are left out and counted.

    Raises:
        WireError: there is none, it is too large, or it is not a list.
    """
    found: Entries[Item] = Entries()
    for element in decode_document(raw, list[msgspec.Raw], most):
        try:
            found.append(decode_document(bytes(element), kind, most))
        except WireError:
            found.unreadable += 1
    return found


class Entries(list[Item]):
    """What could be read of several documents.

    ``unreadable``: how many could not. ``cut``: whether there were so many that the rest was left
    unread.
    """

    def __init__(
        self, found: Iterable[Item] = (), *, unreadable: int = 0, cut: bool = False
    ) -> None:
        super().__init__(found)
        self.unreadable = unreadable
        self.cut = cut
