"""Asking again those who have not acknowledged: a small message that names the first one.

It goes to the channels of the original; endpoints where somebody has acknowledged ignore it.
"""

from __future__ import annotations

import msgspec

from admin_app.recalling import order_about
from shared.errors import BadInput, Problem
from shared.model import Ack, Kind, Level, Message
from shared.phrases import Phrase, phrase


def reminder_of(message: Message, sender: str, now_ms: int, retention_ms: int) -> Message:
    """The reminder of *message*; it expires with it.

    Raises:
        BadInput: nobody can be reminded of it.
    """
    expires_at = message.dies_at(retention_ms)
    problem = _problem(message, now_ms, expires_at)
    if problem is not None:
        raise BadInput([Problem("id", problem)])
    order = order_about(message, Kind.REMIND, sender, now_ms, expires_at)
    return msgspec.structs.replace(order, reminds=message.id)


def _problem(message: Message, now_ms: int, expires_at: int) -> Phrase | None:
    if not message.channels:
        return phrase("Redis does not have the text of this message any more.")
    if message.level is Level.SILENT:
        return phrase("A silent message opens no popup, so nobody can be reminded of it.")
    if message.ack is Ack.NONE:
        return phrase("This message asks nobody to acknowledge it.")
    if expires_at <= now_ms:
        return phrase("This message has expired, so no PC would show it again.")
    if message.due_at() > now_ms:
        return phrase("This message has not been shown yet.")
    return None
