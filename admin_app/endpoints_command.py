"""``siaran-console endpoints``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from admin_app.command_tools import over_a_link, say_unreadable, when
from admin_app.outlets import Overview, PcRow, Standing, overview
from admin_app.send_options import PROGRAM
from admin_app.sending import Sender
from admin_app.troubles import trouble_words
from shared.bus import ConsoleBus, ConsoleLink
from shared.command_line import print_json, run_async
from shared.errors import EXIT_OK
from shared.text import safe_line


def endpoints(arguments: argparse.Namespace, bus: ConsoleBus, sender: Sender) -> int:
    """Print every endpoint that was ever seen or is expected, by outlet and PC.

    Raises:
        SiaranError: Redis refused, or cannot be reached.
    """

    async def read(link: ConsoleLink) -> Overview:
        now = await link.time_ms()
        since = sender.connected_since(now)
        listed = await link.expected_outlets()
        return replace(
            overview(await link.endpoints(), listed, since, now), full=await link.is_full()
        )

    wanted = frozenset(map(Standing, arguments.standing or Standing))
    channels = frozenset(arguments.channel or ())
    seen = run_async(over_a_link(bus, read))
    rows = [
        row
        for row in seen.pcs
        if row.standing in wanted and (not channels or channels.intersection(row.channels))
    ]
    if arguments.json:
        print_json([_as_json(row) for row in rows])
    else:
        for row in rows:
            sys.stdout.write(_as_line(row) + "\n")
    say_unreadable(seen.unreadable)
    if seen.full:
        words = "Redis' memory is full, so PCs cannot report: who seems to be off may be there."
        sys.stderr.write(f"{PROGRAM}: {words}\n")
    return EXIT_OK


def _as_json(row: PcRow) -> dict[str, Any]:
    report = row.report
    return {
        "endpoint": row.key,
        "outlet": row.outlet,
        "pc": row.pc,
        "name": row.name,
        "standing": row.standing.value,
        "channels": list(row.channels),
        "listed": row.listed,
        "seen_at": report and report.seen_at,
        "started_at": report and report.started_at,
        "version": report.version if report else "",
        "system": report.system if report else "",
        "rival": bool(report and report.rival),
        "refused": report.refused if report else 0,
        "requires_signatures": report.requires_signatures if report else None,
        "troubles": report.troubles if report else [],
    }


def _as_line(row: PcRow) -> str:
    report = row.report
    seen = when(report.seen_at) if report else "-"
    version = safe_line(report.version) if report else "-"
    extras = "  another PC uses this name" if report and report.rival else ""
    if report and report.refused:
        extras += f"  {report.refused} refused"
    for code in report.troubles if report else []:
        extras += f"  {safe_line(trouble_words(code))}"
    channels = safe_line(", ".join(row.channels))
    name = safe_line(row.key)
    return f"{name:<24} {row.standing.value:<10} {seen:<19}  {version:<8}  {channels}{extras}"
