"""The settings page for IT is made from the settings table, and is up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def test_the_page_has_every_setting_as_the_table_says() -> None:
    module = runpy.run_path(str(PACKAGING / "settings_page.py"))
    assert (PACKAGING / "README.md").read_text(encoding="utf-8") == module["page"]()
