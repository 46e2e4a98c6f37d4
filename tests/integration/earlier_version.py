"""The programs of an earlier commit, run from its source, beside those of today."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
            [sys.executable, "-m", "admin_app", *arguments, "--json"],
            cwd=self.root,
            env=_environment(self.root) | dict(environ),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def python(self, script: str, *arguments: str) -> str:
        """Run *script* with its modules; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=self.root,
            env=_environment(self.root),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def accounts(self, folder: Path, *command: str) -> None:
        """Run its ``accounts.py``."""
        script = self.root / "packaging" / "redis" / "accounts.py"
        group = ("--folder", str(folder), "--group", str(os.getgid()))
        subprocess.run(
            [sys.executable, str(script), *group, *command], check=True, capture_output=True
        )


def _environment(root: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("SIARAN_")}
    return own | {"PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"}


def earlier_source(folder: Path) -> Version:
    """Put the source of the earlier commit into *folder*; skip where its history is not here."""
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]
    have = (
        shutil.which("git")
        and not subprocess.run(
            [*git, "cat-file", "-e", f"{EARLIER}^{{commit}}"], check=False, capture_output=True
        ).returncode
    )
    if not have:
        sentence = f"NO git, OR NO COMMIT {EARLIER}: MIXED VERSIONS NOT TESTED"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    archive = folder / "source.tar"
    subprocess.run([*git, "archive", "-o", str(archive), EARLIER, *PARTS], check=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return Version(folder)
