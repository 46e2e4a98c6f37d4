"""What head office does to messages after it sent them, seen on two PCs of one outlet.

A real server, the real bus on both sides, and sessions without a screen: what ``head`` says is what
a popup would show.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from admin_app.draft import Draft
from admin_app.recalling import draft_in_place_of, in_place_of
from admin_app.sending import Sender
from shared.bus import ConsoleLink, LinkState
from shared.clock import RedisClock
from shared.keys import Keys
from shared.model import DAY_MS, HOUR_MS, Ack, Level, Message
from shared.receipts import Receipt
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.settings import Settings
from shared.signing import Verifier
from tests.conftest import LogGuard, until, until_await
from tests.integration.test_command_line import ROOT, run
from tests.redis_server import RedisServer
from tray_client.inbox import Inbox
from tray_client.judge import Judge
from tray_client.records import InboxMessage, State
from tray_client.registrar import TrayIdentity
from tray_client.rules import MINUTE_MS, Rules
from tray_client.session import TraySession

pytestmark = pytest.mark.redis

SENDER = Sender(Settings())
WITHIN_S = 10.0
"""As issue 7 promises for the outlet's other PCs."""


class Pc:
    """One PC of the outlet JKT-014."""

    def __init__(
        self, server: RedisServer, folder: Path, name: str, user: str = "", password: str = ""
    ) -> None:
        self.folder = folder
        self.clock = RedisClock()
        self.inbox = Inbox(folder)
        self.session = TraySession(
            RedisTrayBus(address(server, user, password), Keys()),
            self.inbox,
            Judge(Verifier({}, "siaran"), 7 * DAY_MS),
            self.clock,
            TrayIdentity("JKT-014", name, "0", "Linux", name, name, os_user=name),
            ["Channel 1"],
            rules=Rules(popups_per_minute=1000),
        )
        self.seen: list[tuple[str, int]] = []
        self.ended: list[InboxMessage] = []
        self.session.queue_changed.connect(self._look)
        self.session.taken_off.connect(self.ended.append)

    def _look(self) -> None:
        head = self.session.head()
        if head is not None and [head.id] != [one for one, _at in self.seen[-1:]]:
            self.seen.append((head.id, self.clock.now_ms()))
            self.session.displayed(head.id)

    @property
    def head(self) -> str | None:
        """What is on its screen."""
        head = self.session.head()
        return None if head is None else head.id

    def state_of(self, message: Message) -> State:
        """What has become of *message* here."""
        found = self.inbox.get(message.id)
        assert found is not None
        return found.state


def address(server: RedisServer, user: str = "", password: str = "") -> RedisAddress:
    """Where *server* is, with a login if there is one."""
    return RedisAddress(port=server.port, username=user, password=password)


@asynccontextmanager
async def pc(
    server: RedisServer, folder: Path, name: str = "till-1", user: str = "", password: str = ""
) -> AsyncIterator[Pc]:
    """A PC that is on, and connected if there is a server."""
    made = Pc(server, folder, name, user, password)
    task = asyncio.create_task(made.session.run())
    try:
        await until(lambda: made.session.status.state is not LinkState.CONNECTING)
        yield made
    finally:
        task.cancel()
        await asyncio.wait([task])
        made.inbox.close()


@asynccontextmanager
async def head_office(
    server: RedisServer, user: str = "", password: str = ""
) -> AsyncIterator[ConsoleLink]:
    """The console's link."""
    async with RedisConsoleBus(address(server, user, password), Keys()).open() as link:
        yield link


def draft(**changes: object) -> Draft:
    """Something to send to Channel 1."""
    fields = {"channels": ["Channel 1"], "title": "Rice", "body": "Is any left?", **changes}
    return Draft(**fields)  # type: ignore[arg-type]


async def send(link: ConsoleLink, **changes: object) -> Message:
    """Send a message."""
    return (await SENDER.send(link, draft(**changes))).message


async def recall(link: ConsoleLink, message: Message) -> None:
    """Take it back."""
    await SENDER.publish(link, SENDER.recall_of(message, await link.time_ms()))


async def receipts(link: ConsoleLink, message: Message) -> dict[str, Receipt]:
    """What the endpoints have told, by PC."""
    found: dict[str, Receipt] = {}
    position = 0
    while True:
        page = await link.receipts(message.id, position)
        for receipt in page.receipts:
            found[receipt.endpoint.removeprefix("JKT-014/")] = receipt
        position = page.position
        if not position:
            return found


async def test_a_recall_closes_it_on_one_screen_and_prevents_it_on_the_other(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with head_office(redis_server) as office:
        async with pc(redis_server, tmp_path / "1") as on:
            message = await send(office, level=Level.URGENT)
            await until(lambda: on.head == message.id)
            await until(lambda: not on.inbox.unreported(1))
            await recall(office, message)
            await until(lambda: on.head is None)
            assert [one.state for one in on.ended] == [State.RECALLED]
            await until(lambda: not on.inbox.unreported(1))
        async with pc(redis_server, tmp_path / "2", "till-2") as off:
            await until(lambda: off.inbox.get(message.id))
            await until(lambda: not off.inbox.unreported(1))
            assert off.seen == []
        told = await receipts(office, message)
        [counts] = await office.counts([message])
    assert told["till-1"].closed == told["till-2"].closed == "recalled"
    assert told["till-1"].displayed_at is not None
    assert told["till-2"].displayed_at is None
    assert (counts.recalled, counts.displayed, counts.acknowledged) == (2, 1, 0)


async def test_a_replacement_changes_the_open_popup_and_asks_again(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with (
        head_office(redis_server) as office,
        pc(redis_server, tmp_path / "1") as first,
        pc(redis_server, tmp_path / "2", "till-2") as second,
    ):
        message = await send(office)
        await until(lambda: first.head == second.head == message.id)
        second.session.answer(message.id)
        changed = draft_in_place_of(message, await office.time_ms())
        new = (await SENDER.send(office, in_place_of(message, changed))).message
        assert new.replaces == message.id
        await until(lambda: first.head == second.head == new.id)
        assert [one for one, _at in first.seen] == [message.id, new.id]
        assert (first.state_of(message), second.state_of(message)) == (
            State.RECALLED,
            State.ACKNOWLEDGED,
        )


async def test_one_answer_closes_it_on_the_outlet_s_other_pcs_in_time(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with (
        head_office(redis_server) as office,
        pc(redis_server, tmp_path / "1") as first,
        pc(redis_server, tmp_path / "2", "till-2") as second,
    ):
        message = await send(office, ack=Ack.OUTLET, replies=["Yes", "No"])
        await until(lambda: first.head == second.head == message.id)
        since = time.monotonic()
        first.session.answer(message.id, "No")
        await until(lambda: second.head is None, within_s=WITHIN_S)
        print(f"closed on the other PC after {time.monotonic() - since:.2f} s")
        [ended] = second.ended
        assert (ended.state, ended.answered_by, ended.reply) == (
            State.ANSWERED,
            "JKT-014/till-1",
            "No",
        )

        async def told() -> bool:
            found = await receipts(office, message)
            return len(found) == 2 and found["till-1"].acknowledged_at is not None

        await until_await(told)
        found = await receipts(office, message)
        assert (found["till-1"].reply, found["till-1"].os_user) == ("No", "till-1")
        assert (found["till-2"].reply, found["till-2"].acknowledged_at) == ("", None)
        [counts] = await office.counts([message])
        assert (counts.acknowledged, counts.outlets) == (1, 1)


async def test_the_accounts_that_are_shipped_may_do_all_of_it(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.stop()
    file = redis_server.folder / "users.acl"
    file.write_bytes((ROOT / "packaging" / "redis" / "users.acl").read_bytes())
    redis_server.start("--aclfile", str(file))
    outlet = ("outlet", "CHANGE-outlet")
    async with (
        head_office(redis_server, "console", "CHANGE-console") as office,
        pc(redis_server, tmp_path / "1", "till-1", *outlet) as first,
        pc(redis_server, tmp_path / "2", "till-2", *outlet) as second,
    ):
        question = await send(office, ack=Ack.OUTLET, replies=["Yes"])
        await until(lambda: first.head == second.head == question.id)
        second.session.answer(question.id, "Yes")
        await until(lambda: first.head is None, within_s=WITHIN_S)
        mistake = await send(office)
        await until(lambda: first.head == second.head == mistake.id)
        await SENDER.remind(office, SENDER.reminder_of(mistake, await office.time_ms()))
        await recall(office, mistake)
        await until(lambda: first.head is second.head is None)
        await until(lambda: not first.inbox.unreported(1) and not second.inbox.unreported(1))
        [counts] = await office.counts([mistake])
        assert counts.recalled == 2


async def test_its_time_comes_offline_too_and_a_recall_before_cancels_it(
    redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    async with pc(redis_server, tmp_path / "1") as till:
        async with head_office(redis_server) as office:
            at = await office.time_ms() + 3000
            kept = await send(office, show_at=at)
            cancelled = await send(office, show_at=at, level=Level.URGENT)
            await until(lambda: till.inbox.get(cancelled.id))
            await recall(office, cancelled)
            await until(lambda: till.state_of(cancelled) is State.RECALLED)
        redis_server.stop()
        await until(lambda: till.session.status.state is LinkState.RECONNECTING)
        assert till.head is None
        await until(lambda: till.seen, within_s=WITHIN_S)
        [(shown, when)] = till.seen
        assert shown == kept.id
        assert 0 <= when - at < 1000, "to the second"
        redis_server.start()
        await until(lambda: till.session.status.state is LinkState.CONNECTED, within_s=60)


async def test_what_was_put_off_comes_back_after_a_restart(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with head_office(redis_server) as office:
        async with pc(redis_server, tmp_path) as till:
            message = await send(office)
            await until(lambda: till.head == message.id)
            till.session.snooze(message.id, 15)
            assert till.head is None
            until_ms = till.clock.now_ms() + 15 * MINUTE_MS
        async with pc(redis_server, tmp_path) as till:
            await until(lambda: till.session.status.state is LinkState.CONNECTED)
            assert (till.head, till.session.waiting()) == (None, 1)
            kept = till.inbox.get(message.id)
            assert kept is not None
            assert abs(kept.snoozed_until - until_ms) < 2000
            await SENDER.remind(office, SENDER.reminder_of(message, await office.time_ms()))
            await until(lambda: till.head == message.id)


async def test_recall_and_replace_on_the_command_line(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    where = ("--redis-url", redis_server.url)

    async def console(*arguments: str) -> dict[str, object]:
        done = await asyncio.to_thread(run, "admin_app", *arguments, "--json", *where)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    async with pc(redis_server, tmp_path) as till:
        sent = await console(
            *("send", "--channel", "Channel 1", "--title", "Rice", "--message", "Left?"),
            *("--reply", "Yes", "--reply", "No", "--ack", "outlet", "--format", "markdown"),
            *("--expires", "+2h"),
        )
        await until(lambda: till.head == sent["id"])
        shown = till.inbox.get(str(sent["id"]))
        assert shown is not None
        assert (shown.replies, shown.ack.value, shown.format.value) == (
            ("Yes", "No"),
            "outlet",
            "markdown",
        )
        assert abs(shown.expires_at - shown.sent_at - 2 * HOUR_MS) < 5000
        new = await console("replace", str(sent["id"]), "--title", "Cooking oil")
        await until(lambda: till.head == new["id"])
        changed = till.inbox.get(str(new["id"]))
        assert changed is not None
        assert (changed.title, changed.body, changed.replies) == (
            "Cooking oil",
            "Left?",
            ("Yes", "No"),
        )
        assert changed.expires_at == shown.expires_at
        await console("recall", str(new["id"]))
        await until(lambda: till.head is None)
    again = run("admin_app", "recall", "01a20b37-8a79-76c6-939e-3cd6e427e3ea", *where)
    assert (again.returncode, b"knows no message" in again.stderr) == (2, True)
    late = run(
        *("admin_app", "send", "--all", "--title", "T", "--message", "x", "--show-at", "+169h"),
        *where,
    )
    assert (late.returncode, b"can wait 168 hours" in late.stderr) == (2, True)
