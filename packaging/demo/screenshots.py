"""``run.py screenshots``: the README's pictures, taken from the running programs."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))
KEPT = ROOT / "packaging" / "screenshots"


def main() -> int:
    """Run the demo's check and keep some of its pictures."""
    from broker import broker
    from check import check

    with broker() as server, tempfile.TemporaryDirectory(prefix="siaran-pictures-") as temp:
        taken = Path(temp) / "pictures"
        if not check(server, Path(temp), taken):
            return 1
        KEPT.mkdir(exist_ok=True)
        for source, name in (
            (taken / "console-compose.png", "console-compose.png"),
            (taken / "console.png", "console.png"),
            (taken / "console-outlets.png", "console-outlets.png"),
            (taken / "JKT-001" / "popup-important-JKT-001.png", "popup-important.png"),
            (taken / "BDG-002" / "popup-urgent-BDG-002.png", "popup-urgent.png"),
        ):
            shutil.copyfile(source, KEPT / name)
    print(f"pictures: {KEPT.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
