"""The accounts in ``packaging/redis/users.acl`` are enough for the programs, and for no more."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.keys import Keys
from shared.model import DAY_MS, Endpoint
from shared.receipts import Receipt
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from tests.conftest import until
from tests.fakes import make_message
from tests.integration.pair import acknowledge, connected, running_tray
from tests.integration.test_command_line import run
from tests.redis_server import RedisServer

ACL = Path(__file__).resolve().parents[2] / "packaging" / "redis" / "users.acl"


@pytest.fixture
def guarded(redis_server: RedisServer) -> RedisServer:
    """A server with exactly these accounts."""
    redis_server.stop()
    file = redis_server.folder / "users.acl"
    file.write_text(ACL.read_text(encoding="ascii"), encoding="ascii")
    redis_server.start("--aclfile", str(file))
    return redis_server


def as_user(server: RedisServer, user: str, *command: str) -> bytes:
    """Run one command with a login."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        file = client.makefile("rb")
        for arguments in (("AUTH", user, f"CHANGE-{user}"), command):
            parts = [part.encode() for part in arguments]
            client.sendall(b"*%d\r\n" % len(parts))
            client.sendall(b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            reply = file.readline()
    return reply


async def test_a_message_goes_from_the_console_s_account_to_an_outlet_s(
    qapp: QApplication, guarded: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = guarded.url.replace("//", "//outlet:CHANGE-outlet@")
    async with running_tray(url, tmp_path / "tray") as tray:
        await connected(tray)
        monkeypatch.setenv("SIARAN_USERNAME", "console")
        monkeypatch.setenv("SIARAN_PASSWORD", "CHANGE-console")
        where = ("--redis-url", guarded.url)
        message = ("--channel", "Channel 1", "--title", "Hello", "--message", "x")
        sent = await asyncio.to_thread(run, "admin_app", "send", *message, *where)
        said = sent.stdout.splitlines()
        assert said == [b"Sent to Channel 1. 1 PC connected now."], sent.stderr
        assert await acknowledge(tray) == "Hello"
        # The console has loaded the script that outlets may run but not bring.
        await until(lambda: not tray.inbox.unreported(1))
        listed = await asyncio.to_thread(run, "admin_app", "history", "--json", *where)
        message_id = json.loads(listed.stdout)[0]["id"]
        both = ("--channel", "Channel 1", "Channel 2", "--title", "T", "--message", "x")
        for command in (
            ("check",),
            ("channels", "--add", "East"),
            ("channels",),
            ("report", message_id),
            ("endpoints",),
            ("remind", message_id),
            ("send", *both, "--wait", "received", "--count", "1"),
        ):
            done = await asyncio.to_thread(run, "admin_app", *command, *where)
            assert done.returncode == 0, done.stdout + done.stderr


async def test_accounts_are_enough_for_receipts_from_the_first_to_their_reduction(
    guarded: RedisServer,
) -> None:
    def account(name: str) -> RedisAddress:
        return RedisAddress(port=guarded.port, username=name, password=f"CHANGE-{name}")

    endpoint = Endpoint("JKT-014", "till-1")
    async with RedisConsoleBus(account("console"), Keys()).open() as console:
        now = await console.time_ms()
        one = make_message(sent_at=now)
        await console.note_sent(one, 1, now + DAY_MS, 1)
        async with RedisTrayBus(account("outlet"), Keys()).open(["*"], endpoint) as tray:
            await tray.report([Receipt(one.id, now, now, now, now)])
            assert (await tray.answers([one.id]))[0].here_at == now
        [counts] = await console.counts([one])
        assert (counts.acknowledged, counts.places) == (1, 1)
        assert len((await console.receipts(one.id, 0)).receipts) == 1
        # As after a loss: counted anew, by a script that the console brings.
        await console._client.execute_command("HSET", Keys().receipt_counts(one.id), "lost", "1")
        assert await console.counts([one]) == [counts]
        await console.reduce(one, ["A/1"], now)
        assert await console.silent(one.id) == ["A/1"]
        assert (await console.receipts(one.id, 0)).receipts == []


async def test_a_console_with_accounts_of_an_earlier_version_reads_the_registry_all_the_same(
    redis_server: RedisServer,
) -> None:
    """It may not run the script that reads it in pages; what is too long is left out here then."""
    text = ACL.read_text(encoding="ascii")
    rights = next(one for one in text.splitlines() if one.startswith("user console ")).split()
    news = ("~siaran:endpoints", "~siaran:seen", "~siaran:seen:*")
    earlier = [part for part in rights[1:] if part not in news]
    assert len(earlier) == len(rights) - 1 - len(news)
    joined = re.findall(r"\([^)]*\)|\S+", " ".join(earlier))  # a selector is one argument
    assert redis_server.command("ACL", "SETUSER", *joined) == b"+OK\r\n"
    address = RedisAddress(port=redis_server.port, username="console", password="CHANGE-console")
    for name, value in (("X/1", b"x" * 100_000), ("x" * 2_000, b"{}")):
        redis_server.command("HSET", Keys().endpoints, name, value)
        redis_server.command("ZADD", Keys().seen, "1", name)
    async with RedisConsoleBus(address, Keys()).open() as console:
        assert (await console.endpoints()).unreadable == 2
        assert (await console.seen("*", 0)).seen == {"X/1": 1}


ID = "01a20000-0000-7000-8000-000000000001"
FORBIDDEN = {
    "outlet": [
        ("PEXPIREAT", f"siaran:rcpt:{{{ID}}}", "1"),
        ("PEXPIREAT", "siaran:endpoints", "1"),
        ("PTTL", f"siaran:rcpt:{{{ID}}}:rest"),
        ("HSET", f"siaran:rcpt:{{{ID}}}:until", "x", "y"),
        ("HSET", f"siaran:rcpt:{{{ID}}}:facts", "expected", "0"),
        ("HGET", f"siaran:rcpt:{{{ID}}}:facts", "expected"),
        ("SET", f"siaran:rcpt:{{{ID}}}:until", "1"),
        ("HSET", "siaran:rcpt:{x}", "x", "y"),
        ("HSET", f"siaran:rcpt:{{{ID}}}:n}}", "x", "y"),
        ("HDEL", f"siaran:rcpt:{{{ID}}}", "x"),
        ("ZREM", "siaran:seen", "x"),
        ("ZREM", "siaran:seen:Channel%201", "x"),
        ("ZREM", "siaran:first", "x"),
        ("ZREMRANGEBYSCORE", "siaran:seen", "0", "1"),
        ("PUBLISH", "{siaran}:ch:Channel%201", "Server down"),
        ("SCRIPT", "LOAD", "return 1"),
        ("DEL", "siaran:rcpt:{x}"),
        ("ZADD", "siaran:rcpt:{x}", "1", "x"),
        ("ZADD", "siaran:endpoints", "1", "x"),
        ("XADD", "{siaran}:log:Channel%201", "*", "e", "x", "p", "0-0"),
        ("EVAL", "return 1", "0"),
        ("DEL", "{siaran}:log-all"),
        ("SET", "{siaran}:sent:x", "1"),
        ("HGETALL", "siaran:endpoints"),
        ("HSET", "{siaran}:channels", "x", "y"),
        ("GET", "{siaran}:outlets"),
        ("HDEL", "siaran:endpoints", "x"),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
        ("FLUSHALL",),
    ],
    "console": [
        ("DEL", "{siaran}:channels"),
        ("KEYS", "*"),
        ("FLUSHALL",),
        ("SET", "foo", "bar"),
        ("HSET", "siaran:endpoints", "x", "y"),
        ("HDEL", "{siaran}:channels", "x"),
        ("ZREM", "other", "x"),
        ("PUBLISH", "other", "x"),
        ("CONFIG", "GET", "*"),
    ],
}


@pytest.mark.parametrize("user", FORBIDDEN)
def test_an_account_may_do_nothing_else(guarded: RedisServer, user: str) -> None:
    for command in FORBIDDEN[user]:
        assert as_user(guarded, user, *command).startswith(b"-NOPERM"), command
