"""Accounts that lack a right: nothing is sent by halves, and the sentence says which right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.errors import NotPermitted, RedisCannotStore
from shared.keys import Keys
from shared.model import ALL_CHANNELS
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.redis_bus.client import Client, connected_client
from shared.redis_bus.console_link import RedisConsoleLink
from shared.redis_bus.translate import translated
from tests.integration.test_command_line import run
from tests.redis_server import RedisServer, free_port

ROOT = Path(__file__).resolve().parents[2]
ACL = ROOT / "packaging" / "redis" / "users.acl"
KEYS = Keys()
EVERYTHING = ("~*", "&*", "+@all")
EAST_ONLY_LIVE = ("~*", "resetchannels", f"&{KEYS.topic('East')}", "+@all")
EAST_ONLY_LOG = (f"~{KEYS.log('East')}", f"~{KEYS.sent('*')}", f"~{KEYS.channels}", "&*", "+@all")
NO_XADD = ("~*", "&*", "+@all", "-xadd")


def account(server: RedisServer, *rules: str) -> RedisAddress:
    """An account with *rules*."""
    reply = server.command("ACL", "SETUSER", "limited", "reset", "on", ">secret", *rules)
    assert reply == b"+OK\r\n"
    return RedisAddress(port=server.port, username="limited", password="secret")


@asynccontextmanager
async def console(server: RedisServer, *rules: str) -> AsyncIterator[RedisConsoleLink]:
    """A console's link with an account of *rules*."""
    async with RedisConsoleBus(account(server, *rules), KEYS).open() as link:
        yield link


# --- publishing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [EAST_ONLY_LIVE, EAST_ONLY_LOG, NO_XADD])
async def test_what_may_not_go_to_every_channel_goes_to_none(
    redis_server: RedisServer, rules: tuple[str, ...]
) -> None:
    async with console(redis_server, *rules) as link:
        with pytest.raises(NotPermitted):
            await link.publish("id-1", ["East", "West"], b"{}", 60_000)
    assert redis_server.command("DBSIZE") == b":0\r\n"


async def test_the_refusal_names_what_is_missing_and_where(redis_server: RedisServer) -> None:
    async with console(redis_server, *EAST_ONLY_LIVE) as link:
        with pytest.raises(NotPermitted, match=r"permission: PUBLISH on {siaran}:ch:West\."):
            await link.publish("id-1", ["East", "West"], b"{}", 60_000)
        assert not (await link.publish("id-1", ["East"], b"{}", 60_000)).again


# --- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "lacking"),
    [
        (EVERYTHING, {}),
        (
            EAST_ONLY_LIVE,
            {"*": "PUBLISH on {siaran}:all", "Café": "PUBLISH on {siaran}:ch:Caf%C3%A9"},
        ),
        (
            (*EAST_ONLY_LIVE, "-xadd"),
            {
                "*": "XADD on {siaran}:log-all, PUBLISH on {siaran}:all",
                "East": "XADD on {siaran}:log:East",
                "Café": "XADD on {siaran}:log:Caf%C3%A9, PUBLISH on {siaran}:ch:Caf%C3%A9",
            },
        ),
    ],
)
async def test_missing_rights_are_told_by_channel_and_nothing_is_written(
    redis_server: RedisServer, rules: tuple[str, ...], lacking: dict[str, str]
) -> None:
    async with console(redis_server, *rules) as link:
        assert await link.missing_rights([ALL_CHANNELS, "East", "Café"]) == lacking
    assert redis_server.command("DBSIZE") == b":0\r\n"


async def test_the_account_for_consoles_that_comes_with_siaran_lacks_nothing(
    redis_server: RedisServer,
) -> None:
    [line] = [one for one in ACL.read_text().splitlines() if one.startswith("user console ")]
    rules = [rule for rule in line.split()[3:] if not rule.startswith(">")]
    async with console(redis_server, *rules) as link:
        assert await link.missing_rights([ALL_CHANNELS, "East"]) == {}


@pytest.fixture
def stand_in() -> Iterator[RedisAddress]:
    """The demo's stand-in: like Redis 6.2 it does not know ``#!lua``, nor ``acl_check_cmd``."""
    port = free_port()
    program = ROOT / "packaging" / "demo" / "fake_broker.py"
    with subprocess.Popen([sys.executable, program, str(port)], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().rstrip() == b"ready"
            yield RedisAddress(port=port)
        finally:
            process.terminate()


async def test_a_server_that_cannot_tell_says_so_and_publishes(stand_in: RedisAddress) -> None:
    async with RedisConsoleBus(stand_in, KEYS).open() as link:
        assert await link.missing_rights([ALL_CHANNELS]) is None
        assert not (await link.publish("id-1", ["East", "*"], b"{}", 60_000)).again


async def test_a_log_that_is_denied_leaves_the_others_untold_of(redis_server: RedisServer) -> None:
    async with console(redis_server, *EAST_ONLY_LOG) as link:
        lacking = await link.missing_rights(["East", "West"])
        assert lacking is not None
        assert list(lacking) == ["West"]
        assert "XADD on {siaran}:log:West" in lacking["West"]


async def test_an_account_that_may_run_no_script_may_publish_nothing(
    redis_server: RedisServer,
) -> None:
    async with console(redis_server, *EVERYTHING, "-evalsha") as link:
        with pytest.raises(NotPermitted, match="the command evalsha"):
            await link.missing_rights([ALL_CHANNELS])


async def test_a_full_memory_is_told_although_nothing_is_written(
    redis_server: RedisServer,
) -> None:
    redis_server.command("CONFIG", "SET", "maxmemory", "1")
    async with console(redis_server, *EVERYTHING) as link:
        with pytest.raises(RedisCannotStore, match="memory is full"):
            await link.missing_rights([ALL_CHANNELS])


def test_check_names_the_channels_that_cannot_be_sent_to(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, entry in (("East", "{}"), ("West", '{"label": "The west"}')):
        redis_server.command("HSET", KEYS.channels, name, entry)
    redis_server.command("HSET", KEYS.channels, "Gone", '{"retired": true}')
    address = account(redis_server, *EAST_ONLY_LIVE)
    monkeypatch.setenv("SIARAN_USERNAME", address.username)
    monkeypatch.setenv("SIARAN_PASSWORD", address.password)
    done = run("admin_app", "check", "--json", "--redis-url", redis_server.url)
    assert done.returncode == 4, done.stdout + done.stderr
    [rights] = [one for one in json.loads(done.stdout)["findings"] if one["topic"] == "permissions"]
    assert rights["grade"] == "bad"
    assert "to All channels: the account lacks PUBLISH on {siaran}:all." in rights["sentence"]
    assert "to West: the account lacks PUBLISH on {siaran}:ch:West." in rights["sentence"]
    assert "East" not in rights["sentence"]
    assert "Gone" not in rights["sentence"]


# --- Redis' own words ----------------------------------------------------------------------------

Way = Callable[[Client, tuple[str, ...]], Awaitable[object]]


async def directly(client: Client, command: tuple[str, ...]) -> object:
    """Send it."""
    return await client.execute_command(*command)


async def in_a_pipeline(client: Client, command: tuple[str, ...]) -> object:
    """Send it behind another."""
    pipe = client.pipeline()
    pipe.execute_command("TIME")
    pipe.execute_command(*command)
    return await pipe.execute()


async def in_a_script(client: Client, command: tuple[str, ...]) -> object:
    """Have a script run it."""
    return await client.execute_command("EVAL", "return redis.call(unpack(ARGV))", 0, *command)


async def in_a_piped_script(client: Client, command: tuple[str, ...]) -> object:
    """Both."""
    script = ("EVAL", "return redis.call(unpack(ARGV))", "0", *command)
    return await in_a_pipeline(client, script)


COMMAND = ("~*", "&*", "+@all", "-hset"), ("HSET", "a 'key'", "channel", "x of pipeline")
KEY = ("~other", "&*", "+@all"), ("HSET", "the 'channel' command", "a", "b")
CHANNEL = ("~*", "resetchannels", "+@all"), ("PUBLISH", "a 'key' command", "key")


@pytest.mark.parametrize("way", [directly, in_a_pipeline, in_a_script, in_a_piped_script])
@pytest.mark.parametrize(
    ("denied", "words"),
    [(COMMAND, "{command}"), (KEY, "a key it has to use"), (CHANNEL, "a channel it has to use")],
)
async def test_what_redis_denies_is_told_in_the_same_words_whichever_way_it_went(
    redis_server: RedisServer,
    denied: tuple[tuple[str, ...], tuple[str, ...]],
    words: str,
    way: Way,
) -> None:
    rules, command = denied
    by_script = way in (in_a_script, in_a_piped_script)
    denied_command = "a command that Siaran's script runs" if by_script else "the command hset"
    address = account(redis_server, *rules)
    with pytest.raises(NotPermitted) as caught:
        async with connected_client(address) as client, translated("hq:6379", connected=True):
            await way(client, command)
    expected = words.format(command=denied_command)
    assert caught.value.sentence == (
        f"The account used at Redis hq:6379 lacks a permission: {expected}."
    )
