"""A report as a CSV file for a spreadsheet.

A cell that begins like a formula would run as one: an outlet called ``=HYPERLINK(…)`` is enough.
Such cells get an apostrophe before them, which spreadsheets take for "this is text" (OWASP, *CSV
Injection*).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from admin_app.report_rows import Row, in_order

ENCODING = "utf-8-sig"
"""With a mark, or Excel takes it for the old code page."""
COLUMNS = (
    "outlet",
    "pc",
    "state",
    "received",
    "displayed",
    "acknowledged",
    "person",
    "reply",
    "last seen",
    "known",
    "claimed acknowledged",
    "claimed person",
    "claimed reply",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_csv(rows: Iterable[Row]) -> str:
    """*rows* with headers, by outlet and PC. Times are this PC's, to the second.

    Of a contradicted row all is by the PC's own word but the last three, which stand in its name.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in in_order(rows):
        times = (row.received_at, row.displayed_at, row.acknowledged_at)
        cells = (row.outlet, row.pc, row.progress, *map(clock_time, times), row.os_user, row.reply)
        more = (clock_time(row.seen_at), "yes" if row.known else "no", *_claim(row))
        writer.writerow([_harmless(cell) for cell in (*cells, *more)])
    return text.getvalue()


def _claim(row: Row) -> tuple[str, str, str]:
    if row.claim is None:
        return "", "", ""
    return clock_time(row.claim.acknowledged_at), row.claim.os_user, row.claim.reply


def clock_time(at_ms: int | None) -> str:
    """``2026-11-24 19:40:03`` in this PC's time zone; empty for none."""
    if at_ms is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):  # any endpoint may write what it likes
        return "?"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
