"""The manual pages that ``--help`` prints, the same for every command of both programs.

What can be known is not written twice: options, variables, defaults and files come from the
settings table and from the functions that the programs themselves use. A page is at most 79
columns wide whatever the terminal, since it is also what gets pasted into tickets.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin

from shared import __version__
from shared.errors import (
    EXIT_BAD_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
)
from shared.paths import default_data_dir, machine_settings_file, policy_dir, user_settings_file
from shared.registry import REGISTRY_MACHINE, REGISTRY_POLICIES
from shared.settings import PASSWORD_VARIABLE, TABLE, Group, Program, Settings

WIDTH = 79
_COLUMN = 26
_DATA = {
    Program.CONSOLE: "The draft, the window's place, and logs (setting data_dir).",
    Program.TRAY: "The inbox, the status file, and logs (setting data_dir).",
}
ALL_EXITS: Mapping[int, str] = {
    EXIT_OK: "Done.",
    EXIT_BAD_INPUT: "Bad input: the command line, a setting or a field.",
    EXIT_UNREACHABLE: "Redis cannot be reached.",
    EXIT_REFUSED: "Redis, or this PC, refused.",
    EXIT_INTERRUPTED: "Interrupted (Ctrl+C).",
}
LOCAL_EXITS: Mapping[int, str] = {
    EXIT_OK: "Done.",
    EXIT_BAD_INPUT: "Bad input: the command line or a setting.",
    EXIT_REFUSED: "This PC refused.",
}
CONNECTION = tuple(name for name, info in TABLE.items() if info.group is Group.CONNECTION)
"""Settings that every command takes which talks to Redis."""


@dataclass(frozen=True, slots=True)
class Manual:
    """What a page says besides its options.

    *text* has paragraphs, separated by empty lines; *examples* has sentences by command.
    """

    summary: str
    synopsis: str
    text: str
    examples: Mapping[str, str]
    exits: Mapping[int, str] = field(default_factory=lambda: ALL_EXITS)


class Page(argparse.ArgumentParser):
    """The parser of one command, with its manual."""

    def __init__(self, prog: str, program: Program, manual: Manual) -> None:
        super().__init__(
            prog=prog,
            usage="\n  ".join(manual.synopsis.splitlines()),
            description=_section("DESCRIPTION", _paragraphs(manual.text)),
            formatter_class=_Formatter,
            add_help=False,
        )
        self.program = program
        self.manual = manual
        self.commands: argparse._SubParsersAction[Page] | None = None

    def add_command(self, name: str, manual: Manual) -> Page:
        """Let this program have the command *name*; return its page."""
        if self.commands is None:
            self.commands = self.add_subparsers(
                title="COMMANDS (see COMMAND --help)",
                dest="command",
                metavar="COMMAND",
                prog=self.prog,
                parser_class=Page,
            )
        prog = f"{self.prog} {name}"
        return self.commands.add_parser(
            name, help=manual.summary, prog=prog, program=self.program, manual=manual
        )

    def add_settings(self, title: str, names: Iterable[str]) -> argparse._ArgumentGroup:
        """Add a group with one option for each of the settings *names*, as the table has it."""
        group = self.add_argument_group(title)
        for name in names:
            info = TABLE[name]
            group.add_argument(
                info.option,
                dest=name,
                metavar=name.rsplit("_", 1)[-1].upper(),
                default=argparse.SUPPRESS,
                help=described(name).replace("%", "%%"),
            )
        return group

    def add_rest(self, json: str = "") -> None:
        """Add what every command has; *json* shows what ``--json`` prints, if it does."""
        group = self.add_argument_group("OTHER OPTIONS")
        if json:
            group.add_argument("--json", action="store_true", help=f"print JSON: {json}")
        version = f"{self.prog.split()[0]} {__version__}"
        group.add_argument("--version", action="version", version=version, help="print the version")
        group.add_argument("-h", "--help", action="help", help="print this page")

    def format_help(self) -> str:
        """The whole page."""
        return "\n".join([super().format_help(), *self._sections()])

    def _sections(self) -> Iterator[str]:
        manual, own = self.manual, self._own_settings()
        none = "  None that Siaran has a say in."
        yield _section("ENVIRONMENT", _listed(dict(self._variables(own))) if own else none)
        yield _section("FILES", _listed(dict(_files(self.program)), column=6) if own else none)
        exits = {str(code): sentence for code, sentence in sorted(manual.exits.items())}
        yield _section("EXIT STATUS", _listed(exits, column=8))
        yield _section("EXAMPLES", _listed(manual.examples, column=6))

    def _own_settings(self) -> list[str]:
        """The settings that this command has options for, in the table's order."""
        mine = {action.dest for action in self._actions}
        return [name for name in TABLE if name in mine]

    def _variables(self, own: list[str]) -> Iterator[tuple[str, str]]:
        """Variables of this command's settings; the program's own page has all of them."""
        whole = self.commands is not None
        for name, info in TABLE.items():
            if name in own and name != "channels":
                yield info.variable, f"Like {info.option}."
            elif name in own or (whole and self.program in info.programs):
                yield info.variable, f"{described(name)}{_form(info.type)}"
        if "redis_url" in own:
            yield PASSWORD_VARIABLE, "Password of the Redis account, before any other source."
        if not whole:
            yield "SIARAN_...", f"Every other setting; {self.prog.split()[0]} --help has them all."
        if sys.platform != "win32":
            yield "XDG_CONFIG_HOME", "Where a person's settings are, below ~/.config if unset."
            yield "XDG_DATA_HOME", "Where data are, below ~/.local/share if unset."


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Headings as in a manual, and one width for all terminals."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, max_help_position=_COLUMN, width=WIDTH, **more)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Begin with the synopsis."""
        super().add_usage(usage, actions, groups, prefix or "SYNOPSIS:\n  ")


def described(name: str) -> str:
    """The help of one setting with its default."""
    default = getattr(Settings(), name)
    if default in ("", None) or default == {}:
        return TABLE[name].help
    shown = "; ".join(default) if isinstance(default, list) else default
    return f"{TABLE[name].help} Default: {shown}."


def _form(kind: Any) -> str:
    """How a variable has a value that is more than a word."""
    if kind == bool | None:
        return " As true or false."
    forms = {list: " Separated by semicolons.", dict: " As JSON."}
    return forms.get(get_origin(kind), "")


def _files(program: Program) -> Iterator[tuple[str, str]]:
    policies = policy_dir()
    machine = machine_settings_file()
    managed = rf"HKLM\{REGISTRY_POLICIES}" if policies is None else str(policies / "*.json")
    yield managed, "Policies: what IT decides; nobody can override it."
    yield _place(user_settings_file()), "Settings of this person."
    yield (
        rf"HKLM\{REGISTRY_MACHINE}" if machine is None else str(machine),
        f"Settings of this PC. Here and above, [{program}] holds what is for this program alone.",
    )
    yield _place(default_data_dir(program)), _DATA[program]


def _place(path: Path) -> str:
    """A path as people write it: their home folder is ``~`` where shells know that."""
    if sys.platform != "win32" and path.is_relative_to(Path.home()):
        return f"~/{path.relative_to(Path.home())}"
    return str(path)


def _section(title: str, text: str) -> str:
    return f"{title}:\n{text}\n"


def _paragraphs(text: str) -> str:
    return "\n\n".join(
        textwrap.fill(one, WIDTH, initial_indent="  ", subsequent_indent="  ")
        for one in text.split("\n\n")
    )


def _listed(rows: Mapping[str, str], column: int = _COLUMN) -> str:
    """Names with their explanations beside them, or below where the name is too long for that."""
    return "\n".join(_row(name, text, column) for name, text in rows.items())


def _row(name: str, text: str, column: int) -> str:
    margin = " " * column
    body = textwrap.fill(text, WIDTH, initial_indent=margin, subsequent_indent=margin)
    head = f"  {name}  "
    if len(head) > column:
        return f"{head.rstrip()}\n{body}"
    return f"{head:<{column}}{body.lstrip()}"
