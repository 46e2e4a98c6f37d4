"""What a popup shows, as values."""

from __future__ import annotations

from dataclasses import dataclass

from shared.model import Format, Level


@dataclass(frozen=True, slots=True)
class PopupContent:
    """What a popup shows, ready to read."""

    id: str
    level: Level
    level_name: str
    source: str
    title: str
    body: str
    byline: str
    verified: bool
    action: str = ""
    """What a second button offers, instead of an answer."""
    format: Format = Format.PLAIN
    replies: tuple[str, ...] = ()
    """Short answers, one button each."""
    later: tuple[int, ...] = ()
    """Minutes for which it may be put off; empty: not at all."""
    news: str = ""
    """Why it is here again: changed, or a reminder."""
    claim: str = ""
    """Who is said to have answered it elsewhere. Others may have written the names in it, so it is
    never as prominent as what head office says."""
    answered: bool = False
    """It was answered elsewhere: nothing is left but to close it."""
