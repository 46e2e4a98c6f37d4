"""What the command lines of both programs have in common. Imports neither Qt nor Redis."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared import __version__
from shared.errors import EXIT_BAD_INPUT, BadInput, SiaranError
from shared.paths import default_data_dir
from shared.settings import TABLE, Loaded, Program
from shared.sources import Sources

URL_WARNING = (
    "Every user of this PC can read the password in --redis-url; "
    "put it into password_file or the variable SIARAN_PASSWORD."
)
EXIT_CODES = """\
exit codes:
  0  done
  2  bad input: the command line, a setting or a field
  3  Redis cannot be reached
  4  Redis, or this PC, refused
"""


def add_setting_options(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """Add one option for each of the settings *names*, with the help of the settings table."""
    for name in names:
        info = TABLE[name]
        parser.add_argument(
            info.option,
            dest=name,
            metavar=name.rsplit("_", 1)[-1].upper(),
            default=argparse.SUPPRESS,
            help=info.help,
        )


def add_common_options(parser: argparse.ArgumentParser, program: str) -> None:
    """Add what every command takes."""
    add_setting_options(parser, ("redis_url", "namespace"))
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")


def sources_of(arguments: argparse.Namespace, program: Program) -> Sources:
    """The sources of settings of this PC, with those given in *arguments* as the command line's."""
    given = {name: value for name, value in vars(arguments).items() if name in TABLE}
    if urlsplit(str(given.get("redis_url", ""))).password:
        sys.stderr.write(f"{URL_WARNING}\n")
    return Sources.of_this_pc(program, given)


def data_dir(loaded: Loaded, program: Program) -> Path:
    """The folder for the program's data."""
    configured = loaded.settings.data_dir
    return Path(configured).expanduser() if configured else default_data_dir(program)


def run_command(program: str, work: Callable[[], int]) -> int:
    """Run *work*; what it cannot do becomes one sentence on standard error and an exit code."""
    try:
        return work()
    except BadInput as error:
        for problem in error.problems:
            sys.stderr.write(f"{program}: {problem.sentence}\n")
        return EXIT_BAD_INPUT
    except SiaranError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has stopped; what is buffered must not be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def print_json(value: Any) -> None:
    """Write *value* as one JSON document, readable in any locale."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
