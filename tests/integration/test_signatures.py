"""Nothing forged: with a trusted key, whatever it did not sign is not shown. On a real server."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.codec import encode_envelope, encode_payload
from shared.model import Message
from shared.private import is_open_to_others
from shared.signing import Signer
from tests.conftest import LogGuard, until
from tests.fakes import make_message
from tests.integration.pair import acknowledge, connected, running_tray
from tests.integration.test_command_line import run, send
from tests.redis_server import RedisServer

HQ = Signer("hq", bytes(range(32)), "siaran")
ONE = Signer("one", bytes(range(1, 33)), "siaran")
OLD = Signer("old", bytes(range(2, 34)), "siaran")
STRANGER = Signer("stranger", bytes(range(3, 35)), "siaran")
ELSEWHERE = Signer("hq", bytes(range(32)), "other")
HOUR_MS = 3_600_000


def public(signer: Signer) -> str:
    """Its public key as the setting wants it."""
    return base64.b64encode(signer.public).decode()


TRUSTED = {
    "hq": {"public": public(HQ)},
    "one": {"public": public(ONE), "channels": ["Channel 1"]},
    "old": {"public": public(OLD), "valid_until": "2020-01-01"},
}


def signed(signer: Signer, message: Message) -> bytes:
    """An envelope with one signature."""
    payload = encode_payload(message)
    return encode_envelope(payload, [signer.sign(payload)])


def altered(message: Message) -> bytes:
    """One byte of the payload changed after signing."""
    payload = encode_payload(message)
    return encode_envelope(payload.replace("Forged", "Forgee"), [HQ.sign(payload)])


def doubled(message: Message) -> bytes:
    """A payload with a key twice, rightly signed."""
    payload = encode_payload(message)[:-1] + ',"title":"Other"}'
    return encode_envelope(payload, [HQ.sign(payload)])


def garbage(message: Message) -> bytes:
    """Signatures that are none."""
    sigs = [{"key": "hq", "sig": text} for text in ("", "ü", "AAAA", "A" * 88)]
    return json.dumps({"payload": encode_payload(message), "sigs": sigs}).encode()


def late(message: Message) -> Message:
    """The same message, sent an hour ago."""
    return make_message(title=message.title, sent_at=message.sent_at - HOUR_MS)


def published(server: RedisServer, envelope: bytes, *, after: bytes) -> bytes:
    """Write an envelope into the log of Channel 1 and send its frame; return its id.

    The frame's id is the log's, as the script has it: with an earlier one the next frame would move
    the cursor past an entry that was still to be read.
    """
    entry = ("*", "e", envelope, "p", after)
    added = server.command("XADD", "{siaran}:log:Channel%201", *entry)
    its_id = added.split(b"\r\n")[1]
    server.command("PUBLISH", "{siaran}:ch:Channel%201", b"%b %b %b" % (after, its_id, envelope))
    return its_id


Forge = Callable[[Message], bytes]
FORGERIES: dict[str, tuple[Forge, str]] = {
    "unsigned": (lambda m: encode_envelope(encode_payload(m)), "not signed"),
    "unknown key": (lambda m: signed(STRANGER, m), "unknown key 'stranger'"),
    "altered byte": (altered, "wrong signature by 'hq'"),
    "other namespace": (lambda m: signed(ELSEWHERE, m), "wrong signature by 'hq'"),
    "other channel": (
        lambda m: signed(HQ, make_message(title=m.title, sent_at=m.sent_at, channels=["X"])),
        "sent to other channels",
    ),
    "replayed": (lambda m: signed(HQ, late(m)), "replayed"),
    "expired key": (lambda m: signed(OLD, m), "key 'old' has expired"),
    "duplicate keys": (doubled, "duplicate key"),
    "garbage": (garbage, "wrong signature by 'hq'"),
}


@pytest.mark.parametrize(("forge", "reason"), FORGERIES.values(), ids=FORGERIES)
async def test_a_forgery_is_refused_and_the_next_good_message_is_shown(
    qapp: QApplication,
    redis_server: RedisServer,
    tmp_path: Path,
    log_guard: LogGuard,
    forge: Forge,
    reason: str,
) -> None:
    log_guard.expect(f"skipped something on 'Channel 1': .*{reason}")
    async with running_tray(redis_server.url, tmp_path / "tray", trusted_keys=TRUSTED) as tray:
        await connected(tray)
        now = tray.clock.now_ms()
        bad = forge(make_message(title="Forged", sent_at=now))
        good = signed(ONE, make_message(title="Good", sent_at=now))
        published(redis_server, good, after=published(redis_server, bad, after=b"0-0"))
        assert await acknowledge(tray) == "Good"
        assert tray.session.waiting() == 0
        await until(lambda: any(reason in line for line in log_guard.lines))  # by its log, say


async def test_a_key_of_one_channel_cannot_sign_for_all_and_loose_text_is_dropped(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("may not sign for these channels")
    log_guard.expect("plain text is never signed")
    async with running_tray(redis_server.url, tmp_path / "tray", trusted_keys=TRUSTED) as tray:
        await connected(tray)
        now = tray.clock.now_ms()
        to_all = make_message(title="Forged", channels=["*"], sent_at=now)
        redis_server.command(
            "PUBLISH", "{siaran}:all", f"0-0 {now}-0 ".encode() + signed(ONE, to_all)
        )
        redis_server.command("PUBLISH", "{siaran}:all", "Server down at 9")
        real = make_message(title="Real", channels=["*"], sent_at=now)
        redis_server.command("PUBLISH", "{siaran}:all", f"0-0 {now}-1 ".encode() + signed(HQ, real))
        assert await acknowledge(tray) == "Real"
        assert tray.session.waiting() == 0


async def test_what_a_console_with_a_key_from_keygen_sends_is_shown(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    key = tmp_path / "hq.key"
    made = run("admin_app", "keygen", "--key-id", "hq", "--out", str(key), "--json")
    trusted = {"hq": {"public": json.loads(made.stdout)["public"]}}
    assert not is_open_to_others(key)
    async with running_tray(redis_server.url, tmp_path / "tray", trusted_keys=trusted) as tray:
        await connected(tray)
        options = ("--signing-key-file", str(key))
        send(redis_server, "--all", "--title", "Signed", "--message", "x", *options)
        assert await acknowledge(tray) == "Signed"


def test_a_key_that_others_can_read_is_not_used(redis_server: RedisServer, tmp_path: Path) -> None:
    key = tmp_path / "hq.key"
    run("admin_app", "keygen", "--key-id", "hq", "--out", str(key))
    key.chmod(0o644)
    options = ("--redis-url", redis_server.url, "--signing-key-file", str(key))
    done = run("admin_app", "send", "--all", "--title", "T", "--message", "M", *options)
    assert done.returncode == 2
    assert b"Others can read the signing key" in done.stderr
    assert redis_server.command("DBSIZE") == b":0\r\n"


async def test_a_frame_that_claims_an_old_log_id_does_not_revive_an_expired_key(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("key 'old' has expired")
    log_guard.expect("log of 'Channel 1'")  # the log knows nothing of these frames
    in_2019 = 1_560_000_000_000
    async with running_tray(redis_server.url, tmp_path / "tray", trusted_keys=TRUSTED) as tray:
        await connected(tray)
        old = signed(OLD, make_message(title="Forged", sent_at=in_2019))
        frame = f"0-0 {in_2019}-0 ".encode()
        redis_server.command("PUBLISH", "{siaran}:ch:Channel%201", frame + old)
        good = signed(HQ, make_message(title="Good", sent_at=tray.clock.now_ms()))
        redis_server.command("PUBLISH", "{siaran}:ch:Channel%201", b"0-0 9-0 " + good)
        assert await acknowledge(tray) == "Good"
        assert tray.session.waiting() == 0
