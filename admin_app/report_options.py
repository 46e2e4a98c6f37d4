"""What the commands about sent messages take, and their manual pages."""

from __future__ import annotations

import argparse

from shared.manual import CONNECTION, Manual, Page
from shared.model import Level

PROGRAM = "siaran-console"
STANDINGS = ("connected", "off", "silent", "never")
"""Those of a PC (``admin_app.outlets``, which is not needed to print a page)."""

REPORT = Manual(
    "say who has received, displayed and acknowledged a message",
    f"{PROGRAM} report ID [--csv FILE] [OPTION]...",
    "Prints how many PCs have received, displayed and acknowledged one message, of how many that "
    "were expected to, how long half of them, 95 % and 99 % took, and how far each PC has come. "
    "history has the ids. Of a message that one PC of each outlet is to acknowledge (send --ack "
    "outlet), acknowledged means outlets.\n\n"
    "What is known of each PC stays for receipt_days; the totals, and who has not acknowledged, "
    "stay 90 days.",
    {
        f"{PROGRAM} report 01a20b37-8a79-76c6-939e-3cd6e427e3ea": "See how far a message has come.",
        f"{PROGRAM} report 01a20b37-8a79-76c6-939e-3cd6e427e3ea --csv report.csv": (
            "Write the PCs into a table, too."
        ),
    },
)
REMIND = Manual(
    "ask again those who have not acknowledged a message",
    f"{PROGRAM} remind ID [OPTION]...",
    "Sends a reminder to the channels of a message. On PCs where nobody has acknowledged it, its "
    "popup comes again or to the front; the others ignore it. Where one answer of an outlet is "
    "enough, all PCs of an outlet that has answered ignore it. A message that has expired, or was "
    "recalled or replaced, cannot be reminded of.",
    {f"{PROGRAM} remind 01a20b37-8a79-76c6-939e-3cd6e427e3ea": "Ask again."},
)
HISTORY = Manual(
    "list what was sent, newest first",
    f"{PROGRAM} history [--channel NAME... | --all] [--level LEVEL...]\n"
    f"{' ' * len(PROGRAM)}         [--search TEXT] [OPTION]...",
    "Prints the messages that Redis still has, from whichever console, with how many PCs have "
    "acknowledged each, or outlets where one PC of each is asked to, and what was recalled or "
    "replaced.",
    {
        f"{PROGRAM} history": "The newest 20.",
        f'{PROGRAM} history --channel "Channel 1" --since 2026-11-01 --count 1000': (
            "All of one channel since that day."
        ),
        f"{PROGRAM} history --search oil --level urgent emergency --json": (
            "Find some, for a script."
        ),
    },
)


ENDPOINTS = Manual(
    "list every PC that was ever seen or is expected",
    f"{PROGRAM} endpoints [--channel NAME...] [--standing STANDING...]\n"
    f"{' ' * len(PROGRAM)}           [OPTION]...",
    "Prints the PCs of all outlets, by outlet: those that have registered, and those that the list "
    "of expected outlets names.\n\n"
    "A PC is connected if it had a heartbeat within two intervals, off if its tray ended by "
    "itself, silent if it did not, and never if nobody has seen it yet.",
    {
        f"{PROGRAM} endpoints --standing silent never": "Who should be there, and is not?",
        f'{PROGRAM} endpoints --channel "Channel 1" --json': "The PCs of a channel, for a script.",
    },
)


def add_endpoints(console: Page) -> None:
    """Let *console* have ``endpoints``."""
    page = console.add_command("endpoints", ENDPOINTS)
    group = page.add_argument_group("WHICH")
    group.add_argument(
        "--channel", action="extend", nargs="+", metavar="NAME", help="that follow this channel"
    )
    group.add_argument(
        "--standing",
        action="extend",
        nargs="+",
        choices=STANDINGS,
        metavar="STANDING",
        help=f"that are this: {', '.join(STANDINGS)}",
    )
    _add_connection(page)
    page.add_rest('[{"endpoint", "standing", "channels", "seen_at", "version", ...}]')


def add_report(console: Page) -> None:
    """Let *console* have ``report``."""
    page = console.add_command("report", REPORT)
    group = page.add_argument_group("REPORT")
    group.add_argument("id", metavar="ID", help="id of the message")
    group.add_argument("--csv", metavar="FILE", help="write the PCs to this file, too")
    _add_connection(page)
    page.add_rest(
        '{"id", "expected", "received", "displayed", "acknowledged", "endpoints": [...], ...}'
    )


def add_remind(console: Page) -> None:
    """Let *console* have ``remind``."""
    page = console.add_command("remind", REMIND)
    group = page.add_argument_group("REMINDER")
    group.add_argument("id", metavar="ID", help="id of the message")
    _add_connection(page, "sender", "signing_key_file")
    page.add_rest('{"id", "reminder"}')


def add_history(console: Page) -> None:
    """Let *console* have ``history``."""
    page = console.add_command("history", HISTORY)
    group = page.add_argument_group("WHICH")
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "--channel", action="extend", nargs="+", metavar="NAME", help="sent to this channel"
    )
    where.add_argument("--all", action="store_true", help="sent to all channels at once")
    group.add_argument(
        "--level",
        action="extend",
        nargs="+",
        choices=[level.value for level in Level],
        metavar="LEVEL",
        help=f"of this level: {', '.join(Level)}",
    )
    group.add_argument("--since", metavar="TIME", help="sent at or after this day or moment")
    group.add_argument("--until", metavar="TIME", help="sent before this day or moment")
    group.add_argument("--search", metavar="TEXT", help="with this in title, text or sender")
    group.add_argument(
        "--count", type=_count, default=20, metavar="N", help="at most so many; default: 20"
    )
    _add_connection(page)
    page.add_rest('[{"id", "channels", "title", "level", "sent_at", "acknowledged", ...}]')


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _add_connection(page: Page, *more: str) -> None:
    page.add_settings("CONNECTION", CONNECTION)
    page.add_settings("OTHER SETTINGS", (*more, "data_dir"))
