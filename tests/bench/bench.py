"""How long things take, on this machine, now. Prints figures with their method; asserts nothing.

Run with ``python3 run.py bench``, or ``bench frozen`` and ``bench levers`` for the frozen programs.
Everything is on one machine: a real redis-server on loopback,
Qt's offscreen platform, and nothing else to do. Quote ratios and medians, not single figures.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
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


def main() -> int:
    """Start a server, measure, print."""
    if server_program() is None:
        sys.exit("bench needs redis-server or valkey-server.")
    parser = argparse.ArgumentParser(prog="run.py bench")
    parser.add_argument("what", nargs="?", choices=["frozen", "levers"])
    what = parser.parse_args().what
    print(_conditions())
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as temp:
        folder = Path(temp)
        if what:
            (bench_frozen.levers if what == "levers" else bench_frozen.bench)(folder)
            return 0
        _keep_bytecode(folder / "bytecode")
        (folder / "redis").mkdir()
        server = RedisServer(folder / "redis")
        server.start()
        try:
            bench_start.bench(server.url)
            bench_command_line.bench(server.url, folder / "none")
            server.command("FLUSHALL")
            bench_send.bench(server.url, folder)
            server.command("FLUSHALL")
            bench_receipts.bench(server.port)
            server.command("FLUSHALL")
            bench_orders.bench(server, folder)
        finally:
            server.stop()
    return 0


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
