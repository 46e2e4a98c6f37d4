"""The recipe for a Windows build machine: what it names exists, and ``run.py recipe`` can run it.

``run.py lint`` checks it against the schema of GitHub's workflows.
"""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / ".github" / "workflows" / "windows.yml"
sys.path.insert(0, str(ROOT / "packaging" / "windows"))

JOBS: dict[str, Any] = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))["jobs"]
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]
COMMANDS = [step["run"] for step in STEPS if "run" in step]


def test_it_says_that_no_windows_has_run_it() -> None:
    assert RECIPE.read_text(encoding="utf-8").startswith("# Run by real Windows never yet;")


def test_what_it_fetches_is_pinned_to_a_commit() -> None:
    """A tag may be moved to another one."""
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []


def test_each_step_is_one_command_of_python() -> None:
    """No script of a shell, which nothing here could try."""
    commands = runpy.run_path(str(ROOT / "run.py"))["COMMANDS"]
    assert COMMANDS
    for command in COMMANDS:
        python, script, *rest = [word for word in shlex.split(command) if word != "sudo"]
        assert python in {"python", "python3"}, command
        assert "\n" not in command.strip()
        assert (ROOT / script).is_file()
        assert script != "run.py" or rest[0] in commands


def test_it_runs_the_two_commands_of_the_readme_first() -> None:
    """The tests all: what Windows lacks they leave out by themselves, and list."""
    assert COMMANDS[:2] == ["python run.py demo --check", "python run.py test -q"]


def test_windows_tries_and_packs_what_it_has_frozen_and_hands_it_over() -> None:
    done = [step.get("run") or step["uses"].partition("@")[0] for step in JOBS["programs"]["steps"]]
    order = (
        "python run.py freeze --apart",
        "python packaging/windows/try_programs.py dist/windows",
        "python run.py freeze --windows --cabinets",
        "actions/upload-artifact",
    )
    assert [one for one in done if one in order] == list(order)
    assert JOBS["programs"]["steps"][-1]["with"]["path"] == "dist/windows"


def test_jobs_hand_over_what_others_wait_for() -> None:
    kept, wanted = (
        [step["with"]["name"] for step in STEPS if step.get("uses", "").startswith(action)]
        for action in ("actions/upload-artifact", "actions/download-artifact")
    )
    assert set(wanted) <= set(kept)
    assert [job.get("needs") for job in JOBS.values()] == [None, "programs", "installers"]
