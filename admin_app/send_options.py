"""What ``send``, ``recall`` and ``replace`` take, and their manual pages."""

from __future__ import annotations

import argparse

from admin_app.moments import Moment, read_moment
from shared.codec import MAX_REPLY
from shared.errors import EXIT_NOT_YET
from shared.manual import ALL_EXITS, CONNECTION, Manual, Page
from shared.model import MAX_BODY, MAX_REPLIES, MAX_TITLE, Ack, Format, Level
from shared.receipts import Stage

PROGRAM = "siaran-console"
_ID = "01a20b37-8a79-76c6-939e-3cd6e427e3ea"
_JSON = (
    '{"id", "channels", "show_at", "expires_at", "replaces", "connected", "expected", "received",'
    ' "displayed", "ack", "acknowledged", "asked"}'
)
_TIMES = (
    "A TIME is a moment like 2026-11-24T08:00 (of this PC's time zone unless it names one, as in "
    "2026-11-24T08:00+07:00), or a time from now like +2h, +90s or +1d12h."
)
SEND = Manual(
    "send one message and wait until Redis has it",
    f"{PROGRAM} send (--channel NAME... | --all) --title TITLE\n"
    f"{' ' * len(PROGRAM)}      --message TEXT [OPTION]...",
    "Sends one message and waits until Redis has stored it. PCs that are off show it when they "
    "come back. Prints how many PCs of these channels are connected; none is no error.\n\n"
    "A connection that is lost in the middle is tried three times. The message keeps its id, so "
    "nobody sees it twice.\n\n"
    "With --wait it goes on until enough PCs have received, displayed or acknowledged the message, "
    "or the time is over; the message stays sent either way. With --ack outlet it is outlets that "
    "acknowledge.\n\n" + _TIMES,
    {
        f'{PROGRAM} send --channel "Channel 1" --title Hi --message "Hi all."': (
            "Send to one channel."
        ),
        f"{PROGRAM} send --all --level urgent --title Fire --message - < text.txt": (
            "Send a file to all channels, before any quieter message."
        ),
        f"{PROGRAM} send --all --title Hi --message Rice? --reply Yes --reply No": (
            "Ask something; one click answers."
        ),
        f"{PROGRAM} send --all --title Hi --message x --show-at +2h --expires +4h": (
            "Show it in two hours, for at most four."
        ),
        f"{PROGRAM} send --all --title Hi --message x --wait displayed --count 100": (
            "Wait until 100 PCs have it on the screen."
        ),
    },
    {
        **ALL_EXITS,
        EXIT_NOT_YET: "Sent, but --wait was not reached in time, or Redis was lost meanwhile.",
    },
)
RECALL = Manual(
    "take a message back",
    f"{PROGRAM} recall ID [OPTION]...",
    "Sends a recall to the channels of a message. Where its popup is open it closes; elsewhere it "
    "never opens. What people have acknowledged stays so; report says how many PCs had it on the "
    "screen and how many were spared it. history has the ids.",
    {f"{PROGRAM} recall {_ID}": "Take it back."},
)
REPLACE = Manual(
    "put another message in the place of one",
    f"{PROGRAM} replace ID [--title TITLE] [--message TEXT] [OPTION]...",
    "Sends a message to the channels of another one and takes its place: an open popup changes to "
    "it, and everybody is asked again, also who had acknowledged the first one. What is not given "
    "is as it was. It has an id and receipts of its own. What was recalled or replaced already "
    "cannot be replaced.\n\n" + _TIMES,
    {
        f"{PROGRAM} replace {_ID} --title New": "Correct the title.",
    },
)


def add_message(page: Page, *, new: bool) -> None:
    """Let *page* take a message; one that is not *new* need not say everything."""
    group = page.add_argument_group("MESSAGE")
    if new:
        where = group.add_mutually_exclusive_group(required=True)
        where.add_argument(
            "--channel",
            action="extend",
            nargs="+",
            metavar="NAME",
            help="channel; several are fine",
        )
        where.add_argument("--all", action="store_true", help="send to all channels")
    else:
        group.add_argument("id", metavar="ID", help="id of the message that it replaces")
    group.add_argument("--title", required=new, help=f"title, at most {MAX_TITLE} characters")
    group.add_argument(
        "--message",
        metavar="TEXT",
        required=new,
        help=f"text, at most {MAX_BODY} characters; - reads it from standard input (UTF-8)",
    )
    _add_choice(group, "level", Level, "how loudly it asks for attention", Level.NORMAL, new=new)
    _add_choice(group, "format", Format, "how the text is to be read", Format.PLAIN, new=new)
    _add_asking(group, new=new)
    if new:
        group.add_argument(
            "--drill",
            action="store_true",
            help="an exercise: marked TEST on every screen, and told apart in the history",
        )
    _add_times(group)
    group.add_argument(
        "--trust-clock",
        action="store_true",
        help="believe the clock of the server although it has jumped by more than an hour; without"
        " this such a message is refused (exit code 4) until the clock of this PC agrees",
    )


def add_wait(page: Page) -> None:
    """Let *page* wait until PCs have come so far."""
    wait = page.add_argument_group("WAIT")
    wait.add_argument(
        "--wait",
        choices=[stage.value for stage in Stage],
        metavar="STAGE",
        help=f"wait until PCs have come so far: {', '.join(Stage)}",
    )
    wait.add_argument(
        "--count",
        type=_count,
        default="all",
        metavar="N",
        help="how many PCs to wait for, or all that are expected; default: all",
    )
    wait.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="S",
        help="seconds to wait at most; default: 60",
    )


def add_send(console: Page) -> None:
    """Let *console* have ``send``."""
    page = console.add_command("send", SEND)
    add_message(page, new=True)
    add_wait(page)
    _add_settings(page)
    page.add_rest(_JSON)


def add_replace(console: Page) -> None:
    """Let *console* have ``replace``."""
    page = console.add_command("replace", REPLACE)
    add_message(page, new=False)
    add_wait(page)
    _add_settings(page)
    page.add_rest(_JSON)


def add_recall(console: Page) -> None:
    """Let *console* have ``recall``."""
    page = console.add_command("recall", RECALL)
    page.add_argument_group("RECALL").add_argument("id", metavar="ID", help="id of the message")
    _add_settings(page)
    page.add_rest('{"id", "recall"}')


def _add_choice(
    group: argparse._ArgumentGroup,
    name: str,
    choices: type[Level] | type[Format] | type[Ack],
    help_text: str,
    default: str,
    *,
    new: bool,
) -> None:
    usual = f"; default: {default}" if new else ""
    group.add_argument(
        f"--{name}",
        choices=[one.value for one in choices],
        metavar=name.upper(),
        help=f"{help_text}: {', '.join(choices)}{usual}",
    )


def _add_asking(group: argparse._ArgumentGroup, *, new: bool) -> None:
    text = "who has to acknowledge it: nobody, every PC, or one PC of each outlet"
    _add_choice(group, "ack", Ack, text, Ack.PC, new=new)
    group.add_argument(
        "--reply",
        action="append",
        metavar="TEXT",
        help=f"an answer to choose, at most {MAX_REPLY} characters; up to {MAX_REPLIES} are fine",
    )


def _add_times(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--show-at", type=_moment, metavar="TIME", help="open it then, not before; PCs may be off"
    )
    group.add_argument(
        "--expires",
        type=_moment,
        metavar="TIME",
        help="open it no more from then on; +TIME counts from when it is shown",
    )


def _add_settings(page: Page) -> None:
    page.add_settings("CONNECTION", CONNECTION)
    page.add_settings("OTHER SETTINGS", ("sender", "signing_key_file", "data_dir"))


def _moment(text: str) -> Moment:
    try:
        return read_moment(text)
    except ValueError:
        sentence = f"{text!r} is no time such as 2026-11-24T08:00 or +2h"
        raise argparse.ArgumentTypeError(sentence) from None


def _count(text: str) -> int | str:
    if text == "all":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number from 1 nor all")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to 86400")
    return seconds
