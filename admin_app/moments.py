"""Times as people write them on a command line: a moment, or how long from now. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_SPAN = re.compile(r"\+(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?")
_UNITS_MS = (86_400_000, 3_600_000, 60_000, 1000)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in ms since the Unix epoch or, if *relative*, in ms after another time."""

    ms: int
    relative: bool = False

    def after(self, start_ms: int) -> int:
        """The time, in ms, if what is relative counts from *start_ms*."""
        return start_ms + self.ms if self.relative else self.ms


def read_moment(text: str) -> Moment:
    """Read ``2026-11-24T08:00`` (ISO 8601; this PC's time zone if none is named) or ``+1h30m``.

    Raises:
        ValueError: it is neither.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is not None and any(match.groups()):
        parts = zip(match.groups(), _UNITS_MS, strict=True)
        return Moment(sum(int(count or 0) * unit for count, unit in parts), relative=True)
    try:
        return Moment(int(datetime.fromisoformat(text.strip()).timestamp() * 1000))
    except (OverflowError, OSError):
        raise ValueError(text) from None
