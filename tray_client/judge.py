"""What to do with something that arrived: accept it as a message, or skip it and say why. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.bus import LogEntry, LooseText, Publication
from shared.clock import Now
from shared.codec import Envelope, Reason, WireError, decode_envelope, decode_payload
from shared.model import (
    ALL_CHANNELS,
    DAY_MS,
    MAX_BODY,
    PROTOCOL_VERSION,
    Kind,
    Message,
    new_message_id,
)
from shared.signing import Verifier, Weight
from shared.text import is_blank, safe_text
from tray_client.records import Arrived, NewMessage, Order, Proof, Recall, Reminder

FIRST_RUN_WINDOW_MS = DAY_MS
"""How far back a new endpoint, or a newly followed channel, begins."""

NEWER = frozenset({Reason.UNKNOWN_VERSION, Reason.UNKNOWN_KIND, Reason.NOT_UNDERSTOOD})
"""What a newer program may understand."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not shown; ``reason`` is for the log."""

    reason: str
    expected: bool = False
    """Part of everyday life, and no reason to warn anybody."""
    refused: bool = False
    """It was a message, but not one that may be shown here: head office counts these."""
    local: bool = False
    """The reason lies in this PC: with other settings, or a newer program, it might be shown."""
    by_time: bool = False
    """The reason is the time: of a live frame this PC's, which may be wrong."""


Verdict = Arrived | Skipped


class Judge:
    """Applies the rules of ``shared/PROTOCOL.md`` to what arrives."""

    def __init__(self, verifier: Verifier, retention_ms: int) -> None:
        self._verifier = verifier
        self.retention_ms = retention_ms

    @property
    def requires_signatures(self) -> bool:
        """Whether only what a trusted key has signed is shown."""
        return self._verifier.required

    @property
    def knows_keys(self) -> bool:
        """Whether a message that is verified was signed."""
        return self._verifier.knows_keys

    @property
    def fingerprint(self) -> str:
        """Changes when the settings that decide here do."""
        return self._verifier.fingerprint

    def judge(
        self, arrival: Publication, now: Now, *, begins_at: int = 0, live: bool = False
    ) -> Verdict:
        """Decide about one arrival.

        *begins_at*: what was due before, in ms, is not for this endpoint. *live*: it was published
        just now, so its age is known; the log id that a frame claims could have been chosen by a
        forger. Of what a log has, ``t`` says when Redis took it; before there was one, its id did.
        """
        if isinstance(arrival, LooseText):
            return self._loose(arrival, now)
        try:
            at = _taken_at(arrival, now, live=live)
            envelope = decode_envelope(arrival.envelope)
            message = decode_payload(envelope.payload)
        except WireError as error:
            return Skipped(str(error), refused=True, local=error.reason in NEWER)
        if arrival.channel not in message.channels:
            return Skipped("sent to other channels than the one it arrived on", refused=True)
        weight = self._verifier.weigh(envelope.payload, envelope.sigs, message, at)
        if weight.refusal is not None:
            reason = f"refused: {weight.refusal}"
            return Skipped(reason, refused=True, local=weight.local, by_time=weight.by_time)
        verified, proof = weight.vouched, _proof(envelope, weight)
        old = message.due_at() < begins_at
        order = _order(message, verified=verified, old=old)
        if order is not None:
            return order
        if old:
            return Skipped("older than this endpoint", expected=True)
        accepted = self._accepted(message, arrival.channel, now, verified=verified)
        return replace(accepted, proof=proof)

    def _loose(self, loose: LooseText, now: Now) -> Verdict:
        if self._verifier.required:
            return Skipped("refused: plain text is never signed", refused=True)
        text = safe_text(loose.data[: MAX_BODY * 8].decode("utf-8", "replace")).strip()
        if is_blank(text):
            return Skipped("empty text")
        body = text if len(text) <= MAX_BODY else text[: MAX_BODY - 1] + "…"
        where = "All channels" if loose.channel == ALL_CHANNELS else loose.channel
        message = Message(
            v=PROTOCOL_VERSION,
            id=new_message_id(now.believed_ms),
            kind=Kind.MESSAGE,
            channels=[loose.channel],
            sent_at=now.believed_ms,
            title=f"Message on {where}",
            body=body,
        )
        accepted = self._accepted(message, loose.channel, now, verified=False)
        return replace(accepted, reportable=False, proof=Proof.UNVERIFIED)

    def _accepted(self, message: Message, channel: str, now: Now, *, verified: bool) -> NewMessage:
        dies_at = message.dies_at(self.retention_ms)
        return NewMessage(
            message,
            channel,
            verified,
            received_at=now.believed_ms,
            expires_at=dies_at,
            expired=dies_at <= now.agreed_ms,
        )


def _proof(envelope: Envelope, weight: Weight) -> Proof:
    if weight.signed:
        return Proof.SIGNED
    if not weight.vouched:
        return Proof.UNVERIFIED
    return Proof.UNCHECKED if envelope.sigs else Proof.UNSIGNED


def _taken_at(entry: LogEntry, now: Now, *, live: bool) -> tuple[int, ...]:
    if live:
        return now.newest_ms, now.believed_ms
    return (entry.id.ms if entry.stored_at is None else entry.stored_at,)


def _order(message: Message, *, verified: bool, old: bool) -> Order | None:
    """What *message* does to another one; None if it is one to be shown.

    Orders are of any age: what they are about may wait for a time that is yet to come. So of a
    message that is too old to be shown it still holds that it takes another one's place.
    """
    channels = tuple(message.channels)
    recalled = message.recalls if message.kind is Kind.RECALL else None
    if old and message.kind is Kind.MESSAGE:
        recalled = message.replaces
    if recalled is not None:
        return Recall(recalled, message.id, channels, message.sent_at, verified)
    if message.kind is Kind.REMIND and message.reminds is not None:
        return Reminder(message.reminds, channels, message.sent_at, verified)
    return None
