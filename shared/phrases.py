"""English sentences that a window can say in another language. Knows no Qt.

Code without Qt says in English what happened, and logs, scripts and ``--json`` keep it so. A
``Phrase`` is that English text and remembers the pattern and the values it was made of; at the edge
``shared.qt.words.localized`` looks the pattern up and fills the same values in.

``packaging/languages/update.py`` collects the patterns for Qt Linguist by reading the source, so a
pattern is always written out at the call: ``phrase("{path} cannot be read.", path=path)``. Text
that somebody else wrote, the system or Redis, goes in as a value and stays as it is.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping

Number = int | float
_HALVES = re.compile("[\ud800-\udfff]")
"""Lone surrogates, as a path or a registry may have them; no file or log takes a sentence with one.
"""


class Phrase(str):
    """A text in English that can be said again in another language."""

    __slots__ = ("_foreign", "_pattern", "_values")

    _pattern: str
    _values: Mapping[str, object]
    _foreign: bool

    def in_other_words(
        self, translate: Callable[[str], str], number: Callable[[Number], str]
    ) -> str:
        """The sentence with its pattern, and those of its parts, translated.

        *number* writes numbers as people there do.
        """
        said = {name: _said(value, translate, number) for name, value in self._values.items()}
        pattern = self._pattern if self._foreign else translate(self._pattern)
        return _HALVES.sub("\ufffd", pattern.format(**said))


def phrase(pattern: str, /, **values: object) -> Phrase:
    """*pattern* with *values* filled in; fractions get one decimal, from 10,000 on commas.

    A value may be a phrase itself.
    """
    return _made(pattern, values, foreign=False)


def phrase_n(one: str, many: str, n: int, /, **values: object) -> Phrase:
    """*one* for a single thing, *many* for any other number of them; ``{n}`` is the number."""
    return _made(one if n == 1 else many, {"n": n, **values}, foreign=False)


def together(*parts: str, by: str = " ") -> Phrase:
    """Sentences after one another, or items of a list; empty ones are left out."""
    there = {f"p{place}": part for place, part in enumerate(part for part in parts if part)}
    return _made(by.join(f"{{{name}}}" for name in there), there, foreign=True)


def reason_of(error: Exception) -> str:
    """What *error* says, still a phrase if it was raised with one."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Phrase) else str(error)


def fields_of(pattern: str) -> set[str]:
    """The names of the values that *pattern* takes."""
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}


def _made(pattern: str, values: Mapping[str, object], *, foreign: bool) -> Phrase:
    said = pattern.format(**{name: _in_english(value) for name, value in values.items()})
    made = Phrase(_HALVES.sub("\ufffd", said))
    made._pattern, made._values, made._foreign = pattern, values, foreign
    return made


def _in_english(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if type(value) is int and abs(value) >= 10_000 else value


def _said(
    value: object, translate: Callable[[str], str], number: Callable[[Number], str]
) -> object:
    if isinstance(value, Phrase):
        return value.in_other_words(translate, number)
    if isinstance(value, Number) and not isinstance(value, bool):
        return number(value)
    return value
