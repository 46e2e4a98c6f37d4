"""Reports, history and reminders through the real programs and a real server."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from redis import Redis

from shared.keys import Keys
from shared.model import Endpoint
from shared.outlets import ExpectedOutlet
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests.bench.load import endpoints_of, fill_history, now_of, publish, register, write_receipts
from tests.conftest import LogGuard, until, until_await
from tests.fakes import make_message
from tests.integration.pair import acknowledge, connected, open_popup, running_tray
from tests.integration.test_command_line import run
from tests.redis_server import RedisServer
from tray_client.inbox import read_messages

pytestmark = pytest.mark.redis
KEYS = Keys()


def console(server: RedisServer, command: str, *options: str, code: int = 0) -> Any:
    """What a command prints with ``--json``."""
    done = run("admin_app", command, "--json", "--redis-url", server.url, *options)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr.decode()


async def in_thread(server: RedisServer, command: str, *options: str, code: int = 0) -> Any:
    """The same, while the trays of this process go on."""
    return await asyncio.to_thread(console, server, command, *options, code=code)


MESSAGE = ("--channel", "Channel 1", "--title", "Fire drill", "--message", "At 10")


async def test_a_message_from_send_to_report(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        register(Redis(port=redis_server.port), KEYS, 1)
        wait = ("--wait", "displayed", "--count", "1", "--timeout", "30")
        sent = await in_thread(redis_server, "send", *MESSAGE, *wait)
        assert (sent["expected"], sent["displayed"], sent["acknowledged"]) == (2, 1, 0)
        assert await acknowledge(tray) == "Fire drill"
        late = ("--wait", "displayed", "--timeout", "0.3")
        again = await in_thread(redis_server, "send", *MESSAGE, *late, code=5)
        assert again["expected"] == 2

        async def told() -> Any:
            report = await in_thread(redis_server, "report", sent["id"])
            return report if report["acknowledged"] else None

        report = await until_await(told)
    assert (report["expected"], report["received"], report["displayed"]) == (2, 1, 1)
    by_name = {one["endpoint"]: one for one in report["endpoints"]}
    mine, other = by_name["JKT-001/till-1"], by_name["JKT-0000/till-1"]
    assert mine["state"] == "acknowledged"
    assert mine["os_user"]
    assert mine["received_at"] <= mine["displayed_at"] <= mine["acknowledged_at"]
    assert (other["state"], other["received_at"]) == ("waiting", None)
    listed = console(redis_server, "history")
    assert [one["title"] for one in listed] == ["Fire drill"] * 2
    assert listed[1]["id"] == sent["id"]
    assert listed[1]["acknowledged"] == 1


async def test_a_reminder_reaches_those_who_have_not_acknowledged(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        one, two = [
            await stack.enter_async_context(
                running_tray(redis_server.url, tmp_path / outlet, outlet=outlet)
            )
            for outlet in ("A", "B")
        ]
        await connected(one, two)
        sent = await in_thread(redis_server, "send", *MESSAGE)
        assert await acknowledge(one) == "Fire drill"
        await until(lambda: open_popup(two))
        reminder = await in_thread(redis_server, "remind", sent["id"])
        assert reminder["id"] == sent["id"] != reminder["reminder"]
        await until(lambda: read_messages(tmp_path / "B")[0].reminded_at)
        await until(lambda: open_popup(two))
        # The other has read past the reminder.
        last = Redis(port=redis_server.port).xrevrange(KEYS.log("Channel 1"), count=1)[0][0]  # type: ignore[index]
        await until(lambda: str(one.inbox.cursor("Channel 1")).encode() == last)
        assert open_popup(one) is None
        assert await acknowledge(two) == "Fire drill"
        report = await in_thread(redis_server, "report", sent["id"])
        assert report["reminded_at"] > 0
        assert [one["title"] for one in await in_thread(redis_server, "history")] == ["Fire drill"]


async def test_receipts_of_the_last_seconds_that_a_server_lost_are_told_again(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    """A power cut: the server comes back without what it had confirmed last."""
    log_guard.expect("reconnecting: ")
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        sent = await in_thread(redis_server, "send", *MESSAGE)
        await until(lambda: open_popup(tray))
        [log] = (redis_server.folder / "appendonlydir").glob("*.incr.aof")
        size = log.stat().st_size
        await acknowledge(tray)
        await until(lambda: not tray.inbox.unreported(1))
        redis_server.stop("SIGKILL")
        with log.open("r+b") as file:
            file.truncate(size)
        redis_server.start()

        async def told() -> bool:
            report = await in_thread(redis_server, "report", sent["id"])
            return bool(report["acknowledged"] == report["displayed"] == report["received"] == 1)

        await until_await(told)


def test_one_pc_of_each_outlet_is_asked(redis_server: RedisServer) -> None:
    with Redis(port=redis_server.port) as client:
        endpoints = register(client, KEYS, 30)
        wait = ("--ack", "outlet", "--wait", "acknowledged", "--timeout")
        sent = console(redis_server, "send", *MESSAGE, *wait, "0.3", code=5)
        assert (sent["expected"], sent["acknowledged"], sent["asked"]) == (30, 0, 3)
        url = ("--redis-url", redis_server.url)
        message = make_message(id=sent["id"], sent_at=now_of(client))
        write_receipts(client, KEYS, message, endpoints[::10], acknowledged=1.0)
        report = console(redis_server, "report", sent["id"])
        states = [one["state"] for one in report["endpoints"]]
        assert (states.count("acknowledged"), states.count("answered")) == (3, 27)
        done = run("admin_app", "report", sent["id"], "--redis-url", redis_server.url)
        assert re.search(rb"Acknowledged +3 of 3 outlets: 50 % in ", done.stdout)
        assert (report["ack"], report["acknowledged"], report["asked"]) == ("outlet", 3, 3)
        [listed] = json.loads(run("admin_app", "history", "--json", *url).stdout)
        assert (listed["acknowledged"], listed["asked"], listed["expected"]) == (3, 3, 30)
        done = run("admin_app", "send", *MESSAGE, *wait, "0.3", *url)
        assert b"0 displayed of 30 expected; acknowledged in 0 of 3 outlets." in done.stdout
        done = run("admin_app", "remind", sent["id"], "--redis-url", redis_server.url)
        assert b"0 of 3 outlets" in done.stdout


def test_a_report_as_a_table(redis_server: RedisServer, tmp_path: Path) -> None:
    with Redis(port=redis_server.port) as client:
        endpoints = [*endpoints_of(3), Endpoint("=cmd", "+1")]
        message = publish(client, KEYS, 4)
        write_receipts(client, KEYS, message, endpoints, acknowledged=1.0)
    file = tmp_path / "laporan é.csv"
    done = run(
        "admin_app", "report", message.id, "--csv", str(file), "--redis-url", redis_server.url
    )
    assert done.returncode == 0, done.stderr
    assert "4 of 4" in done.stdout.decode()
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text))
    assert len(rows) == 5
    assert ["'=cmd", "'+1", "acknowledged"] in [row[:3] for row in rows]
    nowhere = ("--csv", str(tmp_path / "no" / "x.csv"))
    assert "cannot be written" in console(redis_server, "report", message.id, *nowhere, code=4)


@pytest.mark.parametrize("command", ["report", "remind"])
@pytest.mark.parametrize("wrong", ["nonsense", "01a20b37-8a79-76c6-939e-3cd6e427e3ea"])
def test_a_message_that_is_not_there(redis_server: RedisServer, command: str, wrong: str) -> None:
    assert wrong in console(redis_server, command, wrong, code=2)


def test_what_went_to_a_channel_that_nobody_listed_is_found(redis_server: RedisServer) -> None:
    message = ("--channel", "Gudang", "--title", "Only here", "--message", "x")
    sent = console(redis_server, "send", *message)
    assert [one["id"] for one in console(redis_server, "history")] == [sent["id"]]
    done = run("admin_app", "report", sent["id"], "--redis-url", redis_server.url)
    assert done.stdout.splitlines()[0] == b"Only here"


def test_history_is_filtered(redis_server: RedisServer) -> None:
    with Redis(port=redis_server.port) as client:
        fill_history(client, KEYS, 300)
    assert len(console(redis_server, "history")) == 20
    everything = console(redis_server, "history", "--count", "1000")
    assert [int(one["title"].split()[-1]) for one in everything] == list(range(299, -1, -1))
    some = console(redis_server, "history", "--all", "--level", "normal", "--search", "STOCK")
    assert some
    assert all(one["channels"] == ["*"] and one["level"] == "normal" for one in some)
    assert console(redis_server, "history", "--since", "2100-01-01") == []
    assert "no time" in console(redis_server, "history", "--since", "yesterday", code=2)


async def test_endpoints_are_listed_as_they_stand(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    register(Redis(port=redis_server.port), KEYS, 3, silent=1)
    async with RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as link:
        await link.write_expected_outlets("", [ExpectedOutlet(outlet="SBY-001", name="Surabaya")])
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        await until(lambda: Redis(port=redis_server.port).hlen(KEYS.endpoints) == 4)
    listed = await in_thread(redis_server, "endpoints")
    assert [(one["endpoint"], one["standing"]) for one in listed] == [
        ("JKT-0000/till-1", "connected"),
        ("JKT-0000/till-2", "connected"),
        ("JKT-0000/till-3", "silent"),
        ("JKT-001/till-1", "off"),
        ("SBY-001/", "never"),
    ]
    some = ("--standing", "silent", "off", "--channel", "Channel 1")
    assert len(await in_thread(redis_server, "endpoints", *some)) == 2
    lines = await asyncio.to_thread(run, "admin_app", "endpoints", "--redis-url", redis_server.url)
    assert b"SBY-001/" in lines.stdout


def test_counts_that_make_no_sense_are_refused(redis_server: RedisServer) -> None:
    for wrong in (("--count", "0"), ("--count", "some"), ("--timeout", "-1"), ("--wait", "seen")):
        done = run("admin_app", "send", *MESSAGE, *wrong, "--redis-url", redis_server.url)
        assert done.returncode == 2, wrong
