"""How consoles say that something in Redis cannot be read: one sentence for each kind.

Only what can be read is shown and counted; these say how much that leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.documents import MAX_ENTRIES
from shared.phrases import Phrase, phrase, phrase_n, together

_WORDS: Mapping[str, Callable[[int], Phrase]] = {
    "registry": lambda n: phrase_n(
        "{n} entry of the registry cannot be read.",
        "{n} entries of the registry cannot be read.",
        n,
    ),
    "outlets": lambda n: phrase_n(
        "{n} entry of the list of outlets cannot be read.",
        "{n} entries of the list of outlets cannot be read.",
        n,
    ),
    "channels": lambda n: phrase_n(
        "{n} entry of the channel directory cannot be read.",
        "{n} entries of the channel directory cannot be read.",
        n,
    ),
    "templates": lambda n: phrase_n(
        "{n} template cannot be read.", "{n} templates cannot be read.", n
    ),
    "series": lambda n: phrase_n(
        "{n} recurring message cannot be read.", "{n} recurring messages cannot be read.", n
    ),
    "receipts": lambda n: phrase_n(
        "{n} receipt cannot be read.", "{n} receipts cannot be read.", n
    ),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """How many entries of each kind cannot be read; ``cut``: the registry is longer than read."""

    registry: int = 0
    outlets: int = 0
    channels: int = 0
    templates: int = 0
    series: int = 0
    receipts: int = 0
    cut: bool = False

    @property
    def sentence(self) -> Phrase:
        """A sentence for each kind of which there is any; empty if all could be read."""
        found = [words(n) for kind, words in _WORDS.items() if (n := getattr(self, kind))]
        if self.cut:
            more = phrase(
                "The registry has more than {most} entries; the others are left out.",
                most=MAX_ENTRIES,
            )
            found.append(more)
        return together(*found)
