"""``packaging/redis``: the shipped configuration and accounts start, serve, and allow no more."""

from __future__ import annotations

import asyncio
import configparser
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
import trustme
import yaml
from PySide6.QtWidgets import QApplication
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.keys import encode_name
from shared.redis_bus.address import RedisAddress
from tests import linux_side
from tests.conftest import until
from tests.integration.pair import acknowledge, connected, running_tray
from tests.integration.test_command_line import run
from tests.linux_side import linux_path
from tests.redis_server import RedisServer, fitting, free_port, run_accounts

SHIPPED = Path(__file__).resolve().parents[2] / "packaging" / "redis"
INSTALLED = "/etc/siaran-redis"
RESERVED_FILES = 32
"""Files that Redis wants besides those of its clients (CONFIG_MIN_RESERVED_FDS)."""


def accounts(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``accounts.py`` as IT does."""
    return run_accounts(SHIPPED / "accounts.py", folder, *arguments)


class Broker:
    """The shipped configuration on a free port, with accounts of its own."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.folder = server.folder / "etc"
        made = accounts(self.folder, "make")
        assert made.returncode == 0, made.stderr

    def start(self, *changes: str, tls: bool = False) -> None:
        """Start it; *changes* are options that go before the file's."""
        text = fitting((SHIPPED / "redis.conf").read_text(encoding="ascii"))
        if tls:
            text = with_tls(text)
        file = self.folder / "redis.conf"
        file.write_text(text.replace(INSTALLED, linux_path(self.folder)), encoding="ascii")
        mine = ("--port", str(self.server.port), "--bind", "127.0.0.1", *changes)
        self.server.start("--include", linux_path(file), *mine)

    def password(self, account: str) -> str:
        """What ``accounts.py`` wrote for a PC's ``password_file``."""
        return (self.folder / "passwords" / account).read_text(encoding="ascii").strip()

    def client(self, account: str, password: str | None = None) -> redis.Redis:
        """A connection of *account*."""
        word = self.password(account) if password is None else password
        return redis.Redis(
            port=self.server.port,
            username=account,
            password=word,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
        )

    def url(self, account: str) -> str:
        """Its address with the account in it."""
        return self.server.url.replace("//", f"//{account}:{self.password(account)}@")


def with_tls(text: str) -> str:
    """The configuration after IT has taken away the # of its TLS block."""
    before, rest = text.split("# --- TLS:")
    block, after = rest.split("\n\n", 1)
    lines = [
        line[1:] if line.startswith(("#tls-", "#port")) else line for line in block.split("\n")
    ]
    return f"{before}# --- TLS:" + "\n".join(lines) + "\n\n" + after


@pytest.fixture
def broker(redis_server: RedisServer) -> Broker:
    """Not started yet."""
    redis_server.stop()
    return Broker(redis_server)


def as_console(monkeypatch: pytest.MonkeyPatch, broker: Broker) -> None:
    """What the console's PC has in its environment."""
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", broker.password("console"))


def findings(*where: str) -> dict[str, str]:
    """What ``siaran-console check`` says: topic to grade."""
    done = run("admin_app", "check", "--json", *where)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return {one["topic"]: one["grade"] for one in json.loads(done.stdout)["findings"]}


# --- the configuration ---------------------------------------------------------------------------


def test_redis_runs_exactly_what_the_file_says(broker: Broker) -> None:
    broker.start()
    text = fitting((SHIPPED / "redis.conf").read_text(encoding="ascii"))
    said = [line.split(maxsplit=1) for line in text.splitlines() if line and line[0] != "#"]
    with broker.client("operator") as client:
        for name, value in said:
            if name in ("bind", "port", "aclfile"):
                continue
            (found,) = client.config_get(name).values()
            assert meant(name, value) in found, (name, value, found)


def meant(name: str, value: str) -> str:
    """*value* as Redis writes it."""
    if name == "maxclients":
        hard = linux_side.run(["sh", "-c", "ulimit -Hn"]).stdout.strip()
        files = int(value) if hard == "unlimited" else int(hard) - RESERVED_FILES
        return str(min(int(value), files))
    words = value.strip('"').split()
    return " ".join(str(in_bytes(word)) for word in words)


def in_bytes(word: str) -> int | str:
    """``4mb`` as a number."""
    for unit, size in (("mb", 1 << 20), ("gb", 1 << 30)):
        if word.endswith(unit):
            return int(word.removesuffix(unit)) * size
    return word


def test_check_finds_nothing_weak_but_the_missing_encryption(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.start()
    as_console(monkeypatch, broker)
    grades = findings("--redis-url", broker.server.url)
    assert grades.pop("encryption") == "weak"
    assert grades.pop("signatures") == "weak"  # no key was made
    assert set(grades.values()) == {"good"}, grades


def test_with_the_tls_block_check_finds_nothing_weak_at_all(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = broker.folder / "tls"
    folder.mkdir()
    ca = trustme.CA()
    cert = ca.issue_cert("localhost")
    cert.private_key_pem.write_to_path(str(folder / "server.key"))
    cert.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    port = free_port()
    broker.start("--tls-port", str(port), tls=True)
    as_console(monkeypatch, broker)
    key = str(folder / "hq.key")
    assert run("admin_app", "keygen", "--key-id", "hq", "--out", key).returncode == 0
    where = ("--redis-url", f"rediss://localhost:{port}", "--ca-file", str(folder / "ca.pem"))
    grades = findings(*where, "--signing-key-file", key)
    assert set(grades.values()) == {"good"}, grades


def test_nobody_comes_in_without_an_account(broker: Broker) -> None:
    broker.start()
    for command in (("PING",), ("CONFIG", "GET", "*"), ("AUTH", "default", "")):
        assert broker.server.command(*command).startswith((b"-NOAUTH", b"-WRONGPASS"))


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
async def test_what_was_sent_and_told_survives_a_restart(
    qapp: QApplication, broker: Broker, tmp_path: Path, how: str
) -> None:
    """Redis 7 plays its file back as the default account, and drops what that may not do."""
    broker.start()
    message = ("--channel", "Channel 1", "Channel 2", "--title", "T", "--message", "x")
    where = ("--redis-url", broker.server.url, "--username", "console")
    login = ("--password-file", str(broker.folder / "passwords" / "console"))
    async with running_tray(broker.url("outlet"), tmp_path / "tray") as tray:
        await connected(tray)
        sent = await asyncio.to_thread(run, "admin_app", "send", *message, *where, *login)
        assert sent.returncode == 0, sent.stderr
        assert await acknowledge(tray) == "T"
        await until(lambda: not tray.inbox.unreported(1))
    await asyncio.sleep(1.2)  # "everysec" may lose the last second
    before = stored(broker)
    assert {kind for _, kind, _ in before} == {"stream", "hash", "zset", "string"}
    broker.server.stop(how)
    broker.start()
    assert stored(broker) == before


def test_repair_says_that_messages_would_be_lost_and_make_mends_it(broker: Broker) -> None:
    file = broker.folder / "users.acl"
    now = file.read_text(encoding="ascii")
    file.write_text(now.replace("default off ~* &* +@all", "default off"), encoding="ascii")
    broker.start()
    words = ("--password-file", str(broker.folder / "passwords" / "operator"), "--json")
    where = ("--redis-url", broker.server.url, "--username", "operator", *words)
    for lost in (True, False):
        [server] = json.loads(run("admin_app", "repair", *where).stdout)["memory"]["servers"]
        assert server["loses_messages"] is lost
        assert accounts(broker.folder, "make").returncode == 0
        with broker.client("operator") as client:
            assert client.execute_command("ACL", "LOAD")


def stored(broker: Broker) -> list[tuple[str, str, int]]:
    """Every key with its type, and how much it holds."""
    lengths = {"stream": "XLEN", "hash": "HLEN", "zset": "ZCARD", "string": "STRLEN"}
    with broker.client("operator") as client:
        names = sorted(client.scan_iter())
        types = [client.type(name) for name in names]
        return [
            (name, kind, client.execute_command(lengths[kind], name))
            for name, kind in zip(names, types, strict=True)
        ]


def test_the_default_account_has_rights_and_nobody_gets_in_by_it(broker: Broker) -> None:
    broker.start()
    for words in (("AUTH", ""), ("AUTH", "default", ""), ("HELLO", "3", "AUTH", "default", "x")):
        assert broker.server.command(*words).startswith((b"-WRONGPASS", b"-ERR AUTH"))
    for line in ("PING", "GET x", "ACL WHOAMI"):
        assert broker.server.command(*line.split()).startswith(b"-NOAUTH")


# --- accounts ------------------------------------------------------------------------------------


async def test_an_outlet_s_own_account_gets_its_channels_and_no_other(
    qapp: QApplication, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = accounts(broker.folder, "outlet", "JKT-001", "Channel 1", "Kasir/Gudang")
    assert made.returncode == 0, made.stderr
    broker.start()
    as_console(monkeypatch, broker)
    url = broker.url("outlet-JKT-001")
    channels = ["Channel 1", "Kasir/Gudang"]
    async with running_tray(url, tmp_path / "tray", channels=channels) as tray:
        await connected(tray)
        for to in (("--channel", "Kasir/Gudang"), ("--all",)):
            message = ("send", *to, "--title", f"To {to[-1]}", "--message", "x")
            where = ("--redis-url", broker.server.url)
            sent = await asyncio.to_thread(run, "admin_app", *message, *where)
            assert sent.returncode == 0, sent.stderr
            assert await acknowledge(tray) == f"To {to[-1]}"
        await until(lambda: not tray.inbox.unreported(1))
    with broker.client("outlet-JKT-001") as client:
        for command in (
            ("XRANGE", "{siaran}:log:Channel%202", "-", "+"),
            ("SUBSCRIBE", "{siaran}:ch:Channel%202"),
            ("PUBLISH", "{siaran}:ans:JKT-002", "x"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)


@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("SHUTDOWN", "NOSAVE"),
        ("CONFIG", "SET", "dir", "/"),
        ("ACL", "SETUSER", "operator", "+@all"),
        ("REPLICAOF", "127.0.0.1", "1"),
        ("EVAL", "return 1", "0"),
        ("DEL", "{siaran}:log-all"),
        ("XADD", "{siaran}:log-all", "*", "e", "x"),
        ("PUBLISH", "{siaran}:all", "Hello"),
        ("GET", "{siaran}:sent:x"),
    ],
    ids=" ".join,
)
def test_the_operator_looks_after_redis_and_cannot_send_or_rule(
    broker: Broker, command: tuple[str, ...]
) -> None:
    broker.start()
    with broker.client("operator") as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command)


def test_a_password_is_renewed_while_pcs_still_have_the_old_one(broker: Broker) -> None:
    broker.start()
    old = broker.password("outlet")

    def load() -> None:
        with broker.client("operator") as client:
            assert client.execute_command("ACL", "LOAD")

    assert accounts(broker.folder, "renew", "outlet").returncode == 0
    load()
    new = broker.password("outlet")
    assert new != old
    for word in (old, new):
        with broker.client("outlet", word) as client:
            assert client.ping()
    assert accounts(broker.folder, "settle", "outlet").returncode == 0
    load()
    with broker.client("outlet", new) as client:
        assert client.ping()
    with broker.client("outlet", old) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_what_accounts_makes_is_private_random_and_kept(tmp_path: Path) -> None:
    assert accounts(tmp_path, "make").returncode == 0
    first = (tmp_path / "users.acl").read_text(encoding="ascii")
    assert ">" not in first
    assert "CHANGE" not in first
    assert "user default off ~* &* +@all" in first.splitlines()
    passwords = sorted((tmp_path / "passwords").iterdir())
    names = ["console", "operator", "outlet", "replica", "sentinel"]
    assert [path.name for path in passwords] == names
    assert len({path.read_text() for path in passwords}) == len(names)
    assert modes(*passwords) == {"600"}
    assert modes(tmp_path / "users.acl") == {"640"}
    assert accounts(tmp_path, "make").returncode == 0
    assert sorted((tmp_path / "users.acl").read_text().split()) == sorted(first.split())


def modes(*files: Path) -> set[str]:
    """How the server's system protects them, in octal."""
    return set(linux_side.run(["stat", "-c", "%a", *files]).stdout.split())


def test_rights_are_renewed_and_an_outlet_keeps_its_channels_and_password(tmp_path: Path) -> None:
    accounts(tmp_path, "make")
    accounts(tmp_path, "outlet", "JKT 014", "Channel 1", "Café")
    file = tmp_path / "users.acl"
    before = file.read_text(encoding="ascii")
    file.write_text(before.replace(" +hmget", ""), encoding="ascii")
    assert accounts(tmp_path, "make").returncode == 0
    after = file.read_text(encoding="ascii")
    assert sorted(map(sorted, map(str.split, after.splitlines()))) == sorted(
        map(sorted, map(str.split, before.splitlines()))
    )


def test_outlets_keep_what_older_trays_need_until_it_is_taken_from_them(tmp_path: Path) -> None:
    file = tmp_path / "users.acl"

    def may_run_transactions() -> set[bool]:
        lines = file.read_text(encoding="ascii").splitlines()
        outlets = [line.split() for line in lines if line.startswith("user outlet")]
        assert len(outlets) == 2
        return {{"+multi", "+exec"} <= set(words) for words in outlets}

    accounts(tmp_path, "make")
    accounts(tmp_path, "outlet", "JKT-014", "Channel 1")
    assert may_run_transactions() == {False}
    text = file.read_text(encoding="ascii").replace(" +subscribe", " +multi +exec +subscribe")
    file.write_text(text, encoding="ascii")  # as it was made before
    made = accounts(tmp_path, "make")
    assert "accounts.py make --no-older-trays" in made.stdout
    assert may_run_transactions() == {True}
    assert accounts(tmp_path, "make", "--no-older-trays").returncode == 0
    assert may_run_transactions() == {False}
    assert "older" not in accounts(tmp_path, "make").stdout


def test_accounts_in_another_namespace_and_for_redis_6(tmp_path: Path) -> None:
    assert accounts(tmp_path, "make", "--namespace", "toko", "--redis-6").returncode == 0
    text = (tmp_path / "users.acl").read_text(encoding="ascii")
    assert "siaran" not in text
    assert "~{toko}:log:*" in text
    assert not set("%()") & set(text)
    [outlet] = [line for line in text.splitlines() if line.startswith("user outlet ")]
    assert {"+zadd", "~toko:seen:*"} <= set(outlet.split())
    assert not {"+zrem", "+pexpireat"} & set(outlet.split())
    assert "+publish" not in outlet.split()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("renew", "nobody"), "There is no account nobody in"),
        (("outlet", "JKT-014", "Channel 1"), "There is no account outlet in"),
        (("make", "--namespace", "a b"), "A namespace has"),
    ],
)
def test_a_slip_with_accounts_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = accounts(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"accounts.py: {sentence}"), done.stderr


def test_an_account_is_removed_with_its_password(tmp_path: Path) -> None:
    accounts(tmp_path, "make")
    accounts(tmp_path, "outlet", "~JKT 014", "Café")
    text = (tmp_path / "users.acl").read_text(encoding="ascii")
    assert f"user outlet-{encode_name('~JKT 014')} " in text
    assert f"&{{siaran}}:ch:{encode_name('Café')} " in text
    assert accounts(tmp_path, "remove", "outlet-%7EJKT%20014").returncode == 0
    assert "outlet-" not in (tmp_path / "users.acl").read_text(encoding="ascii")
    assert not (tmp_path / "passwords" / "outlet-%7EJKT%20014").exists()


def test_a_made_password_fits_an_address(tmp_path: Path) -> None:
    accounts(tmp_path, "make")
    word = (tmp_path / "passwords" / "console").read_text(encoding="ascii").strip()
    assert RedisAddress.from_url(f"redis://console:{word}@hq-redis").password == word


# --- what starts it ------------------------------------------------------------------------------


def configured(name: str) -> str:
    """A value of ``redis.conf``."""
    lines = (SHIPPED / "redis.conf").read_text(encoding="ascii").splitlines()
    (value,) = [line.split()[1] for line in lines if line.startswith(f"{name} ")]
    return value


def test_the_systemd_unit_is_sound_and_allows_as_many_files_as_clients() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(SHIPPED / "siaran-redis.service")
    files = int(unit["Service"]["LimitNOFILE"])
    assert files >= int(configured("maxclients")) + RESERVED_FILES
    command = unit["Service"]["ExecStart"].split()
    assert command[1:4] == [f"{INSTALLED}/redis.conf", "--dir", "/var/lib/siaran-redis"]
    assert unit["Unit"]["AssertPathExists"] == configured("aclfile")


@pytest.mark.parametrize("name", ["siaran-redis", "siaran-sentinel"])
def test_systemd_takes_the_units(name: str) -> None:
    installed = linux_side.which("redis-server") == "/usr/bin/redis-server"
    if linux_side.which("systemd-analyze") is None or not installed:
        pytest.skip("no systemd-analyze here: the units were only read, NOT VERIFIED")
    done = linux_side.run(["systemd-analyze", "verify", SHIPPED / f"{name}.service"])
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_compose_file_starts_the_same() -> None:
    compose: dict[str, Any] = yaml.safe_load((SHIPPED / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["redis"]
    assert service["command"] == ["redis-server", f"{INSTALLED}/redis.conf", "--dir", "/data"]
    assert re.fullmatch(r"redis:\d+\.\d+\.\d+", service["image"]), "an exact version"
    assert f"{INSTALLED}:{INSTALLED}:ro" in service["volumes"]
    assert service["ulimits"]["nofile"] >= int(configured("maxclients")) + RESERVED_FILES
    port = configured("port")
    assert service["ports"] == [f"{port}:{port}"]
    named = {volume.split(":")[0] for volume in service["volumes"] if volume[0] != "/"}
    assert set(compose["volumes"]) == named
