"""Hostile ids, broken settings, restarts in any order: nothing lost, nothing twice or forged.

The model is the list of what head office has sent, and of what somebody at the till has answered.
Clocks have tests of their own (``test_clock_properties``, ``test_tray_clocks``).
"""

from __future__ import annotations

import asyncio
import tempfile
from itertools import groupby
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.bus import LogEntry
from shared.codec import encode_envelope, encode_payload
from shared.model import START, Level, StreamId
from shared.signing import Signer, TrustedKey, Verifier
from tests.conftest import LogGuard, until
from tests.fakes import FakeServer, make_message
from tests.unit.tills import HQ, SIGNER, Till, message_now, running, stored
from tray_client.records import InboxMessage

SECOND = Signer("second", b"2" * 32, "siaran")
THIEF = Signer("hq", b"3" * 32, "siaran")
SETTINGS = {
    "good": Verifier({"hq": HQ, "second": TrustedKey("second", SECOND.public)}, "siaran"),
    "one key unusable": Verifier({"hq": HQ}, "siaran"),
    "none usable": Verifier({}, "siaran", required=True),
}
FAR_MS, IMPOSSIBLE_MS = 2**62, 2**63
EVENTS = st.tuples(
    st.sampled_from(
        [
            *("send", "send", "send unheard", "send to all", "send by the second key"),
            *("forge", "forge a frame", "garbage", "copy"),
            *("an id ahead", "an impossible id", "the largest id", "a frame with the largest id"),
            *("answer", "answer", "cut", "wait"),
            *("restart", "break a key", "break all keys", "mend settings"),
        ]
    ),
    st.integers(0, 2**20),
)
CHANNELS = ("*", "Channel 1")


@given(st.lists(EVENTS, max_size=30))
@example([("forge a frame", 0)])
@example([("the largest id", 0), ("restart", 0), ("send to all", 0), ("the largest id", 0)])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everything_genuine_is_stored_once_and_asked_once(
    log_guard: LogGuard, events: list[tuple[str, int]]
) -> None:
    log_guard.expect("")  # lives of every kind leave lines of every kind
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(World(Path(folder)).live_through(events))


class World:
    """A server that strangers write to, one till, and the model beside it."""

    def __init__(self, folder: Path) -> None:
        self.server = FakeServer()
        self.folder = folder
        self.verifier = SETTINGS["good"]
        self.sent: list[str] = []
        self.answered: set[str] = set()

    async def live_through(self, events: list[tuple[str, int]]) -> None:
        """Let *events* happen, then mend what is broken and compare."""
        lives = {"restart", "break a key", "break all keys", "mend settings"}
        for ends, life in groupby(events, lambda event: event[0] in lives):
            if ends:
                for what, _ in life:
                    self._set(what)
            else:
                await self._one_life(list(life))
        self._set("mend settings")
        await self._one_life([("send", 0), ("send to all", 0)])
        assert sorted(stored(self.folder)) == sorted(self.sent)

    def _set(self, what: str) -> None:
        wanted = {
            "break a key": "one key unusable",
            "break all keys": "none usable",
            "mend settings": "good",
        }
        if what in wanted:
            self.verifier = SETTINGS[wanted[what]]

    async def _one_life(self, events: list[tuple[str, int]]) -> None:
        async with running(
            self.server, self.folder, heartbeat_s=0.02, verifier=self.verifier
        ) as till:
            till.session.queue_changed.connect(lambda: self._look(till))
            for what, number in events:
                self.server.now_ms += 1
                await self._happen(till, what, number)
            self.server.mute = False
            await until(lambda: till.caught_up(self.server), 10)
            await until(lambda: self._has_all(till), 10)

    def _look(self, till: Till) -> None:
        assert till.head() not in self.answered, "asked again"

    def _has_all(self, till: Till) -> bool:
        """Whether the till has what may be shown by the settings in force."""
        if self.verifier is not SETTINGS["good"]:
            return True
        return all(till.inbox.has(message_id) for message_id in self.sent)

    async def _happen(self, till: Till, what: str, number: int) -> None:
        if what.startswith("send"):
            self._send(what)
        elif what == "answer":
            head = till.session.head()
            if isinstance(head, InboxMessage):
                self.answered.add(head.id)
                till.session.answer(head.id)
        elif what == "cut":
            self.server.cut()
        elif what == "wait":
            await asyncio.sleep(0.003)
        else:
            self._attack(what, number)

    def _send(self, what: str) -> None:
        """As the publishing script does: a log with an impossible last id is mended first."""
        channel = "*" if what == "send to all" else "Channel 1"
        message = message_now(self.server, channels=[channel], level=Level.URGENT)
        payload = encode_payload(message)
        signer = SECOND if what == "send by the second key" else SIGNER
        self._mend(channel)
        self.server.mute = what == "send unheard"
        self.server.append(channel, encode_envelope(payload, [signer.sign(payload)]))
        self.sent.append(message.id)

    def _mend(self, channel: str) -> None:
        server = self.server
        if server.last.get(channel, START).ms < IMPOSSIBLE_MS:
            return
        entries = server.logs.get(channel, [])
        server.logs[channel] = [one for one in entries if one.id.ms < FAR_MS]
        server.last[channel] = server.logs[channel][-1].id if server.logs[channel] else START
        if server.last[channel].ms > server.now_ms:
            server.last[channel] = StreamId(FAR_MS, 1000 * server.now_ms)
        for one in entries:
            if one.id.ms >= FAR_MS:
                mute, server.mute = server.mute, True
                server.append(channel, one.envelope)
                server.mute = mute

    # --- strangers ---

    def _attack(self, what: str, number: int) -> None:
        channel, now = CHANNELS[number % 2], self.server.now_ms
        forged = make_message(channels=[channel], sent_at=now, title="Forged")
        payload = encode_payload(forged)
        envelope = encode_envelope(payload, [THIEF.sign(payload)] if number % 3 else [])
        last = self.server.last.get(channel, START)
        if what == "forge":
            self._add(channel, StreamId(max(now, last.ms), last.seq + 1), envelope)
        elif what == "forge a frame":
            self.server.ring(LogEntry(channel, StreamId(now, number), last, envelope))
        elif what == "garbage":
            self._add(channel, StreamId(max(now, last.ms), last.seq + 1), b"\xff" * (number % 9))
        elif what == "copy" and self.server.logs.get(channel):
            copied = self.server.logs[channel][number % len(self.server.logs[channel])]
            self._add(channel, StreamId(max(now, last.ms), last.seq + 1), copied.envelope)
        elif what == "an id ahead":
            self._add(channel, StreamId(now + number * 60_000, number), envelope)
        elif what == "an impossible id":
            self._add(channel, StreamId(IMPOSSIBLE_MS + number, number), envelope)
        elif what == "the largest id":
            self._add(channel, StreamId(2**64 - 1, 2**64 - 1), envelope)
        elif what == "a frame with the largest id":
            copies = self.server.logs.get(channel)
            genuine = copies[-1].envelope if copies and number % 2 else envelope
            self.server.ring(LogEntry(channel, StreamId(2**64 - 1, 2**64 - 1), last, genuine))

    def _add(self, channel: str, entry_id: StreamId, envelope: bytes) -> None:
        """What XADD takes: only an id above the last one. It rings no bell."""
        if entry_id <= self.server.last.get(channel, START) or entry_id.seq >= 2**64:
            return
        self.server.logs.setdefault(channel, []).append(
            LogEntry(channel, entry_id, START, envelope)
        )
        self.server.last[channel] = entry_id
