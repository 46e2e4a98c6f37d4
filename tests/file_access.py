"""Files that this user may not read, and files that another program holds (Windows)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import children


def forbid(path: Path) -> None:
    """Let nobody read the file *path*; skip where that stops nobody (root)."""
    if sys.platform == "win32":
        import win32security

        descriptor = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
            "D:P(D;;FR;;;WD)(A;;FA;;;WD)", win32security.SDDL_REVISION_1
        )
        win32security.SetFileSecurity(
            str(path), win32security.DACL_SECURITY_INFORMATION, descriptor
        )
        return
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.chmod(0)


NOTHING = 0
READ_WRITE = 3
"""What others may do with a file that is held: nothing; or all but renaming and deleting it."""
_HOLD = """
import _winapi, sys, time
share, seconds, *paths = sys.argv[1:]
held = [
    _winapi.CreateFile(path, 0x80000000, int(share), 0, _winapi.OPEN_EXISTING, 0, 0)
    for path in paths
]
print("held", flush=True)
if float(seconds):
    time.sleep(float(seconds))
else:
    sys.stdin.read()
"""


@contextmanager
def held(*paths: Path, share: int = NOTHING, seconds: float = 0.0) -> Iterator[None]:
    """Let another program hold *paths* for so many *seconds*; 0.0: until the end of the block."""
    with subprocess.Popen(
        [children.python(), "-c", _HOLD, str(share), str(seconds), *map(str, paths)],
        env=children.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate(timeout=60)
