"""What the trays of one PC tell each other of an answer: message, time and reply. Pure.

Who answered does not go across: each platform says by itself who speaks. What arrives may come from
another user of this PC, so it is bounded before it is decoded, and anything unfit is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from shared.codec import MAX_REPLY, WireError
from shared.documents import decode_document
from shared.model import UUID7, Natural

MAX_BYTES = 512
"""A genuine one has at most some 330."""
_WORD = b"answered "


class LocalAnswer(msgspec.Struct, frozen=True):
    """A person of this PC has acknowledged the message ``id`` at ``at`` (ms by Redis' clock)."""

    id: Annotated[str, msgspec.Meta(pattern=f"^{UUID7.pattern}$")]
    at: Natural
    reply: Annotated[str, msgspec.Meta(max_length=MAX_REPLY)] = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as another tray of this PC told it.

    ``other_uid``: whose tray that is, as the kernel says; None: of this very user.
    """

    answer: LocalAnswer
    other_uid: int | None = None


def encode(answer: LocalAnswer) -> bytes:
    """The bytes that go across."""
    return _WORD + msgspec.json.encode(answer)


def decode(data: bytes) -> LocalAnswer | None:
    """What *data* says; None if it is no answer."""
    if not data.startswith(_WORD):
        return None
    try:
        return decode_document(data[len(_WORD) :], LocalAnswer, MAX_BYTES)
    except WireError:
        return None
