"""What is refused for a reason that lies in this PC is read again when that reason is gone."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import codec
from shared.bus import LinkState
from shared.clock import Now
from shared.codec import encode_envelope, encode_payload
from shared.model import DAY_MS, START, Kind, Level, Message, StreamId
from shared.signing import Signer, TrustedKey, Verifier
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer, FakeTrayLink, envelope_of
from tests.unit.tills import Till, message_now, running, spoil, state_of, stored
from tray_client.inbox import Inbox, Refused, read_messages
from tray_client.judge import Judge, Skipped
from tray_client.records import State

CHANNEL = "Channel 1"
SIGNERS = {name: Signer(name, name.encode() * 16, "siaran") for name in ("hq", "eu")}
KEYS = {name: TrustedKey(name, signer.public) for name, signer in SIGNERS.items()}
STRANGER = Signer("stranger", b"x" * 32, "siaran")
NOBODY = Verifier({}, "siaran", required=True)
"""What counts while no trusted key can be used."""


def trusting(*names: str, required: bool | None = True) -> Verifier:
    """A PC that trusts these keys."""
    return Verifier({name: KEYS[name] for name in names}, "siaran", required=required)


def signed_by(signer: Signer, message: Message) -> bytes:
    """An envelope with one signature."""
    payload = encode_payload(message)
    return encode_envelope(payload, [signer.sign(payload)])


def send(server: FakeServer, signer: Signer | None, **changes: object) -> str:
    """Send a message now; unsigned without a signer. Returns its id."""
    message = message_now(server, **changes)
    envelope = signed_by(signer, message) if signer else envelope_of(message)
    server.append(CHANNEL, envelope)
    return message.id


async def settled(till: Till, server: FakeServer) -> None:
    """Wait until everything was read, also what is read again."""
    session = till.session
    await until(
        lambda: (
            not till.inbox.refused_by_other(session._rules_mark)
            and till.caught_up(server)
            and not session._reader._holes
        )
    )


@pytest.fixture(autouse=True)
def _warnings(log_guard: LogGuard) -> None:
    log_guard.expect(r"skipped something on 'Channel 1': .(refused|needs a newer|wrong signature)")


# --- what was refused appears when the reason is gone --------------------------------------------


async def test_a_key_that_comes_back_brings_what_was_refused_meanwhile(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await until(lambda: till.caught_up(server))
        first = send(server, SIGNERS["eu"])
        await until(lambda: stored(tmp_path) == [first])
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
        live = send(server, SIGNERS["eu"], level=Level.EMERGENCY)
        good = send(server, SIGNERS["hq"])
        unsigned = send(server, None)
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == [first, good]
    caught_up = send(server, SIGNERS["eu"], level=Level.EMERGENCY)
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == [first, good]
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await settled(till, server)
        assert stored(tmp_path) == [first, good, live, caught_up]
        assert till.head() == live
    async with running(server, tmp_path, verifier=Verifier({}, "siaran")) as till:
        await settled(till, server)
        assert stored(tmp_path)[4:] == [unsigned]  # a rule of this PC had refused it, too


async def test_nothing_is_shown_twice_that_was_answered_before(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
        refused = send(server, SIGNERS["eu"])
        answered = send(server, SIGNERS["hq"])
        await until(lambda: till.head() == answered)
        till.session.displayed(answered)
        till.session.acknowledge(answered)
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await settled(till, server)
        assert till.heads == [refused]
        assert state_of(tmp_path, answered) is State.ACKNOWLEDGED


async def test_an_order_that_was_refused_holds_when_its_key_is_back(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        sent = send(server, SIGNERS["hq"])
        await until(lambda: till.head() == sent)
        send(server, SIGNERS["eu"], kind=Kind.RECALL, title="", body="", recalls=sent)
        await until(lambda: till.caught_up(server))
        assert till.head() == sent
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await until(lambda: state_of(tmp_path, sent) is State.RECALLED)
        assert till.head() is None


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"kind": "poll"}, {"must": ["hologram"]}],
    ids=["version", "kind", "must"],
)
async def test_a_newer_program_shows_what_the_older_did_not_understand(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    log_guard: LogGuard,
    change: Mapping[str, object],
) -> None:
    log_guard.expect("unknown (version|kind)")
    server = FakeServer()
    message = message_now(server)
    payload = json.dumps(json.loads(encode_payload(message)) | change)
    server.append(CHANNEL, encode_envelope(payload))
    async with running(server, tmp_path) as till:
        await until(lambda: till.caught_up(server))
        assert stored(tmp_path) == []
    async with running(server, tmp_path) as till:  # the same program
        await settled(till, server)
        assert till.inbox._refused
    monkeypatch.setattr(codec, "_check_understood", lambda _fields: None)
    if "must" not in change:  # what it makes of them is the newer program's
        monkeypatch.setattr(codec, "decode_payload", lambda _text: message)
        monkeypatch.setattr("tray_client.judge.decode_payload", lambda _text: message)
    async with running(server, tmp_path, version="1") as till:
        await until(lambda: stored(tmp_path) == [message.id])
        await settled(till, server)
        assert not till.inbox._refused


async def test_it_waits_up_to_one_heartbeat(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=NOBODY) as till:
        sent = send(server, SIGNERS["hq"])
        await until(lambda: till.caught_up(server))
    asked: list[tuple[float, float]] = []
    till = Till(server, tmp_path, verifier=trusting("hq"))
    till.session._uniform = lambda low, high: asked.append((low, high)) or low  # type: ignore[func-returns-value]
    task = asyncio.create_task(till.session.run())
    try:
        await until(lambda: stored(tmp_path) == [sent])
    finally:
        task.cancel()
        await asyncio.wait([task])
        till.inbox.close()
    assert (0, 60.0) in asked


async def test_a_position_that_the_log_has_no_more_makes_the_whole_log_be_read(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("read the whole log again")
    server = FakeServer()
    async with running(server, tmp_path, verifier=NOBODY) as till:
        await until(lambda: till.caught_up(server))
        send(server, SIGNERS["hq"])
        kept = [send(server, SIGNERS["hq"]) for _ in range(3)]
        await until(lambda: till.caught_up(server))
    server.trim(CHANNEL, 3)
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await settled(till, server)
        assert stored(tmp_path) == kept
        assert till.session.trimmed == []  # nothing was trimmed before it was read


async def test_a_log_that_is_gone_is_no_reason_to_stay_behind(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("read the whole log again|are gone for good")
    server = FakeServer()
    async with running(server, tmp_path, verifier=NOBODY) as till:
        send(server, SIGNERS["hq"])
        await until(lambda: till.caught_up(server))
    server.trim(CHANNEL, 0)
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await settled(till, server)
        sent = send(server, SIGNERS["hq"])
        await until(lambda: stored(tmp_path) == [sent])


async def test_a_disk_that_refuses_to_go_back_is_asked_again(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect(r"refused: The inbox .* cannot be used: disk is full")
    server = FakeServer()
    async with running(server, tmp_path, verifier=NOBODY) as till:
        sent = send(server, SIGNERS["hq"])
        await until(lambda: till.caught_up(server))
    spoil(
        tmp_path,
        "CREATE TRIGGER full BEFORE DELETE ON refused "
        "BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
    )
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.session.status.state is LinkState.REFUSED)
        assert till.inbox.cursor(CHANNEL) == server.last[CHANNEL]
        assert stored(tmp_path) == []
        spoil(tmp_path, "DROP TRIGGER full;")
        await until(lambda: stored(tmp_path) == [sent])


async def test_a_channel_that_is_given_up_is_forgotten(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(server, tmp_path, verifier=NOBODY) as till:
        send(server, SIGNERS["hq"])
        await until(lambda: till.caught_up(server))
        assert set(till.inbox._refused) == {CHANNEL}
    async with running(server, tmp_path, ["Channel 2"], verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
        assert not till.inbox._refused
    inbox = Inbox(tmp_path)
    assert not inbox._refused
    inbox.close()


# --- what a stranger cannot do with it -----------------------------------------------------------


async def test_a_flood_of_unknown_keys_costs_one_row_and_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    readings: list[StreamId | None] = []
    read = FakeTrayLink.read_log

    async def counted(
        link: FakeTrayLink, channel: str, after: StreamId | None, count: int
    ) -> object:
        if channel == CHANNEL:
            readings.append(after)
        return await read(link, channel, after, count)

    monkeypatch.setattr(FakeTrayLink, "read_log", counted)
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
        for _ in range(500):
            send(server, STRANGER)
        await until(lambda: till.caught_up(server))
        assert till.inbox._refused == {CHANNEL: Refused(START, till.session._rules_mark)}
    readings.clear()
    for _ in range(3):  # the same rules: nothing is read again
        async with running(server, tmp_path, verifier=trusting("hq")) as till:
            await until(lambda: till.caught_up(server))
    assert readings == [server.last[CHANNEL]] * 3
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await settled(till, server)
    readings.clear()
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await settled(till, server)
    assert readings == [server.last[CHANNEL]]


@pytest.mark.parametrize("previous", [StreamId(2**63, 0), START, StreamId(5, 5)])
async def test_a_predecessor_that_a_stranger_made_up_hides_nothing(
    tmp_path: Path, log_guard: LogGuard, previous: StreamId
) -> None:
    log_guard.expect("read the whole log again|entries were deleted")
    server = FakeServer()
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
    server.mute = True
    for signer in (STRANGER, SIGNERS["eu"]):
        sent = send(server, signer)
        entry = server.logs[CHANNEL][-1]
        server.logs[CHANNEL][-1] = dataclasses.replace(entry, previous=previous)
    async with running(server, tmp_path, verifier=trusting("hq")) as till:
        await until(lambda: till.caught_up(server))
    async with running(server, tmp_path, verifier=trusting("hq", "eu")) as till:
        await settled(till, server)
        assert stored(tmp_path) == [sent]


@pytest.mark.parametrize(
    ("signer", "change", "local"),
    [
        (None, {}, True),
        (STRANGER, {}, True),
        (SIGNERS["hq"], {"title": "Changed"}, False),
        (SIGNERS["hq"], {"sent_at": 0}, False),
    ],
    ids=["unsigned", "unknown key", "wrong signature", "replayed"],
)
def test_only_what_lies_in_this_pc_is_remembered(
    signer: Signer | None, change: Mapping[str, object], local: bool
) -> None:
    server = FakeServer()
    message = message_now(server, **({} if "title" in change else dict(change)))
    envelope = signed_by(signer, message) if signer else envelope_of(message)
    if "title" in change:
        envelope = envelope.replace(message.title.encode(), b"Changed")
    entry = server.append(CHANNEL, envelope)
    verdict = Judge(trusting("hq"), 7 * DAY_MS).judge(entry, Now(server.now_ms, server.now_ms))
    assert isinstance(verdict, Skipped)
    assert verdict.refused
    assert verdict.local is local


def test_a_key_that_may_not_or_no_longer_lies_in_this_pc() -> None:
    server = FakeServer()
    entry = server.append(CHANNEL, signed_by(SIGNERS["hq"], message_now(server)))
    for key in (
        dataclasses.replace(KEYS["hq"], channels=frozenset({"Channel 2"})),
        dataclasses.replace(KEYS["hq"], valid_until=server.now_ms - 1),
    ):
        verdict = Judge(Verifier({"hq": key}, "siaran"), DAY_MS).judge(
            entry, Now(server.now_ms, server.now_ms)
        )
        assert isinstance(verdict, Skipped)
        assert verdict.local


def test_the_fingerprint_changes_with_everything_that_decides() -> None:
    key = KEYS["hq"]
    made = [
        Verifier({}, "siaran"),
        Verifier({}, "siaran", required=True),
        Verifier({}, "other"),
        Verifier({"hq": key}, "siaran"),
        Verifier({"hq": key}, "siaran", required=False),
        Verifier({"eu": key}, "siaran"),
        Verifier({"hq": KEYS["eu"]}, "siaran"),
        Verifier({"hq": dataclasses.replace(key, channels=frozenset({"A"}))}, "siaran"),
        Verifier({"hq": dataclasses.replace(key, valid_until=5)}, "siaran"),
    ]
    assert len({one.fingerprint for one in made}) == len(made)
    again = Verifier({"eu": KEYS["eu"], "hq": key}, "siaran").fingerprint
    assert again == Verifier({"hq": key, "eu": KEYS["eu"]}, "siaran").fingerprint


# --- settings that break and come back, whatever else happens ------------------------------------

TRUST: tuple[tuple[str, ...], ...] = ((), ("hq",), ("eu",), ("hq", "eu"))
EVENTS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(["hq", "eu", "stranger", ""])),
    st.tuples(st.just("settings"), st.sampled_from(TRUST), st.booleans()),
    st.tuples(st.just("hear"), st.booleans()),
    st.tuples(st.just("read")),
    st.tuples(st.just("cut")),
    st.tuples(st.just("trim"), st.integers(0, 3)),
)


@given(st.lists(EVENTS, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost_and_nothing_shown_twice_while_settings_come_and_go(
    log_guard: LogGuard, events: Sequence[tuple[object, ...]]
) -> None:
    log_guard.expect("")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(Story(Path(folder)).live_through(events))


class Story:
    """A server and a tray whose keys come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = FakeServer()
        self.signer: dict[str, str] = {}
        """Who signed each message that the log still has."""
        self.answered: list[str] = []
        self.trimmed: set[str] = set()
        self.was_open = False
        """Whether signatures were ever not required."""

    async def live_through(self, events: Sequence[tuple[object, ...]]) -> None:
        """Let everything happen, and at last trust everybody."""
        trust, required = ("hq",), True
        pending = list(events)
        while pending:
            verifier = trusting(*trust, required=required)
            self.was_open |= not required
            async with running(self.server, self.folder, verifier=verifier) as till:
                while pending:
                    name, *values = pending.pop(0)
                    if name == "settings":
                        trust, required = values  # type: ignore[assignment]
                        break
                    await self._happen(str(name), values, till)
        self.server.mute = False
        async with running(self.server, self.folder, verifier=trusting("hq", "eu")) as till:
            await settled(till, self.server)
            await self._answer_all(till)
        self._compare()

    async def _happen(self, name: str, values: Sequence[object], till: Till) -> None:
        if name == "send":
            self._send(str(values[0]))
        elif name == "hear":
            self.server.mute = bool(values[0])
        elif name == "cut":
            self.server.cut()
        elif name == "trim":
            self._trim(int(str(values[0])))
        else:
            if self.server.mute:
                self.server.mute = False
                self.server.cut()  # so that it looks
            await settled(till, self.server)
            await self._answer_all(till)

    def _send(self, by: str) -> None:
        self.server.now_ms += 10
        signer = STRANGER if by == "stranger" else SIGNERS.get(by)
        sent = send(self.server, signer, level=Level.IMPORTANT)  # never folded into one
        self.signer[sent] = by

    def _trim(self, keep: int) -> None:
        log = self.server.logs.get(CHANNEL, [])
        names = list(self.signer)[len(self.signer) - len(log) :]
        self.trimmed |= set(names[: max(0, len(names) - keep)])
        if len(log) > keep:
            self.server.trim(CHANNEL, keep)

    async def _answer_all(self, till: Till) -> None:
        while (head := till.head()) is not None:
            assert head not in self.answered, "shown twice"
            self.answered.append(head)
            till.session.displayed(head)
            till.session.acknowledge(head)
            await asyncio.sleep(0)

    def _compare(self) -> None:
        found = stored(self.folder)
        assert len(found) == len(set(found))
        genuine = {name for name, by in self.signer.items() if by in SIGNERS}
        assert genuine - self.trimmed <= set(found), "lost"
        assert {one.id for one in read_messages(self.folder)} >= set(self.answered)
        forged = set(found) - genuine
        assert not forged or self.was_open
