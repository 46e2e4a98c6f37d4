"""Garbage on a channel and in a log is shown safely or skipped, and the next message is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from shared.codec import encode_envelope
from shared.model import new_message_id
from shared.qt.popup import Popup
from tests.conftest import LogGuard, until
from tests.fakes import envelope_of, make_message
from tests.integration.pair import acknowledge, connected, open_popup, running_tray
from tests.redis_server import RedisServer

TOPIC = "{siaran}:ch:Channel%201"
LOG = "{siaran}:log:Channel%201"
PAYLOAD = {
    "v": 1,
    "kind": "message",
    "channels": ["Channel 1"],
    "sent_at": 1_800_000_000_000,
    "title": "T",
    "body": "B",
}


def odd(**changes: object) -> bytes:
    """An envelope whose payload differs from a valid one by *changes*."""
    return encode_envelope(json.dumps({**PAYLOAD, "id": new_message_id(), **changes}))


TWICE = encode_envelope('{"v": 1, "kind": "message", "kind": "message"}')
DEEP = b'{"payload": ' + b"[" * 100_000

SKIPPED = {
    "invalid UTF-8": b'{"payload": "\xff\xfe"}',
    "deep JSON": DEEP,
    "duplicate keys": TWICE,
    "unknown version": odd(v=2),
    "unknown kind": odd(kind="poem"),
    "unknown must": odd(must=["hologram"]),
    "another channel": odd(channels=["Channel 9"]),
    "too long": odd(body="x" * 8001),
    "1 MB": b"{" + b"x" * 1_000_000,
    "no JSON": b"{nonsense",
}


@pytest.mark.parametrize("envelope", SKIPPED.values(), ids=SKIPPED)
async def test_a_bad_entry_is_skipped_live_and_in_the_log_and_the_next_is_shown(
    qapp: QApplication,
    redis_server: RedisServer,
    tmp_path: Path,
    log_guard: LogGuard,
    envelope: bytes,
) -> None:
    log_guard.expect("skipped something on 'Channel 1'")
    redis_server.command("XADD", LOG, "*", "e", envelope, "p", "0-0")
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        just_now = b"1-1 %d-0 " % tray.clock.now_ms()
        redis_server.command("PUBLISH", TOPIC, just_now + envelope)
        good = make_message(title="Good", sent_at=tray.clock.now_ms())
        redis_server.command("PUBLISH", TOPIC, b"1-1 3-3 " + envelope_of(good))
        assert await acknowledge(tray) == "Good"
        assert sum("skipped" in line for line in log_guard.lines) >= 2
        assert tray.session.waiting() == 0


TEXTS = {
    "html": ("<img src=file:///etc/passwd> x <b> y", "<img src=file:///etc/passwd> x <b> y"),
    "control characters": ("a\x00b\x1b[31mc\x07", "ab[31mc"),
    "turned direction": ("see \u202etxt.exe\u202c", "see txt.exe"),
    "right to left": ("שלום, مرحبا", "שלום, مرحبا"),
    "no UTF-8": (b"caf\xe9 \xff", "caf� �"),
    "1 MB": ("x" * 1_000_000, "x" * 7_999 + "…"),
    "nearly a frame": ("1-1 2-2 hello", "1-1 2-2 hello"),
}


@pytest.mark.parametrize(("sent", "expected"), TEXTS.values(), ids=TEXTS)
async def test_loose_text_is_shown_as_plain_unverified_text(
    qapp: QApplication,
    redis_server: RedisServer,
    tmp_path: Path,
    sent: str | bytes,
    expected: str,
) -> None:
    async with running_tray(redis_server.url, tmp_path / "tray") as tray:
        await connected(tray)
        redis_server.command("PUBLISH", TOPIC, sent)
        popup: Popup = await until(lambda: open_popup(tray))
        assert popup.windowTitle() == "Message on Channel 1"
        assert popup.body.toPlainText() == expected
        assert not popup.content.verified
        assert any("Unverified" in label.text() for label in popup.findChildren(QLabel))


async def test_a_forged_frame_with_a_far_future_id_hides_nothing(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("read the whole log again")
    async with running_tray(redis_server.url, tmp_path / "tray", heartbeat_seconds=5) as tray:
        await connected(tray)
        forged = make_message(title="Forged", sent_at=tray.clock.now_ms())
        frame = b"0-0 99999999999999-0 " + envelope_of(forged)
        redis_server.command("PUBLISH", TOPIC, frame)
        assert await acknowledge(tray) == "Forged"
        # Stored while nobody could hear it: only the log has it, at an id below the forged one.
        unheard = make_message(title="Unheard", sent_at=tray.clock.now_ms())
        redis_server.command("XADD", LOG, "*", "e", envelope_of(unheard), "p", "0-0")
        assert await acknowledge(tray) == "Unheard"
        assert tray.inbox.cursor("Channel 1") is not None
        await until(lambda: tray.inbox.cursor("Channel 1").ms < 99_999_999_999_999)  # type: ignore[union-attr]
