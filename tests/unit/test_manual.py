"""The manual pages of ``--help``: whole, true, and fit for any terminal."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from pathlib import Path

import pytest

import admin_app.options
import tray_client.options
from shared.manual import Page
from shared.paths import machine_settings_file, policy_dir
from shared.settings import TABLE, Program

SECTIONS = ["SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"]


def pages() -> dict[str, Page]:
    """Every parser of both programs, by what one types to get there."""
    found = {}
    for program in (admin_app.options.parser(), tray_client.options.parser()):
        found[program.prog] = program
        assert program.commands is not None
        found |= {page.prog: page for page in program.commands.choices.values()}
    return found


PAGES = pages()
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with the usual folders: a long path cannot be broken into lines."""
    monkeypatch.setenv("HOME", "/home/budi")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("XDG_DATA_HOME")


def headings(text: str) -> list[str]:
    """The sections of a page, in their order."""
    return re.findall(r"^([A-Z][A-Z ]+)(?: \(.*\))?:$", text, re.MULTILINE)


def section(text: str, title: str) -> str:
    """One section of a page."""
    return text.split(f"{title}:\n")[1].split("\n\n")[0]


def test_all_commands_are_looked_at() -> None:
    assert list(PAGES) == [
        "siaran-console",
        *(
            f"siaran-console {name}"
            for name in (
                *("send", "recall", "replace", "report", "remind", "history", "endpoints"),
                *("check", "repair", "channels", "keygen"),
            )
        ),
        "siaran-tray",
        *(f"siaran-tray {name}" for name in ("status", "inbox")),
    ]


@every_page
@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_a_page_is_ascii_and_at_most_79_columns_wide_on_any_terminal(
    page: Page, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = page.format_help()
    assert [line for line in text.splitlines() if len(line) > 79 or line != line.rstrip()] == []
    assert text.isascii()
    assert "\n\n\n" not in text


@every_page
def test_a_page_has_all_sections_in_the_order_of_manuals(page: Page) -> None:
    found = headings(page.format_help())
    assert [title for title in found if title in SECTIONS] == SECTIONS
    assert found.index("OTHER OPTIONS") < found.index("ENVIRONMENT")
    assert "OPTIONS" not in found, "an option stands outside of any group"
    assert len(found) == len(set(found))


@every_page
def test_every_option_is_explained(page: Page) -> None:
    text = page.format_help()
    for action in page._actions:
        assert action.help or action.dest == "command", action.dest
        for option in action.option_strings:
            assert f"  {option}" in text or f", {option}" in text


@every_page
def test_the_synopsis_names_what_has_to_be_given_and_nothing_that_is_not_there(page: Page) -> None:
    synopsis = section(page.format_help(), "SYNOPSIS")
    options = {option for action in page._actions for option in action.option_strings}
    named = set(re.findall(r"--[a-z-]+", synopsis))
    needed = [one for one in page._actions if one.required]
    required = {one.option_strings[0] for one in needed if one.option_strings}
    assert all(f" {one.metavar}" in synopsis for one in needed if not one.option_strings)
    assert required <= named <= options
    assert synopsis.strip().startswith(page.prog)


@every_page
def test_examples_are_commands_that_can_be_typed(page: Page) -> None:
    root = PAGES[page.prog.split()[0]]
    for example in page.manual.examples:
        words = shlex.split(example.split(" < ")[0])
        assert words[: len(page.prog.split())] == page.prog.split()
        assert isinstance(root.parse_args(words[1:]), argparse.Namespace)


@every_page
def test_variables_are_those_of_the_table(page: Page) -> None:
    text = section(page.format_help(), "ENVIRONMENT")
    named = set(re.findall(r"^  (SIARAN_[A-Z_]+)", text, re.MULTILINE))
    own = {action.dest for action in page._actions} & set(TABLE)
    if page.commands is not None:
        own |= {name for name, info in TABLE.items() if page.program in info.programs}
    password = {"SIARAN_PASSWORD"} if "redis_url" in own else set()
    assert named - {"SIARAN_"} == {TABLE[name].variable for name in own} | password


@every_page
def test_files_are_the_real_places(page: Page) -> None:
    text = section(page.format_help(), "FILES")
    if page.prog.endswith("keygen"):
        assert text.strip().startswith("None")
        return
    folder = "console" if page.program is Program.CONSOLE else "tray"
    if sys.platform == "win32":
        local = Path(os.environ["LOCALAPPDATA"], "Siaran")
        assert "  HKLM\\Software\\Policies\\Siaran\n" in text
        assert f"  {local / folder.title()}\n" in text
        return
    assert f"  {policy_dir()}/*.json\n" in text
    assert f"  {machine_settings_file()}\n" in text
    assert "  ~/.config/siaran/siaran.toml\n" in text
    assert f"  ~/.local/share/siaran/{folder}\n" in text


def test_files_follow_the_folders_that_somebody_chose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Windows' folders are not chosen by a variable: there nothing changes."""
    before = PAGES["siaran-tray"].format_help()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    text = PAGES["siaran-tray"].format_help()
    if sys.platform == "win32":
        assert text == before
    else:
        assert f"  {tmp_path}/c/siaran/siaran.toml\n" in text


@every_page
def test_exit_statuses_are_explained(page: Page) -> None:
    found = re.findall(r"^  (\d+) ", section(page.format_help(), "EXIT STATUS"), re.MULTILINE)
    assert found == sorted(found, key=int)
    assert {"0", "2", "4"} <= set(found)
    asks_redis = page.program is Program.CONSOLE and not page.prog.endswith("keygen")
    assert ("3" in found) is asks_redis
