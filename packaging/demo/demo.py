"""``run.py demo``: a broker, the console, three trays; for a person or (``--check``) by itself."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "demo-output"


def main() -> int:
    """Run the demo; 0 when all went well."""
    parser = argparse.ArgumentParser(prog="run.py demo")
    parser.add_argument("--check", action="store_true", help="run by itself, offscreen")
    arguments = parser.parse_args()
    from broker import broker

    by_itself = arguments.check or not _has_display()
    if by_itself:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        if not arguments.check:
            print("There is no display here, so the demo runs by itself.")
    with (
        broker() as server,
        tempfile.TemporaryDirectory(prefix="siaran-demo-", ignore_cleanup_errors=True) as temp,
    ):
        print(f"broker: {server.label}", flush=True)
        if not by_itself:
            return _for_a_person(server.url, Path(temp))
        from check import check

        passed = check(server, Path(temp), PICTURES)
        print(f"pictures: {PICTURES.name}/")
        return 0 if passed else 1


def _for_a_person(redis_url: str, folder: Path) -> int:
    """Start the programs as they are, and end the trays when the console is closed."""
    from outlets import OUTLETS, clean_environment

    environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
    tray = [sys.executable, "-m", "tray_client"]
    trays = []
    for outlet in OUTLETS:
        print(f"tray:   {outlet.name} follows {', '.join(outlet.channels)} (and All channels)")
        command = [*tray, *outlet.arguments(redis_url, folder)]
        trays.append(subprocess.Popen(command, env=environment, cwd=ROOT))
    print("Write a message in the console and press Send. Closing the console ends the demo.")
    console = [sys.executable, "-m", "admin_app", "--redis-url", redis_url]
    try:
        return subprocess.call(
            [*console, "--data-dir", str(folder / "console")], env=environment, cwd=ROOT
        )
    except KeyboardInterrupt:
        return 0
    finally:
        for outlet in OUTLETS:
            data_dir = str(folder / outlet.name)
            subprocess.call([*tray, "--quit", "--data-dir", data_dir], env=environment, cwd=ROOT)
        for process in trays:
            process.wait(timeout=10)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
