"""Outlets and messages for pictures and measurements: made up, the same every time."""

from __future__ import annotations

import math
import random
from collections import Counter

from admin_app.report_rows import Row, by_outlet
from admin_app.reports import Figures
from shared.bus import EndpointReport
from shared.model import PROTOCOL_VERSION, Kind, Level, Message, new_message_id
from shared.outlets import ExpectedOutlet
from shared.receipts import BUCKETS_PER_OCTAVE, Counts, Stage

NOW = 1_800_000_000_000
CITIES = (
    ("JKT", "Kemang"),
    ("BDG", "Dago"),
    ("SBY", "Gubeng"),
    ("DPS", "Sanur"),
    ("MDN", "Polonia"),
    ("UPG", "Losari"),
)


def outlet_name(number: int) -> str:
    """``JKT-0001``."""
    return f"{CITIES[number % len(CITIES)][0]}-{number // len(CITIES) + 1:04}"


def make_reports(pcs: int, now: int = NOW, *, per_outlet: int = 3) -> list[EndpointReport]:
    """Endpoints of which nearly all are well."""
    drawn = random.Random(pcs)
    return [_report(number, per_outlet, drawn, now) for number in range(pcs)]


def make_list(outlets: int) -> list[ExpectedOutlet]:
    """The imported list: those outlets and a few that were never seen."""
    return [
        ExpectedOutlet(
            outlet=outlet_name(number),
            name=CITIES[number % len(CITIES)][1],
            channels=[f"Channel {number % 3 + 1}"],
        )
        for number in range(outlets + max(1, outlets // 300))
    ]


TEXTS = (
    (Level.NORMAL, "Price change for cooking oil", "From 10:00 the 2 l bottle costs Rp 34,500."),
    (Level.IMPORTANT, "Shop closes at 17:00 today", "The power is cut in the whole district."),
    (Level.URGENT, "Card payment is down", "Take cash and QRIS only until we write again."),
    (Level.SILENT, "Minutes of the regional meeting", "See the attached agenda for next week."),
    (Level.EMERGENCY, "Leave the building", "Fire alarm in the mall. Use the nearest exit."),
    (
        Level.NORMAL,
        "A very long title about the new procedure for returning damaged goods with the blue"
        " form and the signature of the shop's manager",
        "The form is in the cabinet.\nWrite the number of the receipt on it.\n" * 5,
    ),
)


def make_messages(count: int, now: int = NOW) -> list[Message]:
    """Sent messages, newest first, a quarter of an hour apart."""
    return [_message(number, now - number * 900_000 - 60_000) for number in range(count)]


def make_rows(pcs: int, message: Message) -> list[Row]:
    """A report in which nearly all have it: most within a second, some the next morning."""
    drawn = random.Random(pcs)
    return [_row(report, message, drawn) for report in make_reports(pcs, per_outlet=3)]


def make_figures(rows: list[Row], message: Message) -> Figures:
    """The counters that belong to *rows*."""
    times = {
        Stage.RECEIVED: [row.received_at for row in rows if row.received_at],
        Stage.DISPLAYED: [row.displayed_at for row in rows if row.displayed_at],
        Stage.ACKNOWLEDGED: [row.acknowledged_at for row in rows if row.acknowledged_at],
    }
    reach = {stage: _curve(found, message) for stage, found in times.items()}
    firsts = [row.first_at for row in by_outlet(rows) if row.first_at]
    counts = Counts(
        expected=len(rows),
        received=len(times[Stage.RECEIVED]),
        displayed=len(times[Stage.DISPLAYED]),
        acknowledged=len(times[Stage.ACKNOWLEDGED]),
        outlets=len(firsts),
        places=len({row.outlet for row in rows}),
        reach=reach,
        outlet_reach=_curve(firsts, message),
    )
    return Figures(counts, message.ack)


def _message(number: int, sent_at: int) -> Message:
    level, title, body = TEXTS[number % len(TEXTS)]
    return Message(
        v=PROTOCOL_VERSION,
        id=new_message_id(sent_at),
        kind=Kind.MESSAGE,
        channels=["*"] if number % 4 == 1 else [f"Channel {number % 3 + 1}"],
        sent_at=sent_at,
        title=title,
        body=body,
        level=level,
        sender="Head office",
        replies=["Done", "Out of stock"] if number % 2 == 0 else [],
    )


def _row(report: EndpointReport, message: Message, drawn: random.Random) -> Row:
    if drawn.random() < 0.03:
        return Row(report.endpoint, seen_at=report.seen_at)
    late = drawn.randrange(3_600_000) if drawn.random() < 0.04 else 0
    received = message.sent_at + late + int(drawn.gammavariate(2, 120)) + 30
    shown = received + int(drawn.gammavariate(2, 60)) + 20
    answered = shown + int(drawn.lognormvariate(10, 1.3))
    return Row(
        report.endpoint,
        received,
        shown if drawn.random() < 0.99 else None,
        answered if drawn.random() < 0.9 and answered < NOW else None,
        os_user=f"kasir{drawn.randrange(1, 4)}",
        reply=drawn.choice(["", "Done", "Done", "Out of stock"]) if message.replies else "",
        seen_at=report.seen_at,
    )


def _curve(times: list[int], message: Message) -> dict[int, int]:
    return dict(sorted(Counter(_bucket(at - message.sent_at) for at in times).items()))


def _bucket(ms: int) -> int:
    return math.floor(BUCKETS_PER_OCTAVE * math.log2(max(ms, 100)))


def _report(number: int, per_outlet: int, drawn: random.Random, now: int) -> EndpointReport:
    trouble, outlet = drawn.random(), number // per_outlet
    away = drawn.randrange(600_000, 90_000_000)
    # Whole outlets go silent together: their line is cut.
    cut = random.Random(outlet).random() < 0.008
    return EndpointReport(
        outlet=outlet_name(outlet),
        pc=f"till-{number % per_outlet + 1}",
        channels=[f"Channel {outlet % 3 + 1}"],
        version="0.1.0" if trouble < 0.9 else "0.0.9",
        system="Windows 10",
        instance=f"{number:032x}",
        machine=f"{number:016x}",
        rival="f" * 32 if 0.5 < trouble < 0.502 else "",
        started_at=now - 30_000_000,
        seen_at=now - (away if cut or trouble < 0.01 else drawn.randrange(60_000)),
        left=not cut and trouble < 0.004,
        refused=drawn.randrange(1, 9) if 0.7 < trouble < 0.703 else 0,
    )
