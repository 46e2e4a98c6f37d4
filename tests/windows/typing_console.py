"""The console program with somebody who types a title: ``FILE TITLE`` and its command line.

FILE is there when the title is typed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtTest import QTest

from admin_app.app import ConsoleApp, run_console
from admin_app.options import parser
from shared.command_line import data_dir, sources_of
from shared.qt.runner import QuitRequest
from shared.settings import Program


def main() -> int:
    """Run the console until its end."""
    file, title, *arguments = sys.argv[1:]
    sources = sources_of(parser().parse_args(arguments), Program.CONSOLE)

    def started(console: ConsoleApp, _quit: QuitRequest) -> None:
        QTest.keyClicks(console.window.form.title, title)
        Path(file).touch()

    folder = data_dir(sources.load(), Program.CONSOLE)
    return run_console(sources, folder, os.environ, started=started)


if __name__ == "__main__":
    sys.exit(main())
