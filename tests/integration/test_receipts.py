"""Receipts: what Redis is told of each message, and what sessions of one PC learn from it."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from redis import Redis

from admin_app.draft import Draft
from shared.errors import NotPermitted
from shared.instance.answered import LocalAnswer
from shared.keys import Keys
from shared.model import DAY_MS, Ack, Endpoint, new_message_id
from shared.receipts import COUNTED, Answer, Receipt
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.redis_bus.receipt_scripts import RECEIPT_SCRIPT
from tests.conftest import LogGuard, until, until_await
from tests.fakes import make_message
from tests.integration.pair import (
    acknowledge,
    connected,
    fill_in,
    open_popup,
    press_send,
    running_console,
    running_tray,
)
from tests.redis_server import RedisServer
from tray_client.inbox import read_messages
from tray_client.records import State

pytestmark = pytest.mark.redis

KEYS = Keys()
TILL = Endpoint("JKT-014", "till-1")
OTHER = Endpoint("JKT-014", "till-2")


def bus(server: RedisServer) -> RedisTrayBus:
    return RedisTrayBus(RedisAddress(port=server.port), KEYS)


def ask(server: RedisServer, *command: str) -> Any:
    """One command over a connection of its own."""
    with closing(Redis(port=server.port, decode_responses=True)) as client:
        return client.execute_command(*command)


def counts(server: RedisServer, message_id: str) -> dict[str, int]:
    """The counters of one message, without those that say when."""
    found = ask(server, "HGETALL", KEYS.receipt_counts(message_id))
    return {
        name: int(found[name])
        for name in COUNTED
        if found.get(name, "0") != "0" and name != "until"
    }


def entry(server: RedisServer, message_id: str, name: str) -> dict[str, object]:
    """One value of the receipts."""
    raw = ask(server, "HGET", KEYS.receipts(message_id), name)
    return dict(json.loads(raw)) if raw else {}


async def test_counters_never_drift_whatever_is_sent_again(redis_server: RedisServer) -> None:
    message_id = new_message_id()
    async with bus(redis_server).open(["*"], TILL) as link:
        now = await link.time_ms()
        received = Receipt(message_id, now, now + 5)
        displayed = Receipt(message_id, now, now + 9, now + 20)  # another session was later
        answered = Receipt(message_id, now, now + 5, now + 30, now + 40, os_user="sari")
        for receipt in (received, received, displayed, answered, answered, received):
            await link.report([receipt])
        [answer] = await link.report([answered])
    assert counts(redis_server, message_id) == {
        "received": 1,
        "displayed": 1,
        "acknowledged": 1,
        "outlets": 1,
    }
    assert entry(redis_server, message_id, str(TILL)) == {
        "r": now + 5,
        "d": now + 20,
        "a": now + 40,
        "u": "sari",
    }
    assert answer == Answer(message_id, now + 40, "sari", str(TILL), now + 40, outlet_user="sari")


async def test_the_reply_stands_in_the_receipt_and_the_first_one_counts(
    redis_server: RedisServer,
) -> None:
    message = make_message(replies=["Sudah", "Stok habis"])
    async with bus(redis_server).open(["*"], TILL) as link:
        now = await link.time_ms()
        message = msgspec.structs.replace(message, sent_at=now)
        for reply in ("Stok habis", "Sudah"):
            answered = Receipt(message.id, now, now, now, now, "sari", reply=reply)
            [answer] = await link.report([answered])
    assert (answer.here_reply, answer.outlet_reply) == ("Stok habis", "Stok habis")
    console = RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS)
    async with console.open() as head_office:
        [receipt] = (await head_office.receipts(message.id, 0)).receipts
    assert (receipt.reply, receipt.endpoint) == ("Stok habis", str(TILL))


async def test_what_was_acknowledged_is_not_recalled_any_more(redis_server: RedisServer) -> None:
    message_id = new_message_id()
    async with bus(redis_server).open(["*"], TILL) as link:
        now = await link.time_ms()
        await link.report([Receipt(message_id, now, now, now, now)])
        await link.report([Receipt(message_id, now, now, now, closed="recalled")])
    assert "c" not in entry(redis_server, message_id, str(TILL))
    assert "recalled" not in counts(redis_server, message_id)


async def test_the_first_of_an_outlet_stays_the_first(redis_server: RedisServer) -> None:
    message_id = new_message_id()
    for endpoint, user in ((TILL, "sari"), (OTHER, "budi")):
        async with bus(redis_server).open(["*"], endpoint) as link:
            now = await link.time_ms()
            [answer] = await link.report([Receipt(message_id, now, now, now, now, user)])
    assert (answer.here_user, answer.outlet_by) == ("budi", str(TILL))
    assert counts(redis_server, message_id)["outlets"] == 1
    assert counts(redis_server, message_id)["acknowledged"] == 2


async def test_receipts_are_forgotten_in_time_and_late_ones_dropped(
    redis_server: RedisServer,
) -> None:
    async with (
        bus(redis_server).open(["*"], TILL) as link,
        RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as console,
    ):
        now = await link.time_ms()
        fresh, old = (make_message(sent_at=now - days * DAY_MS) for days in (1, 8))
        await console.note_sent(fresh, 1, fresh.sent_at + 7 * DAY_MS)
        await link.report([Receipt(one.id, one.sent_at, now) for one in (fresh, old)])
    assert counts(redis_server, old.id) == {}
    await expires_after(redis_server, fresh.id, now)


async def expires_after(server: RedisServer, message_id: str, now: int) -> None:
    """What Redis has of a message of yesterday goes when it should."""
    for key, days in (
        (KEYS.receipts(message_id), 9),
        (KEYS.receipt_counts(message_id), 89),
        (KEYS.receipt_until(message_id), 89),
        (KEYS.receipt_facts(message_id), 89),
    ):
        left = ask(server, "PTTL", key)
        assert (days - 1) * DAY_MS < left <= days * DAY_MS, key


@pytest.mark.parametrize("said", [None, 9])
async def test_receipts_that_nobody_gave_an_end_get_one_from_any_console(
    redis_server: RedisServer, said: int | None
) -> None:
    """Who sent it was cut off, or is of an earlier version, which says it among the counters."""
    async with (
        bus(redis_server).open(["*"], TILL) as link,
        RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as console,
    ):
        now = await link.time_ms()
        one = make_message(sent_at=now - DAY_MS)
        await link.report([Receipt(one.id, one.sent_at, now)])
        assert ask(redis_server, "PTTL", KEYS.receipts(one.id)) == -1
        if said is not None:
            until = one.sent_at + said * DAY_MS
            ask(redis_server, "HSET", KEYS.receipt_counts(one.id), "until", str(until))
        [before] = await console.counts([one])
        await console.mend_receipts([one], 7 * DAY_MS)
        [after] = await console.counts([one])
    assert (before.noted, after.noted, after.received) == (False, True, 1)
    assert after.until == one.sent_at + (said or 7) * DAY_MS
    left = ask(redis_server, "PTTL", KEYS.receipts(one.id))
    assert left == pytest.approx((9 + (said or 7) - 7) * DAY_MS, abs=60_000)


async def test_scripts_that_were_flushed_are_sent_again(redis_server: RedisServer) -> None:
    async with bus(redis_server).open(["*"], TILL) as link:
        for _ in range(2):
            message_id = new_message_id()
            now = await link.time_ms()
            await link.report([Receipt(message_id, now, now)])
            assert counts(redis_server, message_id) == {"received": 1}
            ask(redis_server, "SCRIPT", "FLUSH")


async def test_an_account_that_may_not_bring_scripts_waits_for_a_console(
    redis_server: RedisServer,
) -> None:
    rights = "on nopass ~* &* +@all -eval -script"
    ask(redis_server, "ACL", "SETUSER", "outlet", *rights.split())
    address = RedisAddress(port=redis_server.port, username="outlet", password="x")
    message_id = new_message_id()
    async with RedisTrayBus(address, KEYS).open(["*"], TILL) as link:
        now = await link.time_ms()
        with pytest.raises(NotPermitted):
            await link.report([Receipt(message_id, now, now)])
        ask(redis_server, "SCRIPT", "LOAD", RECEIPT_SCRIPT)
        await link.report([Receipt(message_id, now, now)])
    assert counts(redis_server, message_id) == {"received": 1}


async def test_acknowledging_in_one_session_of_a_pc_closes_a_quiet_message_in_the_other(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with (
        running_tray(redis_server.url, tmp_path / "sari") as sari,
        running_tray(redis_server.url, tmp_path / "budi") as budi,
        running_console(redis_server.url, tmp_path / "console") as console,
    ):
        await connected(sari, console)
        await connected(budi)
        fill_in(console, "Channel 1", "Fire drill", "At 10")
        await press_send(console)
        await until(lambda: open_popup(sari) and open_popup(budi))
        assert await acknowledge(sari) == "Fire drill"
        await until(lambda: open_popup(budi) is None, within_s=10)
        [message] = read_messages(tmp_path / "budi")
        assert message.state is State.ANSWERED, "what Redis says is not this inbox' own answer"
        everything = {
            "expected": 1,
            "received": 1,
            "displayed": 1,
            "acknowledged": 1,
            "outlets": 1,
        }
        await until(lambda: counts(redis_server, message.id) == everything)


async def test_ok_pressed_while_the_tray_ends_is_written_down(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    """The other sessions cannot be told any more; they learn it from Redis."""
    told: list[LocalAnswer] = []

    class Instance:
        hears_others = False
        tell_others = staticmethod(told.append)

    async with (
        running_tray(redis_server.url, tmp_path / "tray") as tray,
        running_console(redis_server.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        sent = (await console.session.send(Draft(title="Fire drill", body="At 10"))).message
        await until(lambda: open_popup(tray))
        tray.session.answered_here.connect(partial(tray.tell, Instance()))  # type: ignore[arg-type]
        await tray._tasks.aclose()
        tray.session.answer(sent.id)
    [message] = read_messages(tmp_path / "tray")
    assert (message.state, told) == (State.ACKNOWLEDGED, [])


async def test_a_reply_pressed_on_the_popup_is_the_outlet_s_and_a_recall_closes_the_next(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with (
        running_tray(redis_server.url, tmp_path / "tray") as tray,
        running_console(redis_server.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        question = Draft(
            channels=["Channel 1"],
            title="Rice",
            body="Is any left?",
            ack=Ack.OUTLET,
            replies=["Yes", "No"],
        )
        asked = (await console.session.send(question)).message
        popup = await until(lambda: open_popup(tray))
        await until(lambda: not popup.guarded)
        QTest.mouseClick(popup.answers.replies[1], Qt.MouseButton.LeftButton)
        await until(lambda: counts(redis_server, asked.id).get("acknowledged") == 1)
        assert entry(redis_server, asked.id, "JKT-001/till-1")["y"] == "No"
        assert entry(redis_server, asked.id, "@JKT-001")["y"] == "No"
        mistake = (await console.session.send(Draft(title="Mistake", body="x"))).message
        await until(lambda: (now := open_popup(tray)) and now.content.title == "Mistake")
        await console.session.recall(mistake)
        await until(lambda: open_popup(tray) is None)
        await until(lambda: counts(redis_server, mistake.id).get("recalled") == 1)
        assert "d" in entry(redis_server, mistake.id, "JKT-001/till-1")


async def test_a_new_inbox_does_not_ask_again_what_was_answered(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with running_console(redis_server.url, tmp_path / "console") as console:
        async with running_tray(redis_server.url, tmp_path / "tray") as tray:
            await connected(tray, console)
            for title in ("Answered", "Open"):
                fill_in(console, "Channel 1", title, "Body")
                await press_send(console)
            assert await acknowledge(tray) == "Answered"
            await until(lambda: open_popup(tray))
            first = read_messages(tmp_path / "tray")[0]
            await until(lambda: counts(redis_server, first.id).get("acknowledged") == 1)
        shutil.rmtree(tmp_path / "tray")
        async with running_tray(redis_server.url, tmp_path / "tray") as tray:
            assert await acknowledge(tray) == "Open"
            assert open_popup(tray) is None
            states = {one.title: one.state for one in read_messages(tmp_path / "tray")}
            assert states == {"Answered": State.ANSWERED, "Open": State.ACKNOWLEDGED}


async def test_an_answer_given_offline_is_told_with_its_true_time(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"reconnecting: ")
    async with (
        running_tray(redis_server.url, tmp_path / "tray") as tray,
        running_console(redis_server.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        fill_in(console, "Channel 1", "Offline", "Body")
        await press_send(console)
        await until(lambda: open_popup(tray))
        redis_server.stop()
        before = tray.clock.now_ms()
        assert await acknowledge(tray) == "Offline"
        after = tray.clock.now_ms()
        redis_server.start()
        [message] = read_messages(tmp_path / "tray")

        async def told() -> bool:
            return bool(entry(redis_server, message.id, "JKT-001/till-1").get("a"))

        await until_await(told)
        at = entry(redis_server, message.id, "JKT-001/till-1")["a"]
        assert isinstance(at, int)
        assert before <= at <= after
        assert counts(redis_server, message.id)["acknowledged"] == 1


async def test_plain_text_has_nobody_to_tell(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        await until(lambda: ask(redis_server, "HLEN", KEYS.endpoints) == 1)
        redis_server.command("PUBLISH", "{siaran}:ch:Channel%201", "Server down at 9")
        assert await acknowledge(tray) == "Message on Channel 1"
        assert tray.inbox.unreported(10) == []
        await asyncio.sleep(0)
    assert ask(redis_server, "KEYS", "siaran:rcpt:*") == []
