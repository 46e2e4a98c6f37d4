"""Whole commands as processes, and what their imports cost."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.bench.table import show

ROOT = Path(__file__).resolve().parents[2]
RUNS = 10
DEAREST = 5
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")


def bench(url: str, folder: Path) -> None:
    """Measure and print."""
    send = ("send", "--all", "--title", "T", "--message", "M", "--redis-url", url)
    at = ("--data-dir", str(folder))
    commands = {
        "python -c pass, for comparison": ("-c", "pass"),
        "siaran-console --version": ("-m", "admin_app", "--version"),
        "siaran-console --help": ("-m", "admin_app", "--help"),
        "siaran-console send": ("-m", "admin_app", *send),
        "siaran-tray status": ("-m", "tray_client", "status", *at),
        "siaran-tray inbox": ("-m", "tray_client", "inbox", *at),
    }
    times = {
        what: [_whole(command) for _ in range(1 + RUNS)][1:] for what, command in commands.items()
    }
    show("Commands, from start to end of the process", times)
    for what in ("siaran-console --version", "siaran-tray status", "siaran-console send"):
        _show_imports(what, commands[what])


def _whole(command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True)
    took = (time.perf_counter() - began) * 1000
    assert done.returncode in (0, 4), done.stderr  # status says with 4 that no tray runs
    return took


def _show_imports(what: str, command: tuple[str, ...]) -> None:
    """Print which top-level modules cost most; measuring makes imports about a third slower."""
    rounds = [_imports(command) for _ in range(3)]
    total = statistics.median(sum(one.values()) for one in rounds)
    print(f"\nImports of {what}: {total:.0f} ms with -X importtime; the {DEAREST} dearest")
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for name in sorted(middle, key=lambda one: middle[one], reverse=True)[:DEAREST]:
        print(f"  {name:<34}{middle[name]:>9.1f}")


def _imports(command: tuple[str, ...]) -> Counter[str]:
    """Milliseconds by top-level module, each module's own time summed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    found: Counter[str] = Counter()
    for own, name in _IMPORT.findall(done.stderr):
        found[name.split(".")[0]] += int(own) / 1000  # type: ignore[assignment]
    return found
