"""Finding what somebody has stuffed into Redis, and removing it: the core of ``repair --memory``.

Removed is what no program of Siaran's leaves behind: receipts without an end of messages that head
office has not sent, names and types that nothing of ours has, fields too large to be what they
should be, connections that hold too much. What is only unknown (a newer version's, another
program's) is named and left alone. A lie in the right form cannot be told from the truth; but who
has how much is counted, and PCs of outlets that are not in the list, or that are named, can be
taken out. Nothing is kept in memory but figures and a few examples, since there may be millions of
keys.
"""

from __future__ import annotations

import enum
import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.bus import EndpointReport
from shared.codec import WireError, is_channel_name
from shared.documents import (
    MAX_CHANNEL,
    MAX_ENDPOINT_NAME,
    MAX_RECEIPT,
    MAX_REPORT,
    decode_document,
)
from shared.keys import KeyKind, Keys, KeyUse
from shared.model import DAY_MS
from shared.repair import ClientFacts, KeyFacts, RepairLink, RepairServer, ServerMemory

LONGEST_LIFE_MS = 400 * DAY_MS
"""Guards live at most 180 days, counters 90 days after the last ``show_at``: with the longest
settings less than this. What lives longer was not made by a console."""
MAX_GUARD = 64 * 1024
"""Bytes of a guard; one of 64 channels has some 2,000."""
MAX_COUNT = 64
"""Bytes of the name of a counter, and of its value."""
SUSPECT_SIZE = 64 * 1024
SUSPECT_EACH = 400
LARGE = 8 << 20
"""A hash of receipts is read only if it has ``SUSPECT_SIZE`` bytes, and so many a field, or is
``LARGE``: real ones have 155 a field on average, 1.6 MB for 10,000 PCs, and there may be many."""
MOST_OUTLETS = 50_000
"""Outlets whose share is counted; names may be invented."""
MAX_CLIENT_CHANNELS = 100
MAX_CLIENT_SIZE = 16 << 20
MAX_CLIENT_NAME = 256
"""What a connection of Siaran's programs never has; one that is cut off connects again."""
MAX_SCRIPTS = 200
"""Siaran has about ten."""
SHOWN = 20
MAX_NAME = 2000
"""Bytes; longer names are none of ours, and their beginning is enough to see that."""
MAX_EXAMPLE = 200
"""Characters of a name that are shown; it may have a million."""
RECEIPTS = (KeyKind.RECEIPTS, KeyKind.COUNTERS)
OF_OUTLETS = (KeyKind.REGISTRY, KeyKind.SEEN, KeyKind.RECEIPTS)
"""What has fields that are named after endpoints or outlets."""

Ranked = TypeVar("Ranked", bound=tuple[Any, ...])


class Why(enum.StrEnum):
    """Why something goes."""

    NOBODYS = "receipts of messages that head office has not sent"
    ENDLESS = "guards that never expire"
    NAME = "keys with names that nothing of Siaran has"
    TYPE = "keys of another type than Siaran's"
    LARGE = "guards that are too large"
    FIELDS = "fields that are not what they should be"
    UNLISTED = "fields of PCs whose outlets are not in the list"
    FORGOTTEN = "fields of outlets that are to be forgotten"
    CLIENTS = "connections that hold too much"
    SCRIPTS = "scripts"


@dataclass
class Total:
    """How many, and how many bytes."""

    number: int = 0
    size: int = 0

    def add(self, size: int, number: int = 1) -> None:
        """Count some more."""
        self.number += number
        self.size += size


@dataclass
class Found:
    """What was found, and what of it goes, with a few examples."""

    servers: list[ServerMemory] = field(default_factory=list)
    kinds: dict[KeyKind, Total] = field(default_factory=dict)
    largest: list[tuple[int, bytes, KeyKind]] = field(default_factory=list)
    left_alone: list[tuple[int, bytes]] = field(default_factory=list)
    going: dict[Why, Total] = field(default_factory=dict)
    examples: dict[Why, list[str]] = field(default_factory=dict)
    forgetful: list[str] = field(default_factory=list)
    """Servers that would lose messages at a restart, by their addresses."""
    outlets: Counter[str] = field(default_factory=Counter)
    """Bytes of what was read in the name of each outlet: registry, and receipts that look odd."""

    def see(self, key: KeyFacts, kind: KeyKind) -> None:
        """Count a key."""
        self.kinds.setdefault(kind, Total()).add(key.size)
        _keep_largest(self.largest, (key.size, key.name, kind))
        if kind in (KeyKind.UNKNOWN, KeyKind.FOREIGN):
            _keep_largest(self.left_alone, (key.size, key.name))

    def lose(self, why: Why, size: int, example: str, number: int = 1) -> None:
        """Count what goes."""
        self.going.setdefault(why, Total()).add(size, number)
        examples = self.examples.setdefault(why, [])
        if len(examples) < SHOWN:
            examples.append(example[:MAX_EXAMPLE])


class MemoryRepair:
    """Looks at all there is; removes only if it is to *do* so.

    *listed*: outlets whose PCs stay; None: those of any outlet, but for those to *forget*.
    """

    def __init__(
        self,
        link: RepairLink,
        keys: Keys,
        *,
        do: bool,
        listed: Collection[str] | None = None,
        forget: Collection[str] = (),
    ) -> None:
        self._link = link
        self._keys = keys
        self._do = do
        self._listed = None if listed is None else frozenset(map(str.casefold, listed))
        self._forget = frozenset(map(str.casefold, forget))
        self._found = Found()

    async def run(self) -> Found:
        """Go through every server; what was found has their memory as it is afterwards.

        Raises:
            SiaranError: Redis cannot be reached, or the account may not do this.
        """
        for server in self._link.servers:
            await self._look_at_clients(server)
            await self._look_at_scripts(server)
            async for page in server.keys():
                await self._look_at_keys(server, page)
        for server in self._link.servers:
            memory = await server.memory()
            self._found.servers.append(memory)
            if not await server.keeps_transactions():
                self._found.forgetful.append(memory.address)
        return self._found

    async def _look_at_keys(self, server: RepairServer, page: Sequence[KeyFacts]) -> None:
        uses = [(key, self._keys.use_of(shown(key.name))) for key in page]
        ids = {use.message_id for key, use in uses if use.kind in RECEIPTS and is_endless(key)}
        sent = await self._link.sent(ids) if ids else set()
        doomed = []
        for key, use in uses:
            self._found.see(key, use.kind)
            why = why_key(key, use, sent)
            if why is not None:
                self._found.lose(why, key.size, shown(key.name))
                doomed.append(key.name)
            elif await self._has_to_be_read(server, key, use.kind):
                await self._look_at_fields(server, key, use.kind)
        if self._do and doomed:
            await server.remove(doomed)

    async def _has_to_be_read(self, server: RepairServer, key: KeyFacts, kind: KeyKind) -> bool:
        """The registry and its sets always; one of the many hashes of receipts if it looks odd."""
        if kind in (KeyKind.REGISTRY, KeyKind.SEEN, KeyKind.DIRECTORY):
            return True
        if kind not in RECEIPTS or key.type != "hash":
            return False
        chosen = self._listed is not None or self._forget
        if key.size > LARGE or (chosen and kind is KeyKind.RECEIPTS):
            return True
        if key.size <= SUSPECT_SIZE:
            return False
        return key.size > SUSPECT_EACH * await server.length(key)

    async def _look_at_fields(self, server: RepairServer, key: KeyFacts, kind: KeyKind) -> None:
        async for page in server.fields(key):
            doomed = []
            for name, value in page:
                why = self._why_field(kind, name, value)
                if why is not None:
                    example = f"{shown(key.name)} {shown(name)}"
                    self._found.lose(why, len(name) + len(value), example)
                    doomed.append(name)
            if self._do and doomed:
                await server.remove_fields(key, doomed)

    def _why_field(self, kind: KeyKind, name: bytes, value: bytes) -> Why | None:
        outlet = outlet_in(name) if kind in OF_OUTLETS else None
        if outlet is not None and (outlet in self._found.outlets or self._may_count_more()):
            self._found.outlets[outlet] += len(name) + len(value)
        if not is_fit(kind, name, value):
            return Why.FIELDS
        if outlet is None:
            return None
        if outlet.casefold() in self._forget:
            return Why.FORGOTTEN
        if self._listed is not None and outlet.casefold() not in self._listed:
            return Why.UNLISTED
        return None

    def _may_count_more(self) -> bool:
        return len(self._found.outlets) < MOST_OUTLETS

    async def _look_at_clients(self, server: RepairServer) -> None:
        for client in await server.clients():
            if is_too_large(client):
                size = client.size + client.name_length
                self._found.lose(Why.CLIENTS, size, _client_words(client))
                if self._do:
                    await server.cut(client)

    async def _look_at_scripts(self, server: RepairServer) -> None:
        memory = await server.memory()
        number = memory.cached_scripts or 0
        if number > MAX_SCRIPTS:
            self._found.lose(Why.SCRIPTS, memory.scripts or 0, memory.address, number)
            if self._do:
                await server.forget_scripts()


def why_key(key: KeyFacts, use: KeyUse, sent: Collection[str]) -> Why | None:
    """Why the whole key goes, if only the messages *sent* are head office's; None: it stays."""
    if use.kind is KeyKind.STRANGE:
        return Why.NAME
    if not use.type:
        return None
    if key.type != use.type:
        return Why.TYPE
    if use.kind is KeyKind.GUARDS and key.size > MAX_GUARD:
        return Why.LARGE
    if not is_endless(key):
        return None
    if use.kind is KeyKind.GUARDS:
        return Why.ENDLESS
    return Why.NOBODYS if use.kind in RECEIPTS and use.message_id not in sent else None


def is_endless(key: KeyFacts) -> bool:
    """Whether it stays for ever, or for longer than anything of ours that does not."""
    return key.expires_in is None or key.expires_in > LONGEST_LIFE_MS


def is_fit(kind: KeyKind, name: bytes, value: bytes) -> bool:
    """Whether a field of such a key, or a member of such a set, can be what it should be."""
    if kind is KeyKind.REGISTRY:
        return _is_report(name, value)
    if kind is KeyKind.SEEN:
        return b"/" in name and len(name) <= MAX_ENDPOINT_NAME
    if kind is KeyKind.DIRECTORY:
        return len(value) <= MAX_CHANNEL and is_channel_name(shown(name))
    if kind is KeyKind.COUNTERS:
        return len(name) <= MAX_COUNT and len(value) <= MAX_COUNT
    return len(name) <= MAX_ENDPOINT_NAME and len(value) <= MAX_RECEIPT


def outlet_in(name: bytes) -> str | None:
    """The outlet in whose name a field stands; None: a mark of a console's own."""
    text = shown(name)
    if "/" not in text and not text.startswith("@"):
        return None
    return text.lstrip("@!").partition("/")[0][:MAX_EXAMPLE]


def _is_report(name: bytes, value: bytes) -> bool:
    if len(name) > MAX_ENDPOINT_NAME:
        return False
    try:
        return decode_document(value, EndpointReport, MAX_REPORT).endpoint == shown(name)
    except WireError:
        return False


def is_too_large(client: ClientFacts) -> bool:
    """Whether a connection holds what no program of ours holds."""
    return (
        client.size > MAX_CLIENT_SIZE
        or client.channels > MAX_CLIENT_CHANNELS
        or client.name_length > MAX_CLIENT_NAME
    )


def _client_words(client: ClientFacts) -> str:
    return f"{client.account} from {client.address}, {client.channels} channels"


def shown(name: bytes) -> str:
    """A name as text, or the beginning of one that is longer than any of ours."""
    return name[:MAX_NAME].decode("utf-8", "replace")


def _keep_largest(heap: list[Ranked], one: Ranked) -> None:
    if len(heap) < SHOWN:
        heapq.heappush(heap, one)
    else:
        heapq.heappushpop(heap, one)
