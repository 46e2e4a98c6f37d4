"""The JSON schema of Linux policies, the example, and what the programs read are one thing."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.settings import BOTH, STRICTEST, TABLE, Loaded, Program, Source
from shared.sources import Sources
from tests.unit.test_every_setting import EXAMPLES
from tests.unit.test_sources import ME

LINUX = Path(__file__).resolve().parents[2] / "packaging" / "linux"
MODULE = runpy.run_path(str(LINUX / "policy_schema.py"))
SCHEMA = json.loads(MODULE["text"]())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
WRONG = {
    "theme": "pink",
    "retention_hours": 0,
    "heartbeat_seconds": 4,
    "trusted_keys": {"hq": {"public": "QUJD", "colour": "red"}},
    "support": "x" * 101,
    "sender": "x" * 101,
}
"""Values of the right kind that are wrong all the same."""


def load(folder: Path, program: Program, **policy: Any) -> Loaded:
    """What *program* makes of a policy file that holds *policy*."""
    file = folder / "policy.json"
    file.write_text(json.dumps(policy), encoding="utf-8")
    file.chmod(0o644)
    folder.chmod(0o755)
    return Sources(program, policy_folder=folder, system_uids=ME).load()


def test_the_schema_is_up_to_date_and_a_schema() -> None:
    assert (LINUX / "policies" / "siaran.schema.json").read_text(encoding="ascii") == MODULE[
        "text"
    ]()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", TABLE)
def test_what_the_schema_takes_is_read_and_locked(name: str, tmp_path: Path) -> None:
    for value in EXAMPLES[name]:
        for program in TABLE[name].programs:
            policies: list[dict[str, Any]] = [{name: value}, {str(program): {name: value}}]
            for policy in policies:
                VALIDATOR.validate({"$schema": "siaran.schema.json", **policy})
                loaded = load(tmp_path, program, **policy, **{"$schema": "x"})
                assert not loaded.problems
                assert loaded.locked(name)


@pytest.mark.parametrize("name", TABLE)
def test_what_the_schema_refuses_is_refused_by_the_programs(name: str, tmp_path: Path) -> None:
    program = TABLE[name].programs[0]
    for value in (WRONG.get(name, [1]), [[]], {"x": 1}):
        assert not VALIDATOR.is_valid({name: value}), value
        loaded = load(tmp_path, program, **{name: value})
        assert len(loaded.problems) == 1, value
        strict = name in STRICTEST
        assert loaded.origins[name] is (Source.POLICY if strict else Source.DEFAULT)


def test_a_slip_in_a_name_is_refused_by_both(tmp_path: Path) -> None:
    for policy in ({"chanels": ["A"]}, {"tray": {"chanels": ["A"]}}):
        assert not VALIDATOR.is_valid(policy)
        assert load(tmp_path, Program.TRAY, **policy).problems
    assert not VALIDATOR.is_valid({"console": {"channels": ["A"]}})


def test_the_example_is_good_and_does_what_it_seems_to(tmp_path: Path) -> None:
    example = json.loads((LINUX / "policies" / "example.json").read_text(encoding="ascii"))
    VALIDATOR.validate(example)
    console, tray = (load(tmp_path, program, **example) for program in BOTH)
    assert not console.problems
    assert not tray.problems
    assert (console.settings.username, tray.settings.username) == ("console", "outlet")
    assert tray.settings.channels == ["Channel 1", "Channel 3"]
    assert console.settings.redis_url == tray.settings.redis_url == example["redis_url"]
