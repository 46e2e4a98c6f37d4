"""Making foreign text safe to show, and people's text fit to send. Pure functions.

Two dangers remain in plain text once nothing interprets it: control characters (a terminal or a
log line obeys them) and the Unicode controls that turn the direction of what follows, so that
``exe.txt`` can be made to read ``txt.exe`` (CVE-2021-42574). Real right-to-left text needs neither.
"""

from __future__ import annotations

import re

_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSAFE = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f-\x9f{_BIDI_CONTROLS}\ufff9-\ufffb\ufeff\ud800-\udfff]"
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060\u3164\uffa0]"
)


def safe_text(text: str) -> str:
    """Return *text* with line breaks as ``\\n`` and without the characters that mislead."""
    return _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text))


def safe_line(text: str, limit: int | None = None) -> str:
    """Return *text* as one line for a title, a label or a log, cut to *limit* characters."""
    line = " ".join(safe_text(text).split())
    if limit is not None and len(line) > limit:
        return line[: limit - 1] + "…"
    return line


def is_blank(text: str) -> bool:
    """Whether a person would see nothing: only white space and invisible characters."""
    return not _INVISIBLE.sub("", safe_text(text)).strip()


def in_bytes(size: int) -> str:
    """``512 B``, ``1.5 kB``, ``64.0 MB``; 1,024 each."""
    if size < 1024:
        return f"{size} B"
    for unit, one in (("kB", 1 << 10), ("MB", 1 << 20)):
        if size < one << 10:
            return f"{size / one:.1f} {unit}"
    return f"{size / (1 << 30):.1f} GB"
