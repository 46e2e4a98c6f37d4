"""How long things take, on this machine, now. Prints figures with their method; asserts nothing.

Run with ``python3 run.py bench``, or with one name for that part only: ``bench send``. ``bench
frozen`` and ``bench levers`` measure the frozen programs and are not part of the whole. Everything
is on one machine: a real redis-server on loopback, Qt's offscreen platform, and nothing else to do.
Quote ratios and medians, not single figures.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import PySide6  # noqa: E402

from shared import __version__  # noqa: E402
from tests.bench import (  # noqa: E402
    bench_command_line,
    bench_frozen,
    bench_orders,
    bench_receipts,
    bench_send,
    bench_start,
)
from tests.redis_server import RedisServer, server_program  # noqa: E402

PARTS: dict[str, Callable[[RedisServer, Path], None]] = {
    "start": lambda server, _: bench_start.bench(server.url),
    "commands": lambda server, folder: bench_command_line.bench(server.url, folder / "none"),
    "send": lambda server, folder: bench_send.bench(server.url, folder),
    "receipts": lambda server, _: bench_receipts.bench(server.port),
    "orders": bench_orders.bench,
}
FROZEN: dict[str, Callable[[Path], None]] = {
    "frozen": bench_frozen.bench,
    "levers": bench_frozen.levers,
}


def main() -> int:
    """Measure one part, or each in turn, and print."""
    if server_program() is None:
        sys.exit("bench needs redis-server or valkey-server.")
    parser = argparse.ArgumentParser(prog="run.py bench")
    parser.add_argument("what", nargs="?", choices=[*PARTS, *FROZEN])
    what = parser.parse_args().what
    print(_conditions(), flush=True)
    if what in FROZEN:
        with tempfile.TemporaryDirectory(prefix="siaran-bench-") as folder:
            FROZEN[what](Path(folder))
        return 0
    codes = [_in_a_process_of_its_own(part) for part in ([what] if what else PARTS)]
    return 1 if any(codes) else 0


def _in_a_process_of_its_own(part: str) -> int | None:
    """Measure *part*; return the exit code. A process can have one QApplication in its life."""
    process = multiprocessing.get_context("spawn").Process(target=_measure, args=(part,))
    process.start()
    process.join()
    return process.exitcode


def _measure(part: str) -> None:
    """Measure *part* with a server of its own, and print."""
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as temp:
        folder = Path(temp)
        _keep_bytecode(folder / "bytecode")
        (folder / "redis").mkdir()
        server = RedisServer(folder / "redis")
        server.start()
        try:
            PARTS[part](server, folder)
        finally:
            server.stop()


def _keep_bytecode(folder: Path) -> None:
    """Let the measured processes find compiled modules, as installed programs do."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def _conditions() -> str:
    """What the figures were taken with."""
    server = subprocess.check_output([str(server_program()), "--version"], text=True)
    return (
        f"Siaran {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, "
        f"{' '.join(server.split()[:3])}\n"
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, "
        f"load {os.getloadavg()[0]:.1f}, Qt platform {os.environ['QT_QPA_PLATFORM']}"
    )


if __name__ == "__main__":
    sys.exit(main())
