"""Nothing lost, nothing twice, when the tray's disk refuses: full, a file too large, read-only."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests import linux_side
from tests.conftest import until
from tests.integration import faults
from tests.integration.faults import Fault, Size, Stage, whole
from tests.integration.watched_tray import Plan

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]
EXPLAINED = ("not written down yet: ", "cannot be used", "no log file in", " INFO ", " WARNING ")
"""Without a log file everything goes to standard error."""
FILE_LIMIT = 128 * 1024
"""Bytes; the inbox' write-ahead log is larger soon, and no other file is."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """An empty disk, at *folder* where it can be mounted there."""
    if (disk := linux_side.small_disk()) is not None:
        try:
            yield disk
        finally:
            remount(disk, "rw")
            for one in disk.iterdir():
                shutil.rmtree(one)
        return
    folder.mkdir()
    if sys.platform == "win32" or os.geteuid() != 0 or not may_mount(folder):
        pytest.skip("this account may not mount anything: FULL DISK NOT TESTED")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def may_mount(folder: Path) -> bool:
    """Mount a disk at *folder*; whether that succeeded."""
    options = ["-t", "tmpfs", "-o", f"size={linux_side.DISK_SIZE}"]
    return linux_side.run(["mount", *options, "siaran-test", folder]).returncode == 0


def refusing(refuse: Callable[[Stage], None], allow: Callable[[Stage], None]) -> Fault:
    """The disk takes nothing for a while; what is on the screen then is answered meanwhile."""

    async def fault(on: Stage) -> None:
        with on.tray.left_alone():
            await on.send()
            await until(lambda: on.tray.screen.painted_at())
            refuse(on)
            await on.send()
        # New messages, or only the answers, find no room: SQLite's log has kept some for itself.
        await until(lambda: not on.tray.is_connected() or refused(on))
        allow(on)
        on.in_order()
        await on.send()

    return fault


def refused(on: Stage) -> bool:
    """Whether the tray has said that its disk takes nothing."""
    return any("cannot be used" in line for line in on.tray.complaints())


def more_complaints(on: Stage, before: int) -> bool:
    """Whether the tray has said what is wrong."""
    return len(on.tray.complaints()) > before


def explained(outcome: faults.Outcome) -> faults.Outcome:
    """*outcome* without complaints of the disk."""
    outcome.complaints = [
        line for line in outcome.complaints if not any(words in line for words in EXPLAINED)
    ]
    return outcome


async def test_a_full_disk_loses_nothing_when_there_is_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        ballast = disk / "data" / "ballast"
        fault = refusing(lambda _: fill(ballast), lambda _: ballast.unlink())
        played = faults.run(fault, tmp_path / "stage", Size(), data=disk / "data")
        whole(explained(await played))


async def test_a_file_that_may_not_grow_loses_nothing_when_it_may_again(tmp_path: Path) -> None:
    fault = refusing(lambda on: on.tray.limit_files(FILE_LIMIT), lambda on: on.tray.limit_files(-1))
    whole(explained(await faults.run(fault, tmp_path / "stage", Size())))


async def test_a_read_only_folder_is_tried_again_until_it_can_be_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:

        async def fault(on: Stage) -> None:
            """With an empty folder, and with an inbox in it."""
            for _ in range(2):
                await on.tray.stop()
                remount(disk, "ro")
                before = len(on.tray.complaints())
                await on.tray.start(Plan(try_folder_s=0.5), connected=False)
                await on.send()
                await until(partial(more_complaints, on, before))
                remount(disk, "rw")
                on.in_order()
                await on.all_answered()

        played = faults.run(fault, tmp_path / "stage", Size(), data=disk / "data")
        whole(explained(await played))


def fill(ballast: Path) -> None:
    """Take all the room that is left."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def remount(disk: Path, mode: str) -> None:
    """Make *disk* read-only (``ro``) or not (``rw``)."""
    mounted = linux_side.run(["mount", "-o", f"remount,{mode}", linux_side.linux_path(disk)])
    assert mounted.returncode == 0, mounted.stderr
