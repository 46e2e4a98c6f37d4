"""The recipe for a Windows build machine: not run yet, so at least what it names has to exist."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / ".github" / "workflows" / "windows.yml"


def steps() -> list[dict[str, Any]]:
    """Every step of every job."""
    recipe: dict[str, Any] = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    return [step for job in recipe["jobs"].values() for step in job["steps"]]


def test_it_says_that_it_was_not_run() -> None:
    assert RECIPE.read_text(encoding="utf-8").startswith("# NOT RUN YET.")


def test_what_it_fetches_is_pinned_to_a_commit() -> None:
    """A tag may be moved to another one."""
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []


def test_its_commands_and_folders_are_there() -> None:
    text = "\n".join(step.get("run", "") for step in steps())
    commands = runpy.run_path(str(ROOT / "run.py"))["COMMANDS"]
    assert set(re.findall(r"python3? run\.py (\w+)", text)) <= set(commands)
    assert {"tests/unit", "tests/gui"} == set(re.findall(r"tests/\w+", text))


def test_windows_packs_what_it_has_frozen_and_hands_it_over() -> None:
    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    done = [step.get("run") or step["uses"] for step in recipe["jobs"]["programs"]["steps"]]
    freeze = done.index("python run.py freeze --apart")
    pack = done.index("python run.py freeze --windows --cabinets")
    [upload] = (at for at, one in enumerate(done) if one.startswith("actions/upload-artifact"))
    assert freeze < pack < upload
    assert recipe["jobs"]["programs"]["steps"][upload]["with"]["path"] == "dist/windows"


def test_jobs_hand_over_what_others_wait_for() -> None:
    kept = {s["with"]["name"] for s in steps() if s.get("uses", "").startswith("actions/upload")}
    wanted = [
        s["with"]["name"] for s in steps() if s.get("uses", "").startswith("actions/download")
    ]
    assert set(wanted) <= kept
