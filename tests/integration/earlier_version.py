"""The programs of an earlier commit, run from its source, beside those of today."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import children, linux_side
from tests.linux_side import linux_path
from tests.redis_server import run_accounts

ROOT = Path(__file__).resolve().parents[2]
EARLIER = "ca09583"
"""The last commit before an outlet's password was taken for a stranger's."""
PARTS = ("admin_app", "tray_client", "shared", "tests", "packaging/redis")


@dataclass(frozen=True)
class Version:
    """One version's source."""

    root: Path

    def console(self, *arguments: str, environ: Mapping[str, str]) -> Any:
        """Run one command of its console that prints JSON; return what it printed."""
        done = subprocess.run(
            [children.python(), "-m", "admin_app", *arguments, "--json"],
            cwd=self.root,
            env=children.own_environment(environ, PYTHONPATH=str(self.root)),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def python(self, script: str, *arguments: str) -> str:
        """Run *script* with its modules; return what it printed."""
        done = subprocess.run(
            [children.python(), "-c", script, *arguments],
            cwd=self.root,
            env=children.own_environment(PYTHONPATH=str(self.root)),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def accounts(self, folder: Path, *command: str) -> None:
        """Run its ``accounts.py``."""
        script = self.root / "packaging" / "redis" / "accounts.py"
        made = run_accounts(script, folder, *command)
        assert made.returncode == 0, made.stderr


def earlier_source(folder: Path) -> Version:
    """Put the source of the earlier commit into *folder*; skip where its history is not here."""
    top = linux_path(ROOT)
    git = ["git", "-c", f"safe.directory={top}", "-C", top]
    exists = [*git, "cat-file", "-e", f"{EARLIER}^{{commit}}"]
    have = linux_side.which("git") and not linux_side.run(exists).returncode
    if not have:
        sentence = f"NO git, OR NO COMMIT {EARLIER}: MIXED VERSIONS NOT TESTED"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    archive = folder / "source.tar"
    linux_side.run([*git, "archive", "-o", archive, EARLIER, *PARTS]).check_returncode()
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return Version(folder)
