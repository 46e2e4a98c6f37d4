"""In how many ways a regular expression can be matched, before it is tried on a name.

Python's ``re`` tries one way after the other and has no time limit: a slip such as ``([A-Z]+)+-x``
would keep a tray from starting for years. Within the process nothing can end a match that has begun
(on Windows, where no timer can send a signal), and a process of its own would have to be started at
every start. So what could take long is refused. The count is an upper bound: it ignores which
characters exclude each other, and so refuses some patterns that would be quick; those can be
written without a repeat in a repeated group.
"""

from __future__ import annotations

import re
from math import comb

LONGEST_NAME = 64
"""Characters of a host name that are looked at; the systems allow 15 (NetBIOS) and 64 (Linux)."""
MOST_WAYS = 1 << 24
"""About a second."""

_TOKEN = re.compile(
    r"""(?P<skip>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<comment>\(\?\#[^)]*\)|\(\?[aiLmsux]+\))
      | (?P<open>\((?:\?(?:P<\w+>|P=\w+|<?[=!]|[aiLmsux-]*:|>|\(\w+\)))?)
      | (?P<close>\))
      | (?P<repeat>(?:[*+?]|\{\d*,?\d*\})[?+]?)
      | (?P<either>\|)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")


def is_cheap(pattern: str) -> bool:
    """Whether matching *pattern* against a host name ends soon, whatever that is."""
    if _VERBOSE.search(pattern):  # spaces and comments would be miscounted
        return False
    total = _Counter(pattern).count()
    return total.ways * comb(LONGEST_NAME + total.open_ends, total.open_ends) <= MOST_WAYS


class _Ways:
    """Ways to match a part: ``ways`` by choices that are bounded, ``open_ends`` that are not."""

    def __init__(self, ways: int = 1, open_ends: int = 0) -> None:
        self.ways = ways
        self.open_ends = open_ends

    def then(self, other: _Ways) -> _Ways:
        """One part after another."""
        return _Ways(min(self.ways * other.ways, MOST_WAYS + 1), self.open_ends + other.open_ends)

    def either(self, other: _Ways) -> _Ways:
        """One part or another."""
        ends = max(self.open_ends, other.open_ends)
        return _Ways(min(self.ways + other.ways, MOST_WAYS + 1), ends)

    def repeated(self, least: int, most: int | None) -> _Ways:
        """A part again and again; *most* is None for as often as there is something."""
        if self.ways == 1 and not self.open_ends:
            return _Ways(open_ends=1) if most is None else _Ways(ways=max(1, most - least + 1))
        if most is None or most > LONGEST_NAME:
            return _Ways(MOST_WAYS + 1)
        again, total = _Ways(), _Ways(0)
        for number in range(most + 1):
            if number >= least:
                total = _Ways(total.ways + again.ways, max(total.open_ends, again.open_ends))
            again = again.then(self)
        return total


class _Counter:
    def __init__(self, pattern: str) -> None:
        self._tokens = iter(_TOKEN.finditer(pattern))

    def count(self) -> _Ways:
        """Count up to the end of this group."""
        alternatives: list[_Ways] = []
        before, last = _Ways(), _Ways()
        for token in self._tokens:
            kind = token.lastgroup
            if kind == "repeat":
                last = last.repeated(*_bounds(token["repeat"]))
                continue
            if kind == "close":
                break
            before, last = before.then(last), _Ways()
            if kind == "open" and not token["open"].startswith("(?P="):
                last = self.count()
            elif kind == "either":
                alternatives.append(before)
                before = _Ways()
        total = before.then(last)
        for other in alternatives:
            total = total.either(other)
        return total


def _bounds(repeat: str) -> tuple[int, int | None]:
    if found := _COUNT.match(repeat):
        least = int(found[1] or 0)
        if not found[2]:
            return least, least
        return least, int(found[3]) if found[3] else None
    return {"*": (0, None), "+": (1, None), "?": (0, 1)}[repeat[0]]
