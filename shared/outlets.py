"""The outlets that head office says there are, which no heartbeat can tell: the imported list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from shared.model import ALL_CHANNELS

MAX_OUTLETS = 50_000
"""Outlets of one list; ours, so that a wrong file cannot fill Redis: some 5 MB."""
MAX_NAME = 100
"""Characters of an outlet, a PC or a readable name; ours."""


class ExpectedOutlet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One shop of the imported list, as it is stored in Redis (JSON).

    ``pcs`` empty: nobody has said which PCs it has, so one is expected, whichever. ``channels``
    empty: it follows *All channels* alone, as far as head office knows.
    """

    outlet: str
    name: str = ""
    """What people call it."""
    pcs: list[str] = msgspec.field(default_factory=list)
    channels: list[str] = msgspec.field(default_factory=list)

    def endpoints(self) -> list[str]:
        """Names of the endpoints it should have; ``outlet/`` stands for one of unknown name."""
        return [f"{self.outlet}/{pc}" for pc in self.pcs] or [f"{self.outlet}/"]


@dataclass(frozen=True, slots=True)
class OutletList:
    """The list as Redis has it. ``stamp`` tells it from any other; empty: there is none.

    ``unreadable``: how many of its elements cannot be read; 1 if that is all of it.
    """

    outlets: list[ExpectedOutlet]
    stamp: str = ""
    unreadable: int = 0


def expected_to_show(
    outlets: Iterable[ExpectedOutlet], channels: Collection[str], seen: Iterable[str]
) -> set[str]:
    """Everybody expected to show a message to *channels*: *seen*, and the listed that are not.

    An outlet listed without PCs adds ``outlet/`` until any PC of it was seen.
    """
    names = set(seen)
    there = {name.partition("/")[0] for name in names}
    for one in outlets:
        if not one.pcs and one.outlet in there:
            continue
        if ALL_CHANNELS in channels or not set(channels).isdisjoint(one.channels):
            names.update(one.endpoints())
    return names


def merged(outlets: Iterable[ExpectedOutlet]) -> list[ExpectedOutlet]:
    """Each outlet once, in the order of first mention: several lines of one become one."""
    found: dict[str, ExpectedOutlet] = {}
    for one in outlets:
        known = found.get(one.outlet)
        found[one.outlet] = one if known is None else _both(known, one)
    return list(found.values())


def _both(one: ExpectedOutlet, other: ExpectedOutlet) -> ExpectedOutlet:
    return ExpectedOutlet(
        outlet=one.outlet,
        name=one.name or other.name,
        pcs=_union(one.pcs, other.pcs),
        channels=_union(one.channels, other.channels),
    )


def _union(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))
