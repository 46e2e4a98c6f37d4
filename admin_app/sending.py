"""Sending one message, the same way for the window and for scripts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

from admin_app.audience import AHEAD_MS, Audience, audience_of, registered
from admin_app.channels import with_defaults
from admin_app.draft import Draft, problems_of, timing_problems_of, to_message
from admin_app.history import find_message, read_fate
from admin_app.recalling import recall_of
from admin_app.reminding import reminder_of
from admin_app.zones import wall_time
from shared.bus import ConsoleLink, Published
from shared.clock import RedisClock
from shared.codec import encode_envelope, encode_payload
from shared.errors import BadInput, ClockInDoubt, Problem, SiaranError
from shared.model import ALL_CHANNELS, DAY_MS, HOUR_MS, Ack, Message
from shared.phrases import phrase
from shared.receipts import Counts
from shared.settings import Settings
from shared.signing import Signer

log = logging.getLogger(__name__)

LAST_MS = 253_402_300_799_999
"""The last moment that has a date: year 9999."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What Redis accepted, and how many PCs of its channels were connected then, if known."""

    message: Message
    connected: int | None
    expected: int | None = None
    """PCs that were there within the retention, and so have to show it sooner or later."""
    asked: int | None = None
    """How many are asked to acknowledge it: those PCs, or their outlets."""


class Sender:
    """Turns drafts into published messages."""

    def __init__(
        self,
        settings: Settings,
        signer: Signer | None = None,
        *,
        clock: RedisClock | None = None,
        refusal: BadInput | None = None,
    ) -> None:
        """*refusal*: messages are to be signed, but cannot be; nothing is sent."""
        self.clock = clock or RedisClock()
        self._settings = settings
        self._signer = signer
        self._refusal = refusal

    async def now_ms(self, link: ConsoleLink) -> int:
        """Ask for Redis' time; return the time that is believed, in ms.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return self.clock.set(await link.time_ms())

    async def send(self, link: ConsoleLink, draft: Draft, *, despite_clock: bool = False) -> Sent:
        """Publish *draft* through *link*. Sending the same draft again is harmless.

        *despite_clock*: a person wants it although Redis' clock is in doubt.

        Raises:
            BadInput: the draft cannot be sent.
            ClockInDoubt: Redis' clock has jumped, and nobody has said that this may be sent.
            SiaranError: Redis refused, or was lost; then it may have the message or not.
        """
        problems = problems_of(draft)
        if problems:
            raise BadInput(problems)
        now = await self.now_ms(link)
        if self.clock.in_doubt and not despite_clock:
            raise clock_in_doubt(self.clock)
        problems = timing_problems_of(draft, now, self.retention_ms)
        if problems:
            raise BadInput(problems)
        await _demand_free_place(link, draft)
        message = to_message(draft, self._settings.sender, now)
        done = await self.publish(link, message)
        with suppress(SiaranError):  # the message has left, whatever becomes of the rest
            await _note_unlisted(link, message)
        try:
            if done.again:  # what the outlets have says when it was sent
                message = await find_message(link, message.channels, message.id) or message
            by_outlet = message.ack is Ack.OUTLET
            heard = self.clock.redis_ms()  # heartbeats are by Redis' clock, whatever it says
            audience = await self.audience(link, message.channels, heard, by_outlet=by_outlet)
            since = self.expected_since(heard)
            audience = await registered(link, audience, message.channels, since)
            until = self._receipts_until(message)
            await link.note_sent(message, audience.expected, until, audience.outlets)
        except SiaranError as error:
            log.info("PCs not counted: %s", error)
            return Sent(message, None)
        counted = Counts(audience.expected, places=audience.outlets)
        return Sent(message, audience.connected, audience.expected, counted.asked(message.ack))

    async def publish(self, link: ConsoleLink, message: Message) -> Published:
        """Sign *message* and publish it as it is. Doing it again is harmless.

        Raises:
            BadInput: it is to be signed, and cannot be.
            SiaranError: Redis refused, or was lost; then it may have the message or not.
        """
        envelope = self._envelope(message)
        if not self.clock.synchronised:
            await self.now_ms(link)
        believed = self.clock.believed_ms()
        done = await link.publish(message.id, message.channels, envelope, self._keep_ms(), believed)
        self.clock.hear_signed(message.sent_at)  # time does not go back behind one's own message
        return done

    def reminder_of(self, message: Message, now_ms: int) -> Message:
        """What asks again those who have not acknowledged *message*.

        Raises:
            BadInput: nobody can be reminded of it.
        """
        return reminder_of(message, self._settings.sender, now_ms, self.retention_ms)

    async def remind(self, link: ConsoleLink, reminder: Message) -> None:
        """Publish *reminder*. Doing it again is harmless.

        Raises:
            SiaranError: Redis refused, or was lost; then it may have the reminder or not.
        """
        await self.publish(link, reminder)
        try:
            await link.note_reminded(reminder.reminds or "", reminder.sent_at)
        except SiaranError as error:  # the reminder has left
            log.info("reminder not noted: %s", error)

    def recall_of(self, message: Message, now_ms: int) -> Message:
        """What takes *message* back.

        Raises:
            BadInput: it cannot be taken back any more.
        """
        return recall_of(message, self._settings.sender, now_ms, self.retention_ms)

    async def audience(
        self, link: ConsoleLink, channels: Sequence[str], now_ms: int, *, by_outlet: bool = False
    ) -> Audience:
        """Count the PCs of *channels*, and *by_outlet* their outlets.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return await audience_of(
            link,
            channels,
            (self.connected_since(now_ms), now_ms + AHEAD_MS),
            self.expected_since(now_ms),
            by_outlet=by_outlet,
        )

    async def connected(self, link: ConsoleLink, channels: Sequence[str], now_ms: int) -> int:
        """Count the PCs of *channels* with a heartbeat within two intervals."""
        since, until = self.connected_since(now_ms), now_ms + AHEAD_MS
        return await link.connected(channels, since, until)

    def connected_since(self, now_ms: int) -> int:
        """Who had a heartbeat since then, in ms, counts as connected: within two intervals."""
        return now_ms - 2000 * self._settings.heartbeat_seconds

    def expected_since(self, now_ms: int) -> int:
        """Who was there since then, in ms, has to show what is sent now: within the retention."""
        return min(now_ms, self.clock.believed_ms()) - self.retention_ms

    @property
    def retention_ms(self) -> int:
        """How long a message is kept for PCs that are off."""
        return self._settings.retention_hours * HOUR_MS

    async def reduce_old(self, link: ConsoleLink, channels: Sequence[str]) -> None:
        """Reduce receipts whose time is over, in *channels* and in *All channels*.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        from admin_app.reducing import reduce_old

        await reduce_old(
            link,
            channels,
            self.expected_since,
            now_ms=await self.now_ms(link),
            receipts_ms=self._settings.receipt_days * DAY_MS,
            retention_ms=self._settings.retention_hours * HOUR_MS,
        )

    def _receipts_until(self, message: Message) -> int:
        return message.due_at() + self._settings.receipt_days * DAY_MS

    def _envelope(self, message: Message) -> bytes:
        if self._refusal is not None:
            raise self._refusal
        payload = encode_payload(message)
        return encode_envelope(payload, [self._signer.sign(payload)] if self._signer else [])

    def _keep_ms(self) -> int:
        """A message may wait for its time as long as the retention, and then live as long again."""
        return 2 * self.retention_ms


def clock_in_doubt(clock: RedisClock) -> ClockInDoubt:
    """What to say while Redis' *clock* is in doubt: what the server says, also if nobody takes that
    for a time."""
    sentence = phrase(
        "The server's clock says {server}, but it should be {believed}.",
        server=_utc(clock.redis_ms()),
        believed=_utc(clock.believed_ms()),
    )
    return ClockInDoubt(sentence, phrase("Ask IT to check the clock of the server."))


def _utc(at_ms: int) -> str:
    at = wall_time(min(at_ms, LAST_MS), UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC"


async def _demand_free_place(link: ConsoleLink, draft: Draft) -> None:
    """Two consoles may change one message at once; both of theirs would stand in its place.

    Raises:
        BadInput: the message that *draft* replaces is recalled, or replaced by another one.
    """
    if draft.replaces is None or await link.log_ids(draft.id):  # it has its place already
        return
    first = await find_message(link, draft.channels, draft.replaces)
    if first is not None and (await read_fate(link, first)).over:
        sentence = phrase("Somebody has recalled or replaced that message meanwhile.")
        raise BadInput([Problem("replaces", sentence)])


async def _note_unlisted(link: ConsoleLink, message: Message) -> None:
    """Scripts may send to a channel that nobody has listed; consoles find it all the same."""
    listed = {ALL_CHANNELS, *(info.name for info in with_defaults(await link.channels()))}
    if unlisted := [name for name in message.channels if name not in listed]:
        await link.note_unlisted(unlisted, message.sent_at)
