"""The shipped configuration on two servers with three Sentinels: the first dies, messages go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from PySide6.QtWidgets import QApplication
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.conftest import LogGuard, until
from tests.integration.pair import acknowledge, connected, running_tray
from tests.integration.test_broker import SHIPPED, Broker
from tests.integration.test_command_line import run
from tests.linux_side import linux_path
from tests.redis_server import RedisServer, fitting

SENTINELS = 3
SHARED = "between-sentinels"


class Second(RedisServer):
    """A server whose own file includes the shipped one, as the page for IT says."""

    def __init__(self, folder: Path, broker: Broker, *lines: str) -> None:
        super().__init__(folder)
        shipped = linux_path(broker.folder / "redis.conf")
        self._file = folder / "redis.conf"
        text = [
            *(f"include {shipped}", f"port {self.port}", "bind 127.0.0.1"),
            f"dir {linux_path(folder)}",
            *("masteruser replica", f"masterauth {broker.password('replica')}", *lines),
        ]
        self._file.write_text("\n".join(text) + "\n", encoding="ascii")

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        self._run(self._file)

    def written(self) -> str:
        """Its file now: Sentinel lets it write down what it has become."""
        return self._file.read_text(encoding="ascii")


class Sentinel(RedisServer):
    """One Sentinel with the shipped file."""

    def __init__(self, folder: Path, broker: Broker, first: RedisServer) -> None:
        super().__init__(folder)
        self._file = folder / "sentinel.conf"
        text = (SHIPPED / "sentinel.conf").read_text(encoding="ascii")
        for old, new in (
            ("port 26379", f"port {self.port}"),
            ("bind * -::*", "bind 127.0.0.1"),
            ("dir /var/lib/siaran-sentinel", f"dir {linux_path(folder)}"),
            ("hq-redis-1 6379", f"127.0.0.1 {first.port}"),
            (">AMONG", f">{SHARED}"),
            ("sentinel-pass AMONG", f"sentinel-pass {SHARED}"),
            ("auth-pass hq SENTINEL", f"auth-pass hq {broker.password('sentinel')}"),
            ("down-after-milliseconds hq 5000", "down-after-milliseconds hq 600"),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self._file.write_text(text, encoding="ascii")

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        self._run(self._file, "--sentinel")

    def ask(self, *command: str) -> str:
        """What another Sentinel is told."""
        with redis.Redis(
            port=self.port, username="sentinels", password=SHARED, retry=Retry(NoBackoff(), 0)
        ) as client:
            return str(client.execute_command(*command))


class Pair:
    """Two servers and their Sentinels."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.broker = broker
        (broker.folder / "redis.conf").write_text(
            fitting((SHIPPED / "redis.conf").read_text(encoding="ascii")).replace(
                "/etc/siaran-redis", linux_path(broker.folder)
            ),
            encoding="ascii",
        )
        places = [folder / name for name in ("one", "two", *map(str, range(SENTINELS)))]
        for place in places:
            place.mkdir()
        self.first = Second(places[0], broker)
        self.second = Second(places[1], broker, f"replicaof 127.0.0.1 {self.first.port}")
        self.sentinels = [Sentinel(place, broker, self.first) for place in places[2:]]
        self.running: list[RedisServer] = [self.first, self.second, *self.sentinels]
        for server in self.running:
            server.start()

    @property
    def url(self) -> str:
        """How the programs are told of it."""
        places = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{places}/hq"

    def in_step(self) -> bool:
        """Whether the second has what the first has, and all Sentinels know all others."""
        with self.client(self.second) as client:
            if client.info("replication")["master_link_status"] != "up":
                return False
        told = [one.ask("SENTINEL", "MASTER", "hq") for one in self.sentinels]
        return all(re.search(rf"num-other-sentinels\D+{SENTINELS - 1}\b", text) for text in told)

    def client(self, server: RedisServer) -> redis.Redis:
        """A connection as the operator."""
        word = self.broker.password("operator")
        return redis.Redis(
            port=server.port, username="operator", password=word, retry=Retry(NoBackoff(), 0)
        )

    def close(self) -> None:
        """End what still runs."""
        for server in reversed(self.running):
            server.stop()


@pytest.fixture
def pair(redis_server: RedisServer, tmp_path: Path) -> Iterator[Pair]:
    """Both servers and the Sentinels, running."""
    redis_server.stop()
    made = Pair(Broker(redis_server), tmp_path)
    yield made
    made.close()


async def test_when_the_first_server_dies_the_second_takes_over_with_everything(
    qapp: QApplication,
    pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    log_guard: LogGuard,
) -> None:
    log_guard.expect("reconnecting: ")
    await until(pair.in_step)
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", pair.broker.password("console"))

    def send(title: str) -> bool:
        message = ("send", "--all", "--title", title, "--message", "x", "--redis-url", pair.url)
        return run("admin_app", *message).returncode == 0

    login = f"//outlet:{pair.broker.password('outlet')}@"
    async with running_tray(pair.url.replace("//", login), tmp_path / "tray") as tray:
        await connected(tray)
        assert send("Before")
        assert await acknowledge(tray) == "Before"
        pair.first.stop("SIGKILL")
        await until(lambda: send("After"))
        assert await acknowledge(tray) == "After"
    assert "replicaof" not in pair.second.written()


def test_a_pc_may_ask_sentinel_where_redis_is_and_nothing_else(pair: Pair) -> None:
    port = pair.sentinels[0].port
    with redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as client:
        assert client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "hq")
        for command in (
            ("SENTINEL", "FAILOVER", "hq"),
            ("SENTINEL", "MASTERS"),
            ("SENTINEL", "SET", "hq", "quorum", "1"),
            ("SENTINEL", "MONITOR", "x", "127.0.0.1", "1", "1"),
            ("PUBLISH", "__sentinel__:hello", "x"),
            ("ACL", "LIST"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)
