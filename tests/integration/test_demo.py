"""``run.py demo --check`` on a machine without redis-server: the stand-in in memory has to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_checks_itself_without_a_redis_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "packaging" / "demo" / "demo.py"), "--check"],
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "demo, no security" in done.stdout
    assert done.stdout.count(" ok") == 4
    assert "Traceback" not in done.stderr
