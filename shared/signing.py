"""Who may speak: Ed25519 signatures over the exact payload bytes, and the keys that are trusted.

A signature covers ``siaran/1\\0<namespace>\\0`` and the payload, so one made for another program,
version or company is worthless here. PyNaCl is imported on first use: most command lines sign
nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.codec import Signature
from shared.errors import Problem
from shared.model import ALL_CHANNELS, Message
from shared.phrases import phrase, reason_of
from shared.settings import Settings

MAX_SKEW_MS = 10 * 60_000
"""How far a signed ``sent_at`` may be from when Redis took the message: an old one cannot be
replayed later."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key and what its owner may do with it.

    ``channels`` empty means every channel and *All channels*; ``valid_until`` is in ms since the
    Unix epoch.
    """

    key_id: str
    public: bytes
    channels: frozenset[str] = field(default_factory=frozenset)
    valid_until: int | None = None

    def may_sign_for(self, channels: Iterable[str]) -> bool:
        """Whether this key covers every one of *channels* (*All* needs an unrestricted key)."""
        if not self.channels:
            return True
        return all(name != ALL_CHANNELS and name in self.channels for name in channels)


def read_trusted(settings: Settings) -> tuple[dict[str, TrustedKey], list[Problem]]:
    """Read the setting ``trusted_keys``; wrong entries are left out and named."""
    keys: dict[str, TrustedKey] = {}
    problems: list[Problem] = []
    for key_id, entry in settings.trusted_keys.items():
        try:
            keys[key_id] = TrustedKey(
                key_id,
                _public_key(entry.public),
                frozenset(entry.channels),
                _end_of(entry.valid_until) if entry.valid_until else None,
            )
        except ValueError as error:
            reason = reason_of(error)
            sentence = phrase("The trusted key {name!r} {reason}.", name=key_id, reason=reason)
            problems.append(Problem("trusted_keys", sentence))
    return keys, problems


def verifier_of(settings: Settings) -> tuple[Verifier, list[Problem]]:
    """Return who decides about signatures by *settings*, and what is wrong with trusted keys.

    Required are signatures as *settings* say, else as soon as a key is to be trusted; always if an
    entry of ``trusted_keys`` cannot be used.
    """
    trusted, problems = read_trusted(settings)
    required = settings.require_signatures
    if required is None or problems:
        required = bool(settings.trusted_keys)
    return Verifier(trusted, settings.namespace, required=required), problems


def _public_key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:  # not base64 (binascii.Error), or not even ASCII
        raw = b""
    if len(raw) != 32:
        raise ValueError(phrase("has to have a public key of 32 bytes in base64"))
    return raw


def _end_of(date: str) -> int:
    try:
        end = datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise ValueError(phrase("has to have a valid_until like 2027-12-31")) from None
    return int(end.timestamp() * 1000)


class Signer:
    """Signs payloads with one private key."""

    def __init__(self, key_id: str, seed: bytes, namespace: str) -> None:
        """*seed* is the 32 bytes of an Ed25519 private key.

        Raises:
            ValueError: the seed has another length.
        """
        from nacl.signing import SigningKey

        if len(seed) != 32:
            raise ValueError(phrase("an Ed25519 seed has 32 bytes"))
        self._key = SigningKey(seed)
        self._key_id = key_id
        self._namespace = namespace

    @property
    def public(self) -> bytes:
        """The 32 bytes that trays trust."""
        return bytes(self._key.verify_key)

    def sign(self, payload: str) -> Signature:
        """Return the signature of *payload*."""
        raw = self._key.sign(signed_bytes(self._namespace, payload)).signature
        return Signature(self._key_id, base64.b64encode(raw).decode())


class Weight(NamedTuple):
    """What signatures are worth. ``refusal``: why the message may not be shown, None if it may.

    ``vouched``: nothing speaks against the sender: a good signature, or no key is known here.
    ``local``: with other settings on this PC it might be shown.
    ``signed``: a key that is trusted here has signed it.
    ``by_time``: at another time it would be shown.
    """

    refusal: str | None
    vouched: bool
    local: bool = False
    signed: bool = False
    by_time: bool = False


class _Fault(NamedTuple):
    """Why a signature does not count; ``local``: it is for what this PC's settings say;
    ``by_time``: it is for the time."""

    reason: str
    local: bool
    by_time: bool = False


class Verifier:
    """Decides whether a message comes from somebody who may send it."""

    def __init__(
        self, trusted: Mapping[str, TrustedKey], namespace: str, *, required: bool | None = None
    ) -> None:
        """*required* None means: as soon as one key is trusted."""
        self._trusted = dict(trusted)
        self._namespace = namespace
        self.required = bool(trusted) if required is None else required

    @property
    def knows_keys(self) -> bool:
        """Whether any key is trusted here."""
        return bool(self._trusted)

    @property
    def fingerprint(self) -> str:
        """Changes when the settings that decide here do."""
        keys = [
            (key_id, key.public, sorted(key.channels), key.valid_until)
            for key_id, key in sorted(self._trusted.items())
        ]
        rules = repr((self._namespace, self.required, keys))
        return hashlib.sha256(rules.encode()).hexdigest()[:16]

    def weigh(
        self, payload: str, sigs: Iterable[Signature], message: Message, at: Sequence[int]
    ) -> Weight:
        """Say whether the message is refused, and whether a key vouches for it.

        *at* is when Redis took it, in ms; of a live frame, the times that this PC has for now, one
        of which has to fit. No signature is checked twice, nor any if nothing depends on it.
        """
        faults: list[_Fault] = []
        for sig in sigs if self._trusted or self.required else ():
            fault = self._weigh(payload, sig, message, at)
            if fault is None:
                return Weight(None, vouched=True, signed=True)
            faults.append(fault)
        if not self.required:
            return Weight(None, vouched=not self._trusted)
        refusal = "; ".join(fault.reason for fault in faults) or "not signed"
        local = not faults or any(fault.local for fault in faults)
        by_time = any(fault.by_time for fault in faults)
        return Weight(refusal, vouched=False, local=local, by_time=by_time)

    def _weigh(
        self, payload: str, sig: Signature, message: Message, at: Sequence[int]
    ) -> _Fault | None:
        key = self._trusted.get(sig.key)
        if key is None:
            return _Fault(f"unknown key {sig.key[:40]!r}", local=True)
        if not _genuine(key.public, signed_bytes(self._namespace, payload), sig.sig):
            return _Fault(f"wrong signature by {sig.key!r}", local=False)
        if not key.may_sign_for(message.channels):
            return _Fault(f"key {sig.key!r} may not sign for these channels", local=True)
        if key.valid_until is not None and min(at) > key.valid_until:
            return _Fault(f"key {sig.key!r} has expired", local=True)
        if min(abs(message.sent_at - one) for one in at) > MAX_SKEW_MS:
            reason = "replayed: sent at another time than Redis took it"
            return _Fault(reason, local=False, by_time=True)
        return None


def signed_bytes(namespace: str, payload: str) -> bytes:
    """The exact bytes that a signature covers."""
    return b"siaran/1\0" + namespace.encode() + b"\0" + payload.encode()


def _genuine(public: bytes, data: bytes, signature: str) -> bool:
    from nacl.exceptions import CryptoError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(public).verify(data, base64.b64decode(signature, validate=True))
    except (CryptoError, ValueError, TypeError):
        return False
    return True
