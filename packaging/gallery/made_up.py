"""Outlets and messages for pictures and measurements: made up, the same every time."""

from __future__ import annotations

import random

from shared.bus import EndpointReport
from shared.outlets import ExpectedOutlet

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
