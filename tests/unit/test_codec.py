"""The wire: what is written is read again, and no bytes whatsoever do more than raise WireError."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.codec import (
    MAX_ENVELOPE,
    MAX_REPLY,
    MAX_SIGNATURES,
    Reason,
    Signature,
    WireError,
    decode_envelope,
    decode_payload,
    encode_envelope,
    encode_payload,
    format_frame,
    is_channel_name,
    parse_frame,
)
from shared.model import (
    ALL_CHANNELS,
    FIELDS,
    MAX_BODY,
    MAX_CHANNEL_NAME,
    MAX_CHANNELS,
    MAX_REPLIES,
    MAX_SENDER,
    MAX_TITLE,
    Ack,
    Format,
    Kind,
    Level,
    Message,
    StreamId,
    new_message_id,
)
from shared.text import is_blank
from tests.fakes import envelope_of, make_message

BIDI = "\u202eexe.txt\u202c"
ODD = ["👩‍👩‍👧‍👦 🇮🇩", "مرحبا بالعالم", "שלום", "e\u0301\u0300", BIDI, '"\\\0\x1b[2J', "<img src=x>"]


def texts(limit: int) -> st.SearchStrategy[str]:
    """Visible text of at most *limit* characters, sometimes odd, sometimes as long as may be."""
    any_text = st.text(
        st.characters(exclude_categories=["Cs"]), min_size=1, max_size=min(limit, 60)
    )
    full = st.sampled_from("a😀ب\\").map(lambda character: character * limit)
    return (any_text | st.sampled_from(ODD) | full).filter(lambda text: not is_blank(text))


ids = st.integers(0, 2**48 - 1).map(new_message_id)
times = st.integers(0, 2**53 - 1)
channel_lists = st.just([ALL_CHANNELS]) | st.lists(
    texts(MAX_CHANNEL_NAME).filter(is_channel_name), min_size=1, max_size=5, unique=True
)


def messages_of(kind: Kind) -> st.SearchStrategy[Message]:
    """Valid messages of one kind, any field set or not."""
    has_text = kind is Kind.MESSAGE
    return st.builds(
        Message,
        v=st.just(1),
        id=ids,
        kind=st.just(kind),
        channels=channel_lists,
        sent_at=times,
        title=texts(MAX_TITLE) if has_text else st.text(st.characters(codec="utf-8")),
        body=texts(MAX_BODY) if has_text else st.text(st.characters(codec="utf-8")),
        format=st.sampled_from(Format),
        level=st.sampled_from(Level),
        sender=st.just("") | texts(MAX_SENDER),
        show_at=st.none() | times,
        expires_at=st.none() | times,
        ack=st.sampled_from(Ack),
        replies=st.lists(texts(MAX_REPLY), max_size=MAX_REPLIES),
        replaces=st.none() | ids,
        recalls=ids if kind is Kind.RECALL else st.none() | ids,
        reminds=ids if kind is Kind.REMIND else st.none() | ids,
        drill=st.booleans(),
        must=st.lists(st.sampled_from(sorted(FIELDS)), max_size=3),
    )


messages = st.sampled_from(Kind).flatmap(messages_of)
stream_ids = st.builds(StreamId, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def payload_with(**changes: Any) -> str:
    """The JSON text of a valid payload, some fields replaced by anything at all."""
    return json.dumps({**json.loads(encode_payload(make_message())), **changes})


def refused_payload(text: str) -> Reason:
    """Why *text* is refused; it has to be."""
    with pytest.raises(WireError) as caught:
        decode_payload(text)
    return caught.value.reason


def refused_envelope(raw: bytes) -> Reason:
    """Why *raw* is refused; it has to be."""
    with pytest.raises(WireError) as caught:
        decode_envelope(raw)
    return caught.value.reason


# --- what is written is read again ---------------------------------------------------------------


@given(messages)
@settings(deadline=None)
def test_every_valid_message_survives_payload_and_envelope(message: Message) -> None:
    raw = envelope_of(message)
    assert len(raw) <= MAX_ENVELOPE
    assert decode_payload(decode_envelope(raw).payload) == message


@given(st.lists(st.builds(Signature, st.text(max_size=20), st.text(max_size=90)), max_size=8))
def test_signatures_survive_the_envelope_with_the_exact_payload(sigs: list[Signature]) -> None:
    payload = encode_payload(make_message(body='é "\\ \u2028 😀'))
    envelope = decode_envelope(encode_envelope(payload, sigs))
    assert (envelope.payload, envelope.sigs) == (payload, sigs)


@given(stream_ids, stream_ids, st.binary(max_size=50))
def test_frames_round_trip(previous: StreamId, entry: StreamId, rest: bytes) -> None:
    frame = parse_frame(format_frame(previous, entry, b"{" + rest))
    assert frame is not None
    assert (frame.previous, frame.id, frame.envelope) == (previous, entry, b"{" + rest)


# --- nothing crashes -----------------------------------------------------------------------------


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_crash_the_envelope(raw: bytes) -> None:
    with suppress(WireError):
        decode_envelope(raw)


@given(st.binary(max_size=100) | st.from_regex(rb"\d+-\d+ \d+-\d+ \{.*", fullmatch=True))
def test_no_bytes_crash_the_frame(raw: bytes) -> None:
    frame = parse_frame(raw)
    assert frame is None or raw.endswith(frame.envelope)


@given(st.text(max_size=200) | json_values.map(json.dumps))
def test_no_text_crashes_the_payload(text: str) -> None:
    with pytest.raises(WireError):
        decode_payload(text)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), json_values, min_size=1, max_size=3))
@settings(deadline=None, max_examples=150)
def test_no_value_of_any_field_crashes_the_payload(changes: dict[str, Any]) -> None:
    with suppress(WireError):
        decode_payload(payload_with(**changes))


@pytest.mark.parametrize("must", [[[]], [{}], [["title"]], [None], [1]])
def test_names_in_must_that_are_no_names_are_refused(must: list[Any]) -> None:
    assert refused_payload(payload_with(must=must)) in (Reason.NOT_UNDERSTOOD, Reason.MALFORMED)


# --- explicit refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inserted",
    ['"title": "Other"', '"x": {"y": 1, "y": 1}', '"x": [{"y": 1, "\\u0079": 2}]'],
    ids=["top", "nested", "escaped in a list"],
)
def test_a_key_that_stands_twice_is_refused_in_the_payload(inserted: str) -> None:
    text = encode_payload(make_message())
    assert refused_payload(text[:-1] + "," + inserted + "}") is Reason.DUPLICATE_KEY


@pytest.mark.parametrize(
    "raw",
    [
        b'{"payload": "a", "payload": "a"}',
        b'{"payload": "a", "sigs": [{"key": "k", "key": "l", "sig": ""}]}',
        b'{"payload": "a", "x": {"y": 1, "y": 1}}',
    ],
)
def test_a_key_that_stands_twice_is_refused_in_the_envelope(raw: bytes) -> None:
    assert refused_envelope(raw) is Reason.DUPLICATE_KEY


@pytest.mark.parametrize("opening", ["[", '{"a":', "[[["])
def test_deep_nesting_is_refused(opening: str) -> None:
    deep = opening * (100_000 // len(opening))
    assert refused_payload(deep) is Reason.MALFORMED
    assert refused_envelope(b'{"payload": ' + deep.encode()) is Reason.MALFORMED


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_not_json_are_refused(constant: str) -> None:
    text = encode_payload(make_message())
    assert refused_payload(f'{text[:-1]},"x":{constant}}}') is Reason.MALFORMED


@pytest.mark.parametrize("field", ["title", "body", "sender"])
@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d"])
def test_half_a_surrogate_pair_is_refused(field: str, half: str) -> None:
    text = payload_with(**{field: "HALF"}).replace("HALF", f"a{half}b")
    assert refused_payload(text) is Reason.MALFORMED


def test_half_a_surrogate_pair_is_refused_in_the_envelope() -> None:
    assert refused_envelope(b'{"payload": "a\\ud83d"}') is Reason.MALFORMED


@pytest.mark.parametrize("version", [0, 2, "1", None, True, [1]])
def test_unknown_versions_are_refused_as_such(version: Any) -> None:
    assert refused_payload(payload_with(v=version)) is Reason.UNKNOWN_VERSION


@pytest.mark.parametrize("kind", ["poll", "", None, 1, ["message"], {"message": 1}])
def test_unknown_kinds_are_refused_as_such(kind: Any) -> None:
    assert refused_payload(payload_with(kind=kind)) is Reason.UNKNOWN_KIND


def test_unknown_fields_are_ignored_unless_they_must_be_understood() -> None:
    text = payload_with(colour="red")
    assert decode_payload(text).title == "Title"
    assert refused_payload(payload_with(colour="red", must=["colour"])) is Reason.NOT_UNDERSTOOD
    assert decode_payload(payload_with(must=["title", "ack"])).must == ["title", "ack"]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * (MAX_TITLE + 1)},
        {"title": ""},
        {"title": "\u200b \u2060"},
        {"body": "x" * (MAX_BODY + 1)},
        {"body": "\n\t"},
        {"sender": "x" * (MAX_SENDER + 1)},
        {"replies": ["a", "b", "c", "d", "e"]},
        {"replies": ["x" * (MAX_REPLY + 1)]},
        {"replies": [" "]},
        {"channels": []},
        {"channels": [ALL_CHANNELS, "Channel 1"]},
        {"channels": ["Channel 1", "Channel 1"]},
        {"channels": [f"Channel {n}" for n in range(MAX_CHANNELS + 1)]},
        {"channels": ["x" * (MAX_CHANNEL_NAME + 1)]},
        {"channels": ["two\nlines"]},
        {"channels": [" padded "]},
        {"channels": [BIDI]},
        {"channels": [""]},
        {"id": "0"},
        {"id": "00000000-0000-4000-8000-000000000000"},
        {"kind": "recall"},
        {"kind": "remind"},
        {"kind": "recall", "recalls": "not an id"},
        {"replaces": ""},
        {"sent_at": -1},
        {"show_at": 2**53},
        {"expires_at": 10**30},
    ],
    ids=str,
)
def test_limits_are_kept(changes: dict[str, Any]) -> None:
    assert refused_payload(payload_with(**changes)) is Reason.OVER_LIMIT


@pytest.mark.parametrize(
    "changes",
    [{"title": 1}, {"channels": "Channel 1"}, {"level": "loud"}, {"sent_at": 1.5}, {"must": "v"}],
    ids=str,
)
def test_wrong_types_are_refused(changes: dict[str, Any]) -> None:
    assert refused_payload(payload_with(**changes)) is Reason.MALFORMED


def test_recalls_and_reminders_need_no_text() -> None:
    target = new_message_id()
    recall = make_message(kind=Kind.RECALL, recalls=target, title="", body="")
    assert decode_payload(encode_payload(recall)).recalls == target


def test_an_envelope_beyond_the_limit_is_refused_before_it_is_read() -> None:
    assert refused_envelope(b"[" * (MAX_ENVELOPE + 1)) is Reason.TOO_LARGE
    fits = b'{"payload": "' + b"a" * (MAX_ENVELOPE - 15) + b'"}'
    assert len(fits) == MAX_ENVELOPE
    assert len(decode_envelope(fits).payload) == MAX_ENVELOPE - 15


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe{}", b'{"payload": "\xc3"}', b'{"payload": "\xed\xa0\x80"}']
)
def test_what_is_not_utf8_is_refused(raw: bytes) -> None:
    assert refused_envelope(raw) is Reason.MALFORMED


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b'{"payload": 1}', b'{"payload": ""} {}']
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    assert refused_envelope(raw) is Reason.MALFORMED


def test_too_many_signatures_are_refused() -> None:
    sigs = [Signature("k", "s")] * (MAX_SIGNATURES + 1)
    assert refused_envelope(encode_envelope("{}", sigs)) is Reason.OVER_LIMIT


def test_the_largest_legal_message_escaped_the_worst_way_fits() -> None:
    worst = make_message(
        title="\x01" * (MAX_TITLE - 1) + "x",
        body="\x01" * (MAX_BODY - 1) + "x",
        sender="\x01" * MAX_SENDER,
        channels=[f"{n:02}" + '"' * (MAX_CHANNEL_NAME - 2) for n in range(MAX_CHANNELS)],
        replies=["\x01" * (MAX_REPLY - 1) + "x"] * MAX_REPLIES,
    )
    sigs = [Signature("k" * 40, "s" * 88)] * MAX_SIGNATURES
    raw = encode_envelope(encode_payload(worst), sigs)
    assert len(raw) < MAX_ENVELOPE
    assert decode_payload(decode_envelope(raw).payload) == worst


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Server down at 9",
        b'{"payload": ""}',
        b"1-1 2-2 plain",
        b"1-1  2-2 {",
        b" 1-1 2-2 {",
        b"1-1 2-2{",
        b"-1 2-2 {",
        b"18446744073709551616-0 1-1 {",
        "\u0661-1 2-2 {".encode(),
    ],
)
def test_plain_text_is_no_frame(raw: bytes) -> None:
    assert parse_frame(raw) is None
