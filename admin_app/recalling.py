"""Taking back what was sent: a small message that names the first one, or another in its place.

Both go to the channels of the original. Where its popup is open it closes, elsewhere it never
opens; receipts tell which of the two. What was acknowledged stays so.
"""

from __future__ import annotations

import msgspec

from admin_app.draft import DRILL_MARK, Draft
from shared.errors import BadInput, Problem
from shared.model import PROTOCOL_VERSION, Kind, Message, new_message_id
from shared.phrases import Phrase, phrase


def recall_of(message: Message, sender: str, now_ms: int, retention_ms: int) -> Message:
    """The recall of *message*; it expires with it.

    Raises:
        BadInput: it cannot be taken back any more.
    """
    expires_at = message.dies_at(retention_ms)
    _demand(message, expires_at <= now_ms)
    order = order_about(message, Kind.RECALL, sender, now_ms, expires_at)
    return msgspec.structs.replace(order, recalls=message.id)


def order_about(message: Message, kind: Kind, sender: str, now_ms: int, expires_at: int) -> Message:
    """An order about *message*, to all who had it; which one it names is still to be said."""
    return Message(
        v=PROTOCOL_VERSION,
        id=new_message_id(now_ms),
        kind=kind,
        channels=message.channels,
        sent_at=now_ms,
        level=message.level,
        sender=sender,
        expires_at=expires_at,
    )


def draft_in_place_of(message: Message, now_ms: int) -> Draft:
    """What takes the place of *message*: the same, to be changed. One that expires keeps its time.

    Raises:
        BadInput: it is not known any more what it said.
    """
    _demand(message, over=False)
    later = message.show_at is not None and message.show_at > now_ms
    lives = message.expires_at is not None and message.expires_at > now_ms
    return Draft(
        channels=message.channels,
        title=message.title.removeprefix(DRILL_MARK) if message.drill else message.title,
        body=message.body,
        level=message.level,
        drill=message.drill,
        format=message.format,
        ack=message.ack,
        replies=message.replies,
        show_at=message.show_at if later else None,
        expires_at=message.expires_at if lives else None,
        replaces=message.id,
    )


def in_place_of(message: Message, draft: Draft) -> Draft:
    """*draft* as it has to be to take the place of *message*."""
    return msgspec.structs.replace(draft, channels=message.channels, replaces=message.id)


def _demand(message: Message, over: bool) -> None:
    problem: Phrase | None = None
    if not message.channels:
        problem = phrase("Redis does not know any more where this message was sent.")
    elif over:
        problem = phrase("This message has expired, so no PC would show it any more.")
    if problem is not None:
        raise BadInput([Problem("id", problem)])
