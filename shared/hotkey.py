"""Keys that work whatever window is in front, as people write them: ``Ctrl+Alt+M``. Pure."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Modifier(enum.StrEnum):
    """A key that is held down with another."""

    CTRL = "ctrl"
    ALT = "alt"
    SHIFT = "shift"
    WIN = "win"


_KEY = re.compile(r"[A-Z0-9]|F([1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Hotkey:
    """``key`` is a letter, a digit, or ``F1`` to ``F12``."""

    modifiers: frozenset[Modifier]
    key: str


def parse_hotkey(text: str) -> Hotkey | None:
    """Read *text*; None if it is none that a program may take.

    A letter needs Ctrl, Alt or Win with it: a till's own keys must stay the till's.
    """
    *held, key = [part.strip() for part in text.split("+")]
    try:
        modifiers = frozenset(Modifier(part.lower()) for part in held)
    except ValueError:
        return None
    key = key.upper()
    alone = not modifiers - {Modifier.SHIFT}
    if not _KEY.fullmatch(key) or alone:
        return None
    return Hotkey(modifiers, key)
