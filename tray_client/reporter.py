"""Telling Redis how far messages have come here, and learning what others have answered.

Receipts wait in the inbox until Redis has them; sending one twice is harmless. They leave in
batches, a moment after something happened, so that 10,000 PCs that show one message do not all
knock at once. Another session of this PC is this endpoint, too: what a person acknowledged there is
answered here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from shared.bus import TrayLink
from shared.errors import RedisError, StorageError
from shared.link_keeper import Uniform
from shared.receipts import Answer
from tray_client.inbox import Inbox
from tray_client.pace import Pace
from tray_client.witness import Witness

log = logging.getLogger(__name__)

JITTER_S = 1.5
"""Receipts of a live message are in Redis within 2 s, spread over this long."""
AGAIN_MS = 600_000
MOST_AGAIN = 200
"""What has happened in the last ten minutes is told again over a new link, if it is not more."""
BATCH = 50
"""Receipts, or questions, in one round trip at most."""


class Reporter:
    """One tray's side of receipts; *learned* is called with every answer that Redis knows of.

    *now* gives the time (ms) in which the inbox notes what happens.
    """

    def __init__(
        self,
        inbox: Inbox,
        learned: Callable[[Answer], None],
        witness: Witness,
        *,
        now: Callable[[], int],
        uniform: Uniform,
    ) -> None:
        self._inbox = inbox
        self._witness = witness
        self._learned = learned
        self._now = now
        self._uniform = uniform
        self._news = asyncio.Event()
        self._questions: set[str] = set()
        self._asked_to = ""
        self._looks = False
        self._complained = False
        self._pace = Pace(BATCH, BATCH)

    def tell(self) -> None:
        """Something has happened to a message, or it is time to try again."""
        self._news.set()

    def ask(self, message_ids: Iterable[str]) -> None:
        """Find out whether these messages have been answered elsewhere."""
        self._questions.update(message_ids)
        if self._questions:
            self._news.set()

    def ask_some(self, message_ids: Iterable[str]) -> None:
        """Find out about as many as go into one batch, and another time about the others.

        The bell tells at once; this is for bells that were not heard. Asking about everything with
        every heartbeat would be thousands of questions a second, once people answer less.
        """
        waiting = sorted(message_ids)
        later = [name for name in waiting if name > self._asked_to]
        some = [*later, *waiting[: max(0, len(waiting) - len(later))]][:BATCH]
        if some:
            self._asked_to = some[-1]
            self.ask(some)

    def look_around(self) -> None:
        """With a heartbeat: find out whether others have written in this PC's name."""
        self._looks = True
        with suppress(StorageError):  # the disk's troubles are the desk's, and no reason to be lost
            self.ask(self._witness.to_look_at())

    async def run(self, link: TrayLink) -> None:
        """Send and ask over *link* until it is lost."""
        self.tell()
        again = True
        while True:
            await self._news.wait()
            await asyncio.sleep(self._uniform(0, JITTER_S))
            self._news.clear()
            await self.settle(link, again=again)
            again = False

    async def settle(self, link: TrayLink, *, again: bool = False) -> None:
        """Send every receipt and ask every question that there is now.

        *again*: also the youngest receipts that Redis had confirmed. A server that lost its power,
        or another that took over, may have lost its last seconds, and does not know it.
        """
        try:
            if again:
                await self._send_again(link)
            await self._send(link)
            await self._ask(link)
            await self._object(link)
        except RedisError as error:
            if error.transient:
                raise
            if not self._complained:
                log.warning("receipts wait: %s", error)
            self._complained = True
        else:
            self._complained = False

    async def _send(self, link: TrayLink) -> None:
        while receipts := self._inbox.unreported(count := self._pace.count):
            with self._pace.measured():
                answers = await link.report(receipts)
            self._inbox.mark_reported(receipts)
            self._learn(answers)
            if len(receipts) < count:
                break
            self._pace.more()

    async def _send_again(self, link: TrayLink) -> None:
        since = self._now() - AGAIN_MS
        receipts = self._inbox.reported_since(since, MOST_AGAIN)
        while receipts:
            some = receipts[: self._pace.count]
            receipts = receipts[len(some) :]
            with self._pace.measured():
                answers = await link.report(some)
            self._learn(answers)

    async def _ask(self, link: TrayLink) -> None:
        while self._questions:
            some = sorted(self._questions)[: self._pace.count]
            with self._pace.measured():
                answers = await link.answers(some)
            if len(some) >= self._pace.count:
                self._pace.more()
            self._learn(answers)
            self._questions.difference_update(some)

    async def _object(self, link: TrayLink) -> None:
        """Say what is true, at most once with each heartbeat."""
        if not self._looks:
            return
        self._looks = False
        with suppress(StorageError):
            truths = self._witness.objections()[:BATCH]
            if truths:
                self._witness.objected(await link.contradict(truths))

    def _learn(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            with suppress(StorageError):
                self._witness.see(answer)
            self._learned(answer)
