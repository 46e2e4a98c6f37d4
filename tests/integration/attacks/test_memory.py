"""Filling Redis' memory with a password that every till has, and how the operator gets it free.

Each way is tried with 64 MB instead of 2 GB. What head office has sent, and what trays have told of
it, is the same afterwards.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.keys import Keys
from shared.model import Message, new_message_id
from tests.conftest import LogGuard, until, until_await
from tests.integration.attacks.guarded import (
    Raw,
    Refused,
    Reply,
    Site,
    Who,
    change_accounts,
    emergency_arrives,
    encoded,
    is_refused,
)
from tests.integration.pair import acknowledge, connected
from tests.integration.test_command_line import run
from tests.redis_server import is_redis_6
from tray_client.app import TrayApp

KEYS = Keys()
MB = 1 << 20
LIMIT = 64 * MB
BLOB = b"x" * 1_000_000
ATTACKERS = [Who.OUTLET, Who.OWN]


@pytest.fixture
def small(guarded_site: Site) -> Site:
    """A guarded server with little memory."""
    guarded_site.server.stop()
    guarded_site.server.start("--maxmemory", str(LIMIT))
    return guarded_site


def repair(site: Site, *options: str, account: str = "operator") -> Any:
    """Run the command as IT does; what it prints."""
    words = site.folder / f"{account}-password"
    words.write_text(site.password(account), encoding="ascii")
    login = ("--username", account, "--password-file", str(words))
    where = ("--redis-url", site.server.url)
    done = run("admin_app", "repair", "--json", *options, *login, *where)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)["memory"]


def checked(site: Site) -> str:
    """How ``siaran-console check`` grades the memory."""
    words = site.folder / "console-password"
    words.write_text(site.password(Who.CONSOLE), encoding="ascii")
    login = ("--username", Who.CONSOLE, "--password-file", str(words))
    done = run("admin_app", "check", "--json", *login, "--redis-url", site.server.url)
    [memory] = [one for one in json.loads(done.stdout)["findings"] if one["topic"] == "memory"]
    return str(memory["grade"])


def going(found: Any) -> dict[str, int]:
    """What is removed: why, to how many."""
    return {one["why"]: one["number"] for one in found["going"]}


def used(site: Site) -> int:
    """Bytes that Redis uses."""
    with site.raw("operator") as raw:
        text = raw.say("INFO", "memory")
    assert isinstance(text, bytes)
    return int(text.partition(b"used_memory:")[2].split()[0])


def is_full(site: Site) -> bool:
    """Whether Redis has room for hardly anything more."""
    return used(site) > LIMIT * 0.95


def fill(raw: Raw, *command: str, blob: bytes = BLOB) -> int:
    """Write a megabyte at once until Redis takes no more; *command* has a name to be filled in."""
    for number in range(5000):
        words = [word.format(id=new_message_id(1_800_000_000_000), n=number) for word in command]
        reply = raw.say(*words, blob)
        if isinstance(reply, Refused):
            assert str(reply).startswith("OOM"), reply
            return number
    raise AssertionError("Redis takes everything")


def truth(site: Site, message: Message) -> list[object]:
    """What Redis has of *message* and of who is there."""
    hashes = [KEYS.receipts(message.id), KEYS.receipt_counts(message.id), KEYS.channels]
    with site.raw(Who.CONSOLE) as raw:
        return [
            *(in_pairs(raw.say("HGETALL", name)) for name in hashes),
            raw.say("XREVRANGE", KEYS.log("*"), "+", "-"),
            raw.say("XREVRANGE", KEYS.log("Channel 1"), "+", "-"),
            raw.say("HSCAN", KEYS.endpoints, "0"),
        ]


def in_pairs(flat: Reply) -> list[tuple[Reply, Reply]]:
    """The fields of a hash in an order that does not depend on Redis."""
    assert isinstance(flat, list)
    return sorted(zip(flat[::2], flat[1::2], strict=True), key=str)


@asynccontextmanager
async def told_message(site: Site) -> AsyncIterator[tuple[TrayApp, ConsoleSession, Message]]:
    """A tray that has shown a message to somebody, and Redis knows it."""
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        draft = Draft(channels=["Channel 1"], title="Price change", body="From 10:00.")
        message = (await console.send(draft)).message
        assert await acknowledge(tray) == "Price change"

        async def is_counted() -> bool:
            [counts] = await console.counts([message])
            return counts.acknowledged == 1

        await until_await(is_counted)
        yield tray, console, message


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ATTACKERS)
async def test_receipts_of_nothing_fill_redis_and_the_operator_removes_them_alone(
    qapp: QApplication, small: Site, log_guard: LogGuard, who: Who
) -> None:
    log_guard.expect("memory is full")
    async with told_message(small) as (tray, console, message):
        before = truth(small, message)
        with small.raw(who) as raw:
            number = fill(raw, "HSET", "siaran:rcpt:{{{id}}}", "JKT-001/till-1")
        with small.raw(who) as raw:  # the buffer of the first has made room for some more
            number += fill(raw, "HSET", "siaran:rcpt:{{{id}}}", "JKT-001/till-1", blob=BLOB[:999])
        assert is_full(small)
        assert checked(small) == "bad"
        if not is_redis_6():
            await emergency_arrives(console, tray, stays_s=0.2)
            await until(lambda: console.full)  # and head office is told why PCs are silent
            assert (await console.outlets()).full
            before = truth(small, message)
        assert going(repair(small)) == {"nobodys": number}
        assert is_full(small)
        assert going(repair(small, "--yes")) == {"nobodys": number}
        assert used(small) < LIMIT // 10
        assert checked(small) == "good"
        assert not is_full(small)
        assert truth(small, message) == before
        assert going(repair(small)) == {}
        await emergency_arrives(console, tray)
        await until(lambda: not console.full)


@pytest.mark.parametrize("who", ATTACKERS)
async def test_what_was_stuffed_into_real_receipts_and_the_registry_goes_and_they_stay(
    qapp: QApplication, small: Site, who: Who
) -> None:
    async with told_message(small) as (tray, console, message):
        before = truth(small, message)
        with small.raw(who) as raw:
            for name in (KEYS.receipts(message.id), KEYS.receipt_counts(message.id)):
                for number in range(8):
                    assert raw.say("HSET", name, f"JKT-{number}/x", BLOB) == 1
            number = fill(raw, "HSET", KEYS.endpoints, "JKT-{n}/x")
        assert is_full(small)
        with small.raw(who) as raw:
            raw.say("ZADD", KEYS.seen, 1, "no endpoint")
        found = repair(small, "--yes")
        assert going(found).pop("fields") >= 16 + number
        assert not is_full(small)
        assert truth(small, message) == before
        await emergency_arrives(console, tray)


async def test_names_and_types_that_nothing_has_go_and_what_is_unknown_stays(small: Site) -> None:
    users = (small.accounts or small.folder) / "users.acl"
    operator = small.password("operator")
    with small.raw(Who.OUTLET) as raw:
        taken = [
            not is_refused(raw.say("HSET", name, "a", "b"))
            for name in ("siaran:rcpt:x", "siaran:rcpt:{x}", f"siaran:rcpt:{{{'y' * 100_000}}}")
        ]
        long = "siaran:seen:" + "z" * 100_000
        assert raw.say("ZADD", long, 1, "a/b") == 1
    with small.raw(Who.CONSOLE) as raw:
        guard = KEYS.sent(new_message_id(1_800_000_000_000))
        assert raw.say("SET", guard, "1-1") == b"OK"
        assert raw.say("SET", KEYS.sent("x"), "1-1") == b"OK"
    assert users.exists()
    assert operator
    found = going(repair(small, "--yes"))
    assert found == {"name": sum(taken) + 2, "endless": 1}
    with small.raw("operator") as raw:
        assert raw.say("DBSIZE") == 0


async def test_the_only_account_that_can_repair_is_the_operators(small: Site) -> None:
    for account in (Who.CONSOLE, Who.OUTLET):
        words = small.folder / "password"
        words.write_text(small.password(account), encoding="ascii")
        login = ("--username", account, "--password-file", str(words))
        done = run("admin_app", "repair", *login, "--redis-url", small.server.url)
        assert done.returncode == 4
        assert b"lacks a permission" in done.stderr


async def test_invented_pcs_go_if_their_outlets_are_not_in_the_list(
    qapp: QApplication, small: Site
) -> None:
    async with told_message(small) as (_, _, message):
        before = truth(small, message)
        report = json.loads(registered(small, "JKT-001/till-1"))
        row = KEYS.receipts(message.id)
        with small.raw(Who.OUTLET) as raw:
            for number in range(300):
                name = f"XXX-{number}/till-1"
                text = json.dumps({**report, "outlet": f"XXX-{number}"})
                assert raw.say("HSET", KEYS.endpoints, name, text) == 1
                assert raw.say("ZADD", KEYS.seen, 1, name) == 1
                assert raw.say("HSET", row, name, '{"r":1,"d":1,"a":1}') == 1
        assert going(repair(small)) == {}
        with small.raw(Who.CONSOLE) as raw:
            assert raw.say("SET", KEYS.outlets, '[{"outlet":"jkt-001"}]') == b"OK"
        found = repair(small, "--only-listed", "--yes")
        assert going(found) == {"unlisted": 900}
        assert truth(small, message) == before


async def test_an_outlet_in_whose_name_too_much_was_written_is_named_and_can_be_forgotten(
    qapp: QApplication, small: Site
) -> None:
    async with told_message(small) as (tray, console, message):
        before = truth(small, message)
        row, value = KEYS.receipts(message.id), json.dumps({"r": 1, "u": "x" * 1000})
        with small.raw(Who.OUTLET) as raw:
            for number in range(20_000):
                raw.send("HSET", row, f"BDG-002/{number}", value)
            for _ in range(20_000):
                assert raw.reply() == 1
        found = repair(small)
        assert going(found) == {}
        assert found["outlets"][0]["name"] == "BDG-002"
        assert going(repair(small, "--forget-outlet", "bdg-002", "--yes")) == {"forgotten": 20_000}
        assert truth(small, message) == before
        await emergency_arrives(console, tray)


def registered(site: Site, endpoint: str) -> str:
    """An entry of the registry."""
    with site.raw(Who.OUTLET) as raw:
        found = raw.say("HGET", KEYS.endpoints, endpoint)
    assert isinstance(found, bytes)
    return found.decode()


def test_names_of_a_megabyte_go_too(small: Site) -> None:
    with small.raw(Who.OUTLET) as raw:
        for number in range(20):
            assert raw.say("ZADD", f"siaran:seen:{number}" + "z" * 1_000_000, 1, "JKT-001/x") == 1
        for number in range(20):
            assert raw.say("HSET", KEYS.endpoints, f"JKT-{number}/" + "z" * 1_000_000, "{}") == 1
    assert going(repair(small, "--yes")) == {"name": 20, "fields": 20}
    with small.raw("operator") as raw:
        assert raw.say("DBSIZE") == 0


@pytest.mark.parametrize("junk", ["SET {} x", "HSET {} a b", "ZADD {} 1 x"])
async def test_what_a_stranger_has_written_over_our_keys_is_removed(
    qapp: QApplication, open_site: Site, junk: str
) -> None:
    spoilt = (KEYS.log("*"), KEYS.log("Channel 1"), KEYS.channels, KEYS.outlets, KEYS.seen)
    with open_site.raw() as raw:
        for name in (*spoilt, "another:program"):
            raw.say(*junk.format(name).split())
    url = ("--redis-url", open_site.server.url)
    for attempt in ("removed", "nothing left"):
        done = run("admin_app", "repair", "--memory", "--json", "--yes", *url)
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)["memory"]
        assert bool(going(found)) == (attempt == "removed")
        assert [one["name"] for one in found["left_alone"]] == ["another:program"]
    async with open_site.tray() as tray, open_site.console() as console:
        await connected(tray)
        await emergency_arrives(console, tray)


# --- connections ---------------------------------------------------------------------------------


def flood_unread(raw: Raw) -> None:
    """Ask for much, and read nothing."""
    for _ in range(2 * LIMIT // len(BLOB)):
        raw.send("PING", BLOB)


def flood_half_sent(raw: Raw) -> None:
    """Begin a command of many words, and never end it."""
    raw.socket.sendall(b"*1000000\r\n" + encoded("x" * 1000).partition(b"\r\n")[2] * 30_000)


@pytest.mark.parametrize("who", ATTACKERS)
@pytest.mark.parametrize("flood", [flood_unread, flood_half_sent])
async def test_what_connections_hold_does_not_keep_head_office_from_sending(
    qapp: QApplication, small: Site, who: Who, flood: Any
) -> None:
    if is_redis_6():
        pytest.skip("Redis 6.2 has no maxmemory-clients")
    async with told_message(small) as (tray, console, _):
        with ExitStack() as stack:
            for _ in range(8):
                raw = stack.enter_context(small.raw(who))
                raw.socket.settimeout(2)
                with suppress(OSError):  # Redis cuts it off, or reads no more of it
                    flood(raw)
            await emergency_arrives(console, tray)


async def test_the_operator_cuts_off_who_follows_more_channels_than_a_tray(
    qapp: QApplication, small: Site
) -> None:
    """Redis counts the names of channels in no limit, so that one connection can fill it."""
    async with told_message(small) as (tray, console, _):
        with small.raw(Who.OUTLET) as raw:
            for number in range(150):
                raw.send("SUBSCRIBE", f"{{siaran}}:ch:{number}" + "y" * 500_000)
                assert isinstance(raw.reply(), list)
            assert used(small) > LIMIT
            assert going(repair(small)) == {"clients": 1}
            assert going(repair(small, "--yes")) == {"clients": 1}
            await until(lambda: used(small) < LIMIT // 2)
        await emergency_arrives(console, tray)


@pytest.mark.parametrize("who", ATTACKERS)
@pytest.mark.parametrize(("number", "shown"), [(10, 10), (30, 1)])
def test_the_operator_cuts_off_who_gives_connections_names_of_a_megabyte(
    guarded_site: Site, who: Who, number: int, shown: int
) -> None:
    site = guarded_site
    with ExitStack() as stack:
        for _ in range(number):
            raw = stack.enter_context(site.raw(who))
            raw.send("HELLO", 2, "SETNAME", "n" * 1_000_000)
            raw.reply()
        assert going(repair(site)) == {"clients": shown}
        assert going(repair(site, "--yes")) == {"clients": shown}
        assert going(repair(site)) == {}


@pytest.mark.parametrize("who", ATTACKERS)
async def test_when_there_is_too_much_to_list_every_connection_is_cut_off(
    qapp: QApplication, guarded_site: Site, who: Who, log_guard: LogGuard
) -> None:
    site = guarded_site
    log_guard.expect("reconnecting: The connection to Redis at .* was lost")
    async with told_message(site) as (tray, console, _):
        with ExitStack() as stack:
            for _ in range(80):
                raw = stack.enter_context(site.raw(who))
                raw.send("HELLO", 2, "SETNAME", "n" * 1_000_000)
                raw.reply()
            with site.raw("operator") as raw, suppress(ConnectionError):
                reply = raw.say("CLIENT", "LIST")
                assert not isinstance(reply, bytes)
            with site.raw("operator") as raw:
                for kind in ("normal", "pubsub"):
                    assert raw.say("CLIENT", "KILL", "TYPE", kind)
            assert used(site) < 16 * MB
        await emergency_arrives(console, tray, stays_s=0.2)
        assert going(repair(site)) == {}


@pytest.mark.parametrize("who", ATTACKERS)
def test_what_was_refused_holds_little(small: Site, who: Who) -> None:
    for number in range(300):
        with small.raw(who) as raw:
            reply = raw.say("HGET", f"{number}" + "x" * 1_000_000, "x")
            assert is_refused(reply)
            assert isinstance(raw.say("AUTH", f"{number}" + "x" * 1_000_000, "x"), Refused)
    assert used(small) < 40 * MB


@pytest.mark.parametrize("who", ATTACKERS)
def test_an_outlets_own_account_cannot_follow_more_than_its_channels(small: Site, who: Who) -> None:
    with small.raw(who) as raw:
        reply = raw.say("SUBSCRIBE", "{siaran}:ch:" + "y" * 500_000)
        assert is_refused(reply) == (who is Who.OWN)


# --- scripts -------------------------------------------------------------------------------------


async def test_scripts_that_nobody_needs_are_forgotten_and_receipts_still_count(
    qapp: QApplication, small: Site
) -> None:
    async with told_message(small) as (tray, console, _):
        with small.raw(Who.CONSOLE) as raw:
            for number in range(300):
                raw.say("SCRIPT", "LOAD", f"return '{number}{'x' * 1000}'")
        assert going(repair(small, "--yes"))["scripts"] >= 300
        draft = Draft(channels=["Channel 1"], title="Another", body="x")
        message = (await console.send(draft)).message
        assert await acknowledge(tray) == "Another"

        async def is_counted() -> bool:
            [counts] = await console.counts([message])
            return counts.acknowledged == 1

        await until_await(is_counted)


async def test_the_operator_ends_a_script_that_never_ends(
    qapp: QApplication, small: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("is busy with something long|connection .* lost|does not answer")
    async with told_message(small) as (tray, console, _):

        def kill() -> Reply:
            with small.raw("operator") as operator:
                return operator.say("SCRIPT", "KILL")

        async def is_ended() -> bool:
            return await asyncio.to_thread(kill) == b"OK"

        with small.raw(Who.CONSOLE) as raw:
            raw.send("EVAL", "while true do end", 0)
            await until_await(is_ended)
            assert isinstance(raw.reply(), Refused)
        await until(lambda: tray.session.status.state is LinkState.CONNECTED)
        await until(lambda: console.status.state is LinkState.CONNECTED)
        await emergency_arrives(console, tray)


async def test_a_script_that_has_written_ends_with_the_server_and_nothing_is_lost(
    qapp: QApplication, small: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting|is busy with something long|read the whole log again")
    async with told_message(small) as (tray, console, message):
        before = truth(small, message)
        await asyncio.sleep(1.1)  # what appendfsync everysec may lose
        with small.raw(Who.CONSOLE) as raw:
            script = "redis.call('SET', KEYS[1], 'x') while true do end"
            raw.send("EVAL", script, 1, KEYS.sent("x"))

            def answer() -> str:
                with small.raw("operator") as operator:
                    return str(operator.say("SCRIPT", "KILL"))

            async def cannot_end() -> bool:
                return (await asyncio.to_thread(answer)).startswith("UNKILLABLE")

            await until_await(cannot_end)
            small.server.stop("SIGKILL")
        small.server.start("--maxmemory", str(LIMIT))
        await until(lambda: tray.session.status.state is LinkState.CONNECTED)
        await until(lambda: console.status.state is LinkState.CONNECTED)
        after = truth(small, message)
        assert after[:5] == before[:5]
        with small.raw(Who.CONSOLE) as raw:
            assert raw.say("GET", KEYS.sent("x")) is None
        await emergency_arrives(console, tray)


# --- who it was ----------------------------------------------------------------------------------


def test_connections_of_an_account_are_cut_off_and_its_old_password_is_of_no_use(
    small: Site,
) -> None:
    old = small.password(Who.OUTLET)
    assert small.accounts is not None
    with small.raw(Who.OUTLET) as raw:
        for command in ("renew", "settle"):
            change_accounts(small.accounts, command, Who.OUTLET)
        with small.raw("operator") as operator:
            assert operator.say("ACL", "LOAD") == b"OK"  # Redis 7.0 cuts everybody off now
        with small.raw("operator") as operator:
            operator.say("CLIENT", "KILL", "USER", Who.OUTLET)
        with pytest.raises(OSError, match=r"hung up|reset|Broken pipe"):
            raw.say("PING")
    with Raw(small.server.port) as raw:
        assert isinstance(raw.say("AUTH", Who.OUTLET, old), Refused)
        assert raw.say("AUTH", Who.OUTLET, small.password(Who.OUTLET)) == b"OK"
