"""Every name that Siaran uses in Redis, made from the namespace in one place.

The publishing side shares the hash tag ``{<namespace>}``, so that one script may write several
channels of a Cluster atomically; receipts and the registry have no such tag and spread.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from shared.model import ALL_CHANNELS, UUID7

NAMESPACE = re.compile(r"[A-Za-z0-9._-]{1,40}")
"""Namespaces are part of a hash tag and of ACL patterns: no braces, no globs, no spaces."""


class KeyKind(enum.StrEnum):
    """What a key of Redis is for, in the words of ``siaran-console repair``."""

    LOGS = "logs"
    GUARDS = "guards"
    RECEIPTS = "receipts"
    COUNTERS = "counters"
    """Also what is kept of reduced receipts."""
    REGISTRY = "registry"
    SEEN = "seen"
    DIRECTORY = "directory"
    DOCUMENTS = "documents"
    STRANGE = "strange"
    """Named as no program names anything, where accounts of PCs may write: stuffed in."""
    UNKNOWN = "unknown"
    """In this namespace, and not known: perhaps a newer version's."""
    FOREIGN = "foreign"
    """Another namespace's, or another program's."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key is for, of which Redis type it has to be, and of which message it tells, if any.

    ``type`` is empty for names that are not known.
    """

    kind: KeyKind
    type: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """Redis names of one namespace (``shared/PROTOCOL.md`` lists them)."""

    namespace: str = "siaran"

    def __post_init__(self) -> None:
        if not NAMESPACE.fullmatch(self.namespace):
            raise ValueError(f"not a namespace: {self.namespace!r}")

    @property
    def _tag(self) -> str:
        return "{" + self.namespace + "}"

    def topic(self, channel: str) -> str:
        """Pub/Sub channel of *channel* (``*`` is *All channels*)."""
        if channel == ALL_CHANNELS:
            return f"{self._tag}:all"
        return f"{self._tag}:ch:{encode_name(channel)}"

    def channel_of(self, topic: str) -> str:
        """The channel whose Pub/Sub channel is *topic*.

        Raises:
            ValueError: *topic* is not of this namespace.
        """
        if topic == f"{self._tag}:all":
            return ALL_CHANNELS
        prefix = f"{self._tag}:ch:"
        if not topic.startswith(prefix):
            raise ValueError(f"foreign Pub/Sub channel: {topic!r}")
        return unquote(topic.removeprefix(prefix))

    def log(self, channel: str) -> str:
        """Stream that stores what was sent to *channel*."""
        if channel == ALL_CHANNELS:
            return f"{self._tag}:log-all"
        return f"{self._tag}:log:{encode_name(channel)}"

    def sent(self, message_id: str) -> str:
        """Guard that makes publishing a message id twice harmless."""
        return f"{self._tag}:sent:{message_id}"

    def answers_of(self, outlet: str) -> str:
        """Pub/Sub channel that says which message somebody of *outlet* has answered."""
        return f"{self._tag}:ans:{encode_name(outlet)}"

    def receipts(self, message_id: str) -> str:
        """Hash, endpoint to its receipt of that message."""
        return f"{self.namespace}:rcpt:{{{message_id}}}"

    def receipt_counts(self, message_id: str) -> str:
        """Hash, stage to how many endpoints have reached it."""
        return f"{self.receipts(message_id)}:n"

    def receipt_rest(self, message_id: str) -> str:
        """JSON list: endpoints that had not acknowledged when the receipts were reduced."""
        return f"{self.receipts(message_id)}:rest"

    def receipt_until(self, message_id: str) -> str:
        """Text: until when receipts of that message are taken, in ms. Outlets may only read it."""
        return f"{self.receipts(message_id)}:until"

    def receipt_facts(self, message_id: str) -> str:
        """Hash, what consoles note of a message beside its counters. Not for outlets."""
        return f"{self.receipts(message_id)}:facts"

    @property
    def channels(self) -> str:
        """Hash, channel name to what is known of it: the channel directory."""
        return f"{self._tag}:channels"

    @property
    def outlets(self) -> str:
        """Text (JSON): the outlets that head office says there are."""
        return f"{self._tag}:outlets"

    def shelf(self, name: str) -> str:
        """Hash of documents that consoles share (``templates``, ``series``), by their names."""
        return f"{self._tag}:{name}"

    @property
    def unlisted(self) -> str:
        """Hash, channel to when somebody sent to it (ms) although it is not in the directory."""
        return f"{self._tag}:unlisted"

    @property
    def endpoints(self) -> str:
        """Hash, endpoint to its last report (JSON): the endpoint registry."""
        return f"{self.namespace}:endpoints"

    @property
    def seen(self) -> str:
        """Sorted set, endpoint by its last heartbeat (ms)."""
        return f"{self.namespace}:seen"

    @property
    def first_seen(self) -> str:
        """Sorted set, endpoint by its first heartbeat (ms)."""
        return f"{self.namespace}:first"

    def seen_on(self, channel: str) -> str:
        """Sorted set like ``seen`` of the endpoints that follow *channel*."""
        if channel == ALL_CHANNELS:
            return self.seen
        return f"{self.namespace}:seen:{encode_name(channel)}"

    def use_of(self, key: str) -> KeyUse:
        """Say what the key with the name *key* is for."""
        spread, tagged = f"{self.namespace}:", f"{self._tag}:"
        if key in self._single_names():
            return self._single_names()[key]
        for prefix, inside, read in (
            (f"{spread}rcpt:", _RECEIPT, _receipt_use),
            (f"{self.seen}:", _ENCODED, lambda _: KeyUse(KeyKind.SEEN, "zset")),
            (f"{tagged}log:", _ENCODED, lambda _: KeyUse(KeyKind.LOGS, "stream")),
            (self.sent(""), UUID7, lambda id_: KeyUse(KeyKind.GUARDS, "string", id_[0])),
        ):
            if key.startswith(prefix):
                found = inside.fullmatch(key.removeprefix(prefix))
                return KeyUse(KeyKind.STRANGE) if found is None else read(found)
        return KeyUse(KeyKind.UNKNOWN if key.startswith((spread, tagged)) else KeyKind.FOREIGN)

    def _single_names(self) -> dict[str, KeyUse]:
        """Keys that there is one of."""
        return {
            self.log(ALL_CHANNELS): KeyUse(KeyKind.LOGS, "stream"),
            self.endpoints: KeyUse(KeyKind.REGISTRY, "hash"),
            self.seen: KeyUse(KeyKind.SEEN, "zset"),
            self.first_seen: KeyUse(KeyKind.SEEN, "zset"),
            self.channels: KeyUse(KeyKind.DIRECTORY, "hash"),
            self.unlisted: KeyUse(KeyKind.DIRECTORY, "hash"),
            self.outlets: KeyUse(KeyKind.DOCUMENTS, "string"),
            self.shelf("templates"): KeyUse(KeyKind.DOCUMENTS, "hash"),
            self.shelf("series"): KeyUse(KeyKind.DOCUMENTS, "hash"),
        }


_ENCODED = re.compile(r"[A-Za-z0-9._%-]{1,1200}")
"""A channel's name, percent-encoded: 100 characters of at most four bytes."""
_RECEIPT_USES = {
    "": (KeyKind.RECEIPTS, "hash"),
    ":n": (KeyKind.COUNTERS, "hash"),
    ":rest": (KeyKind.COUNTERS, "string"),
    ":until": (KeyKind.COUNTERS, "string"),
    ":facts": (KeyKind.COUNTERS, "hash"),
}
"""What stands behind a message id in the name of a key, its use, and its type."""
_RECEIPT = re.compile(rf"\{{({UUID7.pattern})\}}({'|'.join(filter(None, _RECEIPT_USES))})?")


def _receipt_use(found: re.Match[str]) -> KeyUse:
    kind, kept_as = _RECEIPT_USES[found[2] or ""]
    return KeyUse(kind, kept_as, found[1])


def encode_name(name: str) -> str:
    """Percent-encode outside ``A-Za-z0-9._-`` (a space would break an ACL file)."""
    return quote(name, safe=".-_").replace("~", "%7E")
