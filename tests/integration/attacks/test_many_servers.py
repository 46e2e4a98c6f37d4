"""The main attacks behind Sentinel and in a Cluster, with the accounts of ``accounts.py``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.keys import Keys
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import (
    CHANNEL,
    OUTLET,
    STAYS_S,
    Raw,
    Site,
    Who,
    emergency_arrives,
    is_open,
    painted,
    send_emergency,
)
from tests.integration.attacks.test_log_entries import ATTACKS, last_id
from tests.integration.pair import acknowledge, connected
from tests.integration.test_sentinel import Watched, located_port, watched  # noqa: F401  # a fixture
from tests.redis_cluster import RedisCluster, wait
from tests.redis_server import RedisServer

KEYS = Keys()
LOG = KEYS.log(CHANNEL)
IMPOSSIBLE = ("largest id", "largest id that was deleted", "below 2^63", "garbage")


class Front(RedisServer):
    """What stands for several servers: how programs find them, and the one that has the logs."""

    def __init__(self, url: str, port: int) -> None:
        super().__init__(Path())
        self._url = url
        self.port = port

    @property
    def url(self) -> str:
        """The address of all."""
        return self._url


def give_accounts(server: RedisServer, accounts: Path) -> None:
    """What ``ACL LOAD`` does with the file; tests themselves go on as the default user."""
    for line in (accounts / "users.acl").read_text(encoding="ascii").splitlines():
        words = line.split()[1:]
        if words[0] != "default":
            assert server.command("ACL", "SETUSER", words[0], "reset", *_rules(words[1:])) == (
                b"+OK\r\n"
            )


def _rules(words: list[str]) -> list[str]:
    """A selector in parentheses is one argument."""
    rules: list[str] = []
    for word in words:
        if rules and rules[-1].startswith("(") and not rules[-1].endswith(")"):
            rules[-1] += f" {word}"
        else:
            rules.append(word)
    return rules


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, accounts: Path) -> Iterator[RedisCluster]:
    """A Cluster of three masters, for all tests of this module."""
    servers = RedisCluster(tmp_path_factory.mktemp("cluster"), replicas=0)
    try:
        servers.start()
        for node in servers.nodes:
            give_accounts(node, accounts)
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def cluster(servers: RedisCluster, accounts: Path, tmp_path: Path) -> Site:
    """It, empty; the attacker speaks to the server that has the logs."""
    servers.flush()
    wait(servers.in_step)
    home = servers.master_of(LOG)
    return Site(Front(servers.url, home.port), Who.CONSOLE, accounts, tmp_path)


async def attack(site: Site, name: str) -> None:
    """Put it into the log, and see that emergencies reach who is there, was off and is new."""
    async with site.console() as console:
        async with site.tray() as tray:
            await connected(tray)
            with site.raw() as raw:
                ATTACKS[name](raw, tray.clock.redis_ms())
            await emergency_arrives(console, tray, stays_s=0.2)
            await until(lambda: str(tray.inbox.cursor(CHANNEL)) == last_id(site, LOG))
        missed, begun = await send_emergency(console), time.monotonic()
        for folder in ("tray", "new"):
            async with site.tray(folder) as tray:
                await painted(tray, missed, begun, 10)


@pytest.mark.parametrize("name", IMPOSSIBLE)
async def test_no_entry_silences_a_cluster(
    qapp: QApplication, cluster: Site, log_guard: LogGuard, name: str
) -> None:
    log_guard.expect("skipped something on|read the whole log again|log of ")
    await attack(cluster, name)


async def test_a_forged_answer_closes_nothing_in_a_cluster(
    qapp: QApplication, cluster: Site, servers: RedisCluster, log_guard: LogGuard
) -> None:
    log_guard.expect("answered|receipt")
    async with cluster.console() as console, cluster.tray() as tray:
        await connected(tray)
        begun = time.monotonic()
        message_id = await send_emergency(console)
        await painted(tray, message_id, begun)
        receipts = KEYS.receipts(message_id)
        login = (Who.OUTLET.value, cluster.password(Who.OUTLET))
        with Raw(servers.master_of(receipts).port, login) as raw:
            forged = json.dumps({"r": 1, "d": 1, "a": 1, "u": "nobody"}).encode()
            assert isinstance(raw.say("HSET", receipts, f"{OUTLET}/till-1", forged), int)
            raw.say("PUBLISH", KEYS.answers_of(OUTLET), message_id)
        stays_until = time.monotonic() + STAYS_S
        await until(lambda: not is_open(tray, message_id) or time.monotonic() > stays_until)
        assert is_open(tray, message_id)
        await acknowledge(tray)
        await emergency_arrives(console, tray, stays_s=0)


async def test_no_entry_silences_head_office_after_a_failover(
    qapp: QApplication,
    watched: Watched,  # noqa: F811
    accounts: Path,
    tmp_path: Path,
    log_guard: LogGuard,
) -> None:
    """The replica has the impossible id from the master, and becomes one."""
    log_guard.expect("skipped something on|read the whole log again|log of |reconnecting: ")
    log_guard.expect("receipts wait")  # until a console has loaded its script there
    await until(watched.in_step)
    for server in (watched.master, watched.replica):
        give_accounts(server, accounts)
    site = Site(Front(watched.url, watched.master.port), Who.CONSOLE, accounts, tmp_path)
    async with site.console() as console, site.tray() as tray:
        await connected(tray)
        await emergency_arrives(console, tray, stays_s=0)
        with site.raw() as raw:
            ATTACKS["largest id"](raw, tray.clock.redis_ms())
        last = watched.master.command("XINFO", "STREAM", LOG)
        await until(lambda: watched.replica.command("XINFO", "STREAM", LOG) == last)
        watched.master.stop("SIGKILL")
        await until(lambda: located_port(watched) == watched.replica.port)
        await until(lambda: console.status.state.name == tray.session.status.state.name)
        await connected(tray)
        await emergency_arrives(console, tray, within_s=15, stays_s=0.2)
