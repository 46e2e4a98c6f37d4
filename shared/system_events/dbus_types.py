"""The D-Bus type system: signatures, read into a tree once, never trusted.

(D-Bus specification, "Type System".)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_DEPTH = 32
MAX_SIGNATURE = 255

FIXED = {
    "y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d",
    "b": "I", "h": "I",
}  # fmt: skip
TEXTS = {"s": "I", "o": "I", "g": "B"}
BASIC = FIXED.keys() | TEXTS.keys()
_CLOSING = {"(": ")", "{": "}"}


class Garbage(ValueError):
    """These bytes, or this signature, are not D-Bus."""


class Variant(NamedTuple):
    """A value that carries its type."""

    signature: str
    value: Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One complete type: its code (``a``, ``(`` and ``{`` for containers) and what it contains."""

    code: str
    inside: tuple[Kind, ...] = ()

    @property
    def alignment(self) -> int:
        """In bytes, counted from the beginning of the message."""
        if self.code in FIXED:
            return struct.calcsize(FIXED[self.code])
        return {"g": 1, "v": 1, "(": 8, "{": 8}.get(self.code, 4)


def parse(signature: str) -> tuple[Kind, ...]:
    """Return the complete types of *signature*.

    Raises:
        Garbage: it is none.
    """
    if len(signature) > MAX_SIGNATURE:
        raise Garbage("a signature that is too long")
    kinds: list[Kind] = []
    at = 0
    while at < len(signature):
        kind, at = _one(signature, at, 0)
        kinds.append(kind)
    return tuple(kinds)


def _one(signature: str, at: int, depth: int) -> tuple[Kind, int]:
    if depth > MAX_DEPTH or at >= len(signature):
        raise Garbage("a signature that is too deep or too short")
    code = signature[at]
    if code in BASIC or code == "v":
        return Kind(code), at + 1
    if code == "a":
        element = _container if signature[at + 1 : at + 2] == "{" else _one
        inside, at = element(signature, at + 1, depth + 1)
        return Kind("a", (inside,)), at
    if code == "(":
        return _container(signature, at, depth)
    raise Garbage(f"no type has the code {code!r}")


def _container(signature: str, at: int, depth: int) -> tuple[Kind, int]:
    """Read a struct, or the dict entry that only an array may contain."""
    code = signature[at]
    inside: list[Kind] = []
    at += 1
    while signature[at : at + 1] != _CLOSING[code]:
        kind, at = _one(signature, at, depth + 1)
        inside.append(kind)
    pair = len(inside) == 2 and inside[0].code in BASIC
    if not inside or (code == "{" and not pair):
        raise Garbage("an empty struct, or a dict entry that is no pair")
    return Kind(code, tuple(inside)), at + 1
