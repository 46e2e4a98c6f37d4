"""A Redis Cluster of three masters with replicas: everything works as on one server, and when slots
move or a master dies nothing is lost or shown twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.bus import AnswerBell, EndpointReport, LinkState, LogRange, Published, Shelf
from shared.errors import ChangedMeanwhile, LinkLost, RedisCannotStore
from shared.keys import Keys
from shared.model import ALL_CHANNELS, DAY_MS, HOUR_MS, Endpoint, Message
from shared.outlets import ExpectedOutlet
from shared.receipts import Receipt
from shared.redis_bus import RedisAddress, RedisConsoleBus, RedisTrayBus
from shared.redis_bus.cluster import slot_of
from shared.redis_bus.console_link import RedisConsoleLink
from shared.redis_bus.tray_link import RedisTrayLink
from tests.conftest import LogGuard, until, until_await
from tests.fakes import envelope_of, make_message
from tests.integration import faults
from tests.integration.fault_tools import TrayProcess
from tests.integration.fault_tools import running_console as console_session
from tests.integration.faults import Size, Stage, whole
from tests.integration.pair import (
    acknowledge,
    connected,
    fill_in,
    open_popup,
    press_send,
    running_console,
    running_tray,
    shown,
)
from tests.integration.test_acl import ACL
from tests.integration.test_command_line import run
from tests.redis_cluster import MASTERS, ClusterNode, RedisCluster, wait
from tests.redis_server import RedisServer, free_port

pytestmark = pytest.mark.redis
KEYS = Keys()
LOG = KEYS.log("Channel 1")
TILL = Endpoint("JKT-001", "till-1")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """One Cluster for all tests of this module."""
    servers = RedisCluster(tmp_path_factory.mktemp("cluster"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def cluster(servers: RedisCluster) -> RedisCluster:
    """It, whole and empty."""
    wait(servers.in_step)
    servers.flush()
    return servers


def console_bus(cluster: RedisCluster) -> RedisConsoleBus:
    return RedisConsoleBus(RedisAddress.from_url(cluster.url), KEYS)


def tray_bus(cluster: RedisCluster) -> RedisTrayBus:
    return RedisTrayBus(RedisAddress.from_url(cluster.url), KEYS)


def report_of(endpoint: Endpoint, at: int) -> EndpointReport:
    return EndpointReport(
        outlet=endpoint.outlet,
        pc=endpoint.pc,
        channels=["Channel 1", "Channel 2"],
        version="1",
        system="Linux",
        instance="i",
        machine="m",
        started_at=at,
        seen_at=at,
    )


# --- as on one server ----------------------------------------------------------------------------


async def test_a_message_is_sent_shown_acknowledged_and_counted(
    qapp: QApplication, cluster: RedisCluster, tmp_path: Path
) -> None:
    channels = ["Channel 1", "Channel 2"]
    async with (
        running_tray(cluster.url, tmp_path / "tray", channels=channels) as tray,
        running_console(cluster.url, tmp_path / "console") as console,
    ):
        await connected(tray, console)
        assert console.window.link.words.whole().startswith("Connected to Cluster (")
        fill_in(console, "Channel 1", "From the form", "Body")
        await press_send(console)
        assert await acknowledge(tray) == "From the form"
        several = Draft(channels=channels, title="To two channels", body="Body")
        sent = await console.session.send(several)
        assert (sent.connected, sent.expected) == (1, 1)
        assert await acknowledge(tray) == "To two channels"

        async def counted() -> bool:
            [counts] = await console.session.counts([sent.message])
            return counts.acknowledged == counts.displayed == counts.received == 1

        await until_await(counted)
        third = Draft(channels=["Channel 1"], title="To be recalled", body="Body")
        recalled = (await console.session.send(third)).message
        await until(lambda: open_popup(tray))
        assert await console.session.find(recalled.id) == recalled
        await console.session.recall(recalled)
        await until(lambda: open_popup(tray) is None)
    assert shown(tmp_path / "tray") == ["From the form", "To two channels", "To be recalled"]


async def test_what_was_missed_comes_later(
    qapp: QApplication, cluster: RedisCluster, tmp_path: Path
) -> None:
    async with running_tray(cluster.url, tmp_path / "tray") as tray:
        await connected(tray)
    async with console_session(cluster.url) as console:
        for number in range(3):
            await console.send(
                Draft(channels=[ALL_CHANNELS], title=f"Missed {number}", body="Body")
            )
    async with running_tray(cluster.url, tmp_path / "tray") as tray:
        for number in range(3):
            assert await acknowledge(tray) == f"Missed {number}"


async def test_receipts_of_many_messages_spread_and_are_counted_once(
    cluster: RedisCluster,
) -> None:
    async with console_bus(cluster).open() as console, tray_bus(cluster).open(["*"], TILL) as tray:
        now = await console.time_ms()
        messages = [make_message(sent_at=now) for _ in range(60)]
        for message in messages:
            await console.note_sent(message, 2, now + DAY_MS, 1)
        receipts = [Receipt(one.id, now, now, now, now) for one in messages]
        await asyncio.gather(tray.report(receipts), tray.report(receipts))
        counts = await console.counts(messages)
        assert {(one.received, one.acknowledged, one.expected) for one in counts} == {(1, 1, 2)}
        answers = await tray.answers([one.id for one in messages])
        assert [one.message_id for one in answers] == [one.id for one in messages]
        assert {one.here_at for one in answers} == {now}
        owners = {cluster.master_of(KEYS.receipts(one.id)).port for one in messages}
        assert len(owners) == MASTERS


async def test_the_bell_of_an_answer_is_heard_wherever_it_rings(cluster: RedisCluster) -> None:
    other = Endpoint(TILL.outlet, "till-2")
    bus = tray_bus(cluster)
    async with bus.open(["*"], TILL) as tray, bus.open(["*"], other) as sibling:
        now = await tray.time_ms()
        messages = [make_message(sent_at=now) for _ in range(12)]
        await tray.report([Receipt(one.id, now, now, now, now) for one in messages])
        heard: set[str] = set()
        async for batch in sibling.arrivals():
            heard |= {one.message_id for one in batch if isinstance(one, AnswerBell)}
            if len(heard) == len(messages):
                break
        assert heard == {one.id for one in messages}


async def test_everything_that_a_console_keeps_is_there(cluster: RedisCluster) -> None:
    async with console_bus(cluster).open() as console, tray_bus(cluster).open(["*"], TILL) as tray:
        now = await console.time_ms()
        assert await tray.heartbeat(report_of(TILL, now)) is None
        assert await console.connected(["Channel 1", "Channel 2"], now - 1) == 1
        assert (await console.seen("Channel 2", 0)).seen == {str(TILL): now}
        assert await console.first_seen([str(TILL), "X/1"]) == [now, None]
        assert [one.endpoint for one in await console.endpoints()] == [str(TILL)]
        await console.write_document(Shelf.TEMPLATES, "a", None, b"1")
        with pytest.raises(ChangedMeanwhile):
            await console.write_document(Shelf.TEMPLATES, "a", None, b"2")
        assert await console.documents(Shelf.TEMPLATES) == {"a": b"1"}
        await console.note_unlisted(["East"], now)
        assert await console.unlisted() == ["East"]
        outlets = [ExpectedOutlet(outlet="JKT-001")]
        await console.write_expected_outlets("", outlets)
        assert (await console.expected_outlets()).outlets == outlets
        message = make_message(sent_at=now, channels=["Channel 1", "*"])
        await _publish(console, message)
        assert (await _publish(console, message)).again
        pages = await console.read_logs([LogRange("Channel 1", 5), LogRange("*", 5)])
        assert [len(page) for page in pages] == [1, 1]
        assert len(await console.log_ids(message.id)) == 2
        assert await console.missing_rights(["*", "Channel 1"]) == {}
        facts = await console.inspect()
        assert facts.cluster
        assert not facts.replica
        await _receipts_are_kept(console, tray, message, now)
        await console.forget_endpoints(await console.endpoints())
        assert await console.connected(["*"], 0) == 0


async def _publish(console: RedisConsoleLink, message: Message) -> Published:
    return await console.publish(message.id, message.channels, envelope_of(message), HOUR_MS)


async def _receipts_are_kept(
    console: RedisConsoleLink, tray: RedisTrayLink, message: Message, now: int
) -> None:
    await tray.report([Receipt(message.id, now, now, now)])
    await console.note_reminded(message.id, now)
    assert [one.endpoint for one in (await console.receipts(message.id, 0)).receipts] == [str(TILL)]
    await console._client.execute_command("HSET", KEYS.receipt_counts(message.id), "lost", "1")
    assert [one.displayed for one in await console.counts([message])] == [1]
    await console.reduce(message, [str(TILL)], now)
    assert await console.silent(message.id) == [str(TILL)]


async def test_a_tray_has_one_connection_to_each_master_and_one_that_listens(
    cluster: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _connections(cluster)
    async with tray_bus(cluster).open(["*", "Channel 1"], TILL) as tray:
        now = await tray.time_ms()
        assert _connections(cluster) - before == 2
        await tray.heartbeat(report_of(TILL, now))
        messages = [make_message(sent_at=now) for _ in range(30)]
        await tray.report([Receipt(one.id, now, now) for one in messages])
        assert _connections(cluster) - before == MASTERS + 1
        monkeypatch.setattr("shared.redis_bus.cluster.IDLE_S", -1.0)  # as if it were later
        await tray.read_log("*", None, 1)
        await until(lambda: _connections(cluster) - before == 2)


def _connections(cluster: RedisCluster) -> int:
    lists = [node.text("CLIENT", "LIST", "TYPE", "normal") for node in cluster.nodes]
    lists += [node.text("CLIENT", "LIST", "TYPE", "pubsub") for node in cluster.nodes]
    return sum(text.count("id=") for text in lists)


# --- addresses and accounts ----------------------------------------------------------------------


async def test_one_server_of_the_address_is_enough(cluster: RedisCluster) -> None:
    dead, alive = free_port(), cluster.nodes[-1].port
    address = RedisAddress.from_url(f"redis+cluster://127.0.0.1:{dead},127.0.0.1:{alive}")
    for _ in range(3):
        async with RedisConsoleBus(address, KEYS).open() as console:
            assert await console.channels() == []


def test_none_of_the_servers_answers_is_one_sentence() -> None:
    url = f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{free_port()}"
    done = run("admin_app", "channels", "--redis-url", url)
    assert done.returncode == 3
    assert b"None of the servers answers: Cluster (127.0.0.1:" in done.stderr


def test_one_server_is_no_cluster_and_says_so(redis_server: RedisServer) -> None:
    url = redis_server.url.replace("redis://", "redis+cluster://")
    done = run("admin_app", "channels", "--redis-url", url)
    assert done.returncode == 4
    assert b"is not part of a Redis Cluster. Write redis:// instead of redis+cluster" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_server_of_a_cluster_as_an_address_of_its_own_says_so(cluster: RedisCluster) -> None:
    home = cluster.master_of(LOG)
    other = next(node for node in cluster.nodes if node is not home)
    for node in (home, other):
        done = run("admin_app", "channels", "--redis-url", node.url)
        assert done.returncode == 4, done.stdout
        said = b"is one server of a Redis Cluster. Write redis+cluster:// instead of redis://"
        assert said in done.stderr
        assert done.stderr.count(b"\n") == 1


async def test_check_looks_at_every_master(cluster: RedisCluster) -> None:
    home = cluster.master_of(LOG)
    other = next(node for node in cluster.nodes if node.is_master and node is not home)
    other.command("CONFIG", "SET", "maxmemory", "1gb")
    other.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    other.command("CONFIG", "SET", "appendonly", "no")
    try:
        async with console_bus(cluster).open() as console:
            facts = await console.inspect()
    finally:
        other.command("CONFIG", "SET", "maxmemory", "0")
        other.command("CONFIG", "SET", "appendonly", "yes")
    assert (facts.append_only, facts.eviction) == (False, "allkeys-lru")
    assert [(one.replicas, one.answers) for one in facts.masters] == [(1, True)] * MASTERS


@pytest.fixture
def guarded(cluster: RedisCluster) -> Iterator[RedisCluster]:
    """Every server has the shipped accounts, and that of these tests."""
    lines = [line.split() for line in ACL.read_text(encoding="ascii").splitlines()]
    users = [words for words in lines if words[0] == "user" and words[1] != "default"]
    for node in cluster.nodes:
        for _, *words in users:
            assert node.command("ACL", "SETUSER", *words) == b"+OK\r\n"
        node.command("SCRIPT", "FLUSH")
    yield cluster
    for node in cluster.nodes:
        node.command("ACL", "DELUSER", *(words[1] for words in users))


async def test_the_shipped_accounts_are_enough_on_every_server(
    qapp: QApplication, guarded: RedisCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = guarded.url.replace("//", "//outlet:CHANGE-outlet@")
    async with running_tray(url, tmp_path / "tray") as tray:
        await connected(tray)
        monkeypatch.setenv("SIARAN_USERNAME", "console")
        monkeypatch.setenv("SIARAN_PASSWORD", "CHANGE-console")
        where = ("--redis-url", guarded.url)
        message = ("--channel", "Channel 1", "Channel 2", "--title", "Hello", "--message", "x")
        sent = await asyncio.to_thread(run, "admin_app", "send", *message, *where)
        assert sent.stdout.rstrip().endswith(b"1 PC connected now."), sent.stderr
        assert await acknowledge(tray) == "Hello"
        # The console has loaded, on every server, the script that outlets may run but not bring.
        await until(lambda: not tray.inbox.unreported(1))
        listed = await asyncio.to_thread(run, "admin_app", "history", "--json", *where)
        [first] = json.loads(listed.stdout)
        other = ("--title", "Other", "--message", "x")
        for command in (
            ("check",),
            ("channels", "--add", "East"),
            ("endpoints",),
            ("remind", first["id"]),
            ("report", first["id"]),
            ("replace", first["id"], *other),
            ("recall", first["id"]),
        ):
            done = await asyncio.to_thread(run, "admin_app", *command, *where)
            assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_operator_removes_what_was_stuffed_into_any_server(
    guarded: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    junk = [KEYS.receipts(f"01a20000-0000-7000-8000-{n:012}") for n in range(60)]
    for key in junk:
        reply = guarded.master_of(key).command("HSET", key, "JKT-001/x", "x" * 100_000)
        assert reply == b":1\r\n"
    assert len({guarded.master_of(key).port for key in junk}) == MASTERS
    real = KEYS.receipts("01a20000-0000-7000-8000-f00000000000")
    home, own = guarded.master_of(LOG), guarded.master_of(real)
    home.command("SET", KEYS.sent("01a20000-0000-7000-8000-f00000000000"), "1-1", "EX", "100")
    own.command("HSET", real, "JKT-001/till-1", "{}")
    monkeypatch.setenv("SIARAN_USERNAME", "operator")
    monkeypatch.setenv("SIARAN_PASSWORD", "CHANGE-operator")
    done = run("admin_app", "repair", "--json", "--yes", "--redis-url", guarded.url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["memory"]
    assert [(one["why"], one["number"]) for one in found["going"]] == [("nobodys", len(junk))]
    assert len(found["servers"]) == MASTERS
    assert own.command("EXISTS", real) == b":1\r\n"
    assert {guarded.master_of(key).command("EXISTS", key) for key in junk} == {b":0\r\n"}


def test_every_server_is_reached_by_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = trustme.CA()
    cert = ca.issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    cert.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    cert.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    servers = RedisCluster(
        tmp_path,
        *("--tls-auth-clients", "no", "--tls-ca-cert-file", str(tmp_path / "ca.pem")),
        *("--tls-cert-file", str(tmp_path / "cert.pem")),
        *("--tls-key-file", str(tmp_path / "key.pem")),
        tls=True,
        replicas=0,
    )
    monkeypatch.setenv("SIARAN_CA_FILE", str(tmp_path / "ca.pem"))
    try:
        servers.start()
        done = run("admin_app", "check", "--json", "--redis-url", servers.url)
        grades = {one["topic"]: one["grade"] for one in json.loads(done.stdout)["findings"]}
        assert grades.pop("role") == "weak"  # no replicas
        assert grades.pop("memory") == "weak"  # no limit
        assert (grades.pop("accounts"), grades.pop("signatures")) == ("weak", "weak")
        assert set(grades.values()) == {"good"}, done.stdout
    finally:
        servers.stop()


async def test_a_replica_that_takes_over_knows_the_script_that_outlets_may_not_bring(
    guarded: RedisCluster,
) -> None:
    def account(name: str) -> RedisAddress:
        return RedisAddress.from_url(guarded.url.replace("//", f"//{name}:CHANGE-{name}@"))

    home = guarded.master_of(LOG)
    away = next(node for node in guarded.nodes if node.is_master and node is not home)
    async with RedisConsoleBus(account("console"), KEYS).open() as console:
        now = await console.time_ms()
    message = make_message(sent_at=now)
    while guarded.master_of(KEYS.receipts(message.id)) is not away:
        message = make_message(sent_at=now)
    away.stop("SIGKILL")
    try:
        async with RedisTrayBus(account("outlet"), KEYS).open(["*"], TILL) as tray:

            async def told() -> bool:
                try:
                    return bool(await tray.report([Receipt(message.id, now, now)]))
                except RedisCannotStore:
                    return False

            await until_await(told)
    finally:
        await asyncio.to_thread(away.start)


# --- what goes wrong -----------------------------------------------------------------------------


async def test_the_master_dies_in_the_middle_of_a_stream(
    cluster: RedisCluster, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    home = cluster.master_of(LOG)

    async def fault(on: Stage) -> None:
        await on.send()
        home.stop("SIGKILL")
        await on.send()
        on.in_order()
        await asyncio.to_thread(home.start)
        await until(cluster.in_step)
        sending = asyncio.ensure_future(on.send())
        home.command("CLUSTER", "FAILOVER")  # planned: nothing dies, and home is home again
        await sending
        await until(lambda: cluster.master_of(LOG) is home)

    tray = TrayProcess(cluster.url, tmp_path / "stage", heartbeat_s=10)
    try:
        async with console_session(cluster.url) as console:
            await tray.start()
            whole(await faults.play(fault, Stage(home, console, tray, Size(part=8))))
    finally:
        tray.kill()


async def test_what_a_server_has_that_is_cut_off_does_not_count(cluster: RedisCluster) -> None:
    home = cluster.master_of(LOG)
    away = [node for node in cluster.nodes if node.is_master and node is not home]
    away.append(cluster.replica_of(home))
    try:
        async with console_bus(cluster).open() as console:
            message = make_message(sent_at=await console.time_ms(), channels=["*"])
            for node in away:
                node.stop("SIGKILL")
            with pytest.raises(LinkLost, match="is cut off from its Cluster"):
                await _publish(console, message)
    finally:
        for node in away:
            await asyncio.to_thread(node.start)


async def test_a_dead_server_that_is_not_home_costs_only_what_it_has(
    cluster: RedisCluster,
) -> None:
    home = cluster.master_of(LOG)
    places = [cluster.master_of(key) for key in (KEYS.endpoints, KEYS.seen, KEYS.first_seen)]
    away = next(node for node in places if node is not home)
    try:
        async with (
            console_bus(cluster).open() as console,
            tray_bus(cluster).open(["*"], TILL) as tray,
        ):
            now = await tray.time_ms()
            await tray.heartbeat(report_of(TILL, now))
            away.stop("SIGKILL")
            with pytest.raises(
                RedisCannotStore, match="A part of the Redis Cluster cannot be reached"
            ):
                await tray.heartbeat(report_of(TILL, now + 1))
            await _publish(console, make_message(sent_at=now, channels=["*"]))
            assert len((await tray.read_log("*", None, 5)).entries) == 1

            async def heals() -> bool:
                try:
                    return await tray.heartbeat(report_of(TILL, now + 2)) is not None
                except RedisCannotStore:
                    return False

            await until_await(heals)  # over the same link: its replica has taken over
            assert await console.connected(["Channel 1"], now) == 1
    finally:
        await asyncio.to_thread(away.start)


async def test_a_part_of_the_data_is_away_and_messages_go_on(
    qapp: QApplication, cluster: RedisCluster, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("receipts wait: A part of the Redis Cluster")
    log_guard.expect("no heartbeat: .* A part of the Redis Cluster|no heartbeat: A part of")
    home = cluster.master_of(LOG)
    away = next(node for node in cluster.nodes if node.is_master and node is not home)
    dead, lost = [cluster.replica_of(away), away], cluster.slots_of(away)
    async with (
        running_tray(cluster.url, tmp_path / "tray") as tray,
        console_session(cluster.url) as console,
    ):
        await connected(tray)
        states: list[LinkState] = []
        for app in (tray.session, console):
            app.status_changed.connect(lambda status: states.append(status.state))
        sent: list[Message] = []
        try:
            for node in dead:
                node.stop("SIGKILL")
            while not any(slot_of(KEYS.receipts(one.id)) in lost for one in sent):
                title = f"Number {len(sent)}"
                draft = Draft(channels=["Channel 1"], title=title, body="Body")
                sent.append((await console.send(draft)).message)
                assert await acknowledge(tray) == title
            await until(lambda: tray.inbox.unreported(1))
            async with console_bus(cluster).open() as link:
                facts = await link.inspect()
            assert sorted(one.answers for one in facts.masters) == [False, True, True]
        finally:
            for node in reversed(dead):
                await asyncio.to_thread(node.start)
        await until(cluster.in_step)
        sent.append((await console.send(Draft(channels=["*"], title="Last", body="B"))).message)
        assert await acknowledge(tray) == "Last"
        await until(lambda: not tray.inbox.unreported(1))
        assert states == []
        assert [one.acknowledged for one in await console.counts(sent)] == [1] * len(sent)


async def test_slots_move_while_everything_runs(
    qapp: QApplication,
    cluster: RedisCluster,
    tmp_path: Path,
    log_guard: LogGuard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log_guard.expect("reconnecting: ")
    monkeypatch.setattr("shared.redis_bus.cluster.PATIENCE_S", 0.5)
    home = cluster.master_of(LOG)
    target = next(node for node in cluster.nodes if node.is_master and node is not home)
    async with (
        running_tray(cluster.url, tmp_path / "tray", heartbeat_seconds=10) as tray,
        console_session(cluster.url) as console,
    ):
        await connected(tray)
        draft = Draft(channels=["Channel 1"], title="Before", body="Body")
        await console.send(draft)
        assert await acknowledge(tray) == "Before"
        move = SlotMove(slot_of(LOG), home, target)
        move.begin()
        move.keys(1)
        while_moving = Draft(channels=["Channel 1"], title="Meanwhile", body="Body")
        with pytest.raises(RedisCannotStore, match="the Cluster is moving this part of its data"):
            await console.send(while_moving)
        async with tray_bus(cluster).open(["*"], TILL) as other:
            assert len((await other.read_log("Channel 1", None, 5)).entries) == 1  # by ASK, or not
            move.keys()
            assert len((await other.read_log("Channel 1", None, 5)).entries) == 1  # by ASK
            assert await other.last_ids(["Channel 1"]) != {"Channel 1": None}
        move.end(cluster)
        await console.send(while_moving)
        assert await acknowledge(tray) == "Meanwhile"
        back = SlotMove(slot_of(LOG), target, home)
        back.begin()
        back.keys()
        back.end(cluster)
    assert shown(tmp_path / "tray") == ["Before", "Meanwhile"]


async def test_a_slot_of_receipts_moves_and_the_link_lives_on(cluster: RedisCluster) -> None:
    home = cluster.master_of(LOG)
    async with console_bus(cluster).open() as console, tray_bus(cluster).open(["*"], TILL) as tray:
        now = await tray.time_ms()
        message = make_message(sent_at=now)
        while cluster.master_of(key := KEYS.receipts(message.id)) is home:
            message = make_message(sent_at=now)
        await tray.report([Receipt(message.id, now, now)])
        move = SlotMove(slot_of(key), cluster.master_of(key), home)
        move.begin()
        move.keys()
        await tray.report([Receipt(message.id, now, now, now)])  # by ASK
        assert [one.displayed for one in await console.counts([message])] == [1]
        move.end(cluster)
        await tray.report([Receipt(message.id, now, now, now, now)])  # by MOVED
        assert [one.acknowledged for one in await console.counts([message])] == [1]
        back = SlotMove(slot_of(key), home, move.source)
        back.begin()
        back.keys()
        back.end(cluster)


class SlotMove:
    """What ``redis-cli --cluster reshard`` does, step by step."""

    def __init__(self, slot: int, source: ClusterNode, target: ClusterNode) -> None:
        self.slot, self.source, self.target = str(slot), source, target

    def begin(self) -> None:
        """Let both know."""
        setslot = ("CLUSTER", "SETSLOT", self.slot)
        assert self.target.command(*setslot, "IMPORTING", self.source.name) == b"+OK\r\n"
        assert self.source.command(*setslot, "MIGRATING", self.target.name) == b"+OK\r\n"

    def keys(self, count: int = 100) -> None:
        """Move some keys, or all."""
        found = self.source.command("CLUSTER", "GETKEYSINSLOT", self.slot, str(count))
        names = found.split(b"\r\n")[2::2]
        place = ("127.0.0.1", str(self.target.port))
        done = self.source.command("MIGRATE", *place, "", "0", "5000", "KEYS", *names)
        assert done == b"+OK\r\n", done

    def end(self, cluster: RedisCluster) -> None:
        """Let everybody know."""
        for node in (self.target, self.source):
            node.command("CLUSTER", "SETSLOT", self.slot, "NODE", self.target.name)
        host, port = "127.0.0.1", self.target.port
        told = f" {host}:{port}@".encode()
        wait(lambda: all(_owner(node, self.slot, told) for node in cluster.nodes))


def _owner(node: ClusterNode, slot: str, place: bytes) -> bool:
    for line in node.command("CLUSTER", "NODES").splitlines():
        ranges = [one.split(b"-") for one in line.split(b" ")[8:] if not one.startswith(b"[")]
        if any(int(one[0]) <= int(slot) <= int(one[-1]) for one in ranges):
            return place in line
    return False
