"""Setting logs back whose last id lies ahead: the core of ``repair --logs``.

A clock that was ahead, or a hostile writer, leaves a log whose ids are of the future. Nothing is
lost by that, since ids only order, but entries are not trimmed before their ids are old. What no
console wrote, and what no PC needs any more, is removed, and the last id is set back. While PCs may
still need a message under such an id, the log stays as it is, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.clock import wall_ms
from shared.codec import WireError, decode_envelope, decode_payload
from shared.model import DAY_MS, Kind, StreamId
from shared.repair import RepairLink

AHEAD_MS = DAY_MS
"""A last id so far ahead is named by ``check`` and set back here."""


@dataclass(frozen=True, slots=True)
class LogAhead:
    """A log whose last id lies ahead: how many entries go, and how many PCs may still need."""

    name: str
    last: StreamId
    going: int
    needed: int
    stays: bool = False
    """Whether the server has refused to set the last id back."""

    @property
    def set_back(self) -> bool:
        """Whether the last id can be set back."""
        return not (self.needed or self.stays)


async def repair_logs(
    link: RepairLink, retention_ms: int, *, do: bool, wall: Callable[[], int] = wall_ms
) -> list[LogAhead]:
    """Find the logs whose last ids lie ahead, and set them back if *do*.

    What says no end of its own lives for *retention_ms*. What has expired goes by the lower of
    Redis' clock and this PC's (*wall*): Redis' clock may still be ahead when this is tried.

    Raises:
        SiaranError: Redis was lost, or the account may not do this.
    """
    now = await link.time_ms()
    found = []
    for name, last in (await link.last_ids()).items():
        if last.ms <= now + AHEAD_MS:
            continue
        entries = await link.entries_from(name, StreamId(now + AHEAD_MS, 0))
        agreed = min(now, wall())
        needed = {
            entry_id for entry_id, envelope in entries if is_needed(envelope, agreed, retention_ms)
        }
        going = [entry_id for entry_id, _ in entries if entry_id not in needed]
        back = not needed
        if do:
            back = await link.remove_entries(name, going, set_back=not needed)
        shown = name.decode("utf-8", "replace")
        stays = not (needed or back)
        found.append(LogAhead(shown, last, len(going), len(needed), stays))
    return found


def is_needed(envelope: bytes, now_ms: int, retention_ms: int) -> bool:
    """Whether a PC that was off may still need what an entry holds."""
    try:
        message = decode_payload(decode_envelope(envelope).payload)
    except WireError:
        return False
    if message.kind is Kind.MESSAGE:
        return message.dies_at(retention_ms) > now_ms
    return message.sent_at + 2 * retention_ms > now_ms


def log_lines(found: Iterable[LogAhead], *, done: bool) -> list[str]:
    """What to say to people."""
    lines = [
        f"{one.name} ends at {one.last}, which lies ahead: {_outcome(one, done=done)}"
        for one in found
    ]
    return lines or ["No log ends in the future."]


def _outcome(one: LogAhead, *, done: bool) -> str:
    if one.needed:
        return (
            f"{one.needed} messages under such ids have not expired, so it stays as it is. "
            "Run this again when they have."
        )
    removed = f"{one.going} entries {'were removed' if done else 'are to be removed'}"
    if one.stays:
        return (
            f"{removed}, and this server keeps the last id for as long as the log holds others. "
            "Nothing is lost by that."
        )
    return f"{removed}, and its last id {'was' if done else 'is'} set back."
