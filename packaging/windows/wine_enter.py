"""Runs a command in another root: ``python3 wine_enter.py ROOT [HOST=INSIDE]... -- COMMAND``.

To be started by ``unshare --mount``: the mounts are gone with the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SYSTEM = ("/proc", "/dev", "/dev/null")
"""The last is mounted on itself: whoever deletes the file NUL under Wine deletes what it stands
for, the whole machine's /dev/null, which no one can while it is a mount."""


def main(arguments: list[str]) -> None:
    """Mount, change the root, and become the command."""
    split = arguments.index("--")
    root, *binds = arguments[:split]
    command = arguments[split + 1 :]
    for bind in (*(f"{place}={place}" for place in SYSTEM), *binds):
        host, _, inside = bind.partition("=")
        _bind(Path(host), Path(root + inside))
    os.chroot(root)
    os.chdir("/")
    os.execvp(command[0], command)  # noqa: S606


def _bind(host: Path, place: Path) -> None:
    if host.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
        place.touch()
    subprocess.run(["mount", "--rbind", str(host), str(place)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
