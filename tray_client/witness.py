"""Noticing what others have written in this PC's name, and saying once what is true. No Redis here.

Whoever knows the outlets' password can overwrite the receipts of any PC. A tray looks at those of
its newest messages with every heartbeat; where they say that somebody has answered here, or how the
message ended, and nobody has, it puts its own word beside them (``shared/PROTOCOL.md``, section 6).

Another session of this PC speaks in the same name, and an honest one must not be contradicted. The
sessions tell each other what people answer (``told_at``), so what nobody told is foreign only if it
was written while this session could have been told: the message was sent, or the answer given,
since this one started, or it has seen the entry without. What appeared while it did not run, or
just as it started, is not contradicted. Nor is anything before it was found at two heartbeats: word
of an honest answer may come a moment after its receipt.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from shared.clock import RedisClock
from shared.receipts import Answer, Receipt, answer_of
from tray_client.inbox import Inbox
from tray_client.records import WAITING_STATES

log = logging.getLogger(__name__)

NEWEST, OTHERS = 20, 10
"""Messages looked at with each heartbeat: always the newest, and some of the others in turn."""
MOST = 500
"""Messages that are looked at at all."""
STARTING_MS = 30_000
"""A session that has just started may not have been told yet what another one does."""
CONTRADICTED_FACT = "contradicted"
MAX_REMEMBERED = 200


class Witness:
    """Compares what Redis has in this PC's name with what its inbox knows."""

    def __init__(
        self,
        inbox: Inbox,
        clock: RedisClock,
        *,
        heartbeat_s: float,
        starting_ms: int = STARTING_MS,
    ) -> None:
        self._hears_others = False
        self._inbox = inbox
        self._clock = clock
        self._grace_ms = 750 * heartbeat_s  # a heartbeat comes after 0.8 intervals at the earliest
        self._starting_ms = starting_ms
        self._started_at = clock.believed_ms()
        self._clean: dict[str, None] = {}
        self._suspects: dict[str, int] = {}
        self._said = _read(inbox.fact(CONTRADICTED_FACT))
        self._looked_to = ""
        self._new = True

    def restart_clock(self) -> None:
        """Redis was asked for the time: until now it was the PC's own, which may be wrong."""
        self._started_at = self._clock.believed_ms()

    def note_others(self, *, heard: bool) -> None:
        """Whether other sessions of this PC can tell this one what was answered there, or none are.

        From when they can on all begins anew: until then any of them may have written something.
        """
        if heard and not self._hears_others:
            self.restart_clock()
            self._clean, self._suspects, self._said = {}, {}, self._said if self._new else {}
        self._hears_others, self._new = heard, False

    def to_look_at(self) -> list[str]:
        """Ids of the messages to look at with this heartbeat."""
        ids = self._inbox.newest_reported(MOST)
        newest, others = ids[:NEWEST], sorted(ids[NEWEST:])
        later = [name for name in others if name > self._looked_to]
        some = [*later, *others][: min(OTHERS, len(others))]
        if some:
            self._looked_to = some[-1]
        return list(dict.fromkeys([*self._suspects, *newest, *some]))

    def see(self, answer: Answer) -> None:
        """Take note of what Redis has of one message."""
        name, truth = answer.message_id, self._inbox.receipt(answer.message_id)
        if truth is None or answer.entry is None:
            self._suspects.pop(name, None)
        elif self._is_foreign(answer, truth):
            self._suspects.setdefault(name, self._clock.ticks_ms())
        else:
            self._suspects.pop(name, None)
            if answer.entry.acknowledged_at is None:
                self._clean[name] = None
                if len(self._clean) > MOST:
                    del self._clean[next(iter(self._clean))]

    def objections(self) -> list[Receipt]:
        """What is true of the messages of which Redis has had something else for a heartbeat."""
        due = self._clock.ticks_ms() - self._grace_ms
        names = [name for name, since in self._suspects.items() if since <= due]
        return [truth for name in names if (truth := self._inbox.receipt(name)) is not None]

    def objected(self, answers: Iterable[Answer]) -> None:
        """What Redis has since these objections; it may not have taken all of them."""
        taken = [one.message_id for one in answers if one.contradiction is not None]
        for name in taken:
            log.warning("somebody else wrote a receipt in this PC's name: %s", name)
            self._suspects.pop(name, None)
            self._said.pop(name, None)
            self._said[name] = None
        if taken:
            kept = list(self._said)[-MAX_REMEMBERED:]
            self._said = dict.fromkeys(kept)
            self._inbox.set_fact(CONTRADICTED_FACT, msgspec.json.encode(kept).decode())

    def _is_foreign(self, answer: Answer, truth: Receipt) -> bool:
        """Whether somebody else has written there, and this PC's word is not beside it as it is."""
        entry, word = answer.entry, answer.contradiction
        if entry is None:
            return False
        if word is not None:
            return self._differs(word, truth) and self._would_know(answer, truth)
        if _lacks(entry, truth):
            return True  # it was there, and no session takes it away again
        return self._differs(entry, truth) and self._would_know(answer, truth)

    def _differs(self, entry: Receipt, truth: Receipt) -> bool:
        """Whether *entry* says what neither this session did nor another one told it.

        What has ended without an answer here may have ended otherwise in another session; what
        waits has not ended.
        """
        message = self._inbox.get(truth.message_id)
        if message is None or (message.told_at and entry.acknowledged_at == message.told_at):
            return False
        if truth.acknowledged_at is None and entry.acknowledged_at is None:
            return bool(entry.closed) and message.state in WAITING_STATES
        return answer_of(entry) != answer_of(truth)

    def _would_know(self, answer: Answer, truth: Receipt) -> bool:
        """Whether an honest session of this PC that wrote so would have told this one."""
        if not self._hears_others:
            return False
        since = self._started_at + self._starting_ms
        written = (one.acknowledged_at for one in (answer.entry, answer.contradiction) if one)
        return (
            answer.message_id in self._clean
            or answer.message_id in self._said
            or truth.sent_at >= since
            or any(at is not None and at >= since for at in written)
        )


def _lacks(entry: Receipt, truth: Receipt) -> bool:
    """Whether *entry* has no longer what Redis has confirmed to have."""
    if truth.confirmed == "acknowledged" and entry.acknowledged_at is None:
        return True
    shown = truth.confirmed in ("displayed", "acknowledged") and truth.displayed_at is not None
    return bool(truth.confirmed) and (
        not entry.received_at or (shown and entry.displayed_at is None)
    )


def _read(fact: str | None) -> dict[str, None]:
    with suppress(msgspec.DecodeError):
        return dict.fromkeys(msgspec.json.decode(fact or "[]", type=list[str]))
    return {}
