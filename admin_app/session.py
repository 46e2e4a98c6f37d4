"""What the console's window asks for, without Qt: sending, what was sent, channels, outlets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from admin_app.ahead import (
    StoredSeries,
    end,
    ended,
    prepared,
    read_series,
    save,
)
from admin_app.audience import Audience
from admin_app.channels import Change, Followers, change, followers
from admin_app.draft import Draft
from admin_app.history import EVERYTHING, History, Wanted, find_message
from admin_app.linked import Linked
from admin_app.outlets import Overview, PcRow, overview_steps, without
from admin_app.recalling import in_place_of
from admin_app.reports import Report
from admin_app.sending import Sender, Sent, clock_in_doubt
from admin_app.series import has_ended
from admin_app.templates import (
    StoredTemplate,
    delete_template,
    read_templates,
    save_template,
)
from admin_app.upcoming import read_upcoming
from shared.bus import ConsoleBus, ConsoleLink
from shared.documents import Entries
from shared.errors import ChangedMeanwhile, SiaranError
from shared.model import DEFAULT_RETENTION_MS, Message
from shared.outlets import ExpectedOutlet, OutletList
from shared.receipts import Counts
from shared.signals import Signal

log = logging.getLogger(__name__)


class ConsoleSession(Linked):
    """Everything the console's window asks for."""

    def __init__(self, bus: ConsoleBus, sender: Sender) -> None:
        super().__init__(bus, sender)
        self.sent: Signal[[Sent]] = Signal()
        self.recalled: Signal[[Message]] = Signal()

    async def send(self, draft: Draft, *, despite_clock: bool = False) -> Sent:
        """Publish *draft*; when the reply is lost, once more over the next link.

        Raises:
            BadInput: the draft cannot be sent.
            ClockInDoubt: Redis' clock is in doubt, and this is not *despite_clock*.
            SiaranError: it was not sent, or nobody knows; sending the same again is harmless.
        """
        sent = await self._surely(
            lambda link: self._sender.send(link, draft, despite_clock=despite_clock)
        )
        log.info("sent %s to %s", sent.message.id, ", ".join(sent.message.channels))
        self.sent.emit(sent)
        return sent

    async def remind(self, message: Message) -> None:
        """Ask again those who have not acknowledged *message*.

        Raises:
            BadInput: nobody can be reminded of it.
            SiaranError: it was not sent, or nobody knows.
        """
        link = self._connected_link()
        reminder = self._sender.reminder_of(message, await self._sender.now_ms(link))
        await self._surely(lambda link: self._sender.remind(link, reminder))
        log.info("reminded of %s", message.id)

    async def recall(self, message: Message) -> None:
        """Take *message* back: it closes where it is open, and opens nowhere else.

        Raises:
            BadInput: it cannot be taken back any more.
            SiaranError: the recall was not sent, or nobody knows.
        """
        link = self._connected_link()
        recall = self._sender.recall_of(message, await self._sender.now_ms(link))
        await self._surely(lambda link: self._sender.publish(link, recall))
        log.info("recalled %s", message.id)
        self.recalled.emit(recall)

    async def replace(self, message: Message, draft: Draft) -> Sent:
        """Publish *draft* in the place of *message*: open popups change to it, and it asks again.

        Raises:
            BadInput: the draft cannot be sent.
            SiaranError: it was not sent, or nobody knows; sending the same again is harmless.
        """
        return await self.send(in_place_of(message, draft))

    @property
    def clock_doubt(self) -> SiaranError | None:
        """What to say of Redis' clock while it is in doubt."""
        clock = self._sender.clock
        return clock_in_doubt(clock) if clock.in_doubt else None

    async def count_connected(self, channels: Sequence[str]) -> int | None:
        """How many PCs of *channels* are connected now; None when that cannot be asked."""
        link = self._link
        if link is None:
            return None
        try:
            return await self._sender.connected(link, channels, await link.time_ms())
        except SiaranError:
            return None

    async def audience(self, channels: Sequence[str]) -> Audience | None:
        """How many PCs *channels* have, and how many are silent; None when it cannot be asked."""
        link = self._link
        if link is None:
            return None
        try:
            return await self._sender.audience(link, channels, await link.time_ms())
        except SiaranError:
            return None

    def history(self, wanted: Wanted = EVERYTHING) -> History:
        """A way through what was sent, in all channels of the directory."""
        return History(self._connected_link, self.channel_names, wanted)

    async def find(self, message_id: str) -> Message | None:
        """The message with this id, if Redis still has it.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return await find_message(self._connected_link(), self.channel_names, message_id)

    async def counts(self, messages: Sequence[Message]) -> list[Counts]:
        """The counters of *messages*, for the rows of a list.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return await self._connected_link().counts(messages)

    def report(self, message: Message) -> Report:
        """The report of *message*; its ``run`` keeps it live."""
        return Report(message, self._connected_link, self._sender.expected_since)

    async def change_channels(self, what: Change) -> None:
        """Change the channel directory.

        Raises:
            BadInput: the change cannot be made.
            SiaranError: Redis refused, or was lost.
        """
        self._take_directory(await change(self._connected_link(), what), self._unlisted)

    async def templates(self) -> Entries[StoredTemplate]:
        """Every template, by name.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return await read_templates(self._connected_link())

    async def save_template(self, one: StoredTemplate) -> StoredTemplate:
        """Write *one*, new or changed.

        Raises:
            BadInput: it cannot be used.
            ChangedMeanwhile: another console was quicker.
            SiaranError: Redis refused, or was lost.
        """
        return await save_template(self._connected_link(), one)

    async def delete_template(self, one: StoredTemplate) -> None:
        """Delete *one*.

        Raises:
            ChangedMeanwhile: another console has changed it.
            SiaranError: Redis refused, or was lost.
        """
        await delete_template(self._connected_link(), one)

    async def time_ms(self) -> int:
        """The time that is believed, in ms.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        return await self._sender.now_ms(self._connected_link())

    async def series(self) -> Entries[StoredSeries]:
        """Every series of recurring messages.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        link = self._connected_link()
        now = await self._sender.now_ms(link)
        found = await read_series(link)
        running = [one for one in found if not has_ended(one.content, now)]
        return Entries(running, unreadable=found.unreadable)

    async def save_series(self, one: StoredSeries) -> StoredSeries:
        """Write *one*, new or changed, and send its messages ahead.

        Raises:
            BadInput: it cannot be used.
            ChangedMeanwhile: another console was quicker.
            SiaranError: Redis refused, or was lost; saving it again is harmless.
        """
        ready = await prepared(self._connected_link(), self._sender, one)
        return await self._surely(lambda link: save(link, self._sender, ready))

    async def delete_series(self, one: StoredSeries) -> None:
        """Delete *one*, and take back what it has sent ahead.

        Raises:
            ChangedMeanwhile: another console has changed it.
            SiaranError: Redis refused, or was lost.
        """
        ready = await ended(self._connected_link(), self._sender, one)
        await self._surely(lambda link: end(link, self._sender, ready))

    async def upcoming(self) -> list[Message]:
        """What was sent and is not due yet, the next first.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        link = self._connected_link()
        now = await self._sender.now_ms(link)
        # Also what was sent before somebody has shortened the retention.
        since = now - max(self._sender.retention_ms, DEFAULT_RETENTION_MS)
        return await read_upcoming(link, self.channel_names, since, now)

    @property
    def retention_ms(self) -> int:
        """How long a message is kept for PCs that are off, and how far ahead one can be sent."""
        return self._sender.retention_ms

    async def followers(self) -> dict[str, Followers]:
        """Who follows each channel.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        link = self._connected_link()
        now = await link.time_ms()
        return followers(await link.endpoints(), self._sender.connected_since(now), now)

    async def outlets(self) -> Overview:
        """Who is there of all PCs and outlets.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        link = self._connected_link()
        now = await link.time_ms()
        reports, listed = await link.endpoints(), await link.expected_outlets()
        if self.full and reports:  # as they stood when they could report
            now = min(now, max(one.seen_at for one in reports))
        since = self._sender.connected_since(now)
        for seen in overview_steps(reports, listed, since, now):
            if seen is not None:
                return replace(seen, full=self.full)
            await asyncio.sleep(0)
        raise AssertionError

    async def write_outlets(self, before: OutletList, outlets: Sequence[ExpectedOutlet]) -> None:
        """Put *outlets* in the place of the list *before*.

        Raises:
            ChangedMeanwhile: another console was quicker.
            SiaranError: Redis refused, or was lost; doing it again is harmless.
        """
        await self._connected_link().write_expected_outlets(before.stamp, outlets)

    async def forget(self, rows: Sequence[PcRow]) -> None:
        """Take PCs out of the registry and out of the list of expected outlets.

        Raises:
            SiaranError: Redis refused, or was lost.
        """
        link = self._connected_link()
        await link.forget_endpoints([row.report for row in rows if row.report is not None])
        await _unlist(link, rows)


async def _unlist(link: ConsoleLink, rows: Sequence[PcRow]) -> None:
    """Take *rows* out of the list of expected outlets, whichever that is by now."""
    while True:
        listed = await link.expected_outlets()
        kept = without(listed.outlets, rows)
        if kept is None:
            return
        with suppress(ChangedMeanwhile):
            await link.write_expected_outlets(listed.stamp, kept)
            return
