"""Writes the settings page for IT from the settings table, so that the two cannot differ.

``python packaging/settings_page.py`` rewrites the part between the two markers in
``packaging/README.md``; a test compares them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PAGE = ROOT / "packaging" / "README.md"
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def table() -> str:
    """The settings as a Markdown table."""
    from shared.settings import TABLE, Settings

    defaults = Settings()
    lines = [
        "| setting | type | default | who sets it | a change takes effect | what it is |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for info in TABLE.values():
        programs = " and ".join(info.programs)
        who = f"{programs}, {'IT only' if info.admin else 'anybody'}"
        default = _shown(getattr(defaults, info.name))
        text = info.help.replace("|", "\\|")
        when = "at the next start" if info.restart else "at once"
        cells = [f"`{info.name}`", _kind(info.type), default, who, when, text]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page with the table as it has to be now."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


def _kind(kind: Any) -> str:
    names = {str: "text", int: "number", list[str]: "list of texts", bool | None: "yes or no"}
    if kind in names:
        return names[kind]
    return "table" if str(kind).startswith("dict") else "one of its words"


def _shown(value: Any) -> str:
    if value in ("", None) or value == {}:
        return ""
    return f"`{'; '.join(value) if isinstance(value, list) else value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
