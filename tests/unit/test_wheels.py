"""A lock read for Windows: what its pip would install, by whatever machine downloads it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging" / "windows"))

from wheels import for_windows  # noqa: E402

LOCK = """\
jeepney==0.9.0 ; sys_platform == 'linux' \\
    --hash=sha256:aa
async-timeout==5.0.1 ; python_full_version < '3.11.3' \\
    --hash=sha256:bb
pywin32==312 ; sys_platform == 'win32' \\
    --hash=sha256:cc \\
    --hash=sha256:dd
redis==8.1.0 \\
    --hash=sha256:ee
"""


def test_markers_are_read_for_windows_and_hashes_stay() -> None:
    assert for_windows(LOCK).splitlines() == [
        "pywin32==312 --hash=sha256:cc --hash=sha256:dd",
        "redis==8.1.0 --hash=sha256:ee",
    ]


def test_the_programs_lock_has_what_only_windows_needs() -> None:
    lock = (ROOT / "packaging" / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    names = {line.partition("==")[0] for line in for_windows(lock).splitlines()}
    assert {"pywin32", "tzdata", "redis"} <= names
    assert "jeepney" not in names
