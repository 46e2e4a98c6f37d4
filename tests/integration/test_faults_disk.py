"""Nothing lost, nothing twice, when the tray's disk refuses: full, limited, read-only, in use."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests import linux_side
from tests.conftest import until
from tests.integration import faults
from tests.integration.faults import Size, Stage, explained, more_complaints, refusing, whole
from tests.integration.watched_tray import Plan

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]
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


async def test_a_full_disk_loses_nothing_when_there_is_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        ballast = disk / "data" / "ballast"
        fault = refusing(lambda _: fill(ballast), lambda _: ballast.unlink())
        played = faults.run(fault, tmp_path / "stage", Size(), data=disk / "data")
        whole(explained(await played))


async def test_a_file_that_may_not_grow_loses_nothing_when_it_may_again(tmp_path: Path) -> None:
    fault = refusing(lambda on: on.tray.limit_files(FILE_LIMIT), lambda on: on.tray.limit_files(-1))
    whole(explained(await faults.run(fault, tmp_path / "stage", Size())))


async def test_an_inbox_that_another_program_writes_loses_nothing_afterwards(
    tmp_path: Path,
) -> None:
    transactions: list[sqlite3.Connection] = []

    def begin(on: Stage) -> None:
        database = sqlite3.connect(on.tray.data / "inbox.db", isolation_level=None, timeout=30)
        transactions.append(database)
        database.execute("BEGIN IMMEDIATE")

    fault = refusing(begin, lambda _: transactions.pop().close())
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
