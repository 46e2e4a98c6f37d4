"""From starting a program to its window, its connection and its first popup, phase by phase.

Each run is a process of its own (``starting.py``) with a fresh data folder; files are in the
system's cache. One message waits in the log, so the tray has something to show.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.table import merged, show

ROOT = Path(__file__).resolve().parents[2]
RUNS = 7


def bench(url: str) -> None:
    """Measure and print; sends one message."""
    send = ("send", "--all", "--title", "Waiting", "--message", "M", "--redis-url", url)
    subprocess.run(
        [sys.executable, "-m", "admin_app", *send], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    for program in ("console", "tray"):
        rounds = [_one_start(program, url) for _ in range(1 + RUNS)][1:]  # the first compiles
        show(f"Start of the {program}, each phase from the end of the one before", merged(rounds))


def _one_start(program: str, url: str) -> Mapping[str, float]:
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as folder:
        began = str(time.perf_counter())  # the system's monotonic clock, the same for all processes
        command = [sys.executable, "-m", "tests.bench.starting", program, url, folder, began]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=60)
    laps: dict[str, float] = json.loads(done.stdout)
    return {**laps, "all of it": sum(laps.values())}
