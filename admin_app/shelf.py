"""Documents that consoles share, as values: read, written and removed without overwriting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from shared.bus import ConsoleLink, Shelf
from shared.codec import WireError
from shared.documents import MAX_SHARED, Entries, decode_document
from shared.model import new_message_id

Content = TypeVar("Content", bound=msgspec.Struct)


@dataclass(frozen=True)  # no slots: a generic class with both cannot be made on Python 3.11
class Stored(Generic[Content]):
    """One document. ``stored`` is how Redis has it, None for a new one, whose ``id`` is empty."""

    id: str
    content: Content
    stored: bytes | None = None


async def read_shelf(
    link: ConsoleLink, shelf: Shelf, kind: type[Content]
) -> Entries[Stored[Content]]:
    """Every document; what cannot be read (a newer console's) is counted, and left alone."""
    found: Entries[Stored[Content]] = Entries()
    for name, raw in (await link.documents(shelf)).items():
        try:
            found.append(Stored(name, decode_document(raw, kind, MAX_SHARED), raw))
        except WireError:
            found.unreadable += 1
    return found


async def put(link: ConsoleLink, shelf: Shelf, one: Stored[Content]) -> Stored[Content]:
    """Write *one*, and return it as it is stored now.

    Raises:
        ChangedMeanwhile: another console was quicker.
    """
    raw = msgspec.json.encode(one.content)
    name = one.id or new_message_id()
    await link.write_document(shelf, name, one.stored, raw)
    return Stored(name, one.content, raw)


async def remove(link: ConsoleLink, shelf: Shelf, one: Stored[Content]) -> None:
    """Delete *one*.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    await link.write_document(shelf, one.id, one.stored, None)
