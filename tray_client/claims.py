"""What Redis says of answers that were given elsewhere, and what that may change here. Pure.

Every cashier can read the password of the outlets' account, and with it write a receipt in any PC's
name. So an answer from Redis is a claim: it never closes an urgent or emergency message, closes
quieter ones only where policy lets it, and never counts as this PC's own acknowledgement. Its texts
are cut and cleaned here, because they are shown beside a message of head office.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.codec import MAX_REPLY
from shared.model import Ack
from shared.receipts import Answer
from shared.text import safe_line
from tray_client.records import InboxMessage

MAX_ACCOUNT = MAX_REPLY
MAX_ENDPOINT = 2 * MAX_REPLY + 1
"""Characters: an outlet and a PC of the longest names that settings allow, and the slash."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is said to have answered: endpoint and account, and with which of the replies."""

    by: str
    user: str = ""
    reply: str = ""


def claim_in(answer: Answer, message: InboxMessage, endpoint: str) -> Claim | None:
    """The claim that concerns *message* at *endpoint*; None if there is none.

    Another PC's answer counts only where one answer of the outlet is asked for. One in this PC's
    own name counts always: another session may have written it, or this PC before its inbox was
    lost.
    """
    if message.ack is Ack.OUTLET and answer.outlet_by not in ("", endpoint):
        return _claim(message, answer.outlet_by, answer.outlet_user, answer.outlet_reply)
    if answer.here_at is not None:
        return _claim(message, endpoint, answer.here_user, answer.here_reply)
    return None


def answered_for_outlet(ack: Ack, answered_by: str, endpoint: str) -> bool:
    """Whether *answered_by* is another PC, and its answer is the one that the outlet owes."""
    return ack is Ack.OUTLET and answered_by not in ("", endpoint)


def _claim(message: InboxMessage, by: str, user: str, reply: str) -> Claim:
    return Claim(
        safe_line(by, MAX_ENDPOINT),
        safe_line(user, MAX_ACCOUNT),
        reply if reply in message.replies else "",
    )
