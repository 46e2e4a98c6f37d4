"""Manual pages (troff) from what ``--help`` prints, which is laid out as a manual already."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import admin_app.options
import tray_client.options
from shared import __version__
from shared.manual import Page
from shared.settings import Program

PARSERS = {Program.CONSOLE: admin_app.options.parser, Program.TRAY: tray_client.options.parser}


def man_pages(program: Program, date: str) -> dict[str, str]:
    """File names (``siaran-tray-status.1``) to pages of *program*; *date* is the build's, ISO."""
    root = PARSERS[program]()
    commands = root.commands.choices.values() if root.commands is not None else ()
    with _usual_folders():
        return {f"{_dashed(page)}.1": _page(page, date) for page in (root, *commands)}


@contextmanager
def _usual_folders() -> Iterator[None]:
    """Whoever builds may have chosen other places for their own settings and data."""
    chosen = {n: os.environ.pop(n) for n in ("XDG_CONFIG_HOME", "XDG_DATA_HOME") if n in os.environ}
    try:
        yield
    finally:
        os.environ.update(chosen)


def _dashed(page: Page) -> str:
    return page.prog.replace(" ", "-")


def _page(page: Page, date: str) -> str:
    name = _dashed(page)
    lines = [
        f'.TH {_safe(name.upper())} 1 "{date}" "Siaran {__version__}" "Siaran"',
        ".SH NAME",
        rf"{_safe(name)} \- {_safe(page.manual.summary)}",
        *_sections(page.format_help()),
    ]
    return "\n".join(lines) + "\n"


def _sections(text: str) -> Iterator[str]:
    """Each heading with its lines as they are: they are set for 79 columns."""
    open_section = False
    for line in text.splitlines():
        heading = re.fullmatch(r"([A-Z][A-Z ]+)(?: \(.*\))?:", line)
        if heading:
            if open_section:
                yield ".fi"
            yield f".SH {heading[1]}"
            yield ".in 3n"
            yield ".nf"
            open_section = True
        else:
            yield _safe(line.removeprefix("  "))
    if open_section:
        yield ".fi"


def _safe(text: str) -> str:
    r"""No backslash escapes, no line that is a request, and a minus that can be copied."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text
