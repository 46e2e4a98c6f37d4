"""Runs the recipe for Windows here: ``python3 run.py recipe``.

Reads ``.github/workflows/windows.yml`` and does what GitHub would: each job begins with a copy of
what git has; what one uploads another downloads; each step is one command. Commands of the jobs for
Windows run in a Windows Python under Wine, one fresh PC a job, and pip finds its wheels in a
folder, since under Wine it cannot verify the package index. All of it stays in ``build/recipe``, so
that one job can be run again. ``--without TEXT`` leaves out steps whose command has that text, like
the tests, which ``run.py test --windows`` runs.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from build_machine import CannotBuildError, need_machine
from wheels import windows_wheels
from windows_python import bare_python
from wine import Wine, fresh_pc, screen

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / ".github" / "workflows" / "windows.yml"
LACKS = {
    "--cabinets": "Wine has no makecab",
}
"""Commands that Wine cannot run, by a text in them."""
INSTEAD = {
    "try_installers.py": "--without-tasks",  # Wine keeps tasks, and starts none
}
"""Options that commands need under Wine, by a text in them."""
PYTHON = "Z:\\python\\python.exe"


class StepFailedError(Exception):
    """A step of the recipe failed; the text says which."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the jobs in order; return the exit code."""
    parser = argparse.ArgumentParser(prog="run.py recipe", description=__doc__)
    parser.add_argument("--job", help="run this one alone, with what jobs before it have left")
    parser.add_argument("--without", action="append", default=[], metavar="TEXT")
    options = parser.parse_args(argv)
    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    try:
        need_machine()
        runner = _Runner(ROOT / "build" / "recipe", options.without)
        for name in [options.job] if options.job else recipe["jobs"]:
            runner.run(name, recipe["jobs"][name])
    except (CannotBuildError, StepFailedError) as error:
        print(f"run.py recipe: {error}", file=sys.stderr)
        return 1
    return 0


class _Runner:
    def __init__(self, folder: Path, without: Sequence[str]) -> None:
        self._folder = folder
        self._without = without

    def run(self, name: str, job: Mapping[str, Any]) -> None:
        """Do the steps of one job; a job without a checkout gets a folder without anything."""
        tree = self._folder / name
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(parents=True)
        if not job["runs-on"].startswith("windows"):
            self._steps(name, job, tree, None)
            return
        binds = {bare_python(): "/python", windows_wheels(): "/out", tree: "/siaran"}
        with screen() as display, fresh_pc(binds=binds) as pc:
            os.environ["DISPLAY"] = display
            pc.run("wineboot", check=False)  # its services start with output to nowhere
            self._steps(name, job, tree, pc)

    def _steps(self, name: str, job: Mapping[str, Any], tree: Path, pc: Wine | None) -> None:
        for step in job["steps"]:
            if "uses" in step:
                self._use(step["uses"].partition("@")[0], step.get("with", {}), tree)
                continue
            left_out = self._left_out(step["run"]) if pc else None
            if left_out:
                print(f"== {name}: left out, {left_out}: {step['run']}", flush=True)
                continue
            print(f"== {name}: {step['run']}", flush=True)
            begun = time.monotonic()
            code = _run(step["run"], tree, pc, step.get("env", {}))
            print(f"== {name}: {time.monotonic() - begun:.0f} s", flush=True)
            if code:
                raise StepFailedError(f"{step['run']} ended with {code}.")

    def _left_out(self, command: str) -> str | None:
        reasons = {**LACKS, **dict.fromkeys(self._without, "as --without says")}
        return next((reason for text, reason in reasons.items() if text in command), None)

    def _use(self, action: str, given: Mapping[str, Any], tree: Path) -> None:
        if action == "actions/checkout":
            _check_out(tree)
        elif action == "actions/upload-artifact":
            kept = self._folder / f"artifact {given['name']}"
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
            for found in tree.glob(given["path"]):
                _copy(found, kept if found.is_dir() else kept / found.name)
        elif action == "actions/download-artifact":
            kept = self._folder / f"artifact {given['name']}"
            if not kept.is_dir():
                raise StepFailedError(f"{kept.name} is not there: run the jobs before this one.")
            _copy(kept, tree / given.get("path", ""))


def _check_out(tree: Path) -> None:
    """Copy what git has, as it is now."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def _run(command: str, tree: Path, pc: Wine | None, environment: Mapping[str, str]) -> int:
    words = [word for word in shlex.split(command) if word != "sudo"]
    if pc is None:
        return subprocess.run(
            words, cwd=tree, env={**os.environ, **environment}, check=False
        ).returncode
    words[0] = {"python": PYTHON}[words[0]]
    words += [option for text, option in INSTEAD.items() if text in command]
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "Z:\\out", "PIP_QUIET": "1"}
    start = pc.command("env", "--chdir=/siaran", "wine", *words)
    ran = subprocess.run(
        start,
        env={**pc.environment(), **pip, **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
