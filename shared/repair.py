"""What repairing Redis needs from a message bus, as Protocols. ``redis_bus`` has the real one.

All of it is done with the operator's account, which may not send. Names of keys, fields and members
are bytes here: whoever stuffed them in may have written anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from shared.model import StreamId


@dataclass(frozen=True, slots=True)
class ServerMemory:
    """What fills the memory of one server, in bytes; None where the account may not ask.

    ``limit`` 0: there is none. ``clients``: what connections hold, as far as Redis counts it, which
    leaves out the names of the channels that they follow. ``endless``: keys that never expire.
    """

    address: str
    used: int | None
    limit: int | None
    clients: int | None = None
    scripts: int | None = None
    cached_scripts: int | None = None
    endless: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key: its Redis type, its size in bytes (an estimate, if it has many fields), and in how
    many ms it expires (None: never)."""

    name: bytes
    type: str
    size: int
    expires_in: int | None


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """One connection: its number, account, address, bytes as far as Redis counts them, how many
    Pub/Sub channels it follows, and how many bytes the name has that it gave itself."""

    id: int
    account: str
    address: str
    size: int
    channels: int
    name_length: int = 0


class RepairServer(Protocol):
    """One server that has keys: a stand-alone Redis, or a master of a Cluster."""

    async def memory(self) -> ServerMemory:
        """How full it is."""

    def keys(self) -> AsyncIterator[list[KeyFacts]]:
        """Every key, page by page; one that is there all the while comes at least once."""

    async def length(self, key: KeyFacts) -> int:
        """How many fields of a hash, or members of a sorted set, there are."""

    def fields(self, key: KeyFacts) -> AsyncIterator[list[tuple[bytes, bytes]]]:
        """Fields with their values of a hash, or members with their scores of a sorted set."""

    async def remove(self, names: Sequence[bytes]) -> int:
        """Delete keys; return how many were there."""

    async def remove_fields(self, key: KeyFacts, names: Sequence[bytes]) -> int:
        """Delete fields of a hash, or members of a sorted set; return how many were there."""

    async def clients(self) -> list[ClientFacts]:
        """Every connection but this one."""

    async def cut(self, client: ClientFacts) -> None:
        """Cut a connection off."""

    async def keeps_transactions(self) -> bool:
        """Whether what scripts have written is still there after a restart.

        Redis 7 and Valkey replay their append-only file as the account ``default``, and leave out
        what that has no right to (redis#14541).
        """

    async def forget_scripts(self) -> None:
        """Let it forget every script but the one for receipts, which outlets may not bring."""


class RepairLink(Protocol):
    """One connection to every server that has keys."""

    @property
    def servers(self) -> Sequence[RepairServer]:
        """The server, or every master of a Cluster."""

    async def time_ms(self) -> int:
        """Redis' clock."""

    async def sent(self, message_ids: Collection[str]) -> set[str]:
        """Which of these messages head office has sent, and Redis still has."""

    async def listed_outlets(self) -> list[str]:
        """The outlets that head office says there are; empty if there is no list."""

    async def last_ids(self) -> dict[bytes, StreamId]:
        """The last id of every log, by its key."""

    async def entries_from(self, log: bytes, first: StreamId) -> list[tuple[StreamId, bytes]]:
        """Ids and envelopes of a log's newest entries down to *first*."""

    async def remove_entries(self, log: bytes, ids: Sequence[StreamId], *, set_back: bool) -> bool:
        """Delete entries; with *set_back* the log's last id becomes that of the last one left.

        Return whether it did: Redis 8 and Valkey 8 set none back to before an entry that was ever
        deleted. There a log in which nothing is left goes, and another keeps its last id.
        """


class RepairBus(Protocol):
    """Opens links for repairing."""

    address: str

    def open_for_repair(self) -> AbstractAsyncContextManager[RepairLink]:
        """Connect; entered when the server has answered."""
