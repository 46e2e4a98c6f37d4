"""The settings page for IT is made from the settings table, and is up to date."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from shared.settings import TABLE, Group

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def test_the_page_has_every_setting_as_the_table_says() -> None:
    module = runpy.run_path(str(PACKAGING / "settings_page.py"))
    assert (PACKAGING / "README.md").read_text(encoding="utf-8") == module["page"]()


def test_the_steps_name_settings_and_folders_as_the_policy_editor_does() -> None:
    texts = runpy.run_path(str(PACKAGING / "windows" / "admx_texts.py"))["ENGLISH"]
    page = (PACKAGING / "README.md").read_text(encoding="utf-8")
    table = page.split("| folder | setting | value |")[1].split("\n\n")[0]
    rows = re.findall(r"^ +\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", table, re.MULTILINE)[1:]
    assert len(rows) == 7
    labels = {info.label: info for info in TABLE.values()}
    for folder, label in rows:
        program, _, group = folder.rpartition(" \u203a ")
        info = labels[label]
        assert group == texts.groups[Group(info.group)], label
        only = {"console": texts.console, "tray": texts.tray}
        assert program == (only[info.programs[0]] if len(info.programs) == 1 else ""), label
