"""What the tray's command line takes, and its manual pages."""

from __future__ import annotations

import argparse

from shared.manual import CONNECTION, LOCAL_EXITS, Manual, Page
from shared.settings import TABLE, Program

PROGRAM = "siaran-tray"

TRAY = Manual(
    "show head office's messages",
    f"{PROGRAM} [OPTION]...\n{PROGRAM} --quit [--all-sessions] [OPTION]...\n"
    f"{PROGRAM} COMMAND [OPTION]...",
    "Shows head office's messages on this PC as soon as they are sent, and those that came while "
    "it was off. One tray runs for each data folder; another start of it brings the first one's "
    "message to the front.\n\n"
    "Settings come from policies, the command line, the environment, the person's file and the "
    "PC's, in this order; what is for IT to set, from policies and the PC's alone where they say "
    "anything. A running tray takes over what is changed there. A wrong setting never "
    "stops it; see the command status.",
    {
        f"{PROGRAM} --redis-url rediss://hq-redis:6380 --outlet JKT-014": (
            "Follow the channels that are set on this PC."
        ),
        f'{PROGRAM} --channel "Channel 1" "Channel 3"': "Follow two channels and All channels.",
        f"{PROGRAM} --quit": "End the running tray.",
        f"{PROGRAM} --quit --all-sessions": "As root or SYSTEM: end every user's tray.",
    },
    {**LOCAL_EXITS, 0: "Ended as asked, or running already.", 4: "This PC refused."},
)
STATUS = Manual(
    "say how the running tray stands with Redis",
    f"{PROGRAM} status [OPTION]...",
    "Says who the running tray of this data folder is, whether it is connected, what is wrong, "
    "and how many messages wait for an answer.",
    {f"{PROGRAM} status --json": "The same for a script."},
    {**LOCAL_EXITS, 0: "A tray is running, connected or not.", 4: "No tray is running here."},
)
INBOX = Manual(
    "list the messages this PC has, newest last",
    f"{PROGRAM} inbox [OPTION]...",
    "Prints when each message was sent, its level, how far it has come, its channel and its "
    "title. Needs neither Redis nor a running tray.",
    {f"{PROGRAM} inbox --json": "Everything about the messages, their texts included."},
    LOCAL_EXITS,
)


def parser() -> Page:
    """The whole command line."""
    page = Page(PROGRAM, Program.TRAY, TRAY)
    _add_listing(page, "status", STATUS, '{"running", "state", "address", "endpoint", ...}')
    _add_listing(page, "inbox", INBOX, '[{"id", "channel", "title", "body", ...}]')
    _add_control(page)
    page.add_settings("CONNECTION", CONNECTION)
    _add_outlet(page)
    page.add_settings("OTHER SETTINGS", ("data_dir", "theme"))
    page.add_rest()
    return page


def _add_control(page: Page) -> None:
    control = page.add_argument_group("THE RUNNING TRAY")
    control.add_argument(
        "--background",
        action="store_true",
        help="start without a word, and not at all if a tray is running: for the start of a "
        "session, and for a task that brings a lost tray back",
    )
    control.add_argument(
        "--quit", action="store_true", help="end the running tray, wait until it has ended"
    )
    control.add_argument(
        "--all-sessions",
        action="store_true",
        help="with --quit: end the trays of every user within reach, as an installer does "
        "before an upgrade; no settings are read",
    )


def _add_outlet(page: Page) -> None:
    group = page.add_settings("OUTLET", ("outlet", "outlet_pattern", "pc"))
    group.add_argument(
        "--channel",
        dest="channels",
        action="extend",
        nargs="+",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"{TABLE['channels'].help} May be given several times.",
    )


def _add_listing(page: Page, name: str, manual: Manual, json: str) -> None:
    listing = page.add_command(name, manual)
    listing.add_settings("SETTINGS", ("data_dir",))
    listing.add_rest(json)
