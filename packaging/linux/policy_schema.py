"""Writes the JSON schema of Linux policies from the settings table, so that the two cannot differ.

``python packaging/linux/policy_schema.py`` rewrites ``policies/siaran.schema.json``; a test
compares them. With it an editor completes and checks a policy while IT writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import msgspec  # noqa: E402

from shared.settings import RULES, TABLE, AtMost, Between, Program, SettingInfo, Settings  # noqa: E402

SCHEMA = HERE / "policies" / "siaran.schema.json"


def schema() -> dict[str, Any]:
    """What a policy file may hold: settings, and objects for one program only."""
    made = msgspec.json.schema(Settings)
    kinds = {name: kind for name, kind in made["$defs"].items() if name != "Settings"}
    known = made["$defs"]["Settings"]["properties"]
    settings = {name: _limited(known[name], info) for name, info in TABLE.items()}
    for program in Program:
        kinds[program] = _object(
            {name: known for name, known in settings.items() if program in TABLE[name].programs}
        )
    own = {str(program): _own(program) for program in Program}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Siaran: policies",
        "description": "A file *.json in /etc/siaran/policies/managed; of two the later name wins.",
        **_object({"$schema": {"type": "string"}, **settings, **own}),
        "$defs": kinds,
    }


def text() -> str:
    """The file as it has to be now."""
    return json.dumps(schema(), indent=2, ensure_ascii=True) + "\n"


def _limited(known: dict[str, Any], info: SettingInfo) -> dict[str, Any]:
    rule = RULES.get(info.name)
    limits: dict[str, int] = {}
    if isinstance(rule, Between):
        limits = {"minimum": rule.low, "maximum": rule.high}
    elif isinstance(rule, AtMost):
        limits = {"maxLength": rule.characters}
    return known | limits


def _own(program: Program) -> dict[str, str]:
    words = f"What holds for the {program} only, and goes before what stands outside."
    return {"description": words, "$ref": f"#/$defs/{program}"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="ascii")
