"""What the console's command line takes, and its manual pages."""

from __future__ import annotations

import sys

from admin_app.report_options import add_endpoints, add_history, add_remind, add_report
from admin_app.send_options import add_recall, add_replace, add_send
from shared.manual import ALL_EXITS, CONNECTION, LOCAL_EXITS, Manual, Page
from shared.settings import Program

PROGRAM = "siaran-console"

CONSOLE = Manual(
    "send messages to outlets",
    f"{PROGRAM} [OPTION]...\n{PROGRAM} COMMAND [OPTION]...",
    "Sends a message to the PCs of outlets, which show it at once. Without a command, opens the "
    "window.\n\n"
    "Settings come from policies, the command line, the environment, the person's file and the "
    "PC's, in this order; what is for IT to set, from policies and the PC's alone where they say "
    "anything. The commands need no display.",
    {
        PROGRAM: "Open the window with what is set on this PC.",
        f"{PROGRAM} --redis-url rediss://hq-redis:6380 --theme dark": "The same, elsewhere.",
        f"{PROGRAM} check": "See whether everything is as it should be.",
    },
)
CHECK = Manual(
    "connect and say what works, what does not, and what is weak",
    f"{PROGRAM} check [OPTION]...",
    "Looks at settings, connection, rights, storage, clock, channels and PCs, and prints one line "
    "about each. Sends nothing. What is only weak does not count as bad.",
    {
        f"{PROGRAM} check": "Look at what is set on this PC.",
        f"{PROGRAM} check --redis-url rediss://hq:6380 --ca-file ca.pem --json": (
            "Try another address before everybody gets it, for a script."
        ),
    },
    {**ALL_EXITS, 0: "Nothing is bad.", 4: "Redis refused, or something is bad."},
)
REPAIR = Manual(
    "find what somebody has spoilt in Redis, and mend it",
    f"{PROGRAM} repair [--memory] [--logs] [--only-listed] [--yes] [OPTION]...",
    "Looks at every key and connection, and says what should not be there: receipts of messages "
    "that head office has not sent, names and types that Siaran does not have, fields that are "
    "not what they should be, connections that hold too much. Changes nothing without --yes.\n\n"
    "Wants the account operator, not the console's. What is not known, as a newer version's or "
    "another program's, is named and left alone. Messages, their receipts and their counters "
    "stay.",
    {
        f"{PROGRAM} repair --username operator --password-file operator": "Only look.",
        f"{PROGRAM} repair --yes --username operator --password-file operator": "Mend it.",
    },
)
CHANNELS = Manual(
    "list the channels; add, rename or retire one",
    f"{PROGRAM} channels [--add NAME | --rename NAME LABEL | --retire NAME]\n"
    f"{' ' * len(PROGRAM)}          [OPTION]...",
    "Prints the channel directory, after the change if one is given. A channel's name never "
    "changes, since trays are set to it; --rename changes the label that people see.",
    {
        f'{PROGRAM} channels --add "Region East"': "Offer a new channel.",
        f'{PROGRAM} channels --rename "Channel 1" Jakarta': "Show it under another name.",
    },
)
KEYGEN = Manual(
    "make a key that signs this console's messages",
    f"{PROGRAM} keygen --key-id ID --out FILE [OPTION]...",
    "Writes a private Ed25519 key to a file that only you can read, and prints the public key for "
    "the setting trusted_keys of the trays. Never overwrites a file. Needs no Redis.",
    {f"{PROGRAM} keygen --key-id hq --out hq.key": "Make the key hq."},
    LOCAL_EXITS,
)


def parser() -> Page:
    """The whole command line."""
    page = Page(PROGRAM, Program.CONSOLE, CONSOLE)
    for add in (
        add_send,
        add_recall,
        add_replace,
        add_report,
        add_remind,
        add_history,
        add_endpoints,
    ):
        add(page)
    _add_check(page)
    _add_repair(page)
    _add_channels(page)
    _add_keygen(page)
    _add_connection(page, "data_dir", "theme")
    if sys.platform == "win32":  # elsewhere no installer needs it
        _add_quit(page)
    page.add_rest()
    return page


def _add_quit(page: Page) -> None:
    running = page.add_argument_group("RUNNING CONSOLES")
    running.add_argument(
        "--quit", action="store_true", help="with --all-sessions: end running consoles"
    )
    running.add_argument(
        "--all-sessions",
        action="store_true",
        help="with --quit: those of every user within reach, as an installer does before an "
        "upgrade; no settings are read",
    )


def _add_check(console: Page) -> None:
    check = console.add_command("check", CHECK)
    _add_connection(check, "signing_key_file", "data_dir")
    check.add_rest('{"ok", "findings": [{"topic", "grade", "sentence"}]}')


def _add_repair(console: Page) -> None:
    repair = console.add_command("repair", REPAIR)
    what = repair.add_argument_group("WHAT TO REPAIR (all of it if nothing is named)")
    what.add_argument("--memory", action="store_true", help="what fills Redis' memory")
    what.add_argument(
        "--logs", action="store_true", help="logs whose last id lies more than a day ahead"
    )
    how = repair.add_argument_group("HOW")
    how.add_argument(
        "--yes", action="store_true", help="do it; otherwise only say what it would do"
    )
    how.add_argument(
        "--only-listed",
        action="store_true",
        help="also remove PCs whose outlets are not in the list of outlets, from the registry and "
        "from receipts; one that lives comes back with its next heartbeat",
    )
    how.add_argument(
        "--forget-outlet",
        action="append",
        metavar="OUTLET",
        help="also remove this outlet from the registry and from all receipts, which are lost; "
        "repeatable",
    )
    _add_connection(repair, "data_dir")
    repair.add_rest(
        '{"done", "memory": {"servers", "kinds", "going", ...}, "logs": [{"log", "last", ...}]}'
    )


def _add_channels(console: Page) -> None:
    channels = console.add_command("channels", CHANNELS)
    change = channels.add_argument_group("CHANGES").add_mutually_exclusive_group()
    change.add_argument("--add", metavar="NAME", help="offer a new channel, or a retired one again")
    change.add_argument("--rename", nargs=2, metavar=("NAME", "LABEL"), help="change its label")
    change.add_argument("--retire", metavar="NAME", help="offer it no more")
    _add_connection(channels, "data_dir")
    channels.add_rest('[{"name", "label", "retired"}]')


def _add_keygen(console: Page) -> None:
    keygen = console.add_command("keygen", KEYGEN)
    key = keygen.add_argument_group("KEY")
    key.add_argument("--key-id", required=True, metavar="ID", help="name of the key")
    key.add_argument("--out", required=True, metavar="FILE", help="file for the private key")
    keygen.add_rest('{"key_id", "public", "file"}')


def _add_connection(page: Page, *more: str) -> None:
    page.add_settings("CONNECTION", CONNECTION)
    page.add_settings("OTHER SETTINGS", more)
