#!/usr/bin/env python3
"""Makes the accounts of Siaran's Redis, each with a random password that nobody has chosen.

Needs nothing but Python 3.9 or newer, so it runs on the server. The rights come from the template
``users.acl`` beside it, in which no password is one; Redis gets only their SHA-256. Each password
is a file of its own in ``passwords``, for root only: what ``password_file`` on a PC wants.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

TEMPLATE = Path(__file__).resolve().parent / "users.acl"
PASSWORD_BYTES = 24
"""192 random bits: nobody guesses them, and Redis may keep a fast hash of them."""
USERS = "users.acl"
OUTLET = "outlet-"
"""What the name of an outlet's own account begins with."""
OLDER = ("+multi", "+exec")
"""Rights of outlets that trays needed to read a log, up to 0.1.0 of November 2026."""
TOO_WIDE_ON_6 = {"outlet": {"+publish"}, "console": {"+hdel"}}
"""Rights that Redis 6.2 could only give for more names than they are meant for: outlets could send
messages, consoles could delete channels."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 and a sentence if not."""
    arguments = _parser().parse_args(argv)
    try:
        accounts = Accounts(arguments.folder, arguments.group)
        arguments.run(accounts, arguments)
    except (LookupError, OSError, ValueError) as error:
        words = error.args[0] if isinstance(error, LookupError) else str(error)
        print(f"accounts.py: {words}", file=sys.stderr)
        return 2
    print("Now let Redis read its accounts anew: redis-cli --user operator --askpass ACL LOAD")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="accounts.py", description="Accounts of Siaran's Redis.")
    parser.add_argument("--folder", type=Path, default=Path("/etc/siaran-redis"))
    parser.add_argument("--group", default="redis", help="that Redis runs as (default: redis)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    make = commands.add_parser("make", help="make the accounts console, outlet and operator")
    make.add_argument("--namespace", default="siaran", help="as in the PCs' settings")
    make.add_argument("--redis-6", action="store_true", help="for Redis 6.2, which has less rules")
    make.add_argument(
        "--no-older-trays",
        action="store_true",
        help="every tray can do without MULTI and EXEC, which accounts that were made before have",
    )
    make.set_defaults(
        run=lambda accounts, given: make_all(
            accounts, given.namespace, given.redis_6, keep_older=not given.no_older_trays
        )
    )

    outlet = commands.add_parser("outlet", help="make an account for one outlet and its channels")
    outlet.add_argument("outlet", help="as in the setting outlet, for example JKT-014")
    outlet.add_argument("channel", nargs="+")
    outlet.set_defaults(
        run=lambda accounts, given: make_outlet(accounts, given.outlet, given.channel)
    )

    renew = commands.add_parser("renew", help="give an account a new password beside the old one")
    renew.add_argument("account")
    renew.set_defaults(run=lambda accounts, given: give_new_password(accounts, given.account))

    settle = commands.add_parser("settle", help="let only the newest password of an account hold")
    settle.add_argument("account")
    settle.set_defaults(run=lambda accounts, given: drop_old_passwords(accounts, given.account))

    remove = commands.add_parser("remove", help="remove an account")
    remove.add_argument("account")
    remove.set_defaults(run=lambda accounts, given: accounts.remove(given.account))
    return parser


# --- commands ------------------------------------------------------------------------------------


def make_all(
    accounts: Accounts, namespace: str, redis_6: bool, *, keep_older: bool = False
) -> None:
    """Make every account of the template, and give its rights to those that are there already.

    Passwords stay, and so do the channels of outlets with accounts of their own. *keep_older*: so
    do the rights that only older trays need, until those are gone.
    """
    older = accounts.older_rights() if keep_older else []
    for line in TEMPLATE.read_text(encoding="ascii").splitlines():
        rule = _in_namespace(line, namespace)
        if line.startswith("user outlet "):
            rule = rule.replace(" -@all ", " ".join([" -@all", *older, ""]), 1)
        accounts.put(_for_redis_6(rule) if redis_6 else rule)
    for name in accounts.names():
        if name.startswith(OUTLET):
            channels = re.findall(r"&\S+:ch:(\S+)", accounts.rule(name))
            make_outlet(accounts, unquote(name[len(OUTLET) :]), [unquote(one) for one in channels])
    if older:
        print(
            f"Outlets keep {' '.join(older)}, which older trays need, and by which anybody with\n"
            "their password can keep Redis busy for minutes. When every tray is new:\n"
            "accounts.py make --no-older-trays"
        )


def make_outlet(accounts: Accounts, outlet: str, channels: Sequence[str]) -> None:
    """Make the account ``outlet-NAME``: the rights of ``outlet``, for these channels only."""
    general = accounts.rule("outlet")
    words = general.split()
    words[1] = f"{OUTLET}{encode_name(outlet)}"
    names = [encode_name(channel) for channel in channels]
    limited = []
    for word in words:
        if word.endswith((":log:*", ":ch:*")):
            limited += [word[:-1] + name for name in names]
        else:
            limited.append(re.sub(r":ans:\*", f":ans:{encode_name(outlet)}", word))
    accounts.put(" ".join(word for word in limited if not word.startswith("#")))


def give_new_password(accounts: Accounts, name: str) -> None:
    """The old password stays good until ``settle``: PCs get the new one in the meantime."""
    accounts.put(f"{accounts.rule(name)} #{accounts.new_password(name)}")


def drop_old_passwords(accounts: Accounts, name: str) -> None:
    """Only the last password holds."""
    words = accounts.rule(name).split()
    last = [word for word in words if word.startswith("#")][-1]
    accounts.put(" ".join(w for w in words if not w.startswith("#")) + f" {last}")


class Accounts:
    """The file that Redis reads, and the passwords beside it."""

    def __init__(self, folder: Path, group: str) -> None:
        self._file = folder / USERS
        self._passwords = folder / "passwords"
        self._group = group
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._passwords.mkdir(mode=0o700, exist_ok=True)

    def names(self) -> list[str]:
        """All accounts."""
        return [line.split()[1] for line in self._lines()]

    def rule(self, name: str) -> str:
        """The line of the account *name*."""
        for line in self._lines():
            if line.split()[1] == name:
                return line
        raise LookupError(f"There is no account {name} in {self._file}.")

    def older_rights(self) -> list[str]:
        """Those of ``OLDER`` that the account of the outlets has."""
        if "outlet" not in self.names():
            return []
        have = self.rule("outlet").split()
        return [one for one in OLDER if one in have]

    def put(self, rule: str) -> None:
        """Add a line, or put it in its account's place; it gets a password if it has none."""
        name = rule.split()[1]
        rule = re.sub(r" >\S+", "", rule)
        if " #" not in rule and name != "default":
            kept = [w for line in self._lines() if line.split()[1] == name for w in line.split()]
            old = [word for word in kept if word.startswith("#")]
            rule = " ".join([rule, *(old or [f"#{self.new_password(name)}"])])
        others = [line for line in self._lines() if line.split()[1] != name]
        self._write([*others, rule])

    def remove(self, name: str) -> None:
        """Take the account *name* and its password away."""
        gone = self.rule(name)
        self._write([line for line in self._lines() if line != gone])
        (self._passwords / name).unlink(missing_ok=True)

    def new_password(self, name: str) -> str:
        """Write a new password to its file; return its SHA-256, which is all that Redis gets."""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        path = self._passwords / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(password + "\n", encoding="ascii")
        print(f"New password of {name}: in {path}")
        return hashlib.sha256(password.encode()).hexdigest()

    def _lines(self) -> list[str]:
        if not self._file.exists():
            return []
        return [
            line for line in self._file.read_text(encoding="ascii").splitlines() if line.strip()
        ]

    def _write(self, lines: Sequence[str]) -> None:
        """Exchange the file at once, so that Redis never reads half of it."""
        fresh = self._file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o640)
        fresh.write_text("\n".join(lines) + "\n", encoding="ascii")
        if os.geteuid() == 0:
            shutil.chown(fresh, group=int(self._group) if self._group.isdigit() else self._group)
        fresh.replace(self._file)


# --- rules ---------------------------------------------------------------------------------------


def encode_name(name: str) -> str:
    """As in Siaran's names in Redis (``shared/keys.py``); a test compares the two."""
    return quote(name, safe=".-_").replace("~", "%7E")


def _in_namespace(rule: str, namespace: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", namespace):
        raise ValueError("A namespace has 1 to 40 letters, digits, dots, hyphens and underscores.")
    return re.sub(r"([~&]\{?)siaran(?=[:}])", rf"\g<1>{namespace}", rule)


def _for_redis_6(rule: str) -> str:
    """Redis 6.2 knows no rights for reading only, and no second set of rights in parentheses.

    The sets join the first, but for those of ``TOO_WIDE_ON_6``.
    """
    account = rule.split()[1]
    rule = re.sub(r"%R?W?~", "~", rule)
    words = re.sub(r" \(.*?\)", "", rule).split()
    for rights in re.findall(r"\(-@all (.*?)\)", rule):
        more = rights.split()
        if not set(more) & TOO_WIDE_ON_6.get(account, set()):
            words += [one for one in more if one not in words]
    if "~*" in words:  # Redis refuses a name behind it
        words = [one for one in words if one == "~*" or not one.startswith("~")]
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main())
