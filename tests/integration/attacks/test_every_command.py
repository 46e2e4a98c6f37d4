"""Every command that the server has, for every account, against the table of what may succeed.

A right that is in no row of ``MAY`` fails the test, whichever version of Redis or Valkey brings it:
a command that no row names has to be denied, and one that a row names works on those names only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shared.redis_bus import documents, logs, publisher, receipt_scripts
from tests.integration.attacks.guarded import (
    Raw,
    Refused,
    Reply,
    ShippedRedis,
    Site,
    Who,
    encoded,
    is_refused,
)
from tests.redis_server import is_redis_6

ID = "01a20000-0000-7000-8000-000000000001"
SHA = "0" * 40

# What each name in the table stands for. Names that no account may touch are here, too.
KEYS = {
    "log": "{siaran}:log:Channel%201",
    "other-log": "{siaran}:log:Channel%202",
    "all-log": "{siaran}:log-all",
    "guard": f"{{siaran}}:sent:{ID}",
    "channels": "{siaran}:channels",
    "unlisted": "{siaran}:unlisted",
    "templates": "{siaran}:templates",
    "series": "{siaran}:series",
    "outlets": "{siaran}:outlets",
    "registry": "siaran:endpoints",
    "first": "siaran:first",
    "seen": "siaran:seen",
    "seen-on": "siaran:seen:Channel%201",
    "receipts": f"siaran:rcpt:{{{ID}}}",
    "counters": f"siaran:rcpt:{{{ID}}}:n",
    "until": f"siaran:rcpt:{{{ID}}}:until",
    "facts": f"siaran:rcpt:{{{ID}}}:facts",
    "rest": f"siaran:rcpt:{{{ID}}}:rest",
    "receipts-without-id": "siaran:rcpt:x",
    "unknown": "{siaran}:anything",
    "unknown-spread": "siaran:anything",
    "foreign": "anything",
    "other-namespace": "{toko}:log-all",
    "other-registry": "toko:endpoints",
}
CHANNELS = {
    "ch": "{siaran}:ch:Channel%201",
    "other-ch": "{siaran}:ch:Channel%202",
    "all": "{siaran}:all",
    "ans": "{siaran}:ans:JKT-001",
    "other-ans": "{siaran}:ans:JKT-002",
    "counters'": f"siaran:rcpt:{{{ID}}}:n",
    "keyspace": "__keyspace@0__:{siaran}:log-all",
    "sentinels": "__sentinel__:hello",
    "foreign'": "anything",
}
LOGS = "log other-log all-log"
DOCUMENTS = "channels unlisted templates series"
SETS = "first seen seen-on"
TOLD = "receipts counters"
RECEIPTS = f"{TOLD} until facts rest receipts-without-id"
OURS = f"{LOGS} guard {DOCUMENTS} outlets registry {SETS} {RECEIPTS} unknown unknown-spread"
EVERYBODY = "auth hello quit reset"
"""Redis asks nobody for a right to these. RESET leaves a connection without an account."""

# Account: its commands, and the names on which they work. "7": too wide for Redis 6.2, where what
# works on one name works on all; not given there.
MAY: dict[str, list[tuple[str, str] | tuple[str, str, str]]] = {
    "default": [],
    "console": [
        ("ping time role wait cluster|slots asking info script|load", ""),
        ("eval evalsha", f"{LOGS} guard {DOCUMENTS} outlets registry seen seen-on {RECEIPTS}"),
        ("get set", f"guard outlets {RECEIPTS}"),
        ("exists xinfo|stream xadd xdel xsetid xrevrange del", LOGS),
        ("publish", "ch other-ch all"),
        ("hget hgetall hset", f"{DOCUMENTS} {RECEIPTS}"),
        ("hlen hscan", f"registry {RECEIPTS}"),
        ("hsetnx pexpireat", RECEIPTS),
        ("zcount zscan zmscore", SETS),
        ("hdel", f"templates series registry {SETS}", "7"),
        ("zrem", f"registry {SETS}", "7"),
    ],
    "outlet": [
        ("ping time role cluster|slots asking", ""),
        ("subscribe", "ch other-ch all ans other-ans"),
        ("publish", "ans other-ans", "7"),
        ("hget hmget pttl xinfo|stream xrange", f"{LOGS} registry {TOLD}"),
        ("hset hincrby evalsha", f"registry {TOLD}"),
        ("get", "until"),
        ("zadd", SETS),
    ],
    Who.OWN: [
        ("ping time role cluster|slots asking", ""),
        ("subscribe", "ch all ans"),
        ("publish", "ans", "7"),
        ("xinfo|stream xrange hget hmget pttl", f"log all-log registry {TOLD}"),
        ("hset hincrby evalsha", f"registry {TOLD}"),
        ("get", "until"),
        ("zadd", SETS),
    ],
    "operator": [
        ("ping info time role dbsize lastsave bgsave bgrewriteaof", ""),
        ("acl|load acl|list acl|users acl|whoami acl|log config|get", ""),
        ("client|list client|kill client|no-evict script|kill script|load script|flush", ""),
        ("slowlog|len slowlog|reset latency|latest latency|doctor latency|history", ""),
        ("memory|doctor scan cluster|slots asking", ""),
        ("memory|usage type pttl exists strlen hlen zcard xlen", " ".join(KEYS)),
        ("xinfo|stream xrevrange xdel xsetid xtrim", LOGS),
        ("hscan zscan", f"registry {SETS} {RECEIPTS} channels unlisted"),
        ("get", "outlets"),
        ("unlink pexpireat hdel zrem", OURS),
    ],
    "replica": [("ping replconf psync", "")],
    "sentinel": [
        ("ping info role multi exec slaveof config|rewrite", ""),
        ("client|setname client|kill script|kill", ""),
        ("subscribe publish", "sentinels"),
    ],
}
# How a command is called on a name (K or C); without one: what follows it.
CALLS = {
    **dict.fromkeys(("get", "exists", "xinfo|stream", "hgetall", "hlen", "type", "pttl"), "K"),
    **dict.fromkeys(("strlen", "zcard", "xlen", "memory|usage", "unlink", "del"), "K"),
    **dict.fromkeys(("hget", "hmget", "hdel", "zrem", "set"), "K x"),
    **dict.fromkeys(("hset", "hsetnx"), "K x y"),
    **dict.fromkeys(("hscan", "zscan"), "K 0"),
    **dict.fromkeys(("publish",), "C x"),
    **dict.fromkeys(("subscribe",), "C"),
    "eval": "return 1 K",
    "evalsha": f"{SHA} 1 K",
    "hincrby": "K x 1",
    "pexpireat": "K 1",
    "zadd": "K 1 x",
    "zcount": "K 0 1",
    "zmscore": "K x",
    "xadd": "K * e x",
    "xdel": "K 1-1",
    "xsetid": "K 1-1",
    "xrange": "K - +",
    "xrevrange": "K + -",
    "xtrim": "K MAXLEN 9",
    "client|kill": "127.0.0.1:1",
    "client|setname": "x",
    "client|no-evict": "on",
    "config|get": "maxmemory",
    "info": "",
    "latency|history": "command",
    "psync": "? -1",
    "replconf": "ack 0",
    "scan": "0",
    "script|load": "return",
    "slaveof": "no one",
    "wait": "0 1",
}
SCRIPTS = [
    text
    for module in (publisher, receipt_scripts, documents, logs)
    for text in vars(module).values()
    if isinstance(text, str) and "redis.call" in text and not text.startswith('"')
]
DENIED = re.compile(r"no permissions to run the '|NOAUTH|command not allowed")
CONTAINER = re.compile(r"not found$|unknown (sub)?command|Unknown subcommand")
"""Answers to a command that is nothing without its subcommands, which are listed, too."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, accounts: Path) -> Iterator[Site]:
    """One server for the whole sweep, with one more account, which may do everything."""
    folder = tmp_path_factory.mktemp("sweep")
    users = (accounts / "users.acl").read_text(encoding="ascii")
    aclfile = folder / "users.acl"
    aclfile.write_text(f"{users}user admin on nopass ~* &* +@all\n", encoding="ascii")
    server = ShippedRedis(folder, aclfile)
    server.start()
    yield Site(server, Who.OUTLET, accounts, folder)
    server.stop()


def admin(site: Site) -> Raw:
    """A connection that may do everything."""
    return Raw(site.server.port, ("admin", "any"))


def commands(site: Site) -> dict[str, int]:
    """Every command and subcommand of this server (``config|get``), and how long it is at least."""
    with admin(site) as raw:
        rows = raw.say("COMMAND")
    found: dict[str, int] = {}
    assert isinstance(rows, list)
    for row in rows:
        assert isinstance(row, list)
        below = row[9] if len(row) > 9 and isinstance(row[9], list) else []
        for one in [row, *below]:
            assert isinstance(one, list)
            name, arity = one[0], one[1]
            assert isinstance(name, bytes)
            assert isinstance(arity, int)
            found[name.decode().lower()] = abs(arity)
    return found


def called(command: str, name: str, length: int = 0) -> list[str]:
    """*command* on the name *name*, at least *length* words long."""
    words = command.split("|")
    template = CALLS.get(command)
    if command == "eval":
        return ["eval", "return 1", "1", name]
    if template is not None:
        return [*words, *(name if one in "KC" else one for one in template.split())]
    return [*words, *[name] * (length - len(words))]


class Judge:
    """Says whether an account may run a command: by asking Redis 7, by trying it with Redis 6."""

    def __init__(self, site: Site, account: str) -> None:
        self._site = site
        self._account = account
        self._admin = admin(site)

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.__exit__()

    def ask(self, words: Sequence[str]) -> Reply:
        """``b"OK"``, or what is denied: a text or an error."""
        if not is_redis_6():
            return self._admin.say("ACL", "DRYRUN", self._account, *words)
        login = (self._account, self._site.password(self._account))
        with Raw(self._site.server.port, login) as raw:
            reply = raw.say(*words)
        denied = isinstance(reply, Refused) and "NOPERM" in str(reply)  # EXEC puts words before it
        return reply if denied else b"OK"

    def may_run(self, command: str, length: int) -> bool:
        """Whether the account has the command at all, on whatever names."""
        return not is_denied(said(self.ask(called(command, "x", length))))

    def works_on(self, command: str) -> set[str]:
        """The names of the table on which it may use *command*."""
        names = CHANNELS if "C" in CALLS.get(command, "").split() else KEYS
        return {one for one in names if self.ask(called(command, names[one])) == b"OK"}


def is_denied(answer: str) -> bool:
    """Whether *answer* says that the command may not be run, or that there is no such command."""
    return bool(DENIED.search(answer) or CONTAINER.search(answer))


def said(reply: Reply) -> str:
    """An answer as text."""
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)


def table(account: str) -> dict[str, set[str]]:
    """What the account may use, on which names; of a command without names: on none."""
    six = is_redis_6()
    rows = [row for row in MAY[account] if not (six and len(row) == 3)]
    wide = {one for row in rows for one in row[1].split()}
    found: dict[str, set[str]] = {}
    for row in rows:
        for command in row[0].split():
            names = set(row[1].split())
            if six and names:
                names = wide & set(CHANNELS if names & set(CHANNELS) else KEYS)
            found[command] = found.get(command, set()) | names
    return found


@pytest.mark.parametrize("account", MAY)
def test_an_account_may_run_what_the_table_says_and_nothing_else(site: Site, account: str) -> None:
    if account == "default":
        with Raw(site.server.port) as raw:
            for command, length in commands(site).items():
                if command not in EVERYBODY.split():
                    assert is_denied(said(raw.say(*called(command, "x", length)))), command
        return
    expected = {*table(account), *EVERYBODY.split()}
    if is_redis_6():  # it lists no subcommands
        expected |= {command.split("|")[0] for command in expected}
    with Judge(site, account) as judge:
        for command, length in commands(site).items():
            if command in expected:
                continue
            assert not judge.may_run(command, length), f"{account} may run {command}"


@pytest.mark.parametrize("account", [one for one in MAY if one != "default"])
def test_what_an_account_may_run_works_on_the_names_of_the_table_only(
    site: Site, account: str
) -> None:
    there = commands(site)
    with Judge(site, account) as judge:
        for command, names in table(account).items():
            assert command.split("|")[0] in there, command
            if is_redis_6() and command in ("psync", "replconf"):
                continue  # tried, the one answers with all that Redis has, the other with nothing
            if names:
                assert judge.works_on(command) == names, f"{account}: {command}"
            else:
                length = there.get(command, 0)
                assert judge.ask(called(command, "", length)) == b"OK", f"{account}: {command}"


# --- what needs no right, or would do harm --------------------------------------------------------


@pytest.mark.parametrize("who", [Who.OUTLET, Who.OWN, Who.CONSOLE])
def test_reset_leaves_a_connection_that_may_do_nothing(site: Site, who: Who) -> None:
    with site.raw(who) as raw:
        if is_refused(raw.say("RESET")):
            assert is_redis_6()
            return
        for command in (("PING",), ("HGET", "siaran:endpoints", "x"), ("MULTI",)):
            assert said(raw.say(*command)).startswith("NOAUTH")


@pytest.mark.parametrize("who", [Who.OUTLET, Who.OWN])
@pytest.mark.parametrize(
    "command",
    [
        ("SELECT", "1"),
        ("CLIENT", "TRACKING", "ON", "BCAST"),
        ("CLIENT", "NO-EVICT", "ON"),
        ("CLIENT", "REPLY", "OFF"),
        ("MONITOR",),
        ("WAIT", "1", "0"),
        ("WATCH", "siaran:endpoints"),
        ("MULTI",),
        ("PSUBSCRIBE", "*"),
        ("SUBSCRIBE", "{siaran}:*"),
        ("SUBSCRIBE", "__keyspace@0__:{siaran}:log-all"),
    ],
    ids=" ".join,
)
def test_an_outlet_cannot_leave_the_path_of_a_tray(
    site: Site, who: Who, command: tuple[str, ...]
) -> None:
    with site.raw(who) as raw:
        assert is_refused(raw.say(*command))


def test_hello_gives_an_outlet_another_protocol_and_no_right(site: Site) -> None:
    with site.raw() as raw:
        raw.socket.sendall(encoded("HELLO", "3", "SETNAME", "head-office"))
        assert raw.socket.recv(1 << 16).startswith(b"%")
        raw.socket.sendall(encoded("CLIENT", "TRACKING", "ON"))
        assert raw.socket.recv(1 << 16).startswith(b"-NOPERM")


def test_a_log_cannot_be_overwritten_with_the_consoles_password(site: Site) -> None:
    with site.raw(Who.CONSOLE) as raw:
        for name in ("{siaran}:log-all", "{siaran}:channels", "{siaran}:templates"):
            expected = not is_redis_6()
            assert is_refused(raw.say("SET", name, "x")) == expected
            script = "return redis.call('SET', KEYS[1], 'x')"
            assert isinstance(raw.say("EVAL", script, 1, name), Refused) == expected


def test_no_script_that_an_outlet_may_run_keeps_redis_from_others_for_long(site: Site) -> None:
    """Consoles load them, so outlets can run them, with as many words as a command may have."""
    with site.raw(Who.CONSOLE) as console:
        loaded = [console.say("SCRIPT", "LOAD", text) for text in SCRIPTS]
    known = [sha for sha in loaded if isinstance(sha, bytes)]
    assert len(known) >= (6 if is_redis_6() else 8)  # it cannot read the first line of some
    for sha in known:
        with site.raw(Who.OUTLET) as raw:
            raw.say("EVALSHA", sha, 0, *["5"] * 500_000)
    with site.raw("operator") as raw:
        longest = raw.say("LATENCY", "LATEST")
    assert isinstance(longest, list)
    assert max((int(str(row[3])) for row in longest if isinstance(row, list)), default=0) < 1500
