"""What becomes a message and what is skipped, and why."""

from __future__ import annotations

import json

import pytest

from shared.bus import LogEntry, LooseText, Publication
from shared.clock import Now
from shared.codec import encode_envelope, encode_payload
from shared.model import (
    DAY_MS,
    FIELDS,
    HOUR_MS,
    MAX_BODY,
    START,
    UUID7,
    Kind,
    Level,
    Message,
    StreamId,
    new_message_id,
)
from shared.signing import Signer, TrustedKey, Verifier
from tests.fakes import envelope_of, make_message
from tray_client.judge import FIRST_RUN_WINDOW_MS, Judge, Skipped
from tray_client.records import NewMessage, Proof, Recall, Reminder

NOW = 1_800_000_000_000
RETENTION_MS = 7 * DAY_MS
HQ = Signer("hq", b"\x01" * 32, "siaran")
OPEN = Judge(Verifier({}, "siaran"), RETENTION_MS)
STRICT = Judge(Verifier({"hq": TrustedKey("hq", HQ.public)}, "siaran"), RETENTION_MS)


def arrived(envelope: bytes, channel: str = "Channel 1", at_ms: int = NOW) -> LogEntry:
    """An entry of a log."""
    return LogEntry(channel, StreamId(at_ms, 0), START, envelope)


def signed(message: Message) -> bytes:
    """An envelope with a good signature."""
    payload = encode_payload(message)
    return encode_envelope(payload, [HQ.sign(payload)])


def accepted(arrival: Publication, judge: Judge = OPEN, *, begins_at: int = 0) -> NewMessage:
    """The message; it has to be accepted."""
    verdict = judge.judge(arrival, Now(NOW, NOW), begins_at=begins_at)
    assert isinstance(verdict, NewMessage), verdict
    return verdict


def skipped(arrival: Publication, judge: Judge = OPEN, *, begins_at: int = 0) -> str:
    """The reason; it has to be skipped."""
    verdict = judge.judge(arrival, Now(NOW, NOW), begins_at=begins_at)
    assert isinstance(verdict, Skipped), verdict
    assert verdict.refused or not verdict.reason.startswith("refused")
    return verdict.reason


# --- entries of a log ----------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["Channel 1", "*"])
def test_a_valid_message_is_accepted(channel: str) -> None:
    message = make_message(channels=[channel], level=Level.EMERGENCY)
    verdict = accepted(arrived(envelope_of(message), channel))
    assert verdict == NewMessage(
        message,
        channel,
        verified=True,
        received_at=NOW,
        expires_at=NOW + 4 * HOUR_MS,
        proof=Proof.UNSIGNED,
    )


def test_the_retention_of_the_settings_limits_a_life() -> None:
    judge = Judge(Verifier({}, "siaran"), HOUR_MS)
    assert accepted(arrived(envelope_of(make_message())), judge).expires_at == NOW + HOUR_MS


@pytest.mark.parametrize(
    ("sent_to", "arrived_on"),
    [(["Channel 2"], "Channel 1"), (["*"], "Channel 1"), (["Channel 1"], "*")],
)
def test_a_message_for_other_channels_is_skipped(sent_to: list[str], arrived_on: str) -> None:
    reason = skipped(arrived(envelope_of(make_message(channels=sent_to)), arrived_on))
    assert reason == "sent to other channels than the one it arrived on"


@pytest.mark.parametrize("envelope", [b"", b"garbage", b"{}", b'{"payload": "garbage"}', b"\xff"])
def test_garbage_is_skipped(envelope: bytes) -> None:
    assert skipped(arrived(envelope)).startswith("malformed")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"v": 2}, "unknown version: 2"),
        ({"kind": "poll"}, "unknown kind: 'poll'"),
        ({"must": ["colour"]}, "needs a newer program: colour"),
        ({"title": ""}, "breaks a limit: title"),
    ],
)
def test_what_is_not_understood_is_skipped(changes: dict[str, object], reason: str) -> None:
    payload = json.dumps({**json.loads(encode_payload(make_message())), **changes})
    assert skipped(arrived(encode_envelope(payload))) == reason


def test_a_recall_and_a_reminder_are_orders_of_any_age() -> None:
    target = new_message_id()
    recall = make_message(kind=Kind.RECALL, recalls=target)
    verdict = OPEN.judge(arrived(envelope_of(recall)), Now(NOW, NOW), begins_at=NOW + 1)
    assert verdict == Recall(target, recall.id, ("Channel 1",), recall.sent_at)
    remind = make_message(kind=Kind.REMIND, reminds=target)
    verdict = OPEN.judge(arrived(envelope_of(remind)), Now(NOW, NOW))
    assert verdict == Reminder(target, ("Channel 1",), remind.sent_at)


def test_of_what_is_too_old_to_be_shown_it_still_holds_that_it_replaces_another() -> None:
    first = new_message_id()
    second = make_message(replaces=first, channels=["Channel 1"])
    verdict = OPEN.judge(arrived(envelope_of(second)), Now(NOW, NOW), begins_at=NOW + 1)
    assert verdict == Recall(first, second.id, ("Channel 1",), second.sent_at)
    assert accepted(arrived(envelope_of(second))).message == second


def test_orders_are_signed_like_messages() -> None:
    recall = make_message(kind=Kind.RECALL, recalls=new_message_id())
    assert skipped(arrived(envelope_of(recall)), STRICT) == "refused: not signed"
    assert isinstance(STRICT.judge(arrived(signed(recall)), Now(NOW, NOW)), Recall)


def test_only_signed_messages_pass_when_a_key_is_trusted() -> None:
    message = make_message()
    assert skipped(arrived(envelope_of(message)), STRICT) == "refused: not signed"
    assert accepted(arrived(signed(message)), STRICT).message == message


def test_a_message_may_insist_on_every_field_there_is() -> None:
    accepted(arrived(envelope_of(make_message(must=sorted(FIELDS)))))


def test_where_keys_are_known_an_unsigned_message_counts_as_unverified() -> None:
    lenient = Judge(
        Verifier({"hq": TrustedKey("hq", HQ.public)}, "siaran", required=False), RETENTION_MS
    )
    assert accepted(arrived(signed(make_message())), lenient).verified
    assert not accepted(arrived(envelope_of(make_message())), lenient).verified


def test_what_is_known_of_a_sender_is_said_as_it_is() -> None:
    """Where no key is trusted nothing speaks against a message; but that is no proof."""
    keys = Verifier({"hq": TrustedKey("hq", HQ.public)}, "siaran", required=False)
    lenient, trusting = Judge(keys, RETENTION_MS), Judge(Verifier({}, "siaran"), RETENTION_MS)
    unsigned, with_signature = arrived(envelope_of(make_message())), arrived(signed(make_message()))
    assert accepted(with_signature, lenient).proof is Proof.SIGNED
    assert accepted(unsigned, lenient).proof is Proof.UNVERIFIED
    assert accepted(with_signature, trusting).proof is Proof.UNCHECKED
    assert accepted(unsigned, trusting).proof is Proof.UNSIGNED
    assert accepted(loose("x"), trusting).proof is Proof.UNVERIFIED
    verified = {one.verified for one in (accepted(unsigned, trusting), accepted(loose("x")))}
    assert verified == {True, False}


def test_a_replayed_message_is_refused() -> None:
    replayed = arrived(signed(make_message()), at_ms=NOW + HOUR_MS)
    assert skipped(replayed, STRICT).startswith("refused: replayed")


def test_a_new_endpoint_begins_with_the_last_day() -> None:
    edge = envelope_of(make_message(sent_at=NOW - FIRST_RUN_WINDOW_MS))
    older = envelope_of(make_message(sent_at=NOW - FIRST_RUN_WINDOW_MS - 1))
    accepted(arrived(edge), begins_at=NOW - FIRST_RUN_WINDOW_MS)
    assert (
        skipped(arrived(older), begins_at=NOW - FIRST_RUN_WINDOW_MS) == "older than this endpoint"
    )
    accepted(arrived(older))


def test_the_last_day_is_counted_from_when_a_message_may_be_opened() -> None:
    scheduled = make_message(sent_at=NOW - 3 * DAY_MS, show_at=NOW - HOUR_MS)
    accepted(arrived(envelope_of(scheduled)), begins_at=NOW - FIRST_RUN_WINDOW_MS)


@pytest.mark.parametrize("text", ["<img src=\\\\evil\\x>", "x <b> y", "**bold** [a](http://b)"])
def test_markup_stays_text(text: str) -> None:
    message = accepted(arrived(envelope_of(make_message(title=text, body=text)))).message
    assert (message.title, message.body) == (text, text)


# --- plain text ----------------------------------------------------------------------------------


def loose(text: str | bytes, channel: str = "Channel 1") -> LooseText:
    """Something that is no frame."""
    return LooseText(channel, text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("channel", "title"),
    [("Channel 1", "Message on Channel 1"), ("*", "Message on All channels")],
)
def test_plain_text_is_shown_unverified(channel: str, title: str) -> None:
    verdict = accepted(loose("  Server down at 9\n", channel))
    assert (verdict.verified, verdict.channel, verdict.received_at) == (False, channel, NOW)
    assert verdict.expires_at == NOW + RETENTION_MS
    message = verdict.message
    assert (message.title, message.body, message.sent_at) == (title, "Server down at 9", NOW)
    assert (message.level, message.sender) == (Level.NORMAL, "")
    assert UUID7.fullmatch(message.id)


def test_the_same_plain_text_twice_is_two_messages() -> None:
    assert accepted(loose("a")).message.id != accepted(loose("a")).message.id


def test_plain_text_is_refused_when_signatures_are_required() -> None:
    assert skipped(loose("Server down"), STRICT).startswith("refused")


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\0\x1b", "\u200b\u202e\ufeff".encode()])
def test_plain_text_with_nothing_to_see_is_skipped(data: bytes) -> None:
    assert skipped(loose(data)) == "empty text"


def test_plain_text_that_is_not_utf8_is_shown_as_far_as_possible() -> None:
    assert accepted(loose(b"caf\xe9 \xff ok")).message.body == "caf\ufffd \ufffd ok"


def test_controls_do_not_survive_in_plain_text() -> None:
    data = "a\x1b[2Jb\0c\u202etxt.exe\u2066d\r\ne\x85f"
    assert accepted(loose(data)).message.body == "a[2Jbctxt.exed\ne\nf"


def test_markup_in_plain_text_stays_text() -> None:
    assert accepted(loose("<img src=x> &amp; <b>")).message.body == "<img src=x> &amp; <b>"


@pytest.mark.parametrize("character", ["a", "é", "😀", "\x1ba"])
def test_a_megabyte_of_plain_text_is_cut(character: str) -> None:
    data = character.encode() * (1_000_000 // len(character.encode()))
    body = accepted(loose(data)).message.body
    assert len(body) == MAX_BODY
    assert body[:-1] == character[-1] * (MAX_BODY - 1)
    assert body[-1] == "…"


def test_plain_text_of_just_the_limit_is_kept_whole() -> None:
    assert accepted(loose("x" * MAX_BODY)).message.body == "x" * MAX_BODY
    assert accepted(loose("x" * (MAX_BODY + 1))).message.body == "x" * (MAX_BODY - 1) + "…"
