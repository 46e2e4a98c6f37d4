"""Who may speak: every way a signature can be wrong is refused, and a right one is not."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest

from shared import signing
from shared.bus import LogEntry
from shared.clock import Now
from shared.codec import Signature, encode_envelope, encode_payload
from shared.model import DAY_MS, START, Message, StreamId
from shared.settings import Settings, TrustedKeySetting
from shared.signing import MAX_SKEW_MS, Signer, TrustedKey, Verifier, read_trusted, verifier_of
from tests.fakes import make_message
from tray_client.judge import Judge
from tray_client.records import NewMessage

NOW = 1_800_000_000_000
AT = StreamId(NOW, 0)
HQ = Signer("hq", b"\x01" * 32, "siaran")
STRANGER = Signer("stranger", b"\x02" * 32, "siaran")
ONE = Signer("one", b"\x03" * 32, "siaran")
OLD = Signer("old", b"\x04" * 32, "siaran")
TRUSTED = {
    "hq": TrustedKey("hq", HQ.public),
    "one": TrustedKey("one", ONE.public, frozenset({"Channel 1"})),
    "old": TrustedKey("old", OLD.public, valid_until=NOW - 1),
}
GOOD_KEY = base64.b64encode(HQ.public).decode()


def refusal(
    message: Message,
    *signers: Signer,
    at: StreamId = AT,
    trusted: Mapping[str, TrustedKey] = TRUSTED,
    namespace: str = "siaran",
) -> str | None:
    """What a tray says about *message* signed by *signers*."""
    payload = encode_payload(message)
    sigs = [signer.sign(payload) for signer in signers]
    return Verifier(trusted, namespace).weigh(payload, sigs, message, [at.ms]).refusal


# --- accepted ------------------------------------------------------------------------------------


def test_a_trusted_signature_is_accepted() -> None:
    assert refusal(make_message(), HQ) is None


def test_one_good_signature_among_bad_ones_is_enough() -> None:
    assert refusal(make_message(), STRANGER, OLD, HQ) is None


def test_a_key_of_a_channel_may_sign_for_it() -> None:
    assert refusal(make_message(channels=["Channel 1"]), ONE) is None


def test_nothing_is_asked_where_no_key_is_trusted() -> None:
    assert refusal(make_message(), trusted={}) is None


def test_signatures_are_required_as_soon_as_a_key_is_trusted_or_as_set() -> None:
    assert Verifier(TRUSTED, "siaran").required
    assert not Verifier({}, "siaran").required
    assert not Verifier(TRUSTED, "siaran", required=False).required
    strict = Verifier({}, "siaran", required=True)
    assert strict.weigh("{}", [], make_message(), [AT.ms]).refusal == "not signed"


# --- refused -------------------------------------------------------------------------------------


def test_an_unsigned_message_is_refused() -> None:
    assert refusal(make_message()) == "not signed"


def test_an_unknown_key_is_refused() -> None:
    assert refusal(make_message(), STRANGER) == "unknown key 'stranger'"


def test_a_stranger_under_a_trusted_name_is_refused() -> None:
    impostor = Signer("hq", b"\x02" * 32, "siaran")
    assert refusal(make_message(), impostor) == "wrong signature by 'hq'"


def test_one_altered_byte_is_refused() -> None:
    message = make_message()
    payload = encode_payload(message)
    sigs = [HQ.sign(payload)]
    verifier = Verifier(TRUSTED, "siaran")
    for altered in (payload + " ", payload.replace("Body", "Bodz")):
        assert verifier.weigh(altered, sigs, message, [AT.ms]).refusal == "wrong signature by 'hq'"


def test_a_signature_for_another_namespace_is_refused() -> None:
    assert refusal(make_message(), HQ, namespace="other") == "wrong signature by 'hq'"


@pytest.mark.parametrize("channels", [["*"], ["Channel 2"], ["Channel 1", "Channel 2"]])
def test_a_key_of_channel_1_signs_for_nothing_else(channels: list[str]) -> None:
    reason = refusal(make_message(channels=channels), ONE)
    assert reason == "key 'one' may not sign for these channels"


def test_naming_the_star_among_a_keys_channels_does_not_grant_all() -> None:
    key = TrustedKey("k", HQ.public, frozenset({"*", "Channel 1"}))
    assert not key.may_sign_for(["*"])
    assert key.may_sign_for(["Channel 1"])


def test_an_expired_key_is_refused_but_was_good_before() -> None:
    assert refusal(make_message(), OLD) == "key 'old' has expired"
    before = make_message(sent_at=NOW - 1)
    assert refusal(before, OLD, at=StreamId(NOW - 1, 0)) is None


@pytest.mark.parametrize("direction", [-1, 1])
def test_a_replay_is_refused(direction: int) -> None:
    message = make_message(sent_at=NOW)
    edge = StreamId(NOW + direction * MAX_SKEW_MS, 0)
    beyond = StreamId(NOW + direction * (MAX_SKEW_MS + 1), 0)
    assert refusal(message, HQ, at=edge) is None
    reason = refusal(message, HQ, at=beyond)
    assert reason is not None
    assert reason.startswith("replayed")


@pytest.mark.parametrize(
    "garbage",
    [
        *("", "!", "é", "\ud800", "AAAA", "A" * 88, "=" * 88, "\0"),
        base64.b64encode(b"x" * 63).decode(),
        base64.b64encode(b"x" * 65).decode(),
    ],
    ids=ascii,
)
def test_garbage_instead_of_a_signature_is_refused(garbage: str) -> None:
    message = make_message()
    sigs = [Signature("hq", garbage)]
    reason = (
        Verifier(TRUSTED, "siaran").weigh(encode_payload(message), sigs, message, [AT.ms]).refusal
    )
    assert reason == "wrong signature by 'hq'"


def test_base64_with_foreign_characters_is_refused() -> None:
    message = make_message()
    payload = encode_payload(message)
    good = HQ.sign(payload).sig
    sigs = [Signature("hq", good[:4] + "\n" + good[4:])]
    assert Verifier(TRUSTED, "siaran").weigh(payload, sigs, message, [AT.ms]).refusal is not None


def test_every_refusal_is_named_when_all_are_bad() -> None:
    reason = refusal(make_message(), STRANGER, OLD)
    assert reason == "unknown key 'stranger'; key 'old' has expired"


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Signer("k", b"short", "siaran")


# --- the setting trusted_keys --------------------------------------------------------------------


def test_trusted_keys_are_read() -> None:
    entry = TrustedKeySetting(GOOD_KEY, ["Channel 1"], "1970-01-02")
    keys, problems = read_trusted(Settings(trusted_keys={"hq": entry}))
    assert problems == []
    assert keys["hq"] == TrustedKey("hq", HQ.public, frozenset({"Channel 1"}), 2 * DAY_MS)


def test_valid_until_includes_its_whole_day() -> None:
    entry = TrustedKeySetting(GOOD_KEY, valid_until="1970-01-02")
    keys, _ = read_trusted(Settings(trusted_keys={"hq": entry}))
    for at_ms, accepted in ((2 * DAY_MS - 1, True), (2 * DAY_MS + 1, False)):
        at = StreamId(at_ms, 0)
        message = make_message(sent_at=at_ms)
        assert (refusal(message, HQ, at=at, trusted=keys) is None) is accepted


@pytest.mark.parametrize(
    "entry",
    [
        TrustedKeySetting(""),
        TrustedKeySetting("not base64!"),
        TrustedKeySetting("ключ"),
        TrustedKeySetting(base64.b64encode(b"x" * 31).decode()),
        TrustedKeySetting(GOOD_KEY, valid_until="soon"),
        TrustedKeySetting(GOOD_KEY, valid_until="31.12.2027"),
        TrustedKeySetting(GOOD_KEY, valid_until="9999-12-31"),
    ],
    ids=str,
)
def test_a_wrong_entry_is_left_out_and_named(entry: TrustedKeySetting) -> None:
    keys, problems = read_trusted(
        Settings(trusted_keys={"bad": entry, "good": TrustedKeySetting(GOOD_KEY)})
    )
    assert list(keys) == ["good"]
    assert [problem.field for problem in problems] == ["trusted_keys"]
    assert problems[0].sentence.startswith("The trusted key 'bad' has to have ")


@pytest.mark.parametrize("required", [True, False])
def test_each_signature_is_checked_once(monkeypatch: pytest.MonkeyPatch, required: bool) -> None:
    checked: list[str] = []
    genuine = signing._genuine

    def counted(public: bytes, data: bytes, signature: str) -> bool:
        checked.append(signature)
        return genuine(public, data, signature)

    monkeypatch.setattr(signing, "_genuine", counted)
    message = make_message(sent_at=AT.ms)
    payload = encode_payload(message)
    sig = HQ.sign(payload)
    judge = Judge(Verifier(TRUSTED, "siaran", required=required), DAY_MS)
    entry = LogEntry("Channel 1", AT, START, encode_envelope(payload, [sig]))
    verdict = judge.judge(entry, Now(AT.ms, AT.ms))
    assert isinstance(verdict, NewMessage)
    assert (verdict.verified, checked) == (True, [sig.sig])


@pytest.mark.parametrize("required", [None, True, False])
def test_an_entry_that_cannot_be_used_requires_signatures(required: bool | None) -> None:
    good = TrustedKeySetting(base64.b64encode(b"k" * 32).decode())
    for bad in (TrustedKeySetting("QUJD"), TrustedKeySetting(good.public, [], "tomorrow")):
        keys = {"hq": good, "eu": bad}
        settings = Settings(trusted_keys=keys, require_signatures=required)
        verifier, problems = verifier_of(settings)
        assert verifier.required
        assert [problem.field for problem in problems] == ["trusted_keys"]
    verifier, _ = verifier_of(Settings(trusted_keys={"hq": good}, require_signatures=required))
    assert verifier.required is (required is not False)
    assert verifier_of(Settings(require_signatures=required))[0].required is bool(required)
