"""Nothing lost, nothing twice, when another program of the PC has the inbox for itself.

On Windows a file can be closed to everybody else: virus scanners and backups do that.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import until
from tests.integration import faults
from tests.integration.faults import Size, Stage, explained, more_complaints, whole
from tests.integration.watched_tray import Plan

if sys.platform != "win32":
    pytest.skip("Windows closes files to others", allow_module_level=True)

import win32con
import win32file

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]


def hold(path: Path) -> Any:
    """Open *path*, which nobody else can open until the handle is closed."""
    access, share = win32con.GENERIC_READ, 0
    return win32file.CreateFile(str(path), access, share, None, win32con.OPEN_EXISTING, 0, None)


async def test_an_inbox_that_another_program_holds_at_the_start_is_tried_again(
    tmp_path: Path,
) -> None:
    async def fault(on: Stage) -> None:
        await on.send()
        await on.all_answered()
        await on.tray.stop()
        before = len(on.tray.complaints())
        held = hold(on.tray.data / "inbox.db")
        try:
            await on.tray.start(Plan(try_folder_s=0.5), connected=False)
            await on.send()
            await until(partial(more_complaints, on, before))
        finally:
            held.Close()
        on.in_order()
        await on.send()

    whole(explained(await faults.run(fault, tmp_path / "stage", Size())))
